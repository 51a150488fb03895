//! `moisson status`: each source, how fresh and how complete.

use std::process::ExitCode;

use crate::import::SNAPSHOT;
use crate::warehouse::{Limits, Reader};

use super::error::CliError;
use super::{Setting, show, sql};

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let snapshot = setting.home.data.join(SNAPSHOT);
    if !snapshot.exists() {
        return Err(sql::nothing_published());
    }
    let reader = Reader::open(&snapshot, Limits::default())?;
    sql::show_answer(reader.ask("select * from status order by all")?, 200)?;
    show::line(&format!("{}", snapshot.display()));
    Ok(ExitCode::SUCCESS)
}
