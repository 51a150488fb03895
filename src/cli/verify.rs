//! `moisson verify`: every archived document and journal line against its hash.

use std::process::ExitCode;

use crate::archive;

use super::error::{CliError, DATA};
use super::{Setting, show};

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let archive = archive::open(&setting.home.data)?;
    let verdict = archive::verify(&archive, &mut |_, _| {});
    let language = setting.language;
    let (documents, lines) = (language.count(verdict.n_documents), language.count(verdict.n_journal_lines));
    show::line(&language.pick(
        format!("{documents} documents and {lines} journal lines read and compared with their hashes"),
        format!("{documents} documents et {lines} lignes du journal relus et comparés à leurs empreintes"),
    ));
    for problem in &verdict.problems {
        show::line(&format!("{} {problem}", if problem.is_error() { "✗" } else { "·" }));
        show::line(&format!("    {}: {}", language.pick("hint", "conseil"), problem.remedy()));
    }
    Ok(if verdict.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(DATA) })
}
