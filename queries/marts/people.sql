-- One row per person or organisation, with all identifiers and the last contact.
with people as (
    from intermediate.people
),

each_call as (
    select unnest(person_ids) as person_id, kind, duration_s, local_day, is_shared
    from intermediate.calls
),

calls as (
    select
        person_id,
        count(*) filter (where kind = 'call') as call_count,
        count(*) filter (where kind in ('sms', 'mms')) as message_count,
        count(*) filter (where is_shared) as shared_count,
        coalesce(sum(duration_s), 0)::bigint as call_seconds,
        max(local_day) as last_call_on
    from each_call
    group by person_id
),

counterparties as (
    select payee_key, person_id from intermediate.counterparties where person_id is not null
),

payments as (
    select
        counterparties.person_id,
        count(*) as transaction_count,
        sum(transactions.amount) as balance,
        min(transactions.booked_on) as first_transaction_on,
        max(transactions.booked_on) as last_transaction_on
    from staging.transactions as transactions
    inner join counterparties on counterparties.payee_key = transactions.payee_key
    where transactions.is_counted or transactions.status = 'pending'
    group by counterparties.person_id
),

meetings as (
    select
        person_identifiers.person_id,
        max(occurrences.local_day) filter (where occurrences.local_day <= settings.today) as last_met_on,
        min(occurrences.local_day) filter (where occurrences.local_day > settings.today) as next_met_on
    from staging.attendees as attendees
    inner join intermediate.person_identifiers as person_identifiers
        on person_identifiers.kind = 'email' and person_identifiers.value = attendees.address
    inner join staging.occurrences as occurrences
        on occurrences.calendar = attendees.calendar
        and occurrences.uid = attendees.uid
        and occurrences.recurrence_id is not distinct from attendees.recurrence_id
    cross join staging.settings as settings
    group by person_identifiers.person_id
),

gathered as (
    select
        people.* exclude (first_seen_on),
        coalesce(calls.call_count, 0) as call_count,
        coalesce(calls.message_count, 0) as message_count,
        coalesce(calls.shared_count, 0) as shared_count,
        coalesce(calls.call_seconds, 0) as call_seconds,
        coalesce(payments.transaction_count, 0) as transaction_count,
        coalesce(payments.balance, 0) as balance,
        calls.last_call_on,
        payments.last_transaction_on,
        meetings.last_met_on,
        meetings.next_met_on,
        greatest(calls.last_call_on, meetings.last_met_on) as last_contact_on,
        least(people.first_seen_on, payments.first_transaction_on) as first_seen_on
    from people
    left join calls on calls.person_id = people.person_id
    left join payments on payments.person_id = people.person_id
    left join meetings on meetings.person_id = people.person_id
)

select
    gathered.person_id, -- Identifier of the person: the member's id, or made from the cards.
    gathered.name, -- Best known name.
    gathered.kind, -- person or organisation.
    gathered.is_member, -- True for members of the household.
    gathered.names, -- All names that cards, bills and debits use.
    gathered.phones, -- Telephone numbers, E.164.
    gathered.emails, -- E-mail addresses, lower case.
    gathered.ibans, -- IBANs, without blanks.
    gathered.creditor_ids, -- SEPA creditor identifiers.
    gathered.birthday, -- Birthday as a card writes it; the year may be missing.
    gathered.organisation, -- Organisation that a card names.
    gathered.books, -- Address books that hold a card.
    gathered.methods, -- How cards and names were joined into this person.
    gathered.state, -- certain, suggested when a join rests on a name or a short form, or confirmed by you.
    gathered.confidence, -- How sure the least sure of these joins is, from 0 to 1.
    gathered.first_seen_on, -- First day on which a card, a call, a bill, an event or a movement bears the person out.
    gathered.call_count, -- Calls on numbers of this person, shared numbers included.
    gathered.message_count, -- Messages on numbers of this person, shared numbers included.
    gathered.shared_count, -- Of these, communications on a number that several people share.
    gathered.call_seconds, -- Length of these calls in seconds.
    gathered.transaction_count, -- Bank movements with this person.
    gathered.balance, -- Sum of these movements, positive when more came in.
    gathered.last_call_on, -- Day of the last call or message.
    gathered.last_transaction_on, -- Day of the last bank movement.
    gathered.last_met_on, -- Day of the last event with this person.
    gathered.next_met_on, -- Day of the next event with this person.
    gathered.last_contact_on -- Day of the last call, message or event.
from gathered
