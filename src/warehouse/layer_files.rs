//! What can be told of a query file by reading it: its layer, its order, its comments.
//!
//! Reading is by eye, not by grammar: comments and strings are set aside, then names are looked
//! for. The database remains the judge of the SQL.

use std::collections::BTreeSet;

use super::{QueryFile, WarehouseError};

/// The schema of what link steps make.
pub(super) const LINKS: &str = "links";
/// How the name of a file ends whose rows a link step chooses among.
const CANDIDATES: &str = "_candidates";

/// The folders of `queries/` that a refresh runs, lower layers first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Staging,
    Intermediate,
    Marts,
    Checks,
}

impl Layer {
    pub const ALL: [Self; 4] = [Self::Staging, Self::Intermediate, Self::Marts, Self::Checks];

    /// Its folder under `queries/`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Intermediate => "intermediate",
            Self::Marts => "marts",
            Self::Checks => "checks",
        }
    }

    /// The schema of its views or tables.
    pub fn schema(self) -> &'static str {
        match self {
            Self::Marts => "main",
            Self::Staging | Self::Intermediate | Self::Checks => self.folder(),
        }
    }
}

/// The files in an order in which each can be run: by layer, then what is read before its readers.
pub(super) fn in_order(files: &[QueryFile]) -> Result<Vec<QueryFile>, WarehouseError> {
    let mut waiting: Vec<&QueryFile> = files.iter().collect();
    waiting.sort_by(|a, b| (a.layer, &a.name).cmp(&(b.layer, &b.name)));
    let mut ordered: Vec<QueryFile> = Vec::with_capacity(files.len());
    for file in files {
        refuse_higher_layer(file)?;
    }
    while !waiting.is_empty() {
        let next = waiting
            .iter()
            .position(|file| file.layer == waiting[0].layer && !waiting.iter().any(|other| is_read_by(other, file)));
        match next {
            Some(next) => ordered.push(waiting.remove(next).clone()),
            None => return Err(circle(&waiting)),
        }
    }
    Ok(ordered)
}

/// The first line of a file, when it is a comment: what one row is, or what a check says.
pub(super) fn grain(sql: &str) -> Option<&str> {
    sql.lines().next()?.strip_prefix("--").map(str::trim)
}

/// Columns of the last select list that carry a comment on their line, with it.
pub(super) fn column_comments(sql: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = sql.lines().collect();
    let start = lines.iter().rposition(|line| line.to_lowercase().starts_with("select")).unwrap_or(0);
    lines[start..].iter().filter_map(|line| commented_column(line)).collect()
}

fn commented_column(line: &str) -> Option<(String, String)> {
    let (code, comment) = split_comment(line);
    let code = code.trim().trim_end_matches(',').trim_end();
    let name = code.rsplit(|c: char| c.is_whitespace() || c == '.').next()?.trim_matches('"');
    (!name.is_empty() && !comment.is_empty()).then(|| (name.to_owned(), comment.to_owned()))
}

/// Code, then the text of the comment that ends the line; `--` inside quotes is code.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    for (position, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if line[position..].starts_with("--") => {
                return (&line[..position], line[position + 2..].trim());
            }
            Some(_) | None => {}
        }
    }
    (line, "")
}

fn circle(waiting: &[&QueryFile]) -> WarehouseError {
    let layer = waiting[0].layer;
    let files = waiting.iter().filter(|file| file.layer == layer).map(|file| file.path()).collect();
    WarehouseError::Circle { files }
}

fn refuse_higher_layer(file: &QueryFile) -> Result<(), WarehouseError> {
    for (schema, name) in references(&file.sql) {
        // Links are found between two intermediate files.
        let schema = if schema == LINKS { Layer::Intermediate.schema().to_owned() } else { schema };
        let read = Layer::ALL.into_iter().find(|layer| layer.schema() == schema);
        if read.is_some_and(|read| read > file.layer) {
            return Err(WarehouseError::HigherLayer { file: file.path(), reads: format!("{schema}.{name}") });
        }
    }
    Ok(())
}

/// Whether `reader`, of the same layer, reads what `file` makes, or the links found among its candidates.
fn is_read_by(file: &QueryFile, reader: &QueryFile) -> bool {
    if file.name == reader.name || file.layer != reader.layer {
        return false;
    }
    let read = references(&reader.sql);
    let made = (file.layer.schema().to_owned(), file.name.clone());
    let linked = links_of(file).map(|name| (LINKS.to_owned(), name.to_owned()));
    read.contains(&made) || linked.is_some_and(|linked| read.contains(&linked))
}

/// `intermediate/transfers_candidates.sql` → `transfers`: the table of schema `links` that is made from it.
pub(super) fn links_of(file: &QueryFile) -> Option<&str> {
    let name = file.name.strip_suffix(CANDIDATES)?;
    (file.layer == Layer::Intermediate).then_some(name)
}

/// Schemas below the layers.
const BELOW: [&str; 3] = ["landing", "household", "facts"];

/// Every relation that a file reads, `schema.name`.
pub(super) fn reads(sql: &str) -> BTreeSet<String> {
    let is_relation = |schema: &str| schema == LINKS || is_layer(schema) || BELOW.contains(&schema);
    named(sql, is_relation).into_iter().map(|(schema, name)| format!("{schema}.{name}")).collect()
}

/// Every `schema.name` of the layers that stands in the code.
fn references(sql: &str) -> BTreeSet<(String, String)> {
    named(sql, |schema| schema == LINKS || is_layer(schema))
}

fn is_layer(schema: &str) -> bool {
    Layer::ALL.iter().any(|layer| layer.schema() == schema)
}

fn named(sql: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<(String, String)> {
    let code = sql.lines().map(|line| split_comment(line).0).collect::<Vec<_>>().join("\n");
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let words = code.split(|c| !is_part(c)).filter_map(|word| word.split_once('.'));
    words
        .filter(|(schema, _)| is_wanted(schema))
        .map(|(schema, name)| (schema.to_owned(), name.split('.').next().unwrap_or(name).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(layer: Layer, name: &str, sql: &str) -> QueryFile {
        QueryFile { layer, name: name.to_owned(), sql: sql.to_owned() }
    }

    #[test]
    fn files_run_after_what_they_read() {
        let files = [
            file(Layer::Checks, "c", "from m"),
            file(Layer::Intermediate, "a", "from intermediate.b -- intermediate.a"),
            file(Layer::Intermediate, "b", "from staging.z"),
            file(Layer::Staging, "z", "select 1"),
        ];
        let names: Vec<String> = in_order(&files).expect("an order exists").iter().map(QueryFile::path).collect();
        assert_eq!(names, ["staging/z.sql", "intermediate/b.sql", "intermediate/a.sql", "checks/c.sql"]);
    }

    #[test]
    fn links_are_read_after_their_candidates() {
        let files = [
            file(Layer::Intermediate, "a", "from links.pairs"),
            file(Layer::Intermediate, "pairs_candidates", "from intermediate.z"),
            file(Layer::Intermediate, "z", "select 1"),
        ];
        let names: Vec<String> = in_order(&files).expect("an order exists").into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["z", "pairs_candidates", "a"]);
        let error = in_order(&[file(Layer::Staging, "a", "from links.pairs")]).expect_err("upwards").to_string();
        assert_eq!(error, "staging/a.sql reads intermediate.pairs, which is in a higher layer");
    }

    #[test]
    fn circles_and_higher_layers_are_named() {
        let circle = [file(Layer::Staging, "a", "from staging.b"), file(Layer::Staging, "b", "from staging.a")];
        let error = in_order(&circle).expect_err("a circle").to_string();
        assert!(error.contains("staging/a.sql, staging/b.sql"), "{error}");
        let error = in_order(&[file(Layer::Staging, "a", "from intermediate.b")]).expect_err("upwards").to_string();
        assert_eq!(error, "staging/a.sql reads intermediate.b, which is in a higher layer");
    }

    #[test]
    fn comments_of_the_last_select_are_the_columns() {
        let sql = "-- One row per call.\nwith x as (\n    select 1 as a -- not this\n)\nselect\n    \
                   x.a, -- The a.\n    '--' || x.b as b -- The b.\nfrom x -- after";
        let expected = [("a", "The a."), ("b", "The b."), ("x", "after")];
        let found = column_comments(sql);
        assert_eq!(found.iter().map(|(n, c)| (n.as_str(), c.as_str())).collect::<Vec<_>>(), expected);
        assert_eq!(grain(sql), Some("One row per call."));
    }
}
