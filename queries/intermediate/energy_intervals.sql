-- One row per measured interval that counts: the finest series of each day, under the tariff period it falls in.
with readings as (
    from staging.readings where series in ('consumption', 'production') and (kwh is not null or not has_value)
),

tariffs as (
    from staging.tariffs
),

off_peak_minutes as (
    from staging.off_peak_minutes
),

tariff_prices as (
    from staging.tariff_prices
),

tariff_days as (
    from staging.tariff_days where calendar = 'tempo'
),

-- A meter may come as a load curve and as daily values too: a day counts once, from the finest series with values.
fine_hours as (
    select meter, series, date_trunc('hour', started_at) as hour_at, min(length_s) as length_s
    from readings
    where length_s < 82800 and has_value
    group by all
),

fine_days as (
    select meter, series, local_day, bool_or(length_s < 82800) as has_curve
    from readings
    where length_s <= 90000 and has_value
    group by all
),

fine_spans as (
    select readings.id
    from readings
    inner join fine_days
        on fine_days.meter = readings.meter
        and fine_days.series = readings.series
        and fine_days.local_day >= readings.local_day
        and fine_days.local_day < readings.local_day + ((readings.length_s + 43200) // 86400)::integer
    where readings.length_s > 90000
    group by readings.id
),

chosen as (
    select readings.*
    from readings
    left join fine_hours
        on fine_hours.meter = readings.meter
        and fine_hours.series = readings.series
        and fine_hours.hour_at = date_trunc('hour', readings.started_at)
    left join fine_days
        on fine_days.meter = readings.meter
        and fine_days.series = readings.series
        and fine_days.local_day = readings.local_day
    where case
        when readings.length_s < 82800
            -- Empty load curve intervals stay as holes unless the day has a daily value.
            then coalesce(fine_days.has_curve, true) and readings.length_s <= coalesce(fine_hours.length_s, readings.length_s)
        when readings.length_s <= 90000 then not coalesce(fine_days.has_curve, false)
        else readings.id not in (select id from fine_spans)
    end
),

priced as (
    select
        chosen.*,
        tariffs.tariff_id,
        tariffs.name as tariff_name,
        tariffs.kind as tariff_kind,
        -- A Tempo day starts at 06:00.
        case when tariffs.kind = 'tempo' then (chosen.started_local - interval 6 hour)::date end as tempo_day,
        hour(chosen.started_local) * 60 + minute(chosen.started_local) as from_minute,
        chosen.length_s / 60.0 as minutes
    from chosen
    left join tariffs
        on tariffs.meter = chosen.meter
        and chosen.local_day >= tariffs.valid_from
        and chosen.local_day < tariffs.valid_to
        and chosen.series = 'consumption'
),

-- The share of cheap minutes depends on the time of day and the length only.
clocks as (
    select distinct tariff_id, from_minute, minutes
    from priced
    where tariff_kind in ('hp_hc', 'tempo') and length_s <= 7200
),

shares as (
    select
        clocks.tariff_id,
        clocks.from_minute,
        clocks.minutes,
        coalesce(sum(greatest(
            0,
            least(clocks.from_minute + clocks.minutes, off_peak_minutes.to_minute)
            - greatest(clocks.from_minute, off_peak_minutes.from_minute)
        )), 0) / clocks.minutes as off_peak_share
    from clocks
    left join off_peak_minutes on off_peak_minutes.tariff_id = clocks.tariff_id
    group by clocks.tariff_id, clocks.from_minute, clocks.minutes
),

shared as (
    select
        priced.*,
        tariff_days.colour,
        case
            when tariff_kind = 'base' then 0
            when tariff_kind in ('hp_hc', 'tempo') and register = 'HC' then 1
            when tariff_kind in ('hp_hc', 'tempo') and register = 'HP' then 0
            else shares.off_peak_share
        end::decimal(9, 6) as off_peak_share
    from priced
    left join shares
        on shares.tariff_id = priced.tariff_id
        and shares.from_minute = priced.from_minute
        and shares.minutes = priced.minutes
    left join tariff_days on tariff_days.day = priced.tempo_day
),

named as (
    select
        shared.*,
        case tariff_kind when 'base' then 'base' when 'hp_hc' then 'hp' when 'tempo' then colour || '_hp' end as peak_period,
        case tariff_kind when 'hp_hc' then 'hc' when 'tempo' then colour || '_hc' end as off_peak_period
    from shared
)

select
    named.id,
    named.meter,
    named.meter_name,
    named.energy,
    named.series,
    named.started_at,
    named.started_local,
    named.local_day,
    named.length_s,
    named.kwh,
    named.quality,
    named.tariff_id,
    named.tariff_name,
    named.tariff_kind,
    named.peak_period,
    named.off_peak_period,
    named.off_peak_share,
    peak.eur_per_kwh as peak_price,
    off_peak.eur_per_kwh as off_peak_price,
    named.document,
    named.row_pointer,
    named.source,
    named.learned_at
from named
left join tariff_prices as peak on peak.tariff_id = named.tariff_id and peak.period = named.peak_period
left join tariff_prices as off_peak on off_peak.tariff_id = named.tariff_id and off_peak.period = named.off_peak_period
