-- One row per booked movement dated after today.
-- fr: aucun mouvement n'est dans l'avenir
with transactions as (
    from staging.transactions where is_counted
),

settings as (
    from staging.settings
)

select
    transactions.account as subject,
    transactions.raw_label as detail,
    transactions.booked_on as since,
    transactions.amount,
    transactions.document,
    transactions.row_pointer
from transactions
cross join settings
where transactions.booked_on > settings.today
