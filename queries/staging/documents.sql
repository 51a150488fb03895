-- One row per document that was imported, under the source or the connector that it came by.
with documents as (
    from landing.documents
),

faults as (
    select document, count(*) as fault_count, count(*) filter (where is_row_lost) as lost_count
    from landing.faults
    group by document
)

select
    documents.document,
    documents.name,
    coalesce(nullif(documents.source, ''), nullif(documents.connector, ''), 'unrecognised') as source,
    documents.connector,
    documents.kind,
    documents.encoding,
    documents.decimal_mark,
    documents.learned_at,
    documents.covered_from,
    documents.covered_to,
    documents.rows_read,
    documents.rows_new,
    documents.rows_known,
    documents.rows_amended,
    documents.rows_rejected,
    documents.outcome,
    coalesce(faults.fault_count, 0) as fault_count,
    coalesce(faults.lost_count, 0) as lost_count
from documents
left join faults on faults.document = documents.document
