-- One row per occurrence of a week of spring 2026, with the people invited and the rest of the day.
-- fr: début | agenda | quoi | avec | appels | dépensé
select
    case
        when agenda.is_all_day then strftime(agenda.local_day, '%Y-%m-%d')
        else strftime(agenda.starts_local, '%Y-%m-%d %H:%M')
    end as starts,
    agenda.calendar_name as calendar,
    agenda.summary,
    left(list_aggregate(agenda.people, 'string_agg', ', '), 44) as people,
    agenda.call_count as calls,
    agenda.spent
from agenda
where agenda.local_day between date '2026-03-30' and date '2026-04-05'
order by agenda.starts_at, agenda.occurrence_id
