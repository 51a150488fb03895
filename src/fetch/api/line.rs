//! The line to one service in one run: its address, whom it may call, its proof, its budget.
//! Every request of the engine leaves through [`Line::ask`] or [`Line::exchange`].

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use url::Url;

use super::super::http::{Client, Request, Response};
use super::super::{Failure, Order, State};
use super::auth::{self, Session};
use super::broken::{self, Broken};
use super::fields::Fields;
use super::request::Built;
use super::values::{Escape, Values, fill};
use super::verdict::{self, Verdict};
use super::{quota, validators};
use crate::connector::fetch::{Auth, Fetch, QuotaOf};
use crate::model::run::{Class, Said};

/// See the module.
pub struct Line<'a> {
    pub order: &'a Order<'a>,
    pub fetch: &'a Fetch,
    /// Start of every address.
    pub base: Url,
    /// The fields of `needs`.
    pub values: Values,
    pub session: Session,
    pub n_requests: u32,
    pub n_bytes: u64,
    pub quota_left: Option<u32>,
    client: Client,
    began: Instant,
    last_call: Option<Instant>,
}

/// One call.
pub struct Call<'a> {
    pub built: &'a Built,
    /// The step and account it counts for, where each has a budget; `None` for what only prepares.
    pub account: Option<&'a str>,
    pub expects_json: bool,
    pub expects_page: bool,
    pub is_conditional: bool,
}

/// An answer that counts.
pub struct Answer {
    pub response: Response,
    pub json: Option<Json>,
    pub kind: Kind,
    pub partial: Vec<Said>,
}

/// See [`Answer::kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Full,
    /// Nothing there, and nothing wrong.
    Empty,
    /// As it was the last time (RFC 9110 §15.4.5).
    Unchanged,
    /// The cursor is no longer good.
    Restart,
}

impl<'a> Line<'a> {
    /// Opens it: nothing is sent yet, unless a one-time token has to be exchanged.
    pub fn open(order: &'a Order<'a>, fields: &Fields) -> Result<Self, Failure> {
        let fetch = &order.service.fetch;
        let base = base(order, &fields.values)?;
        let host = base.host_str().unwrap_or_default().to_owned();
        let hosts: Vec<String> = fetch.hosts.iter().cloned().chain([host]).collect();
        let mut line = Self {
            order,
            fetch,
            base,
            values: fields.values.clone(),
            session: Session::default(),
            n_requests: 0,
            n_bytes: 0,
            quota_left: None,
            client: order.client.restricted_to(&hosts),
            began: Instant::now(),
            last_call: None,
        };
        if let Auth::AccessUrl { url, claim } = &fetch.auth {
            auth::claim(&mut line, url, claim.as_deref())?;
        }
        Ok(line)
    }

    /// The instant the run began, and the whole seconds since.
    pub fn now(&self) -> Timestamp {
        let since = i64::try_from(self.began.elapsed().as_secs()).unwrap_or_default();
        self.order.now.checked_add(SignedDuration::from_secs(since)).unwrap_or(self.order.now)
    }

    /// Asks, within the budget and with the proof. A token that the service no longer takes is
    /// bought anew, once; a second refusal is for a person to mend.
    pub fn ask(&mut self, state: &mut State, call: &Call<'_>) -> Result<Answer, Broken> {
        let mut is_renewed = false;
        loop {
            let response = self.proven(state, call)?;
            let (json, unreadable) = self.read(call, &response);
            let shown = &call.built.said;
            match verdict::judge(self.fetch, &response, json.as_ref(), shown, self.now()) {
                Verdict::Unproven if auth::is_bought(&self.fetch.auth) && !is_renewed => {
                    tracing::info!(source = self.order.source.id, "a token is no longer taken; another one is bought");
                    auth::forget(self)?;
                    is_renewed = true;
                }
                Verdict::Unproven => return Err(Broken::run(unproven(shown))),
                Verdict::Refused(failure) => return Err(self.refused(failure, call, response.status)),
                Verdict::Empty => return Ok(Answer { response, json, kind: Kind::Empty, partial: Vec::new() }),
                Verdict::Restart => return Ok(Answer { response, json, kind: Kind::Restart, partial: Vec::new() }),
                Verdict::Good { partial } => {
                    let is_unchanged = response.status == 304;
                    if let Some(failure) = unreadable.filter(|_| !is_unchanged) {
                        return Err(Broken::call(failure));
                    }
                    let kind = if is_unchanged { Kind::Unchanged } else { Kind::Full };
                    return Ok(Answer { response, json, kind, partial });
                }
            }
        }
    }

    /// Sends a request as it is and takes in the answer, whatever it says.
    pub fn exchange(&mut self, request: &Request) -> Result<Response, Broken> {
        self.pause();
        self.n_requests += 1;
        self.last_call = Some(Instant::now());
        let response = self.client.send(request).map_err(|error| {
            tracing::debug!(source = self.order.source.id, %error, "no answer");
            broken::unanswered(&error)
        })?;
        self.n_bytes += response.n_wire;
        Ok(response)
    }

    fn proven(&mut self, state: &mut State, call: &Call<'_>) -> Result<Response, Broken> {
        let mut bare = call.built.request.clone();
        if call.is_conditional {
            bare = validators::ask(state, &call.built.shown, bare);
        }
        self.claim(state, call)?;
        let request = auth::prove(self, bare.clone())?;
        let response = self.exchange(&request)?;
        if !auth::learn(self, &response) {
            return Ok(response);
        }
        self.claim(state, call)?;
        let request = auth::prove(self, bare)?;
        self.exchange(&request)
    }

    /// Enters a call in the ledger.
    fn claim(&mut self, state: &mut State, call: &Call<'_>) -> Result<(), Broken> {
        let Some(budget) = &self.fetch.quota else { return Ok(()) };
        let (scope, is_shared) = match (budget.of, call.account) {
            (QuotaOf::Service, _) => ("service", true),
            (QuotaOf::Account, Some(account)) => (account, false),
            (QuotaOf::Account, None) => return Ok(()),
        };
        let now = self.now();
        let claimed = quota::claim(state, budget, scope, now);
        let left = quota::left(state, budget, scope, now);
        self.quota_left = Some(self.quota_left.map_or(left, |least| least.min(left)));
        claimed.map_err(|again| {
            let failure = broken::spent(again);
            if is_shared { Broken::run(failure) } else { Broken::call(failure) }
        })
    }

    /// What a refusal stops: one that concerns the account alone leaves the others.
    fn refused(&self, failure: Failure, call: &Call<'_>, status: u16) -> Broken {
        let has_own_budget = self.fetch.quota.as_ref().is_some_and(|budget| budget.of == QuotaOf::Account);
        let is_accounts = call.account.is_some();
        match failure.class {
            Class::Quota if !(is_accounts && has_own_budget) => Broken::run(failure),
            Class::Config => Broken::run(failure),
            Class::Retry if status == 503 && failure.retry_at.is_some() => Broken::run(failure),
            _ => Broken::call(failure),
        }
    }

    fn read(&mut self, call: &Call<'_>, response: &Response) -> (Option<Json>, Option<Failure>) {
        let header = self.fetch.quota.as_ref().and_then(|budget| budget.left.as_deref());
        let left: Option<u32> = header.and_then(|name| response.header(name)).and_then(|left| left.trim().parse().ok());
        self.quota_left = left.or(self.quota_left);
        let shown = &call.built.said;
        let is_page = response.is_page() || (call.expects_json && response.body.trim_ascii_start().starts_with(b"<!"));
        match serde_json::from_slice(&response.body) {
            Ok(json) => (Some(json), None),
            Err(_) if is_page && !call.expects_page => (None, Some(broken::page(shown))),
            Err(_) if !call.expects_json => (None, None),
            Err(error) => (None, Some(broken::unreadable(shown, &error))),
        }
    }

    fn pause(&self) {
        let pause = self.fetch.quota.as_ref().map_or(0, |budget| u64::from(budget.pause_ms));
        let since = self.last_call.map_or(Duration::MAX, |last| last.elapsed());
        if let Some(rest) = Duration::from_millis(pause).checked_sub(since) {
            std::thread::sleep(rest);
        }
    }
}

/// Who we are is not accepted.
pub fn unproven(shown: &str) -> Failure {
    let en = format!("{shown}: the service does not accept the secrets of this source; set them again");
    let fr = format!("{shown} : le service n'accepte pas les secrets de cette source ; réglez-les à nouveau");
    Failure::new(Class::User, Said::new(en, fr))
}

/// The connector's address, or the one that the source names instead.
fn base(order: &Order<'_>, values: &Values) -> Result<Url, Failure> {
    let named = order.source.fetch.get("base").and_then(|setting| setting.texts().into_iter().next());
    let given = named.or_else(|| order.service.fetch.base.as_ref().map(|base| fill(base, values, Escape::None).text));
    given.as_deref().and_then(|base| Url::parse(base).ok()).filter(Url::has_host).ok_or_else(|| {
        let id = &order.source.id;
        broken::config(
            format!("the address of the source {id} is none"),
            format!("l'adresse de la source {id} n'en est pas une"),
        )
    })
}
