-- One row per line of a bill.
with bill_lines as (
    from landing.bill_lines
)

select
    id,
    issuer,
    bill_number,
    label,
    quantity,
    unit,
    amount,
    period_from,
    period_to,
    currency,
    document,
    row_pointer
from bill_lines
