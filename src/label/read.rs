//! Reading one label: rule, marks, numbers, name, day.

use jiff::civil::Date;

use super::category::{self, Facts, Sorted};
use super::grammar::{Grammar, Rule, SHIPPED, taken_by};
use super::holes::{self, Hole};
use super::template::Taken;
use super::words::Words;
use super::{Kind, days, marks, payee};

/// What parts a clean name, which some banks put first, from their raw label.
const PARTED: &str = " | ";
/// Names of rules that stand in no file.
const BY_BANK_KIND: &str = "bank kind";

/// A label and what the bank states beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    pub label: &'a str,
    /// The holder's note or the bank's further text: only numbers are looked for in it.
    pub memo: Option<&'a str>,
    /// Other party, stated apart.
    pub stated_name: Option<&'a str>,
    /// The bank's own kind of operation.
    pub bank_kind: Option<&'a str>,
    pub booked_on: Option<Date>,
    /// Whether money comes in.
    pub is_credit: Option<bool>,
    /// The bank's own category.
    pub bank_category: Option<&'a str>,
}

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub kind: Kind,
    /// Merchant or other party.
    pub payee: Option<String>,
    /// The label without dates and numbers, where it names no other party.
    pub clean: Option<String>,
    /// Day of the purchase, for operations that are made on a day of their own.
    pub purchased_on: Option<Date>,
    pub reference: Option<String>,
    /// What the payment is for.
    pub motive: Option<String>,
    pub iban: Option<String>,
    pub creditor_id: Option<String>,
    pub mandate: Option<String>,
    /// Last four digits.
    pub card: Option<String>,
    pub city: Option<String>,
    /// Name of the rule that read it; nothing when none did.
    pub rule: Option<&'static str>,
    /// What it says of the category, and by what.
    pub category: Option<Sorted>,
}

/// Reads a label by the shipped rules.
pub fn read(input: &Input<'_>) -> Reading {
    match &*SHIPPED {
        Some(grammar) => with(grammar, input),
        None => Reading::nothing(),
    }
}

fn with(grammar: &'static Grammar, input: &Input<'_>) -> Reading {
    let (clean_name, label) = parted(input.label);
    let words = Words::of(label, &grammar.glued_marks);
    let mut reading = Reading::nothing();
    let number_at = marks::numbers(&words, &mut reading);
    let found = grammar.read(&words);
    decide_kind(grammar, input, found.as_ref().map(|(rule, _)| *rule), &mut reading);
    let taken = found.map(|(_, taken)| taken);
    let range = match &taken {
        Some(taken) => taken_by(taken, Hole::Payee),
        None => (words.len() > 0).then_some((0, words.len())),
    };
    let named = range.map(|range| {
        let range = marks::read(grammar, &words, range, &mut reading);
        let end = number_at.filter(|at| (range.0 + 1..range.1).contains(at)).unwrap_or(range.1);
        payee::clean(grammar, &words, (range.0, end), reading.kind.is_at_a_shop())
    });
    let named = named.unwrap_or_default();
    if let Some(taken) = &taken {
        keep_taken(taken, &words, input.booked_on, &mut reading);
    }
    reading.city = reading.city.or(named.city);
    if reading.kind.has_payee() {
        let stated = input.stated_name.or(clean_name).and_then(|name| stated(grammar, name, reading.kind));
        reading.payee = stated.or(named.payee);
        says_salary(grammar, input, &words, &mut reading);
    }
    if reading.payee.is_none() && words.len() > 0 {
        reading.clean = payee::clean(grammar, &words, (0, words.len()), false).payee;
    }
    if let Some(memo) = input.memo {
        marks::numbers(&Words::of(memo, &grammar.glued_marks), &mut reading);
    }
    reading.category = category::of(&Facts {
        payee: reading.payee.as_deref(),
        memo: input.memo,
        motive: reading.motive.as_deref(),
        kind: reading.kind,
        is_credit: input.is_credit,
        bank_category: input.bank_category,
    });
    reading
}

/// A clean name before the raw label, where a bank writes both.
fn parted(label: &str) -> (Option<&str>, &str) {
    match label.split_once(PARTED) {
        Some((name, raw)) if !raw.trim().is_empty() => (Some(name.trim()).filter(|name| !name.is_empty()), raw),
        _ => (None, label),
    }
}

fn decide_kind(grammar: &'static Grammar, input: &Input<'_>, rule: Option<&'static Rule>, reading: &mut Reading) {
    let by_bank = || input.bank_kind.and_then(|words| grammar.bank_kind(words));
    let (kind, name) = match rule {
        Some(rule) if rule.kind != Kind::Other => (rule.kind, Some(rule.name.as_str())),
        rule => match by_bank() {
            Some(kind) => (kind, Some(BY_BANK_KIND)),
            None => (Kind::Other, rule.map(|rule| rule.name.as_str())),
        },
    };
    reading.kind = kind.with_sign(input.is_credit);
    reading.rule = name;
}

/// A name that the bank states apart: its city goes too.
fn stated(grammar: &Grammar, name: &str, kind: Kind) -> Option<String> {
    let words = Words::of(name, &grammar.glued_marks);
    if words.len() == 0 {
        return None;
    }
    payee::clean(grammar, &words, (0, words.len()), kind.is_at_a_shop()).payee
}

fn says_salary(grammar: &Grammar, input: &Input<'_>, words: &Words<'_>, reading: &mut Reading) {
    let memo_says = || input.memo.is_some_and(|memo| grammar.says_salary(&Words::of(memo, &grammar.glued_marks)));
    if reading.kind == Kind::TransferIn && (grammar.says_salary(words) || memo_says()) {
        reading.kind = Kind::Salary;
    }
}

/// Dates, card numbers and references that stand in the template itself.
fn keep_taken(taken: &[Taken], words: &Words<'_>, booked_on: Option<Date>, into: &mut Reading) {
    for (hole, from, to) in taken {
        let word = words.bare(*from.min(&words.len().saturating_sub(1)));
        match hole {
            Hole::Card | Hole::Masked => into.card = into.card.take().or_else(|| holes::card(word).map(str::to_owned)),
            Hole::City => into.city = Some(words.written(*from, *to).to_owned()),
            Hole::Reference => into.reference = into.reference.take().or_else(|| Some(words.word(*from).to_owned())),
            Hole::Mandate => into.mandate = into.mandate.take().or_else(|| Some(words.word(*from).to_owned())),
            Hole::DayMonthYear | Hole::DayMonth | Hole::SixDigits | Hole::FourDigits | Hole::Iso => {
                let is_made_on_a_day =
                    matches!(into.kind, Kind::Card | Kind::Refund | Kind::Withdrawal | Kind::Deposit);
                if into.purchased_on.is_none() && is_made_on_a_day {
                    into.purchased_on = holes::date(*hole, word).and_then(|parts| days::purchased_on(parts, booked_on));
                }
            }
            Hole::Payee | Hole::Time | Hole::Number | Hole::Code | Hole::Any | Hole::Motive | Hole::Rest => {}
        }
    }
}

impl Reading {
    fn nothing() -> Self {
        Self {
            kind: Kind::Other,
            payee: None,
            clean: None,
            purchased_on: None,
            reference: None,
            motive: None,
            iban: None,
            creditor_id: None,
            mandate: None,
            card: None,
            city: None,
            rule: None,
            category: None,
        }
    }
}
