-- One row per calendar month, with money, calls, energy, events, bills and posts.
with own_ibans as (
    select distinct payee_iban from intermediate.counterparties where own_account is not null
),

own_transfers as (
    select left_id as id from intermediate.transfer_links where is_own and grade <> 'possible' and state <> 'rejected'
    union
    select right_id as id from intermediate.transfer_links where is_own and grade <> 'possible' and state <> 'rejected'
),

-- What came back was neither spent nor earned.
returned as (
    select left_id as id from intermediate.transfer_links where kind = 'refund' and grade = 'sure' and state <> 'rejected'
    union
    select right_id as id from intermediate.transfer_links where kind = 'refund' and grade = 'sure' and state <> 'rejected'
),

movements as (
    select
        date_trunc('month', booked_on)::date as month,
        sum(amount) filter (where amount > 0) as income,
        -sum(amount) filter (where amount < 0) as spending,
        count(*) as transaction_count
    from staging.transactions
    where is_counted
        and currency = coalesce((select currency from staging.settings), 'EUR')
        and (payee_iban is null or payee_iban not in (select payee_iban from own_ibans))
        and id not in (select id from own_transfers)
        and id not in (select id from returned)
    group by 1
),

calls as (
    select
        date_trunc('month', local_day)::date as month,
        count(*) filter (where kind in ('call', 'voicemail')) as call_count,
        sum(duration_s) as call_seconds,
        count(*) filter (where kind in ('sms', 'mms')) as message_count,
        sum(volume_bytes) as data_bytes,
        sum(cost) as call_cost
    from intermediate.calls
    group by 1
),

energy as (
    select
        date_trunc('month', day)::date as month,
        sum(kwh) filter (where energy = 'electricity') as electricity_kwh,
        sum(energy_cost + coalesce(standing_cost, 0)) filter (where energy = 'electricity') as electricity_cost,
        sum(kwh) filter (where energy = 'gas') as gas_kwh,
        sum(energy_cost + coalesce(standing_cost, 0)) filter (where energy = 'gas') as gas_cost,
        sum(missing_count) as missing_intervals
    from intermediate.energy_days
    where series = 'consumption'
    group by 1
),

events as (
    select date_trunc('month', local_day)::date as month, count(*) as event_count
    from intermediate.agenda
    group by 1
),

bills as (
    select date_trunc('month', issued_on)::date as month, count(*) as bill_count, sum(total) as billed
    from intermediate.bills
    where currency = coalesce((select currency from staging.settings), 'EUR')
    group by 1
),

posts as (
    select date_trunc('month', local_day)::date as month, count(*) as post_count
    from staging.posts
    group by 1
),

calendar as (
    select month from movements
    union
    select month from calls
    union
    select month from energy
    union
    select month from events
    union
    select month from bills
    union
    select month from posts
),

joined as (
    select
        calendar.month,
        coalesce(movements.income, 0) as income,
        coalesce(movements.spending, 0) as spending,
        coalesce(movements.income, 0) - coalesce(movements.spending, 0) as saved,
        coalesce(movements.transaction_count, 0) as transaction_count,
        coalesce(calls.call_count, 0) as call_count,
        coalesce(calls.call_seconds, 0)::bigint as call_seconds,
        coalesce(calls.message_count, 0) as message_count,
        coalesce(calls.data_bytes, 0)::bigint as data_bytes,
        coalesce(calls.call_cost, 0) as call_cost,
        energy.electricity_kwh,
        energy.electricity_cost::decimal(18, 5) as electricity_cost,
        energy.gas_kwh,
        energy.gas_cost::decimal(18, 5) as gas_cost,
        coalesce(energy.missing_intervals, 0)::bigint as missing_intervals,
        coalesce(events.event_count, 0) as event_count,
        coalesce(bills.bill_count, 0) as bill_count,
        coalesce(bills.billed, 0) as billed,
        coalesce(posts.post_count, 0) as post_count
    from calendar
    left join movements on movements.month = calendar.month
    left join calls on calls.month = calendar.month
    left join energy on energy.month = calendar.month
    left join events on events.month = calendar.month
    left join bills on bills.month = calendar.month
    left join posts on posts.month = calendar.month
)

select
    joined.month, -- First day of the month.
    joined.income, -- Money that came in, without transfers between own accounts.
    joined.spending, -- Money that went out, as a positive sum, without transfers between own accounts.
    joined.saved, -- Income less spending.
    joined.transaction_count, -- Bank movements counted in both.
    joined.call_count, -- Calls of all lines.
    joined.call_seconds, -- Length of these calls in seconds.
    joined.message_count, -- Messages of all lines.
    joined.data_bytes, -- Mobile data of all lines, in bytes.
    joined.call_cost, -- Cost of communications beyond the plans.
    joined.electricity_kwh, -- Electricity consumed, in kWh, as far as it was published.
    joined.electricity_cost, -- Its cost in euros with the standing charge of the days that have values.
    joined.gas_kwh, -- Gas consumed, in kWh.
    joined.gas_cost, -- Its cost in euros with the standing charge of the days that have values.
    joined.missing_intervals, -- Intervals of any meter without a value.
    joined.event_count, -- Occurrences of events that start in the month.
    joined.bill_count, -- Bills issued in the month.
    joined.billed, -- Their total.
    joined.post_count -- Posts that were published or shared.
from joined
