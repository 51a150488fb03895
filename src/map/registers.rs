//! What a supplier's calendar calls the registers of a meter, period by period.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::view::View;
use crate::connector::fields::RegisterNameColumns;

/// One register's meaning (`HC`) over one period, in UTC; an open side is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    register: String,
    word: String,
    from: Option<DateTime>,
    to: Option<DateTime>,
}

/// What a row of the supplier's calendar says.
pub(super) fn meanings(columns: &RegisterNameColumns, view: &View<'_>) -> Vec<Meaning> {
    let (from, to) = view.text(&columns.period).map_or((None, None), |text| period(&text));
    let pairs = columns.registers.0.iter().zip(&columns.meanings.0);
    pairs
        .filter_map(|(register, meaning)| Some((view.cell(register)?, view.cell(meaning)?)))
        .map(|(register, meaning)| Meaning { register: register.to_owned(), word: meaning.to_owned(), from, to })
        .collect()
}

/// What a register counted up to an instant: at the border of two periods, the one that ends.
pub(super) fn meaning_at<'m>(meanings: &'m [Meaning], register: &str, at: DateTime) -> Option<&'m str> {
    let holds = |known: &&Meaning| {
        known.register == register && known.from.is_none_or(|from| from <= at) && known.to.is_none_or(|to| at <= to)
    };
    let ends_soonest = |known: &&Meaning| (known.to.is_none(), known.to);
    meanings.iter().filter(holds).min_by_key(ends_soonest).map(|known| known.word.as_str())
}

/// `Du 2026-03-01T00:00:00+01:00 au …`: the instants in a text, the first and the second.
fn period(text: &str) -> (Option<DateTime>, Option<DateTime>) {
    let mut instants = text.split_whitespace().filter_map(|word| word.parse::<Timestamp>().ok());
    let mut next = || instants.next().map(|at| Offset::UTC.to_datetime(at));
    (next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn periods_may_be_open() {
        let start = Some(datetime(2026, 2, 28, 23, 0, 0, 0));
        assert_eq!(period("Du 2026-03-01T00:00:00+01:00 au"), (start, None));
        assert_eq!(
            period("Du 2026-03-01T00:00:00+01:00 au 2026-03-11T00:00:00+01:00"),
            (start, Some(datetime(2026, 3, 10, 23, 0, 0, 0)))
        );
        assert_eq!(period("INCONNU"), (None, None));
    }

    #[test]
    fn the_period_that_ends_counts_at_the_border() {
        let border = datetime(2026, 3, 10, 23, 0, 0, 0);
        let meaning = |word: &str, from, to| Meaning { register: "EAS F1".into(), word: word.into(), from, to };
        let known = [meaning("HC", None, Some(border)), meaning("BLEU", Some(border), None)];
        assert_eq!(meaning_at(&known, "EAS F1", border), Some("HC"));
        assert_eq!(meaning_at(&known, "EAS F1", datetime(2026, 3, 11, 23, 0, 0, 0)), Some("BLEU"));
        assert_eq!(meaning_at(&known, "EAS F2", border), None);
    }
}
