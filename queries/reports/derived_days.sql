-- One row per card, with whom it is of and the days to remember that it may hold.
select
    identities.person_id,
    people.name,
    contacts.uid,
    contacts.birthday,
    case when landed.raw ilike '%ANNIVERSARY%' then landed.raw end as raw,
    contacts.revised_at
from staging.contacts as contacts
inner join landing.contacts as landed on landed.book = contacts.book and landed.uid = contacts.uid
inner join intermediate.identities as identities on identities.origin = 'card' and identities.identity = contacts.card
inner join people on people.person_id = identities.person_id
where contacts.birthday is not null or landed.raw ilike '%ANNIVERSARY%'
order by identities.person_id, contacts.book, contacts.uid
