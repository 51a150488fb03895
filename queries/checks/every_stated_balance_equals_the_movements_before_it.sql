-- One row per pair of balances that a bank states, between which the movements do not add up.
-- fr: chaque solde annoncé est celui que donnent les mouvements
with balances as (
    select account, currency, stated_on, any_value(amount) as amount
    from staging.balances
    -- The balance of an instant in the middle of a day says nothing of that day.
    where kind <> 'current'
    group by account, currency, stated_on
    having min(amount) = max(amount)
),

transactions as (
    from staging.transactions where is_counted
),

paired as (
    select
        account,
        currency,
        stated_on,
        amount,
        lag(stated_on) over (partition by account, currency order by stated_on) as stated_before,
        lag(amount) over (partition by account, currency order by stated_on) as amount_before
    from balances
),

summed as (
    select
        paired.account,
        paired.currency,
        paired.stated_before,
        paired.stated_on,
        paired.amount_before,
        paired.amount,
        coalesce(sum(transactions.amount), 0) as moved
    from paired
    left join transactions
        on transactions.account = paired.account
        and transactions.currency = paired.currency
        and transactions.booked_on > paired.stated_before
        and transactions.booked_on <= paired.stated_on
    where paired.stated_before is not null
    group by all
)

select
    summed.account as subject,
    'from ' || summed.stated_before || ' to ' || summed.stated_on || ' the balance changed by '
    || (summed.amount - summed.amount_before)::decimal(18, 2) || ' and the movements by '
    || summed.moved::decimal(18, 2) || ' ' || summed.currency as detail,
    summed.stated_before as since,
    (summed.amount - summed.amount_before - summed.moved)::decimal(18, 5) as difference
from summed
where summed.amount_before + summed.moved <> summed.amount
