-- One row per SEPA creditor and mandate that debits an account, with the name under which it does so most often.
with transactions as not materialized (
    from staging.transactions where creditor_id is not null and (is_counted or status = 'pending')
),

debits as (
    select
        creditor_id,
        coalesce(mandate, '') as mandate,
        coalesce(payee, '') as payee,
        count(*) as n_debits,
        min(booked_on) as first_on,
        max(booked_on) as last_on
    from transactions
    group by creditor_id, coalesce(mandate, ''), coalesce(payee, '')
),

-- One creditor has one name, whatever its mandates.
named as (
    select creditor_id, arg_max(payee, (n_debits, payee)) as name
    from (
        select creditor_id, payee, sum(n_debits) as n_debits
        from debits
        where payee <> ''
        group by creditor_id, payee
    )
    group by creditor_id
)

select
    debits.creditor_id,
    nullif(debits.mandate, '') as mandate,
    any_value(named.name) as name,
    sum(debits.n_debits)::bigint as n_debits,
    min(debits.first_on) as first_on,
    max(debits.last_on) as last_on
from debits
left join named on named.creditor_id = debits.creditor_id
group by debits.creditor_id, debits.mandate
