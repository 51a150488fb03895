-- Energy and its cost, a row a month.
select month, kwh, energy_cost, gas_kwh
from months
order by month desc
limit 12
