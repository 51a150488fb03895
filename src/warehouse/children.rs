//! Rows that belong to a row of another table: identifiers of a card, occurrences of an event.
//!
//! They follow the document that gave their parent's row: when it is replaced they go with it,
//! and a document whose parent row lost brings no children. Children whose parent their own
//! document does not hold are taken for themselves.

use duckdb::Connection;

use super::WarehouseError;
use super::document::{DocumentInfo, TableCounts};
use super::merge::count;
use super::pile::Pile;
use super::schema::literal;
use crate::model::records::TABLES;
use crate::model::{Identity, Table};

/// Notes which incoming children are known as they are, before any of them goes.
pub(super) fn note_known(connection: &Connection, child: &Table) -> Result<(), WarehouseError> {
    let name = child.name;
    connection.execute_batch(&format!(
        "create temp table known_{name} as
         select incoming.id as id, min(stored.learned_at) as learned_at
         from temp.main.stage_{name} as incoming
         join landing.{name} as stored on stored.id = incoming.id and stored.content = incoming.content
         group by incoming.id"
    ))?;
    Ok(())
}

/// Removes the children of the rows that are about to be replaced: `met` says which.
pub(super) fn remove_replaced(connection: &Connection, parent: &Table) -> Result<(), WarehouseError> {
    for child in TABLES.iter().filter(|table| table.identity == Identity::ChildOf(parent.name)) {
        connection.execute_batch(&format!(
            "delete from landing.{child} as child using (
                 select old.* from landing.{parent} as old
                 join temp.main.met as met on met.stored = old.rowid
                 where not met.is_kept
             ) as parent
             where child.document = parent.document and {same_parent}",
            child = child.name,
            parent = parent.name,
            same_parent = same_parent(parent),
        ))?;
    }
    Ok(())
}

/// Inserts the children whose parent's row is this document's, and those without a parent in it.
pub(super) fn insert(
    connection: &Connection,
    document: &DocumentInfo,
    pile: &Pile,
    piles: &[Pile],
) -> Result<TableCounts, WarehouseError> {
    let name = pile.table.name;
    list_belonging(connection, document, pile, piles)?;
    connection.execute_batch(&format!(
        "insert into landing.{name}
         select child.* replace (coalesce(known.learned_at, child.learned_at) as learned_at)
         from temp.main.stage_{name} as child
         semi join temp.main.belonging as belonging on belonging.incoming = child.rowid
         left join temp.main.known_{name} as known on known.id = child.id"
    ))?;
    let rows_new = count(
        connection,
        &format!(
            "from temp.main.stage_{name} as child
             semi join temp.main.belonging as belonging on belonging.incoming = child.rowid
             anti join temp.main.known_{name} as known on known.id = child.id"
        ),
    )?;
    connection.execute_batch(&format!("drop table temp.main.belonging; drop table temp.main.known_{name}"))?;
    Ok(TableCounts { rows_new, rows_known: pile.rows - rows_new, rows_amended: 0 })
}

fn list_belonging(
    connection: &Connection,
    document: &DocumentInfo,
    pile: &Pile,
    piles: &[Pile],
) -> Result<(), WarehouseError> {
    let name = pile.table.name;
    let may_come = match parent_of(pile.table) {
        Some(parent) => {
            let same_parent = same_parent(parent);
            let won = format!(
                "from landing.{} as parent where parent.document = {} and {same_parent}",
                parent.name,
                literal(&document.document)
            );
            let stated = stated_parents(parent, document, piles);
            format!("(exists ({won}) or not exists (from ({stated}) as parent where {same_parent}))")
        }
        None => "true".to_owned(),
    };
    connection.execute_batch(&format!(
        "create temp table belonging as
         select child.rowid as incoming
         from temp.main.stage_{name} as child
         where {may_come} and child.id not in (select id from landing.{name})"
    ))?;
    Ok(())
}

/// The parents that the document itself states, whether or not they won.
fn stated_parents(parent: &Table, document: &DocumentInfo, piles: &[Pile]) -> String {
    let own = format!("from landing.{} where document = {}", parent.name, literal(&document.document));
    match piles.iter().find(|pile| pile.table.name == parent.name) {
        Some(pile) if pile.is_staged => format!("from {}", pile.place()),
        _ => own,
    }
}

fn parent_of(child: &Table) -> Option<&'static Table> {
    match child.identity {
        Identity::ChildOf(parent) => TABLES.iter().find(|table| table.name == parent).copied(),
        Identity::Keyed | Identity::Multiset | Identity::Aligned => None,
    }
}

/// Children carry the key columns of their parent, as their own document wrote them.
pub(super) fn same_parent(parent: &Table) -> String {
    let conditions: Vec<String> = parent
        .key
        .iter()
        .map(|column| format!("child.\"{column}\" is not distinct from parent.\"{column}\""))
        .collect();
    conditions.join(" and ")
}
