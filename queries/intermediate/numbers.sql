-- One row per number met in a communication and period of time: who had it then, or what kind of number it is.
with communications as (
    from staging.communications
),

special_numbers as (
    from staging.special_numbers
),

settings as (
    from staging.settings
),

-- What somebody said of a number leaves no room for what cards say of it.
people as (
    select
        person_identifiers.value,
        person_identifiers.sources,
        person_identifiers.stated_from,
        person_identifiers.stated_to,
        person_identifiers.dropped_on,
        person_identifiers.is_personal,
        person_identifiers.state,
        people.person_id,
        people.name
    from intermediate.person_identifiers as person_identifiers
    inner join intermediate.people as people on people.person_id = person_identifiers.person_id
    where person_identifiers.kind = 'phone'
    qualify person_identifiers.state = 'confirmed'
        or not bool_or(person_identifiers.state = 'confirmed') over (partition by person_identifiers.value)
),

met as (
    select
        number_key,
        any_value(other_e164) as other_e164,
        any_value(masked_pattern) as masked_pattern,
        min(coalesce(communications.region, settings.region)) as region,
        any_value(settings.language) as language
    from communications
    cross join settings
    where number_key is not null
    group by number_key
),

-- A mobile number that one card had, and that only a later card of somebody else still has, was given to that one.
held as (
    select
        before.value,
        before.person_id,
        min(after.stated_from) as handed_on
    from people as before
    inner join people as after
        on after.value = before.value
        and after.person_id <> before.person_id
        and after.stated_from >= before.stated_to + 90
        and (before.dropped_on is not null or not list_has_any(before.sources, after.sources))
    where before.is_personal and before.state <> 'confirmed'
    group by before.value, before.person_id
),

-- Whoever got it later was not called under it before.
received as (
    select people.value, people.person_id, max(held.handed_on) as got_on
    from people
    inner join held on held.value = people.value and held.person_id <> people.person_id
    where people.stated_from >= held.handed_on
    group by people.value, people.person_id
),

holders as (
    select
        met.number_key,
        people.person_id,
        people.name,
        people.state,
        coalesce(received.got_on, date '0001-01-01') as since,
        coalesce(held.handed_on, date '9999-12-31') as until
    from met
    inner join people on people.value = met.number_key
    left join held on held.value = people.value and held.person_id = people.person_id
    left join received on received.value = people.value and received.person_id = people.person_id
    where met.masked_pattern is null
),

-- Every day on which a number changes hands begins a period; most numbers have one.
periods as (
    select
        number_key,
        since as valid_from,
        lead(since, 1, date '9999-12-31') over (partition by number_key order by since) as valid_to
    from (
        select number_key, date '0001-01-01' as since from met
        union
        select number_key, since from holders
        union
        select number_key, until as since from holders where until < date '9999-12-31'
    )
),

owners as (
    select
        periods.number_key,
        periods.valid_from,
        list(holders.person_id order by holders.name, holders.person_id) as person_ids,
        list(holders.name order by holders.name, holders.person_id) as names,
        case
            when bool_or(holders.state = 'confirmed') then 'confirmed'
            when bool_or(holders.since > date '0001-01-01' or holders.until < date '9999-12-31') then 'suggested'
            else min(holders.state)
        end as state,
        case
            when bool_or(holders.state = 'confirmed') then 'said'
            when bool_or(holders.since > date '0001-01-01' or holders.until < date '9999-12-31') then 'dates of the cards'
            else 'card'
        end as method
    from periods
    inner join holders
        on holders.number_key = periods.number_key
        and holders.since <= periods.valid_from
        and holders.until > periods.valid_from
    group by periods.number_key, periods.valid_from
),

-- Hidden digits may be any; who fits is a candidate and nothing more.
fitting as (
    select distinct met.number_key, people.person_id, people.name
    from met
    inner join people on people.value like replace(met.masked_pattern, '.', '_')
    where met.masked_pattern is not null and met.other_e164 is null
),

candidates as (
    select
        number_key,
        list(person_id order by name, person_id) as person_ids,
        list(name order by name, person_id) as names
    from fitting
    group by number_key
),

-- Exact numbers win over prefixes, prefixes over patterns, long ones over short ones.
labelled as (
    select met.number_key, met.region, met.language, special_numbers.*, 0 as loose
    from met
    inner join special_numbers on special_numbers.match = 'exact' and special_numbers.pattern = met.number_key
    union all
    select met.number_key, met.region, met.language, special_numbers.*, 1 as loose
    from met
    inner join special_numbers
        on special_numbers.match = 'prefix' and starts_with(met.number_key, special_numbers.pattern)
    where starts_with(met.number_key, '+') and met.masked_pattern is null
    union all
    select met.number_key, met.region, met.language, special_numbers.*, 2 as loose
    from met
    inner join special_numbers
        on special_numbers.match = 'regex' and regexp_full_match(met.number_key, special_numbers.pattern)
    where not starts_with(met.number_key, '+')
),

labels as (
    select
        number_key,
        kind,
        case when language = 'fr' then label_fr else label_en end as label,
        row_number() over (
            partition by number_key
            order by loose, len(pattern) desc, country nulls last, pattern
        ) as place
    from labelled
    where country is null or country = region or starts_with(number_key, '+')
),

-- `+33639981234` reads better as `+33 6 39 98 12 34`.
split as (
    select
        number_key,
        regexp_extract(
            number_key,
            '^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9][0-9])([0-9]{4,})$',
            ['country', 'rest']
        ) as parts
    from met
),

grouped as (
    select
        number_key,
        case
            when starts_with(number_key, '+') and contains(number_key, '.') then null
            when parts.rest = '' then number_key
            when len(parts.rest) % 2 = 0
                then '+' || parts.country || ' ' || trim(regexp_replace(parts.rest, '([0-9]{2})', '\1 ', 'g'))
            when parts.country = '33'
                then '+33 ' || left(parts.rest, 1) || ' '
                || trim(regexp_replace(substr(parts.rest, 2), '([0-9]{2})', '\1 ', 'g'))
            else '+' || parts.country || ' ' || left(parts.rest, 3) || ' '
                || trim(regexp_replace(substr(parts.rest, 4), '([0-9]{2})', '\1 ', 'g'))
        end as written
    from split
)

select
    met.number_key,
    periods.valid_from,
    periods.valid_to,
    grouped.written,
    coalesce(owners.person_ids, []) as person_ids,
    coalesce(owners.names, []) as people,
    owners.method as match_method,
    owners.state as match_state,
    coalesce(candidates.person_ids, []) as candidate_ids,
    coalesce(candidates.names, []) as candidates,
    labels.label,
    labels.kind as label_kind
from met
inner join periods on periods.number_key = met.number_key
left join owners on owners.number_key = periods.number_key and owners.valid_from = periods.valid_from
left join candidates on candidates.number_key = met.number_key
left join labels on labels.number_key = met.number_key and labels.place = 1
left join grouped on grouped.number_key = met.number_key
