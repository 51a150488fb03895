-- One row per card of an address book, with the words of its name in a comparable form.
with contacts as (
    from landing.contacts where kind <> 'group'
),

worded as (
    select
        contacts.*,
        -- A card without a name is called by its address: one word.
        case when contains(full_name, '@') and not contains(full_name, ' ') then [lower(full_name)] else
        list_sort(list_distinct(list_filter(
            string_split(regexp_replace(
                lower(strip_accents(replace(replace(full_name, 'œ', 'oe'), 'ß', 'ss'))),
                '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> '' and word not in (
                'm', 'mr', 'mme', 'mlle', 'mrs', 'ms', 'dr', 'd', 'l', 'de', 'du', 'des', 'la', 'le', 'les',
                'et', 'ou', 'monsieur', 'madame'
            )
        ))) end as name_words,
        list_filter(
            string_split(regexp_replace(
                lower(strip_accents(replace(replace(coalesce(family_name, ''), 'œ', 'oe'), 'ß', 'ss'))),
                '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> '' and word not in ('d', 'l', 'de', 'du', 'des', 'la', 'le', 'les')
        ) as family_words,
        list_filter(
            string_split(regexp_replace(
                lower(strip_accents(replace(replace(coalesce(given_name, ''), 'œ', 'oe'), 'ß', 'ss'))),
                '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> ''
        ) as given_words,
        list_sort(list_distinct(list_filter(
            string_split(regexp_replace(
                lower(strip_accents(replace(replace(coalesce(nickname, ''), 'œ', 'oe'), 'ß', 'ss'))),
                '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> ''
        ))) as nickname_words
    from contacts
)

select
    book || '/' || uid as card,
    book,
    uid,
    full_name,
    given_name,
    family_name,
    organisation,
    case when kind = 'org' or (given_name is null and family_name is null and organisation is not null)
        then 'organisation' else 'person' end as kind,
    birthday,
    note,
    name_words,
    family_words,
    given_words,
    nickname_words,
    nickname,
    (given_name is not null and family_name is not null) as has_both_names,
    revised_at,
    document,
    row_pointer,
    source,
    learned_at
from worded
