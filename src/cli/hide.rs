//! `moisson hide`: rows that no view shows, though the archive and the landing tables keep them.

use std::process::ExitCode;

use crate::archive::Entry;
use crate::model::said::{Field, Subject};

use super::args::{HideArgs, HideCommand};
use super::error::CliError;
use super::{Setting, facts, show, sql};

pub fn run(setting: &Setting, arguments: &HideArgs) -> Result<ExitCode, CliError> {
    let HideCommand::Transaction { id, undo } = &arguments.command;
    let reader = sql::open(setting)?;
    let named = facts::find(setting, &reader, Subject::Transaction, id)?;
    let value = (!undo).then(|| "true".to_owned());
    let choice = facts::choice(Subject::Transaction, &named, Field::Hidden, value);
    let is_so = facts::standing(&reader, &choice)? == choice.value;
    drop(reader);
    if is_so {
        facts::show_no_change(setting, &named.about);
        return Ok(ExitCode::SUCCESS);
    }
    facts::say(setting, &[Entry::Choice(choice)])?;
    let about = named.about;
    show::line(&if *undo {
        setting.language.pick(format!("shown again: {about}"), format!("montré de nouveau : {about}"))
    } else {
        setting.language.pick(
            format!("hidden: {about}\nIt stays in the archive; the view `hidden` lists it, --undo shows it again."),
            format!("caché : {about}\nL'archive le garde ; la vue `hidden` le liste, --undo le montre de nouveau."),
        )
    });
    Ok(ExitCode::SUCCESS)
}
