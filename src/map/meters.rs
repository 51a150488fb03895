//! Readings, indexes and tariff calendars of meters.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};
use rust_decimal::Decimal;

use super::Mapped;
use super::view::{Filled, View};
use crate::connector::columns::{Text, Unit};
use crate::connector::fields::{MeterIndexColumns, ReadingColumns, StandsFor, TariffDayColumns};
use crate::model::FaultKind;
use crate::model::records::{MeterIndex, Reading, TariffDay};
use crate::model::time::{Instant, in_zone, read_local};

/// One reading. Required: a stamp or a day.
pub(super) fn reading(columns: &ReadingColumns, view: &View<'_>, floor: &mut Option<DateTime>) -> Mapped<Reading> {
    let (start, length_s) = interval(columns, view, floor)?;
    let value = quantity(columns, view, length_s)?;
    let quality = view.choice(columns.quality.as_ref(), "measured")?;
    Ok(Reading {
        meter: meter_of(columns.meter.as_ref(), view),
        series: columns.series.as_str().to_owned(),
        energy: columns.energy.as_str().to_owned(),
        started_at: start.utc,
        started_local: start.local,
        length_s,
        local_day: start.local.date(),
        value,
        unit: stored_unit(columns.value.unit).to_owned(),
        quality: if value.is_none() { "missing".to_owned() } else { quality.to_owned() },
        register: view.optional_text(columns.register.as_ref()),
    })
}

/// One index for each register that is filled.
pub(super) fn indexes(
    columns: &MeterIndexColumns,
    view: &View<'_>,
    floor: &mut Option<DateTime>,
) -> Mapped<Vec<MeterIndex>> {
    let read = view.required_instant(&columns.read_at, floor)?;
    let meter = meter_of(columns.meter.as_ref(), view);
    let mut indexes = Vec::new();
    for name in &columns.registers.0 {
        let Some(text) = view.cell(name) else { continue };
        let (value, _) = view.number(Filled { text, name }, &columns.registers, columns.decimal)?;
        indexes.push(MeterIndex {
            meter: meter.clone(),
            register: name.clone(),
            read_at: read.utc,
            read_local: read.local,
            value: value * factor(columns.unit),
            unit: stored_unit(columns.unit).to_owned(),
            meaning: None,
        });
    }
    Ok(indexes)
}

/// One day of a tariff calendar.
pub(super) fn tariff_day(columns: &TariffDayColumns, view: &View<'_>) -> Mapped<TariffDay> {
    Ok(TariffDay {
        calendar: view.required_text(&columns.calendar, "the calendar")?,
        day: view.required_date(&columns.day, "the day")?,
        colour: view.choice(Some(&columns.colour), "")?.to_owned(),
    })
}

/// Start and length of the interval: from a day, or from a stamp and a step.
fn interval(columns: &ReadingColumns, view: &View<'_>, floor: &mut Option<DateTime>) -> Mapped<(Instant, i64)> {
    if let Some(day) = &columns.day {
        let day = view.required_date(day, "the day")?;
        return Ok(whole_day(day, columns.day_starts_at, view));
    }
    let Some(stamp) = &columns.stamp else {
        return Err(view.missing(&columns.value.from, "the day or the stamp"));
    };
    let before = *floor;
    let at = view.required_instant(stamp, floor)?;
    let length_s = match step(columns.step_minutes.as_ref(), view)? {
        Some(minutes) => minutes * 60,
        None => distance(before, at.utc).unwrap_or(1800),
    };
    match columns.stands_for {
        StandsFor::Start => Ok((at, length_s)),
        StandsFor::End => {
            let start = at.utc.checked_sub(SignedDuration::from_secs(length_s)).unwrap_or(at.utc);
            Ok((in_zone(start, &view.scene.zone), length_s))
        }
    }
}

/// A calendar day of the meter's clock, with the seconds that really pass in it.
fn whole_day(day: Date, hour: i8, view: &View<'_>) -> (Instant, i64) {
    let zone = &view.scene.zone;
    let opens =
        |day: Date| read_local(DateTime::from_parts(day, Time::constant(hour.clamp(0, 23), 0, 0, 0)), zone).first();
    let start = opens(day);
    let next = day.checked_add(1.day()).map_or(start, opens);
    (start, start.utc.duration_until(next.utc).as_secs())
}

fn step(column: Option<&Text>, view: &View<'_>) -> Mapped<Option<i64>> {
    let Some(text) = column.and_then(|column| view.text(column)) else { return Ok(None) };
    let minutes = text.parse().ok().filter(|minutes| (1..=1440).contains(minutes));
    let name = column.and_then(|column| column.from.0.first()).map_or("", String::as_str);
    minutes
        .map(Some)
        .ok_or_else(|| view.fault(FaultKind::NotANumber, Filled { text: &text, name }, "is not a step in minutes"))
}

/// Seconds since the stamp before, when they are a plausible step.
fn distance(before: Option<DateTime>, at: DateTime) -> Option<i64> {
    let seconds = before?.duration_until(at).as_secs();
    [300, 600, 900, 1800, 3600].contains(&seconds).then_some(seconds)
}

/// The value in the stored unit; mean power becomes energy over the interval.
fn quantity(columns: &ReadingColumns, view: &View<'_>, length_s: i64) -> Mapped<Option<Decimal>> {
    let Some(cell) = view.filled(&columns.value.from) else { return Ok(None) };
    if matches!(cell.text, "null" | "-" | "--") {
        return Ok(None);
    }
    let (value, _) = view.number(cell, &columns.value.from, columns.value.decimal)?;
    let per_interval =
        if columns.value.unit == Unit::W && columns.series != crate::connector::fields::Series::MaximumPower {
            value * Decimal::from(length_s) / Decimal::from(3600)
        } else {
            value * factor(columns.value.unit)
        };
    Ok(Some(per_interval))
}

fn factor(unit: Unit) -> Decimal {
    match unit {
        Unit::KWh => Decimal::ONE_THOUSAND,
        Unit::Litre => Decimal::new(1, 3),
        Unit::W | Unit::VA | Unit::Wh | Unit::CubicMetre => Decimal::ONE,
    }
}

fn stored_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::W | Unit::Wh | Unit::KWh => "Wh",
        Unit::VA => "VA",
        Unit::CubicMetre | Unit::Litre => "m3",
    }
}

fn meter_of(column: Option<&Text>, view: &View<'_>) -> String {
    let stated = view.optional_text(column).or_else(|| view.cell("{meter}").map(str::to_owned));
    let stated = stated.or_else(|| view.scene.bound.meter.clone());
    stated.unwrap_or_else(|| view.scene.connector.short_id().to_owned())
}
