//! `moisson demo`: the invented household imported into a folder of its own, and its views.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use include_dir::{Dir, DirEntry, include_dir};

use crate::config::locate;
use crate::import::{self, SNAPSHOT, Wish, World};
use crate::warehouse::{Limits, Reader};

use super::args::DemoArgs;
use super::error::{CliError, UNAVAILABLE};
use super::import::{Bar, exit_code};
use super::language::Language;
use super::{Setting, show, sql};

static HOUSEHOLD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/household");

/// What the demo shows: a title in both languages, and the question.
const VIEWS: &[(&str, &str, &str)] = &[
    (
        "The phone bill with names: last calls",
        "La facture de téléphone avec les noms : derniers appels",
        include_str!("../../queries/reports/demo_calls.sql"),
    ),
    (
        "Who the household calls, and what it costs",
        "Qui le foyer appelle, et combien cela coûte",
        include_str!("../../queries/reports/demo_people.sql"),
    ),
    (
        "The bank statement with people",
        "Le relevé bancaire avec les personnes",
        include_str!("../../queries/reports/demo_transactions.sql"),
    ),
    (
        "Electricity and gas by month",
        "L'électricité et le gaz par mois",
        include_str!("../../queries/reports/demo_energy.sql"),
    ),
    (
        "A week of the agenda with people",
        "Une semaine de l'agenda avec les personnes",
        include_str!("../../queries/reports/demo_agenda.sql"),
    ),
];

pub fn run(setting: &Setting, arguments: &DemoArgs) -> Result<ExitCode, CliError> {
    let folder = arguments.folder.clone().unwrap_or_else(|| std::env::temp_dir().join("moisson-demo"));
    start_anew(&folder)?;
    unpack(&HOUSEHOLD, &folder)?;
    let home = locate(Some(&folder), &|name| std::env::var_os(name))?;
    let mut world = World::open(home, setting.now)?;
    let inputs = import::inputs::find(&[folder.join("documents")], setting.now)?;
    let mut bar = Bar::new(setting.language);
    let reports = import::import(&mut world, &inputs, &Wish::default(), &mut bar)?;
    bar.finish();
    import::refresh(world)?;
    show_views(setting.language, &folder)?;
    show_next(setting.language, &folder, reports.len());
    Ok(exit_code(&reports))
}

/// Only a folder that a demo made is made anew.
fn start_anew(folder: &Path) -> Result<(), CliError> {
    let cannot =
        |error: std::io::Error| CliError::new(UNAVAILABLE, format!("cannot prepare {}: {error}", folder.display()));
    let is_empty = !folder.exists() || fs::read_dir(folder).map_err(cannot)?.next().is_none();
    if !is_empty && !folder.join("truth.json").exists() {
        return Err(CliError::new(
            UNAVAILABLE,
            format!("{} holds something else; name an empty folder", folder.display()),
        ));
    }
    if !is_empty {
        fs::remove_dir_all(folder).map_err(cannot)?;
    }
    fs::create_dir_all(folder).map_err(cannot)
}

fn unpack(dir: &Dir<'_>, folder: &Path) -> Result<(), CliError> {
    for entry in dir.entries() {
        let path: PathBuf = folder.join(entry.path());
        let written = match entry {
            DirEntry::Dir(inner) => {
                fs::create_dir_all(&path).map_err(|error| CliError::new(UNAVAILABLE, error.to_string()))?;
                unpack(inner, folder)?;
                continue;
            }
            DirEntry::File(file) => fs::write(&path, file.contents()),
        };
        written.map_err(|error| CliError::new(UNAVAILABLE, format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(())
}

fn show_views(language: Language, folder: &Path) -> Result<(), CliError> {
    let reader = Reader::open(&folder.join(SNAPSHOT), Limits::default())?;
    for (en, fr, question) in VIEWS {
        show::heading(language.pick(en, fr));
        sql::show_answer(reader.ask(question)?, 40)?;
    }
    Ok(())
}

fn show_next(language: Language, folder: &Path, n: usize) {
    let program = std::env::args().next().unwrap_or_else(|| "moisson".to_owned());
    let folder = folder.display();
    show::line(&language.pick(
        format!("\n{n} documents of an invented household are in {folder}. What to type next:\n"),
        format!("\n{n} documents d'un foyer inventé sont dans {folder}. Et maintenant :\n"),
    ));
    for (command, en, fr) in [
        ("sql \"from people\"", "everyone, with all their numbers", "tout le monde, avec tous leurs numéros"),
        ("sql \"from months\"", "a row a month: money, calls, energy", "une ligne par mois : argent, appels, énergie"),
        ("check", "what does not add up", "ce qui ne tombe pas juste"),
    ] {
        show::line(&format!("  {program} --home {folder} {command:<22} # {}", language.pick(en, fr)));
    }
    show::line(&format!(
        "  {program} import {}      # {}",
        language.pick("YOUR-BANK.csv", "VOTRE-BANQUE.csv"),
        language.pick("your own, in a home of your own", "les vôtres, chez vous")
    ));
}
