//! How long to wait after a failure.

use jiff::{SignedDuration, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

const FIRST: SignedDuration = SignedDuration::from_mins(1);
const MOST: SignedDuration = SignedDuration::from_hours(6);
/// A budget that does not say when it comes back.
const BUDGET: SignedDuration = SignedDuration::from_hours(6);
/// A service that names a later time is not believed: budgets are counted by month at most.
pub const FAR: SignedDuration = SignedDuration::from_hours(35 * 24);

/// When to try again after so many failures in a row, the last at `ended_at`: a minute, doubled
/// each time up to six hours, a quarter more or less; not before the service said.
pub fn next_try(source: &str, failures: u32, ended_at: Timestamp, retry_at: Option<Timestamp>) -> Timestamp {
    let delay = FIRST.checked_mul(1 << failures.saturating_sub(1).min(16)).unwrap_or(MOST).min(MOST);
    let spread = delay.as_secs() / 2;
    let seed = format!("{source}\n{failures}\n{}", ended_at.as_second());
    let put = if spread == 0 { 0 } else { xxh3_64(seed.as_bytes()) % spread.unsigned_abs() };
    let shift = SignedDuration::from_secs(i64::try_from(put).unwrap_or(0) - spread / 2);
    let own = ended_at.checked_add(delay + shift).unwrap_or(ended_at);
    retry_at.map_or(own, |said| own.max(believed(said, ended_at)))
}

/// When the budget of a service is back.
pub fn budget_back(ended_at: Timestamp, retry_at: Option<Timestamp>) -> Timestamp {
    let own = ended_at.checked_add(BUDGET).unwrap_or(ended_at);
    retry_at.map_or(own, |said| believed(said, ended_at).max(ended_at))
}

fn believed(said: Timestamp, ended_at: Timestamp) -> Timestamp {
    said.min(ended_at.checked_add(FAR).unwrap_or(ended_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn delays_double_up_to_six_hours_a_quarter_more_or_less() {
        let now = at("2026-11-21T10:00:00Z");
        for failures in 1..40 {
            let waits = next_try("bank", failures, now, None).duration_since(now).as_secs();
            let meant = (60_i64 << (failures - 1).min(9)).min(6 * 3600);
            assert!((meant * 3 / 4..=meant * 5 / 4).contains(&waits), "{failures}: {waits} of {meant}");
        }
    }

    #[test]
    fn what_the_service_says_is_waited_for_within_reason() {
        let now = at("2026-11-21T10:00:00Z");
        let said = at("2026-11-21T18:00:00Z");
        assert_eq!(next_try("bank", 1, now, Some(said)), said);
        assert_eq!(budget_back(now, Some(said)), said);
        assert_eq!(budget_back(now, None), at("2026-11-21T16:00:00Z"));
        assert_eq!(budget_back(now, Some(at("9000-01-01T00:00:00Z"))), at("2026-12-26T10:00:00Z"));
        assert_eq!(budget_back(now, Some(at("1999-01-01T00:00:00Z"))), now);
    }
}
