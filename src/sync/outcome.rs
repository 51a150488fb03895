//! What a run came to: from what was fetched and imported to its outcome and its sentence. Pure.

use jiff::{Span, Timestamp};

use super::Ended;
use crate::connector::fetch::Transport;
use crate::fetch::Failure;
use crate::import::{DocumentReport, Outcome};
use crate::model::run::{Class, Part, Run, Said};

/// What the documents of a run brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Came {
    pub n_documents: u32,
    pub rows_new: u64,
    pub rows_known: u64,
    pub rows_amended: u64,
    pub rows_rejected: u64,
    /// Names of documents that no connector knows, or that cannot be read.
    pub unread: Vec<String>,
    /// Accounts whose rows were set aside because the document looks odd.
    pub n_set_aside: u64,
}

/// What is expected of a run beside what it brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// Checks that have more offenders than before.
    pub broken: Vec<String>,
    /// When something new last came, and within which time more is expected.
    pub came_at: Option<Timestamp>,
    pub within: Option<Span>,
}

impl Came {
    pub fn of(reports: &[DocumentReport]) -> Self {
        let mut came = Self::default();
        for report in reports {
            came.n_documents += 1;
            match &report.outcome {
                Outcome::Read(read) => {
                    came.rows_new += read.counts.rows_new;
                    came.rows_known += read.counts.rows_known;
                    came.rows_amended += read.counts.rows_amended;
                    came.rows_rejected += read.summary.rows_rejected;
                    came.n_set_aside += read.counts.quarantined.len() as u64;
                }
                Outcome::Unrecognised(_) | Outcome::Refused(_) => came.unread.push(report.name.clone()),
                Outcome::Known { .. } | Outcome::Opened { .. } => {}
            }
        }
        came
    }

    fn is_new(&self) -> bool {
        self.rows_new + self.rows_amended > 0
    }
}

/// A run of which nothing came.
pub(super) fn of_failure(run: Run, failure: Failure, ended_at: Timestamp) -> Ended {
    let run = Run {
        ended_at,
        outcome: failure.class,
        message: failure.message,
        link: failure.link,
        retry_at: failure.retry_at,
        ..run
    };
    Ended { run, is_told: false }
}

/// The outcome of a run whose documents are in, and what to say of it.
pub(super) fn of_import(mut run: Run, came: &Came, expected: &Expected, transport: Transport) -> Run {
    run.n_documents = came.n_documents;
    (run.rows_new, run.rows_known) = (came.rows_new, came.rows_known);
    (run.rows_amended, run.rows_rejected) = (came.rows_amended, came.rows_rejected);
    run.failed.extend(came.unread.iter().map(|name| unread(name)));
    (run.outcome, run.message) = verdict(&run, came, expected, transport);
    run
}

fn verdict(run: &Run, came: &Came, expected: &Expected, transport: Transport) -> (Class, Said) {
    let has_good = usize::try_from(came.n_documents).is_ok_and(|n| n > came.unread.len());
    // People put all kinds of files into a folder; a service that gives something else has changed.
    if !is_peoples(transport) && !came.unread.is_empty() && !has_good {
        return (Class::Changed, changed(&came.unread));
    }
    if let Some(part) = run.failed.first() {
        return (of_parts(run, came), failed(run, part));
    }
    if came.rows_rejected > 0 {
        return (Class::Partial, rejected(came));
    }
    if came.n_set_aside > 0 {
        return (Class::Expectation, set_aside());
    }
    if let Some(check) = expected.broken.first() {
        return (Class::Expectation, broken(check));
    }
    if came.is_new() {
        return (Class::Ok, brought(came));
    }
    if is_late(expected, run.started_at) {
        return (Class::Expectation, late(expected));
    }
    (Class::OkEmpty, Said::new("nothing new", "rien de nouveau"))
}

/// Whether people put the documents there themselves, among whatever else they put.
pub(super) fn is_peoples(transport: Transport) -> bool {
    matches!(transport, Transport::Folder | Transport::Mailbox)
}

/// A run of which parts failed went well elsewhere, else it would be a failure as a whole: it goes
/// on. Where nothing came and a person has to mend a part, that is worth telling.
fn of_parts(run: &Run, came: &Came) -> Class {
    let is_persons = run.failed.iter().any(|part| !part.outcome.goes_on() || part.outcome == Class::Expectation);
    if came.n_documents == 0 && is_persons { Class::Expectation } else { Class::Partial }
}

fn is_late(expected: &Expected, now: Timestamp) -> bool {
    let (Some(came_at), Some(within)) = (expected.came_at, expected.within) else { return false };
    // Spans of days need a calendar; in UTC a day has 24 hours.
    let due = came_at.to_zoned(jiff::tz::TimeZone::UTC).checked_add(within);
    due.is_ok_and(|due| due.timestamp() < now)
}

fn unread(name: &str) -> Part {
    let message = Said::new(
        format!("{name} was not recognised; it is kept in the archive"),
        format!("{name} n'est pas reconnu ; il est gardé dans l'archive"),
    );
    Part { name: name.to_owned(), outcome: Class::Changed, message }
}

fn changed(unread: &[String]) -> Said {
    let name = unread.first().map(String::as_str).unwrap_or_default();
    Said::new(
        format!(
            "what came is no longer what the connector knows: {name} is kept in the archive; `moisson import` tells more once the connector is mended"
        ),
        format!(
            "ce qui est venu n'est plus ce que le connecteur connaît : {name} est gardé dans l'archive ; à réimporter une fois le connecteur corrigé"
        ),
    )
}

fn failed(run: &Run, part: &Part) -> Said {
    let (n, part_name) = (run.failed.len(), &part.name);
    let more =
        if n > 1 { (format!(" (and {} more)", n - 1), format!(" (et {} autres)", n - 1)) } else { Default::default() };
    Said::new(
        format!("{part_name}: {}{}", part.message.en, more.0),
        format!("{part_name} : {}{}", part.message.fr, more.1),
    )
}

fn rejected(came: &Came) -> Said {
    let (new, bad) = (came.rows_new, came.rows_rejected);
    Said::new(
        format!("{new} new rows; {bad} rows could not be read: `moisson check`"),
        format!("{new} nouvelles lignes ; {bad} lignes illisibles : `moisson check`"),
    )
}

fn set_aside() -> Said {
    Said::new(
        "what came looks odd and was set aside: `moisson check` tells why, `moisson accept` lets it in",
        "ce qui est venu paraît étrange et a été mis de côté : `moisson check` dit pourquoi, `moisson accept` le fait entrer",
    )
}

fn broken(check: &str) -> Said {
    let sentence = check.replace('_', " ");
    Said::new(
        format!("it came in, but a check no longer holds: {sentence}; see `moisson check`"),
        format!("c'est entré, mais un contrôle n'est plus bon : {sentence} ; voir `moisson check`"),
    )
}

fn brought(came: &Came) -> Said {
    let (new, amended) = (came.rows_new, came.rows_amended);
    match amended {
        0 => Said::new(format!("{new} new rows"), format!("{new} nouvelles lignes")),
        _ => Said::new(
            format!("{new} new rows, {amended} changed"),
            format!("{new} nouvelles lignes, {amended} modifiées"),
        ),
    }
}

fn late(expected: &Expected) -> Said {
    let since = expected.came_at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    Said::new(
        format!("nothing new since {since}, although something was expected: look whether the service still has it"),
        format!(
            "rien de nouveau depuis le {since}, alors que quelque chose était attendu : voyez si le service l'a encore"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn run() -> Run {
        let wanted =
            super::super::Wanted { source: "bank".to_owned(), trigger: crate::model::run::Trigger::Asked, slot: None };
        super::super::bare(&wanted, at("2026-10-15T10:00:00Z"))
    }

    fn class(came: &Came, expected: &Expected, failed: &[Class], transport: Transport) -> Class {
        let mut run = run();
        run.failed = failed.iter().map(|class| part(*class)).collect();
        of_import(run, came, expected, transport).outcome
    }

    fn part(outcome: Class) -> Part {
        Part { name: "joint".to_owned(), outcome, message: Said::new("no", "non") }
    }

    #[test]
    fn what_came_decides() {
        let none = Expected::default();
        let rows = Came { n_documents: 1, rows_new: 2, ..Came::default() };
        let odd = Came { n_documents: 1, unread: vec!["x.json".to_owned()], ..Came::default() };
        let web = Transport::Http;
        assert_eq!(class(&Came::default(), &none, &[], web), Class::OkEmpty);
        assert_eq!(class(&rows, &none, &[], web), Class::Ok);
        assert_eq!(class(&rows, &none, &[Class::User], web), Class::Partial);
        assert_eq!(class(&Came::default(), &none, &[Class::Retry, Class::User], web), Class::Expectation);
        assert_eq!(class(&Came::default(), &none, &[Class::Retry], web), Class::Partial);
        assert_eq!(class(&Came { rows_rejected: 1, ..rows.clone() }, &none, &[], web), Class::Partial);
        assert_eq!(class(&Came { n_set_aside: 1, ..rows.clone() }, &none, &[], web), Class::Expectation);
        assert_eq!(class(&odd, &none, &[], web), Class::Changed);
        assert_eq!(class(&odd, &none, &[], Transport::Folder), Class::Partial);
        assert_eq!(class(&Came { n_documents: 2, ..odd }, &none, &[], web), Class::Partial);
    }

    #[test]
    fn silence_is_told_where_something_was_expected() {
        let since = |came_at: &str| Expected {
            came_at: Some(at(came_at)),
            within: Some("P3D".parse().unwrap()),
            ..Expected::default()
        };
        let nothing = Came::default();
        assert_eq!(class(&nothing, &since("2026-10-12T11:00:00Z"), &[], Transport::Http), Class::OkEmpty);
        assert_eq!(class(&nothing, &since("2026-10-12T09:00:00Z"), &[], Transport::Http), Class::Expectation);
    }
}
