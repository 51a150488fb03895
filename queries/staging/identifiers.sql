-- One row per identifier of a card, once per card, kind and value.
with identifiers as (
    from landing.identifiers
)

select
    book || '/' || uid as card,
    book,
    kind,
    value,
    any_value(raw order by raw) as raw,
    min(label) as label,
    max(confidence) as confidence,
    case
        when kind = 'email' then true
        when kind <> 'phone' then false
        when regexp_matches(value, '^\+(33[67]|26269|262639|59069|59469|59669)') then true
        when value like '+33%' or value like '+262%' or value like '+590%' or value like '+594%'
            or value like '+596%' then false
        else coalesce(bool_or(lower(label) in ('mobile', 'cell', 'portable')), false)
    end as is_personal
from identifiers
group by book, uid, kind, value
