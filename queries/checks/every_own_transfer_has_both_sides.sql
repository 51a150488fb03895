-- One row per movement whose label means another own account on which its other side is not seen.
-- fr: chaque virement interne a ses deux côtés
with transactions as (
    from staging.transactions where is_counted and kind in ('transfer_in', 'transfer_out')
),

own_payees as (
    from intermediate.own_payees where kind = 'iban'
),

linked as (
    select left_id as id from intermediate.transfer_links where kind = 'transfer' and state <> 'rejected'
    union
    select right_id as id from intermediate.transfer_links where kind = 'transfer' and state <> 'rejected'
),

-- Only where the other account's movements of these days are known.
covered as (
    select account, min(booked_on) + 6 as first_day, max(booked_on) - 6 as last_day
    from staging.transactions
    group by account
)

select
    transactions.account || ' ' || transactions.booked_on as subject,
    transactions.amount::decimal(18, 2) || ' ' || transactions.currency || ', nothing on ' || own_payees.account as detail,
    transactions.booked_on as since,
    transactions.amount,
    transactions.raw_label,
    transactions.document
from transactions
inner join own_payees
    on own_payees.payee_key = transactions.payee_key and own_payees.account <> transactions.account
inner join covered
    on covered.account = own_payees.account
    and transactions.booked_on between covered.first_day and covered.last_day
where transactions.id not in (select id from linked)
