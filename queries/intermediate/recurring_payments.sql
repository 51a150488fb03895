-- One row per bank movement of a flow that recurs, with the slot of its calendar and the day on which it was due.
with transactions as not materialized (
    from staging.transactions
),

counterparties as (
    select payee_key, person_id from intermediate.counterparties where person_id is not null
),

-- Mandate, then person, then IBAN, then the words of the label tell one stream of money from another. A hash of them
-- does to tell streams apart within a refresh; what is shown and kept is made of the words themselves, at the end.
movements as (
    select
        transactions.id,
        transactions.booked_on as day,
        transactions.amount,
        transactions.kind,
        hash(
            transactions.account,
            transactions.currency,
            case
                when transactions.creditor_id is not null then hash(transactions.creditor_id, transactions.mandate)
                else hash(coalesce(
                    counterparties.person_id, transactions.payee_iban, transactions.payee, transactions.clean_label
                ))
            end
        ) as party
    from transactions
    left join counterparties on counterparties.payee_key = transactions.payee_key
    where (transactions.is_counted or transactions.status = 'pending')
        and transactions.amount <> 0
        and transactions.kind not in ('withdrawal', 'cheque')
),

-- Who is paid again and again, and over how long.
spans as (
    select
        party,
        amount < 0 as is_out,
        count(*) as n_rows,
        max(day) - min(day) as n_days
    from movements
    group by party, amount < 0
    having count(*) >= 2 and max(day) - min(day) >= 14
),

-- Days that gather around one day of the year, the month or the week may be a flow's; most shops are seen too
-- often to be looked at.
gathered as (
    select
        movements.party,
        spans.is_out,
        sqrt(avg(cos(dayofyear(day) * 0.0344)) ** 2 + avg(sin(dayofyear(day) * 0.0344)) ** 2) > 0.4
        or sqrt(avg(cos(day(day) * 0.2027)) ** 2 + avg(sin(day(day) * 0.2027)) ** 2) > 0.4
        or sqrt(avg(cos(dayofweek(day) * 0.8976)) ** 2 + avg(sin(dayofweek(day) * 0.8976)) ** 2) > 0.4 as is_regular
    from movements
    inner join spans on spans.party = movements.party and spans.is_out = (movements.amount < 0)
    where spans.n_rows > 4 and spans.n_days >= 6 * (spans.n_rows - 1)
    group by movements.party, spans.is_out
),

streams as (
    select
        spans.party,
        spans.is_out,
        spans.n_rows,
        spans.n_days >= 6 * (spans.n_rows - 1) and (spans.n_rows <= 4 or coalesce(gathered.is_regular, false)) as is_regular
    from spans
    left join gathered on gathered.party = spans.party and gathered.is_out = spans.is_out
),

-- A debit that the bank took back within ten days was no payment, nor was its return.
returned as (
    select debits.id as id, refunds.id as refund_id
    from movements as refunds
    inner join movements as debits
        on debits.party = refunds.party
        and debits.amount = -refunds.amount
        and refunds.day - debits.day between 0 and 10
    where refunds.kind = 'refund' and refunds.amount > 0
    qualify row_number() over (partition by refunds.id order by debits.day desc, debits.id) = 1
),

kept as (
    select
        movements.id,
        movements.day,
        movements.amount,
        movements.kind,
        hash(streams.party, streams.is_out) as stream,
        streams.n_rows,
        streams.is_regular
    from movements
    inner join streams on streams.party = movements.party and streams.is_out = (movements.amount < 0)
    where movements.id not in (select id from returned)
        and movements.id not in (select refund_id from returned)
),

-- Two contracts with one payee: amounts that lie close together, with a gap of a fifth around them.
clustered as (
    select *, sum(is_new) over (partition by stream order by abs(amount), id) as cluster
    from (
        select
            *,
            case when abs(amount) > 1.2 * coalesce(lag(abs(amount)) over (partition by stream order by abs(amount), id), 0)
                then 1 else 0 end as is_new
        from kept
        where n_rows >= 4 and kind <> 'card'
    )
),

repeated as (
    select stream, amount
    from kept
    where n_rows >= 4
    group by stream, amount
    having count(*) >= 4 and max(day) - min(day) >= 6 * (count(*) - 1)
),

-- A stream is looked at as a whole, then by such amounts, then by amounts to the cent.
grouped as (
    select id, day, amount, kind, 1 as breadth, stream as flow
    from kept
    where is_regular
    union all
    select id, day, amount, kind, 2 as breadth, hash(stream, cluster, 'alike') as flow
    from clustered
    union all
    select kept.id, kept.day, kept.amount, kept.kind, 3 as breadth, hash(kept.stream, kept.amount, 'exact') as flow
    from kept
    inner join repeated on repeated.stream = kept.stream and repeated.amount = kept.amount
),

stepped as (
    select
        *,
        day - lag(day) over in_time as gap,
        lag(amount) over in_time as amount_before
    from grouped
    window in_time as (partition by flow order by day, id)
    qualify count(*) over (partition by flow) >= 2
),

-- The middle gap gives the period; the middle day of the month its day, counted on past the month's end where it is crossed.
measured as (
    select
        flow,
        count(*) as n_rows,
        quantile_disc(gap, 0.5) filter (where gap > 3) as gap,
        case when min(day(day)) <= 5 and max(day(day)) >= 26
            then (quantile_disc(case when day(day) < 15 then 31 + day(day) else day(day) end, 0.5) - 1) % 31 + 1
            else quantile_disc(day(day), 0.5)
        end as day_of_month,
        quantile_disc(date_diff('day', date '1970-01-05', day) % 14, 0.5) as day_of_fortnight
    from stepped
    group by flow
),

periods(period, unit, step, least_gap, most_gap, tolerance) as (
    values
        ('weekly', 'day', 7, 6, 8, 2),
        ('fortnightly', 'day', 14, 12, 16, 3),
        ('monthly', 'month', 1, 25, 36, 4),
        ('bimonthly', 'month', 2, 53, 69, 6),
        ('quarterly', 'month', 3, 82, 100, 8),
        ('half-yearly', 'month', 6, 168, 198, 12),
        ('yearly', 'month', 12, 350, 380, 15)
),

-- Months are counted from the day of payment, so that the 31st, the 28th and the 3rd after it stay in their month.
dated as (
    select
        stepped.*,
        periods.period,
        periods.unit,
        periods.step,
        periods.tolerance,
        measured.day_of_month,
        case when periods.unit = 'day'
            then date_diff('day', date '1970-01-05', stepped.day)
            else year(stepped.day - measured.day_of_month::integer + 16) * 12
                + month(stepped.day - measured.day_of_month::integer + 16) - 1
        end as tick
    from stepped
    inner join measured on measured.flow = stepped.flow
    inner join periods on measured.gap between periods.least_gap and periods.most_gap
),

phased as (
    select flow, mode(tick % step) as phase
    from dated
    group by flow
),

slotted as (
    select
        dated.*,
        phased.phase,
        floor((dated.tick - phased.phase + (dated.step - 1) // 2) / dated.step)::integer as slot
    from dated
    inner join phased on phased.flow = dated.flow
),

due as (
    select
        *,
        case when unit = 'day' then date '1970-01-05' + (slot * step + phase)::integer
            else least(
                make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1)
                    + day_of_month::integer - 1,
                last_day(make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1))
            )
        end as expected_on
    from slotted
),

judged as (
    select
        flow,
        any_value(breadth) as breadth,
        any_value(period) as period,
        count(*) as n_rows,
        count(distinct slot) as n_slots,
        max(slot) - min(slot) + 1 as n_expected,
        count(*) filter (where abs(day - expected_on) <= tolerance) / count(*) as on_time,
        count(*) filter (where abs(amount - amount_before) <= 0.005 * abs(amount)) / (count(*) - 1) as same_amount,
        min(abs(amount)) as least_amount,
        max(abs(amount)) as most_amount,
        quantile_disc(amount, 0.5) as usual_amount,
        max(day) - min(day) between 361 and 369 or (bool_or(kind = 'direct_debit') and max(day) - min(day) > 349) as is_yearly,
        bool_or(kind = 'card') as is_card,
        bool_or(kind in ('fee', 'other')) as is_fee,
        bool_or(kind = 'direct_debit') as is_debit
    from due
    group by flow
),

-- What varies must keep its day well; what is paid by card must keep its amount too, for shops are visited often.
accepted as (
    select
        *,
        round(on_time * (0.7 + 0.3 * n_slots / n_expected) * (1 - 0.5 ** (n_slots - 1)), 3) as score
    from judged
    where n_slots >= 0.7 * n_expected
        and n_rows <= 1.2 * n_slots
        and n_slots >= case when period in ('weekly', 'fortnightly') then 6 else 2 end
        and case
            when n_slots = 2 then period = 'yearly' and breadth = 1 and is_yearly
                and most_amount <= case when is_debit then 1.25 when is_card then 1.06 else 1.1 end * least_amount
            when period = 'yearly' then on_time >= 0.75 and breadth < 3 and most_amount <= 1.5 * least_amount
            when same_amount >= 0.5 then on_time >= 0.75
                and n_slots >= case when breadth = 1 and (is_debit or is_fee) then 3 when is_debit or breadth = 1 then 4 else 5 end
            when is_card then n_slots >= 8 and on_time >= 0.9 and most_amount <= 1.6 * least_amount and breadth < 3
            when breadth > 1 then breadth = 2 and n_slots >= 6 and on_time >= 0.9
            else on_time >= 0.8 and n_slots >= case when is_debit then 3 else 5 end
        end
),

-- A movement belongs to the broadest flow that holds it; what is left of a narrower one is no flow.
chosen as (
    select due.*, accepted.score, accepted.n_rows, accepted.usual_amount, accepted.same_amount
    from due
    inner join accepted on accepted.flow = due.flow
    qualify row_number() over (partition by due.id order by due.breadth, due.flow) = 1
),

whole as (
    select *
    from chosen
    qualify count(*) over (partition by flow) = n_rows
),

-- A present to the childminder is not her pay: one payment a slot, and others only when they look the same.
fitting as (
    select
        *,
        abs(amount) between 0.5 * abs(usual_amount) and 2 * abs(usual_amount) as is_alike,
        row_number() over (
            partition by flow, slot
            order by abs(day - expected_on) > tolerance, abs(amount - usual_amount), abs(day - expected_on), id
        ) as place
    from whole
),

paid as (
    select *
    from fitting
    where case when place = 1 then is_alike or abs(day - expected_on) <= tolerance
        else abs(amount - usual_amount) <= 0.1 * abs(usual_amount) end
),

-- The day of the month from which payments stray least; 31 is the last one.
days(flow, day_of_month) as (
    select flow, unnest(list_distinct([mode(day(day)), min(day_of_month), 31])) from paid where unit = 'month' group by flow
),

strayed as (
    select
        days.flow,
        days.day_of_month,
        sum(abs(paid.day - least(last_day(month_on), month_on + days.day_of_month::integer - 1))) as n_strayed
    from (
        select *, make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1) as month_on
        from paid
        where unit = 'month'
    ) as paid
    inner join days on days.flow = paid.flow
    group by days.flow, days.day_of_month
),

nominal as (
    select flow, arg_min(day_of_month, (n_strayed, day_of_month)) as day_of_month
    from strayed
    group by flow
),

described as (
    select
        transactions.id,
        transactions.account,
        transactions.currency,
        transactions.kind,
        case
            when transactions.creditor_id is not null
                then 'mandate:' || transactions.creditor_id || ' ' || coalesce(transactions.mandate, '')
            when counterparties.person_id is not null then 'person:' || counterparties.person_id
            when transactions.payee_iban is not null then 'iban:' || transactions.payee_iban
            else 'payee:' || coalesce(transactions.payee, transactions.clean_label)
        end as party
    from transactions
    left join counterparties on counterparties.payee_key = transactions.payee_key
    where transactions.id in (select id from paid)
),

-- An id that stays while the flow goes on: what the flow is, and for parts of a stream with which payment it began.
named as (
    select
        flow,
        ('0x' || left(md5(concat_ws(
            '|', any_value(described.account), any_value(described.party), any_value(described.currency),
            any_value(paid.amount < 0), any_value(paid.breadth),
            case when any_value(paid.breadth) > 1 then arg_min(paid.amount, (paid.day, paid.id)) end
        )), 15))::bigint as recurring_id
    from paid
    inner join described on described.id = paid.id
    group by flow
)

select
    named.recurring_id,
    paid.id as transaction_id,
    described.account,
    described.party,
    described.currency,
    paid.kind,
    paid.day as booked_on,
    paid.amount,
    paid.slot,
    paid.place > 1 as is_double,
    case when paid.unit = 'day' then paid.expected_on
        else least(
            make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1)
                + coalesce(nominal.day_of_month, 1)::integer - 1,
            last_day(make_date(((slot * step + phase) // 12)::integer, ((slot * step + phase) % 12 + 1)::integer, 1))
        )
    end as expected_on,
    paid.period,
    paid.unit,
    paid.step,
    paid.phase,
    paid.tolerance,
    nominal.day_of_month,
    paid.breadth,
    paid.same_amount < 0.5 as is_variable,
    paid.score
from paid
inner join described on described.id = paid.id
inner join named on named.flow = paid.flow
left join nominal on nominal.flow = paid.flow
