//! Readings, indexes and tariff calendars of meters.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;

use super::floors::Floors;
use super::view::{Filled, View};
use super::{Mapped, registers};
use crate::connector::columns::{Choice, Instant as InstantColumn, SpanUnit, Text, Unit};
use crate::connector::fields::{Energy, MeterIndexColumns, ReadingColumns, Series, StandsFor, TariffDayColumns};
use crate::model::FaultKind;
use crate::model::records::{MeterIndex, Reading, TariffDay};
use crate::model::span::{self, Span};
use crate::model::time::{Instant, in_zone, read_local};

/// One reading; none when the table has no column for its value. Required: a stamp or a day.
pub(super) fn reading(columns: &ReadingColumns, view: &View<'_>, floors: &mut Floors) -> Mapped<Option<Reading>> {
    if !view.has_any(&columns.value.from) {
        return Ok(None);
    }
    let unit = unit_of(columns.unit_of_row.as_ref(), columns.value.unit, view)?;
    let series = listed(columns.series_of_row.as_ref(), columns.series, Series::parse, view)?;
    let energy = listed(columns.energy_of_row.as_ref(), columns.energy, Energy::parse, view)?;
    let meter = meter_of(columns.meter.as_ref(), view);
    let (start, length_s) = interval(columns, view, &mut |stamp| next_of(stamp, &meter, series, view, floors))?;
    let value = quantity(columns, view, (series, unit, length_s))?;
    let quality = view.choice(columns.quality.as_ref(), "measured")?;
    Ok(Some(Reading {
        meter,
        series: series.as_str().to_owned(),
        energy: energy.as_str().to_owned(),
        started_at: start.utc,
        started_local: start.local,
        length_s,
        local_day: start.local.date(),
        value,
        unit: stored_unit(series, unit).to_owned(),
        quality: if value.is_none() { "missing".to_owned() } else { quality.to_owned() },
        register: view.optional_text(columns.register.as_ref()),
    }))
}

/// The stamp of an interval whose length neither the row nor the connector tells.
pub(super) fn open_stamp(columns: &ReadingColumns, view: &View<'_>, floors: &mut Floors) -> Option<DateTime> {
    let stamp = columns.stamp.as_ref().filter(|_| columns.ends.is_none())?;
    let has_length = columns.step_minutes.as_ref().is_some_and(|column| view.text(column).is_some());
    let has_day = columns.day.as_ref().is_some_and(|day| view.filled(&day.from).is_some());
    if has_length || has_day {
        return None;
    }
    let meter = meter_of(columns.meter.as_ref(), view);
    next_of(stamp, &meter, columns.series, view, floors).ok().map(|at| at.utc)
}

/// One index for each register that is filled.
pub(super) fn indexes(
    columns: &MeterIndexColumns,
    view: &View<'_>,
    floor: &mut Option<DateTime>,
) -> Mapped<Vec<MeterIndex>> {
    let read = view.required_instant(&columns.read_at, floor)?;
    let unit = unit_of(columns.unit_of_row.as_ref(), columns.unit, view)?;
    let meter = meter_of(columns.meter.as_ref(), view);
    let mut indexes = Vec::new();
    for name in &columns.registers.0 {
        let Some(text) = view.cell(name).filter(|text| !is_nothing(text)) else { continue };
        let (value, _) = view.number(Filled { text, name }, &columns.registers, columns.decimal)?;
        let register = view.optional_text(columns.register.as_ref()).unwrap_or_else(|| name.clone());
        let meaning = registers::meaning_at(&view.decisions.meanings, &register, read.utc);
        indexes.push(MeterIndex {
            meter: meter.clone(),
            meaning: meaning.map(str::to_owned),
            register,
            read_at: read.utc,
            read_local: read.local,
            value: value * factor(unit),
            unit: stored_unit(Series::Consumption, unit).to_owned(),
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

/// Start and length of the interval: from days, or from a stamp and a step.
fn interval<'a>(
    columns: &'a ReadingColumns,
    view: &View<'a>,
    read: &mut dyn FnMut(&'a InstantColumn) -> Mapped<Instant>,
) -> Mapped<(Instant, i64)> {
    if let Some(day) = columns.day.as_ref()
        && let Some(days) = view.days(day)?
    {
        let until = view.optional_date(columns.until.as_ref())?;
        return Ok(whole_days(days.0, until.or_else(|| days.1.tomorrow().ok()), columns.day_starts_at, view));
    }
    let Some(stamp) = &columns.stamp else {
        let names = columns.day.as_ref().map_or(&columns.value.from, |day| &day.from);
        return Err(view.missing(names, "the day"));
    };
    let at = read(stamp)?;
    let length_s = length(columns, view, at)?;
    match columns.stands_for {
        StandsFor::Start => Ok((at, length_s)),
        StandsFor::End => {
            let start = at.utc.checked_sub(SignedDuration::from_secs(length_s)).unwrap_or(at.utc);
            Ok((in_zone(start, &view.scene.zone), length_s))
        }
    }
}

/// The stamp, after the one before it in the same series.
fn next_of<'a>(
    stamp: &'a InstantColumn,
    meter: &str,
    series: Series,
    view: &View<'a>,
    floors: &mut Floors,
) -> Mapped<Instant> {
    let key = format!("{meter} {}", series.as_str());
    floors.next_of(&key, |floor| view.required_instant(stamp, floor))
}

/// Calendar days of the meter's clock, `until` excluded, with the seconds that really pass in them.
fn whole_days(first: Date, until: Option<Date>, hour: i8, view: &View<'_>) -> (Instant, i64) {
    let zone = &view.scene.zone;
    let opens =
        |day: Date| read_local(DateTime::from_parts(day, Time::constant(hour.clamp(0, 23), 0, 0, 0)), zone).first();
    let start = opens(first);
    let next = until.map_or(start, opens);
    (start, start.utc.duration_until(next.utc).as_secs())
}

/// Seconds of the interval with that stamp: stated, or found from the stamps around it.
fn length(columns: &ReadingColumns, view: &View<'_>, at: Instant) -> Mapped<i64> {
    if let Some(ends) = &columns.ends {
        let end = view.required_instant(ends, &mut None)?;
        return Ok(at.utc.duration_until(end.utc).as_secs());
    }
    if let Some(seconds) = step(columns.step_minutes.as_ref(), view)? {
        return Ok(seconds);
    }
    let found = view.decisions.steps(view.table).and_then(|steps| steps.at(at.utc, columns.stands_for));
    found.ok_or_else(|| view.missing(&columns.value.from, "the length of the interval, which no other row tells,"))
}

/// Seconds of a stated step: bare minutes or a duration.
fn step(column: Option<&Text>, view: &View<'_>) -> Mapped<Option<i64>> {
    let Some(text) = column.and_then(|column| view.text(column)) else { return Ok(None) };
    let seconds = match span::read(&text, SpanUnit::Minutes) {
        Some(Span::Seconds(seconds)) if seconds <= 86_400 => seconds,
        _ => {
            let name = column.and_then(|column| column.from.0.first()).map_or("", String::as_str);
            return Err(view.fault(FaultKind::NotADuration, Filled { text: &text, name }, "is not a step in minutes"));
        }
    };
    Ok(Some(seconds))
}

/// The value in the stored unit; mean power becomes energy over the interval.
fn quantity(
    columns: &ReadingColumns,
    view: &View<'_>,
    (series, unit, length_s): (Series, Unit, i64),
) -> Mapped<Option<Decimal>> {
    let Some(cell) = view.filled(&columns.value.from).filter(|cell| !is_nothing(cell.text)) else { return Ok(None) };
    let (value, _) = view.number(cell, &columns.value.from, columns.value.decimal)?;
    let is_mean_power = unit == Unit::W && series != Series::MaximumPower;
    let factor = if is_mean_power { Decimal::from(length_s) / Decimal::from(3600) } else { factor(unit) };
    Ok(Some((value * factor).normalize()))
}

/// What a row says of itself, else what the connector says of all.
fn listed<T: Copy>(
    column: Option<&Choice>,
    of_all: T,
    parse: impl Fn(&str) -> Option<T>,
    view: &View<'_>,
) -> Mapped<T> {
    Ok(parse(view.choice(column, "")?).unwrap_or(of_all))
}

fn unit_of(column: Option<&Choice>, of_all: Unit, view: &View<'_>) -> Mapped<Unit> {
    listed(column, of_all, Unit::parse, view)
}

/// What documents write where there is no value.
fn is_nothing(text: &str) -> bool {
    matches!(text, "null" | "-" | "--")
}

fn factor(unit: Unit) -> Decimal {
    match unit {
        Unit::KWh => Decimal::ONE_THOUSAND,
        Unit::Litre => Decimal::new(1, 3),
        Unit::W | Unit::VA | Unit::Wh | Unit::CubicMetre => Decimal::ONE,
    }
}

fn stored_unit(series: Series, unit: Unit) -> &'static str {
    match unit {
        Unit::W if series == Series::MaximumPower => "W",
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
