-- One row per time that a source was fetched.
with runs as (
    from landing.runs
)

select
    runs.seq,
    runs.source,
    runs.started_by,
    runs.slot,
    runs.started_at,
    runs.ended_at,
    runs.outcome,
    runs.outcome in ('ok', 'ok_empty', 'partial', 'expectation') as is_good,
    runs.message_en,
    runs.message_fr,
    runs.link,
    runs.retry_at,
    runs.consent_until,
    runs.quota_left,
    runs.documents,
    runs.rows_new,
    runs.rows_known,
    runs.rows_amended,
    runs.rows_rejected,
    runs.requests,
    runs.bytes,
    runs.failed
from runs
