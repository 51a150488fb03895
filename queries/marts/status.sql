-- One row per source, or per connector where documents came without a source: what is there and how fresh it is.
with documents as (
    from staging.documents
),

settings as (
    from staging.settings
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

joined as (
    select
        gathered.*,
        coalesce(gaps.gap_days, 0) as gap_days,
        (settings.today - gathered.covered_to)::bigint as days_old
    from gathered
    cross join settings
    left join gaps on gaps.source = gathered.source
)

select
    joined.source, -- Source of the settings, or the connector when there is none.
    joined.connectors, -- Connectors that read its documents.
    joined.document_count, -- Documents imported.
    joined.row_count, -- Rows that these documents gave to the marts.
    joined.last_import_at, -- Instant of the last import, UTC.
    joined.last_document, -- Name of the document imported last.
    joined.last_outcome, -- What came of it: ok, partial, empty, unrecognised or refused.
    joined.covered_from, -- First day that the documents speak of.
    joined.covered_to, -- Last day that they speak of.
    joined.days_old, -- Days between that last day and today.
    joined.gap_days, -- Days between the periods of two documents that none covers, from eight on.
    joined.fault_count, -- Faults found in its documents.
    joined.lost_count, -- Of these, faults that lost a row.
    joined.refused_count -- Documents that were not recognised or were refused.
from joined
