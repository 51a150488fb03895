//! Totals that a detailed telephone bill states, compared with what its rows add up to.
//!
//! The totals themselves are not imported. A difference costs no row: it says that some are
//! missing, or were read otherwise than the operator counts them.

use rust_decimal::Decimal;

use crate::map::numbers::{self, Evidence};
use crate::model::records::{AnyRecord, Communication};
use crate::model::span::{self, Span, SpanUnit};
use crate::model::{Fault, FaultKind, Place};

/// What the rows of one line add up to, and what the bill says of it.
#[derive(Debug, Default)]
pub struct PhoneTotals {
    seconds: i64,
    messages: i64,
    cost: Decimal,
    stated: Vec<(Counted, String, Place)>,
}

/// What a total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Duration,
    Messages,
    Cost,
}

impl PhoneTotals {
    /// Counts a row.
    pub fn count(&mut self, record: &AnyRecord) {
        let AnyRecord::Communication(row) = record else { return };
        let Communication { kind, duration_s, quantity, cost, .. } = row;
        match kind.as_str() {
            "call" | "voicemail" => self.seconds += duration_s.unwrap_or(0),
            "sms" | "mms" => self.messages += quantity.unwrap_or(1),
            _ => {}
        }
        self.cost += cost.unwrap_or_default();
    }

    /// Keeps what a line around the table states, if it is a total.
    pub fn hear(&mut self, said: &[(String, String)], place: &Place) {
        for (name, value) in said {
            if let Some(counted) = Counted::parse(name) {
                self.stated.push((counted, value.clone(), place.clone()));
            }
        }
    }

    /// The totals that differ; starts anew for the next line.
    pub fn close(&mut self) -> Vec<Fault> {
        let totals = std::mem::take(self);
        totals.stated.iter().filter_map(|(counted, value, place)| totals.check(*counted, value, place)).collect()
    }

    fn check(&self, counted: Counted, value: &str, place: &Place) -> Option<Fault> {
        let (found, stated) = match counted {
            Counted::Duration => (shown(self.seconds), duration(value).map(shown)),
            Counted::Messages => (self.messages.to_string(), value.trim().parse().ok().map(|n: i64| n.to_string())),
            Counted::Cost => (self.cost.normalize().to_string(), money(value).map(|sum| sum.normalize().to_string())),
        };
        let Some(stated) = stated else {
            let message = format!("the total `{value}` cannot be read");
            return Some(Fault::new(FaultKind::NotANumber, place.clone(), value, message).keeping_row());
        };
        let message = format!("the bill states {stated} for {}, its rows add up to {found}", counted.as_str());
        let hint = "import the whole bill, and look at the rows that were refused";
        (stated != found)
            .then(|| Fault::new(FaultKind::TotalDiffers, place.clone(), value, message).with_hint(hint).keeping_row())
    }
}

impl Counted {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "total_duration" => Some(Self::Duration),
            "total_messages" => Some(Self::Messages),
            "total_cost" => Some(Self::Cost),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "the calls",
            Self::Messages => "the messages",
            Self::Cost => "what is beyond the plan",
        }
    }
}

fn duration(value: &str) -> Option<i64> {
    match span::read(value, SpanUnit::Auto) {
        Some(Span::Seconds(seconds)) => Some(seconds),
        _ => None,
    }
}

fn money(value: &str) -> Option<Decimal> {
    use crate::connector::columns::DecimalMark;
    let mark = match numbers::evidence(value) {
        Evidence::Is(mark) => mark,
        // Bills have two decimals: three digits after a mark are thousands.
        Evidence::Ambiguous if value.contains(',') => DecimalMark::Point,
        Evidence::Ambiguous => DecimalMark::Comma,
        Evidence::None => DecimalMark::Point,
    };
    numbers::parse(value, mark)
}

/// Seconds as `3:00:14`.
fn shown(seconds: i64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals_of(rows: &[(&str, i64, &str)]) -> PhoneTotals {
        let mut totals = PhoneTotals::default();
        for (kind, count, cost) in rows {
            let row = Communication {
                kind: (*kind).to_owned(),
                duration_s: (*kind == "call").then_some(*count),
                quantity: (*kind != "call").then_some(*count),
                cost: cost.parse().ok(),
                ..Communication::default()
            };
            totals.count(&row.into());
        }
        totals
    }

    fn hear(totals: &mut PhoneTotals, name: &str, value: &str) {
        totals.hear(&[(name.to_owned(), value.to_owned())], &Place::line(9));
    }

    #[test]
    fn equal_totals_say_nothing() {
        let mut totals = totals_of(&[("call", 3600, "0"), ("call", 14, "2.40"), ("sms", 1, "0"), ("data", 9, "")]);
        hear(&mut totals, "total_duration", "01h00m14s");
        hear(&mut totals, "total_messages", "1");
        hear(&mut totals, "total_cost", "2,40 €");
        assert!(totals.close().is_empty());
    }

    #[test]
    fn differences_are_faults_that_keep_the_rows() {
        let mut totals = totals_of(&[("call", 60, "0.50")]);
        hear(&mut totals, "total_duration", "00h02m00s");
        hear(&mut totals, "total_cost", "1.234,50");
        hear(&mut totals, "total_messages", "beaucoup");
        let faults = totals.close();
        assert_eq!(
            faults.iter().map(|fault| (fault.kind, fault.is_row_lost)).collect::<Vec<_>>(),
            [(FaultKind::TotalDiffers, false), (FaultKind::TotalDiffers, false), (FaultKind::NotANumber, false)]
        );
        assert!(
            faults[0].message.contains("0:02:00") && faults[0].message.contains("0:01:00"),
            "{}",
            faults[0].message
        );
        assert!(faults[1].message.contains("1234.5"), "{}", faults[1].message);
    }

    #[test]
    fn each_line_has_its_own_totals() {
        let mut totals = totals_of(&[("call", 60, "0")]);
        hear(&mut totals, "total_duration", "00:01:00");
        assert!(totals.close().is_empty());
        hear(&mut totals, "total_duration", "00:01:00");
        assert_eq!(totals.close().len(), 1);
    }
}
