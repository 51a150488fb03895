-- One row per name that several people bear: transfers that show it cannot tell whom they mean.
-- fr: aucun nom n'est commun à deux personnes
with people as (
    from intermediate.people where kind = 'person'
)

select
    lower(strip_accents(name)) as subject,
    count(*) || ' people: ' || string_agg(coalesce(phones[1], emails[1], person_id), ', ' order by person_id) as detail,
    null::date as since,
    list(person_id order by person_id) as person_ids
from people
group by lower(strip_accents(name))
having count(*) > 1
