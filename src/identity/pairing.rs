//! Which new row each gone row became: the surest pairs first, one to one.

use std::collections::BTreeMap;

use super::align::{DEFERRED_DAYS, Ground, Movement, SETTLING_DAYS, SETTLING_PERCENT, Scope, Standing, days_between};
use super::likeness::Words;

/// Beyond so many pairs of equal rows they are joined in plain order.
const MANY: usize = 4_000_000;
/// Labels at least this alike may name one shop, in percent.
const ALIKE: u32 = 50;

/// The pairs found so far.
pub(super) struct Pairing<'a> {
    gone: &'a [Movement],
    new: &'a [Movement],
    scope: &'a Scope,
    partner_of_gone: Vec<Option<(usize, Ground)>>,
    is_new_taken: Vec<bool>,
    /// Days at the edge of the window were shown by both: something else on both sides is one.
    has_evidence: bool,
}

/// Positions of gone rows, and of new ones, that share something.
type Sides = (Vec<usize>, Vec<usize>);

/// A pair that could be, and how dear it is: the cheapest are taken first.
type Candidate = ((bool, bool, i32, u32), usize, usize, Ground);

impl<'a> Pairing<'a> {
    /// Finds the pairs.
    pub(super) fn find(gone: &'a [Movement], new: &'a [Movement], scope: &'a Scope) -> Self {
        let mut pairing = Self::none(gone, new, scope);
        if !scope.has_shifted {
            pairing.join_by(|row| Some(row.key), Ground::SameRow);
        }
        pairing.join_ids();
        // What is found inside the window tells whether its outer days can be compared at all.
        for _ in 0..2 {
            pairing.join_moved();
            pairing.join_nearest(Self::rewritten);
            pairing.has_evidence |= pairing.has_pairs();
        }
        pairing.join_nearest(Self::settled);
        pairing.join_deferred();
        for _ in 0..2 {
            pairing.join_strangers();
            pairing.has_evidence |= pairing.has_pairs();
        }
        // Where days were thought to have moved, what did not move after all.
        pairing.join_by(|row| Some(row.key), Ground::SameRow);
        pairing
    }

    /// Finds the pairs that the bank's identifiers prove, and guesses nothing.
    pub(super) fn by_id(gone: &'a [Movement], new: &'a [Movement], scope: &'a Scope) -> Self {
        let mut pairing = Self::none(gone, new, scope);
        pairing.join_ids();
        pairing
    }

    fn none(gone: &'a [Movement], new: &'a [Movement], scope: &'a Scope) -> Self {
        Self {
            gone,
            new,
            scope,
            partner_of_gone: vec![None; gone.len()],
            is_new_taken: vec![false; new.len()],
            has_evidence: scope.n_matched > 0,
        }
    }

    pub(super) fn is_paired(&self, gone: usize) -> bool {
        self.partner_of_gone[gone].is_some()
    }

    pub(super) fn has_pairs(&self) -> bool {
        self.partner_of_gone.iter().any(Option::is_some)
    }

    /// Whether a booked row is said to have become another one.
    pub(super) fn has_guesses(&self) -> bool {
        let is_guess = |(_, ground): &(usize, Ground)| matches!(ground, Ground::DayMoved | Ground::LabelRewritten);
        self.partner_of_gone.iter().flatten().any(is_guess)
    }

    pub(super) fn into_pairs(self) -> Vec<(usize, usize, Ground)> {
        let found = self.partner_of_gone.into_iter().enumerate();
        found.filter_map(|(gone, partner)| partner.map(|(new, ground)| (gone, new, ground))).collect()
    }

    /// Joins rows of one identifier, and an authorisation with what the bank says it became.
    fn join_ids(&mut self) {
        self.join_by(|row| row.stable_id.clone(), Ground::SameId);
        let by_id: BTreeMap<String, usize> =
            self.free_gone().filter_map(|gone| Some((self.gone[gone].stable_id.clone()?, gone))).collect();
        let settled: Vec<(usize, usize)> =
            self.free_new().filter_map(|new| Some((*by_id.get(self.new[new].pending_id.as_ref()?)?, new))).collect();
        for (gone, new) in settled {
            self.join(gone, new, Ground::Settled);
        }
    }

    fn join(&mut self, gone: usize, new: usize, ground: Ground) {
        if self.partner_of_gone[gone].is_none() && !self.is_new_taken[new] {
            self.partner_of_gone[gone] = Some((new, ground));
            self.is_new_taken[new] = true;
        }
    }

    fn free_gone(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.gone.len()).filter(|position| self.partner_of_gone[*position].is_none())
    }

    fn free_new(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.new.len()).filter(|position| !self.is_new_taken[*position])
    }

    /// Joins rows that share a mark; rows with one and the same key are joined in their order,
    /// an identifier that stands twice on a side says nothing.
    fn join_by<K: Ord>(&mut self, mark: impl Fn(&Movement) -> Option<K>, ground: Ground) {
        let mut marks: BTreeMap<K, Sides> = BTreeMap::new();
        for position in self.free_gone() {
            if let Some(mark) = mark(&self.gone[position]) {
                marks.entry(mark).or_default().0.push(position);
            }
        }
        for position in self.free_new() {
            if let Some(both) = mark(&self.new[position]).and_then(|mark| marks.get_mut(&mark)) {
                both.1.push(position);
            }
        }
        for (gone, new) in marks.into_values() {
            if ground == Ground::SameRow || (gone.len() == 1 && new.len() == 1) {
                for (gone, new) in gone.into_iter().zip(new) {
                    self.join(gone, new, ground);
                }
            }
        }
    }

    /// Joins rows of one amount and the same words whose days moved: in their order, as many as
    /// can be, and as near as can be.
    fn join_moved(&mut self) {
        let mut groups: BTreeMap<(i64, &Words), Sides> = BTreeMap::new();
        for position in self.free_gone() {
            let row = &self.gone[position];
            groups.entry((row.amount, &row.words)).or_default().0.push(position);
        }
        for position in self.free_new() {
            let row = &self.new[position];
            if let Some(both) = groups.get_mut(&(row.amount, &row.words)) {
                both.1.push(position);
            }
        }
        let mut pairs = Vec::new();
        for ((_, words), (mut gone, mut new)) in groups {
            if *words == Words::default() || new.is_empty() {
                continue;
            }
            gone.sort_by_key(|position| self.gone[*position].booked_on);
            new.sort_by_key(|position| self.new[*position].booked_on);
            pairs.extend(self.in_order(&gone, &new));
        }
        for (gone, new) in pairs {
            let (was, is) = (&self.gone[gone], &self.new[new]);
            let otherwise = match (was.key == is.key, was.booked_on == is.booked_on) {
                (true, _) => Ground::SameRow,
                (_, true) => Ground::LabelRewritten,
                (_, false) => Ground::DayMoved,
            };
            let ground = self.ground(gone, new, otherwise);
            self.join(gone, new, ground);
        }
    }

    /// The longest alignment of two lists in order of their days, then the one with the fewest
    /// days moved.
    fn in_order(&self, gone: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
        let width = new.len() + 1;
        if gone.len().saturating_mul(new.len()) > MANY {
            let pairs = gone.iter().zip(new).filter(|(gone, new)| self.days_moved(**gone, **new).is_some());
            return pairs.map(|(gone, new)| (*gone, *new)).collect();
        }
        // Best of the first i gone and j new rows: pairs, and days moved (fewer are better).
        let mut best = vec![(0_usize, 0_i32); (gone.len() + 1) * width];
        for (i, g) in gone.iter().enumerate() {
            for (j, n) in new.iter().enumerate() {
                let mut here = better(best[i * width + j + 1], best[(i + 1) * width + j]);
                if let Some(days) = self.days_moved(*g, *n) {
                    let (pairs, moved) = best[i * width + j];
                    here = better((pairs + 1, moved + days), here);
                }
                best[(i + 1) * width + j + 1] = here;
            }
        }
        let (mut i, mut j) = (gone.len(), new.len());
        let mut pairs = Vec::new();
        while i > 0 && j > 0 {
            let here = best[i * width + j];
            if here == best[(i - 1) * width + j] {
                i -= 1;
            } else if here == best[i * width + j - 1] {
                j -= 1;
            } else {
                (i, j) = (i - 1, j - 1);
                pairs.push((gone[i], new[j]));
            }
        }
        pairs
    }

    /// How far the day moved, when it did so no further than a bank moves days.
    fn days_moved(&self, gone: usize, new: usize) -> Option<i32> {
        let days = days_between(self.gone[gone].booked_on, self.new[new].booked_on).abs();
        (days <= SETTLING_DAYS && self.may_be_gone(gone, days)).then_some(days)
    }

    /// Whether the row may be taken for gone. On an outer day of a window that is not stated,
    /// only the same day counts, and only where the two sides overlap at all.
    fn may_be_gone(&self, gone: usize, days: i32) -> bool {
        let row = &self.gone[gone];
        match row.standing {
            Standing::Pending | Standing::Cancelled => true,
            Standing::Booked | Standing::Vanished => {
                self.scope.covers(row.booked_on) || (days == 0 && self.has_evidence)
            }
        }
    }

    fn join_nearest(&mut self, candidate: fn(&Self, usize, usize) -> Option<Candidate>) {
        let new_by_day: BTreeMap<_, Vec<usize>> = self.free_new().fold(BTreeMap::new(), |mut days, position| {
            days.entry(self.new[position].booked_on).or_insert_with(Vec::new).push(position);
            days
        });
        let mut candidates = Vec::new();
        for gone in self.free_gone() {
            let day = self.gone[gone].booked_on;
            let reach = jiff::Span::new().days(SETTLING_DAYS);
            let (first, last) = (day.saturating_sub(reach), day.saturating_add(reach));
            for new in new_by_day.range(first..=last).flat_map(|(_, positions)| positions) {
                candidates.extend(candidate(self, gone, *new));
            }
        }
        candidates.sort_unstable_by_key(|(cost, gone, new, _)| (*cost, *gone, *new));
        for (_, gone, new, ground) in candidates {
            self.join(gone, new, ground);
        }
    }

    /// Same amount, and a label that is alike.
    fn rewritten(&self, gone: usize, new: usize) -> Option<Candidate> {
        if self.gone[gone].amount != self.new[new].amount {
            return None;
        }
        let days = self.days_moved(gone, new)?;
        let likeness = self.gone[gone].words.likeness(&self.new[new].words);
        let is_one = likeness >= ALIKE;
        let ground = self.ground(gone, new, Ground::LabelRewritten);
        is_one.then_some(((false, false, days, 100 - likeness), gone, new, ground))
    }

    /// An authorisation and what it was settled for: the same amount, or a near one at a shop that is
    /// alike. A wrong pair would cost no cent, for the gone row does not count any more whether it was
    /// settled or cancelled; but what a person said of it would pass to a stranger.
    fn settled(&self, gone: usize, new: usize) -> Option<Candidate> {
        let (was, is) = (&self.gone[gone], &self.new[new]);
        let days = self.days_moved(gone, new)?;
        let is_authorisation = matches!(was.standing, Standing::Pending | Standing::Cancelled);
        let difference = (was.amount - is.amount).abs();
        let is_near = was.amount.signum() == is.amount.signum()
            && i128::from(difference) * 100 <= i128::from(was.amount.abs()) * i128::from(SETTLING_PERCENT);
        if !is_authorisation || !is_near {
            return None;
        }
        let likeness = was.words.likeness(&is.words);
        // A window that starts later does not show the authorisation: only its shop tells then.
        let is_shown = was.booked_on >= self.scope.from || likeness >= ALIKE;
        let is_one = difference == 0 || likeness >= ALIKE;
        (is_one && is_shown).then_some((
            (difference != 0, likeness < ALIKE, days, 100 - likeness),
            gone,
            new,
            Ground::Settled,
        ))
    }

    /// A purchase that was pending for weeks, and one that is booked, of one amount and the same
    /// words: one, when nothing else is like either.
    fn join_deferred(&mut self) {
        let mut groups: BTreeMap<(i64, &Words), Sides> = BTreeMap::new();
        for gone in self.free_gone().filter(|gone| self.gone[*gone].standing == Standing::Pending) {
            let row = &self.gone[gone];
            groups.entry((row.amount, &row.words)).or_default().0.push(gone);
        }
        for new in self.free_new().filter(|new| self.new[*new].standing == Standing::Booked) {
            let row = &self.new[new];
            if let Some(both) = groups.get_mut(&(row.amount, &row.words)) {
                both.1.push(new);
            }
        }
        for ((_, words), sides) in groups {
            let ([gone], [new]) = (sides.0.as_slice(), sides.1.as_slice()) else { continue };
            let days = days_between(self.gone[*gone].booked_on, self.new[*new].booked_on);
            if *words != Words::default() && (0..=DEFERRED_DAYS).contains(&days) {
                self.join(*gone, *new, Ground::Settled);
            }
        }
    }

    /// Same amount, other words: believed only when it leaves no row unexplained, and of rows whose
    /// day moved too only when it happened to several at once, as when a bank changes its format.
    fn join_strangers(&mut self) {
        if self.scope.n_rejected > 0 {
            return;
        }
        let before = self.partner_of_gone.clone();
        let taken = self.is_new_taken.clone();
        self.join_nearest(|pairing, gone, new| {
            let days = pairing.days_moved(gone, new)?;
            let is_same = pairing.gone[gone].amount == pairing.new[new].amount;
            is_same.then_some(((false, true, days, 100), gone, new, Ground::LabelRewritten))
        });
        let joined = self.partner_of_gone.iter().zip(&before).filter(|(now, before)| now != before).count();
        let is_explained =
            (0..self.gone.len()).all(|gone| self.is_paired(gone) || !self.scope.covers(self.gone[gone].booked_on));
        let has_moved = (0..self.gone.len()).any(|gone| {
            let partner = self.partner_of_gone[gone].filter(|partner| before[gone] != Some(*partner));
            partner.is_some_and(|(new, _)| self.days_moved(gone, new) != Some(0))
        });
        if !is_explained || (has_moved && joined < 2) {
            self.partner_of_gone = before;
            self.is_new_taken = taken;
        }
    }

    fn ground(&self, gone: usize, new: usize, otherwise: Ground) -> Ground {
        let was_authorised = matches!(self.gone[gone].standing, Standing::Pending | Standing::Cancelled);
        let is_settled = was_authorised && self.new[new].standing == Standing::Booked;
        if is_settled { Ground::Settled } else { otherwise }
    }
}

/// More pairs, then fewer days.
fn better(one: (usize, i32), other: (usize, i32)) -> (usize, i32) {
    if (one.0, -one.1) >= (other.0, -other.1) { one } else { other }
}
