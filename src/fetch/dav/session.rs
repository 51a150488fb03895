//! Requests to one server: who asks, where redirects lead, how often, and what a refusal means.

use digest_auth::{AuthContext, HttpMethod};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::credentials::Credentials;
use super::multistatus::{self, Member, Misread};
use crate::fetch::http::{Client, HttpError, Refusal, Request, Response};
use crate::fetch::{Failure, Order, refusal};
use crate::model::run::{Class, Said};

/// Redirects that one request follows.
const MOST_REDIRECTS: usize = 5;

/// A server that is being asked.
pub(super) struct Session<'a> {
    order: &'a Order<'a>,
    client: Client,
    credentials: Credentials,
    /// `WWW-Authenticate` of a server that wants RFC 7616.
    challenge: Option<SecretString>,
    pub(super) n_requests: u32,
    pub(super) n_bytes: u64,
}

/// Why an answer is of no use.
#[derive(Debug)]
pub(super) enum Trouble {
    Http(HttpError),
    Refused {
        url: Url,
        status: u16,
        retry_at: Option<jiff::Timestamp>,
    },
    Misread {
        url: Url,
        why: Misread,
    },
    /// A page made for people came instead of data.
    Page {
        url: Url,
    },
    /// The list of a collection ends before its end, and does not say how to go on.
    Cut {
        url: Url,
    },
}

impl Trouble {
    /// Whether the server answered, and said that it does not do this.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { status, .. } => !matches!(status, 401 | 429 | 503),
            // Too much at once, or too slow: asked for in parts it may come.
            Self::Http(HttpError::TooLarge { .. } | HttpError::TooSlow { .. } | HttpError::Cut { .. })
            | Self::Misread { .. } => true,
            Self::Http(_) | Self::Page { .. } | Self::Cut { .. } => false,
        }
    }

    /// Whether it may concern one object alone.
    pub(super) fn is_of_one(&self) -> bool {
        match self {
            Self::Refused { status, retry_at, .. } => !matches!(status, 401 | 429) && retry_at.is_none(),
            Self::Http(HttpError::TooLarge { .. } | HttpError::Cut { .. }) => true,
            Self::Http(_) | Self::Misread { .. } | Self::Page { .. } | Self::Cut { .. } => false,
        }
    }

    /// Whether the run itself may ask for nothing more.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Http(HttpError::Over { .. }))
    }

    /// Whether nothing is there, or not any more.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Refused { status: 404 | 410, .. })
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(order: &'a Order<'a>, credentials: Credentials, hosts: &[String]) -> Self {
        let client = order.client.restricted_to(hosts);
        Self { order, client, credentials, challenge: None, n_requests: 0, n_bytes: 0 }
    }

    /// Asks with a method of WebDAV, and hands over the members of the answer; gives the address
    /// that answered at last and the sync token.
    pub(super) fn ask(
        &mut self,
        method: &str,
        url: &Url,
        depth: &str,
        body: &str,
        take: &mut dyn FnMut(Member),
    ) -> Result<(Url, Option<String>), Trouble> {
        let mut request = Request::new(method, url.clone()).header("depth", depth).body(body);
        request = request.header("content-type", "application/xml; charset=utf-8");
        if method == "PROPFIND" {
            // RFC 8144 §2.1: properties that are not there need not be listed.
            request = request.header("prefer", "return=minimal");
        }
        let answer = self.send(request)?;
        let url = answer.url.clone();
        if answer.is_page() {
            return Err(Trouble::Page { url });
        }
        let misread = |why| Trouble::Misread { url: url.clone(), why };
        let token = multistatus::read(&answer.body, take).map_err(misread)?;
        Ok((url, token))
    }

    /// The object at an address: its tag and its bytes.
    pub(super) fn get(&mut self, url: &Url) -> Result<(Option<String>, Vec<u8>), Trouble> {
        let answer = self.send(Request::new("GET", url.clone()))?;
        if answer.is_page() {
            return Err(Trouble::Page { url: answer.url });
        }
        Ok((answer.header("etag").map(str::to_owned), answer.body))
    }

    /// Writes or deletes an object.
    pub(super) fn write(&mut self, request: Request) -> Result<(), Trouble> {
        self.send(request).map(|_| ())
    }

    /// Sends a request, to where the server has moved and in the way that it wants to be shown who
    /// asks; an answer that is no success is trouble.
    fn send(&mut self, request: Request) -> Result<Response, Trouble> {
        let asked = request.url.clone();
        let mut request = request;
        for _ in 0..=MOST_REDIRECTS {
            let mut answer = self.send_once(&request)?;
            if answer.status == 401 && self.is_challenged(&answer) {
                answer = self.send_once(&request)?;
            }
            match moved(&answer) {
                Some(url) => request.url = url,
                None if (200..300).contains(&answer.status) => return Ok(answer),
                None => return Err(self.refused(&answer, asked)),
            }
        }
        let url = request.url.to_string();
        Err(Trouble::Http(HttpError::Forbidden { url, why: Refusal::Redirects { limit: MOST_REDIRECTS } }))
    }

    fn send_once(&mut self, request: &Request) -> Result<Response, Trouble> {
        let request = match self.authorization(request) {
            Some(value) => request.clone().secret_header("authorization", value.expose_secret()),
            None => request.clone(),
        };
        self.n_requests += 1;
        let answer = self.client.send(&request).map_err(Trouble::Http)?;
        self.n_bytes += answer.n_wire;
        tracing::debug!(method = request.method, status = answer.status, bytes = answer.n_wire, "asked");
        Ok(answer)
    }

    fn authorization(&self, request: &Request) -> Option<SecretString> {
        match (&self.credentials, &self.challenge) {
            (Credentials::Password { user, password }, Some(challenge)) => {
                digest(user, password, challenge, request).map(SecretString::from)
            }
            (credentials, _) => credentials.header(),
        }
    }

    /// Whether the server wants a digest (RFC 7616), which is then given from here on. A nonce that
    /// has grown old is told by another challenge.
    fn is_challenged(&mut self, answer: &Response) -> bool {
        let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        let mut digests = challenges.map(|(_, value)| value).filter(|value| value.get(..7).is_some_and(is_digest));
        let found = digests.next().filter(|_| matches!(self.credentials, Credentials::Password { .. }));
        let is_stale = found.is_some_and(|value| value.to_ascii_lowercase().contains("stale=true"));
        if found.is_none() || (self.challenge.is_some() && !is_stale) {
            return false;
        }
        self.challenge = found.map(|value| SecretString::from(value.as_str()));
        true
    }

    /// The address is the one that was asked: where a server sends us on to may repeat anything.
    fn refused(&self, answer: &Response, url: Url) -> Trouble {
        let retry_at = answer.retry_after(self.order.now);
        Trouble::Refused { url, status: answer.status, retry_at }
    }
}

/// What a person is told of trouble that stops the whole source, or one collection of it.
pub(super) fn failure(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::Http(error) => refusal::of_error(error),
        Trouble::Refused { url, status, retry_at } => of_status(url, *status).retry_at(*retry_at),
        Trouble::Misread { url, why } => {
            let host = url.host_str().unwrap_or_default();
            let en = format!("what {host} answered cannot be read: {why}; is the address that of a calendar server?");
            let fr = format!("la réponse de {host} est illisible : {why} ; l'adresse est-elle celle d'un serveur ?");
            Failure::new(Class::Changed, Said::new(en, fr))
        }
        Trouble::Page { url } => {
            let host = url.host_str().unwrap_or_default();
            let en = format!("{host}: a web page came instead of data: a captive portal, or maintenance");
            let fr = format!("{host} : une page web est venue au lieu de données : portail captif ou maintenance");
            Failure::new(Class::Retry, Said::new(en, fr))
        }
        Trouble::Cut { url } => {
            let host = url.host_str().unwrap_or_default();
            let en = format!("{host} cut the list of a collection short: nothing of it was taken away");
            let fr = format!("{host} a coupé la liste d'une collection : rien n'en a été retiré");
            Failure::new(Class::Retry, Said::new(en, fr))
        }
    }
}

fn of_status(url: &Url, status: u16) -> Failure {
    let host = url.host_str().unwrap_or_default();
    let path = url.path();
    match status {
        401 => Failure::new(
            Class::User,
            Said::new(
                format!("{host} refuses the name or the password; many services want an app password"),
                format!("{host} refuse le nom ou le mot de passe ; souvent il faut un mot de passe d'application"),
            ),
        ),
        403 => Failure::new(
            Class::User,
            Said::new(format!("{host} does not let us read {path}"), format!("{host} ne laisse pas lire {path}")),
        ),
        404 | 405 | 410 => Failure::new(
            Class::Config,
            Said::new(
                format!("there is no calendar or address book server at {host}{path}"),
                format!("il n'y a pas de serveur d'agendas ou de contacts à {host}{path}"),
            ),
        ),
        429 => Failure::new(
            Class::Quota,
            Said::new(format!("{host} takes no more requests for now"), format!("{host} n'accepte plus de demandes")),
        ),
        _ => Failure::new(
            Class::Retry,
            Said::new(format!("{host} answered {status}"), format!("{host} a répondu {status}")),
        ),
    }
}

/// Where an answer leads; never from an encrypted connection to one that is not.
fn moved(answer: &Response) -> Option<Url> {
    let location = matches!(answer.status, 301 | 302 | 303 | 307 | 308).then(|| answer.header("location"))??;
    let url = answer.url.join(location).ok()?;
    (answer.url.scheme() != "https" || url.scheme() == "https").then_some(url)
}

fn is_digest(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("digest ")
}

fn digest(user: &str, password: &SecretString, challenge: &SecretString, request: &Request) -> Option<String> {
    let mut prompt = digest_auth::parse(challenge.expose_secret()).ok()?;
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let method = HttpMethod::from(request.method.as_str());
    let context = AuthContext::new_with_method(user, password.expose_secret(), target, Some(&request.body), method);
    prompt.respond(&context).ok().map(|header| header.to_header_string())
}
