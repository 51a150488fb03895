-- One row per account of a document that was not believed, so that nothing of it was taken.
-- fr: aucun relevé n'est mis de côté
with snapshots as (
    from staging.snapshots where verdict <> 'applied'
)

select
    snapshots.account as subject,
    case when snapshots.verdict = 'waiting'
        then 'a document of the account cannot be read again, and this one waits for it: see `moisson verify`; '
        else '' end
    || case snapshots.reason
        when 'collapsed' then snapshots.missing || ' movements known in its window are missing from it'
        when 'stranger' then 'none of the ' || snapshots.missing || ' movements known in its window are in it'
        when 'unbalanced' then 'its balances do not follow from its movements'
        else 'nothing of it was taken so far'
    end || ': export it again, or `moisson accept` ' || snapshots.document_name as detail,
    snapshots.as_of::date as since,
    snapshots.covered_from,
    snapshots.covered_to,
    snapshots.document
from snapshots
