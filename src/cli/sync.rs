//! `moisson sync`: sources fetched now, by the daemon when there is one, else here.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use crate::archive;
use crate::collections::{self, Collections};
use crate::config::{self, Config, Source};
use crate::connector::Catalogue;
use crate::fetch::Ask;
use crate::model::run::{Class, Run, Trigger};
use crate::serve::control::{self, Event, Request};
use crate::sync::{self, Outfit, Wanted};

use super::args::SyncArgs;
use super::error::{self, CliError};
use super::language::Language;
use super::person::Terminal;
use super::show::Tone;
use super::{Setting, log, secret, show};

pub fn run(setting: &Setting, arguments: &SyncArgs) -> Result<ExitCode, CliError> {
    log::start("warn");
    let sources = chosen(setting, &arguments.sources)?;
    let person = Terminal::find(setting.language);
    let runs = match control::connect(&setting.home.data) {
        Some(line) => through_daemon(setting, line, sources, person.as_ref())?,
        None => here(setting, &sources, person.as_ref())?,
    };
    Ok(exit_code(&runs))
}

/// The named sources, or all that can be fetched, each after those that it waits for.
fn chosen(setting: &Setting, names: &[String]) -> Result<Vec<String>, CliError> {
    let config = config::read(&setting.home.config)?;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    if let Some(unknown) = names.iter().find(|name| config.source(name).is_none()) {
        return Err(no_source(setting, &config, unknown));
    }
    let can_be_fetched = |source: &&Source| source.connector.as_deref().is_some_and(|id| catalogue.service(id).is_ok());
    let mut wanted: Vec<&Source> = match names {
        [] => config.sources.iter().filter(can_be_fetched).collect(),
        names => names.iter().filter_map(|name| config.source(name)).collect(),
    };
    if wanted.is_empty() {
        return Err(nothing_to_fetch());
    }
    let mut order: Vec<String> = Vec::new();
    while !wanted.is_empty() {
        let waits = |source: &&&Source| {
            source.after.iter().any(|first| wanted.iter().any(|other| other.id == *first && other.id != source.id))
        };
        // In a circle, the first in the file goes first.
        let next = wanted.iter().position(|source| !waits(&source)).unwrap_or(0);
        order.push(wanted.remove(next).id.clone());
    }
    Ok(order)
}

fn here(setting: &Setting, sources: &[String], person: Option<&Terminal>) -> Result<Vec<Run>, CliError> {
    let log = archive::log(&setting.home.data, archive::LogOf::Runs)?;
    let outfit = Outfit::new(setting.home.clone(), secret::vault(setting), log, jiff::Timestamp::now);
    if let Some(collections) = collections(setting)? {
        outfit.hold(Arc::new(collections));
    }
    let mut runs = Vec::new();
    for source in sources {
        let started = Instant::now();
        let wanted = Wanted { source: source.clone(), trigger: Trigger::Asked, slot: None };
        let run = sync::run(&outfit, &wanted, person.map(|person| person as &dyn Ask))?;
        show_run(setting.language, &run, Some(started.elapsed().as_secs_f64()));
        runs.push(run);
    }
    Ok(runs)
}

/// The collections of a home that serves some: what sources bring stands there too.
fn collections(setting: &Setting) -> Result<Option<Collections>, CliError> {
    let has_some = setting.home.data.join("collections").is_dir();
    let open = || collections::open(&setting.home.data, jiff::Timestamp::now, &|_| Vec::new());
    has_some.then(open).transpose().map_err(CliError::from)
}

fn through_daemon(
    setting: &Setting,
    mut line: control::Line,
    sources: Vec<String>,
    person: Option<&Terminal>,
) -> Result<Vec<Run>, CliError> {
    line.send(&Request::Sync { sources, has_person: person.is_some() }).map_err(|error| lost(&error))?;
    let mut runs = Vec::new();
    loop {
        match line.receive().map_err(|error| lost(&error))? {
            Event::Ended { run } => {
                show_run(setting.language, &run, None);
                runs.push(*run);
            }
            Event::Question { question, is_secret } => {
                let answer = person.and_then(|person| person.ask(&question, is_secret));
                line.send(&Request::Answer { text: answer }).map_err(|error| lost(&error))?;
            }
            Event::Told { what, link } => {
                if let Some(person) = person {
                    person.tell(&what, link.as_deref());
                }
            }
            Event::Refused { message } => return Err(CliError::new(error::RETRY, message.en, message.fr)),
            Event::Done => return Ok(runs),
        }
    }
}

/// One line a run.
fn show_run(language: Language, run: &Run, seconds: Option<f64>) {
    let (tone, sign) = match run.outcome {
        Class::Ok | Class::OkEmpty => (Tone::Good, "✓"),
        Class::Partial | Class::Expectation | Class::Retry | Class::Quota => (Tone::Odd, "!"),
        Class::User | Class::Changed | Class::Config => (Tone::Bad, "✗"),
    };
    let message = language.pick(&run.message.en, &run.message.fr);
    let took = seconds.map(|seconds| format!(" ({seconds:.1} s)")).unwrap_or_default();
    show::line(&format!("{} {}: {message}{took}", show::paint(tone, sign), show::paint(Tone::Strong, &run.source)));
    for part in &run.failed {
        show::line(&format!("    {}: {}", part.name, language.pick(&part.message.en, &part.message.fr)));
    }
    if let Some(link) = &run.link {
        show::line(&format!("    {link}"));
    }
}

/// 0 when all went well, 1 when some did; otherwise what the worst of them asks for.
fn exit_code(runs: &[Run]) -> ExitCode {
    let is_whole = |run: &Run| matches!(run.outcome, Class::Ok | Class::OkEmpty);
    if runs.iter().all(is_whole) {
        return ExitCode::SUCCESS;
    }
    if runs.iter().any(|run| run.outcome.is_good()) {
        return ExitCode::from(error::PARTIAL);
    }
    let codes = runs.iter().map(|run| match run.outcome {
        Class::User => error::USER,
        Class::Config => error::CONFIG,
        Class::Changed => error::DATA,
        Class::Retry | Class::Quota => error::RETRY,
        Class::Ok | Class::OkEmpty | Class::Partial | Class::Expectation => 0,
    });
    ExitCode::from(codes.max().unwrap_or_default())
}

pub fn no_source(setting: &Setting, config: &Config, name: &str) -> CliError {
    let known: Vec<&str> = config.sources.iter().map(|source| source.id.as_str()).collect();
    let file = setting.home.config.display();
    let error = CliError::new(
        error::USAGE,
        format!("no source is called {name} in {file}"),
        format!("aucune source ne s'appelle {name} dans {file}"),
    );
    match known[..] {
        [] => error.hint("`moisson add` sets one up", "`moisson add` en installe une"),
        _ => error.hint(format!("there are {}", known.join(", ")), format!("il y a {}", known.join(", "))),
    }
}

fn nothing_to_fetch() -> CliError {
    CliError::new(error::USAGE, "no source can be fetched by itself", "aucune source ne peut être cherchée d'elle-même")
        .hint("`moisson add` sets one up", "`moisson add` en installe une")
}

pub fn lost(error: &std::io::Error) -> CliError {
    CliError::new(
        error::RETRY,
        format!("the daemon has gone away: {error}"),
        format!("le service s'est arrêté : {error}"),
    )
    .hint("its log says why; run the same command again", "son journal dit pourquoi ; relancez la même commande")
}
