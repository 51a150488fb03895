//! `moisson sql`: a question of the published views, which no import ever blocks.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::process::ExitCode;

use crate::import::SNAPSHOT;
use crate::warehouse::{Answer, Limits, Reader, write_parquet};

use super::args::{SqlArgs, SqlFormat};
use super::error::{CliError, DATA, UNAVAILABLE, USAGE};
use super::{Setting, show};

/// Rows of a table on the terminal; files have no limit.
const MOST_ROWS_SHOWN: usize = 1000;

pub fn run(setting: &Setting, arguments: &SqlArgs) -> Result<ExitCode, CliError> {
    let sql = question(arguments)?;
    let snapshot = setting.home.data.join(SNAPSHOT);
    if !snapshot.exists() {
        return Err(nothing_published());
    }
    if arguments.format == SqlFormat::Parquet {
        let target = arguments.output.as_ref().ok_or_else(|| CliError::new(USAGE, "parquet needs --output FILE"))?;
        write_parquet(&snapshot, &sql, target, Limits::default())?;
        return Ok(ExitCode::SUCCESS);
    }
    let reader = Reader::open(&snapshot, Limits::default())?;
    let answer = reader.ask(&sql).map_err(|error| CliError::new(DATA, error.to_string()))?;
    write(answer, arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// Nothing was imported yet.
pub fn nothing_published() -> CliError {
    CliError::new(UNAVAILABLE, "there is nothing to ask yet").hint(
        "import something first: moisson import FILE…  (or try: moisson demo)",
        "importez d'abord quelque chose : moisson import FICHIER…  (ou essayez : moisson demo)",
    )
}

/// Shows a question's answer as a table, cut to `most` rows.
pub fn show_answer(mut answer: Answer<'_>, most: usize) -> Result<usize, CliError> {
    let columns: Vec<(String, bool)> =
        answer.columns().into_iter().map(|column| (column.name, column.is_number)).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    while let Some(batch) = answer.next_rows()? {
        rows.extend(batch.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()));
        if rows.len() > most {
            break;
        }
    }
    let is_cut = rows.len() > most;
    rows.truncate(most);
    show::table(&columns, &rows);
    if is_cut {
        show::line(&format!("… ({most})"));
    }
    Ok(rows.len())
}

fn question(arguments: &SqlArgs) -> Result<String, CliError> {
    match arguments.sql.as_deref() {
        Some(sql) if sql != "-" => Ok(sql.to_owned()),
        _ => {
            let mut sql = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut sql);
            read.map_err(|error| CliError::new(UNAVAILABLE, format!("cannot read the question: {error}")))?;
            Ok(sql)
        }
    }
}

fn write(mut answer: Answer<'_>, arguments: &SqlArgs) -> Result<(), CliError> {
    let mut to = output(arguments)?;
    match arguments.format {
        SqlFormat::Table => {
            show_answer(answer, MOST_ROWS_SHOWN)?;
            return Ok(());
        }
        SqlFormat::Csv => answer.write_csv(&mut to)?,
        SqlFormat::Json => answer.write_json(&mut to)?,
        SqlFormat::Ndjson | SqlFormat::Parquet => answer.write_ndjson(&mut to)?,
    };
    to.flush().map_err(|error| CliError::new(UNAVAILABLE, format!("cannot write: {error}")))
}

fn output(arguments: &SqlArgs) -> Result<Box<dyn Write>, CliError> {
    let Some(path) = &arguments.output else { return Ok(show::output()) };
    let file = File::create(path)
        .map_err(|error| CliError::new(UNAVAILABLE, format!("cannot write {}: {error}", path.display())))?;
    Ok(Box::new(BufWriter::new(file)))
}
