//! What went wrong with a call, and how much of the run it takes with it.

use jiff::Timestamp;

use super::super::http::HttpError;
use super::super::{Failure, refusal};
use super::pointer::Missing;
use crate::connector::Help;
use crate::model::run::{Class, Said};

/// A call that brought nothing.
#[derive(Debug, Clone)]
pub struct Broken {
    pub failure: Failure,
    pub reach: Reach,
}

/// What a failure stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This call: another account, or other days, may well come.
    Call,
    /// Everything: the next call would fail the same way, or must not be made.
    Run,
}

impl Broken {
    pub fn call(failure: Failure) -> Self {
        Self { failure, reach: Reach::Call }
    }

    pub fn run(failure: Failure) -> Self {
        Self { failure, reach: Reach::Run }
    }
}

/// There is no answer. What is slow, down or not to be trusted is so for every other call.
pub fn unanswered(error: &HttpError) -> Broken {
    let reach = match error {
        HttpError::TooLarge { .. } | HttpError::Cut { .. } => Reach::Call,
        HttpError::Forbidden { .. }
        | HttpError::Unreachable { .. }
        | HttpError::Untrusted { .. }
        | HttpError::Authority { .. }
        | HttpError::Unrecorded { .. }
        | HttpError::Over { .. }
        | HttpError::TooSlow { .. } => Reach::Run,
    };
    Broken { failure: refusal::of_error(error), reach }
}

/// Something wanted is not in the answer.
pub fn missing(shown: &str, missing: &Missing) -> Failure {
    let Missing { place, seen } = missing;
    let en = format!("{shown}: {place} is not in the answer; there is {seen}");
    let fr = format!("{shown} : {place} n'est pas dans la réponse ; il y a {seen}");
    Failure::new(Class::Changed, Said::new(en, fr))
}

/// The pages go in a circle.
pub fn circle(shown: &str) -> Failure {
    let en = format!("{shown}: the same page comes again and again");
    let fr = format!("{shown} : la même page revient sans cesse");
    Failure::new(Class::Changed, Said::new(en, fr))
}

/// The cursor was taken back at every page.
pub fn unsettled(shown: &str) -> Failure {
    let en = format!("{shown}: the data changed at every page; it is tried again");
    let fr = format!("{shown} : les données ont changé à chaque page ; nouvel essai plus tard");
    Failure::new(Class::Retry, Said::new(en, fr))
}

/// A page for people came where data was expected.
pub fn page(shown: &str) -> Failure {
    let en = format!("{shown}: a web page came instead of data: a captive portal, or maintenance");
    let fr = format!("{shown} : une page web est venue au lieu de données : portail captif ou maintenance");
    Failure::new(Class::Retry, Said::new(en, fr))
}

/// What should be JSON is none.
pub fn unreadable(shown: &str, error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let en = format!("{shown}: the answer is no JSON, from line {line}, column {column} on");
    let fr = format!("{shown} : la réponse n'est pas du JSON, à partir de la ligne {line}, colonne {column}");
    Failure::new(Class::Changed, Said::new(en, fr))
}

/// The budget of calls is used up.
pub fn spent(retry_at: Timestamp) -> Failure {
    let en = format!("the service takes no more calls for now; again from {retry_at}");
    let fr = format!("le service n'accepte plus d'appels pour l'instant ; à nouveau dès {retry_at}");
    Failure::new(Class::Quota, Said::new(en, fr)).retry_at(Some(retry_at))
}

/// The way the service is described cannot be used.
pub fn config(en: impl Into<String>, fr: impl Into<String>) -> Failure {
    Failure::new(Class::Config, Said::new(en, fr))
}

/// What a connector says, or else what its class says anyway.
pub fn said(help: &Help, class: Class, shown: &str) -> Said {
    let (en, fr) = match class {
        Class::User => (
            "the service asks for a person: log in or consent again",
            "le service demande une personne : reconnectez-vous ou consentez à nouveau",
        ),
        Class::Quota => {
            ("the service takes no more calls for now", "le service n'accepte plus d'appels pour l'instant")
        }
        Class::Config => {
            ("the service refuses the settings of this source", "le service refuse les réglages de cette source")
        }
        Class::Changed => ("the service no longer answers as it did", "le service ne répond plus comme avant"),
        Class::Partial => ("a part of the answer is missing", "une partie de la réponse manque"),
        _ => ("the service failed; it is tried again", "le service a échoué ; nouvel essai plus tard"),
    };
    let or = |said: &str, otherwise: &str, colon| match said {
        "" => format!("{shown}{colon}{otherwise}"),
        said => said.to_owned(),
    };
    Said::new(or(&help.en, en, ": "), or(if help.fr.is_empty() { &help.en } else { &help.fr }, fr, " : "))
}
