-- One row per UID under which two address books, or two cards of one, hold different people.
-- fr: aucun identifiant n'est commun à deux contacts
with contacts as (
    from staging.contacts
),

identities as (
    from intermediate.identities
)

select
    contacts.uid as subject,
    string_agg(distinct contacts.full_name, ', ' order by contacts.full_name) as detail,
    min(contacts.learned_at)::date as since,
    count(*) as card_count
from contacts
inner join identities on identities.identity = contacts.card
group by contacts.uid
having count(distinct identities.person_id) > 1
