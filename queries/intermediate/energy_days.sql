-- One row per meter, series and calendar day between its first and last reading, with what is missing.
with intervals as (
    from intermediate.energy_intervals where length_s <= 90000
),

days as (
    from intermediate.days
),

tariffs as (
    from staging.tariffs
),

meters as (
    select
        meter,
        series,
        any_value(meter_name) as meter_name,
        any_value(energy) as energy,
        min(local_day) as first_day,
        max(local_day) as last_day
    from intervals
    group by meter, series
),

sums as (
    select
        meter,
        series,
        local_day,
        sum(kwh) as kwh,
        sum(kwh * (1 - off_peak_share)) filter (where peak_period <> 'base') as kwh_hp,
        sum(kwh * off_peak_share) filter (where peak_period <> 'base') as kwh_hc,
        sum(kwh * (1 - off_peak_share) * peak_price) filter (where off_peak_share < 1) as cost_hp,
        sum(kwh * off_peak_share * off_peak_price) filter (where off_peak_share > 0) as cost_hc,
        sum(length_s) filter (where kwh is not null) as covered_s,
        count(*) filter (where kwh is not null) as interval_count,
        count(*) filter (where
            kwh is not null and series = 'consumption' and (
                off_peak_share is null
                or (off_peak_share < 1 and peak_price is null)
                or (off_peak_share > 0 and off_peak_price is null)
            )
        ) as unpriced_count,
        -- Steps may change within a day; the shortest one counts what is missing.
        min(length_s) as step_s,
        max(length_s) as longest_s
    from intervals
    group by meter, series, local_day
),

calendar as (
    select
        meters.*,
        days.day,
        days.length_s as day_s
    from meters
    inner join days on days.day between meters.first_day and meters.last_day
),

stepped as (
    select
        calendar.meter,
        calendar.meter_name,
        calendar.energy,
        calendar.series,
        calendar.day,
        sums.kwh,
        sums.kwh_hp,
        sums.kwh_hc,
        sums.cost_hp,
        sums.cost_hc,
        coalesce(sums.covered_s, 0)::bigint as covered_s,
        coalesce(sums.interval_count, 0) as interval_count,
        coalesce(sums.unpriced_count, 0) as unpriced_count,
        -- A day without any row is measured by the steps of the day before.
        coalesce(sums.step_s, last_value(sums.step_s ignore nulls) over earlier) as step_s,
        case when sums.longest_s >= 82800 then sums.longest_s else calendar.day_s end as expected_s
    from calendar
    left join sums
        on sums.meter = calendar.meter
        and sums.series = calendar.series
        and sums.local_day = calendar.day
    window earlier as (
        partition by calendar.meter, calendar.series
        order by calendar.day
        rows between unbounded preceding and 1 preceding
    )
)

select
    stepped.meter,
    stepped.meter_name,
    stepped.energy,
    stepped.series,
    stepped.day,
    stepped.kwh,
    stepped.kwh_hp,
    stepped.kwh_hc,
    stepped.cost_hp,
    stepped.cost_hc,
    -- What no tariff prices has no cost, rather than a cost of nothing.
    case when coalesce(stepped.cost_hp, stepped.cost_hc) is not null
        then coalesce(stepped.cost_hp, 0) + coalesce(stepped.cost_hc, 0) end as energy_cost,
    case when stepped.series = 'consumption' then
        tariffs.standing_eur_per_year / 365 end::decimal(18, 6) as standing_cost,
    tariffs.name as tariff_name,
    tariffs.kind as tariff_kind,
    stepped.expected_s,
    stepped.covered_s,
    stepped.step_s,
    stepped.interval_count,
    ceil(greatest(0, stepped.expected_s - stepped.covered_s) / least(stepped.step_s, stepped.expected_s))::bigint
        as missing_count,
    stepped.unpriced_count
from stepped
left join tariffs
    on tariffs.meter = stepped.meter
    and stepped.day >= tariffs.valid_from
    and stepped.day < tariffs.valid_to
