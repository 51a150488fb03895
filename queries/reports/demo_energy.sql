-- One row per month, the last ones, with energy and its cost.
-- fr: mois | élec. kWh | élec. € | gaz kWh | gaz € | manquants
select
    strftime(months.month, '%Y-%m') as month,
    cast(months.electricity_kwh as decimal(18, 1)) as electricity_kwh,
    cast(months.electricity_cost as decimal(18, 2)) as electricity_eur,
    cast(months.gas_kwh as decimal(18, 1)) as gas_kwh,
    cast(months.gas_cost as decimal(18, 2)) as gas_eur,
    months.missing_intervals as missing
from months
where months.electricity_kwh is not null
order by months.month desc
limit 12
