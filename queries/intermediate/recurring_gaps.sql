-- One row per payment that a recurring flow leaves out between two others, and whether it always does at that time of the year.
with payments as (
    from intermediate.recurring_payments where not is_double
),

steps as (
    select
        recurring_id,
        slot,
        lag(slot) over (partition by recurring_id order by slot) as slot_before,
        unit,
        step,
        phase,
        day_of_month
    from payments
),

missing as (
    select
        recurring_id,
        unnest(range(slot_before::bigint + 1, slot::bigint)) as slot,
        slot - slot_before - 1 as n_in_a_row,
        slot_before + 1 as first_slot,
        unit,
        step,
        phase,
        day_of_month
    from steps
    where slot > slot_before + 1
),

placed as (
    select
        *,
        slot * step + phase as tick,
        case when unit = 'month' then (slot * step + phase) % 12 + 1 end as month_of_year
    from missing
),

paid_months as (
    select distinct recurring_id, month(make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1)) as month_of_year
    from payments
    where unit = 'month'
)

select
    placed.recurring_id,
    placed.slot,
    placed.first_slot,
    placed.n_in_a_row,
    case when placed.unit = 'day' then date '1970-01-05' + placed.tick::integer
        else least(
            make_date((placed.tick // 12)::integer, placed.month_of_year::integer, 1) + placed.day_of_month::integer - 1,
            last_day(make_date((placed.tick // 12)::integer, placed.month_of_year::integer, 1))
        )
    end as expected_on,
    placed.month_of_year,
    -- Two holidays in a row, or the same month in two years, and never a payment in it.
    placed.month_of_year is not null
        and paid_months.recurring_id is null
        and (
            max(placed.n_in_a_row) over (partition by placed.recurring_id, placed.month_of_year) > 1
            or count(*) over (partition by placed.recurring_id, placed.month_of_year) > 1
        ) as is_seasonal,
    -- The same gap, year after year, is no news.
    placed.month_of_year is not null
        and paid_months.recurring_id is null
        and count(*) over (partition by placed.recurring_id, placed.month_of_year) > 1 as is_habit
from placed
left join paid_months
    on paid_months.recurring_id = placed.recurring_id and paid_months.month_of_year = placed.month_of_year
