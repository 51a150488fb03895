//! Which connector a document belongs to, with a confidence and the reason.

use super::layout::{Format, Section};
use super::recognise_header::{HeaderCell, holds_signature};
use super::template::match_row;
use super::{Catalogue, Connector, Reason};

/// What has been seen of a document: enough to recognise it, made by the `decode` room.
#[derive(Debug, Clone, Default)]
pub struct Glimpse {
    /// Formats that the bytes can be read as.
    pub formats: Vec<Format>,
    /// The first physical rows, for each separator tried; sheets and HTML tables have one entry.
    pub grids: Vec<(Option<char>, Vec<Vec<String>>)>,
    /// JSON pointers (to depth 4) or XML element names (to depth 2) that exist.
    pub names: Vec<String>,
    /// The file's name, without folders.
    pub file_name: Option<String>,
}

/// A connector that fits.
#[derive(Debug, Clone)]
pub struct Recognised<'a> {
    pub connector: &'a Connector,
    /// Separator under which it fits, for separated values.
    pub delimiter: Option<char>,
    /// 0.0 to 1.0.
    pub confidence: f64,
    /// What was seen.
    pub reason: Reason,
}

/// No connector fits; what was seen instead, for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    /// The row that looks most like a header.
    pub widest_row: Vec<String>,
    /// The connector that came closest, and the names it missed.
    pub nearest: Option<(String, Vec<String>)>,
}

/// Finds the one connector that fits best; the user's own come before the built-in ones.
pub fn recognise<'a>(catalogue: &'a Catalogue, glimpse: &Glimpse) -> Result<Recognised<'a>, Unrecognised> {
    let seen = Seen::of(glimpse);
    let mut fits: Vec<(Fit, Recognised<'a>)> = catalogue.iter().filter_map(|connector| fit(connector, &seen)).collect();
    fits.sort_by(|(a, x), (b, y)| (y.connector.is_own, b).cmp(&(x.connector.is_own, a)));
    fits.into_iter().next().map(|(_, recognised)| recognised).ok_or_else(|| describe(catalogue, &seen))
}

/// Checks one connector that the user or a source has named.
pub fn fit_of<'a>(connector: &'a Connector, glimpse: &Glimpse) -> Option<Recognised<'a>> {
    fit(connector, &Seen::of(glimpse)).map(|(_, recognised)| recognised)
}

/// A glimpse whose rows are folded once for all connectors.
struct Seen<'g> {
    glimpse: &'g Glimpse,
    grids: Vec<(Option<char>, Vec<SeenRow<'g>>)>,
}

struct SeenRow<'g> {
    cells: &'g [String],
    folded: Vec<HeaderCell<'g>>,
}

impl<'g> Seen<'g> {
    fn of(glimpse: &'g Glimpse) -> Self {
        let row = |cells: &'g Vec<String>| SeenRow { cells, folded: HeaderCell::of_row(cells) };
        let grids = glimpse.grids.iter().map(|(delimiter, rows)| (*delimiter, rows.iter().map(row).collect()));
        Self { glimpse, grids: grids.collect() }
    }
}

/// How well a connector fits: compared in the order of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    priority: i32,
    matched_names: usize,
    /// Share of the header's cells that the connector knows, in thousandths.
    coverage: usize,
}

fn fit<'a>(connector: &'a Connector, seen: &Seen<'_>) -> Option<(Fit, Recognised<'a>)> {
    let format = connector.layout.format;
    if format.is_grid() { fit_grid(connector, seen) } else { fit_named(connector, format, seen.glimpse) }
}

fn fit_named<'a>(connector: &'a Connector, format: Format, glimpse: &Glimpse) -> Option<(Fit, Recognised<'a>)> {
    let signature = &connector.layout.signature;
    let is_signed = is_below("", signature, glimpse) || is_list_of_answers(connector, glimpse);
    if !glimpse.formats.contains(&format) || !is_signed {
        return None;
    }
    let fit = Fit { priority: connector.layout.priority, matched_names: signature.len(), coverage: 0 };
    let reason = if signature.is_empty() { Reason::Format(format) } else { Reason::Names(signature.clone()) };
    Some((fit, Recognised { connector, delimiter: None, confidence: 1.0, reason }))
}

/// Whether a JSON document is a list of what the connector reads: the answers of an interface that
/// gives its rows page by page.
pub fn is_list_of_answers(connector: &Connector, glimpse: &Glimpse) -> bool {
    let signature = &connector.layout.signature;
    connector.layout.format == Format::Json && !is_below("", signature, glimpse) && is_below("/0", signature, glimpse)
}

/// Whether all names of a signature exist below a place.
fn is_below(place: &str, signature: &[String], glimpse: &Glimpse) -> bool {
    let names = || glimpse.names.iter().filter_map(|name| name.strip_prefix(place));
    signature.iter().all(|wanted| names().any(|name| is_name(wanted, name)))
}

/// Whether a name is the wanted one: either side of a `|`, `*` standing for one step of a pointer.
fn is_name(wanted: &str, name: &str) -> bool {
    wanted.split('|').any(|one| {
        let same = |(wanted, step): (&str, &str)| wanted == "*" || wanted == step;
        one.split('/').count() == name.split('/').count() && one.split('/').zip(name.split('/')).all(same)
    })
}

fn fit_grid<'a>(connector: &'a Connector, seen: &Seen<'_>) -> Option<(Fit, Recognised<'a>)> {
    if !is_format_possible(connector.layout.format, &seen.glimpse.formats) {
        return None;
    }
    let wanted = connector.layout.delimiter;
    let grids =
        seen.grids.iter().filter(|(delimiter, _)| wanted.is_none() || delimiter.is_none() || *delimiter == wanted);
    grids.filter_map(|(delimiter, rows)| fit_rows(connector, *delimiter, rows)).max_by_key(|(fit, _)| *fit)
}

/// `csv` connectors also read workbooks and HTML pages that hold the same table.
fn is_format_possible(format: Format, seen: &[Format]) -> bool {
    seen.contains(&format) || (format == Format::Csv && seen.iter().any(|kind| kind.is_grid()))
}

fn fit_rows<'a>(
    connector: &'a Connector,
    delimiter: Option<char>,
    rows: &[SeenRow<'_>],
) -> Option<(Fit, Recognised<'a>)> {
    let signature = &connector.layout.signature;
    let cells = rows.iter().flat_map(|row| &row.folded);
    if !signature.iter().all(|wanted| cells.clone().any(|cell| wanted.split('|').any(|one| cell.is_named(one)))) {
        return None;
    }
    let has_proof = !connector.layout.needs_line || line_of(connector, rows).is_some();
    let headers = connector.sections.iter().filter(|_| has_proof).filter_map(|section| fit_header(section, rows));
    let by_header = headers.max_by_key(|(fit, _)| *fit);
    let (mut fit, reason) = by_header.or_else(|| fit_lines(connector, rows))?;
    fit.priority = connector.layout.priority;
    fit.matched_names += signature.len();
    #[expect(clippy::cast_precision_loss, reason = "a share in thousandths")]
    let confidence = (0.5 + fit.coverage as f64 / 2000.0).min(1.0);
    Some((fit, Recognised { connector, delimiter, confidence, reason }))
}

fn fit_header(section: &Section, rows: &[SeenRow<'_>]) -> Option<(Fit, Reason)> {
    let mut best: Option<(Fit, Reason)> = None;
    for (index, row) in rows.iter().enumerate() {
        for signature in section.header.iter().filter(|signature| holds_signature(&row.folded, signature)) {
            let filled = row.cells.iter().filter(|cell| !cell.trim().is_empty()).count().max(1);
            let fit = Fit {
                priority: 0,
                matched_names: signature.len(),
                coverage: (signature.len() * 1000 / filled).min(1000),
            };
            if best.as_ref().is_none_or(|(known, _)| fit > *known) {
                best = Some((fit, Reason::header(index, row.cells)));
            }
        }
    }
    best
}

/// A table without header: the lines around it must be there and rows have the stated width.
fn fit_lines(connector: &Connector, rows: &[SeenRow<'_>]) -> Option<(Fit, Reason)> {
    let fields = connector.sections.iter().find_map(|section| section.fields)?;
    let line = line_of(connector, rows)?;
    let has_rows = rows.iter().any(|row| row.cells.len() == fields);
    let fit = Fit { priority: 0, matched_names: 1, coverage: 500 };
    has_rows.then(|| (fit, Reason::Lines { line: line + 1, fields }))
}

/// The first row that is a line which the connector knows.
fn line_of(connector: &Connector, rows: &[SeenRow<'_>]) -> Option<usize> {
    let is_known =
        |row: &SeenRow<'_>| connector.layout.lines.iter().any(|line| match_row(&line.0, row.cells).is_some());
    rows.iter().position(is_known)
}

fn describe(catalogue: &Catalogue, seen: &Seen<'_>) -> Unrecognised {
    let rows = seen.grids.iter().flat_map(|(_, rows)| rows);
    let n_filled = |row: &&SeenRow<'_>| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    // `max_by_key` keeps the last of equals, and a header comes before its rows.
    let widest_row = rows.clone().rev().max_by_key(n_filled).map(|row| row.cells.to_vec()).unwrap_or_default();
    let mut nearest: Option<(usize, String, Vec<String>)> = None;
    for connector in catalogue.iter() {
        for signature in connector.sections.iter().flat_map(|section| &section.header) {
            for row in rows.clone() {
                let missing: Vec<String> = signature
                    .iter()
                    .filter(|name| !row.folded.iter().any(|cell| cell.is(name)))
                    .map(|name| name.text().to_owned())
                    .collect();
                let found = signature.len() - missing.len();
                if found >= 2 && nearest.as_ref().is_none_or(|(known, ..)| found > *known) {
                    nearest = Some((found, connector.id.clone(), missing));
                }
            }
        }
    }
    Unrecognised { widest_row, nearest: nearest.map(|(_, id, missing)| (id, missing)) }
}
