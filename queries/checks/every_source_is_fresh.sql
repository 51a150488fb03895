-- One row per source whose documents come regularly and whose next one is long overdue.
-- fr: chaque source est à jour
with documents as (
    from staging.documents
),

settings as (
    from staging.settings
),

spans as (
    select document, max(booked_on) as last_day from staging.transactions group by document
    union all
    select document, max(local_day) from staging.communications group by document
    union all
    select document, max(local_day) from staging.readings group by document
),

ends as (
    select documents.source, coalesce(max(documents.covered_to), max(spans.last_day)) as last_day
    from documents
    inner join spans on spans.document = documents.document
    group by documents.source, documents.document
),

paced as (
    select
        source,
        last_day,
        last_day - lag(last_day) over (partition by source order by last_day) as step_days
    from ends
),

usual as (
    select source, max(last_day) as last_day, median(step_days) as step_days
    from paced
    group by source
    having count(step_days) filter (where step_days > 0) >= 2
)

select
    usual.source as subject,
    'the last day is ' || usual.last_day || '; usually something new comes every '
    || usual.step_days::integer || ' days' as detail,
    usual.last_day as since
from usual
cross join settings
where settings.today - usual.last_day > 2 * greatest(usual.step_days, 7) + 15
