-- What each person who is called costs, over everything.
select
    calls.other_party,
    count(*) filter (where calls.kind = 'call') as calls,
    count(*) filter (where calls.kind in ('sms', 'mms')) as messages,
    cast(sum(calls.duration_s) // 60 as bigint) as minutes,
    cast(sum(calls.cost) as decimal(18, 2)) as eur,
    max(calls.local_day) as last_on
from calls
where calls.number_kind <> 'none'
group by calls.other_party
order by minutes desc nulls last, calls.other_party
limit 12
