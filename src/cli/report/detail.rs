//! One document in full.

use crate::cli::language::Language;
use crate::cli::show::Tone;
use crate::cli::{show, words};
use crate::connector::Unrecognised;
use crate::import::{AccountSum, DocumentReport, Outcome, Read, Summary};

use super::faults::{self, Which};
use super::{mark, why, why_not};

/// Width of the words on the left.
const LEFT: usize = 15;

pub fn show(language: Language, report: &DocumentReport) {
    match &report.outcome {
        Outcome::Read(read) => show_read(language, report, read),
        Outcome::Known { connector } => {
            title(report, language.pick("imported before, nothing to do", "déjà importé, rien à faire"), Tone::Good);
            line(language.pick("connector", "connecteur"), connector);
        }
        Outcome::Opened { members } => {
            let n = language.documents(*members as u64);
            title(report, &language.pick(format!("an archive with {n}"), format!("une archive de {n}")), Tone::Good);
        }
        Outcome::Unrecognised(unknown) => {
            title(report, language.pick("no connector recognises it", "aucun connecteur ne le reconnaît"), Tone::Odd);
            for (name, text) in seen(language, unknown) {
                line(name, &text);
            }
            show::line(&way_out(language));
        }
        Outcome::Refused(refusal) => {
            title(report, language.pick("cannot be read", "illisible"), Tone::Bad);
            line(language.pick("because", "parce que"), &why_not(language, refusal));
        }
    }
}

/// What was seen of a document that nobody recognises: names and texts.
pub fn seen(language: Language, unknown: &Unrecognised) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    if !unknown.widest_row.is_empty() {
        seen.push((language.pick("columns seen", "colonnes vues"), unknown.widest_row.join(" | ")));
    }
    if let Some((id, missing)) = &unknown.nearest {
        let missing = missing.join(", ");
        let text =
            language.pick(format!("{id}, which also wants: {missing}"), format!("{id}, qui demande aussi : {missing}"));
        seen.push((language.pick("closest", "le plus proche"), text));
    }
    seen
}

/// What to do with a document that nobody recognises.
pub fn way_out(language: Language) -> String {
    language
        .pick(
            "hint: `moisson connector list` shows what is known; a connector of your own is a short text file,\n      \
             see `moisson connector show generic/transactions`",
            "conseil : `moisson connector list` montre ce qui est connu ; un connecteur à vous est un court fichier\n          \
             texte, voir `moisson connector show generic/transactions`",
        )
        .to_owned()
}

fn show_read(language: Language, report: &DocumentReport, read: &Read) {
    let tone = if read.summary.rows_rejected == 0 { Tone::Good } else { Tone::Odd };
    title(report, &read.connector_name, tone);
    line(language.pick("recognised by", "reconnu à"), &format!("{} ({})", why(language, read), read.connector));
    for (table, counts) in &read.counts.tables {
        let became = words::became(language, counts.rows_new, counts.rows_known, counts.rows_amended);
        line(&words::of_table(language, table), &became);
    }
    line(language.pick("rows", "lignes"), &rows(language, &read.summary));
    for ((account, currency), sum) in &read.summary.accounts {
        line(account, &account_sum(language, sum, currency));
    }
    if let Some(period) = period(language, &read.summary) {
        line(language.pick("period", "période"), &period);
    }
    line(language.pick("written in", "écrit en"), &choices(language, &read.summary));
    if let Some(source) = &read.source {
        line("source", source);
    }
    let shown = faults::show(language, report, read, Which::All, usize::MAX);
    let question = format!("select line, message from landing.faults where document = '{}'", report.sha256);
    faults::show_more(language, read.n_faults - shown, &question);
}

/// `26 read, 0 rejected, 1 left out`
fn rows(language: Language, summary: &Summary) -> String {
    let read = language.counted(summary.rows_read, ["read", "read"], ["lue", "lues"]);
    let rejected = language.counted(summary.rows_rejected, ["rejected", "rejected"], ["rejetée", "rejetées"]);
    let skipped = language.counted(summary.rows_skipped, ["left out", "left out"], ["écartée", "écartées"]);
    format!("{read}, {rejected}, {skipped}")
}

/// `17 movements, +6,423.27 -1,991.44 = 4,431.83 EUR`
pub fn account_sum(language: Language, sum: &AccountSum, currency: &str) -> String {
    let movements = language.counted(sum.rows, ["movement", "movements"], ["mouvement", "mouvements"]);
    let (credit, debit, total) = (language.amount(sum.credit), language.amount(sum.debit), language.amount(sum.sum()));
    let pending = match sum.rows_pending {
        0 => String::new(),
        n => language.counted(n, [" pending", " pending"], [" en attente", " en attente"]),
    };
    let pending = if pending.is_empty() { pending } else { format!(" + {pending}") };
    format!("{movements}{pending}, +{credit} {debit} = {total} {currency}")
}

/// `2026-01-05 → 2026-02-06`
pub fn period(language: Language, summary: &Summary) -> Option<String> {
    let (from, to) = (summary.covered_from?, summary.covered_to?);
    Some(format!("{} → {}", language.date(from), language.date(to)))
}

/// Encoding, decimal mark and order of dates.
fn choices(language: Language, summary: &Summary) -> String {
    let mark = summary.decimal_mark.as_ref();
    let order = summary.date_order.as_ref();
    let parts = [
        summary.encoding.clone(),
        mark.map(|mark| language.pick(format!("decimal mark \"{mark}\""), format!("décimale « {mark} »"))),
        order.map(|order| format!("dates {order}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn title(report: &DocumentReport, said: &str, tone: Tone) {
    show::line(&format!("{} {}  {said}", show::paint(tone, mark(report)), show::paint(Tone::Strong, &report.name)));
}

fn line(name: &str, text: &str) {
    if !text.is_empty() {
        let name = show::paint(Tone::Faint, &format!("{name:<LEFT$}"));
        show::line(&format!("  {name} {}", super::super::table::one_line(text)));
    }
}
