//! A year of days with the energy of each meter and what it cost, as events of a whole day.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::ask::Row;
use super::ics::Object;
use super::{DeriveError, Objects, World};

const DAYS: &str = include_str!("../../queries/reports/derived_energy.sql");
/// Days that are shown.
const SHOWN: i32 = 366;

pub(super) fn objects(world: &World<'_>) -> Result<Objects, DeriveError> {
    let first = world.today.saturating_sub(SHOWN.days());
    let mut objects = Objects::new();
    for row in world.rows("energy", DAYS)? {
        let day: Date = row.read(4)?;
        if day >= first {
            objects.push(object(world, &row, day)?);
        }
    }
    Ok(objects)
}

fn object(world: &World<'_>, row: &Row, day: Date) -> Result<(String, Vec<u8>), DeriveError> {
    let speech = world.speech;
    let meter: String = row.read(0)?;
    let series = row.text(3).unwrap_or_default();
    let kwh = speech.number(row.read::<Decimal>(5)?, 2);
    let cost = row.maybe::<Decimal>(6).map(|cost| speech.amount(cost, "EUR"));
    let name = row.text(1).unwrap_or(&meter);
    let made = if series == "production" { speech.pick(" produced", " produits") } else { "" };
    let summary = match cost {
        Some(cost) => format!("{name}: {kwh} kWh{made} · {cost}"),
        None => format!("{name}: {kwh} kWh{made}"),
    };
    let (n_missing, n_unpriced) = (row.maybe::<u64>(7).unwrap_or(0), row.maybe::<u64>(8).unwrap_or(0));
    let mut said = Vec::new();
    if n_missing > 0 {
        said.push(speech.pick(
            format!("{n_missing} intervals are missing: it was more."),
            format!("{n_missing} intervalles manquent : c'était davantage."),
        ));
    }
    if n_unpriced > 0 {
        said.push(speech.pick(
            format!("{n_unpriced} intervals have no price: it cost more."),
            format!("{n_unpriced} intervalles sans prix : cela a coûté davantage."),
        ));
    }
    let meter: String = meter.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = format!("energy-{meter}-{series}-{day}");
    let mut event = Object::new("VEVENT", &format!("moisson-{key}"), day.into());
    event.all_day(day);
    event.text("SUMMARY", &summary);
    if !said.is_empty() {
        event.text("DESCRIPTION", &said.join("\n"));
    }
    Ok((format!("{key}.ics"), event.finish()))
}
