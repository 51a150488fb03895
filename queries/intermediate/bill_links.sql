-- One row per bill and bank movement that belong together, may, or were said not to, with how sure that is and why.
with links as (
    from links.bill_debits
),

candidates as (
    from intermediate.bill_debits_candidates
),

bills as (
    from staging.bills
),

verdicts as (
    from staging.verdicts where kind = 'bill'
),

-- An amount that an issuer asks again and again tells nothing of which month it is for.
asked as (
    select id as bill_id, count(*) over (partition by issuer_words, currency, total) > 1 as is_repeated from bills
),

graded as (
    select
        links.left_id as bill_id,
        links.right_id as transaction_id,
        case links.relation
            when 1 then 'whole'
            when 2 then 'instalment'
            when 3 then 'share'
            when 4 then 'money back'
            else 'part'
        end as relation,
        links.group_id,
        links.group_size,
        (links.cents * 0.01)::decimal(18, 2) as amount,
        links.score,
        links.margin,
        links.is_forced = 1 as is_forced,
        candidates.party,
        candidates.date_score,
        candidates.names_bill,
        candidates.names_contract,
        candidates.evidence,
        candidates.n_hits,
        candidates.is_foreign,
        candidates.after_paid,
        candidates.after_due,
        candidates.after_issue,
        -- The one place that says what is sure: to the cent, with a party that is known, well before any other choice,
        -- and within four weeks where the issuer asks the same amount again.
        case
            when links.is_forced = 1 then 'sure'
            when links.is_cut = 0
                and links.margin >= 200
                and links.score >= 780
                and candidates.party >= 380
                and (links.relation in (1, 2, 3) or (links.relation = 4 and candidates.names_bill))
                and (links.relation <> 1 or candidates.names_bill or not asked.is_repeated or candidates.date_score >= 170) then 'sure'
            when links.score >= 600 and links.margin >= 100 then 'likely'
            else 'possible'
        end as grade
    from links
    inner join candidates on candidates.bill_id = links.left_id and candidates.transaction_id = links.right_id
    inner join asked on asked.bill_id = links.left_id
),

-- What else would do as well, when the choice is not clear.
others as (
    select
        graded.bill_id,
        graded.transaction_id,
        list(distinct candidates.transaction_id order by candidates.transaction_id) as alternatives
    from graded
    inner join candidates
        on candidates.is_whole
        and (candidates.bill_id = graded.bill_id and candidates.transaction_id <> graded.transaction_id)
        and candidates.party + candidates.date_score + 250 >= graded.score - 150
    where graded.margin < 200
    group by graded.bill_id, graded.transaction_id
),

rivals as (
    select
        graded.bill_id,
        graded.transaction_id,
        list(distinct candidates.bill_id order by candidates.bill_id) as rival_bills
    from graded
    inner join candidates
        on candidates.is_whole
        and (candidates.transaction_id = graded.transaction_id and candidates.bill_id <> graded.bill_id)
        and candidates.party + candidates.date_score + 250 >= graded.score - 150
    where graded.margin < 200
    group by graded.bill_id, graded.transaction_id
),

-- The days that count: those from the stated payment, else from the day on which it was due.
worded as (
    select
        *,
        coalesce(after_paid, after_due) as n_days,
        case
            when names_bill then 'names the bill'
            when names_contract then 'names the contract'
            when evidence = 'confirmed' then 'party confirmed before'
            when evidence = 'plan' then 'equal payments that make the total, name like the issuer'
            when evidence = 'learned' then 'party paid this issuer ' || n_hits || ' times to the cent'
            when party >= 380 then 'name of the issuer'
            when party > 0 then 'name like the issuer'
            else 'no name in common'
        end as party_en,
        case
            when names_bill then 'nomme la facture'
            when names_contract then 'nomme le contrat'
            when evidence = 'confirmed' then 'tiers déjà confirmé'
            when evidence = 'plan' then 'paiements égaux qui font le total, nom proche de l''émetteur'
            when evidence = 'learned' then 'tiers ayant payé cet émetteur ' || n_hits || ' fois au centime près'
            when party >= 380 then 'nom de l''émetteur'
            when party > 0 then 'nom proche de l''émetteur'
            else 'aucun nom commun'
        end as party_fr,
        case relation
            when 'whole' then 'same amount' || case when is_foreign then ' in the bill''s currency' else '' end
            when 'instalment' then 'one of ' || group_size || ' payments that make the total'
            when 'share' then 'one of ' || group_size || ' bills paid at once'
            when 'money back' then 'money back'
            else 'part of the total'
        end as amount_en,
        case relation
            when 'whole' then 'même montant' || case when is_foreign then ' dans la devise de la facture' else '' end
            when 'instalment' then 'un des ' || group_size || ' paiements qui font le total'
            when 'share' then 'une des ' || group_size || ' factures payées ensemble'
            when 'money back' then 'argent rendu'
            else 'partie du total'
        end as amount_fr
    from graded
),

told as (
    select
        *,
        case
            when is_forced then 'confirmed by a person'
            else concat_ws(', ', amount_en, party_en, case
                when n_days = 0 then case when after_paid is null then 'on the day due' else 'on the stated day of payment' end
                when n_days > 0 then n_days || case when after_paid is null then ' days after it was due' else ' days after the stated payment' end
                else -n_days || case when after_paid is null then ' days before it was due' else ' days before the stated payment' end
            end, case when margin < 100 then 'another choice is as good' when margin < 200 then 'another choice is nearly as good' end)
        end as reason,
        case
            when is_forced then 'confirmé par une personne'
            else concat_ws(', ', amount_fr, party_fr, case
                when n_days = 0 then case when after_paid is null then 'le jour de l''échéance' else 'le jour de paiement indiqué' end
                when n_days > 0 then n_days || case when after_paid is null then ' jours après l''échéance' else ' jours après le paiement indiqué' end
                else -n_days || case when after_paid is null then ' jours avant l''échéance' else ' jours avant le paiement indiqué' end
            end, case when margin < 100 then 'un autre choix vaut autant' when margin < 200 then 'un autre choix vaut presque autant' end)
        end as reason_fr
    from worded
),

found as (
    select
        told.bill_id,
        told.transaction_id,
        told.relation,
        told.group_id,
        told.group_size,
        told.amount,
        case
            when told.is_forced then 'user'
            when told.names_bill then 'bill number'
            when told.names_contract then 'contract'
            when told.evidence in ('learned', 'plan', 'confirmed') then 'known party'
            when told.party >= 150 then 'name'
            else 'amount'
        end as method,
        (told.score * 0.001)::decimal(4, 3) as score,
        told.grade,
        case when told.is_forced then 'confirmed' else 'suggested' end as state,
        told.reason,
        told.reason_fr,
        coalesce(others.alternatives, []) as alternatives,
        coalesce(rivals.rival_bills, []) as rival_bills
    from told
    left join others on others.bill_id = told.bill_id and others.transaction_id = told.transaction_id
    left join rivals on rivals.bill_id = told.bill_id and rivals.transaction_id = told.transaction_id
),

refused as (
    select
        verdicts.left_id as bill_id,
        verdicts.right_id as transaction_id,
        'none' as relation,
        null::bigint as group_id,
        1::bigint as group_size,
        0::decimal(18, 2) as amount,
        'user' as method,
        0::decimal(4, 3) as score,
        null::varchar as grade,
        'rejected' as state,
        'rejected by a person' as reason,
        'rejeté par une personne' as reason_fr,
        []::bigint[] as alternatives,
        []::bigint[] as rival_bills
    from verdicts
    where verdicts.state = 'rejected' and verdicts.left_id in (select id from bills)
)

from found
union all
from refused
