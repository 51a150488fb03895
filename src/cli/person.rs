//! Whoever sits at the terminal, asked for what only they know.

use std::io::{BufRead as _, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fetch::Ask;
use crate::model::run::Said;

use super::language::Language;
use super::show;

/// The person at the terminal.
pub struct Terminal {
    language: Language,
    /// Whether they have closed standard input.
    is_gone: AtomicBool,
}

impl Terminal {
    /// Somebody, when standard input is a terminal.
    pub fn find(language: Language) -> Option<Self> {
        std::io::stdin().is_terminal().then(|| Self { language, is_gone: AtomicBool::new(false) })
    }

    /// A line for a question; `None` when it is empty, which takes what is proposed.
    pub fn line(&self, en: &str, fr: &str, proposed: Option<&str>) -> Option<String> {
        let question = self.language.pick(en, fr);
        let proposed = proposed.map(|proposed| format!(" [{proposed}]")).unwrap_or_default();
        show::error(&format!("{question}{proposed}:"));
        let line = typed().filter(|line| !line.is_empty());
        self.is_gone.store(line.is_none(), Ordering::Relaxed);
        line.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
    }

    /// Whether the last question found the end of standard input.
    pub fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }

    /// Yes or no; an empty line takes what is proposed.
    pub fn agrees(&self, en: &str, fr: &str, proposed: bool) -> bool {
        let yes_no = self.language.pick(["no", "yes"], ["non", "oui"]);
        let answer = self.line(en, fr, Some(yes_no[usize::from(proposed)]));
        answer.map_or(proposed, |answer| answer.to_lowercase().starts_with(['y', 'o']))
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
