//! `moisson sql`: a question of the published views, which no import ever blocks.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::import::SNAPSHOT;
use crate::warehouse::{Answer, AnswerColumn, Limits, Reader, WarehouseError, write_parquet};

use super::args::{SqlArgs, SqlFormat};
use super::error::{CliError, UNAVAILABLE, USAGE};
use super::table::{Column, Long};
use super::{Setting, show, table, views};

/// Rows of a table on the terminal; files have no limit.
const MOST_ROWS_SHOWN: usize = 1000;

pub fn run(setting: &Setting, arguments: &SqlArgs) -> Result<ExitCode, CliError> {
    refuse_parquet_without_file(arguments)?;
    let question = question(arguments)?;
    let reader = open(setting)?;
    let Some(question) = question else {
        views::show_all(setting.language, &reader)?;
        return Ok(ExitCode::SUCCESS);
    };
    let question = views::described(&question).unwrap_or(question);
    match answer(setting, &reader, &question, arguments) {
        // Whoever reads has seen enough.
        Err(WarehouseError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(with_views(error, &reader)),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

/// Opens what the last import published.
pub fn open(setting: &Setting) -> Result<Reader, CliError> {
    let snapshot = setting.home.data.join(SNAPSHOT);
    if !snapshot.exists() {
        return Err(nothing_published(&setting.home.data));
    }
    Ok(Reader::open(&snapshot, Limits::of_question())?)
}

/// Nothing was imported yet.
pub fn nothing_published(home: &Path) -> CliError {
    let home = home.display();
    CliError::new(
        UNAVAILABLE,
        format!("nothing was imported into {home} yet"),
        format!("rien n'a encore été importé dans {home}"),
    )
    .hint(
        "import something first: moisson import FILE…  (or look around with: moisson demo)",
        "importez d'abord quelque chose : moisson import FICHIER…  (ou faites un tour : moisson demo)",
    )
}

/// The beginning of an answer, as it is shown.
pub struct Shown {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// Whether there are more rows.
    pub is_cut: bool,
}

/// At most `most` rows of an answer.
pub fn shown_rows(answer: &mut Answer<'_>, most: usize) -> Result<Shown, WarehouseError> {
    let column = |column: AnswerColumn| Column { name: column.name, is_figure: column.is_number };
    let columns: Vec<Column> = answer.columns().into_iter().map(column).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    while let Some(batch) = answer.next_rows()? {
        let cells = |row: Vec<Option<String>>| {
            row.into_iter().zip(&columns).map(|(cell, column)| shown(cell, column.is_figure)).collect()
        };
        rows.extend(batch.into_iter().map(cells));
        if rows.len() > most {
            break;
        }
    }
    let is_cut = rows.len() > most;
    rows.truncate(most);
    Ok(Shown { columns, rows, is_cut })
}

/// Zeros after the second decimal say nothing: `12.50000` is `12.50`.
fn shown(cell: Option<String>, is_figure: bool) -> String {
    let mut cell = cell.unwrap_or_default();
    while let Some((_, decimals)) = cell.split_once('.').filter(|_| is_figure && !cell.contains('e')) {
        if decimals.len() <= 2 || !cell.ends_with('0') {
            break;
        }
        cell.pop();
    }
    cell
}

/// The question: the argument, else standard input; `None` when there is none to be had.
fn question(arguments: &SqlArgs) -> Result<Option<String>, CliError> {
    let mut sql = String::new();
    match arguments.sql.as_deref() {
        Some(sql) if sql != "-" => return Ok(Some(sql.to_owned()).filter(|sql| !sql.trim().is_empty())),
        None if io::stdin().is_terminal() => return Ok(None),
        _ => {
            io::stdin().lock().read_to_string(&mut sql).map_err(|error| CliError::unreadable(Path::new("-"), &error))?
        }
    };
    Ok(Some(sql).filter(|sql| !sql.trim().is_empty()))
}

fn answer(setting: &Setting, reader: &Reader, question: &str, arguments: &SqlArgs) -> Result<(), WarehouseError> {
    let format = format(arguments);
    if let (SqlFormat::Parquet, Some(target)) = (format, &arguments.output) {
        let snapshot = setting.home.data.join(SNAPSHOT);
        return write_parquet(&snapshot, question, target, Limits::of_question()).map(drop);
    }
    let mut answer = reader.ask(question)?;
    if format == SqlFormat::Table && arguments.output.is_none() {
        return show_table(setting, &mut answer);
    }
    let mut to = output(arguments)?;
    match format {
        SqlFormat::Table => {
            let Shown { columns, rows, .. } = shown_rows(&mut answer, usize::MAX)?;
            writeln!(to, "{}", table::draw(&columns, &rows, None, Long::Cut)).map_err(WarehouseError::Output)?;
        }
        SqlFormat::Csv => drop(answer.write_csv(&mut to)?),
        SqlFormat::Json => drop(answer.write_json(&mut to)?),
        SqlFormat::Ndjson | SqlFormat::Parquet => drop(answer.write_ndjson(&mut to)?),
    }
    to.flush().map_err(WarehouseError::Output)
}

fn show_table(setting: &Setting, answer: &mut Answer<'_>) -> Result<(), WarehouseError> {
    let language = setting.language;
    let Shown { columns, rows, is_cut } = shown_rows(answer, MOST_ROWS_SHOWN)?;
    show::table(&columns, &rows, Long::Cut);
    let n = rows.len() as u64;
    if is_cut {
        let first = language.rows(n);
        show::line(&language.pick(
            format!("(the first {first}; --format csv has no limit)"),
            format!("(les {first} premières ; --format csv n'a pas de limite)"),
        ));
    } else if show::is_terminal() || n == 0 {
        show::line(&format!("({})", language.rows(n)));
    }
    Ok(())
}

/// The format that was asked for, or that the name of the output says.
fn format(arguments: &SqlArgs) -> SqlFormat {
    let named = arguments.output.as_ref().and_then(|path| path.extension()?.to_str().map(str::to_lowercase));
    arguments.format.unwrap_or(match named.as_deref() {
        Some("csv") => SqlFormat::Csv,
        Some("json") => SqlFormat::Json,
        Some("ndjson" | "jsonl") => SqlFormat::Ndjson,
        Some("parquet") => SqlFormat::Parquet,
        _ => SqlFormat::Table,
    })
}

/// Parquet goes to a file only: it is written from its end.
fn refuse_parquet_without_file(arguments: &SqlArgs) -> Result<(), CliError> {
    if format(arguments) != SqlFormat::Parquet || arguments.output.is_some() {
        return Ok(());
    }
    Err(CliError::new(USAGE, "parquet needs --output FILE", "parquet demande --output FICHIER"))
}

fn output(arguments: &SqlArgs) -> Result<Box<dyn Write>, WarehouseError> {
    let Some(path) = &arguments.output else { return Ok(show::output()) };
    let file = File::create(path).map_err(|source| WarehouseError::File { path: path.clone(), source })?;
    Ok(Box::new(BufWriter::new(file)))
}

/// Adds the names of the views when the database does not find one.
fn with_views(error: WarehouseError, reader: &Reader) -> CliError {
    let is_unknown = matches!(&error, WarehouseError::Refused { message } if message.contains("does not exist"));
    let error = CliError::from(error);
    match views::names(reader) {
        Ok(names) if is_unknown => {
            let names = names.join(", ");
            error.hint(
                format!("the views are {names}; `moisson sql \"describe calls\"` explains the columns of one"),
                format!("les vues sont {names} ; `moisson sql \"describe calls\"` explique les colonnes de l'une"),
            )
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_that_say_nothing_are_not_shown() {
        let money = |text: &str| shown(Some(text.to_owned()), true);
        assert_eq!(money("12.50000"), "12.50");
        assert_eq!(money("-0.12340"), "-0.1234");
        assert_eq!(money("1000"), "1000");
        assert_eq!(shown(Some("v1.10000".to_owned()), false), "v1.10000");
        assert_eq!(shown(None, true), "");
    }
}
