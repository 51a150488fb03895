-- One row per occurrence of an event, with the people invited and what else happened that day.
with agenda as (
    from intermediate.agenda
),

calls as (
    select
        local_day,
        count(*) filter (where kind = 'call') as call_count,
        count(*) filter (where kind in ('sms', 'mms')) as message_count
    from intermediate.calls
    group by local_day
),

own_ibans as (
    select distinct payee_iban from intermediate.counterparties where own_account is not null
),

spending as (
    select transactions.booked_on, -sum(transactions.amount) as spent
    from staging.transactions as transactions
    where transactions.amount < 0
        and (transactions.is_counted or transactions.status = 'pending')
        and (transactions.payee_iban is null or transactions.payee_iban not in (select payee_iban from own_ibans))
    group by transactions.booked_on
),

joined as (
    select
        agenda.*,
        coalesce(calls.call_count, 0) as call_count,
        coalesce(calls.message_count, 0) as message_count,
        coalesce(spending.spent, 0) as spent
    from agenda
    left join calls on calls.local_day = agenda.local_day
    left join spending on spending.booked_on = agenda.local_day
)

select
    joined.occurrence_id, -- Identifier of the occurrence.
    joined.calendar, -- Calendar.
    joined.calendar_name, -- Name of the calendar.
    joined.local_day, -- Day on which it starts, on the household's clock.
    joined.starts_local, -- Start on the household's clock.
    joined.ends_local, -- End on the household's clock, exclusive.
    joined.starts_at, -- Start, UTC.
    joined.ends_at, -- End, UTC, exclusive.
    joined.is_all_day, -- True when it covers whole days.
    joined.is_recurring, -- True when the event recurs.
    joined.summary, -- What it is.
    joined.location, -- Where it is.
    joined.description, -- Details.
    joined.status, -- confirmed or tentative; cancelled ones are left out.
    joined.people, -- Names of those invited, organiser included.
    joined.person_ids, -- Those of them who are known: joins people.person_id.
    joined.addresses, -- Their addresses.
    joined.call_count, -- Calls of the household on that day.
    joined.message_count, -- Messages of the household on that day.
    joined.spent, -- Money that left the household's accounts on that day, by booking.
    joined.uid, -- UID of the event.
    joined.source, -- Source of the settings that it came by.
    joined.document -- Document that it was read from.
from joined
