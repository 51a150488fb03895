-- One row per meter that has readings and that the settings do not name.
-- fr: chaque compteur est déclaré dans moisson.toml
with readings as (
    select meter, energy, min(local_day) as first_day, count(*) as n_rows
    from staging.readings
    where not is_declared
    group by meter, energy
)

select
    meter as subject,
    n_rows || ' readings of ' || energy as detail,
    first_day as since
from readings
