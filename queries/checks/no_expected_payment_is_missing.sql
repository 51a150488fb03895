-- One row per payment of a recurring flow that was expected within the last sixty days and is not among the movements.
-- fr: aucun paiement attendu ne manque
with recurring as (
    from intermediate.recurring
),

recurring_events as (
    from intermediate.recurring_events where kind = 'missed'
)

select
    concat_ws(' ', recurring.payee, 'on', recurring.account) as subject,
    recurring.usual_amount::decimal(18, 2) || ' ' || recurring.currency || ', ' || recurring.period || ', last seen on '
    || recurring.last_on as detail,
    recurring_events.happened_on as since,
    recurring.recurring_id,
    recurring.score
from recurring_events
inner join recurring on recurring.recurring_id = recurring_events.recurring_id
where recurring_events.happened_on >= recurring.seen_until - 60
    -- A flow that was never sure is no debt.
    and recurring.score >= 0.8
