//! How many connections an address has, so that none has all. A network of IPv6 is one address, as
//! it is where wrong logins are counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::web::limiter;

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
        let address = limiter::network(address);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_has_the_connections_of_one_address() {
        let guests = Guests::new(2);
        let enter = |address: &str| guests.enter(address.parse().expect("an address"), false);
        let held = [enter("2001:db8:1:2::1"), enter("2001:db8:1:2:ffff::2")];
        assert!(held.iter().all(Option::is_some));
        assert!(enter("2001:db8:1:2::3").is_none() && enter("2001:db8:1:3::1").is_some());
        assert!(enter("192.0.2.1").is_some() && enter("192.0.2.2").is_some());
        drop(held);
        assert!(enter("2001:db8:1:2::3").is_some());
        assert!(guests.present().is_empty());
    }
}
