//! `moisson rebuild`: the warehouse again from the archive and the journal.

use std::process::ExitCode;

use crate::import::{self, DocumentReport, World};
use crate::warehouse::{CellDiff, RowSketch, TableDiff};

use super::args::RebuildArgs;
use super::bar::Bar;
use super::error::CliError;
use super::import::exit_code;
use super::language::Language;
use super::{Setting, report, show};

pub fn run(setting: &Setting, arguments: &RebuildArgs) -> Result<ExitCode, CliError> {
    setting.refuse_without_archive()?;
    let language = setting.language;
    let world = World::open(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(language);
    if arguments.diff {
        let diffs = import::rebuild_diff(world, &mut bar)?;
        bar.finish();
        show_diffs(language, &diffs);
        return Ok(ExitCode::SUCCESS);
    }
    let (reports, changed) = import::rebuild(world, &mut bar)?;
    bar.finish();
    let (n, code) = (language.documents(reports.len() as u64), exit_code(&reports));
    let incomplete: Vec<DocumentReport> = reports.into_iter().filter(|report| !report.is_complete()).collect();
    if !incomplete.is_empty() {
        report::show(language, &incomplete);
    }
    let tables = changed.join(", ");
    show::line(&if changed.is_empty() {
        language.pick(
            format!("{n} read again; every table is as it was"),
            format!("{n} relus ; toutes les tables sont comme avant"),
        )
    } else {
        language.pick(format!("{n} read again; changed: {tables}"), format!("{n} relus ; changé : {tables}"))
    });
    Ok(code)
}

fn show_diffs(language: Language, diffs: &[TableDiff]) {
    if diffs.is_empty() {
        show::line(language.pick("a rebuild would change nothing", "une reconstruction ne changerait rien"));
    }
    for diff in diffs {
        let (changed, new, gone) =
            (language.count(diff.rows_changed), language.count(diff.rows_new), language.count(diff.rows_gone));
        show::line(&language.pick(
            format!("{}: {changed} rows would change, {new} come, {gone} go", diff.table),
            format!("{} : {changed} lignes changeraient, {new} viendraient, {gone} partiraient", diff.table),
        ));
        diff.changed.iter().for_each(|cell| show::line(&format!("    ~ {}", changed_cell(cell))));
        diff.gone.iter().for_each(|row| show::line(&format!("    - {}", sketch(row))));
        diff.new.iter().for_each(|row| show::line(&format!("    + {}", sketch(row))));
    }
}

fn changed_cell(cell: &CellDiff) -> String {
    let shown = |value: &Option<String>| value.as_ref().map_or("∅".to_owned(), |value| format!("`{value}`"));
    format!("{} {}: {} → {}", place(&cell.document, &cell.row_pointer), cell.column, shown(&cell.old), shown(&cell.new))
}

fn sketch(row: &RowSketch) -> String {
    let cells: Vec<String> = row.cells.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {}", place(&row.document, &row.row_pointer), cells.join(" "))
}

fn place(document: &str, pointer: &str) -> String {
    match document.get(..8) {
        Some(short) => format!("{short}:{pointer}"),
        None => String::new(),
    }
}
