-- One row per person or organisation, under the best of the names that are known.
with identities as (
    from intermediate.identities
),

contacts as (
    from staging.contacts
),

-- What a person is to be called, under any id that it ever had.
said as (
    select identities.person_id, arg_max(choices.value, choices.said_at) as name
    from staging.choices as choices
    inner join identities on identities.own_id = choices.subject_id
    where choices.subject = 'person' and choices.field = 'name'
    group by identities.person_id
),

identifiers as (
    select
        person_id,
        list(value order by value) filter (where kind = 'phone') as phones,
        list(value order by value) filter (where kind = 'email') as emails,
        list(value order by value) filter (where kind = 'iban') as ibans,
        list(value order by value) filter (where kind = 'creditor_id') as creditor_ids,
        min(valid_from) as first_seen_on,
        max(valid_to) as last_seen_on
    from intermediate.person_identifiers
    group by person_id
),

-- Whole names come before short ones, spelled-out accents before plain letters.
ranked as (
    select
        identities.*,
        contacts.birthday,
        contacts.organisation,
        contacts.note,
        contacts.book,
        row_number() over (
            partition by identities.person_id
            order by
                case identities.origin when 'member' then 0 when 'card' then 1 when 'issuer' then 2 when 'number' then 3 else 4 end,
                contacts.full_name is not distinct from contacts.given_name || ' ' || contacts.family_name desc,
                coalesce(contacts.has_both_names, false) desc,
                len(identities.name_words) desc,
                strlen(identities.name) desc,
                identities.name,
                identities.identity
        ) as place
    from identities
    left join contacts on contacts.card = identities.identity
),

gathered as (
    select
        person_id,
        min(name) filter (where place = 1) as name,
        case when bool_or(kind = 'person') then 'person' else 'organisation' end as kind,
        bool_or(origin = 'member') as is_member,
        list(distinct name) as names,
        list(distinct book) filter (where book is not null) as books,
        min(birthday) as birthday,
        min(organisation) as organisation,
        case
            when bool_or(state = 'suggested') then 'suggested'
            when bool_or(state = 'confirmed') then 'confirmed'
            else 'certain'
        end as state,
        min(score) as confidence,
        string_agg(distinct method, ', ' order by method) as methods
    from ranked
    group by person_id
)

select
    gathered.person_id,
    coalesce(said.name, gathered.name) as name,
    gathered.kind,
    gathered.is_member,
    list_sort(gathered.names) as names,
    coalesce(identifiers.phones, []) as phones,
    coalesce(identifiers.emails, []) as emails,
    coalesce(identifiers.ibans, []) as ibans,
    coalesce(identifiers.creditor_ids, []) as creditor_ids,
    gathered.birthday,
    gathered.organisation,
    list_sort(coalesce(gathered.books, [])) as books,
    gathered.methods,
    gathered.state,
    gathered.confidence,
    identifiers.first_seen_on,
    identifiers.last_seen_on
from gathered
left join identifiers on identifiers.person_id = gathered.person_id
left join said on said.person_id = gathered.person_id
