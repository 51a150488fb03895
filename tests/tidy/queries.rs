//! The shipped SQL: a grain on every view, a comment on every column of a mart, and nothing that
//! a database without time zones cannot run.

use moisson::warehouse::{Reader, Warehouse, shipped_queries};

use super::files::texts;
use super::nobody;

/// Needs ICU, which a compiled-in database does not have, or is not the same on every run.
const REFUSED: [&str; 24] = [
    "at time zone",
    "timestamptz",
    "timestamp with time zone",
    "timezone(",
    "set timezone",
    "pg_timezone_names",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_localtime",
    "get_current_time",
    "localtime",
    "transaction_timestamp",
    "today(",
    "now(",
    "make_timestamptz",
    "to_timestamp(",
    "random(",
    "uuid(",
    "gen_random_uuid",
    "read_csv",
    "read_json",
    "read_parquet",
    "read_text",
];
/// Collations that are in every build.
const COLLATIONS: [&str; 3] = ["nocase", "noaccent", "nfc"];

/// SQL without comments and texts, lower case, blanks made one.
fn bare(sql: &str) -> String {
    let mut code = String::new();
    let mut in_text = false;
    for line in sql.lines() {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if !in_text && rest.starts_with("--") {
                break;
            }
            in_text ^= c == '\'';
            if !in_text && c != '\'' {
                code.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
        code.push(' ');
    }
    code.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn every_query_says_what_one_row_is() {
    let files = texts("queries", "sql");
    assert!(files.len() > 50);
    let mut offenders = Vec::new();
    for (file, sql) in files {
        let first = sql.lines().next().unwrap_or_default();
        let is_sentence = first.starts_with("-- ") && first.trim_end().ends_with(['.', '?']);
        let is_grain = first.starts_with("-- One row per ") || first.starts_with("-- One row a ");
        if !is_sentence {
            offenders.push(format!("{file}: the first line is no sentence in a comment"));
        } else if !is_grain && !file.starts_with("queries/checks/") && !file.starts_with("queries/reports/") {
            offenders.push(format!("{file}: the first line does not say what one row is"));
        }
    }
    nobody(&offenders);
}

#[test]
fn no_query_needs_time_zones_or_files() {
    let mut offenders = Vec::new();
    for (file, sql) in texts("queries", "sql") {
        let code = bare(&sql);
        offenders.extend(REFUSED.iter().filter(|word| code.contains(**word)).map(|word| format!("{file}: {word}")));
        for (at, word) in code.match_indices("collate ") {
            let name = code[at + word.len()..].split([' ', ',', ')']).next().unwrap_or_default();
            if name.split('.').any(|part| !COLLATIONS.contains(&part)) {
                offenders.push(format!("{file}: collate {name}"));
            }
        }
    }
    nobody(&offenders);
}

#[test]
fn every_column_of_a_mart_is_commented() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("warehouse.duckdb");
    let mut warehouse = Warehouse::open(&path, moisson::warehouse::Mode::Write).expect("a warehouse");
    warehouse.refresh(&shipped_queries(), &moisson::link::steps()).expect("the shipped queries run");
    drop(warehouse);
    let reader = Reader::open(&path, moisson::warehouse::Limits::default()).expect("a reader");
    let question = |sql: &str| {
        let mut answer = reader.ask(sql).expect("an answer");
        let mut rows = Vec::new();
        while let Some(batch) = answer.next_rows().expect("rows") {
            rows.extend(batch.into_iter().map(|row| row[0].clone().unwrap_or_default()));
        }
        rows
    };
    nobody(&question(
        "select table_name || '.' || column_name from duckdb_columns()
         where schema_name = 'main' and not internal and coalesce(trim(comment), '') = ''
         union all
         select schema_name || '.' || view_name from duckdb_views()
         where not internal and coalesce(trim(comment), '') = ''",
    ));
    let marts = question("select view_name from duckdb_views() where schema_name = 'main' and not internal");
    let files = texts("queries/marts", "sql").len();
    assert_eq!(marts.len(), files);
}

#[test]
fn texts_and_comments_are_set_aside() {
    assert_eq!(bare("-- now()\nselect 'today()' as a, -- it's\n  b - c as \"d\""), "select as a, b - c as \"d\"");
}
