//! The command line: one file a command; the only room that prints.

mod accept;
mod add;
mod args;
mod bar;
mod check;
mod conflict;
mod connector;
mod demo;
mod device;
mod doctor;
mod error;
mod facts;
mod french;
mod help;
mod hide;
mod import;
mod init;
mod label;
mod language;
mod link;
mod log;
mod near;
mod pause;
mod person;
mod rebuild;
mod record;
mod refresh;
mod report;
mod secret;
mod serve;
mod set;
mod show;
mod sources;
mod sql;
mod status;
mod sync;
mod table;
mod verify;
mod views;
mod why;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::FromArgMatches;

use args::{Arguments, Command};
use error::CliError;
use language::Language;

use crate::config::{self, Home, locate};

/// What every command needs to know.
struct Setting {
    home: Home,
    /// The folder of `--home`, when there is one.
    named_home: Option<PathBuf>,
    language: Language,
    now: jiff::Timestamp,
}

/// Runs the command that the arguments ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Everything of a household is its own: files 0600, folders 0700.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let locale = Language::of_environment(&|name| std::env::var_os(name));
    let typed = help::command(locale).try_get_matches_from(arguments);
    let arguments = match typed.and_then(|typed| Arguments::from_arg_matches(&typed)) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let setting = match setting(&arguments, locale) {
        Ok(setting) => setting,
        Err(error) => return error.report(locale),
    };
    dispatch(&setting, arguments.command).unwrap_or_else(|error| error.report(setting.language))
}

fn setting(arguments: &Arguments, locale: Language) -> Result<Setting, CliError> {
    let home = locate(arguments.home.as_deref(), &|name| std::env::var_os(name))?;
    // A file that cannot be read is told by the command that needs it.
    let wish = config::read(&home.config).map(|config| config.household.language).unwrap_or_default();
    let language = locale.of_household(wish);
    Ok(Setting { home, named_home: arguments.home.clone(), language, now: jiff::Timestamp::now() })
}

fn dispatch(setting: &Setting, command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Demo(wish) => demo::run(setting, &wish),
        Command::Init => init::run(setting),
        Command::Import(wish) => import::run(setting, &wish),
        Command::Status => status::run(setting),
        Command::Sql(wish) => sql::run(setting, &wish),
        Command::Check(wish) => check::run(setting, &wish),
        Command::Rebuild(wish) => rebuild::run(setting, &wish),
        Command::Verify => verify::run(setting),
        Command::Connector(wish) => connector::run(setting, &wish),
        Command::Label(wish) => label::run(setting, &wish),
        Command::Why(wish) => why::run(setting, &wish),
        Command::Conflict(wish) => conflict::run(setting, &wish),
        Command::Link(wish) => link::run(setting, &wish),
        Command::Set(wish) => set::run(setting, &wish),
        Command::Hide(wish) => hide::run(setting, &wish),
        Command::Accept(wish) => accept::run(setting, &wish),
        Command::Refresh(wish) => refresh::run(setting, &wish),
        Command::Add(wish) => add::run(setting, &wish),
        Command::Secret(wish) => secret::run(setting, &wish),
        Command::Sync(wish) => sync::run(setting, &wish),
        Command::Device(wish) => device::run(setting, &wish),
        Command::Doctor => doctor::run(setting),
        Command::Serve(wish) => serve::run(setting, &wish),
        Command::Pause(wish) => pause::run(setting, &wish, true),
        Command::Resume(wish) => pause::run(setting, &wish, false),
    }
}

/// Help and version are no errors; everything else is exit code 64.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(error::USAGE) } else { ExitCode::SUCCESS }
}

impl Setting {
    /// How the program was called, with its home: what to type before the next command.
    fn program(&self) -> String {
        let program = program();
        match &self.named_home {
            Some(home) => format!("{program} --home {}", quoted(&home.display().to_string())),
            None => program,
        }
    }

    /// Says so when the views do not show yet what moisson.toml says now.
    fn tell_newer_settings(&self) {
        if self.home.has_newer_settings(&self.home.data.join(crate::import::SNAPSHOT)) {
            show::error(self.language.pick(
                "note: moisson.toml was changed after these views were made; the next import, or `moisson rebuild`, applies it",
                "à noter : moisson.toml a changé depuis que ces vues sont faites ; le prochain import, ou `moisson rebuild`, en tiendra compte",
            ));
        }
    }

    /// Reading back or rebuilding a home that holds nothing would only make its folders.
    fn refuse_without_archive(&self) -> Result<(), CliError> {
        let is_there = self.home.data.join("journal").is_dir();
        if is_there { Ok(()) } else { Err(sql::nothing_published(&self.home.data)) }
    }
}

/// The program as it was called.
fn program() -> String {
    quoted(&std::env::args().next().unwrap_or_else(|| "moisson".to_owned()))
}

/// A word that a shell reads back as it is.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell_when_they_must_be() {
        assert_eq!(quoted("/tmp/moisson-demo"), "/tmp/moisson-demo");
        assert_eq!(quoted("/tmp/l'été 2026"), r"'/tmp/l'\''été 2026'");
    }
}
