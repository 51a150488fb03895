//! `landing.runs`: what the log of runs tells, line by line.

use duckdb::params;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::{Warehouse, WarehouseError};
use crate::model::run::Run;
use crate::model::{Column, ColumnType};

/// Columns of `landing.runs`.
pub(super) const RUNS: &[Column] = &[
    column("seq", ColumnType::Integer, "Line of the log of runs."),
    column("source", ColumnType::Text, "Source of moisson.toml that was fetched."),
    column("started_by", ColumnType::Text, "scheduled, catch_up, retry, after, asked or watched."),
    column("slot", ColumnType::Timestamp, "Slot of the schedule that it stands for, UTC."),
    column("started_at", ColumnType::Timestamp, "When it began, UTC."),
    column("ended_at", ColumnType::Timestamp, "When it ended, UTC."),
    column("outcome", ColumnType::Text, "ok, ok_empty, partial, retry, quota, user, changed, config or expectation."),
    column("message_en", ColumnType::Text, "What happened and what to do, in English."),
    column("message_fr", ColumnType::Text, "The same in French."),
    column("link", ColumnType::Text, "Where a person mends it."),
    column("retry_at", ColumnType::Timestamp, "Not before then is it worth another try, UTC."),
    column("consent_until", ColumnType::Timestamp, "Until when the service lets us in, UTC."),
    column("quota_left", ColumnType::Integer, "Calls left in the service's budget."),
    column("documents", ColumnType::Integer, "Documents that came."),
    column("rows_new", ColumnType::Integer, "Rows that were new."),
    column("rows_known", ColumnType::Integer, "Rows that were there already."),
    column("rows_amended", ColumnType::Integer, "Rows that changed."),
    column("rows_rejected", ColumnType::Integer, "Rows that could not be read."),
    column("requests", ColumnType::Integer, "Requests that were made."),
    column("bytes", ColumnType::Integer, "Bytes of the answers, as they came over the wire."),
    column("failed", ColumnType::Text, "Accounts and steps that failed while others came, as JSON."),
];

impl Warehouse {
    /// Rank of the last line of the log of runs that is in; 0 for none.
    pub fn last_run(&self) -> Result<u64, WarehouseError> {
        let seq: i64 =
            self.connection.query_row("select coalesce(max(seq), 0) from landing.runs", [], |row| row.get(0))?;
        Ok(seq.unsigned_abs())
    }

    /// Adds runs, each with its line of the log.
    pub fn add_runs(&mut self, runs: &[(u64, Run)]) -> Result<(), WarehouseError> {
        let mut rows = self.connection.appender_to_db("runs", "landing")?;
        for (seq, run) in runs {
            let at = |at: Timestamp| {
                // The store keeps microseconds.
                let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
                Offset::UTC.to_datetime(at).to_string()
            };
            let failed = serde_json::to_string(&run.failed).unwrap_or_default();
            rows.append_row(params![
                seq,
                run.source,
                serde_json::to_value(run.trigger).ok().and_then(|trigger| trigger.as_str().map(str::to_owned)),
                run.slot.map(at),
                at(run.started_at),
                at(run.ended_at),
                run.outcome.code(),
                run.message.en,
                run.message.fr,
                run.link,
                run.retry_at.map(at),
                run.consent_until.map(at),
                run.quota_left,
                run.n_documents,
                run.rows_new,
                run.rows_known,
                run.rows_amended,
                run.rows_rejected,
                run.n_requests,
                run.n_bytes,
                (!run.failed.is_empty()).then_some(failed),
            ])?;
        }
        Ok(rows.flush()?)
    }
}

const fn column(name: &'static str, kind: ColumnType, comment: &'static str) -> Column {
    Column { name, kind, comment }
}
