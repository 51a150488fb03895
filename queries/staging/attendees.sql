-- One row per person invited to an event, organisers included.
with attendees as (
    from landing.attendees
)

select
    calendar,
    uid,
    recurrence_id,
    lower(address) as address,
    min(name) as name,
    min(role) as role,
    min(answer) as answer
from attendees
group by calendar, uid, recurrence_id, lower(address)
