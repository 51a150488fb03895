//! Names of hosts to addresses, by the system or as given.
//!
//! It keeps nothing from one question to the next.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Guard, Unresolved};

/// What a function says of a name: its addresses.
pub type Table = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// How names are looked up.
#[derive(Clone)]
pub enum Lookup {
    /// As the system does.
    System,
    /// By a function, such as a table of names.
    Given(Table),
}

impl Lookup {
    /// The addresses of a host, at least one.
    pub async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found: Vec<IpAddr> = match self {
            Self::System => tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect(),
            Self::Given(table) => table(host)?,
        };
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}

/// What reqwest resolves by: the rules of a guard for one kind of host.
///
/// It is not told the port. Two clients are held therefore, one for hosts of the home on their
/// ports and one for all others, and the caller chooses by [`Guard::is_home`].
pub struct Guarded {
    pub guard: Guard,
    pub is_home: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, is_home) = (self.guard.clone(), self.is_home);
        Box::pin(async move {
            match guard.addresses(&super::guard::name(name.as_str()), is_home).await {
                Ok(found) => Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs),
                Err(Unresolved::Refused(refusal)) => Err(refusal.into()),
                Err(Unresolved::Unknown(error)) => Err(error.into()),
            }
        })
    }
}
