-- One row per thing that a person set and did not take back, as it was said last.
with choices as (
    from facts.choices
),

aliases as (
    select alias::varchar as alias, min(id)::varchar as id
    from landing.aliases
    where table_name = 'transactions'
    group by alias
),

settled as (
    select
        choices.subject,
        coalesce(aliases.id, choices.subject_id) as subject_id,
        choices.about,
        choices.field,
        choices.value,
        choices.seq,
        choices.said_at
    from choices
    left join aliases on choices.subject = 'transaction' and aliases.alias = choices.subject_id
)

select
    subject,
    subject_id,
    about,
    field,
    value,
    said_at
from settled
qualify row_number() over (partition by subject, subject_id, field order by seq desc) = 1 and value is not null
