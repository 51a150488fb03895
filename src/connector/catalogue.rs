//! The connectors that are there: the built-in ones, and the user's own, which win.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::fields::Columns;
use super::layout::{Layout, Section};
use super::{Connector, ConnectorFile, Service};
use crate::model::misread::Misread;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/connectors");

/// Why a connector could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// `detail` holds line, column, the line itself with a caret, and the expected names.
    #[error("{file}: {detail}")]
    Invalid { file: String, detail: String },
    #[error("cannot read {file}")]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("no connector is called {id}{}", suggestion(.close))]
    Unknown { id: String, close: Vec<String> },
}

/// All connectors, by id.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    connectors: BTreeMap<String, Connector>,
    services: BTreeMap<String, Service>,
}

impl Catalogue {
    /// The connectors inside the program.
    pub fn shipped() -> Result<Self, ConnectorError> {
        let mut catalogue = Self::default();
        // What lies beside the families is no connector.
        for file in SHIPPED.dirs().flat_map(toml_files) {
            let id = file.path().with_extension("").to_string_lossy().replace('\\', "/");
            let text = String::from_utf8_lossy(file.contents());
            catalogue.add(&id, &text, &format!("connectors/{id}.toml"))?;
        }
        Ok(catalogue)
    }

    /// Adds the user's own connectors, `<folder>/<family>/<id>.toml`; they replace built-in ones.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, ConnectorError> {
        for path in toml_paths(folder)? {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| ConnectorError::Unreadable { file: path.clone(), source })?;
            let id = path.strip_prefix(folder).unwrap_or(&path).with_extension("").to_string_lossy().replace('\\', "/");
            self.insert(&id, parse(&id, &text, &path.to_string_lossy(), true)?);
        }
        Ok(self)
    }

    /// Parses and adds one connector.
    pub fn add(&mut self, id: &str, text: &str, file: &str) -> Result<(), ConnectorError> {
        self.insert(id, parse(id, text, file, false)?);
        Ok(())
    }

    /// What a file says replaces all that another of the same id said.
    fn insert(&mut self, id: &str, (connector, service): (Option<Connector>, Option<Service>)) {
        self.connectors.remove(id);
        self.services.remove(id);
        self.connectors.extend(connector.map(|connector| (id.to_owned(), connector)));
        self.services.extend(service.map(|service| (id.to_owned(), service)));
    }

    /// The service of that id, or of that short id when only one has it.
    pub fn service(&self, id: &str) -> Result<&Service, ConnectorError> {
        if let Some(service) = self.services.get(id) {
            return Ok(service);
        }
        let mut short = self.services.values().filter(|service| service.id.rsplit('/').next() == Some(id));
        match (short.next(), short.next()) {
            (Some(service), None) => Ok(service),
            _ => Err(ConnectorError::Unknown { id: id.to_owned(), close: self.close_to(id) }),
        }
    }

    /// All places that documents can be fetched from, in the order of their ids.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// The connector of that id, or of that short id when only one has it.
    pub fn find(&self, id: &str) -> Result<&Connector, ConnectorError> {
        if let Some(connector) = self.connectors.get(id) {
            return Ok(connector);
        }
        let mut short = self.connectors.values().filter(|connector| connector.short_id() == id);
        match (short.next(), short.next()) {
            (Some(connector), None) => Ok(connector),
            _ => Err(ConnectorError::Unknown { id: id.to_owned(), close: self.close_to(id) }),
        }
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Connector> {
        self.connectors.values()
    }

    fn close_to(&self, id: &str) -> Vec<String> {
        let short = id.rsplit('/').next().unwrap_or(id);
        let likeness = |known: &Connector| {
            let by_name = strsim::jaro_winkler(known.short_id(), short);
            if known.id.contains(id) { 1.0 } else { by_name.max(strsim::jaro_winkler(&known.id, id)) }
        };
        let mut near: Vec<(f64, &str)> =
            self.connectors.values().map(|known| (likeness(known), known.id.as_str())).collect();
        near.retain(|(likeness, _)| *likeness > 0.85);
        near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        near.into_iter().take(3).map(|(_, id)| id.to_owned()).collect()
    }
}

/// What a file says: how documents are read, where they come from, or both.
type Parsed = (Option<Connector>, Option<Service>);

fn parse(id: &str, text: &str, file: &str, is_own: bool) -> Result<Parsed, ConnectorError> {
    let invalid = |detail: String| ConnectorError::Invalid { file: file.to_owned(), detail };
    let mut parsed: ConnectorFile =
        toml::from_str(text).map_err(|error| invalid(Misread::of_toml(&error, text, file).to_string()))?;
    if let Some(fetch) = &parsed.fetch {
        super::fetch::check(fetch).map_err(invalid)?;
    }
    let service = parsed.fetch.take().map(|fetch| Service {
        id: id.to_owned(),
        name: parsed.name.clone(),
        help: parsed.help.clone(),
        fetch,
        is_own,
    });
    let Some(layout) = parsed.layout.take() else {
        let is_whole = service.is_some() && parsed.columns.is_none() && parsed.sections.is_empty();
        let why = "the key `layout` is missing: say where the rows are, or under `[fetch]` where documents come from";
        return if is_whole { Ok((None, service)) } else { Err(invalid(why.to_owned())) };
    };
    let mut sections = sections_of(&parsed, &layout).map_err(invalid)?;
    let value: toml::Value = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
    for (section, columns) in sections.iter_mut().zip(column_tables(&value)) {
        collect_texts(columns, &mut section.references);
    }
    let connector = Connector {
        id: id.to_owned(),
        name: parsed.name,
        version: parsed.version,
        country: parsed.country,
        help: parsed.help,
        layout,
        sections,
        is_own,
        text: text.to_owned(),
    };
    Ok((Some(connector), service))
}

/// `[layout]` with `[columns]` is the first section; `[[sections]]` are further ones.
fn sections_of(file: &ConnectorFile, layout: &Layout) -> Result<Vec<Section>, String> {
    let mut sections = Vec::new();
    if let Some(columns) = &file.columns {
        sections.push(first_section(layout, columns));
    }
    sections.extend(file.sections.iter().cloned());
    let holds_objects = matches!(layout.format, super::Format::Vcard | super::Format::Icalendar);
    if sections.iter().any(|section| section.columns.is_empty()) {
        return Err("a section says nothing of its columns: add `[columns.transactions]` or another table".to_owned());
    }
    if sections.is_empty() && !holds_objects {
        return Err("the connector has no `[columns]`".to_owned());
    }
    let is_placed = |section: &Section| !section.header.is_empty() || section.fields.is_some();
    if layout.format.is_grid() && !sections.iter().all(is_placed) {
        return Err("a table needs a `header` (names of its columns) or `fields` (number of its cells)".to_owned());
    }
    Ok(sections)
}

/// The `columns` tables of a file, in the order of its sections.
fn column_tables(file: &toml::Value) -> impl Iterator<Item = &toml::Value> {
    let further = file.get("sections").and_then(toml::Value::as_array).into_iter().flatten();
    file.get("columns").into_iter().chain(further.filter_map(|section| section.get("columns")))
}

fn collect_texts(value: &toml::Value, out: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => out.push(text.clone()),
        toml::Value::Array(values) => values.iter().for_each(|value| collect_texts(value, out)),
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| {
            // Conditions name their cells by their keys.
            out.push(key.clone());
            collect_texts(value, out);
        }),
        _ => {}
    }
}

fn first_section(layout: &Layout, columns: &Columns) -> Section {
    Section {
        header: layout.header.clone(),
        fields: layout.fields,
        rows: layout.rows.clone(),
        columns: columns.clone(),
        ..Section::default()
    }
}

fn toml_files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    let mut files: Vec<_> = dir.files().filter(|file| file.path().extension().is_some_and(|e| e == "toml")).collect();
    files.extend(dir.dirs().flat_map(toml_files));
    files
}

fn toml_paths(folder: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |source| ConnectorError::Unreadable { file: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            found.extend(toml_paths(&path)?);
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn suggestion(close: &[String]) -> String {
    if close.is_empty() {
        "; see `moisson connector list`".to_owned()
    } else {
        format!("; did you mean {}?", close.join(" or "))
    }
}
