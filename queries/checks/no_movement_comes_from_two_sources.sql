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
)

select
    pairs.account || ' and ' || pairs.other_account as subject,
    pairs.n_alike || ' equal movements, the first: ' || pairs.example as detail,
    pairs.first_day as since,
    pairs.n_alike,
    pairs.last_day
from pairs
where pairs.n_alike > 1
