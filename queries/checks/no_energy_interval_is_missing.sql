-- One row per meter and run of days with intervals that were not published.
-- fr: aucun intervalle d'énergie ne manque
with days as (
    from intermediate.energy_days where missing_count > 0
),

runs as (
    select
        *,
        day - (row_number() over (partition by meter, series order by day))::integer as run
    from days
)

select
    any_value(meter_name) as subject,
    sum(missing_count)::bigint || ' intervals of ' || any_value(series) || ' from ' || min(day) || ' to ' || max(day) as detail,
    min(day) as since,
    meter,
    sum(missing_count)::bigint as missing_count,
    max(day) as until
from runs
group by meter, series, run
