-- One row per measured interval of a meter, with the meter under the name that the settings give it.
with readings as (
    from landing.readings
),

meters as (
    from household.meters
),

-- A document may call a meter by the name that the settings give it, when it has that name alone.
names as (
    select name, min(meter) as meter from meters where name is not null group by name having count(*) = 1
)

select
    readings.id,
    coalesce(meters.meter, names.meter, readings.meter) as meter,
    coalesce(meters.name, readings.meter) as meter_name,
    readings.series,
    readings.energy,
    readings.started_at,
    readings.started_local,
    readings.length_s,
    readings.local_day,
    case when readings.unit = 'Wh' then readings.value * 0.001 when readings.unit = 'kWh' then readings.value end
        ::decimal(18, 6) as kwh,
    case when readings.unit = 'm3' then readings.value end as volume_m3,
    readings.value is not null as has_value,
    readings.unit,
    readings.quality,
    upper(readings.register) as register,
    coalesce(meters.meter, names.meter) is not null as is_declared,
    readings.document,
    readings.row_pointer,
    readings.source,
    readings.learned_at
from readings
left join meters on meters.meter = readings.meter
left join names on names.name = readings.meter
