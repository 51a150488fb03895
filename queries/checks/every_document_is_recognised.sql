-- One row per document that no connector could read.
-- fr: chaque document est reconnu
with documents as (
    from staging.documents where outcome in ('unrecognised', 'refused')
)

select
    documents.name as subject,
    documents.outcome as detail,
    documents.learned_at::date as since,
    documents.document
from documents
