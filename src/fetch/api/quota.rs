//! The ledger of calls: what a service takes is not exceeded, whatever else goes wrong. Pure.

use jiff::{SignedDuration, Timestamp};

use super::super::State;
use crate::connector::fetch::{Per, Quota};

/// Enters a call under what it counts for, or tells when there is room for it again.
pub fn claim(state: &mut State, quota: &Quota, scope: &str, now: Timestamp) -> Result<(), Timestamp> {
    let day_ago = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let calls = state.calls.entry(scope.to_owned()).or_default();
    // A clock that was ahead once has written what did not happen yet.
    calls.retain(|at| *at > day_ago && *at <= now);
    let since = since(quota.per, now);
    let counted: Vec<Timestamp> = calls.iter().copied().filter(|at| *at >= since).collect();
    if counted.len() < quota.calls as usize {
        calls.push(now);
        return Ok(());
    }
    Err(again(quota.per, counted.first().copied().unwrap_or(now), now))
}

/// How many calls are left under that scope.
pub fn left(state: &State, quota: &Quota, scope: &str, now: Timestamp) -> u32 {
    let since = since(quota.per, now);
    let used = state.calls.get(scope).map_or(0, |calls| calls.iter().filter(|at| **at >= since && **at <= now).count());
    quota.calls.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
}

/// When a budget that the service says is used up returns, when it does not say.
pub fn returns(per: Per, now: Timestamp) -> Timestamp {
    again(per, now, now)
}

/// Calls from then on count.
fn since(per: Per, now: Timestamp) -> Timestamp {
    let back = match per {
        Per::Minute => SignedDuration::from_secs(60),
        Per::Hour => SignedDuration::from_secs(3600),
        Per::Day => return midnight(now),
    };
    // A call exactly one span ago has gone.
    now.checked_sub(back).and_then(|at| at.checked_add(SignedDuration::from_nanos(1))).unwrap_or(now)
}

fn again(per: Per, oldest: Timestamp, now: Timestamp) -> Timestamp {
    let (from, span) = match per {
        Per::Minute => (oldest, SignedDuration::from_secs(60)),
        Per::Hour => (oldest, SignedDuration::from_secs(3600)),
        Per::Day => (midnight(now), SignedDuration::from_hours(24)),
    };
    from.checked_add(span).unwrap_or(now)
}

/// The start of the day in UTC.
fn midnight(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(86_400)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(calls: u32, per: Per) -> Quota {
        Quota { calls, per, pause_ms: 0, of: crate::connector::fetch::QuotaOf::Service, left: None, resets: None }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_day_has_its_calls_and_no_more_and_tomorrow_has_them_again() {
        let mut state = State::default();
        let quota = quota(2, Per::Day);
        let now = at("2026-03-31T22:00:00Z");
        assert_eq!(claim(&mut state, &quota, "a", now), Ok(()));
        assert_eq!(claim(&mut state, &quota, "a", now), Ok(()));
        assert_eq!(left(&state, &quota, "a", now), 0);
        assert_eq!(claim(&mut state, &quota, "a", now), Err(at("2026-04-01T00:00:00Z")));
        assert_eq!(claim(&mut state, &quota, "b", now), Ok(()), "each scope has its own");
        assert_eq!(claim(&mut state, &quota, "a", at("2026-04-01T00:00:00Z")), Ok(()));
    }

    #[test]
    fn calls_that_a_wrong_clock_wrote_do_not_count() {
        let ahead = vec![at("2031-01-01T00:00:00Z"); 2];
        let mut state = State { calls: [("a".to_owned(), ahead)].into(), ..State::default() };
        let (quota, now) = (quota(2, Per::Day), at("2026-03-31T22:00:00Z"));
        assert_eq!(left(&state, &quota, "a", now), 2);
        assert_eq!(claim(&mut state, &quota, "a", now), Ok(()));
        assert_eq!(state.calls["a"], [now]);
    }

    #[test]
    fn an_hour_slides() {
        let mut state = State::default();
        let quota = quota(1, Per::Hour);
        assert_eq!(claim(&mut state, &quota, "", at("2026-03-31T22:10:00Z")), Ok(()));
        assert_eq!(claim(&mut state, &quota, "", at("2026-03-31T22:50:00Z")), Err(at("2026-03-31T23:10:00Z")));
        assert_eq!(claim(&mut state, &quota, "", at("2026-03-31T23:10:00Z")), Ok(()));
    }
}
