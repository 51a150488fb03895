//! The components of an object as blocks of the lines that stand in it, so that what is left of it
//! keeps its text, its folds and its case.

use crate::dav::card::{Line, lines};

/// Components nest three deep in real objects.
const DEEPEST: usize = 32;
/// Bytes that a line counts at least.
const LEAST: usize = 32;

/// A component.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    /// Upper case.
    pub name: String,
    begin: Line<'a>,
    end: Line<'a>,
    pub parts: Vec<Part<'a>>,
}

/// What stands in a component.
#[derive(Debug, Clone)]
pub(super) enum Part<'a> {
    Line(Line<'a>),
    /// A line that was written anew, with its line end.
    Made(String),
    Block(Block<'a>),
}

impl<'a> Block<'a> {
    /// The one outermost component of an object; none when BEGIN and END do not match, or
    /// nest too deep.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        let mut all = lines(bytes).filter(|line| !line.is_blank());
        while let Some(line) = all.next() {
            if open.len() > DEEPEST {
                return None;
            }
            if line.is("BEGIN") {
                let name = line.value().trim().to_ascii_uppercase();
                open.push(Self { name, begin: line, end: line, parts: Vec::new() });
            } else if line.is("END") {
                let mut closed = open.pop().filter(|block| line.value().trim().eq_ignore_ascii_case(&block.name))?;
                closed.end = line;
                match open.last_mut() {
                    Some(outer) => outer.parts.push(Part::Block(closed)),
                    None => return all.next().is_none().then_some(closed),
                }
            } else {
                open.last_mut()?.parts.push(Part::Line(line));
            }
        }
        None
    }

    /// 1-based line of its BEGIN.
    pub fn line(&self) -> u64 {
        self.begin.number as u64
    }

    /// The same component with other things in it.
    pub fn with(&self, parts: Vec<Part<'a>>) -> Self {
        Self { name: self.name.clone(), begin: self.begin, end: self.end, parts }
    }

    /// The components directly in it.
    pub fn blocks(&self) -> impl Iterator<Item = &Block<'a>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Block(block) => Some(block),
            Part::Line(_) | Part::Made(_) => None,
        })
    }

    /// About how many bytes it takes, written or in memory: a line is never free.
    pub fn cost(&self) -> usize {
        let parts = self.parts.iter().map(|part| match part {
            Part::Line(line) => line.raw.len().max(LEAST),
            Part::Made(line) => line.len().max(LEAST),
            Part::Block(block) => block.cost(),
        });
        parts.sum::<usize>() + 2 * LEAST
    }

    pub fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.begin.raw);
        for part in &self.parts {
            match part {
                Part::Line(line) => to.extend_from_slice(line.raw),
                Part::Made(line) => to.extend_from_slice(line.as_bytes()),
                Part::Block(block) => block.write(to),
            }
        }
        to.extend_from_slice(self.end.raw);
        // The last line of an object may end without one.
        if !self.end.raw.ends_with(b"\n") {
            to.extend_from_slice(b"\r\n");
        }
    }
}

impl Part<'_> {
    /// Whether it is a property of one of these names.
    pub fn is_line(&self, names: &[&str]) -> bool {
        match self {
            Self::Line(line) => names.iter().any(|name| line.is(name)),
            Self::Made(line) => names.iter().any(|name| is_named(line, name)),
            Self::Block(_) => false,
        }
    }
}

fn is_named(line: &str, name: &str) -> bool {
    let end = line.find([';', ':']).unwrap_or(line.len());
    line[..end].eq_ignore_ascii_case(name)
}
