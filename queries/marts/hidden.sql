-- One row per movement that a person hid: no other view shows it.
with choices as (
    from staging.choices where subject = 'transaction' and field = 'hidden' and value = 'true'
),

transactions as (
    from landing.transactions
)

select
    transactions.id as transaction_id, -- Identifier of the movement.
    transactions.account, -- Account that was moved, as the bank calls it.
    transactions.booked_on, -- Day on which the bank booked it.
    transactions.amount, -- Amount in the currency, negative when money goes out.
    transactions.currency, -- Currency of the amount.
    transactions.raw_label, -- Label as the bank wrote it.
    choices.said_at as hidden_at, -- When it was hidden, UTC.
    transactions.document, -- Document that it was read from.
    transactions.row_pointer -- Where in the document it stands.
from choices
inner join transactions on transactions.id::varchar = choices.subject_id
