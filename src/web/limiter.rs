//! Wrong logins are bounded: ten at once and ten a minute from one address, successes free. Who has
//! the right password is not asked about here at all: see [`super::door`].
//!
//! An address is an IPv4 address or an IPv6 network of /64, which one customer has whole. The
//! clock is a value. Memory is bounded: when more addresses than [`MOST`] are in debt, all
//! further ones share one account, so that a flood from everywhere slows itself down. Nothing is
//! kept across restarts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Wrong logins that an address may make at once.
const AT_ONCE: f64 = 10.0;
/// Wrong logins that it may make in a minute from then on.
const PER_MINUTE: f64 = 10.0;
/// The most addresses that are counted apart.
pub const MOST: usize = 10_000;

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    /// Everybody for whom there is no room.
    Others,
}

/// Guesses that are left, as of an instant.
#[derive(Debug, Clone, Copy)]
struct Left {
    guesses: f64,
    at: Timestamp,
}

/// Counts wrong logins.
#[derive(Debug, Default)]
pub struct Limiter {
    left: Mutex<HashMap<Key, Left>>,
}

/// One login that may be evaluated. It counts as wrong unless it is [`Attempt::succeeded`].
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    limiter: &'a Limiter,
    key: Key,
}

/// The address that one customer is counted by: all of an IPv4 address, the first half of an IPv6
/// one.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

impl Limiter {
    /// Whether a login from there may be evaluated now, or how long it has to wait.
    pub fn ask(&self, address: IpAddr, now: Timestamp) -> Result<Attempt<'_>, Duration> {
        let mut all = self.all();
        let key = room(&mut all, Key::Address(network(address)), now);
        let left = all.entry(key).or_insert(Left { guesses: AT_ONCE, at: now });
        left.refill(now);
        if left.guesses < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left.guesses) * 60.0 / PER_MINUTE));
        }
        // Taken before the password is looked at: many at once are no way around.
        left.guesses -= 1.0;
        Ok(Attempt { limiter: self, key })
    }

    /// How many addresses are counted.
    pub fn n_addresses(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, Left>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// The password was right: the attempt does not count.
    pub fn succeeded(self) {
        let mut all = self.limiter.all();
        let Some(left) = all.get_mut(&self.key) else { return };
        left.guesses = (left.guesses + 1.0).min(AT_ONCE);
        if left.guesses >= AT_ONCE {
            all.remove(&self.key);
        }
    }
}

impl Left {
    fn refill(&mut self, now: Timestamp) {
        // A clock that was set back gives nothing.
        let passed = self.at.duration_until(now).as_secs_f64().max(0.0);
        self.guesses = (self.guesses + passed * PER_MINUTE / 60.0).min(AT_ONCE);
        self.at = now;
    }
}

/// The key, or that of all others when there is no room for one more.
fn room(all: &mut HashMap<Key, Left>, key: Key, now: Timestamp) -> Key {
    if all.contains_key(&key) || all.len() < MOST {
        return key;
    }
    all.retain(|_, left| {
        left.refill(now);
        left.guesses < AT_ONCE
    });
    if all.len() < MOST { key } else { Key::Others }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn start() -> Timestamp {
        "2026-05-04T08:00:00Z".parse().expect("an instant")
    }

    fn from(address: &str) -> IpAddr {
        address.parse().expect("an address")
    }

    #[test]
    fn ten_thousand_guesses_are_evaluated_twenty_times_in_a_minute() {
        let limiter = Limiter::default();
        let guesses = 0..10_000;
        let at = |n: i32| start() + SignedDuration::from_millis(i64::from(n) * 6);
        let evaluated = guesses.filter(|n| limiter.ask(from("198.51.100.7"), at(*n)).is_ok()).count();
        assert!((10..=20).contains(&evaluated), "{evaluated}");
        assert!(limiter.ask(from("198.51.100.8"), start()).is_ok(), "another address is another account");
    }

    #[test]
    fn successes_are_free_and_waiting_helps() {
        let limiter = Limiter::default();
        for _ in 0..1_000 {
            limiter.ask(from("192.0.2.1"), start()).expect("free").succeeded();
        }
        assert_eq!(limiter.n_addresses(), 0, "who owes nothing is forgotten");
        for _ in 0..10 {
            let _ = limiter.ask(from("192.0.2.1"), start()).expect("a guess");
        }
        let wait = limiter.ask(from("192.0.2.1"), start()).expect_err("no more");
        assert!((5..=6).contains(&wait.as_secs()), "{wait:?}");
        let later = start() + SignedDuration::from_secs(7);
        assert!(limiter.ask(from("192.0.2.1"), later).is_ok());
        assert!(limiter.ask(from("192.0.2.1"), later - SignedDuration::from_hours(2)).is_err(), "a clock set back");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_mapped_ones_are_ipv4() {
        let limiter = Limiter::default();
        for n in 0..10 {
            let _ = limiter.ask(from(&format!("2001:db8:1:2::{n}")), start()).expect("a guess");
            let _ = limiter.ask(from("::ffff:192.0.2.1"), start()).expect("a guess");
        }
        assert!(limiter.ask(from("2001:db8:1:2:ffff::1"), start()).is_err());
        assert!(limiter.ask(from("2001:db8:1:3::1"), start()).is_ok());
        assert!(limiter.ask(from("192.0.2.1"), start()).is_err());
    }

    #[test]
    fn memory_is_bounded_and_a_flood_slows_itself() {
        let limiter = Limiter::default();
        let mut evaluated = 0;
        for n in 0..3 * u32::try_from(MOST).expect("a small number") {
            evaluated += usize::from(limiter.ask(IpAddr::V4((n + 0x0a00_0000).into()), start()).is_ok());
        }
        assert!(limiter.n_addresses() <= MOST + 1);
        assert!(evaluated <= MOST + 10, "{evaluated}");
        let later = start() + SignedDuration::from_mins(2);
        assert!(limiter.ask(from("203.0.113.1"), later).is_ok());
        assert!(limiter.n_addresses() < 10, "debts that are paid are forgotten");
    }
}
