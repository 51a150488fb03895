//! `moisson verify`: every archived document and journal line against its hash.

use std::process::ExitCode;

use crate::archive;

use super::bar::Bar;
use super::error::{CliError, DATA};
use super::show::Tone;
use super::{Setting, french, show};

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    setting.refuse_without_archive()?;
    let archive = archive::open(&setting.home.data)?;
    let language = setting.language;
    let mut bar = Bar::new(language);
    bar.say("MiB read back", "Mio relus");
    let verdict = archive::verify(&archive, &mut |done, all| bar.bytes(done, all));
    bar.finish();
    let documents = language.documents(verdict.n_documents);
    let lines = language.counted(
        verdict.n_journal_lines,
        ["journal line", "journal lines"],
        ["ligne du journal", "lignes du journal"],
    );
    show::line(&language.pick(
        format!("{documents} and {lines} read back and compared with their hashes"),
        format!("{documents} et {lines} relus et comparés à leurs empreintes"),
    ));
    for problem in &verdict.problems {
        let mark = if problem.is_error() { show::paint(Tone::Bad, "✗") } else { "·".to_owned() };
        show::line(&format!("{mark} {}", language.pick(problem.to_string(), french::problem(problem))));
        show::line(
            &language.pick(
                format!("  hint: {}", problem.remedy()),
                format!("  conseil : {}", french::problem_remedy(problem)),
            ),
        );
    }
    if verdict.is_sound() {
        show::line(language.pick("nothing is lost or damaged", "rien n'est perdu ni abîmé"));
    }
    Ok(if verdict.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(DATA) })
}
