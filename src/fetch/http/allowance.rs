//! What one run of a source may take of time and memory, all its requests together.
//!
//! Each exchange has bounds of its own ([`super::Limits`]); a service that leads from page to page
//! for ever keeps to every one of them. It looks at the clock and counts; it ends nothing itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What is left to a run; clones share it.
#[derive(Debug, Clone)]
pub struct Allowance {
    until: Instant,
    time: Duration,
    bytes: u64,
    taken: Arc<AtomicU64>,
}

/// Which bound a run has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It took so long.
    Time(Duration),
    /// It holds so many bytes.
    Bytes(u64),
}

impl Allowance {
    /// That of a run which begins now.
    pub fn new(time: Duration, bytes: u64) -> Self {
        Self { until: Instant::now() + time, time, bytes, taken: Arc::default() }
    }

    /// When an exchange that may last until `deadline` is over for this run.
    pub fn sooner(&self, deadline: Instant) -> Instant {
        self.until.min(deadline)
    }

    /// The bound that is reached, if one is.
    pub fn reached(&self) -> Option<Bound> {
        if Instant::now() >= self.until {
            Some(Bound::Time(self.time))
        } else if self.left() == 0 {
            Some(Bound::Bytes(self.bytes))
        } else {
            None
        }
    }

    /// Bytes that may still come.
    pub fn left(&self) -> u64 {
        self.bytes.saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Bytes have come, and are held.
    pub fn take(&self, n: usize) {
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
    }

    /// What it is to have asked for more bytes than are left.
    pub fn spent(&self) -> Bound {
        Bound::Bytes(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_bytes_are_shared_by_all_who_hold_it() {
        let run = Allowance::new(Duration::from_secs(60), 10);
        let other = run.clone();
        assert_eq!(other.reached(), None);
        run.take(6);
        assert_eq!((other.left(), other.reached()), (4, None));
        other.take(6);
        assert_eq!((run.left(), run.reached()), (0, Some(Bound::Bytes(10))));
        let over = Allowance::new(Duration::ZERO, 10);
        assert_eq!(over.reached(), Some(Bound::Time(Duration::ZERO)));
        let later = Instant::now() + Duration::from_secs(9);
        assert!(over.sooner(later) < later && run.sooner(later) == later);
    }
}
