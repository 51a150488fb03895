-- One row per other party of bank movements as labels name it: the person or organisation it is, or may be, and why.
with transactions as not materialized (
    from staging.transactions
),

accounts as (
    from staging.accounts
),

people as (
    from intermediate.people
),

person_identifiers as (
    from intermediate.person_identifiers
),

identities as (
    from intermediate.identities
),

-- Where nobody is known there is nobody to find, and labels need not be read.
somebody as (
    select person_id from people
    union all
    select account from accounts where iban is not null
    limit 1
),

some_organisation as (
    select person_id from people where kind = 'organisation' limit 1
),

-- Whom somebody of the household named behind a payee, under any id that the person ever had.
said as (
    select choices.subject_id as payee_key, any_value(identities.person_id) as person_id
    from staging.choices as choices
    inner join identities on identities.own_id = choices.value
    where choices.subject = 'payee' and choices.field = 'person'
    group by choices.subject_id
),

parties as (
    select payee_key, kind, payee, payee_iban, creditor_id
    from transactions
    cross join somebody
    where kind in ('transfer_in', 'transfer_out', 'salary', 'cheque', 'other') or creditor_id is not null
    group by payee_key, kind, payee, payee_iban, creditor_id
    union all
    select payee_key, kind, payee, payee_iban, creditor_id
    from transactions
    cross join some_organisation
    where kind not in ('transfer_in', 'transfer_out', 'salary', 'cheque', 'other') and creditor_id is null
    group by payee_key, kind, payee, payee_iban, creditor_id
    union
    select payee_key, kind, payee, payee_iban, creditor_id
    from transactions
    where payee_key in (select payee_key from said)
),

-- An IBAN in a label may run into the words after it, so the known ones are looked for at its start.
ibans as (
    select payee_key, payee_iban from parties where payee_iban is not null
),

own_ibans as (
    select ibans.payee_key, min(accounts.account) as own_account, min(accounts.account_name) as own_account_name
    from ibans
    inner join accounts on left(accounts.iban, 14) = left(ibans.payee_iban, 14) and starts_with(ibans.payee_iban, accounts.iban)
    group by ibans.payee_key
),

by_iban as (
    select
        ibans.payee_key,
        person_identifiers.person_id,
        'iban' as method,
        1.0 as score,
        'IBAN ' || left(person_identifiers.value, 4) || ' … ' || right(person_identifiers.value, 3) || ' is on the card' as reason
    from ibans
    inner join person_identifiers
        on person_identifiers.kind = 'iban'
        and left(person_identifiers.value, 14) = left(ibans.payee_iban, 14)
        and starts_with(ibans.payee_iban, person_identifiers.value)
),

by_creditor as (
    select
        parties.payee_key,
        identities.person_id,
        'creditor_id' as method,
        identities.score,
        'creditor ' || parties.creditor_id || case when identities.state = 'certain' then ''
            else ' debits as ' || identities.name end as reason
    from parties
    inner join identities on identities.identity = 'creditor/' || parties.creditor_id
),

-- From here on names are compared: words without accents, titles and forms of company.
worded as (
    select
        payee_key,
        kind,
        list_filter(
            string_split(regexp_replace(
                lower(strip_accents(replace(payee, 'œ', 'oe'))), '[^\pL\pN]+', ' ', 'g'
            ), ' '),
            lambda word: word <> '' and word not in (
                'm', 'mr', 'mme', 'mlle', 'mrs', 'ms', 'dr', 'd', 'l', 'de', 'du', 'des', 'la', 'le', 'les',
                'et', 'ou', 'monsieur', 'madame', 'sa', 'sas', 'sarl', 'sasu', 'sepa', 'iban'
            )
        ) as words_in_order
    from parties
    where payee is not null
),

-- Distinct words lose their order: the first one is taken before.
words as (
    select
        payee_key,
        kind,
        words_in_order[1] as first_word,
        list_distinct(words_in_order) as payee_words,
        unnest(list_distinct(words_in_order)) as word
    from worded
    where len(words_in_order) between 1 and 12
),

-- All names under which somebody is known; a family name is all but the given names.
names as (
    select distinct
        identities.person_id,
        people.kind as person_kind,
        identities.name_words,
        case when len(coalesce(contacts.family_words, [])) > 0 then contacts.family_words end as family_words
    from identities
    inner join people on people.person_id = identities.person_id
    left join staging.contacts as contacts on contacts.card = identities.identity
    where len(identities.name_words) > 0
),

-- A member of the household has no card of its own: the last word of the name is the family's.
surnames as (
    select
        names.person_id,
        names.name_words,
        list_filter(names.name_words, lambda word: not list_contains(family.family_words, word)) as given_words,
        list_filter(names.name_words, lambda word: list_contains(family.family_words, word)) as family_words
    from names
    inner join (
        select person_id, family_words from names where family_words is not null
        union
        select
            people.person_id,
            [list_extract(string_split(regexp_replace(
                lower(strip_accents(people.name)), '[^\pL\pN]+', ' ', 'g'
            ), ' '), -1)] as family_words
        from people
        where people.person_id not in (select person_id from names where family_words is not null)
    ) as family on family.person_id = names.person_id
    where names.person_kind = 'person' and len(names.name_words) > 1
),

-- Pairs meet on a word of the family name: never everybody with everybody.
people_pairs as (
    select distinct
        words.payee_key,
        words.payee_words,
        surnames.person_id,
        surnames.given_words,
        surnames.family_words
    from words
    inner join surnames on list_extract(surnames.family_words, 1) = words.word
    where words.kind in ('transfer_in', 'transfer_out', 'salary', 'cheque', 'other')
        and list_has_all(words.payee_words, surnames.family_words)
        and len(surnames.given_words) > 0
),

people_scores as (
    select
        payee_key,
        person_id,
        len(list_filter(payee_words, lambda word: not list_contains(family_words, word))) as n_other_words,
        greatest(0, len(payee_words) - len(given_words) - len(family_words)) as n_extra_words,
        -- Each given name against its nearest word, for banks misspell; but Luc is not Lucie.
        list_avg(list_transform(given_words, lambda given: list_max(list_transform(
            list_concat(list_filter(payee_words, lambda word: not list_contains(family_words, word)), ['']),
            lambda word: case
                when word = given then 1
                when word = '' or starts_with(word, given) or starts_with(given, word) then 0
                else jaro_winkler_similarity(given, word)
            end
        )))) as given_score
    from people_pairs
),

by_name as (
    select
        payee_key,
        person_id,
        'name' as method,
        round(case when n_other_words = 0 then 0.5 else greatest(given_score - 0.02 * n_extra_words, 0) end, 3) as score,
        case
            when n_other_words = 0 then 'family name alone'
            when given_score = 1 then 'family name and given name'
            else 'family name, and a given name that is alike'
        end as reason
    from people_scores
    where n_other_words = 0 or given_score - 0.02 * n_extra_words >= 0.9
),

-- An organisation of several words is found inside a label; one of a single word only as its first word.
organisations as (
    select distinct
        person_id,
        name_words,
        list_extract(list_reverse_sort(list_transform(name_words, lambda word: lpad(len(word)::varchar, 3, '0') || word)), 1)[4:]
            as longest_word
    from names
    where person_kind = 'organisation'
),

by_organisation as (
    select
        words.payee_key,
        organisations.person_id,
        'name' as method,
        round(greatest(0.9, 1 - 0.02 * (len(words.payee_words) - len(organisations.name_words))), 3) as score,
        'name of the organisation' as reason
    from words
    inner join organisations on organisations.longest_word = words.word
    where list_has_all(words.payee_words, organisations.name_words)
        and (
            len(organisations.name_words) > 1
            -- A single word may be somebody's given or family name: of a transfer it has to be all there is.
            or (words.kind in ('transfer_in', 'transfer_out') and len(words.payee_words) = 1)
            or (
                words.kind not in ('card', 'withdrawal', 'transfer_in', 'transfer_out')
                and words.first_word = organisations.name_words[1]
            )
        )
),

by_word as (
    select payee_key, person_id, 'said' as method, 1.0 as score, 'you said so' as reason
    from said
),

proposals as (
    from by_word
    union all
    from by_iban
    union all
    from by_creditor
    union all
    from by_name
    union all
    from by_organisation
),

-- What was said decides, an IBAN alone, then a creditor, then the best name; names this close to it stay in question.
best as (
    select
        payee_key,
        person_id,
        arg_max(method, (method_rank, score)) as method,
        arg_max(reason, (method_rank, score)) as reason,
        arg_max(score, (method_rank, score)) as score,
        max(method_rank) as method_rank
    from (
        select *, case method when 'said' then 3 when 'iban' then 2 when 'creditor_id' then 1 else 0 end as method_rank
        from proposals
    )
    group by payee_key, person_id
),

kept as (
    select *
    from best
    qualify method_rank = max(method_rank) over (partition by payee_key)
        and score > max(score) over (partition by payee_key, method_rank) - 0.05
),

settled as (
    select
        kept.payee_key,
        count(*) as n_people,
        min(kept.person_id) as person_id,
        list(people.name order by people.name, kept.person_id) as names,
        list(kept.person_id order by people.name, kept.person_id) as person_ids,
        min(kept.method) as method,
        max(kept.score) as score,
        min(kept.reason) as reason
    from kept
    inner join people on people.person_id = kept.person_id
    group by kept.payee_key
)

select
    parties.payee_key,
    parties.payee_iban,
    case when settled.n_people = 1 and settled.score >= 0.9 then settled.person_id end as person_id,
    case when settled.n_people = 1 and settled.score >= 0.9 then settled.names[1] end as person_name,
    case when settled.n_people > 1 or settled.score < 0.9 then settled.names else [] end as candidates,
    case when settled.n_people > 1 or settled.score < 0.9 then settled.person_ids else [] end as candidate_ids,
    settled.method as match_method,
    settled.score::decimal(4, 3) as match_score,
    settled.reason as match_reason,
    case
        when settled.n_people is null then null
        when settled.n_people > 1 or settled.score < 0.9 then 'candidates'
        when settled.method = 'said' then 'confirmed'
        when settled.method = 'iban' or (settled.method = 'creditor_id' and settled.score = 1) then 'certain'
        else 'suggested'
    end as match_state,
    own_ibans.own_account,
    own_ibans.own_account_name
from parties
left join settled on settled.payee_key = parties.payee_key
left join own_ibans on own_ibans.payee_key = parties.payee_key
where settled.payee_key is not null or own_ibans.payee_key is not null
