-- One row per bill and bank movement of exactly its amount, within the months in which it may be paid.
with bills as (
    select
        id as bill_id,
        currency,
        (total * 100)::bigint as cents,
        paid_on,
        coalesce(due_on, issued_on) as due_on,
        issued_on,
        least(issued_on, coalesce(due_on, issued_on), coalesce(paid_on, issued_on)) - 20 as first_day,
        greatest(issued_on, coalesce(due_on, issued_on), coalesce(paid_on, issued_on)) + 130 as last_day
    from staging.bills
    where total <> 0
),

transactions as not materialized (
    from staging.transactions where status <> 'cancelled'
),

-- A movement may state what it was in the currency of the bill.
movements as (
    select
        id,
        payee_key,
        booked_on,
        currency,
        (-amount * 100)::bigint as cents,
        false as is_foreign,
        date_diff('day', date '2000-01-01', booked_on) // 64 as stretch
    from transactions
    union all
    select
        id,
        payee_key,
        booked_on,
        original_currency as currency,
        (-sign(amount) * abs(original_amount) * 100)::bigint as cents,
        true as is_foreign,
        date_diff('day', date '2000-01-01', booked_on) // 64 as stretch
    from transactions
    where original_currency <> currency
),

-- Meeting by stretches of days keeps the same amount of every month from meeting all others of ten years.
stretches as (
    select
        *,
        unnest(generate_series(
            date_diff('day', date '2000-01-01', first_day) // 64,
            date_diff('day', date '2000-01-01', last_day) // 64
        )) as stretch
    from bills
),

pairs as (
    select
        stretches.bill_id,
        movements.id as transaction_id,
        movements.payee_key,
        movements.cents,
        movements.is_foreign,
        movements.booked_on - stretches.paid_on as after_paid,
        movements.booked_on - stretches.due_on as after_due,
        movements.booked_on - stretches.issued_on as after_issue
    from movements
    inner join stretches
        on stretches.currency = movements.currency
        and stretches.cents = movements.cents
        and stretches.stretch = movements.stretch
        and movements.booked_on between stretches.first_day and stretches.last_day
)

select
    bill_id,
    transaction_id,
    payee_key,
    cents,
    is_foreign,
    after_paid,
    after_due,
    after_issue,
    -- Near enough to teach who debits for whom.
    coalesce(after_paid, after_due) between -5 and 20 and after_issue >= -5 as is_near
from pairs
