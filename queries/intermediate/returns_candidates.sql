-- One row per debit and incoming movement of the same amount that may be its return: rejected, refused or sent back.
with transactions as not materialized (
    from staging.transactions where status <> 'cancelled'
),

verdicts as (
    from staging.verdicts where kind = 'refund'
),

-- What banks write when a debit comes back.
credits as (
    select
        id,
        account,
        currency,
        booked_on,
        payee,
        creditor_id,
        mandate,
        (amount * 100)::bigint as cents
    from transactions
    where amount > 0 and regexp_matches(
        upper(strip_accents(concat_ws(' ', raw_label, memo, bank_kind))),
        '\b(REJET|REJETEE?|IMPAYES?|RETOUR|REFUSEE?|CONTRE ?PASSATION|EXTOURNE|RUCKLASTSCHRIFT|RUECKLASTSCHRIFT|RETOURE|RETURNED|UNPAID|REVERSAL|REVERSED|BOUNCED)\b'
    )
),

debits as (
    select transactions.*
    from transactions
    semi join credits
        on credits.account = transactions.account
        and credits.cents = (-transactions.amount * 100)::bigint
    -- A purchase is given back by a refund; only what was drawn or sent can be returned.
    where transactions.amount < 0 and transactions.kind not in ('card', 'withdrawal', 'fee')
),

pairs as (
    select
        debits.id as left_id,
        credits.id as right_id,
        credits.booked_on - debits.booked_on as n_days,
        (
            credits.mandate is not distinct from debits.mandate and debits.mandate is not null
            or credits.creditor_id is not distinct from debits.creditor_id and debits.creditor_id is not null
        ) as is_same_key,
        list_has_any(
            string_split(upper(strip_accents(coalesce(credits.payee, ''))), ' '),
            list_filter(
                string_split(upper(strip_accents(coalesce(debits.payee, ''))), ' '),
                lambda word: len(word) > 2
            )
        ) as is_same_name
    from credits
    inner join debits
        on debits.account = credits.account
        and debits.currency = credits.currency
        and (-debits.amount * 100)::bigint = credits.cents
        and debits.booked_on between credits.booked_on - 30 and credits.booked_on
),

scored as (
    select
        left_id,
        right_id,
        n_days,
        is_same_key,
        is_same_name,
        500 + case when is_same_key then 400 when is_same_name then 350 else 0 end
            + greatest(0, 100 - 4 * n_days) as score
    from pairs
)

select
    coalesce(scored.left_id, verdicts.left_id) as left_id,
    coalesce(scored.right_id, verdicts.right_id) as right_id,
    coalesce(scored.score, 1000) as score,
    coalesce(verdicts.state = 'confirmed', false) as is_forced,
    scored.n_days,
    coalesce(scored.is_same_key, false) as is_same_key,
    coalesce(scored.is_same_name, false) as is_same_name
from scored
full join verdicts on verdicts.left_id = scored.left_id and verdicts.right_id = scored.right_id
where coalesce(verdicts.state, '') <> 'rejected'
