//! Whoever sits at the terminal, asked for what only they know.

use std::io::{BufRead as _, IsTerminal as _};

use crate::fetch::Ask;
use crate::model::run::Said;

use super::language::Language;
use super::show;

/// The person at the terminal.
pub struct Terminal {
    language: Language,
}

impl Terminal {
    /// Somebody, when standard input is a terminal.
    pub fn find(language: Language) -> Option<Self> {
        std::io::stdin().is_terminal().then_some(Self { language })
    }
}

impl Ask for Terminal {
    fn ask(&self, question: &Said, is_secret: bool) -> Option<String> {
        let question = self.language.pick(&question.en, &question.fr);
        show::error(&format!("{question} ?"));
        let answer = if is_secret { rpassword::read_password().ok()? } else { typed()? };
        let answer = answer.trim();
        (!answer.is_empty()).then(|| answer.to_owned())
    }

    fn tell(&self, what: &Said, link: Option<&str>) {
        show::error(self.language.pick(&what.en, &what.fr));
        if let Some(link) = link {
            show::error(&format!("  {link}"));
        }
    }
}

fn typed() -> Option<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line)
}
