-- One row per meter, month and reason with consumption that no tariff prices.
-- fr: chaque intervalle d'énergie a un prix
with days as (
    from intermediate.energy_days where unpriced_count > 0 and energy in ('electricity', 'gas')
)

select
    any_value(meter_name) as subject,
    sum(unpriced_count)::bigint || ' intervals, ' || sum(kwh)::decimal(18, 2) || ' kWh of their days, '
    || case when any_value(tariff_name) is null then 'no tariff' else 'no price in ' || any_value(tariff_name) end as detail,
    min(day) as since,
    meter,
    max(day) as until,
    sum(unpriced_count)::bigint as unpriced_count
from days
group by meter, date_trunc('month', day), tariff_name
