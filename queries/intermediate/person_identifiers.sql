-- One row per identifier of a person or organisation that could be read.
with identities as (
    from intermediate.identities
),

identifiers as (
    from staging.identifiers
),

members as (
    from staging.members
),

found as (
    select identities.person_id, identifiers.kind, identifiers.value
    from identifiers
    inner join identities on identities.identity = identifiers.card
    where identifiers.confidence > 0
    union
    select member as person_id, kind, value from members where value is not null
    union
    select person_id, 'creditor_id' as kind, substr(identity, 10) as value
    from identities
    where origin = 'creditor'
)

select
    person_id,
    kind,
    value
from found
