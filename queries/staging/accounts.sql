-- One row per bank account of the household, declared in the settings or named by a document.
with declared as (
    from household.account_settings
),

aliases as (
    select alias, min(account) as account from household.account_aliases group by alias
),

owners as (
    select
        account_owners.account,
        list(coalesce(members.name, account_owners.owner) order by account_owners.owner) as owners
    from household.account_owners as account_owners
    left join household.members as members on members.member = account_owners.owner
    group by account_owners.account
),

named as (
    select
        coalesce(aliases.account, accounts.account) as account,
        min(accounts.iban) as iban,
        min(accounts.name) as name,
        min(accounts.bank) as bank,
        min(accounts.currency) as currency
    from landing.accounts as accounts
    left join aliases on aliases.alias = accounts.account
    group by 1
)

select
    coalesce(declared.account, named.account) as account,
    coalesce(declared.name, named.name, declared.account, named.account) as account_name,
    coalesce(declared.bank, named.bank) as bank,
    upper(replace(coalesce(declared.iban, named.iban), ' ', '')) as iban,
    named.currency,
    coalesce(owners.owners, []) as owners,
    declared.account is not null as is_declared
from declared
full join named on named.account = declared.account
left join owners on owners.account = coalesce(declared.account, named.account)
