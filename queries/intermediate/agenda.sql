-- One row per occurrence of an event, with the people invited.
with occurrences as (
    from staging.occurrences
),

attendees as (
    from staging.attendees
),

people as (
    select person_identifiers.value as address, people.person_id, people.name
    from intermediate.person_identifiers as person_identifiers
    inner join intermediate.people as people on people.person_id = person_identifiers.person_id
    where person_identifiers.kind = 'email'
),

-- An address that several people share shows all of them.
named as (
    select
        attendees.calendar,
        attendees.uid,
        attendees.recurrence_id,
        attendees.address,
        coalesce(
            string_agg(distinct people.name, ' / ' order by people.name),
            any_value(attendees.name),
            attendees.address
        ) as name,
        list(distinct people.person_id order by people.person_id) filter (where people.person_id is not null) as person_ids
    from attendees
    left join people on people.address = attendees.address
    group by attendees.calendar, attendees.uid, attendees.recurrence_id, attendees.address
),

invited as (
    select
        calendar,
        uid,
        recurrence_id,
        list(name order by name) as people,
        list_sort(list_distinct(flatten(list(coalesce(person_ids, []))))) as person_ids,
        list(address order by address) as addresses
    from named
    group by calendar, uid, recurrence_id
)

select
    occurrences.id as occurrence_id,
    occurrences.calendar,
    occurrences.calendar_name,
    occurrences.uid,
    occurrences.summary,
    occurrences.description,
    occurrences.location,
    occurrences.status,
    occurrences.is_recurring,
    occurrences.is_all_day,
    occurrences.starts_at,
    occurrences.ends_at,
    occurrences.starts_local,
    occurrences.ends_local,
    occurrences.local_day,
    coalesce(invited.people, []) as people,
    coalesce(invited.person_ids, []) as person_ids,
    coalesce(invited.addresses, []) as addresses,
    occurrences.document,
    occurrences.row_pointer,
    occurrences.source,
    occurrences.learned_at
from occurrences
left join invited
    on invited.calendar = occurrences.calendar
    and invited.uid = occurrences.uid
    and invited.recurrence_id is not distinct from occurrences.recurrence_id
