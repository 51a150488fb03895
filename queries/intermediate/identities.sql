-- One row per card, member, issuer of bills and creditor: the person or organisation that it stands for, and why.
with recursive contacts as (
    from staging.contacts
),

members as (
    from staging.members
),

identifiers as (
    from staging.identifiers
),

bills as (
    from staging.bills
),

transactions as (
    from staging.transactions
),

-- A member of the household counts as a card that the settings wrote.
cards as (
    select card, book, full_name, name_words, kind, false as is_member from contacts
    union all
    select
        'household/' || member as card,
        'household' as book,
        any_value(name) as full_name,
        list_sort(list_distinct(list_filter(
            string_split(regexp_replace(lower(strip_accents(any_value(name))), '[^\pL\pN]+', ' ', 'g'), ' '),
            lambda word: word <> ''
        ))) as name_words,
        'person' as kind,
        true as is_member
    from members
    group by member
),

keys as (
    select card, kind, value, is_personal from identifiers where kind in ('phone', 'email') and confidence > 0
    union all
    select 'household/' || member as card, kind, value, true as is_personal
    from members
    where kind in ('phone', 'email')
),

-- Two cards are compared only when they share a number or an address.
pairs as (
    select
        a.card as card,
        b.card as other,
        bool_or(a.is_personal) as is_personal
    from keys as a
    inner join keys as b on b.kind = a.kind and b.value = a.value and b.card <> a.card
    group by a.card, b.card
),

compared as (
    select
        pairs.card,
        pairs.other,
        them.name_words as other_words,
        us.name_words = them.name_words
            or (len(us.name_words) > 1 and list_has_all(them.name_words, us.name_words))
            or (len(them.name_words) > 1 and list_has_all(us.name_words, them.name_words)) as is_same,
        len(them.name_words) > 1
            and len(list_filter(them.name_words, lambda word: len(word) = 1)) = 0
            -- One name alone (`Karim`), initials (`Karim B.`), or what one calls them at home (`Maman`).
            and (
                (len(us.name_words) = 1 and (pairs.is_personal or list_has_all(them.name_words, us.name_words)))
                or (
                    len(list_filter(us.name_words, lambda word: len(word) = 1)) > 0
                    and len(us.name_words) = len(them.name_words)
                    and len(list_filter(us.name_words, lambda word: len(list_filter(
                        them.name_words, lambda whole: starts_with(whole, word)
                    )) = 0)) = 0
                )
            ) as is_short_form
    from pairs
    inner join cards as us on us.card = pairs.card
    inner join cards as them on them.card = pairs.other
    where us.kind = them.kind
),

-- A short form joins only when a single person can be meant.
short_forms as (
    select card, min(other) as other
    from compared
    where is_short_form and not is_same
    group by card
    having count(distinct other_words) = 1
),

edges as (
    select card, other from compared where is_same
    union
    select card, other from short_forms
    union
    select other as card, card as other from short_forms
),

reach as (
    select distinct card, card as other from edges
    union
    select reach.card, edges.other
    from reach
    inner join edges on edges.card = reach.other
),

heads as (
    select card, min(other) filter (where starts_with(other, 'household/')) as member_card, min(other) as first_card
    from reach
    group by card
),

-- A member whom the settings give no number and no address may have one card of exactly that name.
namesakes as (
    select name_words, max(card) filter (where is_member) as member_card
    from cards
    where kind = 'person' and (not is_member or card not in (select card from keys))
    group by name_words
    having count(*) filter (where is_member) = 1 and count(*) filter (where not is_member) = 1
),

carded as (
    select
        cards.card as identity,
        case when cards.is_member then 'member' else 'card' end as origin,
        case
            when cards.is_member then substr(cards.card, 11)
            when heads.member_card is not null then substr(heads.member_card, 11)
            when heads.card is null and namesakes.member_card is not null then substr(namesakes.member_card, 11)
            else 'c-' || left(md5(coalesce(heads.first_card, cards.card)), 12)
        end as person_id,
        cards.full_name as name,
        cards.name_words,
        cards.kind,
        case
            when cards.is_member then 'declared'
            when heads.card is null and namesakes.member_card is not null then 'same name'
            when heads.card is null or heads.first_card = cards.card then 'card'
            else 'shared identifier'
        end as method
    from cards
    left join heads on heads.card = cards.card
    left join namesakes on namesakes.name_words = cards.name_words and cards.kind = 'person'
),

-- Whoever bills is the person of that very name, when there is exactly one; else an organisation.
issuers as (
    select issuer_words as name_words, min(issuer) as name
    from bills
    where len(issuer_words) > 0
    group by issuer_words
),

people_by_name as (
    select name_words, min(person_id) as person_id
    from carded
    group by name_words
    having count(distinct person_id) = 1
),

billed as (
    select
        'issuer/' || issuers.name as identity,
        'issuer' as origin,
        coalesce(people_by_name.person_id, 'o-' || left(md5(array_to_string(issuers.name_words, ' ')), 12)) as person_id,
        issuers.name,
        issuers.name_words,
        case when people_by_name.person_id is null then 'organisation' end as kind,
        case when people_by_name.person_id is null then 'issuer' else 'same name' end as method
    from issuers
    left join people_by_name on people_by_name.name_words = issuers.name_words
),

-- A creditor has the name under which it debits most often.
debits as (
    select creditor_id, payee, count(*) as n_debits
    from transactions
    where creditor_id is not null and payee is not null
    group by creditor_id, payee
),

creditors as (
    select
        creditor_id,
        arg_max(payee, (n_debits, payee)) as name,
        list_sort(list_distinct(list_filter(
            string_split(regexp_replace(
                lower(strip_accents(arg_max(payee, (n_debits, payee)))), '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> '' and word not in (
                'd', 'l', 'de', 'du', 'des', 'la', 'le', 'les', 'et', 'sa', 'sas', 'sarl', 'sasu'
            )
        ))) as name_words
    from debits
    group by creditor_id
),

known_organisations as (
    select person_id, name_words from billed where kind = 'organisation'
    union
    select person_id, name_words from carded where kind = 'organisation' and len(name_words) > 0
),

creditor_matches as (
    select creditors.creditor_id, min(known_organisations.person_id) as person_id
    from creditors
    inner join known_organisations
        on list_has_all(creditors.name_words, known_organisations.name_words)
        or (len(creditors.name_words) > 1 and list_has_all(known_organisations.name_words, creditors.name_words))
    group by creditors.creditor_id
    having count(distinct known_organisations.person_id) = 1
),

debited as (
    select
        'creditor/' || creditors.creditor_id as identity,
        'creditor' as origin,
        coalesce(creditor_matches.person_id, 'o-' || left(md5(creditors.creditor_id), 12)) as person_id,
        creditors.name,
        creditors.name_words,
        'organisation' as kind,
        case when creditor_matches.person_id is null then 'creditor' else 'name of the creditor' end as method
    from creditors
    left join creditor_matches on creditor_matches.creditor_id = creditors.creditor_id
),

everybody as (
    from carded
    union all
    from billed
    union all
    from debited
)

select
    identity,
    origin,
    person_id,
    name,
    name_words,
    kind,
    method,
    case when method in ('same name', 'name of the creditor') then 0.95 else 1.0 end as score,
    case when method in ('same name', 'name of the creditor') then 'suggested' else 'certain' end as state
from everybody
