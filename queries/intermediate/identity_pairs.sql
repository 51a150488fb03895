-- One row per pair of cards that share a number or an address, or were said to be one or two people: whether they are joined, and why.
with identity_names as (
    from intermediate.identity_names
),

identifiers as (
    from staging.identifiers where confidence > 0 and kind in ('phone', 'email', 'iban', 'address')
),

members as (
    from staging.members
),

verdicts as (
    from staging.verdicts where kind = 'person'
),

people as (
    from identity_names where origin in ('card', 'member', 'number')
),

keys as (
    select
        card as identity,
        kind,
        case when kind = 'address' then trim(regexp_replace(lower(strip_accents(value)), '[^\pL\pN]+', ' ', 'g')) else value end as value,
        is_personal
    from identifiers
    union
    select 'household/' || member as identity, kind, value, kind in ('phone', 'email') as is_personal
    from members
    where kind is not null
    union
    select identity, 'phone' as kind, substr(identity, 8) as value, true as is_personal
    from people
    where origin = 'number'
),

-- A switchboard of fifty cards says nothing of any two of them, but when they bear one name.
counted as (
    select keys.*, people.name_words, count(*) over (partition by keys.kind, keys.value) as n_cards
    from keys
    inner join people on people.identity = keys.identity
),

sharing as (
    select
        a.identity,
        b.identity as other,
        count(*) filter (where a.kind <> 'address') as n_shared,
        bool_or(a.is_personal) as is_personal,
        string_agg(distinct a.kind, ' and ' order by a.kind) as shared
    from counted as a
    inner join counted as b on b.kind = a.kind and b.value = a.value and b.identity <> a.identity
    where a.n_cards <= 30 or a.name_words = b.name_words
    group by a.identity, b.identity
),

-- A word that is somebody's given name is no pet name.
given_names as (
    select distinct given_words[1] as word from people where has_both_names
),

compared as (
    select
        sharing.*,
        us.identity_id,
        them.identity_id as other_id,
        us.name,
        them.name as other_name,
        them.name_words as other_words,
        us.name_words = them.name_words as is_same,
        len(us.name_words) > 1 and list_has_all(them.name_words, us.name_words) as is_part,
        us.has_both_names and them.has_both_names as has_both_names,
        us.given_words[1] = them.given_words[1]
            -- Some put the family name where the given one goes.
            or (list_has_all(them.family_words, us.given_words) and list_has_all(them.given_words, us.family_words))
            or (list_has_all(us.family_words, them.given_words) and list_has_all(us.given_words, them.family_words))
            as has_same_given,
        len(us.given_words[1]) > 2 and not list_has_any(us.family_words, them.family_words) as has_other_family,
        len(them.nickname_words) > 0 and list_has_all(them.nickname_words, us.name_words) as is_nickname,
        len(us.birthday) >= 8 and len(them.birthday) >= 8 and us.birthday not like '--%' and them.birthday not like '--%'
            and replace(us.birthday, '-', '') <> replace(them.birthday, '-', '') as has_other_birthday,
        len(them.name_words) > 1
            and len(list_filter(them.name_words, lambda word: len(word) = 1)) = 0
            -- One name alone (`Karim`), initials (`Karim B.`), or what one calls them at home (`Maman`).
            and (
                (
                    len(us.name_words) = 1 and (
                        list_has_all(them.name_words, us.name_words)
                        or (sharing.is_personal and us.name_words[1] not in (select word from given_names))
                    )
                )
                or (
                    len(list_filter(us.name_words, lambda word: len(word) = 1)) > 0
                    and len(us.name_words) = len(them.name_words)
                    and len(list_filter(us.name_words, lambda word: len(list_filter(
                        them.name_words, lambda whole: starts_with(whole, word)
                    )) = 0)) = 0
                )
            ) as is_short
    from sharing
    inner join people as us on us.identity = sharing.identity
    inner join people as them on them.identity = sharing.other
    where us.kind = them.kind
),

-- A short form joins only when a single person can be meant: one name, or one that holds all the others.
short_of as (
    select identity, other_words, max_by(other_words, len(other_words)) over (partition by identity) as longest_words
    from compared
    where is_short and not is_same and n_shared > 0
),

short_forms as (
    select identity
    from short_of
    group by identity
    having bool_and(list_has_all(longest_words, other_words))
),

judged as (
    select
        compared.*,
        case
            when has_other_birthday and (is_same or is_part) then 'other birthday'
            when is_same then 'same name'
            when n_shared = 0 then case when is_part then 'part of the name' end
            when is_nickname then 'nickname'
            when is_part and has_both_names then case when has_same_given then 'same given name' else 'part of the name' end
            when is_part then 'part of the name'
            when is_short and short_forms.identity is not null then 'short form'
            when has_both_names and has_same_given and has_other_family and is_personal then 'other family name'
        end as likeness
    from compared
    left join short_forms on short_forms.identity = compared.identity
),

scored as (
    select
        *,
        case likeness
            when 'same name' then case when n_shared > 0 then 1.0 else 0.9 end
            when 'nickname' then 0.95
            when 'same given name' then 0.95
            when 'short form' then 0.9
            when 'part of the name' then case when is_personal and not has_both_names then 0.9 else 0.5 end
            when 'other family name' then case when n_shared > 1 then 0.85 else 0.6 end
            else 0.3
        end as score
    from judged
    where likeness is not null
),

-- Each pair once, as the side sees it that sees more.
proposed as (
    select
        case when starts_with(identity, 'household/') or (identity < other and not starts_with(other, 'household/'))
            then identity else other end as left_identity,
        case when starts_with(identity, 'household/') or (identity < other and not starts_with(other, 'household/'))
            then other else identity end as right_identity,
        max(score) as score,
        arg_max(likeness, (score, identity)) as likeness,
        any_value(shared) as shared
    from scored
    group by 1, 2
),

ruled as (
    select lefts.identity as left_identity, rights.identity as right_identity, verdicts.state
    from verdicts
    inner join identity_names as lefts on lefts.identity_id = verdicts.left_id
    inner join identity_names as rights on rights.identity_id = verdicts.right_id
),

all_pairs as (
    select left_identity, right_identity from proposed
    union
    select left_identity, right_identity from ruled
)

select
    all_pairs.left_identity,
    all_pairs.right_identity,
    coalesce(ruled.state, turned.state) as verdict,
    case when coalesce(ruled.state, turned.state) is not null then 'said' else 'shared ' || proposed.shared end as method,
    case coalesce(ruled.state, turned.state) when 'confirmed' then 1.0 when 'rejected' then 0.0 else proposed.score end::decimal(4, 3)
        as score,
    case when proposed.shared is not null then 'shared ' || proposed.shared || ', ' || proposed.likeness
        else 'said, and nothing else' end as reason,
    coalesce(ruled.state, turned.state, case when proposed.score = 1 then 'certain' else 'suggested' end) as state,
    case coalesce(ruled.state, turned.state) when 'confirmed' then true when 'rejected' then false else proposed.score >= 0.8 end
        as is_joined
from all_pairs
left join proposed
    on proposed.left_identity = all_pairs.left_identity and proposed.right_identity = all_pairs.right_identity
left join ruled
    on ruled.left_identity = all_pairs.left_identity and ruled.right_identity = all_pairs.right_identity
left join ruled as turned
    on turned.left_identity = all_pairs.right_identity and turned.right_identity = all_pairs.left_identity
