//! A source, its service and what it is fetched with.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use moisson::config::{Network, Source};
use moisson::connector::{Catalogue, Service};
use moisson::fetch::case::Recorded;
use moisson::fetch::dav::{self, Edit, Sending};
use moisson::fetch::http::{Client, Limits};
use moisson::fetch::{self, Failure, Harvest, Order, State};
use moisson::vault::Vault;

/// One source, with the state that its runs leave.
pub struct World {
    pub source: Source,
    pub service: Service,
    pub network: Network,
    pub vault: Vault,
    pub state: State,
    pub limits: Limits,
    pub now: Timestamp,
}

impl World {
    /// A source of a shipped service; `settings` is what stands under `[sources.fetch]`.
    pub fn new(service: &str, settings: &str, now: Timestamp) -> Self {
        let source = toml::from_str(&format!("id = \"mine\"\n[fetch]\n{settings}")).expect("a source");
        let service = Catalogue::shipped().expect("connectors").service(service).expect("a service").clone();
        let network =
            Network { home_hosts: vec!["127.0.0.1".to_owned(), "localhost".to_owned()], ..Network::default() };
        let (vault, state, limits) = (Vault::in_memory(), State::default(), Limits::default());
        Self { source, service, network, vault, state, limits, now }
    }

    /// A run whose documents come in: its state is kept.
    pub fn fetch(&mut self) -> Result<Harvest, Failure> {
        let mut state = self.state.clone();
        let harvest = self.fetch_into(&mut state)?;
        self.state = state;
        Ok(harvest)
    }

    /// A run of which nothing is kept.
    pub fn fetch_into(&self, state: &mut State) -> Result<Harvest, Failure> {
        self.ordered(|order| fetch::fetch(order, state))
    }

    /// Sends what was changed here.
    #[allow(dead_code, reason = "each test binary uses its own part")]
    pub fn push(&self, edits: &[Edit]) -> Result<Sending, Failure> {
        self.ordered(|order| dav::push(order, &self.state, edits))
    }

    /// A run of which nothing is kept, recorded.
    pub fn recorded(&self) -> Result<Recorded, Failure> {
        self.ordered(|order| fetch::case::record(order, None))
    }

    fn ordered<T>(&self, run: impl FnOnce(&Order<'_>) -> T) -> T {
        let client = Client::with_limits(&self.network, self.limits).expect("a client");
        run(&Order {
            source: &self.source,
            service: &self.service,
            zone: &TimeZone::UTC,
            now: self.now,
            network: &self.network,
            vault: &self.vault,
            client: &client,
            person: None,
        })
    }
}

/// The names of what came, in order.
pub fn names(harvest: &Harvest) -> Vec<&str> {
    harvest.documents.iter().map(|document| document.name.as_str()).collect()
}
