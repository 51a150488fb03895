//! What can be asked: the views, what one row of each is, and their columns.

use crate::warehouse::{Reader, WarehouseError};

use super::language::Language;
use super::show::Tone;
use super::{show, table};

/// Every view with its grain and columns, and how to ask.
pub fn show_all(language: Language, reader: &Reader) -> Result<(), WarehouseError> {
    let width = show::width().unwrap_or(100).max(40);
    for view in rows(reader, VIEWS)? {
        let [name, grain, columns] = &view[..] else { continue };
        show::line(&format!("{}  {}", show::paint(Tone::Strong, name), grain));
        for line in wrapped(columns, width.saturating_sub(4)) {
            show::line(&show::paint(Tone::Faint, &format!("    {line}")));
        }
    }
    show::line(language.pick(
        "\nAsk:      moisson sql \"from calls limit 10\"\nColumns:  moisson sql \"describe calls\"",
        "\nDemander : moisson sql \"from calls limit 10\"\nColonnes : moisson sql \"describe calls\"",
    ));
    Ok(())
}

/// Names of the views that people ask.
pub fn names(reader: &Reader) -> Result<Vec<String>, WarehouseError> {
    Ok(rows(reader, VIEWS)?.into_iter().filter_map(|row| row.into_iter().next()).collect())
}

/// `describe calls` as a question that also tells what each column means.
pub fn described(question: &str) -> Option<String> {
    let mut words = question.trim().trim_end_matches(';').split_whitespace();
    let is_describe = words.next().is_some_and(|word| ["describe", "desc"].contains(&word.to_lowercase().as_str()));
    let name = words.next().filter(|_| is_describe)?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if words.next().is_some() || !is_name {
        return None;
    }
    let (schema, view) = name.split_once('.').unwrap_or(("main", name));
    // The view is asked for nothing, so that an unknown name is refused as any other.
    Some(format!(
        "select column_name as \"column\", data_type as type, coalesce(comment, '') as meaning
         from duckdb_columns()
         where schema_name = '{schema}' and table_name = '{view}' and (select count(*) from (from {name} limit 0)) = 0
         order by column_index"
    ))
}

const VIEWS: &str = "
    select
        v.view_name,
        coalesce(v.comment, ''),
        (
            select string_agg(c.column_name, ', ' order by c.column_index)
            from duckdb_columns() as c
            where c.schema_name = 'main' and c.table_name = v.view_name
        )
    from duckdb_views() as v
    where v.schema_name = 'main' and not v.internal
    order by v.view_name";

fn rows(reader: &Reader, question: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let mut answer = reader.ask(question)?;
    let mut rows = Vec::new();
    while let Some(batch) = answer.next_rows()? {
        rows.extend(batch.into_iter().map(|row| {
            row.into_iter().map(|cell| table::one_line(&cell.unwrap_or_default())).collect::<Vec<String>>()
        }));
    }
    Ok(rows)
}

/// Words on lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_describe_is_explained() {
        assert!(described("describe calls;").is_some_and(|sql| sql.contains("table_name = 'calls'")));
        assert!(described("DESC staging.transactions").is_some_and(|sql| sql.contains("schema_name = 'staging'")));
        for other in ["describe select 1", "from calls", "describe", "describe a'b"] {
            assert_eq!(described(other), None, "{other}");
        }
    }

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrapped("one, two, three", 9), ["one, two,", "three"]);
    }
}
