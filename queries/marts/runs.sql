-- One row per time that a source was fetched, and what became of it.
with runs as (
    from staging.runs
)

select
    runs.seq as run_id, -- Line of the log of runs.
    runs.source, -- Source of the settings.
    runs.started_by, -- scheduled, catch_up (slots that went by), retry, after (another source), asked or watched (a file appeared).
    runs.slot, -- Slot of the schedule that it stands for, UTC.
    runs.started_at, -- When it began, UTC.
    runs.ended_at, -- When it ended, UTC.
    runs.outcome, -- ok, ok_empty (nothing new), partial, expectation (in, but a check failed), retry, quota, user (a person has to act), changed or config.
    runs.message_en, -- What happened and what to do.
    runs.message_fr, -- The same in French.
    runs.link, -- Where a person mends it.
    runs.retry_at, -- Not before then is it worth another try, UTC.
    runs.consent_until, -- Until when the service lets us in, UTC.
    runs.quota_left, -- Calls left in the service's budget.
    runs.documents as document_count, -- Documents that came.
    runs.rows_new, -- Rows that were new.
    runs.rows_known, -- Rows that were there already.
    runs.rows_amended, -- Rows that changed.
    runs.rows_rejected, -- Rows that could not be read.
    runs.requests as request_count, -- Requests that were made.
    runs.bytes, -- Bytes of the answers, as they came over the wire.
    runs.failed -- Accounts and steps that failed while others came, as JSON.
from runs
