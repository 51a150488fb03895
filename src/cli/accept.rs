//! `moisson accept`: a document that looked odd is vouched for, and read.

use std::process::ExitCode;

use crate::archive::Entry;
use crate::model::said::{Field, Subject};

use super::args::AcceptArgs;
use super::error::CliError;
use super::{Setting, facts, show, sql};

pub fn run(setting: &Setting, arguments: &AcceptArgs) -> Result<ExitCode, CliError> {
    let reader = sql::open(setting)?;
    let named = facts::find(setting, &reader, Subject::Document, &arguments.document)?;
    let choice = facts::choice(Subject::Document, &named, Field::Accepted, Some("true".to_owned()));
    let is_so = facts::standing(&reader, &choice)? == choice.value;
    drop(reader);
    let (name, sha) = (&named.about, named.id.get(..12).unwrap_or_default());
    let about = format!("{name} ({sha})");
    if is_so {
        facts::show_no_change(setting, &about);
        return Ok(ExitCode::SUCCESS);
    }
    facts::say(setting, &[Entry::Choice(choice)])?;
    show::line(&setting.language.pick(
        format!("accepted: {about}; what it says is believed from now on"),
        format!("accepté : {about} ; ce qu'il dit est cru désormais"),
    ));
    Ok(ExitCode::SUCCESS)
}
