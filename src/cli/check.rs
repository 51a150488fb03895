//! `moisson check`: what should hold of the data, and what does not; or a lint of vCard files.

use std::path::Path;
use std::process::ExitCode;

use crate::decode::vcard_lint::lint;
use crate::import::SNAPSHOT;
use crate::warehouse::{Check, Limits, Mode, Warehouse, shipped_queries};

use super::args::CheckArgs;
use super::error::{CliError, PARTIAL};
use super::language::Language;
use super::show::Tone;
use super::{Setting, show, sql, table};

/// Offenders shown of each check.
const SHOWN: usize = 5;

pub fn run(setting: &Setting, arguments: &CheckArgs) -> Result<ExitCode, CliError> {
    if !arguments.files.is_empty() {
        return lint_files(setting.language, arguments);
    }
    let language = setting.language;
    let snapshot = setting.home.data.join(SNAPSHOT);
    if !snapshot.exists() {
        return Err(sql::nothing_published(&setting.home.data));
    }
    let warehouse = Warehouse::open_within(&snapshot, Mode::Read, Limits::of_question())?;
    let checks = warehouse.checks()?;
    let (held, broken): (Vec<&Check>, Vec<&Check>) = checks.iter().partition(|check| check.offenders == 0);
    for check in &held {
        show::line(&format!("{} {}", show::paint(Tone::Good, "✓"), sentence(language, &check.name)));
    }
    for check in &broken {
        show_broken(language, &warehouse, check)?;
    }
    setting.tell_newer_settings();
    let (held, all) = (held.len(), checks.len());
    show::line(
        &language.pick(format!("\n{held} of {all} checks hold"), format!("\n{held} contrôles sur {all} sont bons")),
    );
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn show_broken(language: Language, warehouse: &Warehouse, check: &Check) -> Result<(), CliError> {
    let n = language.count(check.offenders);
    let sentence = show::paint(Tone::Strong, &sentence(language, &check.name));
    let except = language.pick(format!(", except {n}:"), format!(", sauf {n} :"));
    show::line(&format!("{} {sentence}{except}", show::paint(Tone::Bad, "✗")));
    let view = format!("checks.{}", check.name);
    let question = format!("select subject, detail, since from {view} order by since desc nulls last, subject, detail");
    let mut answer = warehouse.ask(&question)?;
    let shown = sql::shown_rows(&mut answer, SHOWN)?;
    for row in &shown.rows {
        show::line(&format!("    {}", offender(language, row)));
    }
    if shown.is_cut {
        let more = language.count(check.offenders - SHOWN as u64);
        let all = format!("moisson sql \"from {view}\"");
        show::line(&language.pick(format!("    … and {more} more: {all}"), format!("    … et {more} autres : {all}")));
    }
    Ok(())
}

/// `00040000001: 17 movements (2026-01-05)`
fn offender(language: Language, row: &[String]) -> String {
    let [subject, detail, since] = row else { return row.join(" ") };
    let since = since.parse::<jiff::civil::Date>().map(|day| format!(" ({})", language.date(day))).unwrap_or_default();
    table::one_line(&format!("{}{}{detail}{since}", subject, language.pick(": ", " : ")))
}

/// What should hold: the check's name is the sentence in English, its file has it in French.
fn sentence(language: Language, name: &str) -> String {
    let french = || {
        let files = shipped_queries();
        files.iter().find(|file| file.name == name).and_then(|file| file.in_french().map(str::to_owned))
    };
    match language {
        Language::En => name.replace('_', " "),
        Language::Fr => french().unwrap_or_else(|| name.replace('_', " ")),
    }
}

fn lint_files(language: Language, arguments: &CheckArgs) -> Result<ExitCode, CliError> {
    let mut is_all_well = true;
    for path in &arguments.files {
        for (at, verdict) in lint_file(path)?.into_iter().enumerate() {
            let card = format!("{} {} {}", path.display(), language.pick("card", "fiche"), at + 1);
            match verdict {
                Ok(()) => show::line(&format!("{} {card}", show::paint(Tone::Good, "✓"))),
                Err(why) => {
                    is_all_well = false;
                    show::line(&format!("{} {card}: {why}", show::paint(Tone::Bad, "✗")));
                }
            }
        }
    }
    Ok(if is_all_well { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn lint_file(path: &Path) -> Result<Vec<Result<(), String>>, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::unreadable(path, &error))?;
    let cards = text.split_inclusive("END:VCARD").filter(|card| card.contains("BEGIN:VCARD"));
    Ok(cards.map(|card| lint(card.trim_start())).collect())
}
