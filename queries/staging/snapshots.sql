-- One row per account that a document shows: its window, and whether it was believed.
with snapshots as (
    from landing.snapshots
),

documents as (
    from landing.documents
)

select
    snapshots.document,
    coalesce(documents.name, snapshots.document) as document_name,
    documents.as_of,
    snapshots.account,
    snapshots.covered_from,
    snapshots.covered_to,
    snapshots.verdict,
    snapshots.reason,
    snapshots.missing
from snapshots
left join documents on documents.document = snapshots.document
