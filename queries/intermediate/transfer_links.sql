-- One row per two movements that undo or continue one another: transfers between own accounts, debits sent back; with why.
with transfers as (
    from links.transfers
),

transfer_candidates as (
    from intermediate.transfers_candidates
),

returns as (
    from links.returns
),

return_candidates as (
    from intermediate.returns_candidates
),

verdicts as (
    from staging.verdicts where kind in ('transfer', 'refund')
),

described as (
    select
        transfers.*,
        transfer_candidates.method,
        transfer_candidates.n_days,
        transfer_candidates.out_evidence + transfer_candidates.in_evidence as evidence,
        coalesce(transfer_candidates.out_name, transfer_candidates.in_name) as name
    from transfers
    inner join transfer_candidates
        on transfer_candidates.left_id = transfers.left_id and transfer_candidates.right_id = transfers.right_id
),

own as (
    select
        'transfer' as kind,
        left_id,
        right_id,
        case when is_forced = 1 then 'user' else method end as method,
        (score * 0.001)::decimal(4, 3) as score,
        -- Which of two equal transfers meets which does not matter to whether they are transfers.
        is_forced = 1 or (score >= 740 and evidence >= 150) as is_own,
        case
            when is_forced = 1 then 'sure'
            when is_cut = 0 and margin >= 200 and score >= 740 and evidence >= 150 then 'sure'
            when score >= 740 then 'likely'
            else 'possible'
        end as grade,
        is_forced = 1 as is_forced,
        margin,
        case method
            when 'equal' then 'same amount'
            when 'original amount' then 'same amount in the other currency'
            when 'less a fee' then 'same amount less a fee'
            when 'another currency' then 'another currency, rate not stated'
            else 'said by a person'
        end || coalesce(', ' || case when n_days = 0 then 'same day' else abs(n_days) || ' days apart' end, '')
            || case when name is null then ', no name' else ', the label says ' || name end as reason,
        case method
            when 'equal' then 'même montant'
            when 'original amount' then 'même montant dans l''autre devise'
            when 'less a fee' then 'même montant moins des frais'
            when 'another currency' then 'autre devise, taux non indiqué'
            else 'dit par une personne'
        end || coalesce(', ' || case when n_days = 0 then 'même jour' else 'à ' || abs(n_days) || ' jours' end, '')
            || case when name is null then ', aucun nom' else ', le libellé dit ' || name end as reason_fr
    from described
),

sent_back as (
    select
        'refund' as kind,
        returns.left_id,
        returns.right_id,
        case when returns.is_forced = 1 then 'user' else 'sent back' end as method,
        (returns.score * 0.001)::decimal(4, 3) as score,
        false as is_own,
        case
            when returns.is_forced = 1 then 'sure'
            when returns.margin >= 200 and returns.score >= 850 then 'sure'
            when returns.score >= 700 then 'likely'
            else 'possible'
        end as grade,
        returns.is_forced = 1 as is_forced,
        returns.margin,
        'sent back'
            || coalesce(' after ' || return_candidates.n_days || ' days', '')
            || case
                when return_candidates.is_same_key then ', same creditor'
                when return_candidates.is_same_name then ', same name'
                else ''
            end as reason,
        'rejeté'
            || coalesce(' après ' || return_candidates.n_days || ' jours', '')
            || case
                when return_candidates.is_same_key then ', même créancier'
                when return_candidates.is_same_name then ', même nom'
                else ''
            end as reason_fr
    from returns
    inner join return_candidates
        on return_candidates.left_id = returns.left_id and return_candidates.right_id = returns.right_id
),

found as (
    from own
    union all
    from sent_back
),

refused as (
    select
        kind,
        left_id,
        right_id,
        'user' as method,
        0::decimal(4, 3) as score,
        false as is_own,
        null::varchar as grade,
        'rejected' as state,
        'rejected by a person' as reason,
        'rejeté par une personne' as reason_fr
    from verdicts
    where state = 'rejected'
)

select
    kind,
    left_id,
    right_id,
    method,
    score,
    is_own,
    grade,
    case when is_forced then 'confirmed' else 'suggested' end as state,
    case when is_forced then 'confirmed by a person' else reason end
        || case when margin < 200 then ', another choice is as good' else '' end as reason,
    case when is_forced then 'confirmé par une personne' else reason_fr end
        || case when margin < 200 then ', un autre choix vaut autant' else '' end as reason_fr
from found
union all by name
from refused
