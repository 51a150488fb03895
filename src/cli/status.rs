//! `moisson status`: each source, how fresh, how complete, and what to do about it.

use std::process::ExitCode;

use crate::archive;
use crate::import::SNAPSHOT;

use super::error::CliError;
use super::language::Language;
use super::table::{Column, Long, cut, draw};
use super::{Setting, conflict, show, sources, sql};

/// Days after which a source is worth a newer document.
const OLD: i64 = 45;
/// Width of the table where there is no terminal to fit.
const WIDTH: usize = 122;
/// Longest name of a document that is shown whole.
const DOCUMENT: usize = 20;

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let language = setting.language;
    // Sources that were never fetched are told before there is anything to show.
    if !setting.home.data.join(SNAPSHOT).exists() && sources::show(setting)? {
        conflict::tell(setting)?;
        return Ok(ExitCode::SUCCESS);
    }
    let reader = sql::open(setting)?;
    let mut answer = reader.ask(QUESTION)?;
    let mut rows = Vec::new();
    while let Some(batch) = answer.next_rows()? {
        rows.extend(
            batch.into_iter().filter_map(|row| Source::of(row.into_iter().map(Option::unwrap_or_default).collect())),
        );
    }
    let shown: Vec<Vec<String>> = rows.iter().map(|source| source.cells(language)).collect();
    show::line(&draw(&titles(language), &shown, Some(show::width().unwrap_or(WIDTH)), Long::Wrap));
    sources::show(setting)?;
    conflict::tell(setting)?;
    show_torn(setting)?;
    setting.tell_newer_settings();
    let snapshot = setting.home.data.join(SNAPSHOT);
    show::line(&language.pick(
        format!("\nEverything is in {}, which any DuckDB from 1.4 on opens.", snapshot.display()),
        format!("\nTout est dans {}, que tout DuckDB depuis 1.4 sait ouvrir.", snapshot.display()),
    ));
    Ok(ExitCode::SUCCESS)
}

const QUESTION: &str = "
    select
        coalesce(source, ''),
        last_document,
        covered_from,
        covered_to,
        row_count,
        lost_count,
        refused_count,
        gap_days,
        days_old
    from status
    order by refused_count, source";

/// A row of the view `status`.
struct Source {
    name: String,
    last_document: String,
    from: Option<jiff::civil::Date>,
    to: Option<jiff::civil::Date>,
    rows: u64,
    lost: u64,
    refused: u64,
    gap_days: u64,
    days_old: Option<i64>,
}

impl Source {
    fn of(cells: Vec<String>) -> Option<Self> {
        let [name, last_document, from, to, rows, lost, refused, gap_days, days_old] =
            <[String; 9]>::try_from(cells).ok()?;
        let count = |text: String| text.parse().unwrap_or_default();
        Some(Self {
            name,
            last_document,
            from: from.parse().ok(),
            to: to.parse().ok(),
            rows: count(rows),
            lost: count(lost),
            refused: count(refused),
            gap_days: count(gap_days),
            days_old: days_old.parse().ok(),
        })
    }

    fn cells(&self, language: Language) -> Vec<String> {
        let date = |date: Option<jiff::civil::Date>| date.map_or(String::new(), |date| language.date(date));
        let days = |n: i64| language.pick(format!("{n} d"), format!("{n} j"));
        let unless_zero = |n: u64| if n == 0 { String::new() } else { language.count(n) };
        vec![
            self.name.clone(),
            cut(&self.last_document, DOCUMENT),
            date(self.from),
            date(self.to),
            language.count(self.rows),
            unless_zero(self.lost),
            if self.gap_days == 0 { String::new() } else { days(i64::try_from(self.gap_days).unwrap_or(i64::MAX)) },
            self.days_old.map_or(String::new(), days),
            self.to_do(language),
        ]
    }

    /// The most pressing thing to do.
    fn to_do(&self, language: Language) -> String {
        match self {
            Self { refused: 1.., .. } => {
                let n = language.count(self.refused);
                language.pick(format!("{n} not read: check"), format!("{n} non lus : check"))
            }
            Self { lost: 1.., .. } => language.pick("rejected rows: check", "lignes rejetées : check").to_owned(),
            Self { gap_days: 1.., .. } => language.pick("fill the gap", "combler le trou").to_owned(),
            Self { days_old: Some(OLD..), .. } => {
                language.pick("import a newer one", "importer plus récent").to_owned()
            }
            _ => String::new(),
        }
    }
}

fn titles(language: Language) -> Vec<Column> {
    let text = |en, fr| Column::text(language.pick(en, fr));
    let figure = |en, fr| Column::figure(language.pick(en, fr));
    vec![
        text("source", "source"),
        text("last document", "dernier document"),
        text("from", "du"),
        text("to", "au"),
        figure("rows", "lignes"),
        figure("rejected", "rejetées"),
        figure("gaps", "trous"),
        figure("age", "âge"),
        text("to do", "à faire"),
    ]
}

/// A journal line that a crash cut short is told, whoever looks.
fn show_torn(setting: &Setting) -> Result<(), CliError> {
    if !setting.home.data.join("journal").is_dir() {
        return Ok(());
    }
    let archive = archive::open(&setting.home.data)?;
    let Some(torn) = archive.journal.torn() else { return Ok(()) };
    let (file, n) = (torn.file.display(), torn.n_bytes);
    show::line(&setting.language.pick(
        format!("\nThe last {n} bytes of {file} are a line that was cut in mid-write: import again what was being imported then."),
        format!("\nLes {n} derniers octets de {file} sont une ligne coupée en pleine écriture : réimportez ce qui l'était alors."),
    ));
    Ok(())
}
