-- One row per bill of energy: what the meter and the tariff say of its period, what is billed, what is debited, and what is left between them.
with energy_bills as (
    from intermediate.energy_bills
),

summed as (
    select
        *,
        round(energy_cost, 2)::decimal(18, 2) as energy_cost_rounded,
        round(standing_cost, 2)::decimal(18, 2) as standing_cost_rounded,
        round(energy_cost + coalesce(standing_cost, 0), 2)::decimal(18, 2) as metered_cost
    from energy_bills
)

select
    summed.bill_id, -- The bill: joins bills.bill_id.
    summed.issuer, -- Supplier.
    summed.contract, -- Contract.
    summed.number, -- The bill's own number.
    summed.issued_on, -- Day of issue.
    summed.period_from, -- First day billed.
    summed.period_to, -- Last day billed, inclusive.
    summed.period_days, -- Days billed.
    summed.energy, -- electricity or gas.
    summed.meter, -- Meter that it is about; null when it cannot be told.
    summed.meter_name, -- Its name.
    summed.meter_method, -- How the meter was found: contract, supplier of the tariff or kind of the bill.
    summed.kwh::decimal(18, 3) as metered_kwh, -- What the meter counted over the period, as far as it was published.
    summed.kwh_peak::decimal(18, 3) as metered_kwh_peak, -- Thereof in peak hours.
    summed.kwh_off_peak::decimal(18, 3) as metered_kwh_off_peak, -- Thereof in off-peak hours.
    summed.periods, -- Consumption and cost by period of the tariff.
    round(summed.cost_peak, 2)::decimal(18, 2) as metered_cost_peak, -- Cost of the peak hours, or of all where there is one price.
    round(summed.cost_off_peak, 2)::decimal(18, 2) as metered_cost_off_peak, -- Cost of the off-peak hours.
    summed.energy_cost_rounded as metered_energy_cost, -- Cost of what was consumed.
    summed.standing_cost_rounded as metered_standing_cost, -- Standing charge of the days billed.
    summed.metered_cost, -- Both together, rounded once.
    summed.total as billed, -- Total of the bill, taxes included.
    summed.billed_kwh, -- Quantity on its lines, when it has lines.
    summed.billed_energy, -- Sum of its lines of consumption.
    summed.billed_standing, -- Sum of its lines of standing charge.
    summed.billed_taxes, -- Sum of its lines of taxes.
    summed.billed_other, -- Sum of its other lines.
    summed.credited, -- Credit notes of the supplier for the same period, negative.
    summed.debited, -- What is surely paid of it.
    (summed.total - summed.metered_cost)::decimal(18, 2) as residual, -- Billed less metered; prices are taken taxes included.
    (summed.billed_kwh - summed.kwh)::decimal(18, 3) as residual_kwh, -- Billed less metered kWh.
    (summed.billed_energy - summed.energy_cost_rounded)::decimal(18, 2) as residual_energy, -- The same for consumption, when the bill has lines.
    (summed.billed_standing - summed.standing_cost_rounded)::decimal(18, 2) as residual_standing, -- The same for the standing charge.
    (summed.total - summed.debited)::decimal(18, 2) as residual_debit, -- Billed less surely paid.
    summed.gap_days, -- Days of the period without all their values.
    summed.missing_intervals, -- Intervals without a value.
    summed.unpriced_intervals, -- Intervals that no tariff prices.
    round(summed.gap_kwh_at_mean, 3)::decimal(18, 3) as gap_kwh_at_mean, -- What the gaps would hold at the mean of the period: an estimate.
    round(summed.gap_cost_at_mean, 2)::decimal(18, 2) as gap_cost_at_mean, -- Its cost: how much of the residual the gaps may explain.
    summed.status, -- Status of the bill: see bills.status.
    summed.currency, -- Currency of the amounts.
    summed.document -- Document that the bill was read from.
from summed
