-- One row per link between two identities: joined into one person, proposed, confirmed or rejected, and why.
with identities as (
    from intermediate.identities
),

pairs as (
    from intermediate.identity_pairs
),

paired as (
    select
        lefts.identity_id as left_id,
        rights.identity_id as right_id,
        lefts.person_id,
        lefts.name as left_name,
        rights.name as right_name,
        pairs.method,
        pairs.score,
        pairs.reason,
        pairs.state,
        lefts.person_id = rights.person_id as is_joined
    from pairs
    inner join identities as lefts on lefts.identity = pairs.left_identity
    inner join identities as rights on rights.identity = pairs.right_identity
),

-- Issuers, creditors and namesakes are joined to a whole person: the link goes to its first identity.
heads as (
    select person_id, identity, identity_id, name
    from identities
    qualify row_number() over (
        partition by person_id
        order by case origin when 'member' then 0 when 'card' then 1 when 'number' then 2 when 'issuer' then 3 else 4 end, identity
    ) = 1
),

attached as (
    select
        heads.identity_id as left_id,
        identities.identity_id as right_id,
        identities.person_id,
        heads.name as left_name,
        identities.name as right_name,
        identities.method,
        identities.score,
        identities.reason,
        identities.state,
        true as is_joined
    from identities
    inner join heads on heads.person_id = identities.person_id and heads.identity <> identities.identity
    where identities.method in ('same name', 'name of the creditor')
),

-- Two people of one name have nothing in common but the name: only who knows them can join them.
people_names as (
    select person_id, name_words, min(identity) as identity
    from identities
    where kind = 'person' and len(name_words) > 1
    group by person_id, name_words
),

namesakes as (
    select
        lefts.identity_id as left_id,
        rights.identity_id as right_id,
        lefts.person_id,
        lefts.name as left_name,
        rights.name as right_name,
        'same name' as method,
        0.5 as score,
        'the same name, and nothing else in common' as reason,
        'suggested' as state,
        false as is_joined
    from people_names as a
    inner join people_names as b on b.name_words = a.name_words and b.person_id > a.person_id
    inner join identities as lefts on lefts.identity = a.identity
    inner join identities as rights on rights.identity = b.identity
    where a.name_words in (
        select name_words from people_names group by name_words having count(*) between 2 and 5
    )
),

everything as (
    from paired
    union all
    from attached
    union all
    from namesakes
)

select
    ('0x' || left(md5('person|' || left_id || '|' || right_id), 15))::bigint as link_id,
    left_id,
    right_id,
    person_id,
    left_name,
    right_name,
    method,
    score::decimal(4, 3) as score,
    reason,
    state,
    is_joined
from everything
qualify row_number() over (
    partition by least(left_id, right_id), greatest(left_id, right_id)
    order by state in ('confirmed', 'rejected') desc, score desc, method
) = 1
