-- One row per occurrence of an event that was not cancelled, with the words of its event.
with occurrences as (
    from landing.occurrences
),

events as (
    from landing.events
),

calendars as (
    select calendar, min(name) as name from landing.calendars group by calendar
)

select
    occurrences.id,
    occurrences.calendar,
    coalesce(calendars.name, occurrences.calendar) as calendar_name,
    occurrences.uid,
    occurrences.recurrence_id,
    events.summary,
    events.description,
    events.location,
    events.status,
    events.organizer,
    events.categories,
    events.recurrence is not null as is_recurring,
    occurrences.starts_at,
    occurrences.ends_at,
    occurrences.starts_local,
    occurrences.ends_local,
    occurrences.is_all_day,
    occurrences.starts_local::date as local_day,
    occurrences.document,
    occurrences.row_pointer,
    occurrences.source,
    occurrences.learned_at
from occurrences
left join events
    on events.calendar = occurrences.calendar
    and events.uid = occurrences.uid
    and events.recurrence_id is not distinct from occurrences.recurrence_id
left join calendars on calendars.calendar = occurrences.calendar
where coalesce(events.status, 'confirmed') <> 'cancelled'
