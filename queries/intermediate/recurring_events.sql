-- One row per thing that happened to a recurring flow: it started, missed or paused, changed its price, came twice, ended.
with payments as (
    from intermediate.recurring_payments
),

gaps as (
    from intermediate.recurring_gaps
),

recurring as (
    from intermediate.recurring
),

singles as (
    select
        payments.recurring_id,
        payments.transaction_id,
        payments.booked_on,
        payments.slot,
        payments.amount,
        lag(payments.amount) over (partition by payments.recurring_id order by payments.slot) as amount_before
    from payments
    inner join recurring on recurring.recurring_id = payments.recurring_id
    where not recurring.is_variable and not payments.is_double
),

-- Payments of one price in a row; half a percent of it is no other price.
runs as (
    select
        *,
        sum(case when abs(amount - amount_before) <= 0.005 * abs(amount) then 0 else 1 end)
            over (partition by recurring_id order by slot) as run
    from singles
),

prices as (
    select
        recurring_id,
        run,
        count(*) as n_payments,
        min(booked_on) as since,
        arg_min(transaction_id, slot) as transaction_id,
        arg_min(amount, slot) as first_amount,
        arg_max(amount, slot) as last_amount
    from runs
    group by recurring_id, run
),

-- One other amount between two of the old ones (a thirteenth month) is no change of price.
kept_up as (
    from prices
    qualify n_payments > 1 or run = max(run) over (partition by recurring_id)
),

settled as (
    select *, lag(last_amount) over (partition by recurring_id order by run) as amount_before
    from kept_up
),

changed as (
    select
        recurring_id,
        'changed' as kind,
        since as happened_on,
        transaction_id,
        amount_before as amount_from,
        first_amount as amount_to,
        case when abs(first_amount) > abs(amount_before) then '+' else '-' end
            || round(abs(abs(first_amount) / abs(amount_before) - 1) * 100, 1)::decimal(9, 1) || ' %'
            || case when n_payments = 1 then ', seen once so far' else '' end as reason
    from settled
    where amount_before is not null and abs(first_amount - amount_before) > 0.005 * abs(amount_before)
),

left_out as (
    select
        recurring_id,
        case when n_in_a_row > 1 then 'paused' else 'missed' end as kind,
        min(expected_on) as happened_on,
        null::bigint as transaction_id,
        null::decimal(18, 5) as amount_from,
        null::decimal(18, 5) as amount_to,
        case when n_in_a_row > 1 then n_in_a_row || ' payments left out, until ' || max(expected_on)
            else 'no payment around this day' end as reason
    from gaps
    group by recurring_id, n_in_a_row, first_slot
    having not bool_and(is_habit)
),

late as (
    select
        recurring_id,
        'missed' as kind,
        due_on as happened_on,
        null::bigint as transaction_id,
        null::decimal(18, 5) as amount_from,
        null::decimal(18, 5) as amount_to,
        'expected, and movements are known until ' || seen_until as reason
    from recurring
    where state = 'late'
),

doubled as (
    select
        recurring_id,
        'double' as kind,
        booked_on as happened_on,
        transaction_id,
        amount as amount_from,
        amount as amount_to,
        'a second payment for ' || expected_on as reason
    from payments
    where is_double
),

-- Where the account's own movements begin, everything begins: that is no start.
started as (
    select
        recurring.recurring_id,
        'started' as kind,
        recurring.first_on as happened_on,
        payments.transaction_id,
        null::decimal(18, 5) as amount_from,
        payments.amount as amount_to,
        'the first of ' || recurring.payment_count || ' payments' as reason
    from recurring
    inner join payments
        on payments.recurring_id = recurring.recurring_id and payments.booked_on = recurring.first_on and not payments.is_double
    where recurring.first_on - recurring.seen_from > case
        when recurring.unit = 'day' then 2 * recurring.step
        when len(recurring.months_off) > 0 then 366
        else 62 * recurring.step
    end
),

ended as (
    select
        recurring_id,
        'ended' as kind,
        last_on as happened_on,
        last_transaction_id as transaction_id,
        last_amount as amount_from,
        null::decimal(18, 5) as amount_to,
        'the last of ' || payment_count || ' payments; the next was due ' || due_on as reason
    from recurring
    where state = 'ended'
)

from changed
union all
from left_out
union all
from late
union all
from doubled
union all
from started
union all
from ended
