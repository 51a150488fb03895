-- One row per movement whose balance before it is the balance after no other movement of the account.
-- fr: le solde de chaque compte découle de ses mouvements
with transactions as (
    from staging.transactions where status = 'booked' and balance_after is not null
),

opened as (
    select
        account,
        currency,
        booked_on,
        raw_label,
        amount,
        balance_after,
        balance_after - amount as balance_before,
        min(booked_on) over (partition by account, currency) as first_day,
        document,
        row_pointer
    from transactions
),

reached as (
    select account, currency, balance_after as balance, min(booked_on) as first_day
    from transactions
    group by account, currency, balance_after
),

followed as (
    select
        opened.*,
        reached.balance is not null and reached.first_day <= opened.booked_on as is_followed
    from opened
    left join reached
        on reached.account = opened.account
        and reached.currency = opened.currency
        and reached.balance = opened.balance_before
),

-- Where a bank repeats one balance on every row, the balances do not run and say nothing.
running as (
    select account, currency
    from followed
    group by account, currency
    having count(*) filter (where is_followed) >= 0.8 * (count(*) - 1)
)

select
    followed.account as subject,
    'before ' || followed.raw_label || ' the balance was ' || followed.balance_before::decimal(18, 2) || ' '
    || followed.currency || ', which no movement leads to' as detail,
    followed.booked_on as since,
    followed.amount,
    followed.balance_after,
    followed.document,
    followed.row_pointer
from followed
inner join running on running.account = followed.account and running.currency = followed.currency
where not followed.is_followed and followed.booked_on > followed.first_day
