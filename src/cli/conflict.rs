//! `moisson conflict`: versions of appointments and contacts that lost against others, and what
//! becomes of them.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::archive::{self, Archive};
use crate::collections::{self, Body, Conflict, Member, State};
use crate::dav::bundle;
use crate::model::collection::{ConflictKind, Object};
use crate::serve::control::{self, Event, Request};
use crate::sync::conflicts::{id_of, settle};

use super::error::{self, CliError};
use super::language::Language;
use super::table::{Column, Long, one_line};
use super::{Setting, show, sync};

#[derive(Debug, Args)]
pub struct ConflictArgs {
    #[command(subcommand)]
    pub command: ConflictCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConflictCommand {
    /// List the versions that lost and wait for you
    List,
    /// Show both versions
    Show(NamedConflict),
    /// Put the version that lost back, in place of the one that stands
    Take(NamedConflict),
    /// Let the version that lost go
    Drop(NamedConflict),
}

#[derive(Debug, Args)]
pub struct NamedConflict {
    /// As `conflict list` shows it, or its first digits
    pub id: String,
}

pub fn run(setting: &Setting, arguments: &ConflictArgs) -> Result<ExitCode, CliError> {
    match &arguments.command {
        ConflictCommand::List => list(setting),
        ConflictCommand::Show(named) => look(setting, &named.id),
        ConflictCommand::Take(named) => decide(setting, &named.id, true),
        ConflictCommand::Drop(named) => decide(setting, &named.id, false),
    }
}

/// Tells of conflicts that wait, where there are any; for `moisson status`.
pub fn tell(setting: &Setting) -> Result<(), CliError> {
    let Some(state) = state(setting)? else { return Ok(()) };
    if state.conflicts().is_empty() {
        return Ok(());
    }
    show::heading(setting.language.pick(
        "Changed on two sides: both versions are kept",
        "Changé des deux côtés : les deux versions sont gardées",
    ));
    draw(setting, &state)?;
    show::line(setting.language.pick(
        "`moisson conflict show ID` shows both; `take` puts the lost one back, `drop` lets it go",
        "`moisson conflict show ID` montre les deux ; `take` remet celle qui a perdu, `drop` l'abandonne",
    ));
    Ok(())
}

fn list(setting: &Setting) -> Result<ExitCode, CliError> {
    match state(setting)? {
        Some(state) if !state.conflicts().is_empty() => draw(setting, &state)?,
        _ => show::line(setting.language.pick("no conflict waits", "aucun conflit n'attend")),
    }
    Ok(ExitCode::SUCCESS)
}

fn draw(setting: &Setting, state: &State) -> Result<(), CliError> {
    let language = setting.language;
    let archive = archive::open(&setting.home.data)?;
    let rows: Vec<Vec<String>> =
        state.conflicts().iter().map(|conflict| cells(language, &archive, state, conflict)).collect();
    let text = |en, fr| Column::text(language.pick(en, fr));
    let titles = [
        Column::text("id"),
        text("collection", "collection"),
        text("object", "objet"),
        text("what lost", "ce qui a perdu"),
        text("when", "quand"),
        text("device", "appareil"),
    ];
    show::table(&titles, &rows, Long::Wrap);
    Ok(())
}

fn cells(language: Language, archive: &Archive, state: &State, conflict: &Conflict) -> Vec<String> {
    let lost = conflict.lost.as_ref().map(|lost| of_object(archive, lost));
    let now = member(state, conflict).map(|member| of_member(archive, member));
    let title = lost.as_deref().and_then(title).or_else(|| now.as_deref().and_then(title));
    vec![
        id_of(conflict),
        conflict.path.clone(),
        one_line(&title.unwrap_or_else(|| conflict.name.clone())),
        what_lost(language, conflict).to_owned(),
        moment(language, conflict),
        conflict.by.clone().unwrap_or_default(),
    ]
}

fn what_lost(language: Language, conflict: &Conflict) -> &'static str {
    match (conflict.why, conflict.lost.is_some()) {
        (ConflictKind::Stale, true) => {
            language.pick("an edit of an older version", "une modification d'une version ancienne")
        }
        (ConflictKind::Elsewhere, true) => language.pick("an edit made here", "une modification faite ici"),
        (_, false) => language.pick("a deletion made here", "une suppression faite ici"),
    }
}

fn moment(language: Language, conflict: &Conflict) -> String {
    let local = conflict.at.to_zoned(jiff::tz::TimeZone::system());
    format!("{} {}", language.date(local.date()), local.strftime("%H:%M"))
}

fn look(setting: &Setting, id: &str) -> Result<ExitCode, CliError> {
    let state = state(setting)?.ok_or_else(|| unknown(id))?;
    let conflict = find(&state, id)?;
    let archive = archive::open(&setting.home.data)?;
    let language = setting.language;
    show::line(&cells(language, &archive, &state, conflict).join(" · "));
    show::heading(language.pick("the version that stands", "la version en place"));
    let nothing = || language.pick("(deleted)", "(supprimé)").to_owned();
    show::line(&member(&state, conflict).map_or_else(nothing, |member| clean(&of_member(&archive, member))));
    show::heading(language.pick("the version that lost", "la version qui a perdu"));
    show::line(&conflict.lost.as_ref().map_or_else(nothing, |lost| clean(&of_object(&archive, lost))));
    Ok(ExitCode::SUCCESS)
}

fn decide(setting: &Setting, id: &str, takes: bool) -> Result<ExitCode, CliError> {
    let state = state(setting)?.ok_or_else(|| unknown(id))?;
    let id = id_of(find(&state, id)?);
    if let Some(line) = control::connect(&setting.home.data) {
        through_daemon(line, id, takes)?;
    } else {
        let collections = collections::open(&setting.home.data, jiff::Timestamp::now, &|_| Vec::new())?;
        settle(&collections, &id, takes, None).map_err(|error| {
            let said = error.said();
            CliError::new(error::DATA, said.en, said.fr)
        })?;
    }
    show::line(&if takes {
        setting
            .language
            .pick("the version that lost stands again".to_owned(), "la version qui avait perdu est remise".to_owned())
    } else {
        setting
            .language
            .pick("the version that lost is dropped".to_owned(), "la version qui a perdu est abandonnée".to_owned())
    });
    Ok(ExitCode::SUCCESS)
}

fn through_daemon(mut line: control::Line, conflict: String, takes: bool) -> Result<(), CliError> {
    line.send(&Request::Settle { conflict, takes }).map_err(|error| sync::lost(&error))?;
    match line.receive().map_err(|error| sync::lost(&error))? {
        Event::Refused { message } => Err(CliError::new(error::DATA, message.en, message.fr)),
        Event::Done | Event::Question { .. } | Event::Told { .. } | Event::Ended { .. } => Ok(()),
    }
}

/// How collections stand; reading needs no lock, whoever holds them.
fn state(setting: &Setting) -> Result<Option<State>, CliError> {
    collections::look(&setting.home.data).map_err(CliError::from)
}

/// The conflict whose id begins so.
fn find<'s>(state: &'s State, id: &str) -> Result<&'s Conflict, CliError> {
    let mut found = state.conflicts().iter().filter(|conflict| !id.is_empty() && id_of(conflict).starts_with(id));
    match (found.next(), found.next()) {
        (Some(conflict), None) => Ok(conflict),
        _ => Err(unknown(id)),
    }
}

fn member<'s>(state: &'s State, conflict: &Conflict) -> Option<&'s Member> {
    state.collection(&conflict.path)?.member(&conflict.name).map(AsRef::as_ref)
}

fn of_member(archive: &Archive, member: &Member) -> Vec<u8> {
    match &member.body {
        Body::Held(bytes) => bytes.to_vec(),
        Body::Archived => archive.read(&member.sha256).unwrap_or_default(),
    }
}

fn of_object(archive: &Archive, object: &Object) -> Vec<u8> {
    let text = object.text.as_ref().map(|text| text.clone().into_bytes());
    text.unwrap_or_else(|| archive.read(&object.sha256).unwrap_or_default())
}

/// What people call an object.
fn title(bytes: &[u8]) -> Option<String> {
    ["SUMMARY", "FN"].into_iter().find_map(|name| bundle::text(bytes, name)).filter(|title| !title.trim().is_empty())
}

/// Text for a terminal: line ends aside, nothing that controls it.
fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    text.trim_end().replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
}

fn unknown(id: &str) -> CliError {
    CliError::new(error::USAGE, format!("no conflict is called {id}"), format!("aucun conflit ne s'appelle {id}"))
        .hint("`moisson conflict list` shows those that wait", "`moisson conflict list` montre ceux qui attendent")
}
