//! Aligning a snapshot of an account with the rows that are stored of it.
//!
//! A document shows an account over a window of days. Rows that stand on both sides with the
//! same day, amount and label are the same and never come here: they are counted, not compared.
//! What is left is *gone* (stored, inside the window, not shown any more) or *new* (shown, not
//! stored). Only between these two is anything guessed: a new row may be what became of a gone
//! one. What nothing explains is cancelled (it was pending) or vanished (it was booked), and a
//! snapshot that explains too little is suspected of being cut, and not believed.
//!
//! Pure: rows in, decisions out. One account and one currency at a time.

use jiff::civil::Date;

use super::likeness::Words;
use super::pairing::Pairing;

/// A bank settles what it authorised within so many days.
pub const SETTLING_DAYS: i32 = 8;
/// The card of a deferred debit books its purchases at the end of the month, or of the next one.
pub(super) const DEFERRED_DAYS: i32 = 45;
/// An authorisation may be settled for that much more or less (a tip, a tank of petrol), in percent.
pub const SETTLING_PERCENT: i64 = 30;
/// So many unexplained absences, and that share of the rows known, make a snapshot suspect.
const SUSPECT_ROWS: usize = 2;
const SUSPECT_PERCENT: usize = 10;

/// Where a row stands between the bank and the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Pending,
    Booked,
    /// It was pending, and a later snapshot did not show it any more.
    Cancelled,
    /// It was booked, and a later snapshot did not show it any more.
    Vanished,
}

/// A row on either side.
#[derive(Debug, Clone)]
pub struct Movement {
    /// What makes it equal to others: day, amount and label, hashed.
    pub key: i64,
    pub booked_on: Date,
    /// In the store's smallest unit, 0.00001 of the currency.
    pub amount: i64,
    pub words: Words,
    pub standing: Standing,
    /// The bank's identifier, only where the connector declares it stable.
    pub stable_id: Option<String>,
    /// The identifier that the row had while it was pending, where the bank says so.
    pub pending_id: Option<String>,
}

/// What the document says of itself, for one account.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "what a document says, each a fact of its own")]
pub struct Scope {
    /// First and last day of the window, inclusive.
    pub from: Date,
    pub to: Date,
    /// Whether the document states its window; else it is that of its rows, and the outer days
    /// may be shown in part.
    pub is_stated: bool,
    /// Whether opening balance, movements and closing balance agree; none when it does not say.
    pub balances_agree: Option<bool>,
    /// Rows of the document that could not be read.
    pub n_rejected: usize,
    /// Stored booked rows inside the window, and how many of them the snapshot shows unchanged.
    pub n_known: usize,
    pub n_matched: usize,
    /// Whether somebody vouched for the document: nothing is suspected then.
    pub is_vouched: bool,
    /// Whether all days moved (`super::shift_of`): equal rows of one day need not be the same then.
    pub has_shifted: bool,
    /// Whether the document tells changes only: what it does not show is as it was, and only the
    /// bank's identifiers say which row is which.
    pub is_partial: bool,
}

/// Why a new row is taken for what became of a gone one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ground {
    /// Same day, amount and label: only its place among equals moved.
    SameRow,
    /// The bank's stable identifier.
    SameId,
    /// Same amount and words, another day.
    DayMoved,
    /// Same amount, another label.
    LabelRewritten,
    /// Pending before, booked now.
    Settled,
}

impl Ground {
    /// What `landing.history.reason` says.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameRow => "same_row",
            Self::SameId => "same_id",
            Self::DayMoved => "day_moved",
            Self::LabelRewritten => "label_rewritten",
            Self::Settled => "settled",
        }
    }
}

/// What became of the rows, by their positions in the two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alignment {
    /// Gone row, new row, and why they are one.
    pub amended: Vec<(usize, usize, Ground)>,
    /// Gone rows that were pending.
    pub cancelled: Vec<usize>,
    /// Gone rows that were booked.
    pub vanished: Vec<usize>,
}

/// Why a snapshot is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// Too many booked rows are missing from it and nothing stands in their place.
    Collapsed { missing: usize, known: usize },
    /// Nothing of what is known is in it: it looks like another account.
    Stranger { known: usize },
    /// Its balances do not follow from its rows, and it lacks or changes rows that are known.
    Unbalanced { missing: usize },
}

/// Decides what became of `gone`, and which of `new` are really new (those in no pair).
pub fn align(gone: &[Movement], new: &[Movement], scope: &Scope) -> Result<Alignment, Suspicion> {
    if scope.is_partial {
        let amended = Pairing::by_id(gone, new, scope).into_pairs();
        return Ok(Alignment { amended, ..Alignment::default() });
    }
    let pairing = Pairing::find(gone, new, scope);
    let left: Vec<usize> = (0..gone.len()).filter(|position| !pairing.is_paired(*position)).collect();
    let vanished: Vec<usize> = left.iter().copied().filter(|position| scope.lacks(&gone[*position])).collect();
    if !scope.is_vouched {
        suspect(&vanished, &pairing, scope)?;
    }
    let cancelled = left.into_iter().filter(|position| scope.cancels(&gone[*position])).collect();
    let amended = pairing.into_pairs();
    // Rows that could not be read may be the very ones that are missing.
    if scope.n_rejected > 0 {
        return Ok(Alignment { amended, ..Alignment::default() });
    }
    Ok(Alignment { amended, cancelled, vanished })
}

/// Refuses a snapshot that explains too little of what is known.
fn suspect(vanished: &[usize], pairing: &Pairing, scope: &Scope) -> Result<(), Suspicion> {
    let missing = vanished.len().saturating_sub(scope.n_rejected);
    if scope.balances_agree == Some(false) && (missing > 0 || pairing.has_guesses()) {
        return Err(Suspicion::Unbalanced { missing });
    }
    let is_many = missing >= SUSPECT_ROWS && missing * 100 >= scope.n_known * SUSPECT_PERCENT;
    if scope.balances_agree == Some(true) || !is_many {
        return Ok(());
    }
    let is_stranger = scope.n_matched == 0 && !pairing.has_pairs();
    let known = scope.n_known;
    Err(if is_stranger { Suspicion::Stranger { known } } else { Suspicion::Collapsed { missing, known } })
}

impl Scope {
    /// Whether the window shows that day whole.
    pub(super) fn covers(&self, day: Date) -> bool {
        if self.is_stated { self.from <= day && day <= self.to } else { self.from < day && day < self.to }
    }

    /// Whether a booked row should be in the snapshot and is not.
    fn lacks(&self, row: &Movement) -> bool {
        row.standing == Standing::Booked && self.covers(row.booked_on)
    }

    /// Whether a pending row should be in the snapshot and is not: pending rows are the latest of
    /// all, and a window that is made of rows ends with the last one that is left.
    fn cancels(&self, row: &Movement) -> bool {
        row.standing == Standing::Pending
            && row.booked_on >= self.from
            && days_between(self.to, row.booked_on) <= if self.is_stated { 0 } else { SETTLING_DAYS }
    }
}

/// Days from `earlier` to `later`; negative when it is the other way round.
pub(super) fn days_between(earlier: Date, later: Date) -> i32 {
    (later - earlier).get_days()
}
