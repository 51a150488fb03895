//! Calls, messages and data of telephone lines.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::Mapped;
use super::view::View;
use crate::connector::columns::Span as SpanColumn;
use crate::connector::fields::CommunicationColumns;
use crate::model::FaultKind;
use crate::model::phone::{self, Number};
use crate::model::records::Communication;
use crate::model::span::{self, Span};
use crate::model::text::fold_key;

/// What a row tells, once for each other number of a group. Required: when it started.
pub(super) fn communications(
    columns: &CommunicationColumns,
    view: &View<'_>,
    floor: &mut Option<DateTime>,
) -> Mapped<Vec<Communication>> {
    let direction = view.choice(columns.direction.as_ref(), "out")?;
    let kind = view.choice(columns.kind.as_ref(), "call")?;
    let started = view.required_instant(&columns.started_at, floor)?;
    let others = others(columns, view, direction);
    let common = common(columns, view, (direction, kind))?;
    let region = columns.region.as_ref().unwrap_or(&view.scene.region);
    let one = |other: Option<String>, number: &Number| Communication {
        direction: direction.to_owned(),
        started_at: started.utc,
        started_local: started.local,
        ..with_other(&common, other, number)
    };
    if others.is_empty() {
        let number = if is_withheld(columns, view, direction, kind) { Number::Withheld } else { Number::None };
        return Ok(vec![one(None, &number)]);
    }
    Ok(others
        .into_iter()
        .map(|other| {
            let number = phone::read(&other, region);
            one(Some(other), &number)
        })
        .collect())
}

/// A call that comes in without a number, where there is room for one, withholds it.
fn is_withheld(columns: &CommunicationColumns, view: &View<'_>, direction: &str, kind: &str) -> bool {
    let stated = columns.other_in.as_ref().unwrap_or(&columns.other);
    direction != "out" && matches!(kind, "call" | "voicemail") && view.has_any(&stated.from)
}

/// The numbers on the other side: one, or those of a group.
fn others(columns: &CommunicationColumns, view: &View<'_>, direction: &str) -> Vec<String> {
    let comes_in = columns.other_in.as_ref().filter(|_| direction != "out");
    let Some(stated) = comes_in.map_or_else(|| view.text(&columns.other), |column| view.text(column)) else {
        return Vec::new();
    };
    match &columns.other_separator {
        Some(separator) => {
            stated.split(separator.as_str()).map(str::trim).filter(|one| is_party(one)).map(str::to_owned).collect()
        }
        None => vec![stated],
    }
}

/// `insert-address-token` stands for the telephone itself in a group.
fn is_party(address: &str) -> bool {
    !address.is_empty() && address != "insert-address-token"
}

/// All that the members of a group share.
fn common(columns: &CommunicationColumns, view: &View<'_>, (direction, kind): (&str, &str)) -> Mapped<Communication> {
    let span = columns.span.as_ref().map_or(Ok(Span::Nothing), |column| span_of(column, view))?;
    let (duration_s, volume_bytes, quantity) = split(span, kind);
    let cost = cost_of(columns, view)?;
    let currency = || super::transactions::currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view);
    let bill_number = view.optional_text(columns.bill_number.as_ref());
    Ok(Communication {
        line: line_of(columns, view, direction),
        kind: kind.to_owned(),
        duration_s,
        volume_bytes,
        quantity,
        cost,
        currency: cost.map(|_| currency()),
        destination: view.optional_text(columns.destination.as_ref()),
        raw_kind: view.optional_text(columns.raw_kind.as_ref()),
        stated_name: stated_name(columns, view),
        bill_number: bill_number.or_else(|| view.cell("{bill}").map(str::to_owned)),
        ..Communication::default()
    })
}

/// The name beside the number; that of a group is nobody's.
fn stated_name(columns: &CommunicationColumns, view: &View<'_>) -> Option<String> {
    let separator = columns.other_separator.as_deref();
    let is_group = separator.is_some_and(|between| view.text(&columns.other).is_some_and(|all| all.contains(between)));
    let name = view.optional_text(columns.stated_name.as_ref());
    name.filter(|name| !is_group && !is_no_name(name))
}

/// Adds the other side. Data has none: what stands in its place is a destination.
fn with_other(common: &Communication, other: Option<String>, number: &Number) -> Communication {
    if common.kind == "data" {
        let destination = common.destination.clone().or(other);
        return Communication { destination, number_kind: "none".to_owned(), ..common.clone() };
    }
    let raw = other.as_deref().unwrap_or_default();
    Communication {
        other_e164: number.e164().map(str::to_owned),
        masked_pattern: number.pattern().map(str::to_owned),
        short_number: number.short().map(str::to_owned),
        other_key: number.key(raw),
        number_kind: number.kind_code().to_owned(),
        other_raw: other,
        ..common.clone()
    }
}

/// The household's line, in E.164 where it is a number.
fn line_of(columns: &CommunicationColumns, view: &View<'_>, direction: &str) -> String {
    let comes_in = columns.line_in.as_ref().filter(|_| direction != "out");
    let stated =
        view.optional_text(comes_in.or(columns.line.as_ref())).or_else(|| view.cell("{line}").map(str::to_owned));
    let stated = stated.or_else(|| view.scene.bound.line.clone());
    stated.map_or_else(|| view.scene.connector.short_id().to_owned(), |text| canonical_line(&text, &view.scene.region))
}

fn canonical_line(text: &str, region: &str) -> String {
    phone::read(text, region).e164().map_or_else(|| text.trim().to_owned(), str::to_owned)
}

fn span_of(column: &SpanColumn, view: &View<'_>) -> Mapped<Span> {
    let Some(cell) = view.filled(&column.from) else { return Ok(Span::Nothing) };
    span::read(cell.text, column.unit)
        .ok_or_else(|| view.fault(FaultKind::NotADuration, cell, "is neither a duration nor a volume"))
}

/// Duration, volume and count of a span; a bare count of a call is one call.
fn split(span: Span, kind: &str) -> (Option<i64>, Option<i64>, Option<i64>) {
    match span {
        Span::Seconds(seconds) => (Some(seconds), None, None),
        Span::Bytes(bytes) => (None, Some(bytes), None),
        Span::Count(count) => (None, None, Some(count)),
        Span::Nothing if matches!(kind, "sms" | "mms") => (None, None, Some(1)),
        Span::Nothing => (None, None, None),
    }
}

/// Words for "no charge" are 0; an empty cell says nothing.
fn cost_of(columns: &CommunicationColumns, view: &View<'_>) -> Mapped<Option<Decimal>> {
    let Some(column) = &columns.cost else { return Ok(None) };
    let Some(cell) = view.filled(&column.from) else { return Ok(None) };
    let folded = fold_key(cell.text);
    let is_free = columns.free.0.iter().any(|word| fold_key(word) == folded);
    if is_free {
        return Ok(Some(Decimal::ZERO));
    }
    let (cost, _) = view.number(cell, &column.from, column.decimal)?;
    Ok(Some(if columns.is_cost_inverted && !cost.is_zero() { -cost } else { cost }))
}

fn is_no_name(name: &str) -> bool {
    matches!(name, "(Unknown)" | "null" | "insert-address-token")
}
