-- One row per movement that two accounts hold alike on the same days: one account imported twice under two names?
-- fr: aucun mouvement ne vient de deux sources
with transactions as (
    from staging.transactions where status = 'booked'
),

facts as (
    select account, booked_on, amount, currency, raw_label, count(*) as n_rows
    from transactions
    group by account, booked_on, amount, currency, raw_label
),

-- To the letter on one day, or the same payee and amount a day apart, where another bank's words stand in the label.
named as (
    select account, booked_on, amount, currency, upper(coalesce(payee, clean_label)) as payee
    from transactions
    group by all
),

near as (
    select account, booked_on, booked_on + unnest([-1, 0, 1]) as near_on, amount, currency, payee
    from named
),

pairs as (
    select
        a.account as account,
        b.account as other_account,
        count(*) as n_alike,
        min(a.booked_on) as first_day,
        max(a.booked_on) as last_day,
        any_value(a.raw_label order by a.booked_on) as example
    from facts as a
    inner join facts as b
        on b.booked_on = a.booked_on
        and b.amount = a.amount
        and b.currency = a.currency
        and b.raw_label = a.raw_label
        and b.account > a.account
    group by a.account, b.account
    having count(*) > 1
),

alike as (
    select
        a.account as account,
        b.account as other_account,
        count(distinct (a.booked_on, a.amount, a.payee)) as n_alike,
        min(a.booked_on) as first_day,
        max(a.booked_on) as last_day,
        any_value(a.payee order by a.booked_on) as example
    from near as a
    inner join named as b
        on b.booked_on = a.near_on
        and b.amount = a.amount
        and b.currency = a.currency
        and b.payee = a.payee
        and b.account > a.account
    group by a.account, b.account
    having count(*) > 4
),

-- Two accounts of one household buy at the same shops now and then; one account under two names does nothing else.
suspected as (
    select alike.*
    from alike
    where 2 * alike.n_alike > (
        select least(
            count(*) filter (where named.account = alike.account),
            count(*) filter (where named.account = alike.other_account)
        )
        from named
        where named.booked_on between alike.first_day and alike.last_day
    )
),

found as (
    from pairs
    union all
    select suspected.*
    from suspected
    where (suspected.account, suspected.other_account) not in (select (account, other_account) from pairs)
)

select
    found.account || ' and ' || found.other_account as subject,
    found.n_alike || ' equal movements, the first: ' || found.example as detail,
    found.first_day as since,
    found.n_alike,
    found.last_day
from found
