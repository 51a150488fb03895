-- One row per movement that goes out and one that comes in on another own account which may be one transfer.
with transactions as not materialized (
    from staging.transactions where status <> 'cancelled'
),

own_payees as (
    from intermediate.own_payees
),

returns as (
    select right_id from links.returns
),

verdicts as (
    from staging.verdicts where kind = 'transfer'
),

-- Where there is one account there is nothing to transfer to.
several as (
    select count(distinct account) > 1 as are_several from transactions
),

movements as (
    select
        transactions.id,
        transactions.account,
        transactions.booked_on,
        transactions.currency,
        transactions.kind,
        transactions.payee_key,
        transactions.payee,
        (abs(transactions.amount) * 100)::bigint as cents,
        transactions.amount < 0 as is_out,
        (abs(transactions.original_amount) * 100)::bigint as original_cents,
        transactions.original_currency
    from transactions
    cross join several
    where several.are_several and transactions.amount <> 0
),

ins as (
    select * exclude (is_out)
    from movements
    where not is_out
        and kind not in ('withdrawal', 'fee')
        and id not in (select right_id from returns)
),

outs as (
    select * exclude (is_out) from movements where is_out and kind <> 'fee'
),

equal as (
    select outs.id as left_id, ins.id as right_id, 'equal' as method, 350 as amount_score
    from ins
    inner join outs
        on outs.cents = ins.cents
        and outs.currency = ins.currency
        and outs.account <> ins.account
        and ins.booked_on between outs.booked_on - 2 and outs.booked_on + 5
),

-- Either side may state what the other one shows.
converted as (
    select outs.id as left_id, ins.id as right_id, 'original amount' as method, 340 as amount_score
    from outs
    inner join ins
        on outs.original_cents = ins.cents
        and outs.original_currency = ins.currency
        and outs.account <> ins.account
        and ins.booked_on between outs.booked_on - 2 and outs.booked_on + 5
    where outs.original_currency <> outs.currency
    union
    select outs.id as left_id, ins.id as right_id, 'original amount' as method, 340 as amount_score
    from ins
    inner join outs
        on ins.original_cents = outs.cents
        and ins.original_currency = outs.currency
        and outs.account <> ins.account
        and ins.booked_on between outs.booked_on - 2 and outs.booked_on + 5
    where ins.original_currency <> ins.currency
),

-- Movements whose label means an own account, whatever their amount: for fees and unknown rates.
named_outs as (
    select outs.*, own_payees.account as other_account
    from outs
    inner join own_payees on own_payees.payee_key = outs.payee_key and own_payees.account <> outs.account
),

named_ins as (
    select ins.*, own_payees.account as other_account
    from ins
    inner join own_payees on own_payees.payee_key = ins.payee_key and own_payees.account <> ins.account
),

-- A fee of at most 2 % and 15 units is kept on the way, between accounts that name each other.
with_fee as (
    select named_outs.id as left_id, named_ins.id as right_id, 'less a fee' as method, 250 as amount_score
    from named_outs
    inner join named_ins
        on named_ins.account = named_outs.other_account
        and named_ins.other_account = named_outs.account
        and named_ins.currency = named_outs.currency
        and named_ins.booked_on between named_outs.booked_on and named_outs.booked_on + 5
        and named_ins.cents < named_outs.cents
        and named_outs.cents - named_ins.cents <= least(1500, greatest(named_outs.cents / 50, 100))
),

-- Another currency without a stated rate: no more than a suggestion.
at_some_rate as (
    select named_outs.id as left_id, named_ins.id as right_id, 'another currency' as method, 150 as amount_score
    from named_outs
    inner join named_ins
        on named_ins.account = named_outs.other_account
        and named_ins.other_account = named_outs.account
        and named_ins.currency <> named_outs.currency
        and named_ins.booked_on between named_outs.booked_on and named_outs.booked_on + 5
),

proposed as (
    select left_id, right_id, max(amount_score) as amount_score, arg_max(method, (amount_score, method)) as method
    from (
        from equal
        union all
        from converted
        union all
        from with_fee
        union all
        from at_some_rate
    )
    group by left_id, right_id
),

described as (
    select
        proposed.left_id,
        proposed.right_id,
        proposed.method,
        proposed.amount_score,
        ins.booked_on - outs.booked_on as n_days,
        outs.kind as out_kind,
        ins.kind as in_kind,
        -- Nobody is named: only the words of the operation.
        least(len(regexp_replace(
            upper(strip_accents(coalesce(outs.payee, ''))),
            '\b(VIR|VIREMENT|SEPA|INST|INSTANTANE|VERS|DEPUIS|DE|EMIS|EN|FAVEUR|COMPTE|TRANSFER|TO|FROM|WEB|EPARGNE|EUR)\b|[^A-Z]', '', 'g'
        )), len(regexp_replace(
            upper(strip_accents(coalesce(ins.payee, ''))),
            '\b(VIR|VIREMENT|SEPA|INST|INSTANTANE|VERS|DEPUIS|DE|RECU|EN|FAVEUR|COMPTE|TRANSFER|TO|FROM|WEB|EPARGNE|EUR)\b|[^A-Z]', '', 'g'
        ))) = 0 as is_nameless,
        coalesce(out_names.evidence, 0) as out_evidence,
        out_names.kind as out_by,
        out_names.name as out_name,
        coalesce(in_names.evidence, 0) as in_evidence,
        in_names.kind as in_by,
        in_names.name as in_name
    from proposed
    inner join outs on outs.id = proposed.left_id
    inner join ins on ins.id = proposed.right_id
    left join own_payees as out_names on out_names.payee_key = outs.payee_key and out_names.account = ins.account
    left join own_payees as in_names on in_names.payee_key = ins.payee_key and in_names.account = outs.account
),

scored as (
    select
        *,
        amount_score + out_evidence + in_evidence
            + case when n_days >= 0 then 250 - 15 * n_days else 200 + 25 * n_days end
            -- Neither side says that it is a transfer.
            - case when out_kind in ('transfer_out', 'other') or in_kind in ('transfer_in', 'other') then 0 else 150 end
            as score
    from described
    -- A purchase is no transfer unless the other account is named.
    where out_evidence + in_evidence > 0
        or (is_nameless and out_kind in ('transfer_out', 'other') and in_kind in ('transfer_in', 'other'))
)

select
    coalesce(scored.left_id, verdicts.left_id) as left_id,
    coalesce(scored.right_id, verdicts.right_id) as right_id,
    coalesce(scored.score, 1000)::bigint as score,
    coalesce(verdicts.state = 'confirmed', false) as is_forced,
    coalesce(scored.method, 'user') as method,
    scored.n_days,
    coalesce(scored.out_evidence, 0) as out_evidence,
    scored.out_by,
    scored.out_name,
    coalesce(scored.in_evidence, 0) as in_evidence,
    scored.in_by,
    scored.in_name
from scored
full join verdicts on verdicts.left_id = scored.left_id and verdicts.right_id = scored.right_id
where coalesce(verdicts.state, '') <> 'rejected'
