-- One row per movement that has been pending for more than 30 days; it counts nowhere.
-- fr: aucun mouvement ne reste en attente
with transactions as (
    from staging.transactions where status = 'pending'
),

settings as (
    from staging.settings
)

select
    transactions.account as subject,
    transactions.raw_label || ' of ' || transactions.amount::decimal(18, 2) || ' ' || transactions.currency
    || ' has been pending for ' || (settings.today - transactions.booked_on) || ' days' as detail,
    transactions.booked_on as since,
    transactions.amount,
    transactions.document,
    transactions.row_pointer
from transactions
cross join settings
where settings.today - transactions.booked_on > 30
