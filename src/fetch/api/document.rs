//! Answers become a document: its name, its bytes. Pure.

use super::super::Days;
use super::values::{Escape, Value, Values, fill};

/// The name of a document. `{from}` and `{to}` in it are days, both inclusive, however the service
/// writes them; what could not stand in the name of a file is `_`.
pub fn name(template: &str, values: &Values, days: Option<Days>) -> String {
    let mut values = values.clone();
    if let Some(Days { from, to }) = days {
        values.insert("from".to_owned(), Value::open(from.to_string()));
        values.insert("to".to_owned(), Value::open(to.to_string()));
    }
    fill(template, &values, Escape::FileName).text
}

/// One answer is the document, byte for byte; several are a JSON array of them, each so.
pub fn bytes(mut pages: Vec<Vec<u8>>) -> Vec<u8> {
    if pages.len() == 1 {
        return pages.swap_remove(0);
    }
    let mut all = vec![b'['];
    all.extend(pages.join(&b','));
    all.push(b']');
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_kept_byte_for_byte() {
        assert_eq!(bytes(vec![b"{\"a\": 1}\n".to_vec()]), b"{\"a\": 1}\n");
        let both = bytes(vec![b"{\"a\": 1.50}".to_vec(), b"{}".to_vec()]);
        assert_eq!(String::from_utf8_lossy(&both), "[{\"a\": 1.50},{}]");
    }

    #[test]
    fn names_hold_nothing_that_a_file_cannot_be_called() {
        let values =
            [("account".to_owned(), Value::open("FR76/1 ?")), ("from".to_owned(), Value::open("1774738800"))].into();
        let day = jiff::civil::date(2026, 3, 29);
        let name = name("x-{account}-{from}-{to}.json", &values, Some(Days { from: day, to: day }));
        assert_eq!(name, "x-FR76_1__-2026-03-29-2026-03-29.json");
    }
}
