-- One row per calendar month, category and currency: what went out and came in, booked, transfers between own accounts left out.
with transactions as (
    from main.transactions where status in ('booked', 'vanished') and category is distinct from 'transfers.own' and not is_own_account
),

categories as (
    from staging.categories
),

summed as (
    select
        date_trunc('month', coalesce(purchased_on, booked_on))::date as month,
        category,
        currency,
        -coalesce(sum(amount) filter (where amount < 0), 0) as went_out,
        coalesce(sum(amount) filter (where amount > 0), 0) as came_in,
        count(*) as transaction_count
    from transactions
    group by all
)

select
    summed.month, -- First day of the month, by the day of the purchase when it is known.
    summed.category, -- Code of the category: joins categories.category; null for what nothing sorts.
    categories.name as category_name, -- Name of the category in the household's language.
    categories.parent, -- Category that it is part of; null for the first level.
    summed.currency, -- Currency of the amounts.
    summed.went_out, -- What was paid, positive.
    summed.came_in, -- What was received or given back.
    summed.transaction_count -- Movements that were counted.
from summed
left join categories on categories.category = summed.category
