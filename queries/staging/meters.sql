-- One row per meter that the settings declare.
with meters as (
    from household.meters
)

select
    meter,
    min(name) as name,
    min(energy) as energy,
    min(contract) as contract
from meters
group by meter
