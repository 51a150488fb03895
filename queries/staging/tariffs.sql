-- One row per version of a meter's tariff.
with tariffs as (
    from household.tariffs
)

select
    tariffs.tariff_id,
    tariffs.meter,
    tariffs.name,
    case when tariffs.kind = 'hphc' then 'hp_hc' else tariffs.kind end as kind,
    tariffs.valid_from,
    coalesce(tariffs.valid_to, date '9999-12-31') as valid_to,
    tariffs.standing_eur_per_year::decimal(18, 5) as standing_eur_per_year
from tariffs
