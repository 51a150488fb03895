//! Digest access authentication (RFC 7616): the server asks with a nonce, the next request answers.

use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};

use crate::fetch::http::{Request, Response};

/// What a refusal asks for.
pub fn challenge(response: &Response) -> Option<WwwAuthenticateHeader> {
    let mut asked = response.headers.iter().filter(|(name, _)| name == "www-authenticate");
    asked.find_map(|(_, value)| digest_auth::parse(value).ok())
}

/// Answers the challenge, if there was one: without it a request goes out bare, to be asked.
pub fn prove(challenge: Option<&mut WwwAuthenticateHeader>, request: Request, user: &str, password: &str) -> Request {
    let Some(challenge) = challenge else { return request };
    let path = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let method = HttpMethod::from(request.method.clone());
    let body = Some(request.body.as_slice()).filter(|body| !body.is_empty());
    let context = AuthContext::new_with_method(user, password, path, body, method);
    match challenge.respond(&context) {
        Ok(answer) => request.secret_header("authorization", answer.to_header_string()),
        Err(_) => request,
    }
}
