-- One row per meter, series and day of which something was published: kWh and cost.
select
    energy_days.meter,
    energy_days.meter_name,
    energy_days.energy,
    energy_days.series,
    energy_days.day,
    round(energy_days.kwh, 2)::decimal(18, 2) as kwh,
    round(energy_days.cost_eur, 2)::decimal(18, 2) as cost_eur,
    energy_days.missing_count,
    energy_days.unpriced_count
from energy_days
where energy_days.kwh is not null
order by energy_days.day, energy_days.meter, energy_days.series
