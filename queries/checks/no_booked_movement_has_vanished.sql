-- One row per booked movement that a later export of its days does not show any more; it still counts.
-- fr: aucun mouvement comptabilisé n'a disparu
with transactions as (
    from staging.transactions where status = 'vanished'
)

select
    transactions.account as subject,
    transactions.raw_label || ' of ' || transactions.amount::decimal(18, 2) || ' ' || transactions.currency
    || ' is not shown any more: `moisson hide transaction ' || transactions.id || '` if the bank took it back' as detail,
    transactions.booked_on as since,
    transactions.amount,
    transactions.document,
    transactions.row_pointer
from transactions
