-- One row per person and year, with how many calls there were.
with each_call as (
    select unnest(calls.person_ids) as person_id, year(calls.local_day) as year
    from calls
    where calls.kind = 'call'
)

select
    each_call.person_id,
    each_call.year,
    count(*) as call_count
from each_call
group by each_call.person_id, each_call.year
order by each_call.person_id, each_call.year
