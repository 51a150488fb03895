-- The last bank lines with a person.
select booked_on, account, label, person_name, amount
from transactions
where person_name is not null
order by booked_on desc
limit 12
