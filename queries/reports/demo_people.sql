-- One row per other party, the dearest first: what their calls and messages cost over everything.
-- fr: correspondant | appels | messages | minutes | euros | dernier
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
order by eur desc nulls last, minutes desc nulls last, calls.other_party
limit 12
