-- One row per other party of bank movements and own account that its words, or its IBAN, may mean.
with transactions as not materialized (
    from staging.transactions
),

accounts as (
    from staging.accounts
),

-- Words that say nothing of whose account it is.
generic(word) as (
    values ('compte'), ('courant'), ('cheque'), ('cheques'), ('de'), ('du'), ('des'), ('la'), ('le'), ('les'), ('a'), ('et'),
        ('m'), ('mr'), ('mme'), ('mlle'), ('monsieur'), ('madame'), ('ou'), ('account'), ('current'), ('banque'), ('bank'),
        ('vers'), ('depuis'), ('virement'), ('vir'), ('sepa'), ('inst'), ('to'), ('from'), ('konto'), ('mon'), ('my')
),

parties as (
    select payee_key, min(payee) as payee, min(payee_iban) as payee_iban
    from transactions
    where kind not in ('withdrawal', 'fee', 'cheque') and coalesce(payee, payee_iban) is not null
    group by payee_key
),

words as (
    select distinct payee_key, unnest(string_split(regexp_replace(
        lower(strip_accents(payee)), '[^\pL\pN]+', ' ', 'g'
    ), ' ')) as word
    from parties
),

owners as (
    select account, unnest(owners) as owner from accounts
),

-- What an account may be called: its owners, its name, its bank.
names as (
    select account, 'owner' as kind, owner as name from owners
    union all
    select account, 'account' as kind, account_name as name from accounts where account_name <> account
    union all
    select account, 'bank' as kind, bank as name from accounts where bank is not null
),

name_words as (
    select distinct
        account,
        kind,
        name,
        unnest(string_split(regexp_replace(lower(strip_accents(name)), '[^\pL\pN]+', ' ', 'g'), ' ')) as word
    from names
),

telling as (
    select account, kind, name, word, count(*) over (partition by account, kind, name) as n_words
    from name_words
    where word <> '' and word not in (select word from generic)
),

-- All words of an owner or a bank; half of those of an account, for `Livret A` is the Livret A of somebody.
by_words as (
    select
        words.payee_key,
        telling.account,
        telling.kind,
        telling.name
    from words
    inner join telling on telling.word = words.word
    group by words.payee_key, telling.account, telling.kind, telling.name
    having count(*) >= case telling.kind when 'account' then any_value(telling.n_words) / 2.0 else any_value(telling.n_words) end
),

by_iban as (
    select parties.payee_key, accounts.account, 'iban' as kind, accounts.iban as name
    from parties
    inner join accounts on accounts.iban is not null and starts_with(parties.payee_iban, accounts.iban)
),

found as (
    from by_words
    union all
    from by_iban
),

scored as (
    select *, case kind when 'iban' then 200 when 'owner' then 180 when 'account' then 170 else 160 end as evidence
    from found
)

select
    payee_key,
    account,
    max(evidence) as evidence,
    arg_max(kind, (evidence, name, kind)) as kind,
    arg_max(name, (evidence, name, kind)) as name
from scored
group by payee_key, account
