-- One row per card that was joined to a person by a likeness of names that may mislead, until somebody confirms or rejects it.
-- fr: aucune personne ne repose sur des indices faibles
with person_links as (
    from intermediate.person_links where is_joined and state = 'suggested'
)

select
    left_name || ' and ' || right_name as subject,
    reason || ' (score ' || score::decimal(3, 2) || ')' as detail,
    null::date as since,
    link_id,
    left_id,
    right_id
from person_links
where score < 0.9
