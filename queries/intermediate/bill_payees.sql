-- One row per issuer of bills and other party of bank movements that may be the same, with what speaks for it.
with bills as (
    select *, array_to_string(issuer_words, ' ') as issuer_key from staging.bills
),

transactions as not materialized (
    from staging.transactions where status <> 'cancelled'
),

amounts as (
    from intermediate.bill_amounts
),

verdicts as (
    from staging.verdicts where kind = 'bill' and state = 'confirmed'
),

-- Words that many companies share tell little.
common(word) as (
    values ('mobile'), ('telecom'), ('telecoms'), ('telephone'), ('internet'), ('fibre'), ('box'), ('assurance'), ('assurances'),
        ('mutuelle'), ('energie'), ('energies'), ('energy'), ('electricite'), ('gaz'), ('eau'), ('eaux'), ('france'),
        ('francais'), ('francaise'), ('service'), ('services'), ('client'), ('clients'), ('particulier'), ('particuliers'),
        ('groupe'), ('group'), ('banque'), ('bank'), ('credit'), ('societe'), ('compagnie'), ('company'), ('ville'),
        ('metropole'), ('regie'), ('syndicat'), ('syndic'), ('cabinet'), ('immobilier'), ('immobiliere'), ('agence'),
        ('international'), ('europe'), ('direct'), ('en'), ('ligne'), ('online'), ('web'), ('com'), ('fr'), ('net'),
        ('gmbh'), ('ag'), ('ltd'), ('limited'), ('inc'), ('plc'), ('bv'), ('llc'), ('the'), ('of'), ('and'), ('und'),
        ('club'), ('association'), ('ecole'), ('centre'), ('center'), ('sante'), ('habitat'), ('location'), ('habitation'),
        ('reseau'), ('distribution'), ('fourniture'), ('abonnement'), ('facture'), ('prelevement'), ('prlv'), ('sepa')
),

parties as (
    select payee_key, min(coalesce(payee, clean_label)) as payee, count(*) as n_movements
    from transactions
    where kind not in ('withdrawal', 'fee')
    group by payee_key
),

payee_words as (
    select distinct payee_key, unnest(string_split(regexp_replace(
        lower(strip_accents(replace(payee, 'œ', 'oe'))), '[^\pL\pN]+', ' ', 'g'
    ), ' ')) as word
    from parties
),

issuer_words as (
    select distinct issuer_key, unnest(issuer_words) as word from bills
),

-- A word common to many issuers counts as a common one.
weighed as (
    select
        issuer_key,
        word,
        case
            when word in (select word from common) then 0.25
            when count(*) over (partition by word) > 3 then 0.5
            else 1.0
        end as weight
    from issuer_words
),

issuer_sums as (
    select issuer_key, sum(weight) as total from weighed group by issuer_key
),

payee_sums as (
    select
        payee_key,
        sum(case when word in (select word from common) then 0.25 else 1.0 end) as total
    from payee_words
    where len(word) > 1 and word not in (
        'm', 'mr', 'mme', 'mlle', 'de', 'du', 'des', 'la', 'le', 'les', 'et', 'sa', 'sas', 'sarl', 'sasu'
    )
    group by payee_key
),

-- Labels are cut short, so a word may be the beginning of another.
meetings as (
    select
        weighed.issuer_key,
        payee_words.payee_key,
        weighed.word,
        max(weighed.weight) as weight
    from payee_words
    inner join weighed
        on left(weighed.word, 4) = left(payee_words.word, 4)
        and (weighed.word = payee_words.word or (len(payee_words.word) >= 4 and starts_with(weighed.word, payee_words.word)))
    group by weighed.issuer_key, payee_words.payee_key, weighed.word
),

names as (
    select
        meetings.issuer_key,
        meetings.payee_key,
        least(1, sum(meetings.weight) / any_value(issuer_sums.total)) as issuer_share,
        least(1, sum(meetings.weight) / greatest(any_value(payee_sums.total), 0.25)) as payee_share
    from meetings
    inner join issuer_sums on issuer_sums.issuer_key = meetings.issuer_key
    left join payee_sums on payee_sums.payee_key = meetings.payee_key
    group by meetings.issuer_key, meetings.payee_key
    having max(meetings.weight) > 0.25 or sum(meetings.weight) >= any_value(issuer_sums.total)
),

-- What was paid to the cent again and again teaches who debits for whom.
hits as (
    select
        bills.issuer_key,
        amounts.payee_key,
        count(distinct amounts.bill_id) as n_hits,
        count(distinct amounts.cents) as n_amounts
    from amounts
    inner join bills on bills.id = amounts.bill_id
    where amounts.is_near
    group by bills.issuer_key, amounts.payee_key
),

issuers as (
    select issuer_key, count(*) as n_bills from bills group by issuer_key
),

learned as (
    select
        hits.issuer_key,
        hits.payee_key,
        hits.n_hits,
        hits.n_amounts,
        least(1, hits.n_hits / issuers.n_bills) as bill_share,
        least(1, hits.n_hits / parties.n_movements) as movement_share
    from hits
    inner join issuers on issuers.issuer_key = hits.issuer_key
    inner join parties on parties.payee_key = hits.payee_key
    where hits.n_hits >= 2
),

-- A bill that is so many times one amount, debited so many times by a name that is only alike: a plan.
like_names as (
    select issuer_key, payee_key from names where issuer_share < 1
),

equal_debits as (
    select payee_key, currency, (-amount * 100)::bigint as cents, list(booked_on order by booked_on) as days
    from transactions
    where amount < 0
        and kind not in ('card', 'withdrawal', 'fee')
        and payee_key in (select payee_key from like_names)
    group by payee_key, currency, amount
    having count(*) >= 4
),

totals as (
    select
        like_names.issuer_key,
        equal_debits.*,
        unnest(generate_series(4, least(36, len(equal_debits.days)))) as n_payments
    from equal_debits
    inner join like_names on like_names.payee_key = equal_debits.payee_key
),

plans as (
    select distinct totals.issuer_key, totals.payee_key
    from totals
    inner join bills
        on bills.issuer_key = totals.issuer_key
        and bills.currency = totals.currency
        and (bills.total * 100)::bigint = totals.cents * totals.n_payments
    where len(list_filter(
        totals.days, lambda day: day between bills.issued_on - 20 and bills.issued_on + 400
    )) = totals.n_payments
),

confirmed as (
    select distinct bills.issuer_key, transactions.payee_key
    from verdicts
    inner join bills on bills.id = verdicts.left_id
    inner join transactions on transactions.id = verdicts.right_id
),

proposed as (
    select issuer_key, payee_key from names
    union
    select issuer_key, payee_key from learned
    union
    select issuer_key, payee_key from confirmed
),

scored as (
    select
        proposed.issuer_key,
        proposed.payee_key,
        coalesce(names.issuer_share * (0.7 + 0.3 * names.payee_share), 0) as name_score,
        coalesce(names.issuer_share, 0) as issuer_share,
        coalesce(learned.n_hits, 0) as n_hits,
        coalesce(learned.n_amounts, 0) as n_amounts,
        least(coalesce(learned.bill_share, 0), coalesce(learned.movement_share, 0)) as hit_share,
        plans.payee_key is not null as is_plan,
        confirmed.payee_key is not null as is_confirmed
    from proposed
    left join names on names.issuer_key = proposed.issuer_key and names.payee_key = proposed.payee_key
    left join learned on learned.issuer_key = proposed.issuer_key and learned.payee_key = proposed.payee_key
    left join plans on plans.issuer_key = proposed.issuer_key and plans.payee_key = proposed.payee_key
    left join confirmed on confirmed.issuer_key = proposed.issuer_key and confirmed.payee_key = proposed.payee_key
),

parted as (
    select
        *,
        case when issuer_share >= 1 then 385 + 30 * name_score else 380 * name_score end as name_party,
        case
            when n_amounts >= 3 and hit_share >= 0.4 then 430
            when n_amounts >= 2 and hit_share >= 0.4 and name_score >= 0.3 then 420
            when n_hits >= 3 and hit_share >= 0.5 and name_score >= 0.3 then 400
            when n_hits >= 5 and hit_share >= 0.5 and name_score >= 0.2 then 390
            when is_plan then 390
            when n_amounts >= 2 and hit_share >= 0.3 then 330
            when n_hits >= 3 and hit_share >= 0.5 then 260
            else 0
        end as learned_party
    from scored
),

rated as (
    select
        *,
        round(case
            when is_confirmed then 480
            -- Name and history together are more than either.
            when issuer_share >= 1 and learned_party >= 390 then 450
            else greatest(name_party, learned_party)
        end)::bigint as party,
        max(case when issuer_share >= 1 then name_score else 0 end) over (partition by payee_key) as best_name
    from parted
),

-- What bears the whole name of one issuer is not known to debit for another that is only alike.
exclusive as (
    select
        * exclude (party),
        case when issuer_share < 1 and best_name > 0 and not is_confirmed then least(party, 340) else party end as party
    from rated
)

select
    issuer_key,
    payee_key,
    round(name_score, 3)::decimal(4, 3) as name_score,
    n_hits,
    n_amounts,
    round(hit_share, 3)::decimal(4, 3) as hit_share,
    is_confirmed,
    case
        when is_confirmed then 'confirmed'
        when is_plan and learned_party > name_party then 'plan'
        when learned_party > name_party then 'learned'
        else 'name'
    end as evidence,
    party
from exclusive
qualify party >= max(party) over (partition by payee_key) - 150 and party >= 150
