//! The order of import means nothing.

use moisson::warehouse::TableHash;

use crate::home::{HOME, Imported};

fn marts(home: &Imported) -> Vec<TableHash> {
    home.home.hashes().into_iter().filter(|table| table.table.starts_with("main.")).collect()
}

#[test]
fn documents_in_the_opposite_order_give_the_same_marts() {
    let backwards = Imported::new(|documents| documents.reverse());
    let (found, wanted) = (marts(&backwards), marts(&HOME));
    assert!(wanted.len() >= 12, "{wanted:?}");
    let differing: Vec<_> = found.iter().filter(|table| !wanted.contains(table)).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn what_is_left_alone_at_a_refresh_is_as_it_would_be_made() {
    let in_parts = Imported::by_parts(4);
    let (found, wanted) = (marts(&in_parts), marts(&HOME));
    let differing: Vec<_> = found.iter().filter(|table| !wanted.contains(table)).collect();
    assert!(differing.is_empty(), "{differing:?}");
}
