//! A run of a source as a recording: what was asked and answered, and what came of it, with every
//! secret struck out, so that a connector is tested against it without the service.
//!
//! [`record`] makes one from a run, [`Case::play`] runs the connector against it. Only what goes
//! over HTTP can be recorded. Names, amounts and everything else that is no secret stays in it: it
//! is for its owner until somebody has read it.

mod disk;
mod placeholder;
mod play;
mod record;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::http::Exchange;
use super::{Failure, Harvest};
use crate::config::Setting;
use crate::connector::Service;
use crate::connector::fetch::Transport;
use crate::model::run::{Class, Said};

pub use disk::CaseError;
pub use record::{Recorded, record};

/// A recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The service: `phone/example`.
    pub connector: String,
    /// The source's id, after which some documents are named.
    pub source: String,
    /// The clock of the run.
    pub now: Timestamp,
    pub zone: TimeZone,
    /// How many days back the run asked, where it was told; the connector's `history` when absent.
    pub days: Option<u32>,
    /// How the run ended.
    pub outcome: Class,
    /// Hosts of the home that it called.
    pub home_hosts: Vec<String>,
    /// What the source said under `[sources.fetch]`.
    pub fetch: BTreeMap<String, Setting>,
    /// What stands for each secret, by field.
    pub secrets: BTreeMap<String, String>,
    pub exchanges: Vec<Exchange>,
    /// What came, by names that files may have.
    pub documents: BTreeMap<String, Vec<u8>>,
}

/// How a run ended: by what failed, or what came.
fn outcome(run: &Result<Harvest, Failure>) -> Class {
    match run {
        Err(failure) => failure.class,
        Ok(harvest) if !harvest.failed.is_empty() => Class::Partial,
        Ok(harvest) if harvest.documents.is_empty() => Class::OkEmpty,
        Ok(_) => Class::Ok,
    }
}

/// What came, by names that files may have: a name that came before is numbered.
fn documents(harvest: &Harvest) -> BTreeMap<String, Vec<u8>> {
    let mut documents = BTreeMap::new();
    for document in &harvest.documents {
        let plain = |c: char| if c.is_control() || "/\\:".contains(c) { '_' } else { c };
        let name: String = document.name.trim_start_matches('.').chars().map(plain).collect();
        let mut free = name.clone();
        let mut n = 1;
        while documents.contains_key(&free) {
            n += 1;
            free = format!("{n}-{name}");
        }
        documents.insert(free, document.bytes.clone());
    }
    documents
}

/// Refuses what comes otherwise than over HTTP.
fn check(service: &Service) -> Result<(), Failure> {
    match service.fetch.transport {
        Transport::Http | Transport::Web | Transport::Ics | Transport::Caldav | Transport::Carddav => Ok(()),
        Transport::Folder | Transport::Mailbox => Err(Failure::new(
            Class::Config,
            Said::new(
                format!("{} asks nothing over HTTP, so there is nothing to record", service.id),
                format!("{} ne demande rien par HTTP : il n'y a rien à enregistrer", service.id),
            ),
        )),
    }
}

/// The same service, asking that many days back.
fn reaching(service: &Service, days: Option<u32>) -> Service {
    let mut service = service.clone();
    if let Some(days) = days {
        service.fetch.history = Some(jiff::Span::new().days(i64::from(days.min(36_500))));
    }
    service
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Fetched;

    #[test]
    fn documents_of_one_name_are_two_and_no_name_leaves_the_folder() {
        let document = |name: &str| Fetched {
            name: name.to_owned(),
            bytes: Vec::new(),
            as_of: Timestamp::UNIX_EPOCH,
            origin: String::new(),
            connectors: Vec::new(),
        };
        let names = ["a.json", "../../b", "a.json", "a.json", "c/d"];
        let harvest = Harvest { documents: names.map(document).to_vec(), ..Harvest::default() };
        let documents = documents(&harvest);
        let names: Vec<&str> = documents.keys().map(String::as_str).collect();
        assert_eq!(names, ["2-a.json", "3-a.json", "_.._b", "a.json", "c_d"]);
    }
}
