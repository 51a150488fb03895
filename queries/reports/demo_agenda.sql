-- The last week of the agenda.
select starts_local, summary, people
from agenda
order by starts_local desc
limit 12
