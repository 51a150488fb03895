//! What changed since a token (RFC 6578 §3.4).

use std::sync::Arc;

use super::state::{Collection, Member};
use super::token::Token;

/// What changed, oldest first.
#[derive(Debug, Clone)]
pub struct Changes {
    pub changed: Vec<Changed>,
    /// Says how things stand after these.
    pub token: Token,
    /// Whether a limit left some for later.
    pub is_cut: bool,
}

/// One member that changed.
#[derive(Debug, Clone)]
pub enum Changed {
    Live(Arc<Member>),
    Gone { name: Arc<str>, uid: Option<String> },
}

impl Collection {
    /// What changed since `token`, at most `limit` members; all live ones without a token. None
    /// when the token is not of this collection, or of a time that never was.
    ///
    /// A member that was made and went in between is told as gone: a client that read it without
    /// asking for a newer token holds it all the same, and any other one has nothing to remove.
    pub fn changes(&self, token: Option<&Token>, limit: Option<usize>) -> Option<Changes> {
        let since = match token {
            None => 0,
            Some(token) if self.is_ours(token) => token.seq,
            Some(_) => return None,
        };
        let limit = limit.unwrap_or(usize::MAX);
        let mut changes = Changes { changed: Vec::new(), token: self.token(), is_cut: false };
        let mut last = since;
        for (seq, name) in self.order.range(since + 1..) {
            if let Some(changed) = self.changed(name, token.is_some()) {
                if changes.changed.len() >= limit {
                    (changes.token, changes.is_cut) = (self.token_at(last), true);
                    break;
                }
                changes.changed.push(changed);
            }
            last = *seq;
        }
        Some(changes)
    }

    fn is_ours(&self, token: &Token) -> bool {
        token.id == self.id && token.seq <= self.seq() && self.token_at(token.seq).mark == token.mark
    }

    fn changed(&self, name: &Arc<str>, has_token: bool) -> Option<Changed> {
        if let Some(member) = self.members.get(name) {
            return Some(Changed::Live(Arc::clone(member)));
        }
        let tomb = self.tombs.get(name).filter(|_| has_token)?;
        Some(Changed::Gone { name: Arc::clone(name), uid: tomb.uid.clone() })
    }
}
