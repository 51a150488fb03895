-- One row per fault found in a document.
with faults as (
    from landing.faults
),

documents as (
    from landing.documents
)

select
    faults.document,
    coalesce(documents.name, faults.document) as document_name,
    faults.kind,
    faults.line,
    faults.column_number,
    faults.pointer,
    faults.excerpt,
    faults.message,
    faults.hint,
    faults.is_row_lost,
    documents.learned_at
from faults
left join documents on documents.document = faults.document
