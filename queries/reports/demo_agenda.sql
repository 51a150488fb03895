-- The last full week of September 2026, with the people invited.
select
    strftime(agenda.starts_local, '%a %d/%m %H:%M') as starts,
    agenda.summary,
    list_aggregate(agenda.people, 'string_agg', ', ') as people,
    agenda.call_count as calls,
    agenda.spent
from agenda
where agenda.local_day between date '2026-09-21' and date '2026-09-27'
order by agenda.starts_at, agenda.occurrence_id
