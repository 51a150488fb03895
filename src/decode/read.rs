//! A whole document through its connector: every row, header and line around the tables.

use crate::connector::{Connector, Format, Section, is_list_of_answers};
use crate::model::Fault;

use super::glimpse::Look;
use super::row::{DecodeError, GridRow, NamedRow};
use super::sniff::Kind;
use super::text::{self, Encoding};
use super::walker::{Found, Walker};
use super::{charset, csv, entity, html, json, ofx, qif, sheet, xml};

/// What comes out of a document, in its own order.
#[derive(Debug)]
pub enum Event<'a, 'c> {
    Header(&'c Section, &'a GridRow),
    Row(&'c Section, &'a GridRow),
    Named(&'c Section, &'a NamedRow),
    /// A line around the tables said something: placeholder and value.
    Said(&'a [(String, String)], &'a GridRow),
    /// A row that is neither of a table nor a line that the connector knows.
    Outside(&'a GridRow),
    Fault(Fault),
}

/// Takes the events of a document.
pub type Sink<'s, 'c> = &'s mut dyn FnMut(Event<'_, 'c>);

/// The encoding in which a text document is read through a connector.
pub fn encoding(bytes: &[u8], connector: &Connector) -> Encoding {
    let declared = match connector.layout.format {
        Format::Ofx => ofx::declared_charset(bytes),
        Format::Html => charset::declared(bytes),
        _ => None,
    };
    text::encoding(bytes, declared.as_deref().or(connector.layout.encoding.as_deref()))
}

/// Reads a document of a connector with rows; calendars and address books are read as components.
pub fn events<'c>(
    bytes: &[u8],
    look: &Look,
    connector: &'c Connector,
    delimiter: Option<char>,
    sink: Sink<'_, 'c>,
) -> Result<(), DecodeError> {
    match connector.layout.format {
        Format::Csv | Format::Sheet | Format::Html => grid(bytes, look, connector, delimiter, sink),
        Format::Json | Format::Xml | Format::Ofx | Format::Qif => named(bytes, look, connector, sink),
        Format::Vcard | Format::Icalendar => Ok(()),
    }
}

fn grid<'c>(
    bytes: &[u8],
    look: &Look,
    connector: &'c Connector,
    delimiter: Option<char>,
    sink: Sink<'_, 'c>,
) -> Result<(), DecodeError> {
    let mut walker = Walker::new(connector);
    let mut take = |row: &GridRow| match walker.take(row) {
        Found::Header(section) => sink(Event::Header(section, row)),
        Found::Row(section) => sink(Event::Row(section, row)),
        Found::Said(said) => sink(Event::Said(&said, row)),
        Found::Outside => sink(Event::Outside(row)),
        Found::Blank => {}
    };
    match look.kind {
        Kind::Xlsx | Kind::Xls | Kind::Ods | Kind::SpreadsheetMl => sheet::rows(bytes, &mut |row| take(&row)),
        Kind::Html => html::rows(&text::text(bytes, &encoding(bytes, connector)), &mut |row| take(&row)),
        _ => {
            let delimiter = connector.layout.delimiter.or(delimiter).unwrap_or(';');
            let encoding = encoding(bytes, connector);
            if !connector.layout.entities {
                return csv::rows(bytes, &encoding, delimiter, connector.layout.quoted, &mut take);
            }
            csv::rows(bytes, &encoding, delimiter, connector.layout.quoted, &mut |row| {
                let mut mended = row.clone();
                entity::mend(&mut mended.cells);
                take(&mended);
            })
        }
    }
}

fn named<'c>(bytes: &[u8], look: &Look, connector: &'c Connector, sink: Sink<'_, 'c>) -> Result<(), DecodeError> {
    match connector.layout.format {
        Format::Json => json_sections(bytes, look, connector, sink),
        Format::Xml => xml_sections(bytes, connector, sink),
        Format::Ofx | Format::Qif => tagged(bytes, connector, sink),
        _ => Ok(()),
    }
}

/// Rows of all sections; a document in which no section finds its place is refused.
fn json_sections<'c>(
    bytes: &[u8],
    look: &Look,
    connector: &'c Connector,
    sink: Sink<'_, 'c>,
) -> Result<(), DecodeError> {
    let pages = if is_list_of_answers(connector, &look.glimpse) { json::Pages::List } else { json::Pages::One };
    let root = [String::new()];
    let mut is_found = false;
    for section in &connector.sections {
        let wanted: Vec<String> = section.references.iter().filter(|name| name.starts_with('/')).cloned().collect();
        let pointers = if section.rows.0.is_empty() { &root[..] } else { &section.rows.0[..] };
        is_found |= json::rows(bytes, pages, pointers, &wanted, &mut |row| sink(Event::Named(section, &row)))?;
    }
    let first = connector.sections.first().and_then(|section| section.rows.0.first());
    if is_found { Ok(()) } else { Err(json::nothing_at(first.map_or("", String::as_str))) }
}

fn xml_sections<'c>(bytes: &[u8], connector: &'c Connector, sink: Sink<'_, 'c>) -> Result<(), DecodeError> {
    let wanted: Vec<String> = connector.sections.iter().flat_map(|section| section.rows.0.clone()).collect();
    let faults = xml::rows(bytes, &wanted, &mut |row| by_kind(connector, &row, sink))?;
    for fault in faults {
        sink(Event::Fault(fault));
    }
    Ok(())
}

fn tagged<'c>(bytes: &[u8], connector: &'c Connector, sink: Sink<'_, 'c>) -> Result<(), DecodeError> {
    let text = text::text(bytes, &encoding(bytes, connector));
    let mut faults = Vec::new();
    let mut take = |row: NamedRow| by_kind(connector, &row, sink);
    match connector.layout.format {
        Format::Qif => qif::rows(&text, &mut faults, &mut take)?,
        _ => ofx::rows(&text, &mut faults, &mut take)?,
    }
    for fault in faults {
        sink(Event::Fault(fault));
    }
    Ok(())
}

/// Hands a row to the section whose `rows` names its kind; others are outside.
fn by_kind<'c>(connector: &'c Connector, row: &NamedRow, sink: Sink<'_, 'c>) {
    let is_of_kind = |section: &&Section| section.rows.0.iter().any(|kind| kind.eq_ignore_ascii_case(&row.kind));
    if let Some(section) = connector.sections.iter().find(is_of_kind) {
        return sink(Event::Named(section, row));
    }
    let cells = std::iter::once(row.kind.clone()).chain(row.fields.iter().map(|(_, value)| value.clone())).collect();
    sink(Event::Outside(&GridRow { place: row.place.clone(), cells }));
}
