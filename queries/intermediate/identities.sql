-- One row per card, member, named number, issuer of bills and creditor: the person or organisation that it stands for, and why.
--
-- A person is named by the id of the first card in it (`c-…`), by the member's own id, or `o-…` for who bills or debits.
-- What people say: `staging.verdicts` of kind person join (confirmed) or part (rejected) two identities by their identity_id;
-- parted from a person whom others hold to it, the identity on the right leaves, and takes along only what was confirmed.
-- `staging.choices` of subject person and field person join the person of that id to another one. Any own_id that a person
-- ever had still names the person.
with recursive identity_names as (
    from intermediate.identity_names
),

pairs as (
    from intermediate.identity_pairs
),

choices as (
    from staging.choices where subject = 'person' and field = 'person'
),

cards as (
    from identity_names where origin in ('card', 'member', 'number')
),

edges as (
    select left_identity as card, right_identity as other, verdict = 'confirmed' as is_said from pairs where is_joined
    union
    select right_identity as card, left_identity as other, verdict = 'confirmed' as is_said from pairs where is_joined
),

reach as (
    select distinct card, card as other from edges
    union
    select reach.card, edges.other
    from reach
    inner join edges on edges.card = reach.other
),

-- Rejected, and still together by way of a third card.
leavers as (
    select pairs.right_identity as card, pairs.left_identity as stayer
    from pairs
    inner join reach on reach.card = pairs.right_identity and reach.other = pairs.left_identity
    where pairs.verdict = 'rejected'
),

kept_edges as (
    select edges.card, edges.other
    from edges
    where edges.is_said
        or (
            edges.card not in (select card from leavers)
            and edges.other not in (select card from leavers)
        )
),

kept_reach as (
    select distinct card, card as other from kept_edges
    union
    select kept_reach.card, kept_edges.other
    from kept_reach
    inner join kept_edges on kept_edges.card = kept_reach.other
),

heads as (
    select card, min(other) filter (where starts_with(other, 'household/')) as member_card, min(other) as first_card
    from kept_reach
    group by card
),

-- A member whom the settings give no number and no address may have one card of exactly that name.
namesakes as (
    select name_words, max(identity) filter (where origin = 'member') as member_card
    from cards
    where kind = 'person'
        and (origin <> 'member' or substr(identity, 11) not in (select member from staging.members where kind is not null))
    group by name_words
    having count(*) filter (where origin = 'member') = 1 and count(*) filter (where origin = 'card') = 1
),

carded as (
    select
        cards.*,
        coalesce(heads.member_card, heads.first_card, namesakes.member_card, cards.identity) as head,
        case
            when cards.origin = 'member' then 'declared'
            when cards.origin = 'number' then 'said'
            when heads.card is null and namesakes.member_card is not null then 'same name'
            when heads.card is null or heads.first_card = cards.identity then 'card'
            else 'shared identifier'
        end as method
    from cards
    left join heads on heads.card = cards.identity
    left join namesakes on namesakes.name_words = cards.name_words and cards.kind = 'person' and heads.card is null
        and namesakes.member_card not in (select left_identity from pairs where verdict = 'rejected')
),

headed as (
    select carded.*, them.own_id as person_id
    from carded
    inner join identity_names as them on them.identity = carded.head
),

-- The best reason for which a card is with its person.
reasons as (
    select identity, arg_max(reason, (score, reason)) as reason, max(score) as score, arg_max(state, (score, reason)) as state
    from (
        select right_identity as identity, reason, score, state from pairs where is_joined
        union all
        select left_identity as identity, reason, score, state from pairs where is_joined
    )
    group by identity
),

-- Whoever bills is the person of that very name, when there is exactly one; else an organisation.
people_by_name as (
    select name_words, min(person_id) as person_id
    from headed
    group by name_words
    having count(distinct person_id) = 1
),

rejected as (
    select left_identity as identity, right_identity as other from pairs where verdict = 'rejected'
    union
    select right_identity as identity, left_identity as other from pairs where verdict = 'rejected'
),

parted as (
    select rejected.identity, headed.person_id
    from rejected
    inner join headed on headed.identity = rejected.other
),

billed as (
    select issuers.*, people_by_name.person_id as found_id
    from identity_names as issuers
    left join people_by_name on people_by_name.name_words = issuers.name_words
        and not exists (
            select 1 from parted where parted.identity = issuers.identity and parted.person_id = people_by_name.person_id
        )
    where issuers.origin = 'issuer'
),

known_organisations as (
    select coalesce(found_id, own_id) as person_id, name_words, identity from billed where found_id is null
    union
    select person_id, name_words, identity from headed where kind = 'organisation' and len(name_words) > 0
),

creditor_matches as (
    select creditors.identity, min(known_organisations.person_id) as person_id
    from identity_names as creditors
    inner join known_organisations
        on list_has_all(creditors.name_words, known_organisations.name_words)
        or (len(creditors.name_words) > 1 and list_has_all(known_organisations.name_words, creditors.name_words))
    where creditors.origin = 'creditor'
        and not exists (
            select 1 from rejected
            where rejected.identity = creditors.identity and rejected.other = known_organisations.identity
        )
    group by creditors.identity
    having count(distinct known_organisations.person_id) = 1
),

everybody as (
    select
        headed.identity, headed.identity_id, headed.origin, headed.own_id, headed.person_id, headed.name, headed.name_words,
        headed.kind, headed.method,
        case when headed.method = 'same name' then 0.95 when headed.head = headed.identity then 1.0 else coalesce(reasons.score, 1.0) end
            as score,
        case headed.method
            when 'declared' then 'the settings say so'
            when 'said' then 'the number was given this name'
            when 'same name' then 'the only card of this name'
            else case when headed.head = headed.identity then 'a card' else reasons.reason end
        end as reason,
        case when headed.method = 'same name' then 'suggested' when headed.head = headed.identity then 'certain'
            else coalesce(reasons.state, 'certain') end as state
    from headed
    left join reasons on reasons.identity = headed.identity
    union all
    select
        identity, identity_id, origin, own_id, coalesce(found_id, own_id) as person_id, name, name_words,
        case when found_id is null then 'organisation' end as kind,
        case when found_id is null then 'issuer' else 'same name' end as method,
        case when found_id is null then 1.0 else 0.95 end as score,
        case when found_id is null then 'bills as ' else 'the only one of the name ' end || name as reason,
        case when found_id is null then 'certain' else 'suggested' end as state
    from billed
    union all
    select
        creditors.identity, creditors.identity_id, creditors.origin, creditors.own_id,
        coalesce(creditor_matches.person_id, creditors.own_id) as person_id, creditors.name, creditors.name_words,
        'organisation' as kind,
        case when creditor_matches.identity is null then 'creditor' else 'name of the creditor' end as method,
        case when creditor_matches.identity is null then 1.0 else 0.95 end as score,
        'debits as ' || creditors.name as reason,
        case when creditor_matches.identity is null then 'certain' else 'suggested' end as state
    from identity_names as creditors
    left join creditor_matches on creditor_matches.identity = creditors.identity
    where creditors.origin = 'creditor'
),

-- What was said joins whole persons at last: a verdict on an issuer or a creditor, or one id in place of another.
said as (
    select lefts.person_id as person_id, rights.person_id as other_id
    from pairs
    inner join everybody as lefts on lefts.identity = pairs.left_identity
    inner join everybody as rights on rights.identity = pairs.right_identity
    where pairs.verdict = 'confirmed' and lefts.person_id <> rights.person_id
    union
    select lefts.person_id, rights.person_id as other_id
    from choices
    inner join everybody as lefts on lefts.own_id = choices.subject_id
    inner join everybody as rights on rights.own_id = choices.value
    where lefts.person_id <> rights.person_id
),

said_reach as (
    select person_id, other_id from said
    union
    select other_id as person_id, person_id as other_id from said
    union
    select said_reach.person_id, both_ways.other_id
    from said_reach
    inner join (
        select person_id, other_id from said
        union
        select other_id as person_id, person_id as other_id from said
    ) as both_ways on both_ways.person_id = said_reach.other_id
),

-- A member's id before a card's, a card's before a named number's, and these before an organisation's.
merged as (
    select
        said_reach.person_id,
        arg_min(everybody.person_id, (
            case everybody.origin when 'member' then 0 when 'card' then 1 when 'number' then 2 else 3 end, everybody.person_id
        )) as merged_id
    from said_reach
    inner join everybody on everybody.person_id in (said_reach.person_id, said_reach.other_id)
    group by said_reach.person_id
)

select
    everybody.identity,
    everybody.identity_id,
    everybody.origin,
    everybody.own_id,
    coalesce(merged.merged_id, everybody.person_id) as person_id,
    everybody.name,
    everybody.name_words,
    everybody.kind,
    case when merged.merged_id <> everybody.person_id then 'said' else everybody.method end as method,
    case when merged.merged_id <> everybody.person_id then 1.0 else everybody.score end::decimal(4, 3) as score,
    case when merged.merged_id <> everybody.person_id then 'said to be the same' else everybody.reason end as reason,
    case when merged.merged_id <> everybody.person_id then 'confirmed' else everybody.state end as state
from everybody
left join merged on merged.person_id = everybody.person_id
