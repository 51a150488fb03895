-- One row per identifier of a member of the household; a member without any has one row with a null value.
with members as (
    from household.members
),

identifiers as (
    select member, kind, value from household.member_identifiers
    union
    select owner as member, 'phone' as kind, line as value from household.lines where owner is not null
)

select
    members.member,
    members.name,
    identifiers.kind,
    case identifiers.kind
        when 'email' then lower(identifiers.value)
        when 'iban' then upper(replace(identifiers.value, ' ', ''))
        else identifiers.value
    end as value
from members
left join identifiers on identifiers.member = members.member
