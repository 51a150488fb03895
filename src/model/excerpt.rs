//! Excerpts: a line of a file with carets under what is wrong, for errors and faults alike.
//!
//! Pure text in, text out. It does not know what an error is, nor does it colour anything.

use std::fmt::Write as _;

/// Longest piece of a line that is shown; longer lines are cut around the carets.
const WINDOW: usize = 100;

/// One place in a text file, to be shown to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// Name of the file as the person gave it.
    pub file: &'a str,
    /// 1-based line.
    pub line: u64,
    /// 1-based column in characters; 0 points at no column and draws no caret.
    pub column: u64,
    /// Number of characters to underline; 0 counts as 1.
    pub width: u64,
    /// The whole line, without its end.
    pub text: &'a str,
    /// What is said beside the carets; may be empty.
    pub label: &'a str,
}

/// Draws the excerpt: `--> file:line:column`, the line, the carets and the label.
///
/// Ends with a newline. Control characters are shown as `·`, so that a file cannot write to
/// the terminal.
pub fn render(excerpt: &Excerpt<'_>) -> String {
    let number = excerpt.line.to_string();
    let gutter = " ".repeat(number.len());
    let (text, caret) = window(excerpt);
    let mut out = format!("{gutter}--> {}\n{gutter} |\n{number} | {text}\n", place(excerpt));
    if let Some((indent, width)) = caret {
        let carets = format!("{}{} {}", " ".repeat(indent), "^".repeat(width), excerpt.label);
        let _ = writeln!(out, "{gutter} | {}", carets.trim_end());
    }
    out
}

/// Line, column (both 1-based, in characters) and the whole line of a byte offset in a text.
pub fn line_at(source: &str, offset: usize) -> (u64, u64, &str) {
    let offset = (0..=offset.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let start = source[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = source[offset..].find('\n').map_or(source.len(), |at| offset + at);
    let line = source[..start].matches('\n').count() + 1;
    let column = source[start..offset].chars().count() + 1;
    (line as u64, column as u64, source[start..end].trim_end_matches('\r'))
}

fn place(excerpt: &Excerpt<'_>) -> String {
    match excerpt.column {
        0 => format!("{}:{}", excerpt.file, excerpt.line),
        column => format!("{}:{}:{column}", excerpt.file, excerpt.line),
    }
}

/// The part of the line to show, and where the carets stand in it (indent, width).
fn window(excerpt: &Excerpt<'_>) -> (String, Option<(usize, usize)>) {
    let chars: Vec<char> = excerpt.text.chars().map(visible).collect();
    let column = usize::try_from(excerpt.column).unwrap_or(usize::MAX).min(chars.len() + 1);
    let start = if chars.len() > WINDOW { column.saturating_sub(WINDOW / 2) } else { 0 };
    let end = chars.len().min(start + WINDOW);
    let mut text = String::new();
    text.push_str(if start > 0 { "…" } else { "" });
    text.extend(&chars[start..end]);
    text.push_str(if end < chars.len() { "…" } else { "" });
    if column == 0 {
        return (text, None);
    }
    let indent = column - 1 - start + usize::from(start > 0);
    let room = (end + 1).saturating_sub(column).max(1);
    let width = usize::try_from(excerpt.width).unwrap_or(usize::MAX).clamp(1, room);
    (text, Some((indent, width)))
}

fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '·',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, column: u64, width: u64) -> Excerpt<'_> {
        Excerpt { file: "march.csv", line: 14, column, width, text, label: "a space between digits" }
    }

    #[test]
    fn carets_stand_under_the_value() {
        let shown = render(&excerpt("12/03/2026;VIR INST MME DUPONT CLAIRE;1 045,00;", 39, 8));
        let expected = "  --> march.csv:14:39\n   |\n14 | 12/03/2026;VIR INST MME DUPONT CLAIRE;1 045,00;\n   |                                       ^^^^^^^^ a space between digits\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn long_lines_are_cut_around_the_carets() {
        let text = format!("{}é\u{1b}[31mBAD{}", "x".repeat(300), "y".repeat(300));
        let shown = render(&excerpt(&text, 307, 3));
        let lines: Vec<&str> = shown.lines().collect();
        let at = lines[3].chars().position(|c| c == '^').expect("there are carets");
        let under: String = lines[2].chars().skip(at).take(3).collect();
        assert_eq!(under, "BAD");
        assert!(!shown.contains('\u{1b}') && lines[2].chars().count() < 110);
    }

    #[test]
    fn no_column_draws_no_caret_and_columns_past_the_end_do_not_panic() {
        assert!(!render(&excerpt("a;b", 0, 0)).contains('^'));
        assert!(render(&excerpt("", 9, 9)).contains('^'));
        assert!(render(&excerpt(&"z".repeat(500), u64::MAX, u64::MAX)).contains('^'));
    }

    #[test]
    fn offsets_become_lines_and_columns() {
        let source = "a = 1\r\nété = 2\nz";
        assert_eq!(line_at(source, 0), (1, 1, "a = 1"));
        assert_eq!(line_at(source, source.find('=').expect("there") + 7), (2, 2, "été = 2"));
        assert_eq!(line_at(source, 99), (3, 2, "z"));
    }
}
