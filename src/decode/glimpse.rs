//! A first look at a document: enough for the connectors to recognise it, cheap on a large one.

use super::row::DecodeError;
use super::sniff::{self, Kind};
use super::text::{self, Encoding};
use super::{charset, csv, html, names, sheet};
use crate::connector::{Format, Glimpse};

/// Text looked at for recognition.
const HEAD: usize = 64 * 1024;
/// Physical rows looked at for recognition.
const ROWS: usize = 80;

/// What a document is and what was seen of it.
#[derive(Debug, Clone)]
pub struct Look {
    pub kind: Kind,
    /// `None` for documents that are not text.
    pub encoding: Option<Encoding>,
    pub glimpse: Glimpse,
}

/// Looks at a document; `file_name` is used only for what connectors read out of it.
pub fn look(bytes: &[u8], file_name: Option<&str>) -> Result<Look, DecodeError> {
    let kind = sniff::kind(bytes);
    let mut glimpse = Glimpse { file_name: file_name.map(str::to_owned), ..Glimpse::default() };
    let mut encoding = None;
    match kind {
        Kind::Empty => return Err(DecodeError::Empty),
        Kind::Xlsx | Kind::Xls | Kind::Ods | Kind::SpreadsheetMl => {
            glimpse.formats = vec![Format::Sheet];
            glimpse.grids = vec![(None, some_rows(&mut |sink| sheet::rows(bytes, sink))?)];
        }
        Kind::Html => {
            glimpse.formats = vec![Format::Html];
            let known = text::encoding(bytes, charset::declared(bytes).as_deref());
            encoding = Some(known);
            glimpse.grids = vec![(None, some_rows(&mut |sink| html::rows(&text::text(bytes, &known), sink))?)];
        }
        Kind::Json => {
            glimpse.formats = vec![Format::Json];
            glimpse.names = names::json(bytes)?;
        }
        Kind::Xml => {
            glimpse.formats = vec![Format::Xml];
            let known = text::encoding(bytes, None);
            glimpse.names = names::xml(&text::text(&bytes[..bytes.len().min(HEAD)], &known));
        }
        Kind::Ofx => glimpse.formats = vec![Format::Ofx],
        Kind::Qif => glimpse.formats = vec![Format::Qif],
        Kind::VCard => glimpse.formats = vec![Format::Vcard],
        Kind::ICalendar => glimpse.formats = vec![Format::Icalendar],
        Kind::Text => {
            let known = text::encoding(bytes, None);
            encoding = Some(known);
            glimpse.formats = vec![Format::Csv];
            glimpse.grids = separated(bytes, &known);
        }
        Kind::Zip | Kind::Pdf | Kind::Binary => {}
    }
    Ok(Look { kind, encoding, glimpse })
}

/// The first rows under each separator that occurs.
fn separated(bytes: &[u8], encoding: &Encoding) -> Vec<(Option<char>, Vec<Vec<String>>)> {
    let head = text::text(&bytes[..bytes.len().min(HEAD)], encoding);
    let occurring = csv::DELIMITERS.into_iter().filter(|delimiter| head.contains(*delimiter));
    occurring.map(|delimiter| (Some(delimiter), csv::first_rows(&head, delimiter, ROWS))).collect()
}

/// What reads all rows of a document into a sink.
type ReadRows<'a> = &'a mut dyn FnMut(&mut dyn FnMut(super::GridRow)) -> Result<(), DecodeError>;

fn some_rows(read: ReadRows<'_>) -> Result<Vec<Vec<String>>, DecodeError> {
    let mut rows = Vec::new();
    read(&mut |row| {
        if rows.len() < ROWS {
            rows.push(row.cells);
        }
    })?;
    Ok(rows)
}
