-- One row per happening: calls, messages, bank movements, bills, events, posts and days of energy, in the order of time.
with accounts as (
    from staging.accounts
),

counterparties as (
    from intermediate.counterparties
),

calls as (
    select
        local_day as day,
        called_local as happened_local,
        case kind when 'call' then 'call' when 'data' then 'data' when 'voicemail' then 'call' else 'message' end as kind,
        direction,
        owner,
        other_party as who,
        person_ids,
        case when kind in ('sms', 'mms') then upper(kind) else destination end as what,
        cost as amount,
        currency,
        duration_s,
        source,
        document,
        row_pointer,
        call_id as id
    from intermediate.calls
),

movements as (
    select
        transactions.booked_on as day,
        transactions.booked_on::timestamp as happened_local,
        'transaction' as kind,
        case when transactions.amount < 0 then 'out' else 'in' end as direction,
        coalesce(accounts.account_name, transactions.account) as owner,
        coalesce(counterparties.person_name, counterparties.own_account_name) as who,
        case when counterparties.person_id is null then [] else [counterparties.person_id] end as person_ids,
        transactions.clean_label as what,
        transactions.amount,
        transactions.currency,
        null::bigint as duration_s,
        transactions.source,
        transactions.document,
        transactions.row_pointer,
        transactions.id
    from staging.transactions as transactions
    left join accounts on accounts.account = transactions.account
    left join counterparties on counterparties.payee_key = transactions.payee_key
),

bills as (
    select
        issued_on as day,
        issued_on::timestamp as happened_local,
        'bill' as kind,
        'in' as direction,
        null::varchar as owner,
        issuer as who,
        case when issuer_id is null then [] else [issuer_id] end as person_ids,
        concat_ws(' ', number, kind) as what,
        -total as amount,
        currency,
        null::bigint as duration_s,
        source,
        document,
        row_pointer,
        bill_id as id
    from intermediate.bills
),

events as (
    select
        local_day as day,
        starts_local as happened_local,
        'event' as kind,
        null::varchar as direction,
        calendar_name as owner,
        nullif(array_to_string(people, ', '), '') as who,
        person_ids,
        summary as what,
        null::decimal(18, 5) as amount,
        null::varchar as currency,
        (epoch(ends_at) - epoch(starts_at))::bigint as duration_s,
        source,
        document,
        row_pointer,
        occurrence_id as id
    from intermediate.agenda
),

posts as (
    select
        local_day as day,
        published_local as happened_local,
        'post' as kind,
        'out' as direction,
        coalesce(author_name, author) as owner,
        shared_author as who,
        []::varchar[] as person_ids,
        coalesce(summary, text, shared_uri, url) as what,
        null::decimal(18, 5) as amount,
        null::varchar as currency,
        null::bigint as duration_s,
        source,
        document,
        row_pointer,
        id
    from staging.posts
),

energy as (
    select
        day,
        day::timestamp as happened_local,
        'energy' as kind,
        series as direction,
        meter_name as owner,
        null::varchar as who,
        []::varchar[] as person_ids,
        kwh::decimal(18, 2) || ' kWh ' || energy as what,
        -(energy_cost + coalesce(standing_cost, 0))::decimal(18, 5) as amount,
        'EUR' as currency,
        covered_s as duration_s,
        null::varchar as source,
        null::varchar as document,
        null::varchar as row_pointer,
        null::bigint as id
    from intermediate.energy_days
    where kwh is not null
),

happenings as (
    from calls
    union all
    from movements
    union all
    from bills
    union all
    from events
    union all
    from posts
    union all
    from energy
)

select
    happenings.day, -- Local day on which it happened; the day of booking for bank movements.
    happenings.happened_local, -- Instant on the wall clock; midnight when only the day is known.
    happenings.kind, -- call, message, data, transaction, bill, event, post or energy.
    happenings.direction, -- in or out, as seen from the household; consumption or production for energy.
    happenings.owner, -- Whose line, account, calendar, post or meter it is.
    happenings.who, -- The other party, as far as it is known.
    happenings.person_ids, -- People and organisations it concerns: joins people.person_id.
    happenings.what, -- What it is, in a few words.
    happenings.amount, -- Money, negative when it costs the household.
    happenings.currency, -- Currency of the amount.
    happenings.duration_s, -- How long it lasted, in seconds.
    happenings.source, -- Source of the settings that it came by.
    happenings.document, -- Document that it was read from.
    happenings.row_pointer, -- Where in the document it stands.
    happenings.id -- Identifier in the mart of its kind.
from happenings
