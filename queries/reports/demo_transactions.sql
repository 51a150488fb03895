-- One row per bank line, the last ones, with the person on the other side and how it was found.
-- fr: jour | compte | montant | personne | trouvée par | état | libellé
select
    transactions.booked_on as day,
    transactions.account_name as account,
    cast(transactions.amount as decimal(18, 2)) as amount,
    left(transactions.person_name, 22) as person,
    replace(transactions.match_method, '_id', '') as found_by,
    transactions.match_state as state,
    left(trim(regexp_extract(transactions.raw_label, '[^|]*$')), 26) as label
from transactions
where transactions.person_name is not null
order by transactions.booked_on desc, transactions.transaction_id
limit 12
