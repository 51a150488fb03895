//! A connector against a recording: what differs from the run that was recorded.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::super::http::{Client, Replay, Request};
use super::super::{Ask, Failure, Harvest, Order, State, fetch, fill, http};
use super::{Case, check, documents, outcome, placeholder, reaching};
use crate::config::{Network, Source};
use crate::connector::Service;
use crate::connector::fetch::{Auth, NeedKind};
use crate::model::run::Said;
use crate::vault::Vault;

impl Case {
    /// Runs the service's connector with the clock, the settings and the answers of the recording,
    /// and says each difference; none when all is as it was. No connection is opened.
    pub fn play(&self, service: &Service) -> Result<Vec<Said>, Failure> {
        let (replay, run) = self.run(service)?;
        let mut differences = of_requests(&replay);
        differences.extend(self.of_outcome(&run));
        differences.extend(self.of_documents(&run.as_ref().map(documents).unwrap_or_default()));
        Ok(differences)
    }

    /// The same recording with what comes of it now: for one whose answers were changed, so that
    /// nobody's own stand in it any more.
    pub fn renewed(&self, service: &Service) -> Result<Self, Failure> {
        let (_, run) = self.run(service)?;
        let documents = run.as_ref().map(documents).unwrap_or_default();
        Ok(Self { outcome: outcome(&run), documents, ..self.clone() })
    }

    fn run(&self, service: &Service) -> Result<(Replay, Result<Harvest, Failure>), Failure> {
        check(service)?;
        let replay = Replay::new(self.exchanges.clone());
        let network = Network { home_hosts: self.home_hosts.clone(), ..Network::default() };
        let client = Client::new(&network).map_err(|error| http::failure(&error))?.replaying(replay.clone());
        let source = Source { id: self.source.clone(), fetch: self.fetch.clone(), ..Source::default() };
        let order = Order {
            source: &source,
            service: &reaching(service, self.days),
            zone: &self.zone,
            now: self.now,
            network: &network,
            vault: &self.vault(service)?,
            client: &client,
            person: is_asked(service).then_some(&Nobody as &dyn Ask),
        };
        Ok((replay, fetch(&order, &mut State::default())))
    }

    fn vault(&self, service: &Service) -> Result<Vault, Failure> {
        let vault = Vault::in_memory();
        for (field, written) in &self.secrets {
            let secret = SecretString::from(placeholder::usable(service, field, written));
            vault.keep(&format!("{}/{field}", self.source), secret).map_err(|error| fill::no_secret(&error))?;
        }
        Ok(vault)
    }

    fn of_outcome(&self, run: &Result<Harvest, Failure>) -> Option<Said> {
        let (was, is) = (self.outcome.code(), outcome(run).code());
        let mut said = Said::new(format!("it ended with {is} and not {was}"), format!("fini par {is} et non {was}"));
        let failed = match run {
            Err(failure) => vec![&failure.message],
            Ok(harvest) => harvest.failed.iter().map(|part| &part.message).collect(),
        };
        for message in failed {
            said = Said::new(format!("{}: {}", said.en, message.en), format!("{} : {}", said.fr, message.fr));
        }
        (was != is).then_some(said)
    }

    fn of_documents(&self, came: &BTreeMap<String, Vec<u8>>) -> Vec<Said> {
        let known = self.documents.iter().filter_map(|(name, bytes)| match came.get(name) {
            None => Some(Said::new(format!("{name} did not come"), format!("{name} n'est pas venu"))),
            Some(other) if other == bytes => None,
            Some(other) => {
                let at = bytes.iter().zip(other).take_while(|(was, is)| was == is).count();
                let (was, is) = (excerpt(bytes, at), excerpt(other, at));
                Some(Said::new(
                    format!("{name} differs from byte {at} on: {is}\n  expected: {was}"),
                    format!("{name} diffère à partir de l'octet {at} : {is}\n  attendu : {was}"),
                ))
            }
        });
        let new = came.keys().filter(|name| !self.documents.contains_key(*name));
        let new = new.map(|name| {
            Said::new(format!("{name} came and is not expected"), format!("{name} est venu sans être attendu"))
        });
        known.chain(new).collect()
    }
}

/// What was asked and is not in the recording, and what is in it and was not asked.
fn of_requests(replay: &Replay) -> Vec<Said> {
    let unused: Vec<String> =
        replay.unused().iter().map(|exchange| line(&exchange.method, &exchange.url, &exchange.body)).collect();
    let expected = |language: fn(&Said) -> &String| match unused.first() {
        Some(first) => first.clone(),
        None => language(&Said::new("nothing more", "plus rien")).clone(),
    };
    let stranger = |request: Request| {
        let came = line(&request.method, request.url.as_str(), &request.body);
        Said::new(
            format!("asked: {came}\n  expected: {}", expected(|said| &said.en)),
            format!("demandé : {came}\n  attendu : {}", expected(|said| &said.fr)),
        )
    };
    let missing =
        |line: &String| Said::new(format!("was not asked any more: {line}"), format!("n'a plus été demandé : {line}"));
    replay.strangers().into_iter().map(stranger).chain(unused.iter().map(missing)).collect()
}

/// Answers whatever it is asked with what stands for a secret.
struct Nobody;

impl Ask for Nobody {
    fn ask(&self, _: &Said, _: bool) -> Option<String> {
        Some(http::STRUCK.to_owned())
    }

    fn tell(&self, _: &Said, _: Option<&str>) {}
}

/// Whether a run asks for a code. A consent cannot be given again: it is had on a page.
fn is_asked(service: &Service) -> bool {
    let mut needs = service.fetch.needs.values();
    needs.any(|need| need.kind == NeedKind::Code) && !matches!(service.fetch.auth, Auth::Oauth2(_))
}

/// A request for people: nothing in it is secret when a recording is played.
fn line(method: &str, url: &str, body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let body: String = body.chars().take(200).collect();
    if body.is_empty() { format!("{method} {url}") } else { format!("{method} {url} {body}") }
}

fn excerpt(bytes: &[u8], at: usize) -> String {
    let to = bytes.len().min(at + 60);
    format!("{:?}", String::from_utf8_lossy(&bytes[at.min(to)..to]))
}
