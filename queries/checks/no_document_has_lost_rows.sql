-- One row per document and kind of fault by which rows were lost.
-- fr: aucun document n'a perdu de lignes
with faults as (
    from staging.faults where is_row_lost
)

select
    any_value(document_name) as subject,
    count(*) || ' rows: ' || min(message) as detail,
    min(learned_at)::date as since,
    count(*) as lost_count,
    min(line) as first_line,
    any_value(hint order by line) as hint,
    document
from faults
group by document, kind
