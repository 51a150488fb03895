//! Templates of labels: `CARTE|CB [DU] {dd/mm/yy} {payee} CB*{card}`.
//!
//! A template is read word by word, from the start of a label to its end. A word stands for
//! itself, whatever its case and accents; `A|B` is one word or the other; `[…]` may be there or
//! not, `(…)` must be, and both may hold alternatives of several words, tried in their order; a
//! hole in braces takes one word of its shape, or several where its table says so. There is no
//! repetition and no character-level pattern: what needs them is another line in the list.

use super::holes::Hole;
use super::words::{Words, folded};

/// The alternatives of a bracket nest no deeper.
const MOST_DEPTH: usize = 4;

/// A compiled template.
#[derive(Debug)]
pub(super) struct Template {
    nodes: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    /// One of these words, folded.
    Word(Vec<String>),
    Hole(Hole),
    /// One of these runs, or nothing.
    Group {
        runs: Vec<Vec<Node>>,
        is_optional: bool,
    },
}

/// What a hole took: words from the first to before the second.
pub(super) type Taken = (Hole, usize, usize);

/// Nodes still to be matched, then those around them.
#[derive(Clone, Copy)]
struct Rest<'a> {
    nodes: &'a [Node],
    after: Option<&'a Rest<'a>>,
}

impl Template {
    /// Compiles a template; the error says what is wrong with it.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let mut pieces = Pieces { text, rest: text };
        let mut runs = pieces.runs(None, 0)?;
        match runs.pop() {
            Some(nodes) if runs.is_empty() && !nodes.is_empty() => Ok(Self { nodes }),
            _ => Err(format!("`{text}`: alternatives of several words stand in brackets")),
        }
    }

    /// The words with which a label may begin; none when it may begin with a hole.
    pub(super) fn first_words(&self) -> Option<Vec<&str>> {
        let mut found = Vec::new();
        first_words(&self.nodes, &mut found).then_some(found)
    }

    /// Matches a whole label; `cities` tells how many words at a place name a city.
    pub(super) fn matches(&self, words: &Words<'_>, cities: &dyn Fn(usize) -> usize) -> Option<Vec<Taken>> {
        let mut taken = Vec::new();
        let rest = Rest { nodes: &self.nodes, after: None };
        matches(rest, words, 0, cities, &mut taken).then_some(taken)
    }
}

fn matches(
    rest: Rest<'_>,
    words: &Words<'_>,
    at: usize,
    cities: &dyn Fn(usize) -> usize,
    taken: &mut Vec<Taken>,
) -> bool {
    let Some((node, nodes)) = rest.nodes.split_first() else {
        return match rest.after {
            Some(after) => matches(*after, words, at, cities, taken),
            None => at == words.len(),
        };
    };
    let next = Rest { nodes, after: rest.after };
    match node {
        Node::Word(any) => is_one_of(any, words, at) && matches(next, words, at + 1, cities, taken),
        Node::Group { runs, is_optional } => {
            runs.iter().any(|run| matches(Rest { nodes: run, after: Some(&next) }, words, at, cities, taken))
                || (*is_optional && matches(next, words, at, cities, taken))
        }
        Node::Hole(hole) => hole.lengths(words, at, cities).any(|n| {
            taken.push((*hole, at, at + n));
            let is_match = matches(next, words, at + n, cities, taken);
            if !is_match {
                taken.pop();
            }
            is_match
        }),
    }
}

fn is_one_of(any: &[String], words: &Words<'_>, at: usize) -> bool {
    at < words.len() && any.iter().any(|word| words.folded(at) == word || words.bare(at) == word)
}

/// Gathers the first words; false when a hole may come first.
fn first_words<'a>(nodes: &'a [Node], found: &mut Vec<&'a str>) -> bool {
    for node in nodes {
        match node {
            Node::Word(any) => {
                found.extend(any.iter().map(String::as_str));
                return true;
            }
            Node::Hole(_) => return false,
            Node::Group { runs, is_optional } => {
                if !runs.iter().all(|run| first_words(run, found)) {
                    return false;
                }
                if !is_optional {
                    return true;
                }
            }
        }
    }
    false
}

/// A template on its way to nodes.
struct Pieces<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Pieces<'_> {
    /// Runs of nodes, parted by `|` between blanks or brackets, up to the closing bracket.
    fn runs(&mut self, close: Option<char>, depth: usize) -> Result<Vec<Vec<Node>>, String> {
        if depth > MOST_DEPTH {
            return Err(self.wrong("nests brackets too deep"));
        }
        let mut runs = vec![Vec::new()];
        loop {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else {
                return if close.is_none() {
                    Ok(runs)
                } else {
                    Err(self.wrong("opens a bracket and does not close it"))
                };
            };
            match first {
                _ if Some(first) == close => {
                    self.skip(1);
                    return Ok(runs);
                }
                '|' => {
                    self.skip(1);
                    runs.push(Vec::new());
                }
                '[' | '(' => {
                    self.skip(1);
                    let is_optional = first == '[';
                    let runs_inside = self.runs(Some(if is_optional { ']' } else { ')' }), depth + 1)?;
                    if runs_inside.iter().any(Vec::is_empty) {
                        return Err(self.wrong("has an empty alternative"));
                    }
                    push(&mut runs, Node::Group { runs: runs_inside, is_optional });
                }
                ']' | ')' => return Err(self.wrong("closes a bracket that is not open")),
                '{' => {
                    let hole = self.hole()?;
                    push(&mut runs, Node::Hole(hole));
                }
                _ => {
                    let word = self.word(depth);
                    push(&mut runs, word);
                }
            }
        }
    }

    fn hole(&mut self) -> Result<Hole, String> {
        let end = self.rest.find('}').ok_or_else(|| self.wrong("opens a brace and does not close it"))?;
        let name = &self.rest[1..end];
        let hole = Hole::of(name).ok_or_else(|| self.wrong(&format!("has no hole called {{{name}}}")))?;
        self.skip(end + 1);
        Ok(hole)
    }

    /// A word; outside brackets `A|B` are two words for one place.
    fn word(&mut self, depth: usize) -> Node {
        // `FACTURE(S)` is a word.
        let mut inside = 0;
        let is_end = |c: char| {
            let is_of_word = c == '(' || (c == ')' && inside > 0);
            inside += i32::from(c == '(') - i32::from(c == ')');
            !is_of_word && (c.is_whitespace() || "[]){}".contains(c) || (depth > 0 && c == '|'))
        };
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let words = self.rest[..end].split('|').map(folded).collect();
        self.skip(end);
        Node::Word(words)
    }

    fn skip(&mut self, n: usize) {
        self.rest = &self.rest[n..];
    }

    fn wrong(&self, what: &str) -> String {
        format!("`{}` {what}", self.text)
    }
}

fn push(runs: &mut [Vec<Node>], node: Node) {
    if let Some(last) = runs.last_mut() {
        last.push(node);
    }
}
