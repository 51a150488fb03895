-- One row per card without a name of its own, or with a number or an address that could not be read.
-- fr: chaque fiche de contact est lisible
with contacts as (
    from staging.contacts
),

identifiers as (
    from staging.identifiers
),

unread as (
    select card, string_agg(raw, ', ' order by raw) as raws
    from identifiers
    where confidence = 0
    group by card
)

select
    contacts.full_name as subject,
    case when unread.raws is not null then 'cannot be read: ' || unread.raws else 'the card has no name' end as detail,
    contacts.learned_at::date as since,
    contacts.book,
    contacts.uid,
    contacts.document,
    contacts.row_pointer
from contacts
left join unread on unread.card = contacts.card
where unread.raws is not null or trim(contacts.full_name) = ''
