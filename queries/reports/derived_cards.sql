-- One row per card of a person, the one that says most of the name first, with the numbers and addresses in it.
with contents as (
    select
        book,
        uid,
        string_agg(distinct value, ' ' order by value) filter (where kind in ('phone', 'email')) as identifiers
    from landing.identifiers
    group by book, uid
)

select
    identities.person_id,
    landed.raw,
    coalesce(contents.identifiers, '') as identifiers
from staging.contacts as contacts
inner join landing.contacts as landed on landed.book = contacts.book and landed.uid = contacts.uid
inner join intermediate.identities as identities on identities.origin = 'card' and identities.identity = contacts.card
left join contents on contents.book = contacts.book and contents.uid = contacts.uid
order by
    identities.person_id,
    contacts.has_both_names desc,
    length(landed.raw) desc,
    contacts.book,
    contacts.uid
