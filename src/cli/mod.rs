//! The command line: one file a command; the only room that prints.

mod args;
mod check;
mod connector;
mod demo;
mod error;
mod import;
mod init;
mod language;
mod rebuild;
mod show;
mod sql;
mod status;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use error::CliError;
use language::Language;

use crate::config::{Home, locate};

/// What every command needs to know.
struct Setting {
    home: Home,
    language: Language,
    now: jiff::Timestamp,
}

/// Runs the command that the arguments ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Everything of a household is its own: files 0600, folders 0700.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let language = Language::of_environment(&|name| std::env::var_os(name));
    match dispatch(arguments, language) {
        Ok(code) => code,
        Err(error) => error.report(language),
    }
}

fn dispatch(arguments: Arguments, language: Language) -> Result<ExitCode, CliError> {
    let home = locate(arguments.home.as_deref(), &|name| std::env::var_os(name))?;
    let setting = Setting { home, language, now: jiff::Timestamp::now() };
    match arguments.command {
        Command::Demo(wish) => demo::run(&setting, &wish),
        Command::Init => init::run(&setting),
        Command::Import(wish) => import::run(&setting, &wish),
        Command::Status => status::run(&setting),
        Command::Sql(wish) => sql::run(&setting, &wish),
        Command::Check(wish) => check::run(&setting, &wish),
        Command::Rebuild(wish) => rebuild::run(&setting, &wish),
        Command::Verify => verify::run(&setting),
        Command::Connector(wish) => connector::run(&setting, &wish),
    }
}

/// Help and version are no errors; everything else is exit code 64.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(error::USAGE) } else { ExitCode::SUCCESS }
}
