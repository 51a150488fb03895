-- One row per bill of energy for a period: what the meter and the tariff say of it beside what is billed.
with bills as (
    from intermediate.bills where total > 0 and period_from is not null and period_to is not null
),

issuer_words as (
    select id as bill_id, issuer_words from staging.bills
),

meters as (
    from staging.meters
),

tariffs as (
    from staging.tariffs
),

energy_days as (
    from intermediate.energy_days where series = 'consumption'
),

intervals as (
    from intermediate.energy_intervals where series = 'consumption' and length_s <= 90000 and kwh is not null
),

bill_lines as (
    from staging.bill_lines
),

-- Which meter a bill is about: by its contract, by the supplier's name in the tariff, by its kind.
tariff_names as (
    select
        meter,
        valid_from,
        valid_to,
        string_split(regexp_replace(lower(strip_accents(name)), '[^\pL\pN]+', ' ', 'g'), ' ') as words
    from tariffs
),

proposals as (
    select bills.bill_id, meters.meter, 3 as rank, 'contract' as method
    from bills
    inner join meters
        on regexp_replace(upper(meters.contract), '[^A-Z0-9]', '', 'g') = regexp_replace(upper(bills.contract), '[^A-Z0-9]', '', 'g')
    where len(bills.contract) > 3
    union
    select bills.bill_id, tariff_names.meter, 2 as rank, 'supplier of the tariff' as method
    from bills
    inner join issuer_words on issuer_words.bill_id = bills.bill_id
    inner join tariff_names
        on len(issuer_words.issuer_words) > 0
        and list_has_all(tariff_names.words, issuer_words.issuer_words)
        and bills.period_to >= tariff_names.valid_from
        and bills.period_from < tariff_names.valid_to
    union
    select bills.bill_id, meters.meter, 1 as rank, 'kind of the bill' as method
    from bills
    inner join meters on meters.energy = bills.kind
),

best as (
    select *
    from proposals
    qualify rank = max(rank) over (partition by bill_id)
),

-- A kind that several meters have says nothing.
chosen as (
    select bill_id, min(meter) as meter, min(method) as meter_method
    from best
    group by bill_id
    having count(distinct meter) = 1
),

metered as (
    select
        chosen.bill_id,
        any_value(energy_days.meter_name) as meter_name,
        any_value(energy_days.energy) as energy,
        sum(energy_days.kwh) as kwh,
        sum(energy_days.kwh_hp) as kwh_peak,
        sum(energy_days.kwh_hc) as kwh_off_peak,
        sum(energy_days.cost_hp) as cost_peak,
        sum(energy_days.cost_hc) as cost_off_peak,
        sum(energy_days.energy_cost) as energy_cost,
        sum(energy_days.standing_cost) as standing_cost,
        count(*) filter (where energy_days.missing_count > 0) as gap_days,
        count(*) as seen_days,
        sum(energy_days.missing_count)::bigint as missing_intervals,
        sum(energy_days.expected_s)::bigint as expected_s,
        sum(least(energy_days.covered_s, energy_days.expected_s))::bigint as covered_s,
        sum(energy_days.unpriced_count)::bigint as unpriced_intervals
    from chosen
    inner join bills on bills.bill_id = chosen.bill_id
    inner join energy_days
        on energy_days.meter = chosen.meter and energy_days.day between bills.period_from and bills.period_to
    group by chosen.bill_id
),

-- An interval across a boundary of two periods is shared out between them.
shares as (
    select meter, local_day, peak_period as period, kwh * (1 - off_peak_share) as kwh, peak_price as price
    from intervals
    where off_peak_share < 1
    union all
    select meter, local_day, off_peak_period as period, kwh * off_peak_share as kwh, off_peak_price as price
    from intervals
    where off_peak_share > 0
),

period_days as (
    select meter, local_day, period, sum(kwh) as kwh, sum(kwh * price) as cost
    from shares
    group by meter, local_day, period
),

by_period as (
    select
        chosen.bill_id,
        period_days.period,
        sum(period_days.kwh) as kwh,
        sum(period_days.cost) as cost
    from chosen
    inner join bills on bills.bill_id = chosen.bill_id
    inner join period_days
        on period_days.meter = chosen.meter and period_days.local_day between bills.period_from and bills.period_to
    group by chosen.bill_id, period_days.period
),

periods as (
    select
        bill_id,
        list({
            'period': period,
            'kwh': kwh::decimal(18, 3),
            'cost': cost::decimal(18, 2)
        } order by period) as periods
    from by_period
    group by bill_id
),

-- What a line of the bill is about, by its words.
sorted_lines as (
    select
        issuer,
        bill_number,
        amount,
        case when lower(unit) = 'kwh' then quantity when lower(unit) = 'mwh' then quantity * 1000 end as kwh,
        case
            when regexp_matches(lower(strip_accents(label)), '(abonnement|standing|grundpreis|part fixe|prime fixe)') then 'standing'
            when regexp_matches(
                lower(strip_accents(label)), '(taxe|tva|vat|accise|cta|cspe|ticfe|ticgn|contribution|octroi|tax|levy|steuer)'
            ) then 'tax'
            when lower(unit) in ('kwh', 'mwh') or regexp_matches(
                lower(strip_accents(label)), '(consommation|heures|energie|energy|kwh|usage|arbeitspreis|part variable)'
            ) then 'energy'
            else 'other'
        end as component
    from bill_lines
),

lines as (
    select
        issuer,
        bill_number,
        sum(amount) filter (where component = 'energy') as billed_energy,
        sum(amount) filter (where component = 'standing') as billed_standing,
        sum(amount) filter (where component = 'tax') as billed_taxes,
        sum(amount) filter (where component = 'other') as billed_other,
        sum(kwh) filter (where component = 'energy') as billed_kwh
    from sorted_lines
    group by issuer, bill_number
),

-- Credit notes for a part of the same period give back what was billed too much.
credits as (
    select bills.bill_id, sum(credit_notes.total) as credited
    from bills
    inner join intermediate.bills as credit_notes
        on credit_notes.total < 0
        and credit_notes.issuer = bills.issuer
        and credit_notes.contract is not distinct from bills.contract
        and credit_notes.period_from >= bills.period_from
        and credit_notes.period_to <= bills.period_to
    group by bills.bill_id
)

select
    bills.bill_id,
    bills.issuer,
    bills.contract,
    bills.number,
    bills.issued_on,
    bills.period_from,
    bills.period_to,
    bills.period_to - bills.period_from + 1 as period_days,
    bills.currency,
    bills.total,
    bills.debited,
    bills.status,
    bills.document,
    chosen.meter,
    chosen.meter_method,
    metered.meter_name,
    coalesce(metered.energy, meters.energy, bills.kind) as energy,
    metered.kwh,
    metered.kwh_peak,
    metered.kwh_off_peak,
    metered.cost_peak,
    metered.cost_off_peak,
    metered.energy_cost,
    metered.standing_cost,
    coalesce(periods.periods, []) as periods,
    coalesce(metered.gap_days, 0) + greatest(0, bills.period_to - bills.period_from + 1 - coalesce(metered.seen_days, 0)) as gap_days,
    coalesce(metered.missing_intervals, 0) as missing_intervals,
    coalesce(metered.unpriced_intervals, 0) as unpriced_intervals,
    -- What the gaps hold is unknown; at the mean of the rest of the period it would be this.
    case when metered.covered_s > 0 then metered.kwh * (metered.expected_s - metered.covered_s) / metered.covered_s end as gap_kwh_at_mean,
    case when metered.covered_s > 0 then metered.energy_cost * (metered.expected_s - metered.covered_s) / metered.covered_s end
        as gap_cost_at_mean,
    lines.billed_kwh,
    lines.billed_energy,
    lines.billed_standing,
    lines.billed_taxes,
    lines.billed_other,
    credits.credited
from bills
left join chosen on chosen.bill_id = bills.bill_id
left join meters on meters.meter = chosen.meter
left join metered on metered.bill_id = bills.bill_id
left join periods on periods.bill_id = bills.bill_id
left join lines on lines.issuer = bills.issuer and lines.bill_number = bills.number
left join credits on credits.bill_id = bills.bill_id
where chosen.bill_id is not null or bills.kind in ('electricity', 'gas', 'heat')
