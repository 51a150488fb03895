//! `moisson check`: what should hold of the data, and what does not; or a lint of vCard files.

use std::path::Path;
use std::process::ExitCode;

use crate::decode::vcard_lint::lint;
use crate::import::SNAPSHOT;
use crate::warehouse::{Limits, Mode, Warehouse};

use super::args::CheckArgs;
use super::error::{CliError, PARTIAL, UNAVAILABLE};
use super::language::Language;
use super::{Setting, show, sql};

/// Offenders shown of each check.
const SHOWN: usize = 5;

pub fn run(setting: &Setting, arguments: &CheckArgs) -> Result<ExitCode, CliError> {
    if !arguments.files.is_empty() {
        return lint_files(setting.language, arguments);
    }
    let snapshot = setting.home.data.join(SNAPSHOT);
    if !snapshot.exists() {
        return Err(sql::nothing_published());
    }
    let warehouse = Warehouse::open_within(&snapshot, Mode::Read, Limits::default())?;
    let mut is_all_well = true;
    for check in warehouse.checks()? {
        let name = check.name.replace('_', " ");
        if check.offenders == 0 {
            show::line(&format!("✓ {name}"));
            continue;
        }
        is_all_well = false;
        show::line(&format!("✗ {name}: {}", setting.language.count(check.offenders)));
        sql::show_answer(warehouse.ask(&format!("select * from checks.\"{}\" limit {SHOWN}", check.name))?, SHOWN)?;
    }
    Ok(if is_all_well { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn lint_files(language: Language, arguments: &CheckArgs) -> Result<ExitCode, CliError> {
    let mut is_all_well = true;
    for path in &arguments.files {
        for (at, verdict) in lint_file(path)?.into_iter().enumerate() {
            let card = format!("{} {} {}", path.display(), language.pick("card", "fiche"), at + 1);
            match verdict {
                Ok(()) => show::line(&format!("✓ {card}")),
                Err(why) => {
                    is_all_well = false;
                    show::line(&format!("✗ {card}: {why}"));
                }
            }
        }
    }
    Ok(if is_all_well { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn lint_file(path: &Path) -> Result<Vec<Result<(), String>>, CliError> {
    let unreadable = |error| CliError::new(UNAVAILABLE, format!("cannot read {}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let cards = text.split_inclusive("END:VCARD").filter(|card| card.contains("BEGIN:VCARD"));
    Ok(cards.map(|card| lint(card.trim_start())).collect())
}
