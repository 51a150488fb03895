//! Many documents: a line or two each, those of one connector together.

use crate::cli::language::Language;
use crate::cli::show::Tone;
use crate::cli::{show, table, words};
use crate::connector::Unrecognised;
use crate::import::{AccountSum, DocumentReport, Outcome, Read};

use super::faults::{self, Which};
use super::{detail, mark, rejected, why, why_not};

/// Faults shown of each of many documents.
const FAULTS_OF_ONE: usize = 3;
/// Faults shown of all of them.
const FAULTS: usize = 24;
/// Longest line about something less important.
const WIDTH: usize = 90;
/// Longest name of a document that is shown whole.
const NAME: usize = 46;
/// Documents that were there already are named when they are no more than this.
const NAMED: usize = 3;

pub fn show(language: Language, reports: &[DocumentReport]) {
    let width = reports.iter().map(|report| report.name.chars().count().min(NAME)).max().unwrap_or(0);
    for (connector, group) in by_connector(reports) {
        show_title(language, connector, &group);
        for (report, read) in group {
            show_read(language, report, read, width);
        }
    }
    show_opened(language, reports);
    show_known(language, reports);
    show_unrecognised(language, reports, width);
    show_refused(language, reports, width);
    show_faults(language, reports);
}

/// The first faults of each document, after all documents: lost rows, and when there are none
/// what else was noted.
fn show_faults(language: Language, reports: &[DocumentReport]) {
    let which = if reports.iter().any(|report| mark(report) == "~") { Which::Lost } else { Which::All };
    let (mut left, mut more) = (FAULTS, 0);
    for report in reports {
        let Outcome::Read(read) = &report.outcome else { continue };
        let shown = faults::show(language, report, read, which, FAULTS_OF_ONE.min(left));
        left -= usize::try_from(shown).unwrap_or(left);
        more += read.n_faults - shown;
    }
    faults::show_more(language, more, "select document_name, line, message from staging.faults");
}

/// Documents that were read, by connector, in the order in which they came.
fn by_connector(reports: &[DocumentReport]) -> Vec<(&str, Vec<(&DocumentReport, &Read)>)> {
    let mut groups: Vec<(&str, Vec<(&DocumentReport, &Read)>)> = Vec::new();
    for report in reports {
        let Outcome::Read(read) = &report.outcome else { continue };
        match groups.iter_mut().find(|(connector, _)| *connector == read.connector) {
            Some((_, group)) => group.push((report, read)),
            None => groups.push((&read.connector, vec![(report, read)])),
        }
    }
    groups
}

/// The connector, and why it was taken for the first of its documents.
fn show_title(language: Language, connector: &str, group: &[(&DocumentReport, &Read)]) {
    let Some((_, read)) = group.first() else { return };
    let n = language.documents(group.len() as u64);
    let by = language.pick("recognised by", "reconnu à");
    let name = show::paint(Tone::Strong, &read.connector_name);
    let why =
        table::cut(&table::one_line(&format!("{by} {}", why(language, read))), WIDTH.saturating_sub(connector.len()));
    show::line(&format!("{name} ({connector}), {n}, {}", show::paint(Tone::Faint, &why)));
}

fn show_read(language: Language, report: &DocumentReport, read: &Read, width: usize) {
    let counts = &read.counts;
    let mut became = words::became(language, counts.rows_new, counts.rows_known, counts.rows_amended);
    if read.summary.rows_rejected > 0 {
        became = format!("{became}, {}", rejected(language, read.summary.rows_rejected));
    }
    let period = detail::period(language, &read.summary).unwrap_or_default();
    let tone = if read.summary.rows_rejected == 0 { Tone::Good } else { Tone::Odd };
    show::line(&row(report, tone, width, &format!("{period:<23}  {became}")));
    if !read.summary.accounts.is_empty() {
        show::line(&show::paint(Tone::Faint, &format!("    {}", sums(language, read))));
    }
}

/// The sums of its accounts on one line.
fn sums(language: Language, read: &Read) -> String {
    let accounts = &read.summary.accounts;
    if accounts.len() > 3 {
        return language.counted(accounts.len() as u64, ["account", "accounts"], ["compte", "comptes"]);
    }
    let one = |((account, currency), sum): (&(String, String), &AccountSum)| {
        let n = language.counted(sum.rows, ["movement", "movements"], ["mouvement", "mouvements"]);
        format!("{account}: {n}, {} {currency}", language.amount(sum.sum()))
    };
    accounts.iter().map(one).collect::<Vec<_>>().join(" · ")
}

fn show_opened(language: Language, reports: &[DocumentReport]) {
    for report in reports {
        if let Outcome::Opened { members } = report.outcome {
            let n = language.documents(members as u64);
            let said = language.pick(format!("an archive with {n}"), format!("une archive de {n}"));
            show::line(&format!("{} {}  {said}", mark(report), report.name));
        }
    }
}

fn show_known(language: Language, reports: &[DocumentReport]) {
    let known: Vec<&DocumentReport> =
        reports.iter().filter(|report| matches!(report.outcome, Outcome::Known { .. })).collect();
    let said = language.pick("imported before, nothing to do", "déjà importé, rien à faire");
    match known.len() {
        0 => {}
        1..=NAMED => {
            for report in known {
                show::line(&format!("= {}  {said}", report.name));
            }
        }
        n => {
            let n = language.documents(n as u64);
            let fr = format!("= {n} déjà importés, rien à faire");
            show::line(&language.pick(format!("= {n} imported before, nothing to do"), fr));
        }
    }
}

fn show_unrecognised(language: Language, reports: &[DocumentReport], width: usize) {
    let unknown: Vec<(&DocumentReport, &Unrecognised)> = reports
        .iter()
        .filter_map(|report| match &report.outcome {
            Outcome::Unrecognised(unknown) => Some((report, &**unknown)),
            _ => None,
        })
        .collect();
    if unknown.is_empty() {
        return;
    }
    show::heading(language.pick("Not recognised", "Non reconnus"));
    for (report, unknown) in unknown {
        let (name, text) = detail::seen(language, unknown).into_iter().next().unwrap_or_default();
        let seen = if name.is_empty() {
            String::new()
        } else {
            language.pick(format!("{name}: {text}"), format!("{name} : {text}"))
        };
        show::line(&table::cut(&row(report, Tone::Odd, width, &table::one_line(&seen)), 140));
    }
    show::line(&detail::way_out(language));
}

fn show_refused(language: Language, reports: &[DocumentReport], width: usize) {
    let mut is_first = true;
    for report in reports {
        let Outcome::Refused(refusal) = &report.outcome else { continue };
        if std::mem::take(&mut is_first) {
            show::heading(language.pick("Cannot be read", "Illisibles"));
        }
        show::line(&row(report, Tone::Bad, width, &table::one_line(&why_not(language, refusal))));
    }
}

/// The mark, the name in a column, and what is said of it.
fn row(report: &DocumentReport, tone: Tone, width: usize, said: &str) -> String {
    let name = table::cut(&report.name, NAME);
    format!("{} {name:<width$}  {said}", show::paint(tone, mark(report))).trim_end().to_owned()
}
