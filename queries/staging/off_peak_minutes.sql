-- One row per stretch of cheap minutes of a tariff version, on a scale of two days so that nights are whole.
with windows as (
    select tariff_id, from_minute, to_minute from household.tariff_off_peak
    union all
    -- Tempo has the same cheap hours everywhere: 22:00 to 06:00.
    select tariffs.tariff_id, 1320 as from_minute, 360 as to_minute
    from household.tariffs as tariffs
    where tariffs.kind = 'tempo'
        and tariffs.tariff_id not in (select tariff_id from household.tariff_off_peak)
),

-- A window that ends before it starts crosses midnight.
whole as (
    select
        tariff_id,
        from_minute,
        case when to_minute <= from_minute then to_minute + 1440 else to_minute end as to_minute
    from windows
)

select
    whole.tariff_id,
    whole.from_minute + shifts.shift as from_minute,
    whole.to_minute + shifts.shift as to_minute
from whole
cross join (values (-1440), (0), (1440)) as shifts(shift)
