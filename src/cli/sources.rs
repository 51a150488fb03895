//! The sources that are fetched, as `moisson status` shows them: last run, next run, what to do.

use jiff::{SignedDuration, Timestamp};

use crate::model::run::{Class, Run};
use crate::schedule::Hold;
use crate::serve::{Outlook, outlook};

use super::error::CliError;
use super::language::Language;
use super::table::{Column, Long, draw};
use super::{Setting, show};

/// Days before the end of a consent at which it is worth renewing.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Shows the sources that are fetched; whether there are any.
pub fn show(setting: &Setting) -> Result<bool, CliError> {
    let sources = outlook(&setting.home, setting.now)?;
    if sources.is_empty() {
        return Ok(false);
    }
    let language = setting.language;
    show::heading(language.pick("Fetched by themselves", "Cherchées d'elles-mêmes"));
    let rows: Vec<Vec<String>> = sources.iter().map(|source| cells(language, source, setting.now)).collect();
    show::line(&draw(&titles(language), &rows, Some(show::width().unwrap_or(122)), Long::Wrap));
    Ok(true)
}

fn titles(language: Language) -> Vec<Column> {
    let text = |en, fr| Column::text(language.pick(en, fr));
    vec![
        text("source", "source"),
        text("last run", "dernière fois"),
        text("what became of it", "ce qu'il en est"),
        text("next run", "prochaine fois"),
        text("consent until", "accord jusqu'au"),
        Column::figure(language.pick("calls left", "appels restants")),
        text("to do", "à faire"),
    ]
}

fn cells(language: Language, source: &Outlook, now: Timestamp) -> Vec<String> {
    let last = source.last.as_ref();
    vec![
        source.source.clone(),
        last.map_or_else(String::new, |run| moment(language, run.ended_at)),
        match source.running_since {
            Some(since) => language.pick(
                format!("running since {}", moment(language, since)),
                format!("en cours depuis {}", moment(language, since)),
            ),
            None => last.map_or_else(String::new, |run| outcome(language, run)),
        },
        source.next_at.map_or_else(String::new, |at| moment(language, at)),
        source.consent_until.map_or_else(String::new, |at| language.date(local(at).date())),
        last.and_then(|run| run.quota_left).map_or_else(String::new, |left| left.to_string()),
        to_do(language, source, now),
    ]
}

/// `ok: 12 new rows`
pub fn outcome(language: Language, run: &Run) -> String {
    let class = class(language, run.outcome);
    let message = language.pick(&run.message.en, &run.message.fr);
    format!("{class}{}{message}", language.pick(": ", " : "))
}

/// The outcome in a word.
pub fn class(language: Language, class: Class) -> &'static str {
    match class {
        Class::Ok | Class::OkEmpty => "ok",
        Class::Partial => language.pick("in part", "en partie"),
        Class::Retry => language.pick("tried again", "réessayé"),
        Class::Quota => language.pick("budget spent", "quota épuisé"),
        Class::User => language.pick("your turn", "à vous"),
        Class::Changed => language.pick("changed", "changé"),
        Class::Config => language.pick("settings", "réglages"),
        Class::Expectation => language.pick("look at it", "à regarder"),
    }
}

/// What a person has to do; empty when nothing.
pub fn to_do(language: Language, source: &Outlook, now: Timestamp) -> String {
    let id = &source.source;
    let is_ending = source.consent_until.is_some_and(|until| now.duration_until(until) < SOON);
    match source.hold {
        Some(Hold::Stopped(stop)) => stopped(language, id, stop.class),
        Some(Hold::ConsentOver(_)) => language
            .pick(format!("allow it again: moisson sync {id}"), format!("redonner l'accord : moisson sync {id}")),
        Some(Hold::Paused) => {
            language.pick(format!("paused: moisson resume {id}"), format!("en pause : moisson resume {id}"))
        }
        Some(Hold::Attended) => {
            language.pick(format!("when you like: moisson sync {id}"), format!("quand vous voulez : moisson sync {id}"))
        }
        Some(Hold::Unplanned) => language.pick("give it a schedule".to_owned(), "lui donner un horaire".to_owned()),
        Some(Hold::Quota(_)) | None if is_ending => language.pick(
            format!("the consent ends soon: moisson sync {id}"),
            format!("l'accord finit bientôt : moisson sync {id}"),
        ),
        Some(Hold::Quota(_)) | None => String::new(),
    }
}

fn stopped(language: Language, id: &str, class: Class) -> String {
    match class {
        Class::User => language.pick(
            format!("do what it says, then moisson sync {id}"),
            format!("faire ce qui est dit, puis moisson sync {id}"),
        ),
        Class::Config => language.pick("mend moisson.toml".to_owned(), "corriger moisson.toml".to_owned()),
        _ => language.pick(
            format!("mend the connector, then moisson resume {id}"),
            format!("corriger le connecteur, puis moisson resume {id}"),
        ),
    }
}

/// `2026-10-15 08:00`, on the wall clock of this machine.
pub fn moment(language: Language, at: Timestamp) -> String {
    let local = local(at);
    format!("{} {:02}:{:02}", language.date(local.date()), local.hour(), local.minute())
}

fn local(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(jiff::tz::TimeZone::system())
}
