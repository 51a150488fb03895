//! How many connections an address has, so that none has all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts connections by address.
#[derive(Debug, Clone)]
pub struct Guests {
    present: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

/// A connection that is counted until it is dropped.
#[derive(Debug)]
pub struct Guest {
    guests: Option<(Guests, IpAddr)>,
}

impl Guests {
    pub fn new(most: usize) -> Self {
        Self { present: Arc::default(), most }
    }

    /// One more from there, or `None` when these are enough. A proxy stands for many.
    pub fn enter(&self, address: IpAddr, is_proxy: bool) -> Option<Guest> {
        if is_proxy {
            return Some(Guest { guests: None });
        }
        let mut present = self.present();
        let n = present.entry(address).or_default();
        if *n >= self.most {
            return None;
        }
        *n += 1;
        Some(Guest { guests: Some((self.clone(), address)) })
    }

    fn present(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((guests, address)) = &self.guests else { return };
        let mut present = guests.present();
        if let Some(n) = present.get_mut(address) {
            *n -= 1;
            if *n == 0 {
                present.remove(address);
            }
        }
    }
}
