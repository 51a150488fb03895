-- One row per bill that has to be paid: its day, what is left of it, and where it comes from.
select
    bills.bill_id,
    bills.issuer,
    bills.number,
    bills.kind,
    coalesce(bills.due_on, bills.issued_on) as due_on,
    bills.due_on is not null as is_day_stated,
    bills.issued_on,
    bills.residual,
    bills.currency,
    bills.status,
    bills.source
from bills
where bills.status in ('overdue', 'unpaid', 'partly paid')
    and bills.residual > 0
    and coalesce(bills.due_on, bills.issued_on) is not null
order by due_on, bills.bill_id
