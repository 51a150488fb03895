-- One row per balance that a document states, as it stands at the end of its day.
with balances as (
    from landing.balances
),

aliases as (
    select alias, min(account) as account from household.account_aliases group by alias
)

select
    coalesce(aliases.account, balances.account) as account,
    -- An opening balance is the one of the evening before.
    case when balances.kind = 'opening' then balances.stated_on - 1 else balances.stated_on end as stated_on,
    balances.kind,
    balances.amount,
    balances.currency,
    balances.document
from balances
left join aliases on aliases.alias = balances.account
