//! Small answers of the published views, and what looks like something that was typed.

use crate::warehouse::{Reader, WarehouseError, literal};

/// A row that can be named on the command line.
pub struct Named {
    pub id: String,
    /// The row in words.
    pub about: String,
}

/// The rows of an answer that is known to be small; nulls are empty texts.
pub fn rows(reader: &Reader, question: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let mut answer = reader.ask(question)?;
    let mut rows = Vec::new();
    while let Some(batch) = answer.next_rows()? {
        rows.extend(
            batch.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>()),
        );
    }
    Ok(rows)
}

/// The first cell of an answer, when there is one and it is not null.
pub fn cell(reader: &Reader, question: &str) -> Result<Option<String>, WarehouseError> {
    let first = rows(reader, question)?.into_iter().next().and_then(|row| row.into_iter().next());
    Ok(first.filter(|cell| !cell.is_empty()))
}

/// The first two cells of each row: an id and words.
pub fn named(reader: &Reader, question: &str) -> Result<Vec<Named>, WarehouseError> {
    let pair = |row: Vec<String>| {
        let mut cells = row.into_iter();
        Some(Named { id: cells.next()?, about: cells.next()? })
    };
    Ok(rows(reader, question)?.into_iter().filter_map(pair).collect())
}

/// Whether the published views have a view or table of that name, as `schema.name`.
pub fn has(reader: &Reader, relation: &str) -> Result<bool, WarehouseError> {
    Ok(!columns(reader, relation)?.is_empty())
}

/// The columns of a view or table, as `schema.name`; none when there is none of that name.
pub fn columns(reader: &Reader, relation: &str) -> Result<Vec<String>, WarehouseError> {
    let (schema, name) = relation.split_once('.').unwrap_or(("main", relation));
    let question = format!(
        "select column_name from duckdb_columns() where schema_name = {} and table_name = {} order by column_index",
        literal(schema),
        literal(name)
    );
    Ok(rows(reader, &question)?.into_iter().flatten().collect())
}

/// Which of `candidates` (a question with columns id and words) look like what was typed, best first.
pub fn matches(reader: &Reader, candidates: &str, typed: &str) -> Result<Vec<Named>, WarehouseError> {
    let typed = literal(&typed.to_lowercase());
    named(
        reader,
        &format!(
            "with candidates as ({candidates}),
             scored as (
                 select id, words, greatest(
                     jaro_winkler_similarity(lower(id), {typed}),
                     jaro_winkler_similarity(lower(words), {typed}),
                     case when contains(lower(words), {typed}) or contains(lower(id), {typed}) then 0.9 end
                 ) as score
                 from candidates
             )
             select id, words from scored where score > 0.7 order by score desc, id limit 3"
        ),
    )
}
