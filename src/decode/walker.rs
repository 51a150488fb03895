//! Finds tables among physical rows: what is header, row, line around the table, or outside it.

use crate::connector::layout::Section;
use crate::connector::recognise_header::{HeaderCell, holds_signature};
use crate::connector::template::{Template, match_row};
use crate::connector::{Connector, Layout};

use super::row::GridRow;

/// What a physical row turned out to be.
#[derive(Debug)]
pub enum Found<'c> {
    /// The header of a section.
    Header(&'c Section),
    /// A row of the section in force.
    Row(&'c Section),
    /// A line around the table, with what it says.
    Said(Vec<(String, String)>),
    /// Empty cells only.
    Blank,
    /// Neither header nor row nor a line that the connector knows.
    Outside,
}

/// Walks the physical rows of one document.
#[derive(Debug)]
pub struct Walker<'c> {
    layout: &'c Layout,
    sections: &'c [Section],
    /// The section whose rows come now.
    current: Option<&'c Section>,
    header: Vec<String>,
    said: std::collections::BTreeMap<String, String>,
}

impl<'c> Walker<'c> {
    pub fn new(connector: &'c Connector) -> Self {
        let current = connector.sections.iter().find(|section| section.fields.is_some());
        Self {
            layout: &connector.layout,
            sections: &connector.sections,
            current,
            header: Vec::new(),
            said: std::collections::BTreeMap::new(),
        }
    }

    /// Tells what the next row is.
    pub fn take(&mut self, row: &GridRow) -> Found<'c> {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Found::Blank;
        }
        let by_width = self.current.filter(|section| section.fields == Some(row.cells.len()));
        if let Some(section) = by_width {
            let header = self.header_of(&row.cells);
            return header.map_or(Found::Row(section), |headed| self.enter(headed, row));
        }
        if let Some(said) = self.line(&row.cells) {
            return self.heard(said);
        }
        if let Some(section) = self.header_of(&row.cells) {
            return self.enter(section, row);
        }
        match self.current {
            Some(section) if section.fields.is_none() => self.row(section, row),
            _ => Found::Outside,
        }
    }

    fn row(&mut self, section: &'c Section, row: &GridRow) -> Found<'c> {
        let first = row.cells.iter().find(|cell| !cell.trim().is_empty());
        let is_end = first.is_some_and(|cell| self.layout.footer.iter().any(|footer| begins(footer, cell)));
        if is_end {
            self.current = None;
            return Found::Outside;
        }
        Found::Row(section)
    }

    fn line(&self, cells: &[String]) -> Option<Vec<(String, String)>> {
        self.layout.lines.iter().find_map(|line| match_row(&line.0, cells))
    }

    /// A known line ends the table in force, unless rows are known by their width.
    fn heard(&mut self, said: Vec<(String, String)>) -> Found<'c> {
        if self.current.is_some_and(|section| section.fields.is_none()) {
            self.current = None;
        }
        self.said.extend(said.iter().cloned());
        Found::Said(said)
    }

    fn header_of(&self, cells: &[String]) -> Option<&'c Section> {
        if self.current.is_some() && cells != self.header && !self.may_be_header(cells) {
            return None;
        }
        let row = HeaderCell::of_row(cells);
        let is_headed = |section: &&Section| section.header.iter().any(|names| holds_signature(&row, names));
        self.sections.iter().find(|section| self.is_open(section) && is_headed(section))
    }

    /// Inside a table only documents of several sections can meet another header, which does not
    /// begin with a digit as dates do.
    fn may_be_header(&self, cells: &[String]) -> bool {
        let first = cells.iter().map(|cell| cell.trim_start()).find(|cell| !cell.is_empty());
        self.sections.len() > 1 && first.is_some_and(|cell| !cell.starts_with(|c: char| c.is_ascii_digit()))
    }

    fn is_open(&self, section: &Section) -> bool {
        section.when.iter().all(|(name, word)| {
            self.said
                .get(name)
                .is_some_and(|said| crate::model::text::fold_key(said) == crate::model::text::fold_key(word))
        })
    }

    fn enter(&mut self, section: &'c Section, row: &GridRow) -> Found<'c> {
        self.current = Some(section);
        self.header.clone_from(&row.cells);
        Found::Header(section)
    }
}

/// Whether a cell begins with the footer's word.
fn begins(footer: &Template, cell: &str) -> bool {
    use crate::model::text::fold_key;
    let word = fold_key(footer.text());
    fold_key(cell).starts_with(&word)
}
