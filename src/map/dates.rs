//! Text to calendar days. A booking date is a day, never shifted by a time zone.

use jiff::civil::Date;

use crate::connector::columns::DateOrder;
use crate::model::text::fold_key;

/// Reads a day. ISO (`2026-03-05…`) and compact (`20260305…`) forms are read whatever `order` is;
/// a time of day after the date is left aside. Two-digit years are 1970-2069.
pub fn parse(text: &str, order: DateOrder) -> Option<Date> {
    let text = without_opening(text);
    iso(text).or_else(|| compact(text)).or_else(|| numeric(text, order)).or_else(|| worded(text))
}

/// The first and the last day that a text names: a day, `Du 24/11/2020 au 29/11/2020` (the last
/// included), or a month (`Novembre 2020`).
pub fn days(text: &str, order: DateOrder) -> Option<(Date, Date)> {
    if let Some(day) = parse(text, order) {
        return Some((day, day));
    }
    let folded = fold_key(text);
    let words: Vec<&str> = folded.split(' ').collect();
    match words.as_slice() {
        [month, year_text] => {
            let first = date(year(number(year_text)?, year_text.len())?, month_of(month)?, 1)?;
            Some((first, first.last_of_month()))
        }
        _ => between(text, order),
    }
}

/// `Du … au …`: the words before the first date and between the two do not matter.
fn between(text: &str, order: DateOrder) -> Option<(Date, Date)> {
    let mut days = text.split_whitespace().filter_map(|word| parse(word, order));
    let (first, last) = (days.next()?, days.next()?);
    (first <= last && days.next().is_none()).then_some((first, last))
}

/// The text without a word that says nothing of the day: `Le 29/03/2026`, `lun. 29/03/2026`.
pub fn without_opening(text: &str) -> &str {
    const OPENINGS: [&str; 19] = [
        "le", "lun", "lundi", "mar", "mardi", "mer", "mercredi", "jeu", "jeudi", "ven", "vendredi", "sam", "samedi",
        "dim", "dimanche", "mon", "tue", "wed", "sun",
    ];
    let text = text.trim();
    let Some((word, rest)) = text.split_once([' ', '\u{a0}']) else { return text };
    let rest = rest.trim_start();
    let is_opening = rest.starts_with(|c: char| c.is_ascii_digit())
        && OPENINGS.contains(&fold_key(word).trim_end_matches(['.', ',']));
    if is_opening { rest } else { text }
}

/// The orders that can explain a numeric date: `(dmy, mdy)`.
pub fn evidence(text: &str) -> Option<(bool, bool)> {
    let text = without_opening(text);
    if iso(text).is_some() || compact(text).is_some() {
        return None;
    }
    let is_read = |order| numeric(text, order).is_some();
    Some((is_read(DateOrder::Dmy), is_read(DateOrder::Mdy)))
}

fn iso(text: &str) -> Option<Date> {
    let head = text.get(..10)?.as_bytes();
    let is_iso = matches!((head[4], head[7]), (b'-', b'-') | (b'/', b'/'))
        && text.as_bytes().get(10).is_none_or(|b| !b.is_ascii_digit());
    if !is_iso {
        return None;
    }
    date(number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?)
}

fn compact(text: &str) -> Option<Date> {
    let head = text.get(..8)?;
    let is_compact = head.bytes().all(|b| b.is_ascii_digit())
        && text.as_bytes().get(8).is_none_or(|b| !matches!(b, b'/' | b'-' | b'.'));
    if !is_compact {
        return None;
    }
    date(number(&head[..4])?, number(&head[4..6])?, number(&head[6..8])?)
}

fn numeric(text: &str, order: DateOrder) -> Option<Date> {
    let mut parts = [0_i32; 3];
    let mut widths = [0_usize; 3];
    let mut at = 0;
    let day_part = text
        .split_once([' ', 'T', '\u{a0}'])
        .map_or(text, |(head, tail)| if tail.contains([':', 'h', 'H']) { head } else { text });
    for c in day_part.chars() {
        if let Some(digit) = c.to_digit(10) {
            widths[at] += 1;
            if widths[at] > 4 {
                return None;
            }
            parts[at] = parts[at] * 10 + digit.cast_signed();
        } else if matches!(c, '/' | '.' | '-' | '\'') && widths[at] > 0 && at < 2 {
            at += 1;
        } else if c != ' ' && !(c == '.' && at == 2) {
            return None;
        }
    }
    if at != 2 || widths.contains(&0) {
        return None;
    }
    let [a, b, c] = parts;
    match order {
        _ if widths[0] == 4 => date(a, b, c),
        DateOrder::Ymd => date(year(a, widths[0])?, b, c),
        DateOrder::Mdy => date(year(c, widths[2])?, a, b),
        DateOrder::Dmy | DateOrder::Auto => date(year(c, widths[2])?, b, a),
        DateOrder::EpochSeconds => None,
    }
}

/// `5 mars 2026`, `05-Mar-2026`, `1. Januar 2026`.
fn worded(text: &str) -> Option<Date> {
    let folded = fold_key(text);
    let mut words = folded.split(' ');
    let day = words.next()?.trim_end_matches("er");
    let month = words.next()?;
    let year_text = words.next()?;
    date(year(number(year_text)?, year_text.len())?, month_of(month)?, number(day)?)
}

/// Number of a month from its name or abbreviation in French, English or German.
pub fn month_of(folded: &str) -> Option<i32> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "janv", "janvier", "january", "januar"],
        &["feb", "fev", "fevr", "fevrier", "february", "februar"],
        &["mar", "mars", "march", "marz", "mrz"],
        &["apr", "avr", "avril", "april"],
        &["may", "mai"],
        &["jun", "juin", "june", "juni"],
        &["jul", "juil", "juillet", "july", "juli"],
        &["aug", "aout", "august"],
        &["sep", "sept", "septembre", "september"],
        &["oct", "octobre", "october", "oktober", "okt"],
        &["nov", "novembre", "november"],
        &["dec", "decembre", "december", "dezember", "dez"],
    ];
    let index = MONTHS.iter().position(|names| names.contains(&folded))?;
    i32::try_from(index).ok().map(|index| index + 1)
}

fn year(value: i32, width: usize) -> Option<i32> {
    match width {
        4 => Some(value),
        2 if value < 70 => Some(2000 + value),
        2 => Some(1900 + value),
        _ => None,
    }
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn number(digits: &str) -> Option<i32> {
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{Auto, Dmy, Mdy};
    use jiff::civil::date as day;

    #[test]
    fn dates_of_real_files() {
        let expected = day(2026, 3, 5);
        let cases = [
            ("05/03/2026", Dmy),
            ("05.03.26", Dmy),
            ("5/3/26", Dmy),
            ("03/05/2026", Mdy),
            ("2026-03-05", Mdy),
            ("2026-03-05T10:00:00Z", Dmy),
            ("2026-03-05 10:00:00", Mdy),
            ("20260305233000[+1:CET]", Auto),
            ("05/03'26", Dmy),
            ("5/ 3'26", Dmy),
            ("5 mars 2026", Auto),
            ("05-Mar-2026", Auto),
            ("05-03-2026 10:11:12", Dmy),
            ("2026/03/05", Dmy),
            ("Le 05/03/2026 à 09h48", Dmy),
            ("jeu. 05/03/2026", Dmy),
        ];
        for (text, order) in cases {
            assert_eq!(parse(text, order), Some(expected), "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["", "31/02/2026", "offen", "12/13/14/15", "2026", "05/03", "99/99/9999", "é/é/éé", "0000000é"]
        {
            assert_eq!(parse(text, Dmy), None, "{text}");
        }
    }

    #[test]
    fn days_of_meters() {
        let span = |text: &str| days(text, Auto).map(|(first, last)| format!("{first} {last}"));
        assert_eq!(span("24/11/2020").as_deref(), Some("2020-11-24 2020-11-24"));
        assert_eq!(span("Du 24/11/2020 au 29/11/2020").as_deref(), Some("2020-11-24 2020-11-29"));
        assert_eq!(span("Novembre 2020 ").as_deref(), Some("2020-11-01 2020-11-30"));
        assert_eq!(span("Février 2024").as_deref(), Some("2024-02-01 2024-02-29"));
        for text in ["", "Total", "Du 24/11/2020", "Du 29/11/2020 au 24/11/2020", "Brumaire 2020"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn evidence_of_the_order() {
        assert_eq!(evidence("13/02/2026"), Some((true, false)));
        assert_eq!(evidence("02/13/2026"), Some((false, true)));
        assert_eq!(evidence("02/03/2026"), Some((true, true)));
        assert_eq!(evidence("2026-03-02"), None);
    }
}
