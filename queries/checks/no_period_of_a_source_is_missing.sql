-- One row per stretch of days that lies between two documents of a bank account or a telephone line.
-- fr: aucune période d'une source ne manque
with transactions as (
    select source, document, account as thing, min(booked_on) as first_day, max(booked_on) as last_day
    from staging.transactions
    group by source, document, account
),

communications as (
    select source, document, line as thing, min(local_day) as first_day, max(local_day) as last_day
    from staging.communications
    group by source, document, line
),

documents as (
    from staging.documents
),

spans as (
    select
        spans.thing,
        least(spans.first_day, coalesce(documents.covered_from, spans.first_day)) as first_day,
        greatest(spans.last_day, coalesce(documents.covered_to, spans.last_day)) as last_day
    from (from transactions union all from communications) as spans
    left join documents on documents.document = spans.document
),

followed as (
    select
        thing,
        first_day,
        max(last_day) over (
            partition by thing order by first_day, last_day rows between unbounded preceding and 1 preceding
        ) as known_until
    from spans
)

select
    followed.thing as subject,
    (followed.first_day - followed.known_until - 1) || ' days before ' || followed.first_day as detail,
    followed.known_until + 1 as since,
    followed.first_day - 1 as until
from followed
where followed.first_day - followed.known_until > 35
