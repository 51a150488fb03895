//! A source of a shipped connector, with its secrets and the state that its runs leave.

use std::sync::Mutex;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use moisson::config::{Network, Source};
use moisson::connector::{Catalogue, Service};
use moisson::fetch::case::Recorded;
use moisson::fetch::http::Client;
use moisson::fetch::{self, Ask, Failure, Harvest, Order, State};
use moisson::model::run::Said;
use moisson::vault::Vault;

/// See the module.
pub struct World {
    pub source: Source,
    pub service: Service,
    pub vault: Vault,
    pub state: State,
    pub now: Timestamp,
    pub zone: TimeZone,
    pub person: Option<Person>,
}

/// Somebody who answers in this order, then nothing more.
#[derive(Default)]
pub struct Person {
    answers: Mutex<Vec<String>>,
    /// What they were asked.
    pub asked: Mutex<Vec<Said>>,
}

impl Person {
    pub fn who_says(answers: &[&str]) -> Self {
        let answers = answers.iter().rev().map(|answer| (*answer).to_owned()).collect();
        Self { answers: Mutex::new(answers), ..Self::default() }
    }
}

impl Ask for Person {
    fn ask(&self, question: &Said, _: bool) -> Option<String> {
        self.asked.lock().expect("alone").push(question.clone());
        self.answers.lock().expect("alone").pop()
    }

    fn tell(&self, _: &Said, _: Option<&str>) {}
}

impl World {
    /// A source called `mine`; `settings` is what stands under its `[fetch]`, after `base`.
    pub fn new(service: &str, base: &str, settings: &str, now: &str) -> Self {
        let service = Catalogue::shipped().expect("connectors").service(service).expect("a service").clone();
        Self::of(service, base, settings, now)
    }

    fn of(service: Service, base: &str, settings: &str, now: &str) -> Self {
        let source = format!("id = \"mine\"\n[fetch]\nbase = \"{base}\"\n{settings}");
        Self {
            source: toml::from_str(&source).expect("a source"),
            service,
            vault: Vault::in_memory(),
            state: State::default(),
            now: now.parse().expect("an instant"),
            zone: TimeZone::get("Europe/Paris").expect("a zone"),
            person: None,
        }
    }

    pub fn secret(self, field: &str, secret: &str) -> Self {
        self.vault.keep(&format!("mine/{field}"), secret.into()).expect("kept");
        self
    }

    /// A run, as the conductor does it: its state is kept when its documents are in.
    pub fn fetch(&mut self) -> Result<Harvest, Failure> {
        let mut state = self.state.clone();
        let harvest = self.ordered(|order| fetch::fetch(order, &mut state));
        self.state = if harvest.is_ok() { state } else { state.spent(&self.state) };
        harvest
    }

    /// A run of which nothing stays, recorded.
    pub fn recorded(&self) -> Recorded {
        self.ordered(|order| fetch::case::record(order, None)).expect("a recording")
    }

    fn ordered<T>(&self, run: impl FnOnce(&Order<'_>) -> T) -> T {
        let network = Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() };
        run(&Order {
            source: &self.source,
            service: &self.service,
            zone: &self.zone,
            now: self.now,
            network: &network,
            vault: &self.vault,
            client: &Client::new(&network).expect("a client"),
            person: self.person.as_ref().map(|person| person as &dyn Ask),
        })
    }

    /// A run that brings something.
    pub fn fetched(&mut self) -> Harvest {
        self.fetch().map_err(|failure| format!("{failure:?}")).expect("it comes")
    }
}

/// The names of what came, in order.
pub fn names(harvest: &Harvest) -> Vec<&str> {
    harvest.documents.iter().map(|document| document.name.as_str()).collect()
}

/// The text of the document of that name.
pub fn text_of(harvest: &Harvest, name: &str) -> String {
    let found = harvest.documents.iter().find(|document| document.name == name);
    let found = found.unwrap_or_else(|| panic!("{name} is not among {:?}", names(harvest)));
    String::from_utf8_lossy(&found.bytes).into_owned()
}

/// The connector that reads a document.
pub fn read_by(document: &moisson::fetch::Fetched) -> Option<String> {
    let catalogue = Catalogue::shipped().expect("connectors");
    let look = moisson::decode::glimpse::look(&document.bytes, Some(&document.name)).expect("a format");
    moisson::connector::recognise(&catalogue, &look.glimpse).ok().map(|recognised| recognised.connector.id.clone())
}
