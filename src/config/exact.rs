//! Numbers as they are written: `0.2146` in a file is that decimal, not its nearest binary float.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// The table of a text, in which every number with a point is the text it was written as.
pub fn table(text: &str) -> Result<Spanned<DeTable<'_>>, Error> {
    let mut table = DeTable::parse(text)?;
    keep_in_table(table.get_mut());
    Ok(table)
}

fn keep_in_table(table: &mut DeTable<'_>) {
    for (_, value) in table.iter_mut() {
        keep(value.get_mut());
    }
}

fn keep(value: &mut DeValue<'_>) {
    match value {
        DeValue::Float(float) => *value = DeValue::String(float.as_str().to_owned().into()),
        DeValue::Array(values) => values.iter_mut().for_each(|value| keep(value.get_mut())),
        DeValue::Table(table) => keep_in_table(table),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
