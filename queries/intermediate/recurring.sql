-- One row per flow of money that recurs, with its day, its amounts, and what comes next.
with payments as (
    from intermediate.recurring_payments
),

gaps as (
    from intermediate.recurring_gaps
),

transactions as not materialized (
    from staging.transactions
),

counterparties as (
    from intermediate.counterparties
),

settings as (
    from staging.settings
),

-- What no document covers yet cannot be late.
accounts as (
    select account, min(booked_on) as seen_from, max(booked_on) as seen_until
    from transactions
    where (is_counted or status = 'pending')
    group by account
),

latest as (
    select *
    from payments
    where not is_double
    qualify row_number() over (partition by recurring_id order by slot desc) <= 6
),

recent as (
    select
        recurring_id,
        arg_max(amount, slot) as last_amount,
        quantile_disc(amount, 0.5) as middle_amount,
        arg_min(amount, abs(amount)) as least_amount,
        arg_max(amount, abs(amount)) as most_amount
    from latest
    group by recurring_id
),

flows as (
    select
        recurring_id,
        any_value(account) as account,
        any_value(party) as party,
        any_value(currency) as currency,
        mode(kind) as kind,
        any_value(period) as period,
        any_value(unit) as unit,
        any_value(step) as step,
        any_value(phase) as phase,
        any_value(tolerance) as tolerance,
        any_value(day_of_month) as day_of_month,
        any_value(breadth) as breadth,
        any_value(is_variable) as is_variable,
        any_value(score) as score,
        min(booked_on) as first_on,
        max(booked_on) as last_on,
        max(slot) filter (where not is_double) as last_slot,
        arg_max(transaction_id, (booked_on, transaction_id)) as last_transaction_id,
        count(*) as payment_count,
        max(abs(booked_on - expected_on)) as most_days_off,
        bool_or(isodow(booked_on) > 5) as is_paid_at_weekends,
        avg(booked_on - expected_on) as days_off,
        arg_min(amount, abs(amount)) as least_amount,
        arg_max(amount, abs(amount)) as most_amount
    from payments
    group by recurring_id
),

missed as (
    select
        recurring_id,
        count(*) filter (where not is_seasonal) as missed_count,
        list_sort(list_distinct(list(month_of_year) filter (where is_seasonal))) as months_off
    from gaps
    group by recurring_id
),

-- The next slots, without the months in which nothing is ever paid.
ahead as (
    select
        flows.recurring_id,
        flows.unit,
        flows.day_of_month,
        coalesce(missed.missed_count, 0) as missed_count,
        coalesce(missed.months_off, []) as months_off,
        unnest(range((flows.last_slot + 1)::bigint, (flows.last_slot + 14)::bigint)) * flows.step + flows.phase as tick
    from flows
    left join missed on missed.recurring_id = flows.recurring_id
),

ahead_on as (
    select
        recurring_id,
        case when unit = 'day' then date '1970-01-05' + tick::integer
            else least(
                make_date((tick // 12)::integer, (tick % 12 + 1)::integer, 1) + day_of_month::integer - 1,
                last_day(make_date((tick // 12)::integer, (tick % 12 + 1)::integer, 1))
            )
        end as expected_on
    from ahead
    where unit = 'day' or not list_contains(months_off, tick % 12 + 1)
),

coming as (
    select recurring_id, list(expected_on order by expected_on) as days
    from ahead_on
    group by recurring_id
),

known as (
    select
        flows.*,
        recent.last_amount,
        case when flows.is_variable then recent.middle_amount else recent.last_amount end as usual_amount,
        case when flows.is_variable then recent.least_amount else recent.last_amount end as next_least,
        case when flows.is_variable then recent.most_amount else recent.last_amount end as next_most,
        accounts.seen_from,
        least(accounts.seen_until, settings.today) as seen_until,
        coming.days[1] as due_on,
        case
            when flows.step > 6 and flows.unit = 'month' then coming.days[1] + 45
            when flows.step = 1 or flows.unit = 'day' then coming.days[2]
            else coming.days[1] + 31
        end as given_up_on,
        coalesce(missed.missed_count, 0) as missed_count,
        coalesce(missed.months_off, []) as months_off
    from flows
    inner join recent on recent.recurring_id = flows.recurring_id
    inner join accounts on accounts.account = flows.account
    inner join coming on coming.recurring_id = flows.recurring_id
    left join missed on missed.recurring_id = flows.recurring_id
    cross join settings
),

judged as (
    select
        *,
        case
            when given_up_on + tolerance < seen_until then 'ended'
            when due_on + tolerance < seen_until then 'late'
            else 'active'
        end as state,
        -- Who never pays at week-ends pays on the working day after, or before when that is the habit.
        case
            when is_paid_at_weekends or payment_count < 4 or isodow(due_on) < 6 then due_on
            when days_off > -0.7 then due_on + (8 - isodow(due_on))::integer
            else due_on - (isodow(due_on) - 5)::integer
        end as next_on
    from known
)

select
    judged.recurring_id,
    judged.account,
    case when judged.last_amount < 0 then 'out' else 'in' end as direction,
    coalesce(counterparties.person_name, counterparties.own_account_name, transactions.payee, transactions.clean_label) as payee,
    transactions.payee_key,
    counterparties.person_id,
    transactions.creditor_id,
    transactions.mandate,
    counterparties.own_account is not null as is_own_account,
    judged.kind,
    judged.period,
    judged.unit,
    judged.step,
    judged.tolerance,
    case when judged.unit = 'month' then judged.day_of_month else isodow(judged.due_on) end::integer as day,
    judged.months_off,
    judged.usual_amount,
    judged.least_amount,
    judged.most_amount,
    judged.last_amount,
    judged.currency,
    judged.is_variable,
    judged.first_on,
    judged.last_on,
    judged.payment_count,
    judged.missed_count,
    judged.seen_from,
    judged.seen_until,
    judged.due_on,
    case when judged.state <> 'ended' then judged.next_on end as next_expected_on,
    case when judged.state <> 'ended' then judged.usual_amount end as next_expected_amount,
    case when judged.state <> 'ended' then judged.next_least end as next_expected_least,
    case when judged.state <> 'ended' then judged.next_most end as next_expected_most,
    judged.state,
    split_part(judged.party, ':', 1) || case judged.breadth when 1 then '' when 2 then ' and amounts alike' else ' and amount' end
        as method,
    judged.score::decimal(4, 3) as score,
    judged.payment_count || ' payments, ' || judged.period
        || case when judged.unit = 'month' and judged.day_of_month = 31 then ' on the last day of the month'
            when judged.unit = 'month' then ' on day ' || judged.day_of_month else '' end
        || case when judged.most_days_off > 0 then ', at most ' || judged.most_days_off || ' days off' else '' end
        || case when judged.is_variable then ', amounts from ' || judged.least_amount::decimal(18, 2) || ' to ' || judged.most_amount::decimal(18, 2)
            else ', the last ' || judged.last_amount::decimal(18, 2) end
        || case when judged.missed_count > 0 then ', ' || judged.missed_count || ' missed' else '' end as reason,
    judged.last_transaction_id
from judged
inner join transactions on transactions.id = judged.last_transaction_id
left join counterparties on counterparties.payee_key = transactions.payee_key
