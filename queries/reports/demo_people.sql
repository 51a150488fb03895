-- What each person called costs, over everything.
select other_party, count(*) as calls, sum(duration_s) // 60 as minutes, sum(cost) as cost
from calls
where direction = 'out'
group by other_party
order by minutes desc nulls last
limit 12
