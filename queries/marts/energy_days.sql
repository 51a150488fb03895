-- One row per meter, series and day, with kWh, cost and what is missing.
with days as (
    from intermediate.energy_days
),

costed as (
    select
        meter,
        meter_name,
        energy,
        series,
        day,
        kwh::decimal(18, 6) as kwh,
        kwh_hp::decimal(18, 6) as kwh_hp,
        kwh_hc::decimal(18, 6) as kwh_hc,
        energy_cost::decimal(18, 6) as energy_cost,
        cost_hp::decimal(18, 6) as cost_hp,
        cost_hc::decimal(18, 6) as cost_hc,
        standing_cost,
        (energy_cost + coalesce(standing_cost, 0))::decimal(18, 6) as cost_eur,
        tariff_name,
        expected_s,
        covered_s,
        step_s,
        interval_count,
        missing_count,
        unpriced_count
    from days
)

select
    costed.meter, -- Meter.
    costed.meter_name, -- Name of the meter.
    costed.energy, -- electricity, gas, water or heat.
    costed.series, -- consumption or production.
    costed.day, -- Calendar day on the meter's clock; a gas day starts at 06:00.
    costed.kwh, -- Energy of the day in kWh, as far as it was published; null when nothing was.
    costed.kwh_hp, -- Part of it in peak hours.
    costed.kwh_hc, -- Part of it in cheap hours.
    costed.energy_cost, -- Cost of the priced energy in euros, without the standing charge.
    costed.cost_hp, -- Part of that cost at the base or peak price.
    costed.cost_hc, -- Part of that cost at the cheap price.
    costed.standing_cost, -- Standing charge of one day: the yearly charge over 365.
    costed.cost_eur, -- Energy and standing charge together.
    costed.tariff_name, -- Version of the tariff that is valid on this day.
    costed.expected_s, -- Length of the day in seconds: 82,800 or 90,000 when clocks change.
    costed.covered_s, -- Seconds for which there is a value.
    costed.step_s, -- Length of one interval in seconds.
    costed.interval_count, -- Intervals with a value.
    costed.missing_count, -- Intervals without a value.
    costed.unpriced_count -- Intervals with a value that no tariff prices.
from costed
