//! What an import says: one document in full, many of them a line or two each.

mod detail;
mod faults;
mod list;

use std::time::Duration;

use crate::import::{DocumentReport, Outcome, Read, Refusal};

use super::language::Language;
use super::{french, show, words};

/// Shows what became of the documents.
pub fn show(language: Language, reports: &[DocumentReport]) {
    match reports {
        [report] => detail::show(language, report),
        reports => list::show(language, reports),
    }
}

/// The last line: how many documents, what became of their rows, how long it took.
pub fn conclude(language: Language, reports: &[DocumentReport], took: Duration) {
    show::line("");
    let sum = Sum::of(reports);
    let mut parts = vec![words::became(language, sum.new, sum.known, sum.amended)];
    if sum.rejected > 0 {
        parts.push(rejected(language, sum.rejected));
    }
    parts.extend(documents_apart(language, &sum));
    let documents = language.documents(reports.len() as u64);
    let took = words::took(language, took);
    let parts = parts.join(", ");
    show::line(&language.pick(format!("{documents} in {took}: {parts}"), format!("{documents} en {took} : {parts}")));
}

/// Why a document was taken for what it is.
fn why(language: Language, read: &Read) -> String {
    match language {
        Language::En => read.reason.to_string(),
        Language::Fr => french::reason(&read.reason),
    }
}

/// Why a document could not be read.
fn why_not(language: Language, refusal: &Refusal) -> String {
    match language {
        Language::En => refusal.to_string(),
        Language::Fr => french::refusal(refusal),
    }
}

/// The document as the person named it.
fn named(report: &DocumentReport) -> String {
    report.path.as_ref().map_or_else(|| report.name.clone(), |path| path.display().to_string())
}

/// `3 rows rejected`
fn rejected(language: Language, n: u64) -> String {
    language.counted(n, ["row rejected", "rows rejected"], ["ligne rejetée", "lignes rejetées"])
}

/// What an unread document should be told from another by.
fn mark(report: &DocumentReport) -> &'static str {
    match &report.outcome {
        Outcome::Read(read) if read.summary.rows_rejected > 0 => "~",
        Outcome::Read(_) => "+",
        Outcome::Known { .. } => "=",
        Outcome::Opened { .. } => ">",
        Outcome::Unrecognised(_) => "?",
        Outcome::Refused(_) => "!",
    }
}

/// What became of all documents together.
#[derive(Debug, Default)]
struct Sum {
    new: u64,
    known: u64,
    amended: u64,
    rejected: u64,
    documents_known: u64,
    documents_unread: u64,
}

impl Sum {
    fn of(reports: &[DocumentReport]) -> Self {
        let mut sum = Self::default();
        for report in reports {
            match &report.outcome {
                Outcome::Read(read) => {
                    sum.new += read.counts.rows_new;
                    sum.known += read.counts.rows_known;
                    sum.amended += read.counts.rows_amended;
                    sum.rejected += read.summary.rows_rejected;
                }
                Outcome::Known { .. } => sum.documents_known += 1,
                Outcome::Unrecognised(_) | Outcome::Refused(_) => sum.documents_unread += 1,
                Outcome::Opened { .. } => {}
            }
        }
        sum
    }
}

fn documents_apart(language: Language, sum: &Sum) -> Vec<String> {
    let mut parts = Vec::new();
    if sum.documents_known > 0 {
        let n = language.documents(sum.documents_known);
        let fr = language.counted(sum.documents_known, ["", ""], ["document déjà importé", "documents déjà importés"]);
        parts.push(language.pick(format!("{n} imported before"), fr));
    }
    if sum.documents_unread > 0 {
        let n = language.documents(sum.documents_unread);
        let fr = language.counted(sum.documents_unread, ["", ""], ["document non lu", "documents non lus"]);
        parts.push(language.pick(format!("{n} not read"), fr));
    }
    parts
}
