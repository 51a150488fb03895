//! A run of a source, recorded. Of what it leaves, only secrets that were renewed are kept: the
//! earlier ones may be worth nothing by then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::super::http::{Exchange, LEAST, Recording, Redaction, STRUCK};
use super::super::{Ask, Failure, Harvest, Order, State, fill};
use super::{Case, check, disk, documents, outcome, placeholder, reaching};
use crate::config::Setting;
use crate::connector::fetch::NeedKind;
use crate::model::run::{Class, Said};
use crate::vault::VaultError;

/// What was recorded, and what is to be said of it.
#[derive(Debug)]
pub struct Recorded {
    pub case: Case,
    /// The names of the secrets that were looked for.
    pub secrets: Vec<String>,
    /// In how many places something was struck out.
    pub n_struck: usize,
    /// Answers and documents that are no text: what is inside of them cannot be struck out.
    pub n_opaque: usize,
    /// What the run failed with, if it did: this is recorded as well.
    pub failure: Option<Failure>,
}

/// Secrets by field.
type Secrets = BTreeMap<String, SecretString>;

/// Runs a source with an empty state, `days` back, and hands over what was exchanged. Nothing is
/// written. A failure means that there is no recording: what a service answered in vain is one.
pub fn record(order: &Order<'_>, days: Option<u32>) -> Result<Recorded, Failure> {
    check(order.service)?;
    let secrets = secrets_of(order)?;
    let redaction = Redaction::default();
    learn(&redaction, &secrets)?;
    learn(&redaction, &strangers_of(order)?)?;
    let (run, exchanges) = run(order, days, &redaction);
    // What was renewed or claimed on the way is secret too, in what came before as well.
    learn(&redaction, &secrets_of(order)?)?;
    let exchanges: Vec<Exchange> = exchanges.into_iter().map(|exchange| redaction.again(exchange)).collect();
    let case = case(order, days, &redaction, &secrets, exchanges, &run);
    if let Some(file) = remains(&case, &redaction) {
        return Err(still_there(&file));
    }
    match run {
        Err(failure) if case.exchanges.is_empty() => Err(failure),
        run => Ok(Recorded {
            secrets: secrets.into_keys().collect(),
            n_struck: case.exchanges.iter().map(n_struck).sum(),
            n_opaque: n_opaque(&case),
            failure: run.err(),
            case,
        }),
    }
}

fn run(order: &Order<'_>, days: Option<u32>, redaction: &Redaction) -> (Result<Harvest, Failure>, Vec<Exchange>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&kept);
    let keep = move |exchange| sink.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    let client = order.client.recording(Recording { redaction: redaction.clone(), sink: Arc::new(keep) });
    let listener = order.person.map(|person| Listener { person, redaction });
    let person = listener.as_ref().map(|listener| listener as &dyn Ask);
    let service = reaching(order.service, days);
    let order = Order { client: &client, service: &service, person, ..*order };
    let run = super::super::fetch(&order, &mut State::default());
    let exchanges = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    (run, exchanges)
}

/// Passes questions on, and learns the answers that are secret.
struct Listener<'a> {
    person: &'a dyn Ask,
    redaction: &'a Redaction,
}

impl Ask for Listener<'_> {
    fn ask(&self, question: &Said, is_secret: bool) -> Option<String> {
        let answer = self.person.ask(question, is_secret);
        if let Some(secret) = answer.as_deref().filter(|_| is_secret) {
            self.redaction.learn(secret);
        }
        answer
    }

    fn tell(&self, what: &Said, link: Option<&str>) {
        self.person.tell(what, link);
    }
}

/// The secrets of the source: those that its service needs, wherever they are, and what else the
/// vault keeps for it.
fn secrets_of(order: &Order<'_>) -> Result<Secrets, Failure> {
    let mut secrets = Secrets::new();
    let needs = order.service.fetch.needs.iter().filter(|(_, need)| need.kind == NeedKind::Secret);
    for field in needs.map(|(field, _)| field) {
        match order.vault.secret_of(order.source, field) {
            Ok(secret) => drop(secrets.insert(field.clone(), secret)),
            Err(VaultError::Missing { .. }) => {}
            Err(error) => return Err(fill::no_secret(&error)),
        }
    }
    let own = format!("{}/", order.source.id);
    for (name, secret) in kept(order)? {
        if let Some(field) = name.strip_prefix(&own) {
            secrets.entry(field.to_owned()).or_insert(secret);
        }
    }
    Ok(secrets)
}

/// The secrets of other sources: one may stand in a setting that was copied.
fn strangers_of(order: &Order<'_>) -> Result<Secrets, Failure> {
    let own = format!("{}/", order.source.id);
    let strangers = kept(order)?.into_iter().filter(|(name, _)| !name.starts_with(&own));
    // Short ones cannot be looked for, and are no business of this source.
    Ok(strangers.filter(|(_, secret)| !is_short(secret.expose_secret())).collect())
}

fn kept(order: &Order<'_>) -> Result<Secrets, Failure> {
    let mut kept = Secrets::new();
    for name in order.vault.names().map_err(|error| fill::no_secret(&error))? {
        let found = order.vault.find(&name).map_err(|error| fill::no_secret(&error))?;
        kept.extend(found.map(|secret| (name, secret)));
    }
    Ok(kept)
}

fn learn(redaction: &Redaction, secrets: &Secrets) -> Result<(), Failure> {
    for (field, secret) in secrets {
        for part in placeholder::parts(secret.expose_secret()) {
            if is_short(&part) {
                return Err(too_short(field));
            }
            redaction.learn(&part);
        }
    }
    Ok(())
}

fn is_short(secret: &str) -> bool {
    let length = secret.trim().chars().count();
    (1..LEAST).contains(&length)
}

fn case(
    order: &Order<'_>,
    days: Option<u32>,
    redaction: &Redaction,
    secrets: &Secrets,
    exchanges: Vec<Exchange>,
    run: &Result<Harvest, Failure>,
) -> Case {
    let documents = run.as_ref().map(documents).unwrap_or_default();
    let redacted = |(name, bytes): (String, Vec<u8>)| (redaction.text(&name), redaction.bytes(&bytes));
    let written = |(field, secret): (&String, &SecretString)| (field.clone(), placeholder::of(secret.expose_secret()));
    let setting = |(field, setting): (&String, &Setting)| (field.clone(), setting.mapped(|text| redaction.text(text)));
    Case {
        connector: order.service.id.clone(),
        source: redaction.text(&order.source.id),
        now: order.now,
        zone: order.zone.clone(),
        days,
        outcome: outcome(run),
        home_hosts: home_hosts(order, &exchanges),
        fetch: order.source.fetch.iter().map(setting).collect(),
        secrets: secrets.iter().map(written).collect(),
        exchanges: exchanges.into_iter().map(|exchange| with_known_headers(order, exchange)).collect(),
        documents: documents.into_iter().map(redacted).collect(),
    }
}

/// The hosts of the home that were called; the others are nobody's business.
fn home_hosts(order: &Order<'_>, exchanges: &[Exchange]) -> Vec<String> {
    let urls: Vec<Url> = exchanges.iter().filter_map(|exchange| Url::parse(&exchange.url).ok()).collect();
    let is_called = |known: &&String| {
        urls.iter().any(|url| {
            let host = url.host_str().unwrap_or_default();
            let place = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
            known.eq_ignore_ascii_case(host) || known.eq_ignore_ascii_case(&place)
        })
    };
    order.network.home_hosts.iter().filter(is_called).cloned().collect()
}

/// Headers of requests that say what is asked for, and those of answers that somebody here reads.
const ASKED: [&str; 5] = ["accept", "content-type", "depth", "prefer", "soapaction"];
const ANSWERED: [&str; 9] = [
    "content-disposition",
    "content-type",
    "dav",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
];

/// Others tell of servers on the way, and of whoever asked.
fn with_known_headers(order: &Order<'_>, mut exchange: Exchange) -> Exchange {
    let quota = order.service.fetch.quota.iter();
    let counted: Vec<&String> = quota.flat_map(|quota| quota.left.iter().chain(&quota.resets)).collect();
    let is_one = |known: &[&str], name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    exchange.headers.retain(|(name, value)| is_one(&ASKED, name) || value == STRUCK);
    exchange.answer_headers.retain(|(name, _)| {
        is_one(&ANSWERED, name) || counted.iter().any(|counted| counted.eq_ignore_ascii_case(name))
    });
    exchange
}

/// The file in which something secret stands all the same: a secret that is a word of the format, or
/// is met in base64 in a body that is no text.
fn remains(case: &Case, redaction: &Redaction) -> Option<String> {
    let is_clean =
        |(name, bytes): &(String, Vec<u8>)| redaction.bytes(bytes) == *bytes && redaction.text(name) == *name;
    case.files().into_iter().find(|file| !is_clean(file)).map(|(name, _)| name)
}

fn n_struck(exchange: &Exchange) -> usize {
    let headers = exchange.headers.iter().chain(&exchange.answer_headers).map(|(_, value)| value.as_bytes());
    let places = [exchange.url.as_bytes(), &exchange.body, &exchange.answer];
    places.into_iter().chain(headers).map(|place| String::from_utf8_lossy(place).matches(STRUCK).count()).sum()
}

fn n_opaque(case: &Case) -> usize {
    let is_opaque = |bytes: &&Vec<u8>| disk::is_opaque(bytes);
    let answers = case.exchanges.iter().map(|exchange| &exchange.answer);
    answers.filter(is_opaque).count() + case.documents.values().filter(is_opaque).count()
}

fn too_short(field: &str) -> Failure {
    Failure::new(
        Class::Config,
        Said::new(
            format!(
                "the secret {field} has fewer than {LEAST} characters, and cannot be told from what stands around it: nothing is recorded"
            ),
            format!(
                "le secret {field} a moins de {LEAST} caractères, et ne se distingue pas de ce qui l'entoure : rien n'est enregistré"
            ),
        ),
    )
}

fn still_there(file: &str) -> Failure {
    Failure::new(
        Class::Config,
        Said::new(
            format!("a secret would stand in {file}, or is a word that it cannot do without: nothing is recorded"),
            format!(
                "un secret figurerait dans {file}, ou est un mot dont il ne peut se passer : rien n'est enregistré"
            ),
        ),
    )
}
