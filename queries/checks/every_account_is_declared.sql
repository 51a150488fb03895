-- One row per account that has movements and that the settings do not name.
-- fr: chaque compte est déclaré dans moisson.toml
with transactions as (
    select account, min(booked_on) as first_day, count(*) as n_rows, min(document) as document
    from staging.transactions
    group by account
),

accounts as (
    from staging.accounts where is_declared
)

select
    transactions.account as subject,
    transactions.n_rows || ' movements' as detail,
    transactions.first_day as since,
    transactions.document
from transactions
where transactions.account not in (select account from accounts)
