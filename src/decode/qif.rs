//! QIF: records of lettered lines.
//!
//! The format declares neither date order, nor decimal mark, nor character set: values are given
//! as they stand. Sections that are not transactions (categories, classes, securities) are rows of
//! their kind, so that who reads can count what it passes over.

use crate::decode::{DecodeError, NamedRow};
use crate::model::{Fault, FaultKind, Place};

/// Reads every record of a document.
///
/// The kind of a row is the section's type as written (`Bank`, `CCard`, `Oth A`, `Cat`, `Account`…)
/// and its fields are named by their letter (`D`, `T`, `P`…), splits (`S`, `E`, `$`) in order.
/// `account` is the name in the `!Account` record before the section. Records before any header
/// are of kind `Bank`, with one fault that says so.
pub fn rows(text: &str, faults: &mut Vec<Fault>, sink: &mut dyn FnMut(NamedRow)) -> Result<(), DecodeError> {
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut reader = Reader::new(faults, sink);
    for (number, line) in (1..).zip(lines(text)) {
        reader.take(line, number);
    }
    reader.finish()
}

/// The lines of a text, whichever way they end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let line_end = if text.contains('\n') { '\n' } else { '\r' };
    text.split(line_end).map(str::trim_end)
}

struct Reader<'a> {
    faults: &'a mut Vec<Fault>,
    sink: &'a mut dyn FnMut(NamedRow),
    /// The type of the current section; none before the first header.
    section: Option<String>,
    account: Option<String>,
    /// Between `!Option:AutoSwitch` and `!Clear:AutoSwitch` accounts are listed, not opened.
    is_listing: bool,
    row: NamedRow,
    n_rows: u64,
    is_headed: bool,
}

impl<'a> Reader<'a> {
    fn new(faults: &'a mut Vec<Fault>, sink: &'a mut dyn FnMut(NamedRow)) -> Self {
        Self {
            faults,
            sink,
            section: None,
            account: None,
            is_listing: false,
            row: NamedRow::default(),
            n_rows: 0,
            is_headed: false,
        }
    }

    fn take(&mut self, line: &str, number: u64) {
        let mut rest = line.chars();
        match rest.next() {
            None => {}
            Some('^') => self.emit(),
            Some('!') => self.header(rest.as_str().trim(), number),
            Some('#') if self.row.fields.is_empty() => {}
            Some(letter) if is_field(letter) => self.field(letter, rest.as_str(), number),
            Some(_) => self.faults.push(not_a_field(line, number)),
        }
    }

    fn header(&mut self, header: &str, number: u64) {
        self.close_unended();
        self.is_headed = true;
        let (key, value) = header.split_once(':').unwrap_or((header, ""));
        match (key.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("type", kind) => self.section = Some(kind.to_owned()),
            ("account", _) => self.section = Some("Account".to_owned()),
            ("option", option) if option.eq_ignore_ascii_case("AutoSwitch") => self.is_listing = true,
            ("clear", option) if option.eq_ignore_ascii_case("AutoSwitch") => self.is_listing = false,
            ("option" | "clear", _) => {}
            _ => self.faults.push(unknown_header(header, number)),
        }
    }

    fn field(&mut self, letter: char, value: &str, number: u64) {
        if self.row.fields.is_empty() {
            self.row.place = Place::line(number);
        }
        let (name, value) = match self.section.as_deref() {
            // A price is one line of comma-separated values, without letters.
            Some("Prices") => ("price".to_owned(), format!("{letter}{value}")),
            _ => (letter.to_string(), value.trim().to_owned()),
        };
        self.row.fields.push((name, value));
    }

    fn emit(&mut self) {
        if self.row.fields.is_empty() {
            return;
        }
        let mut row = std::mem::take(&mut self.row);
        match &self.section {
            Some(kind) => row.kind.clone_from(kind),
            None => self.without_header(&mut row),
        }
        if row.kind == "Account" {
            self.open_account(&row);
        } else if let Some(account) = &self.account {
            row.fields.push(("account".to_owned(), account.clone()));
        }
        self.n_rows += 1;
        (self.sink)(row);
    }

    fn open_account(&mut self, row: &NamedRow) {
        if !self.is_listing {
            self.account = row.field("N").map(str::to_owned);
        }
    }

    fn without_header(&mut self, row: &mut NamedRow) {
        "Bank".clone_into(&mut row.kind);
        if self.n_rows == 0 {
            let fault =
                Fault::new(FaultKind::Malformed, row.place.clone(), "", "no !Type: line stands before this record")
                    .with_hint("the records are read as a bank account's")
                    .with_excerpt(&excerpt(row))
                    .keeping_row();
            self.faults.push(fault);
        }
    }

    /// Gives a record that a header or the end of the file closes.
    fn close_unended(&mut self) {
        if self.row.fields.is_empty() {
            return;
        }
        let fault = Fault::new(FaultKind::Malformed, self.row.place.clone(), "", "the record does not end with ^")
            .with_hint("if the file was cut short, export it again")
            .with_excerpt(&excerpt(&self.row))
            .keeping_row();
        self.faults.push(fault);
        self.emit();
    }

    fn finish(mut self) -> Result<(), DecodeError> {
        let is_qif = self.is_headed || self.n_rows > 0;
        if !is_qif {
            let detail = "there is neither a !Type: line nor a record ended by ^".to_owned();
            return Err(DecodeError::Damaged { what: "the QIF document", place: Place::line(1), detail });
        }
        self.close_unended();
        Ok(())
    }
}

/// Field letters are ASCII; `$` and `%` belong to splits, `"` starts a price.
fn is_field(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '$' | '%' | '"' | '@' | '&')
}

fn not_a_field(line: &str, number: u64) -> Fault {
    Fault::new(FaultKind::Malformed, Place::line(number).at_column(1), line, "the line starts with no field letter")
        .with_excerpt(line)
        .keeping_row()
}

fn unknown_header(header: &str, number: u64) -> Fault {
    Fault::new(FaultKind::UnknownValue, Place::line(number), header, "this section header is unknown")
        .with_hint("the records below it are read as the section before")
        .with_excerpt(header)
        .keeping_row()
}

fn excerpt(row: &NamedRow) -> String {
    row.fields.iter().map(|(name, value)| format!("{name}{value}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Vec<NamedRow>, Vec<Fault>) {
        let (mut seen, mut faults) = (Vec::new(), Vec::new());
        rows(text, &mut faults, &mut |row| seen.push(row)).unwrap();
        (seen, faults)
    }

    #[test]
    fn records_have_kind_account_and_line() {
        let (rows, faults) =
            read("!Account\r\nNCompte joint\r\nTBank\r\n^\r\n!Type:Bank\r\nD05/03'26\r\nT-1 234,56\r\nPLoyer\r\n^\r\n");
        assert_eq!(faults, []);
        assert_eq!(
            rows.iter().map(|row| (row.kind.as_str(), row.place.line)).collect::<Vec<_>>(),
            [("Account", 2), ("Bank", 6)]
        );
        assert_eq!(rows[1].field("T"), Some("-1 234,56"));
        assert_eq!(rows[1].field("account"), Some("Compte joint"));
    }

    #[test]
    fn splits_stay_in_order() {
        let (rows, _) = read("!Type:CCard\nT7\nSa\n$3\nSb\nEnote\n$4\n^");
        let names: Vec<_> = rows[0].fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["T", "S", "$", "S", "E", "$"]);
    }

    #[test]
    fn accounts_listed_are_not_opened() {
        let (rows, _) = read(
            "!Option:AutoSwitch\n!Account\nNA\n^\nNB\n^\n!Clear:AutoSwitch\n!Type:Bank\nT1\n^\n!Account\nNC\n^\n!Type:Oth A\nT2\n^",
        );
        let accounts: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.field("account"))).collect();
        assert_eq!(
            accounts,
            [("Account", None), ("Account", None), ("Bank", None), ("Account", None), ("Oth A", Some("C"))]
        );
    }

    #[test]
    fn records_before_any_header_are_kept_with_a_fault() {
        let (rows, faults) = read("D2026-03-05\nT-1\n^\nD2026-03-06\nT-2\n^");
        assert_eq!(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["Bank", "Bank"]);
        assert_eq!(faults.iter().map(|fault| (fault.place.line, fault.is_row_lost)).collect::<Vec<_>>(), [(1, false)]);
    }

    #[test]
    fn lost_ends_and_strange_lines_are_faults_that_keep_the_row() {
        let (rows, faults) = read("!Type:Bank\nT1\n!Type:Cat\nNFood\n^\n!Wrong\n— what\nNEnd");
        assert_eq!(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["Bank", "Cat", "Cat"]);
        assert_eq!(faults.iter().map(|fault| fault.place.line).collect::<Vec<_>>(), [2, 6, 7, 8]);
        assert!(faults.iter().all(|fault| !fault.is_row_lost));
    }

    #[test]
    fn what_is_not_qif_is_an_error() {
        for (text, is_empty) in [("", true), ("\r\n", true), ("Not a QIF file.", false)] {
            let outcome = rows(text, &mut Vec::new(), &mut |_| {});
            assert_eq!(matches!(outcome, Err(DecodeError::Empty)), is_empty);
            assert!(outcome.is_err());
        }
    }

    proptest! {
        #[test]
        fn no_record_is_lost(lines in proptest::collection::vec("(T[0-9]|\\^|!Type:Bank|Pé|é|!A)", 1..40)) {
            let text = lines.join("\n");
            let mut n_fields = 0;
            let outcome = rows(&text, &mut Vec::new(), &mut |row| n_fields += row.fields.len());
            let expected = lines.iter().filter(|line| line.starts_with(['T', 'P'])).count();
            prop_assert!(outcome.is_err() || n_fields == expected);
        }
    }
}
