-- One row per thing that happened to a recurring flow: a start, a missed or doubled payment, a pause, a change of price, an end.
with recurring_events as (
    from intermediate.recurring_events
),

recurring as (
    from intermediate.recurring
),

joined as (
    select
        recurring_events.*,
        recurring.payee,
        recurring.person_id,
        recurring.account,
        recurring.period,
        recurring.currency
    from recurring_events
    inner join recurring on recurring.recurring_id = recurring_events.recurring_id
)

select
    joined.recurring_id, -- The flow: joins recurring.recurring_id.
    joined.kind, -- started, missed, paused, changed (its price), double or ended.
    joined.happened_on, -- Day of the payment, or day on which one was expected.
    joined.payee, -- Who is paid or pays.
    joined.person_id, -- That person or organisation, when it is known: joins people.person_id.
    joined.account, -- Account that is moved.
    joined.period, -- How often the flow recurs.
    joined.amount_from, -- Price before a change.
    joined.amount_to, -- Price after a change; negative when it goes out.
    joined.currency, -- Currency of the amounts.
    joined.transaction_id, -- The movement, when there is one: joins transactions.transaction_id.
    joined.reason -- What was seen, in words.
from joined
