//! `moisson pause` and `moisson resume`: a source left alone, or let run again.

use std::process::ExitCode;

use crate::archive::{self, Entry};
use crate::config;
use crate::model::run::Paused;
use crate::serve::control::{self, Event, Request};

use super::args::PauseArgs;
use super::error::{self, CliError};
use super::{Setting, show, sync};

pub fn run(setting: &Setting, arguments: &PauseArgs, is_paused: bool) -> Result<ExitCode, CliError> {
    let config = config::read(&setting.home.config)?;
    for source in &arguments.sources {
        config.source(source).ok_or_else(|| sync::no_source(setting, &config, source))?;
    }
    for source in &arguments.sources {
        pause(setting, source, is_paused)?;
        show::line(&if is_paused {
            setting.language.pick(
                format!("{source} is left alone until `moisson resume {source}`"),
                format!("{source} est laissée tranquille jusqu'à `moisson resume {source}`"),
            )
        } else {
            setting.language.pick(format!("{source} runs again"), format!("{source} tourne de nouveau"))
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn pause(setting: &Setting, source: &str, is_paused: bool) -> Result<(), CliError> {
    let source = source.to_owned();
    let Some(mut line) = control::connect(&setting.home.data) else {
        let mut log = archive::log(&setting.home.data, archive::LogOf::Runs)?;
        log.append(setting.now, &Entry::Paused(Paused { source, is_paused }))?;
        return Ok(());
    };
    let request = if is_paused { Request::Pause { source } } else { Request::Resume { source } };
    line.send(&request).map_err(|error| sync::lost(&error))?;
    match line.receive().map_err(|error| sync::lost(&error))? {
        Event::Refused { message } => Err(CliError::new(error::USAGE, message.en, message.fr)),
        Event::Done | Event::Question { .. } | Event::Told { .. } | Event::Ended { .. } => Ok(()),
    }
}
