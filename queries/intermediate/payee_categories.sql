-- One row per payee of whom a person said a category: of the payee itself, or of movements with it.
with choices as (
    select subject, subject_id, value as category from staging.choices where field = 'category'
),

of_payees as (
    select subject_id as payee_key, category from choices where subject = 'payee'
),

of_movements as (
    select try_cast(subject_id as bigint) as id, category from choices where subject = 'transaction'
),

counted as (
    select transactions.payee_key, of_movements.category, count(*) as n_movements
    from staging.transactions as transactions
    inner join of_movements on of_movements.id = transactions.id
    where transactions.payee is not null or transactions.payee_iban is not null or transactions.creditor_id is not null
    group by transactions.payee_key, of_movements.category
),

learned as (
    select
        payee_key,
        arg_max(category, (n_movements, category)) as category,
        max(n_movements) as n_movements,
        sum(n_movements)::bigint as n_said
    from counted
    group by payee_key
    -- What a person sorted both ways teaches nothing.
    having max(n_movements) * 2 > sum(n_movements)
)

select
    coalesce(of_payees.payee_key, learned.payee_key) as payee_key,
    of_payees.category as said_category,
    learned.category as learned_category,
    learned.n_movements,
    learned.n_said
from of_payees
full join learned on learned.payee_key = of_payees.payee_key
