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
    assert!(wanted.len() > 12, "{} marts", wanted.len());
    let differing: Vec<_> = found.iter().filter(|table| !wanted.contains(table)).collect();
    assert!(differing.is_empty(), "{differing:?}");
}
