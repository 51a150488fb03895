-- One row per source, or per connector where documents came without a source: what is there and how fresh it is.
with documents as (
    from staging.documents
),

settings as (
    from staging.settings
),

runs as (
    from staging.runs
),

-- What the last time it was fetched came to.
fetched as (
    select
        source,
        max(started_at) as last_run_at,
        arg_max(outcome, seq) as last_run_outcome,
        arg_max(message_en, seq) as last_run_message,
        arg_max(consent_until, seq) as consent_until,
        arg_max(quota_left, seq) as quota_left,
        max(ended_at) filter (where is_good) as last_good_run_at
    from runs
    group by source
),

-- The days that records themselves speak of.
spans as (
    select document, min(booked_on) as first_day, max(booked_on) as last_day, count(*) as n_rows
    from staging.transactions group by document
    union all
    select document, min(local_day), max(local_day), count(*) from staging.communications group by document
    union all
    select document, min(local_day), max(local_day), count(*) from staging.readings group by document
    union all
    select document, min(issued_on), max(issued_on), count(*) from staging.bills group by document
    union all
    select document, min(local_day), max(local_day), count(*) from staging.occurrences group by document
    union all
    select document, null, null, count(*) from staging.contacts group by document
),

covered as (
    select document, min(first_day) as first_day, max(last_day) as last_day, sum(n_rows)::bigint as n_rows
    from spans
    group by document
),

gathered as (
    select
        documents.source,
        string_agg(distinct nullif(documents.connector, ''), ', ' order by nullif(documents.connector, '')) as connectors,
        count(*) as document_count,
        coalesce(sum(covered.n_rows), 0)::bigint as row_count,
        max(documents.learned_at) as last_import_at,
        arg_max(documents.name, (documents.learned_at, documents.name)) as last_document,
        arg_max(documents.outcome, (documents.learned_at, documents.name)) as last_outcome,
        min(coalesce(documents.covered_from, covered.first_day)) as covered_from,
        max(coalesce(documents.covered_to, covered.last_day)) as covered_to,
        sum(documents.fault_count)::bigint as fault_count,
        sum(documents.lost_count)::bigint as lost_count,
        count(*) filter (where documents.outcome in ('unrecognised', 'refused')) as refused_count
    from documents
    left join covered on covered.document = documents.document
    group by documents.source
),

-- Days that lie between the periods of two documents; a week without rows is nothing unusual.
gap_spans as (
    select
        documents.source,
        coalesce(documents.covered_from, covered.first_day) as first_day,
        max(coalesce(documents.covered_to, covered.last_day)) over (
            partition by documents.source
            order by coalesce(documents.covered_from, covered.first_day)
            rows between unbounded preceding and 1 preceding
        ) as known_until
    from documents
    left join covered on covered.document = documents.document
),

gaps as (
    select source, sum(first_day - known_until - 1)::bigint as gap_days
    from gap_spans
    where first_day > known_until + 8
    group by source
),

-- A source that was fetched in vain so far has no document.
joined as (
    select
        coalesce(gathered.source, fetched.source) as source,
        gathered.* exclude (source),
        coalesce(gaps.gap_days, 0) as gap_days,
        (settings.today - gathered.covered_to)::bigint as days_old,
        fetched.* exclude (source)
    from gathered
    full join fetched on fetched.source = gathered.source
    cross join settings
    left join gaps on gaps.source = gathered.source
)

select
    joined.source, -- Source of the settings, or the connector when there is none.
    joined.connectors, -- Connectors that read its documents.
    coalesce(joined.document_count, 0) as document_count, -- Documents imported.
    coalesce(joined.row_count, 0) as row_count, -- Rows that these documents gave to the marts.
    joined.last_import_at, -- Instant of the last import, UTC.
    joined.last_document, -- Name of the document imported last.
    joined.last_outcome, -- What came of it: ok, partial, empty, unrecognised or refused.
    joined.covered_from, -- First day that the documents speak of.
    joined.covered_to, -- Last day that they speak of.
    joined.days_old, -- Days between that last day and today.
    joined.gap_days, -- Days between the periods of two documents that none covers, from eight on.
    coalesce(joined.fault_count, 0) as fault_count, -- Faults found in its documents.
    coalesce(joined.lost_count, 0) as lost_count, -- Of these, faults that lost a row.
    coalesce(joined.refused_count, 0) as refused_count, -- Documents that were not recognised or were refused.
    joined.last_run_at, -- When it was last fetched, UTC; null when it only comes by hand.
    joined.last_run_outcome, -- What that came to: see runs.outcome.
    joined.last_run_message, -- The same in words.
    joined.last_good_run_at, -- When it was last fetched with success, UTC.
    joined.consent_until, -- Until when its service lets us in, UTC.
    joined.quota_left -- Calls left in its service's budget.
from joined
