-- One row per calendar day of the data: how long it lasted on the household's clock.
-- Both instants and wall clocks are stored, so the day of a clock change shows in them.
with readings as (
    from staging.readings
),

communications as (
    from staging.communications
),

-- The offset in the evening of a day; the hours in which clocks change are left out.
seen as (
    select
        (started_local - interval 4 hour)::date as day,
        started_at,
        epoch(started_local) - epoch(started_at) as offset_s
    from readings
    where hour(started_local) >= 4 or hour(started_local) < 1
    union all
    select
        (started_local - interval 4 hour)::date as day,
        started_at,
        epoch(started_local) - epoch(started_at) as offset_s
    from communications
    where hour(started_local) >= 4 or hour(started_local) < 1
),

offsets as (
    select day, arg_max(offset_s, started_at) as offset_s
    from seen
    group by day
),

bounds as (
    select min(local_day) as first_day, max(local_day) as last_day from readings
),

calendar as (
    select unnest(generate_series(first_day - interval 1 day, last_day, interval 1 day))::date as day
    from bounds
    where first_day is not null
),

placed as (
    select calendar.day, offsets.offset_s
    from calendar
    left join offsets on offsets.day = calendar.day
),

around as (
    select
        day,
        offset_s,
        last_value(offset_s ignore nulls) over before as offset_before,
        last_value(case when offset_s is not null then day end ignore nulls) over before as day_before,
        first_value(offset_s ignore nulls) over after as offset_after
    from placed
    window
        before as (order by day rows between unbounded preceding and 1 preceding),
        after as (order by day rows between 1 following and unbounded following)
),

-- Clocks change on Sundays: a change within days without data is put on the first Sunday among them.
filled as (
    select
        day,
        coalesce(
            offset_s,
            case when day - isodow(day)::integer % 7 > day_before then offset_after end,
            offset_before,
            offset_after
        ) as offset_s
    from around
),

measured as (
    select day, offset_s, offset_s - lag(offset_s, 1, offset_s) over (order by day) as change_s
    from filled
)

select
    day,
    (86400 - change_s)::bigint as length_s
from measured
