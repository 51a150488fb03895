//! Calls, messages and data of telephone lines.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::Mapped;
use super::view::View;
use crate::connector::columns::Span as SpanColumn;
use crate::connector::fields::CommunicationColumns;
use crate::model::phone;
use crate::model::records::Communication;
use crate::model::span::{self, Span};
use crate::model::text::fold_key;
use crate::model::{FaultKind, time::Instant};

/// One communication. Required: when it started.
pub(super) fn communication(
    columns: &CommunicationColumns,
    view: &View<'_>,
    floor: &mut Option<DateTime>,
) -> Mapped<Communication> {
    let direction = view.choice(columns.direction.as_ref(), "out")?;
    let kind = view.choice(columns.kind.as_ref(), "call")?;
    let started: Instant = view.required_instant(&columns.started_at, floor)?;
    let other_raw = view.text(&columns.other);
    let number = phone::read(other_raw.as_deref().unwrap_or_default(), &view.scene.region);
    let span = columns.span.as_ref().map_or(Ok(Span::Nothing), |column| span_of(column, view))?;
    let (duration_s, volume_bytes, quantity) = split(span, kind);
    Ok(Communication {
        line: line_of(columns, view),
        direction: direction.to_owned(),
        kind: kind.to_owned(),
        other_e164: number.e164().map(str::to_owned),
        masked_pattern: number.pattern().map(str::to_owned),
        short_number: number.short().map(str::to_owned),
        other_key: number.key(other_raw.as_deref().unwrap_or_default()),
        number_kind: number.kind_code().to_owned(),
        other_raw,
        started_at: started.utc,
        started_local: started.local,
        duration_s,
        volume_bytes,
        quantity,
        cost: cost_of(columns, view)?,
        currency: Some(super::transactions::currency_of(
            view.optional_text(columns.currency.as_ref()).as_deref(),
            view,
        )),
        destination: view.optional_text(columns.destination.as_ref()),
        raw_kind: view.optional_text(columns.raw_kind.as_ref()),
        stated_name: view.optional_text(columns.stated_name.as_ref()).filter(|name| !is_no_name(name)),
        bill_number: view
            .optional_text(columns.bill_number.as_ref())
            .or_else(|| view.cell("{bill}").map(str::to_owned)),
    })
}

/// The household's line, in E.164 where it is a number.
fn line_of(columns: &CommunicationColumns, view: &View<'_>) -> String {
    let stated = view.optional_text(columns.line.as_ref()).or_else(|| view.cell("{line}").map(str::to_owned));
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
    view.number(cell, &column.from, column.decimal).map(|(number, _)| Some(number))
}

fn is_no_name(name: &str) -> bool {
    matches!(name, "(Unknown)" | "null" | "insert-address-token")
}
