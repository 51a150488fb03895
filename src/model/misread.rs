//! What is wrong in a TOML file of ours, said so that it can be mended: file, line, key, carets,
//! and the names that were expected.
//!
//! Text in, text out. It does not read files, nor does it know what the keys mean.

use std::fmt;
use std::ops::Range;

use super::excerpt::{self, Excerpt};
use super::toml_places::{self, Step};

/// A place in a TOML file that cannot stand. `Display` shows it with its line and a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    pub file: String,
    /// 1-based line; column 1-based in characters.
    pub line: u64,
    pub column: u64,
    /// The key, `tariffs[2].off_peak[0]`, places from 0; empty for what is not TOML at all.
    pub key: String,
    /// One sentence: what is wrong.
    pub message: String,
    /// The names that could stand there, when they are a closed set.
    pub expected: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line with its carets, as [`excerpt::render`] draws it.
    pub excerpt: String,
    /// Number of characters under which carets stand, and what is said beside them.
    width: u64,
    label: String,
}

impl std::error::Error for Misread {}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.message)?;
        write!(f, "{}", self.excerpt)?;
        match &self.hint {
            Some(hint) => write!(f, "hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl Misread {
    /// What the TOML reader refused: a syntax error, an unknown key, a value of the wrong kind.
    pub fn of_toml(error: &toml::de::Error, text: &str, file: &str) -> Self {
        let message = error.message().trim();
        let span = item(text, error.span().unwrap_or(0..0), message);
        let (message, expected, label) = said(message);
        let hint = hint(&message, &expected);
        let mut misread = Self::at(text, file, span, message, &label);
        misread.expected = expected;
        misread.hint = hint;
        misread
    }

    /// What the reader of the file refused at `steps`, which TOML alone could not know.
    pub fn at_steps(steps: &[Step], message: String, hint: Option<String>, text: &str, file: &str) -> Self {
        let span = toml_places::span_of(text, steps).unwrap_or(0..0);
        Self::at_span(span, message, hint, text, file)
    }

    /// What was refused at these bytes.
    pub fn at_span(span: Range<usize>, message: String, hint: Option<String>, text: &str, file: &str) -> Self {
        Self { hint, ..Self::at(text, file, span, message, "") }
    }

    /// The same, its line shown as another one, in which the key is where it was.
    pub fn showing(self, whole: &str) -> Self {
        let width = whole.chars().count() as u64;
        let column = self.column.min(width);
        let excerpt = Excerpt {
            file: &self.file,
            line: self.line,
            column,
            width: self.width.min(width + 1 - column),
            text: whole,
            label: &self.label,
        };
        Self { excerpt: excerpt::render(&excerpt), ..self }
    }

    fn at(text: &str, file: &str, span: Range<usize>, message: String, label: &str) -> Self {
        let (line, column, whole) = excerpt::line_at(text, span.start);
        let width = text.get(span.clone()).map_or(1, |value| value.lines().next().unwrap_or("").chars().count());
        let (width, label, expected) = (width as u64, label.to_owned(), Vec::new());
        let excerpt = excerpt::render(&Excerpt { file, line, column, width, text: whole, label: &label });
        let key = toml_places::key_at(text, span.start).unwrap_or_default();
        Self { file: file.to_owned(), line, column, key, message, expected, hint: None, excerpt, width, label }
    }
}

/// The item of an array that a message quotes: the reader itself only points at the array.
fn item(text: &str, span: Range<usize>, message: &str) -> Range<usize> {
    let array = text.get(span.clone()).filter(|value| value.starts_with('['));
    let wrong = quoted(message).into_iter().next().map(|wrong| format!("\"{wrong}\""));
    let found = array.zip(wrong).and_then(|(array, wrong)| Some((array.find(&wrong)?, wrong.len())));
    found.map_or(span.clone(), |(at, len)| span.start + at..span.start + at + len)
}

/// The message in our words, the names that were expected, and what to write beside the carets.
fn said(message: &str) -> (String, Vec<String>, String) {
    let expected: Vec<String> = match message.split_once(", expected ") {
        Some((_, names)) if names.starts_with('`') || names.starts_with("one of") => quoted(names),
        _ => Vec::new(),
    };
    let wrong = quoted(message).into_iter().next().unwrap_or_default();
    let label = nearest(&wrong, &expected).map(|name| format!("did you mean `{name}`?")).unwrap_or_default();
    let message = match message.split_once(' ') {
        Some(("unknown", rest)) if rest.starts_with("field") => format!("unknown key `{wrong}`"),
        Some(("unknown", rest)) if rest.starts_with("variant") => format!("unknown value `{wrong}`"),
        Some(("missing", rest)) if rest.starts_with("field") => format!("the key `{wrong}` is missing"),
        _ => message.split('\n').map(str::trim).collect::<Vec<_>>().join(", "),
    };
    (message, expected, label)
}

fn hint(message: &str, expected: &[String]) -> Option<String> {
    if !expected.is_empty() {
        return Some(format!("expected {}", expected.join(", ")));
    }
    message.contains("expected a string").then(|| "put the value between double quotes".to_owned())
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn nearest<'a>(wrong: &str, names: &'a [String]) -> Option<&'a String> {
    let distance = |name: &&String| strsim::damerau_levenshtein(&wrong.to_lowercase(), name);
    names.iter().min_by_key(distance).filter(|name| distance(name) <= 1 + name.chars().count() / 3)
}
