//! Records and faults as text lines, for golden files: what `expected.jsonl` and
//! `expected.faults` beside a fixture hold.

use serde_json::{Map, Value};

use crate::connector::{Catalogue, Connector, Unrecognised, recognise};
use crate::decode::DecodeError;
use crate::decode::glimpse::look;
use crate::map::{Bound, Scene};
use crate::model::records::AnyRecord;
use crate::model::{CellRef, Fault, Place};

use super::{Item, Summary, read};

/// What a fixture's input gives.
#[derive(Debug, Default)]
pub struct Golden {
    pub connector: String,
    /// One JSON object a record, with its table and place; absent values left out.
    pub records: Vec<String>,
    /// One line a fault: place, kind, message.
    pub faults: Vec<String>,
    pub summary: Summary,
}

/// Why a fixture's input gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    #[error("no connector recognises it: {0:?}")]
    Unrecognised(Box<Unrecognised>),
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Reads a document as an import would, with a French household's defaults.
pub fn golden(catalogue: &Catalogue, bytes: &[u8], file_name: &str) -> Result<Golden, GoldenError> {
    let look = look(bytes, Some(file_name))?;
    let recognised =
        recognise(catalogue, &look.glimpse).map_err(|unknown| GoldenError::Unrecognised(Box::new(unknown)))?;
    let scene = scene(recognised.connector);
    let mut golden = Golden { connector: recognised.connector.id.clone(), ..Golden::default() };
    golden.summary = read(bytes, &look, &recognised, &scene, &mut |item| match item {
        Item::Record(record, place) => golden.records.push(record_line(&record, place)),
        Item::Fault(fault) => golden.faults.push(fault_line(&fault)),
    })?;
    Ok(golden)
}

/// The defaults of a household in metropolitan France.
pub fn scene(connector: &Connector) -> Scene<'_> {
    Scene {
        connector,
        zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC),
        region: "FR".to_owned(),
        currency: "EUR".to_owned(),
        window: (jiff::civil::date(2000, 1, 1), jiff::civil::date(2031, 1, 1)),
        bound: Bound::default(),
        as_of: jiff::civil::date(2026, 4, 1),
    }
}

/// A record as one JSON line, without what is read out of its own cells: rules change, and
/// documents do not.
pub fn record_line(record: &AnyRecord, place: &Place) -> String {
    let mut cells = Vec::new();
    record.cells(&mut cells);
    let mut object = Map::new();
    object.insert("table".to_owned(), record.table().name.into());
    object.insert("at".to_owned(), place.row_pointer().into());
    for (column, cell) in record.table().columns.iter().zip(cells) {
        if let Some(value) = json(cell) {
            object.insert(column.name.to_owned(), value);
        }
    }
    Value::Object(object).to_string()
}

/// A fault as one line.
pub fn fault_line(fault: &Fault) -> String {
    format!("{} {} {}", fault.place, fault.kind.code(), fault.message)
}

fn json(cell: CellRef<'_>) -> Option<Value> {
    match cell {
        CellRef::Null => None,
        CellRef::Text(text) => Some(text.into()),
        CellRef::Date(date) => Some(date.to_string().into()),
        CellRef::Timestamp(at) => Some(at.to_string().into()),
        CellRef::Decimal(number) => Some(number.to_string().into()),
        CellRef::Integer(number) => Some(number.into()),
        CellRef::Boolean(flag) => Some(flag.into()),
        CellRef::Double(number) => Some(number.into()),
    }
}
