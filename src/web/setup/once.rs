//! Files that can be fetched once, by whoever has the link: a profile with its password.
//!
//! They are held in memory, for ten minutes, and a few at a time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::zeroize::Zeroizing;

use crate::web::accounts::hex;

const AS_LONG: SignedDuration = SignedDuration::from_mins(10);
const MOST: usize = 16;

/// A file, and since when it waits.
type Waiting = (Timestamp, Zeroizing<Vec<u8>>);

/// What waits to be fetched, by its token.
#[derive(Default)]
pub struct Once {
    waiting: Mutex<HashMap<String, Waiting>>,
}

impl std::fmt::Debug for Once {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Once(…)")
    }
}

impl Once {
    /// Keeps a file; gives the token of its link. `None` when there is no room or no randomness.
    pub fn keep(&self, bytes: Vec<u8>, now: Timestamp) -> Option<String> {
        let bytes = Zeroizing::new(bytes);
        let mut token = [0u8; 16];
        getrandom::fill(&mut token).ok()?;
        let token = hex(&token);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (at, _)| is_fresh(*at, now));
        if waiting.len() >= MOST {
            return None;
        }
        waiting.insert(token.clone(), (now, bytes));
        Some(token)
    }

    /// The file of that token, which is gone then.
    pub fn take(&self, token: &str, now: Timestamp) -> Option<Zeroizing<Vec<u8>>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, bytes) = waiting.remove(token)?;
        is_fresh(at, now).then_some(bytes)
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    at.duration_until(now).abs() < AS_LONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fetched_once_and_in_time() {
        let once = Once::default();
        let now: Timestamp = "2026-05-04T08:00:00Z".parse().expect("an instant");
        let token = once.keep(b"one".to_vec(), now).expect("a token");
        assert_eq!(once.take(&token, now).expect("the file").as_slice(), b"one");
        assert!(once.take(&token, now).is_none());
        let token = once.keep(b"two".to_vec(), now).expect("a token");
        assert!(once.take(&token, now + SignedDuration::from_mins(10)).is_none());
        assert_eq!((0..20).filter_map(|_| once.keep(Vec::new(), now)).count(), MOST);
        assert!(once.keep(Vec::new(), now + SignedDuration::from_mins(11)).is_some());
    }
}
