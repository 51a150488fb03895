-- One row per bill whose day of payment is over and for which no payment of that amount is seen.
with bills as (
    from intermediate.bills where status = 'due' and total > 0
),

transactions as (
    from staging.transactions where status in ('booked', 'pending') and amount < 0
),

settings as (
    from staging.settings
),

seen as (
    select distinct bills.bill_id
    from bills
    inner join transactions
        on transactions.amount = -bills.total
        and transactions.booked_on between bills.issued_on - 15 and coalesce(bills.due_on, bills.issued_on) + 45
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
