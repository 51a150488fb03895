//! Answers: whole ones, and those that are written while they are sent.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::archive::ArchiveError;
use crate::collections::Refusal;
use crate::dav::answer;
use crate::dav::request::RequestError;

/// An answer.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Body,
}

/// What an answer holds.
pub enum Body {
    Whole(Bytes),
    /// Written piece by piece; see [`Sink`].
    Written(Box<dyn FnOnce(&mut Sink<'_>) + Send>),
}

/// Where a long answer is written to.
pub struct Sink<'s> {
    /// What is written and not sent yet.
    pub text: String,
    send: &'s mut dyn FnMut(String) -> bool,
    is_open: bool,
}

/// Bytes that are sent together.
const PIECE: usize = 64 << 10;

impl<'s> Sink<'s> {
    /// `send` says whether somebody still listens.
    pub fn new(send: &'s mut dyn FnMut(String) -> bool) -> Self {
        Self { text: String::with_capacity(PIECE + 4096), send, is_open: true }
    }

    /// Sends what is enough to be sent; whether to go on.
    pub fn pause(&mut self) -> bool {
        if self.text.len() >= PIECE {
            self.flush();
        }
        self.is_open
    }

    /// Sends what is left.
    pub fn flush(&mut self) {
        if self.is_open && !self.text.is_empty() {
            let text = std::mem::replace(&mut self.text, String::with_capacity(PIECE + 4096));
            self.is_open = (self.send)(text);
        }
    }
}

impl Reply {
    /// Nothing but a status.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Whole(Bytes::new()) }
    }

    /// A few words for people.
    pub fn told(status: StatusCode, text: impl Into<String>) -> Self {
        let reply = Self { body: Body::Whole(Bytes::from(text.into() + "\n")), ..Self::empty(status) };
        reply.with(header::CONTENT_TYPE, "text/plain; charset=utf-8")
    }

    /// XML that is written already.
    pub fn xml(status: StatusCode, text: String) -> Self {
        let reply = Self { body: Body::Whole(Bytes::from(text)), ..Self::empty(status) };
        reply.with(header::CONTENT_TYPE, "application/xml; charset=utf-8")
    }

    /// A condition that is not met, as an element that is written already.
    pub fn unmet(status: StatusCode, condition: &str) -> Self {
        let mut text = String::new();
        answer::error(condition, &mut text);
        Self::xml(status, text)
    }

    /// A multistatus that `write` fills; `token` ends it.
    pub fn multistatus(write: impl FnOnce(&mut Sink<'_>) -> Option<String> + Send + 'static) -> Self {
        let written = move |sink: &mut Sink<'_>| {
            answer::begin(&mut sink.text);
            let token = write(sink);
            answer::end(token.as_deref(), &mut sink.text);
            sink.flush();
        };
        let reply = Self { body: Body::Written(Box::new(written)), ..Self::empty(StatusCode::MULTI_STATUS) };
        reply.with(header::CONTENT_TYPE, "application/xml; charset=utf-8")
    }

    /// With the host before the path of its location.
    pub fn located(self, base: &str) -> Self {
        let path = self.headers.get(header::LOCATION).and_then(|path| path.to_str().ok()).map(str::to_owned);
        match path {
            Some(path) => self.with(header::LOCATION, &format!("{base}{path}")),
            None => self,
        }
    }

    /// With a header; one that cannot be written is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::Absent => StatusCode::NOT_FOUND,
            Refusal::Taken => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Precondition => StatusCode::PRECONDITION_FAILED,
            Refusal::NoParent | Refusal::UidTaken { .. } => StatusCode::CONFLICT,
            Refusal::Component => return Self::unmet(StatusCode::FORBIDDEN, "<C:supported-calendar-component/>"),
            Refusal::Unfit | Refusal::Name | Refusal::Fixed => StatusCode::FORBIDDEN,
            Refusal::NoRoom => return Self::unmet(StatusCode::INSUFFICIENT_STORAGE, "<D:quota-not-exceeded/>"),
            // What failed names files of this machine.
            Refusal::Failed(error) => {
                tracing::error!(%error, "a change could not be written");
                return Self::told(StatusCode::INTERNAL_SERVER_ERROR, "it could not be written");
            }
            Refusal::Closed => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::told(status, refusal.to_string())
    }
}

impl From<RequestError> for Reply {
    fn from(error: RequestError) -> Self {
        match &error {
            RequestError::UnknownReport(_) => Self::unmet(StatusCode::FORBIDDEN, "<D:supported-report/>"),
            RequestError::Xml(_) | RequestError::Unexpected { .. } | RequestError::Wrong(_) => {
                Self::told(StatusCode::BAD_REQUEST, error.to_string())
            }
        }
    }
}

impl From<ArchiveError> for Reply {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "an object could not be read or kept");
        match error {
            ArchiveError::NoRoom { .. } => Self::from(Refusal::NoRoom),
            _ => Self::told(StatusCode::INTERNAL_SERVER_ERROR, "the object could not be read or kept"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_no_paths_of_this_machine() {
        let reply = Reply::from(Refusal::Failed("/home/anna/collections/1.jsonl: read-only file system".to_owned()));
        let Body::Whole(text) = reply.body else { panic!("a whole answer") };
        assert_eq!((reply.status.as_u16(), &text[..]), (500, &b"it could not be written\n"[..]));
    }
}
