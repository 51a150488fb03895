-- The last calls of each line, with the name of the other party.
select called_local as "when", line, kind, other_party, duration_s, cost
from calls
where kind = 'call'
order by called_local desc
limit 12
