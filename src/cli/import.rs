//! `moisson import`: documents in, and what became of them.

use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::{self, DocumentReport, Outcome, Progress, Read, Wish, World};
use crate::model::Fault;
use crate::model::excerpt::{Excerpt, render};

use super::args::ImportArgs;
use super::error::{self, CliError};
use super::language::Language;
use super::{Setting, show};

pub fn run(setting: &Setting, arguments: &ImportArgs) -> Result<ExitCode, CliError> {
    let inputs = import::inputs::find(&arguments.files, setting.now)?;
    let wish = Wish {
        is_rehearsal: arguments.dry_run,
        connector: arguments.connector.clone(),
        source: arguments.source.clone(),
    };
    if let Some(reports) = import::all_known(&setting.home, &inputs, &wish)? {
        reports.iter().for_each(|report| show_report(setting.language, report));
        return Ok(exit_code(&reports));
    }
    let mut world = World::open(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(setting.language);
    let reports = import::import(&mut world, &inputs, &wish, &mut bar)?;
    bar.finish();
    for report in &reports {
        show_report(setting.language, report);
    }
    let has_changed = reports
        .iter()
        .any(|report| matches!(report.outcome, Outcome::Read(_) | Outcome::Unrecognised(_) | Outcome::Refused(_)));
    if !arguments.dry_run && (has_changed || world.is_behind()?) {
        import::refresh(world)?;
    }
    conclude(setting.language, &reports, arguments.dry_run);
    Ok(exit_code(&reports))
}

/// 0 when everything was read, 65 when nothing could be, 1 in between.
pub fn exit_code(reports: &[DocumentReport]) -> ExitCode {
    let complete = reports.iter().filter(|report| report.is_complete()).count();
    let is_any_read =
        reports.iter().any(|report| !matches!(report.outcome, Outcome::Unrecognised(_) | Outcome::Refused(_)));
    match (complete == reports.len(), is_any_read) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(error::PARTIAL),
        (false, false) => ExitCode::from(error::DATA),
    }
}

/// What became of one document.
pub fn show_report(language: Language, report: &DocumentReport) {
    match &report.outcome {
        Outcome::Read(read) => show_read(language, report, read),
        Outcome::Known { connector } => show::line(&format!(
            "= {}  {}",
            report.name,
            language.pick(
                format!("already imported ({connector}), nothing to do"),
                format!("déjà importé ({connector}), rien à faire")
            )
        )),
        Outcome::Opened { members } => {
            show::line(&format!(
                "> {}  {}",
                report.name,
                language.pick(
                    format!("archive, {members} documents inside"),
                    format!("archive, {members} documents dedans")
                )
            ));
        }
        Outcome::Unrecognised(unknown) => {
            show::line(&format!(
                "? {}  {}",
                report.name,
                language.pick(
                    "no connector recognises it; it is kept in the archive",
                    "aucun connecteur ne le reconnaît ; il est gardé dans l'archive"
                )
            ));
            if !unknown.widest_row.is_empty() {
                show::line(&format!(
                    "    {}: {}",
                    language.pick("columns seen", "colonnes vues"),
                    unknown.widest_row.join(" | ")
                ));
            }
            if let Some((id, missing)) = &unknown.nearest {
                show::line(&format!(
                    "    {} {id}, {}: {}",
                    language.pick("closest:", "le plus proche :"),
                    language.pick("which also wants", "qui demande aussi"),
                    missing.join(", ")
                ));
            }
        }
        Outcome::Refused(reason) => {
            show::line(&format!(
                "! {}  {}: {reason}",
                report.name,
                language.pick("cannot be read, kept in the archive", "illisible, gardé dans l'archive")
            ));
        }
    }
}

fn show_read(language: Language, report: &DocumentReport, read: &Read) {
    let counts = &read.counts;
    let count = |n| language.count(n);
    show::line(&format!(
        "{} {}  {} ({})",
        if read.summary.rows_rejected == 0 { "+" } else { "~" },
        report.name,
        read.connector_name,
        read.reason
    ));
    show::line(&format!(
        "    {}",
        language.pick(
            format!(
                "{} new, {} already there, {} amended, {} rejected, {} left out",
                count(counts.rows_new),
                count(counts.rows_known),
                count(counts.rows_amended),
                count(read.summary.rows_rejected),
                count(read.summary.rows_skipped)
            ),
            format!(
                "{} nouvelles, {} déjà là, {} modifiées, {} rejetées, {} laissées",
                count(counts.rows_new),
                count(counts.rows_known),
                count(counts.rows_amended),
                count(read.summary.rows_rejected),
                count(read.summary.rows_skipped)
            ),
        )
    ));
    for ((account, currency), sum) in &read.summary.accounts {
        show::line(&format!(
            "    {account}: {} {}, {} {currency} (+{} {})",
            count(sum.rows),
            language.pick("movements", "mouvements"),
            language.amount(sum.sum()),
            language.amount(sum.credit),
            language.amount(sum.debit),
        ));
    }
    show::line(&format!("    {}", details(language, report, read)));
    for fault in &read.faults {
        show_fault(language, &report.name, fault);
    }
    if read.n_faults > read.faults.len() as u64 {
        let more = count(read.n_faults - read.faults.len() as u64);
        show::line(&format!(
            "    {}",
            language.pick(
                format!("… and {more} more: select * from landing.faults"),
                format!("… et {more} autres : select * from landing.faults")
            )
        ));
    }
}

/// Period, encoding, decimal mark, order of dates, time.
fn details(language: Language, report: &DocumentReport, read: &Read) -> String {
    let summary = &read.summary;
    let mut parts = Vec::new();
    if let (Some(from), Some(to)) = (summary.covered_from, summary.covered_to) {
        parts.push(format!("{} → {}", language.date(from), language.date(to)));
    }
    parts.extend(summary.encoding.clone());
    parts.extend(
        summary.decimal_mark.as_ref().map(|mark| format!("{} \"{mark}\"", language.pick("decimal mark", "décimale"))),
    );
    parts.extend(summary.date_order.as_ref().map(|order| format!("{} {order}", language.pick("dates", "dates"))));
    parts.extend(read.source.as_ref().map(|source| format!("source {source}")));
    parts.push(format!("{} ms", report.took.as_millis()));
    parts.join(" · ")
}

/// One fault with its place, the row and the remedy.
pub fn show_fault(language: Language, file: &str, fault: &Fault) {
    let word = if fault.is_row_lost { language.pick("rejected", "rejetée") } else { language.pick("noted", "noté") };
    show::line(&format!("    {word}: {}", fault.message));
    let excerpt = Excerpt {
        file,
        line: fault.place.line,
        column: fault.place.column,
        width: fault.value.chars().count() as u64,
        text: &fault.excerpt,
        label: "",
    };
    match &fault.place.pointer {
        Some(pointer) => show::line(&format!("      --> {file}: {pointer}\n      {}", fault.excerpt)),
        None => show::line(&indent(&render(&excerpt))),
    }
    if let Some(hint) = &fault.hint {
        show::line(&format!("      {}: {hint}", language.pick("hint", "conseil")));
    }
}

fn indent(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn conclude(language: Language, reports: &[DocumentReport], is_rehearsal: bool) {
    let new: u64 = reports
        .iter()
        .map(|report| if let Outcome::Read(read) = &report.outcome { read.counts.rows_new } else { 0 })
        .sum();
    let took: Duration = reports.iter().map(|report| report.took).sum();
    let n = reports.len();
    let new = language.count(new);
    show::line(&language.pick(
        format!(
            "{n} documents, {new} new rows, {:.1} s{}",
            took.as_secs_f64(),
            if is_rehearsal { "; a rehearsal: nothing was changed" } else { "" }
        ),
        format!(
            "{n} documents, {new} nouvelles lignes, {:.1} s{}",
            took.as_secs_f64(),
            if is_rehearsal { " ; à blanc : rien n'a changé" } else { "" }
        ),
    ));
}

/// A progress bar, on a terminal only.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub fn new(language: Language) -> Self {
        let bar = ProgressBar::new(0);
        let template = language.pick("{spinner} {pos}/{len} {msg} {prefix}", "{spinner} {pos}/{len} {msg} {prefix}");
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn document(&mut self, at: usize, of: usize, name: &str) {
        self.bar.set_length(of as u64);
        self.bar.set_position(at as u64);
        self.bar.set_message(name.to_owned());
        self.bar.set_prefix(String::new());
    }

    fn rows(&mut self, n: u64) {
        let seen: u64 = self.bar.prefix().parse().unwrap_or(0);
        self.bar.set_prefix((seen + n).to_string());
    }
}
