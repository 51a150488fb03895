//! Pointing at faults in the lines of a text as they stand in the file.
//!
//! A reader of separated values sees cells: quotes and escapes are gone, and with them the true
//! column of a value. A reader of named values knows the line where a record starts. For the few
//! faults that are shown, the lines are looked up again. What cannot be found there without
//! doubt stays as the reader saw it.

use std::collections::BTreeSet;

use crate::decode::csv;
use crate::decode::text::Encoding;
use crate::model::Fault;

/// Longest line that is carried whole in a report.
const LONGEST: usize = 4000;

/// Lines that a record of named values may take.
const RECORD: u64 = 40;

/// Gives faults of a text the line of the file, and the column of the value in it.
pub(super) fn point(faults: &mut [Fault], bytes: &[u8], encoding: &Encoding) {
    let wanted: BTreeSet<u64> =
        faults.iter().filter(|fault| fault.place.pointer.is_none()).flat_map(lines_of).collect();
    let lines = csv::lines(bytes, encoding, &wanted);
    for fault in faults.iter_mut().filter(|fault| fault.place.pointer.is_none()) {
        let found = lines_of(fault).find_map(|number| {
            let line = lines.get(&number).filter(|line| line.len() <= LONGEST)?;
            Some((number, line, column_in(fault, line)?))
        });
        let Some((number, line, column)) = found else { continue };
        (fault.place.line, fault.place.column) = (number, column);
        line.clone_into(&mut fault.excerpt);
    }
}

/// Where the value may stand: on the line of the fault, or further down in a record of named
/// values.
fn lines_of(fault: &Fault) -> std::ops::Range<u64> {
    let is_named = fault.place.column == 0 && fault.column.is_some() && !fault.value.is_empty();
    fault.place.line..fault.place.line + if is_named { RECORD } else { 1 }
}

/// The column of the value in the line: the same occurrence of it as among the cells.
fn column_in(fault: &Fault, line: &str) -> Option<u64> {
    if fault.excerpt.is_empty() {
        let at = line.find(&fault.value).filter(|_| fault.place.column == 0 && !fault.value.is_empty());
        return Some(at.map_or(fault.place.column, |at| column_at(line, at)));
    }
    if let (Some(name), 0, false) = (&fault.column, fault.place.column, fault.value.is_empty()) {
        let start = line.find(name.as_str())? + name.len();
        return Some(column_at(line, start + line[start..].find(&fault.value)?));
    }
    let as_many = line.chars().count() == fault.excerpt.chars().count();
    if fault.place.column == 0 || fault.value.is_empty() {
        return as_many.then_some(fault.place.column);
    }
    let before: String = fault.excerpt.chars().take(usize::try_from(fault.place.column).ok()? - 1).collect();
    let nth = before.matches(&fault.value).count();
    let (at, _) = line.match_indices(&fault.value).nth(nth)?;
    Some(column_at(line, at))
}

fn column_at(line: &str, at: usize) -> u64 {
    line[..at].chars().count() as u64 + 1
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
    fn a_named_value_is_found_further_down() {
        let file = "<STMTTRN>\n<TRNAMT>-2\n<DTPOSTED>20120231\n</STMTTRN>\n";
        let mut fault = [Fault::new(FaultKind::NotADate, Place::line(1), "20120231", "")
            .in_column("DTPOSTED")
            .with_excerpt("TRNAMT=-2 DTPOSTED=20120231")];
        point(&mut fault, file.as_bytes(), &text::encoding(file.as_bytes(), None));
        assert_eq!(
            (fault[0].place.line, fault[0].place.column, fault[0].excerpt.as_str()),
            (3, 11, "<DTPOSTED>20120231")
        );
    }

    #[test]
    fn a_line_that_was_not_given_is_shown() {
        assert_eq!(pointed("a\nBDAY:never\n", "", "never", 2, 0).place.column, 6);
    }

    #[test]
    fn a_missing_value_is_pointed_at_where_nothing_was_quoted() {
        assert_eq!(pointed("a;b;c\n1;;3\n", "1;;3", "", 2, 3).place.column, 3);
    }
}
