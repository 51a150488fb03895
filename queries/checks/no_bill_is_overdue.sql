-- One row per bill whose day of payment is over and for which no payment, nor equal instalments, are seen.
-- fr: aucune facture n'est en retard de paiement
with bills as (
    from intermediate.bills where status = 'due' and total > 0
),

transactions as (
    from staging.transactions where status in ('booked', 'pending') and amount < 0
),

settings as (
    from staging.settings
),

counterparties as (
    select payee_key, person_id from intermediate.counterparties where person_id is not null
),

at_once as (
    select distinct bills.bill_id
    from bills
    inner join transactions
        on transactions.amount = -bills.total
        and transactions.booked_on between bills.issued_on - 15 and coalesce(bills.due_on, bills.issued_on) + 45
),

in_parts as (
    select bills.bill_id
    from bills
    inner join counterparties on counterparties.person_id = bills.issuer_id
    inner join transactions
        on transactions.payee_key = counterparties.payee_key
        and transactions.booked_on between bills.issued_on - 15 and bills.issued_on + 365
        and transactions.amount > -bills.total
    group by bills.bill_id, bills.total, transactions.amount
    having sum(transactions.amount) <= -bills.total
),

seen as (
    from at_once
    union
    from in_parts
)

select
    concat_ws(' ', bills.issuer, bills.number) as subject,
    bills.total::decimal(18, 2) || ' ' || bills.currency || ', ' || (settings.today - bills.due_on) || ' days overdue' as detail,
    bills.due_on as since,
    bills.total,
    bills.document
from bills
cross join settings
where bills.bill_id not in (select bill_id from seen)
