-- One row per measured interval of a meter that counts, with its tariff period and its cost.
with intervals as (
    from intermediate.energy_intervals
),

costed as (
    select
        intervals.*,
        case
            when off_peak_share = 0 then peak_period
            when off_peak_share = 1 then off_peak_period
            when off_peak_share is not null then peak_period || '+' || off_peak_period
        end as period,
        case
            when off_peak_share = 0 then peak_price
            when off_peak_share = 1 then off_peak_price
            else peak_price * (1 - off_peak_share) + off_peak_price * off_peak_share
        end::decimal(18, 6) as eur_per_kwh
    from intervals
),

explained as (
    select
        costed.*,
        (kwh * eur_per_kwh)::decimal(18, 6) as cost_eur,
        case
            when series <> 'consumption' then null
            when kwh is null then 'no value was published'
            when tariff_id is null then 'no tariff covers this day'
            when off_peak_share is null then 'the reading is longer than a tariff period'
            when period is null then 'the colour of the day is unknown'
            when eur_per_kwh is null then 'the tariff has no price for this period'
        end as no_cost_because
    from costed
)

select
    explained.id as interval_id, -- Identifier of the reading.
    explained.meter, -- Meter.
    explained.meter_name, -- Name of the meter.
    explained.energy, -- electricity, gas, water or heat.
    explained.series, -- consumption or production.
    explained.started_at, -- Start of the interval, UTC.
    explained.started_local, -- Start of the interval on the meter's wall clock.
    explained.local_day, -- Calendar day that it belongs to.
    explained.length_s, -- Length in seconds of elapsed time.
    explained.kwh, -- Energy in kWh; null when the source has no value.
    explained.quality, -- measured, corrected, estimated or missing.
    explained.tariff_name, -- Version of the tariff that is valid on this day.
    explained.period, -- base, hp, hc, or the Tempo colour with hp or hc; both with + when it lies in two.
    explained.off_peak_share, -- Share of the interval within cheap hours, from 0 to 1, by time.
    explained.eur_per_kwh, -- Price of a kWh in this interval.
    explained.cost_eur, -- Energy times price, without the standing charge; null when it cannot be known.
    explained.no_cost_because, -- Why there is no cost.
    explained.source, -- Source of the settings that it came by.
    explained.document, -- Document that it was read from.
    explained.row_pointer -- Where in the document it stands.
from explained
