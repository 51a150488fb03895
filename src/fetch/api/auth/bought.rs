//! A token that is bought with other secrets, before the first call and when it is revoked.

use secrecy::SecretString;
use serde_json::{Map, Value as Json};

use crate::connector::fetch::TokenAuth;
use crate::fetch::api::broken::{self, Broken};
use crate::fetch::api::line::Line;
use crate::fetch::api::pointer;
use crate::fetch::api::request::{absolute, shown};
use crate::fetch::api::values::{Escape, fill};
use crate::fetch::api::verdict::{self, Verdict};
use crate::fetch::http::Request;

/// Buys one. A refusal ends the run: the same secrets are never tried twice in it.
pub fn buy(line: &mut Line<'_>, how: &TokenAuth) -> Result<SecretString, Broken> {
    let put = |template: &str| fill(template, &line.values, Escape::None).text;
    let body: Map<String, Json> = how.json.iter().map(|(name, value)| (name.clone(), Json::from(put(value)))).collect();
    let url = absolute(&line.base, &put(&how.path)).map_err(Broken::run)?;
    let place = shown(&url);
    let request = Request::new("POST", url)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Json::from(body).to_string());
    let response = line.exchange(&request)?;
    let json: Option<Json> = serde_json::from_slice(&response.body).ok();
    match verdict::judge(line.fetch, &response, json.as_ref(), &place, line.now()) {
        Verdict::Refused(failure) => return Err(Broken::run(failure)),
        Verdict::Unproven => return Err(Broken::run(super::super::line::unproven(&place))),
        Verdict::Good { .. } | Verdict::Empty | Verdict::Restart => {}
    }
    let found = pointer::find(json.as_ref().unwrap_or(&Json::Null), &how.token);
    match found.map(|found| found.into_iter().find_map(pointer::text)) {
        Ok(Some(token)) => Ok(SecretString::from(token)),
        Ok(None) => {
            let nothing = pointer::Missing { place: how.token.clone(), seen: "nothing".to_owned() };
            Err(Broken::run(broken::missing(&place, &nothing)))
        }
        Err(missing) => Err(Broken::run(broken::missing(&place, &missing))),
    }
}
