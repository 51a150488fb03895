//! Pointing at faults in the lines of a text as they stand in the file.
//!
//! A reader of separated values sees cells: quotes and escapes are gone, and with them the true
//! column of a value. For the few faults that are shown, the line is looked up again. What
//! cannot be found there without doubt stays as the reader saw it.

use crate::decode::csv;
use crate::decode::text::Encoding;
use crate::model::Fault;

/// Longest line that is carried whole in a report.
const LONGEST: usize = 4000;

/// Gives faults of a text the line of the file, and the column of the value in it.
pub(super) fn point(faults: &mut [Fault], bytes: &[u8], encoding: &Encoding) {
    let wanted: Vec<u64> = faults.iter().map(|fault| fault.place.line).collect();
    let lines = csv::lines(bytes, encoding, &wanted);
    for fault in faults.iter_mut().filter(|fault| fault.place.pointer.is_none()) {
        if let Some(line) = lines.get(&fault.place.line).filter(|line| line.len() <= LONGEST) {
            point_in(fault, line);
        }
    }
}

fn point_in(fault: &mut Fault, line: &str) {
    let Some(column) = column_in(fault, line) else { return };
    fault.place.column = column;
    line.clone_into(&mut fault.excerpt);
}

/// The column of the value in the line: the same occurrence of it as among the cells.
fn column_in(fault: &Fault, line: &str) -> Option<u64> {
    let as_many = line.chars().count() == fault.excerpt.chars().count();
    if fault.place.column == 0 || fault.value.is_empty() {
        return as_many.then_some(fault.place.column);
    }
    let before: String = fault.excerpt.chars().take(usize::try_from(fault.place.column).ok()? - 1).collect();
    let nth = before.matches(&fault.value).count();
    let (at, _) = line.match_indices(&fault.value).nth(nth)?;
    Some(line[..at].chars().count() as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::text;
    use crate::model::{FaultKind, Place};

    fn pointed(file: &str, cells: &str, value: &str, line: u64, column: u64) -> Fault {
        let place = Place::line(line).at_column(column);
        let mut fault = [Fault::new(FaultKind::NotADate, place, value, "").with_excerpt(cells)];
        point(&mut fault, file.as_bytes(), &text::encoding(file.as_bytes(), None));
        let [fault] = fault;
        fault
    }

    #[test]
    fn quotes_are_counted() {
        let fault = pointed("a;b;c\r\n\"É\";\"x\";\"x\"\r\n", "É;x;x", "x", 2, 5);
        assert_eq!((fault.place.column, fault.excerpt.as_str()), (10, "\"É\";\"x\";\"x\""));
    }

    #[test]
    fn what_is_not_found_stays_as_it_was_read() {
        let fault = pointed("a;b\n\"say \"\"x\"\"\";2\n", "say \"x\";2", "say \"x\"", 2, 1);
        assert_eq!((fault.place.column, fault.excerpt.as_str()), (1, "say \"x\";2"));
        assert_eq!(pointed("a;b\n", "a;b", "z", 9, 1).excerpt, "a;b");
    }

    #[test]
    fn a_missing_value_is_pointed_at_where_nothing_was_quoted() {
        assert_eq!(pointed("a;b;c\n1;;3\n", "1;;3", "", 2, 3).place.column, 3);
    }
}
