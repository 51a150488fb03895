//! A progress bar on standard error: on a terminal only, and only for work that lasts.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::Progress;

use super::language::Language;
use super::show;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// What stands in the bar while documents are read.
pub struct Bar {
    language: Language,
    started: Instant,
    drawn: Option<ProgressBar>,
    /// How many documents, or mebibytes, there are.
    documents: u64,
    rows: u64,
    name: String,
}

impl Bar {
    pub fn new(language: Language) -> Self {
        Self { language, started: Instant::now(), drawn: None, documents: 0, rows: 0, name: String::new() }
    }

    /// Says what is being done after the documents.
    pub fn say(&mut self, en: &str, fr: &str) {
        self.language.pick(en, fr).clone_into(&mut self.name);
        self.draw(self.documents);
    }

    /// Says how many bytes are done.
    pub fn bytes(&mut self, done: u64, all: u64) {
        self.documents = all >> 20;
        self.draw(done >> 20);
    }

    /// Leaves the terminal as it was.
    pub fn finish(&mut self) {
        if let Some(bar) = self.drawn.take() {
            bar.finish_and_clear();
        }
    }

    fn draw(&mut self, at: u64) {
        if self.drawn.is_none() && self.started.elapsed() > PATIENCE && show::is_error_terminal() {
            self.drawn = Some(bar());
        }
        let Some(bar) = &self.drawn else { return };
        bar.set_length(self.documents);
        bar.set_position(at);
        let rows = if self.rows == 0 {
            String::new()
        } else {
            let n = self.language.count(self.rows);
            self.language.pick(format!(" · {n} rows"), format!(" · {n} lignes"))
        };
        bar.set_message(format!("{}{rows}", self.name));
    }
}

impl Progress for Bar {
    fn document(&mut self, at: usize, of: usize, name: &str) {
        self.documents = of as u64;
        self.rows = 0;
        name.clone_into(&mut self.name);
        self.draw(at as u64);
    }

    fn rows(&mut self, n: u64) {
        self.rows += n;
        let at = self.drawn.as_ref().map_or(0, ProgressBar::position);
        self.draw(at);
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed:>4} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
