//! What each document shows of each account: its window, and whether it was believed.
//!
//! A snapshot means what it means in the order of time. One that comes when a later one of the
//! same days is in already cannot simply be added: its account waits, and is aligned anew.

use duckdb::{Connection, params};
use jiff::ToSpan;
use jiff::civil::Date;

use super::WarehouseError;
use super::document::{Coverage, DocumentInfo};
use super::facts::ACCEPTED;
use super::rows::Target;
use crate::identity::{SETTLING_DAYS, Suspicion};

/// The window of one account, as a document shows it.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) account: String,
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) is_stated: bool,
    pub(super) rows: i64,
}

/// What was made of a window.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    Applied,
    /// Its account is to be aligned anew, at once or by the next import.
    Waiting,
    Quarantined(Suspicion),
}

/// The windows of the rows that wait in `place`, one an account.
pub(super) fn windows(
    connection: &Connection,
    place: Target,
    document: &DocumentInfo,
    coverage: &[Coverage],
) -> Result<Vec<Window>, WarehouseError> {
    let mut question = connection.prepare(&format!(
        "select account, min(booked_on)::varchar, max(booked_on)::varchar, count(*)
         from {place} where document = ? group by account order by account"
    ))?;
    let rows = question.query_map(params![document.document], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    let mut windows = Vec::new();
    for row in rows {
        let (account, first, last, rows) = row?;
        // The database writes dates that read back.
        let (Ok(first), Ok(last)) = (first.parse::<Date>(), last.parse::<Date>()) else { continue };
        let stated = coverage.iter().filter(|one| one.account == account).find_map(|one| one.stated);
        let (from, to) = stated.map_or((first, last), |(from, to)| (from.min(first), to.max(last)));
        windows.push(Window { account, from, to, is_stated: stated.is_some(), rows });
    }
    Ok(windows)
}

/// The days in which rows stood that a bank moved by so many days into the window.
pub(super) fn shifted(window: &Window, days: i32) -> Window {
    // The outer days of a window that is not stated count for less: these ones are to count.
    let reach = (days.abs() + i32::from(!window.is_stated)).days();
    let mut shifted = window.clone();
    if days > 0 {
        shifted.from = window.from.saturating_sub(reach);
    } else {
        shifted.to = window.to.saturating_add(reach);
    }
    shifted
}

/// Whether a document of greater precedence shows days that this window may touch.
pub(super) fn has_later(
    connection: &Connection,
    document: &DocumentInfo,
    window: &Window,
) -> Result<bool, WarehouseError> {
    // What one window does reaches so far beyond its days, and so does the other.
    let reach = (2 * SETTLING_DAYS).days();
    let question = "select exists (
            from landing.snapshots as snapshots
            join landing.documents as documents on documents.document = snapshots.document
            where snapshots.account = ? and snapshots.covered_from <= ?::date and snapshots.covered_to >= ?::date
                and (documents.as_of, snapshots.covered_to, documents.document) > (?::timestamp, ?::date, ?)
        )";
    let (from, to) = (window.from.saturating_sub(reach), window.to.saturating_add(reach));
    let as_of = document.as_of.to_string();
    let last = window.to.to_string();
    let values = params![window.account, to.to_string(), from.to_string(), as_of, last, document.document];
    Ok(connection.query_row(question, values, |row| row.get(0))?)
}

/// Writes down what was made of a window.
pub(super) fn record(
    connection: &Connection,
    document: &DocumentInfo,
    window: &Window,
    verdict: Verdict,
) -> Result<(), WarehouseError> {
    let (verdict, suspicion) = match verdict {
        Verdict::Applied => ("applied", None),
        Verdict::Waiting => ("waiting", None),
        Verdict::Quarantined(suspicion) => ("quarantined", Some(suspicion)),
    };
    let missing = suspicion.map(missing).and_then(|missing| i64::try_from(missing).ok());
    connection.execute(
        "insert into landing.snapshots values (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            document.document,
            window.account,
            window.from.to_string(),
            window.to.to_string(),
            window.rows,
            verdict,
            suspicion.map(code),
            missing
        ],
    )?;
    Ok(())
}

/// Forgets what an earlier reading of the document made of its accounts.
pub(super) fn forget(connection: &Connection, document: &str, account: Option<&str>) -> Result<(), WarehouseError> {
    connection.execute(
        "delete from landing.snapshots where document = ? and account = coalesce(?, account)",
        params![document, account],
    )?;
    Ok(())
}

/// Whether somebody vouched for the document.
pub(super) fn is_vouched(connection: &Connection, document: &str) -> Result<bool, WarehouseError> {
    Ok(connection.query_row(&format!("select ? in ({ACCEPTED})"), [document], |row| row.get(0))?)
}

/// What `landing.snapshots.reason` says.
fn code(suspicion: Suspicion) -> &'static str {
    match suspicion {
        Suspicion::Collapsed { .. } => "collapsed",
        Suspicion::Stranger { .. } => "stranger",
        Suspicion::Unbalanced { .. } => "unbalanced",
    }
}

fn missing(suspicion: Suspicion) -> usize {
    match suspicion {
        Suspicion::Collapsed { missing, .. } | Suspicion::Unbalanced { missing } => missing,
        Suspicion::Stranger { known } => known,
    }
}
