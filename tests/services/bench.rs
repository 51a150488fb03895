//! A source and all that it needs, set up against one simulator, with a clock that stands.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use moisson::config::{Network, Setting, Source};
use moisson::connector::{Catalogue, Service};
use moisson::fetch::case::Recorded;
use moisson::fetch::http::Client;
use moisson::fetch::{Failure, Harvest, Order, State};
use moisson::vault::Vault;
use secrecy::SecretString;

use crate::simulator::Simulator;

/// See the module.
pub struct Bench {
    pub source: Source,
    pub service: Service,
    pub vault: Vault,
    pub state: State,
    pub now: Timestamp,
    network: Network,
}

impl Bench {
    /// A source called `mine`, of a shipped service, that calls `base`.
    pub fn new(service: &str, base: &str) -> Self {
        let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
        let service = catalogue.service(service).expect("a service").clone();
        Self::of(service, base)
    }

    /// The same for a service that is made up for the test.
    pub fn made_up(fetch: &str, base: &str) -> Self {
        let mut catalogue = Catalogue::default();
        let text = format!("name = \"Made up\"\nversion = 1\n[fetch]\ntransport = \"http\"\n{fetch}");
        catalogue.add("generic/made_up", &text, "made_up.toml").expect("a connector");
        Self::of(catalogue.service("generic/made_up").expect("a service").clone(), base)
    }

    /// The same for a shipped service of which one address is not that of `base`: it is replaced.
    pub fn moved(service: &str, base: &str, address: &str) -> Self {
        let file = format!("{}/connectors/{service}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).expect("a connector");
        assert!(text.contains(address), "{file} does not name {address}");
        let mut catalogue = Catalogue::default();
        catalogue.add(service, &text.replace(address, base), &file).expect("a connector");
        Self::of(catalogue.service(service).expect("a service").clone(), base)
    }

    fn of(service: Service, base: &str) -> Self {
        let mut source = Source { id: "mine".to_owned(), ..Source::default() };
        source.fetch.insert("base".to_owned(), Setting::Text(base.to_owned()));
        let network = Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() };
        let now = "2026-03-31T10:00:00Z".parse().expect("an instant");
        Self { source, service, vault: Vault::in_memory(), state: State::default(), now, network }
    }

    pub fn field(mut self, name: &str, text: &str) -> Self {
        self.source.fetch.insert(name.to_owned(), Setting::Text(text.to_owned()));
        self
    }

    pub fn secret(self, name: &str, secret: &str) -> Self {
        self.vault.keep(&format!("mine/{name}"), SecretString::from(secret.to_owned())).expect("a vault");
        self
    }

    pub fn at(&mut self, now: &str) {
        self.now = now.parse().expect("an instant");
    }

    /// One run; the state stays as the conductor would leave it.
    pub fn run(&mut self) -> Result<Harvest, Failure> {
        let client = Client::new(&self.network).expect("a client");
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        let mut state = self.state.clone();
        let result = moisson::fetch::fetch(&self.order(&client, &zone), &mut state);
        self.state = if result.is_ok() { state } else { state.spent(&self.state) };
        result
    }

    /// One run of which nothing stays, recorded, `days` back.
    pub fn record(&self, days: Option<u32>) -> Result<Recorded, Failure> {
        let client = Client::new(&self.network).expect("a client");
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        moisson::fetch::case::record(&self.order(&client, &zone), days)
    }

    fn order<'a>(&'a self, client: &'a Client, zone: &'a TimeZone) -> Order<'a> {
        Order {
            source: &self.source,
            service: &self.service,
            zone,
            now: self.now,
            network: &self.network,
            vault: &self.vault,
            client,
            person: None,
        }
    }

    /// One run that brings something.
    pub fn harvest(&mut self) -> Harvest {
        self.run().expect("a harvest")
    }
}

/// The names of what came.
pub fn names(harvest: &Harvest) -> Vec<&str> {
    harvest.documents.iter().map(|document| document.name.as_str()).collect()
}

/// The bytes of what came under a name.
pub fn text(harvest: &Harvest, name: &str) -> String {
    let document = harvest.documents.iter().find(|document| document.name == name).expect("a document of that name");
    String::from_utf8(document.bytes.clone()).expect("text")
}

/// Nothing of a run that people see holds any of these.
pub fn shows_none_of(secrets: &[&str], harvest: &Harvest, state: &State) {
    let origins: Vec<&String> = harvest.documents.iter().map(|document| &document.origin).collect();
    let seen = format!(
        "{origins:?} {:?} {:?} {}",
        names(harvest),
        harvest.failed,
        serde_json::to_string(state).expect("JSON")
    );
    for secret in secrets {
        assert!(!seen.contains(secret), "{secret} is in {seen}");
    }
}

/// `METHOD path` of each request.
pub fn asked(simulator: &Simulator) -> Vec<String> {
    simulator.take_seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
}

/// The connector that reads each document, among those that its service names.
pub fn read_by(harvest: &Harvest) -> Vec<String> {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let reader = |document: &moisson::fetch::Fetched| {
        let look = moisson::decode::glimpse::look(&document.bytes, Some(&document.name)).expect("a format");
        let recognised = moisson::connector::recognise(&catalogue, &look.glimpse);
        let id = recognised.map(|recognised| recognised.connector.id.clone());
        let id = id.unwrap_or_else(|seen| panic!("nothing reads {}: {seen:?}", document.name));
        assert!(
            document.connectors.contains(&id),
            "{} is read by {id}, not by {:?}",
            document.name,
            document.connectors
        );
        id
    };
    let mut readers: Vec<String> = harvest.documents.iter().map(reader).collect();
    readers.dedup();
    readers
}
