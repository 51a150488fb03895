//! Conditional requests (RFC 9110 §13): what did not change is not sent again. Pure.

use super::super::http::{Request, Response};
use super::super::{State, Validator};

/// Asks only for what changed since the last time.
pub fn ask(state: &State, address: &str, request: Request) -> Request {
    match state.validators.get(address) {
        Some(Validator { etag: Some(etag), .. }) => request.header("if-none-match", etag),
        Some(Validator { last_modified: Some(date), .. }) => request.header("if-modified-since", date),
        _ => request,
    }
}

/// Keeps what an answer says of its content.
pub fn keep(state: &mut State, address: &str, response: &Response) {
    let validator = Validator {
        etag: response.header("etag").map(str::to_owned),
        last_modified: response.header("last-modified").map(str::to_owned),
    };
    if validator == Validator::default() {
        state.validators.remove(address);
    } else {
        state.validators.insert(address.to_owned(), validator);
    }
}
