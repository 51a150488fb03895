//! `moisson demo`: the invented household imported into a folder of its own, and its views.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use include_dir::{Dir, DirEntry, include_dir};

use crate::config::locate;
use crate::import::{self, SNAPSHOT, Wish, World};
use crate::warehouse::{Limits, Reader, WarehouseError};

use super::args::DemoArgs;
use super::bar::Bar;
use super::error::{CliError, UNAVAILABLE};
use super::import::exit_code;
use super::language::Language;
use super::sql::Shown;
use super::table::{Column, Long};
use super::{Setting, program, quoted, report, show, sql};

static DOCUMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/household/documents");
const SETTINGS: &str = include_str!("../../fixtures/household/moisson.toml");
/// Marks a folder that a demo made, and may make anew.
const MARK: &str = ".moisson-demo";

/// A question that the demo shows, and its title. The second line of a question's file may give
/// the titles of its columns in French: `-- fr: jour | compte`.
struct View {
    en: &'static str,
    fr: &'static str,
    question: &'static str,
}

const VIEWS: &[View] = &[
    View {
        en: "The phone bill with names: the last calls",
        fr: "La facture de téléphone avec les noms : les derniers appels",
        question: include_str!("../../queries/reports/demo_calls.sql"),
    },
    View {
        en: "Who the household calls, and what it costs",
        fr: "Qui le foyer appelle, et ce que cela coûte",
        question: include_str!("../../queries/reports/demo_people.sql"),
    },
    View {
        en: "The bank statement with people",
        fr: "Le relevé bancaire avec les personnes",
        question: include_str!("../../queries/reports/demo_transactions.sql"),
    },
    View {
        en: "Electricity and gas, month by month",
        fr: "L'électricité et le gaz, mois par mois",
        question: include_str!("../../queries/reports/demo_energy.sql"),
    },
    View {
        en: "A week of the agenda, with the people and what else happened",
        fr: "Une semaine de l'agenda, avec les personnes et le reste de la journée",
        question: include_str!("../../queries/reports/demo_agenda.sql"),
    },
];

pub fn run(setting: &Setting, arguments: &DemoArgs) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let given = arguments.folder.clone().or_else(|| setting.named_home.clone());
    let folder = given.unwrap_or_else(|| std::env::temp_dir().join("moisson-demo"));
    start_anew(&folder)?;
    unpack(&DOCUMENTS, &folder.join("documents"))?;
    write(&folder.join("moisson.toml"), SETTINGS.as_bytes())?;
    let home = locate(Some(&folder), &|name| std::env::var_os(name))?;
    let mut world = World::open(home, setting.now)?;
    let inputs = import::inputs::find(&[folder.join("documents")], setting.now)?;
    let mut bar = Bar::new(setting.language);
    let reports = import::import(&mut world, &inputs, &Wish::default(), &mut bar)?;
    bar.say("joining everything", "tout est rapproché");
    import::refresh(world)?;
    bar.finish();
    show_views(setting.language, &folder)?;
    report::conclude(setting.language, &reports, started.elapsed());
    show_next(setting.language, &folder);
    Ok(exit_code(&reports))
}

/// Only a folder that a demo made is made anew.
fn start_anew(folder: &Path) -> Result<(), CliError> {
    let cannot = |error: std::io::Error| CliError::unwritable(folder, &error);
    let is_empty = !folder.exists() || fs::read_dir(folder).map_err(cannot)?.next().is_none();
    if !is_empty && !folder.join(MARK).exists() {
        let folder = folder.display();
        return Err(CliError::new(
            UNAVAILABLE,
            format!("{folder} holds something else; name an empty folder"),
            format!("{folder} contient autre chose ; indiquez un dossier vide"),
        ));
    }
    if !is_empty {
        fs::remove_dir_all(folder).map_err(cannot)?;
    }
    fs::create_dir_all(folder).map_err(cannot)?;
    write(&folder.join(MARK), b"")
}

fn unpack(dir: &Dir<'_>, folder: &Path) -> Result<(), CliError> {
    for entry in dir.entries() {
        let path: PathBuf = folder.join(entry.path());
        match entry {
            DirEntry::Dir(inner) => unpack(inner, folder)?,
            DirEntry::File(file) => {
                let parent = path.parent().unwrap_or(folder);
                fs::create_dir_all(parent).map_err(|error| CliError::unwritable(parent, &error))?;
                write(&path, file.contents())?;
            }
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    fs::write(path, bytes).map_err(|error| CliError::unwritable(path, &error))
}

fn show_views(language: Language, folder: &Path) -> Result<(), CliError> {
    let reader = Reader::open(&folder.join(SNAPSHOT), Limits::default())?;
    for view in VIEWS {
        show::heading(language.pick(view.en, view.fr));
        show_view(language, &reader, view)?;
    }
    Ok(())
}

fn show_view(language: Language, reader: &Reader, view: &View) -> Result<(), WarehouseError> {
    let Shown { mut columns, mut rows, .. } = sql::shown_rows(&mut reader.ask(view.question)?, usize::MAX)?;
    if language == Language::Fr {
        for (column, title) in columns.iter_mut().zip(french_titles(view.question)) {
            title.clone_into(&mut column.name);
        }
        for row in &mut rows {
            write_figures(row, &columns);
        }
    }
    show::table(&columns, &rows, Long::Cut);
    Ok(())
}

/// Decimals with a comma.
fn write_figures(row: &mut [String], columns: &[Column]) {
    for (cell, _) in row.iter_mut().zip(columns).filter(|(_, column)| column.is_figure) {
        *cell = cell.replace('.', ",");
    }
}

fn french_titles(question: &str) -> impl Iterator<Item = &str> {
    let line = question.lines().nth(1).and_then(|line| line.strip_prefix("-- fr:"));
    line.into_iter().flat_map(|titles| titles.split('|').map(str::trim))
}

fn show_next(language: Language, folder: &Path) {
    let (program, home) = (program(), quoted(&folder.display().to_string()));
    show::line(language.pick("\nWhat to type next:\n", "\nEt maintenant, tapez :\n"));
    let commands = [
        (format!("{program} --home {home} status"), "how fresh each source is", "la fraîcheur de chaque source"),
        (format!("{program} --home {home} check"), "what does not add up", "ce qui ne tombe pas juste"),
        (format!("{program} --home {home} sql"), "all views and their columns", "toutes les vues et leurs colonnes"),
        (
            format!("{program} --home {home} sql \"from months order by month\""),
            "money, calls and energy by month",
            "argent, appels et énergie par mois",
        ),
        (format!("{program} init"), "start with your own", "commencer avec les vôtres"),
    ];
    let width = commands.iter().map(|(command, ..)| command.chars().count()).max().unwrap_or(0);
    for (command, en, fr) in commands {
        show::line(&format!("  {command:<width$}  # {}", language.pick(en, fr)));
    }
}
