//! The device flow (RFC 8628): a code shown here is typed on a page opened anywhere.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::super::{Ask, Failure, Order, refusal};
use super::grant::{self, error_of};
use super::kept::Tokens;
use crate::connector::fetch::OauthAuth;
use crate::model::run::{Class, Said};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// §3.2 and §3.5: seconds between two questions, and how much slower when told to slow down.
const INTERVAL_S: u64 = 5;
/// The longest pause between two questions, whatever the service says: nobody waits for hours.
const LONGEST_INTERVAL_S: u64 = 60;
/// A person has so long at most, however long the code holds.
const LONGEST_S: u64 = 900;

/// What the service gave to begin with (§3.2).
struct Begun {
    device_code: SecretString,
    user_code: String,
    link: String,
    expires_in_s: u64,
    interval_s: u64,
}

/// Shows code and page, and asks until a person has allowed it there. `pause` waits.
pub fn consent(
    order: &Order<'_>,
    auth: &OauthAuth,
    person: &dyn Ask,
    pause: &mut dyn FnMut(Duration),
) -> Result<Tokens, Failure> {
    let begun = begin(order, auth)?;
    let code = &begun.user_code;
    let what = Said::new(
        format!("open this page and type the code {code}"),
        format!("ouvrir cette page et y saisir le code {code}"),
    );
    person.tell(&what, Some(&begun.link));
    poll(order, auth, &begun, pause)
}

fn begin(order: &Order<'_>, auth: &OauthAuth) -> Result<Begun, Failure> {
    let scope = grant::own(order, auth.scope.as_deref())?;
    let form: Vec<_> = scope.as_deref().map(|scope| ("scope", scope)).into_iter().collect();
    let answer = grant::send(order, auth, auth.device_url.as_deref().unwrap_or_default(), &form)?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match error_of(&body) {
        None if answer.status == 200 => read(&body).ok_or_else(changed),
        None => Err(refusal::of_status(&answer, order.now)),
        Some(code) => Err(grant::told(order, code, &answer)),
    }
}

/// Asks again as long as nobody has decided (§3.5).
fn poll(
    order: &Order<'_>,
    auth: &OauthAuth,
    begun: &Begun,
    pause: &mut dyn FnMut(Duration),
) -> Result<Tokens, Failure> {
    let form = [("grant_type", GRANT), ("device_code", begun.device_code.expose_secret())];
    let (mut left, mut interval_s) = (Duration::from_secs(begun.expires_in_s), begun.interval_s);
    while !left.is_zero() {
        interval_s = interval_s.clamp(1, LONGEST_INTERVAL_S);
        let rest = left.min(Duration::from_secs(interval_s));
        pause(rest);
        let asked_at = Instant::now();
        let answer = grant::send(order, auth, &auth.token_url, &form);
        left = left.saturating_sub(rest + asked_at.elapsed());
        // §3.5: a connection that fails is a reason to ask less often.
        let Ok(answer) = answer else {
            interval_s = interval_s.saturating_mul(2);
            continue;
        };
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match error_of(&body) {
            Some("authorization_pending") => {}
            Some("slow_down") => interval_s += INTERVAL_S,
            Some("expired_token") => break,
            _ => return grant::read_answer(order, &answer).map_err(|refusal| refusal.into_failure(order)),
        }
    }
    Err(too_late(order))
}

fn read(body: &Value) -> Option<Begun> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let seconds = |name: &str| body.get(name).and_then(Value::as_u64);
    Some(Begun {
        device_code: text("device_code")?.into(),
        user_code: text("user_code")?.to_owned(),
        // Some services still use the name of an early draft.
        link: text("verification_uri").or_else(|| text("verification_url"))?.to_owned(),
        expires_in_s: seconds("expires_in").unwrap_or(LONGEST_S).min(LONGEST_S),
        interval_s: seconds("interval").unwrap_or(INTERVAL_S),
    })
}

fn too_late(order: &Order<'_>) -> Failure {
    let id = &order.source.id;
    Failure::new(
        Class::User,
        Said::new(
            format!("nobody typed the code in time: run `moisson sync {id}` for another one"),
            format!("le code n'a pas été saisi à temps : lancer `moisson sync {id}` pour un autre"),
        ),
    )
}

fn changed() -> Failure {
    Failure::new(
        Class::Changed,
        Said::new(
            "the service gave no code to type, or no page to type it on",
            "le service n'a pas donné de code à saisir, ou pas de page où le saisir",
        ),
    )
}
