-- One row per tariff version and period: the price of a kWh.
with tariff_prices as (
    from household.tariff_prices
)

select
    tariff_id,
    lower(period) as period,
    eur_per_kwh::decimal(18, 6) as eur_per_kwh
from tariff_prices
