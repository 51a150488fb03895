-- One row per identifier of a person or organisation: how it is known, from when to when, and how sure it is.
with identities as (
    from intermediate.identities
),

identifiers as (
    from staging.identifiers
),

contacts as (
    from staging.contacts
),

members as (
    from staging.members
),

bills as (
    from staging.bills
),

creditors as (
    from intermediate.creditors
),

documents as (
    select document, as_of::date as as_of from landing.documents
),

choices as (
    from staging.choices where subject = 'number' and field = 'person'
),

calls as (
    select number_key as value, min(local_day) as first_on, max(local_day) as last_on, count(*) as n_times
    from staging.communications
    where other_e164 is not null
    group by number_key
),

invitations as (
    select attendees.address as value, min(occurrences.local_day) as first_on, max(occurrences.local_day) as last_on, count(*) as n_times
    from staging.attendees as attendees
    inner join staging.occurrences as occurrences
        on occurrences.calendar = attendees.calendar
        and occurrences.uid = attendees.uid
        and occurrences.recurrence_id is not distinct from attendees.recurrence_id
    group by attendees.address
),

-- A card says what it says on the day of its revision, and still did on the day of its document.
dated_cards as (
    select
        contacts.card,
        coalesce(nullif(contacts.source, ''), contacts.book) as source,
        contacts.full_name,
        contacts.nickname,
        contacts.revised_at::date as revised_on,
        least(contacts.revised_at::date, documents.as_of) as first_on,
        greatest(contacts.revised_at::date, documents.as_of) as last_on
    from contacts
    left join documents on documents.document = contacts.document
),

stated as (
    select
        identities.person_id,
        identifiers.kind,
        identifiers.value,
        identifiers.label,
        dated_cards.source,
        dated_cards.first_on,
        dated_cards.last_on,
        dated_cards.revised_on,
        identifiers.confidence * identities.score as confidence,
        identifiers.is_personal,
        identities.method,
        identities.reason,
        identities.state
    from identifiers
    inner join identities on identities.identity = identifiers.card
    inner join dated_cards on dated_cards.card = identifiers.card
    where identifiers.confidence > 0
    union all
    select
        identities.person_id, 'name' as kind, dated_cards.full_name as value, null as label, dated_cards.source,
        dated_cards.first_on, dated_cards.last_on, dated_cards.revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from dated_cards
    inner join identities on identities.identity = dated_cards.card
    union all
    select
        identities.person_id, 'name' as kind, dated_cards.nickname as value, 'nickname' as label, dated_cards.source,
        dated_cards.first_on, dated_cards.last_on, dated_cards.revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from dated_cards
    inner join identities on identities.identity = dated_cards.card
    where dated_cards.nickname is not null
),

declared as (
    select
        identities.person_id, members.kind, members.value, null as label, 'settings' as source,
        null::date as first_on, null::date as last_on, null::date as revised_on, 1.0 as confidence,
        members.kind in ('phone', 'email') as is_personal, 'declared' as method, 'the settings say so' as reason, 'certain' as state
    from members
    inner join identities on identities.identity = 'household/' || members.member
    where members.value is not null
),

-- A number that was given a name, or a person, by somebody of the household.
said as (
    select
        identities.person_id, 'phone' as kind, substr(identities.identity, 8) as value, null as label, 'said' as source,
        null::date as first_on, null::date as last_on, null::date as revised_on, 1.0 as confidence, true as is_personal,
        'said' as method, 'the number was given this name' as reason, 'confirmed' as state
    from identities
    where identities.origin = 'number'
    union
    select
        identities.person_id, 'phone' as kind, choices.subject_id as value, null as label, 'said' as source,
        null::date as first_on, null::date as last_on, null::date as revised_on, 1.0 as confidence, true as is_personal,
        'said' as method, 'the number was given to this person' as reason, 'confirmed' as state
    from choices
    inner join identities on identities.own_id = choices.value
),

debited as (
    select
        identities.person_id, 'creditor_id' as kind, creditors.creditor_id as value, null as label, 'bank' as source,
        creditors.first_on, creditors.last_on, null::date as revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from creditors
    inner join identities on identities.identity = 'creditor/' || creditors.creditor_id
    union all
    -- A mandate is signed with one creditor, and says nothing without it.
    select
        identities.person_id, 'mandate' as kind, creditors.mandate as value, creditors.creditor_id as label, 'bank' as source,
        creditors.first_on, creditors.last_on, null::date as revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from creditors
    inner join identities on identities.identity = 'creditor/' || creditors.creditor_id
    where creditors.mandate is not null
    union all
    select
        identities.person_id, 'name' as kind, creditors.name as value, null as label, 'bank' as source,
        creditors.first_on, creditors.last_on, null::date as revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from creditors
    inner join identities on identities.identity = 'creditor/' || creditors.creditor_id
    where creditors.name is not null
),

billed as (
    select
        identities.person_id, billed.kind, billed.value, null as label, 'bill' as source,
        billed.first_on, billed.last_on, null::date as revised_on, identities.score as confidence, false as is_personal,
        identities.method, identities.reason, identities.state
    from (
        select issuer_words, 'name' as kind, issuer as value, min(issued_on) as first_on, max(issued_on) as last_on
        from bills
        group by issuer_words, issuer
        union all
        select issuer_words, 'contract' as kind, contract as value, min(issued_on) as first_on, max(issued_on) as last_on
        from bills
        where contract is not null
        group by issuer_words, contract
    ) as billed
    inner join (
        select issuer_words, min(issuer) as issuer from bills group by issuer_words
    ) as issuers on issuers.issuer_words = billed.issuer_words
    inner join identities on identities.identity = 'issuer/' || issuers.issuer
),

everything as (
    from stated
    union all
    from declared
    union all
    from said
    union all
    from debited
    union all
    from billed
),

gathered as (
    select
        person_id,
        kind,
        value,
        min(label) as label,
        list_sort(list_distinct(list(source))) as sources,
        min(first_on) as first_on,
        max(last_on) as last_on,
        min(revised_on) as stated_from,
        max(revised_on) as stated_to,
        max(confidence) as confidence,
        bool_or(is_personal) as is_personal,
        arg_max(method, (confidence, method)) as method,
        arg_max(reason, (confidence, method)) as reason,
        case
            when bool_or(state = 'confirmed') then 'confirmed'
            when bool_or(state = 'certain') then 'certain'
            else 'suggested'
        end as state
    from everything
    group by person_id, kind, value
),

-- How many hold it, and how far calls and invitations bear it out for one who holds it alone.
shared as (
    select *, count(*) over (partition by kind, value) as n_holders
    from gathered
),

-- What a later card of the same person leaves out.
last_stated as (
    select person_id, max(stated_to) filter (where kind = 'phone') as last_on
    from gathered
    group by person_id
)

select
    shared.person_id,
    shared.kind,
    shared.value,
    shared.label,
    shared.sources,
    shared.n_holders,
    case when shared.n_holders = 1 then least(shared.first_on, calls.first_on, invitations.first_on) else shared.first_on end
        as valid_from,
    case when shared.n_holders = 1 then greatest(shared.last_on, calls.last_on, invitations.last_on) else shared.last_on end
        as valid_to,
    shared.stated_from,
    shared.stated_to,
    case when shared.kind = 'phone' and last_stated.last_on > shared.stated_to then last_stated.last_on end as dropped_on,
    shared.is_personal,
    coalesce(calls.n_times, invitations.n_times, 0) as use_count,
    shared.confidence::decimal(4, 3) as confidence,
    shared.method,
    shared.reason,
    shared.state
from shared
left join calls on shared.kind = 'phone' and calls.value = shared.value
left join invitations on shared.kind = 'email' and invitations.value = shared.value
left join last_stated on last_stated.person_id = shared.person_id
