//! `moisson import`: documents in, and what became of them.

use std::process::ExitCode;
use std::time::Instant;

use crate::import::{self, DocumentReport, Input, Outcome, Refusal, Wish, World};

use super::args::ImportArgs;
use super::bar::Bar;
use super::error::{self, CliError};
use super::{Setting, report, show};

pub fn run(setting: &Setting, arguments: &ImportArgs) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let language = setting.language;
    let inputs = import::inputs::find(&arguments.files, setting.now)?;
    if inputs.is_empty() {
        return Err(nothing_to_import(arguments));
    }
    let wish = Wish { connector: arguments.connector.clone(), source: arguments.source.clone(), shows: None };
    if arguments.dry_run {
        show::line(language.pick("A rehearsal: nothing will be changed.\n", "À blanc : rien ne sera changé.\n"));
    }
    let reports = match import::all_known(&setting.home, &inputs, &wish)? {
        Some(reports) => reports,
        None if arguments.dry_run => rehearse(setting, &inputs, &wish)?,
        None => walk(setting, &inputs, &wish)?,
    };
    report::show(language, &reports);
    report::conclude(language, &reports, started.elapsed());
    if !arguments.dry_run && reports.iter().any(is_kept_unread) {
        show::line(language.pick(
            "What was not read is kept in the archive; import it again once there is a connector for it.",
            "Ce qui n'a pas été lu est gardé dans l'archive ; réimportez-le quand un connecteur le connaîtra.",
        ));
    }
    if arguments.dry_run {
        show::line(language.pick("\nA rehearsal: nothing was changed.", "\nÀ blanc : rien n'a été changé."));
    }
    Ok(exit_code(&reports))
}

/// Documents in, and the views refreshed when something changed.
fn walk(setting: &Setting, inputs: &[Input], wish: &Wish) -> Result<Vec<DocumentReport>, CliError> {
    let mut world = World::open(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(setting.language);
    let reports = import::import(&mut world, inputs, wish, &mut bar)?;
    if has_changed(&reports) || world.is_behind()? {
        bar.say("joining everything", "tout est rapproché");
        import::refresh(world)?;
    }
    bar.finish();
    Ok(reports)
}

/// The same on a copy, which is thrown away.
fn rehearse(setting: &Setting, inputs: &[Input], wish: &Wish) -> Result<Vec<DocumentReport>, CliError> {
    let mut world = World::rehearse(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(setting.language);
    let reports = import::import(&mut world, inputs, wish, &mut bar)?;
    bar.finish();
    Ok(reports)
}

/// 0 when everything was read, 69 when nothing could be opened, 65 when nothing could be, 1 in between.
pub fn exit_code(reports: &[DocumentReport]) -> ExitCode {
    let complete = reports.iter().filter(|report| report.is_complete()).count();
    let is_any_read =
        reports.iter().any(|report| !matches!(report.outcome, Outcome::Unrecognised(_) | Outcome::Refused(_)));
    match (complete == reports.len(), is_any_read) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(error::PARTIAL),
        (false, false) if reports.iter().all(is_closed) => ExitCode::from(error::UNAVAILABLE),
        (false, false) => ExitCode::from(error::DATA),
    }
}

/// Whether a document is in the archive and nowhere else.
fn is_kept_unread(report: &DocumentReport) -> bool {
    matches!(report.outcome, Outcome::Unrecognised(_) | Outcome::Refused(_)) && !is_closed(report)
}

fn is_closed(report: &DocumentReport) -> bool {
    matches!(report.outcome, Outcome::Refused(Refusal::Closed(_)))
}

fn has_changed(reports: &[DocumentReport]) -> bool {
    reports
        .iter()
        .any(|report| matches!(report.outcome, Outcome::Read(_) | Outcome::Unrecognised(_) | Outcome::Refused(_)))
}

fn nothing_to_import(arguments: &ImportArgs) -> CliError {
    let names: Vec<String> = arguments.files.iter().map(|file| file.display().to_string()).collect();
    let names = names.join(", ");
    CliError::new(
        error::UNAVAILABLE,
        format!("there is no document in {names}"),
        format!("il n'y a aucun document dans {names}"),
    )
}
