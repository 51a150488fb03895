-- One row per bill whose day of payment is over by 45 days and for which no debit is sure, though the accounts go on.
-- fr: chaque facture a son prélèvement
with bills as (
    from intermediate.bills where status not in ('refund', 'nothing to pay') and abs(residual) > 0 and given_back < abs(total)
),

settings as (
    from staging.settings
),

-- Debits come late, and documents later.
patience(n_days) as (
    values (45)
),

seen as (
    select min(booked_on) as first_day, max(booked_on) as last_day from staging.transactions where status = 'booked'
)

select
    concat_ws(' ', bills.issuer, bills.number) as subject,
    bills.residual || ' ' || bills.currency || ' of ' || bills.total::decimal(18, 2) || ' found in no account'
        || case when len(bills.suggested_debits) > 0 then ', a suggestion waits in reconciliations' else '' end as detail,
    coalesce(bills.paid_on, bills.due_on, bills.issued_on) as since,
    bills.total,
    bills.document
from bills
cross join settings
cross join patience
cross join seen
where coalesce(bills.paid_on, bills.due_on, bills.issued_on) + patience.n_days < settings.today
    and coalesce(bills.paid_on, bills.due_on, bills.issued_on) between seen.first_day and seen.last_day - patience.n_days
