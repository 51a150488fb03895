-- One row per card, member, number that was given a name, issuer of bills and creditor: its name in comparable words, before any is joined.
with contacts as (
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

choices as (
    from staging.choices where subject = 'number' and field = 'name'
),

found as (
    select
        card as identity,
        'card' as origin,
        'c-' || left(md5(card), 12) as own_id,
        full_name as name,
        kind,
        given_words,
        family_words,
        nickname_words,
        name_words as own_words,
        birthday,
        has_both_names
    from contacts
    union all
    -- A member of the household counts as a card that the settings wrote.
    select
        'household/' || member as identity,
        'member' as origin,
        member as own_id,
        any_value(name) as name,
        'person' as kind,
        [] as given_words,
        [] as family_words,
        [] as nickname_words,
        null as own_words,
        null as birthday,
        false as has_both_names
    from members
    group by member
    union all
    -- So does a number that somebody gave a name.
    select
        'number/' || subject_id as identity,
        'number' as origin,
        'n-' || left(md5(subject_id), 12) as own_id,
        value as name,
        'person' as kind,
        [] as given_words,
        [] as family_words,
        [] as nickname_words,
        null as own_words,
        null as birthday,
        false as has_both_names
    from choices
    union all
    select
        'issuer/' || min(issuer) as identity,
        'issuer' as origin,
        'o-' || left(md5(array_to_string(issuer_words, ' ')), 12) as own_id,
        min(issuer) as name,
        'organisation' as kind,
        [] as given_words,
        [] as family_words,
        [] as nickname_words,
        issuer_words as own_words,
        null as birthday,
        false as has_both_names
    from bills
    where len(issuer_words) > 0
    group by issuer_words
    union all
    select
        'creditor/' || creditor_id as identity,
        'creditor' as origin,
        'o-' || left(md5(creditor_id), 12) as own_id,
        coalesce(any_value(name), creditor_id) as name,
        'organisation' as kind,
        [] as given_words,
        [] as family_words,
        [] as nickname_words,
        null as own_words,
        null as birthday,
        false as has_both_names
    from creditors
    group by creditor_id
)

select
    identity,
    -- Sixty bits that stay: verdicts of people on what belongs together name identities by them.
    ('0x' || left(md5(identity), 15))::bigint as identity_id,
    origin,
    own_id,
    name,
    kind,
    coalesce(own_words, list_sort(list_distinct(list_filter(
        string_split(regexp_replace(
            lower(strip_accents(replace(replace(name, 'œ', 'oe'), 'ß', 'ss'))), '[^\pL\pN]+', ' ', 'g'
        ), ' '),
        lambda word: word <> '' and (origin <> 'creditor' or word not in (
            'd', 'l', 'de', 'du', 'des', 'la', 'le', 'les', 'et', 'sa', 'sas', 'sarl', 'sasu'
        ))
    )))) as name_words,
    given_words,
    family_words,
    nickname_words,
    birthday,
    has_both_names
from found
