//! Where a key stands in a TOML text, and which key stands at a place.

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(&'static str),
    /// 0-based place in an array.
    Index(usize),
}

/// Bytes of the value that `steps` lead to, or of the nearest thing above it that is there.
pub fn span_of(text: &str, steps: &[Step]) -> Option<Range<usize>> {
    let table = DeTable::parse(text).ok()?;
    let mut span = None;
    let root = DeValue::Table(table.into_inner());
    let mut value = &root;
    for step in steps {
        let next = match step {
            Step::Key(key) => value.get(*key),
            Step::Index(index) => value.get(*index),
        };
        let Some(next) = next else { break };
        span = Some(next.span());
        value = next.get_ref();
    }
    span
}

/// The key that holds the byte at `offset`, written `tariffs[2].off_peak[0]`, places from 0.
pub fn key_at(text: &str, offset: usize) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let mut key = String::new();
    walk_table(table.get_ref(), offset, &mut key);
    (!key.is_empty()).then_some(key)
}

fn walk_table(table: &DeTable<'_>, offset: usize, key: &mut String) {
    let holds = |(name, value): &(&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        name.span().contains(&offset) || is_in(value.get_ref(), &value.span(), offset)
    };
    if let Some((name, value)) = table.iter().find(holds) {
        if !key.is_empty() {
            key.push('.');
        }
        key.push_str(name.get_ref());
        walk(value.get_ref(), offset, key);
    }
}

fn walk(value: &DeValue<'_>, offset: usize, key: &mut String) {
    match value {
        DeValue::Table(table) => walk_table(table, offset, key),
        DeValue::Array(values) => {
            let found = values.iter().enumerate().find(|(_, value)| is_in(value.get_ref(), &value.span(), offset));
            if let Some((index, value)) = found {
                let _ = write!(key, "[{index}]");
                walk(value.get_ref(), offset, key);
            }
        }
        _ => {}
    }
}

/// Whether a value holds a place. The span of a `[table]` is its header alone, so what stands
/// under it is looked at too.
fn is_in(value: &DeValue<'_>, span: &Range<usize>, offset: usize) -> bool {
    span.contains(&offset)
        || match value {
            DeValue::Table(table) => table
                .iter()
                .any(|(name, value)| name.span().contains(&offset) || is_in(value.get_ref(), &value.span(), offset)),
            DeValue::Array(values) => values.iter().any(|value| is_in(value.get_ref(), &value.span(), offset)),
            _ => false,
        }
}
