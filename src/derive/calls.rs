//! A year of calls, each an entry of a journal with the name of the other party.
//!
//! A name that is a guess has a question mark.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::ask::Row;
use super::ics::{Object, instant};
use super::{DeriveError, Objects, World};

const CALLS: &str = include_str!("../../queries/reports/derived_calls.sql");
/// Days that are shown.
const SHOWN: i32 = 366;

pub(super) fn objects(world: &World<'_>) -> Result<Objects, DeriveError> {
    let first = world.today.saturating_sub(SHOWN.days());
    let mut objects = Objects::new();
    for row in world.rows("calls", CALLS)? {
        if row.read::<Date>(6)? >= first {
            objects.push(object(world, &row)?);
        }
    }
    Ok(objects)
}

fn object(world: &World<'_>, row: &Row) -> Result<(String, Vec<u8>), DeriveError> {
    let speech = world.speech;
    let called_at: DateTime = row.read(5)?;
    let guess = if row.text(4) == Some("suggested") { " ?" } else { "" };
    let other = format!("{}{guess}", row.read::<String>(3)?);
    let summary = match row.text(2).unwrap_or_default() {
        "out" => speech.pick(format!("Call to {other}"), format!("Appel à {other}")),
        "missed" => speech.pick(format!("Missed call of {other}"), format!("Appel manqué de {other}")),
        "rejected" => speech.pick(format!("Rejected call of {other}"), format!("Appel rejeté de {other}")),
        _ => speech.pick(format!("Call of {other}"), format!("Appel de {other}")),
    };
    let key = format!("call-{}", row.read::<i64>(0)?.cast_unsigned());
    let mut entry = Object::new("VJOURNAL", &format!("moisson-{key}"), called_at);
    entry.line("DTSTART", &instant(called_at));
    entry.line("STATUS", "FINAL");
    match row.maybe::<u64>(7).filter(|seconds| *seconds > 0) {
        Some(seconds) => entry.text("SUMMARY", &format!("{summary} ({}:{:02})", seconds / 60, seconds % 60)),
        None => entry.text("SUMMARY", &summary),
    }
    if let Some(owner) = row.text(1) {
        entry
            .text("DESCRIPTION", &speech.pick(format!("On the line of {owner}."), format!("Sur la ligne de {owner}.")));
    }
    Ok((format!("{key}.ics"), entry.finish()))
}
