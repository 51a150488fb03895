-- The last bank lines with the person on the other side.
select
    transactions.booked_on,
    transactions.account_name as account,
    transactions.amount,
    transactions.person_name as person,
    transactions.match_method as by,
    transactions.match_state as state,
    transactions.raw_label
from transactions
where transactions.person_name is not null
order by transactions.booked_on desc, transactions.transaction_id
limit 12
