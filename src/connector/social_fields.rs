//! `[columns]` of social networks: posts, and who follows whom.

use serde::Deserialize;

use super::columns::{Choice, Instant, Text};

/// `posts`: what somebody published or shared. A post that shares another is a share, one that
/// answers another a reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostColumns {
    pub uri: Text,
    pub author: Text,
    pub author_name: Option<Text>,
    pub published_at: Instant,
    /// HTML; it is also kept as plain text.
    pub content: Option<Text>,
    pub summary: Option<Text>,
    pub language: Option<Text>,
    /// public, unlisted, followers, direct, skip.
    pub visibility: Option<Choice>,
    pub url: Option<Text>,
    pub in_reply_to: Option<Text>,
    pub shared_uri: Option<Text>,
    pub shared_author: Option<Text>,
}

/// `follows`: one account on a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowColumns {
    /// Whose list it is; the connector's short id when absent.
    pub account: Option<Text>,
    /// following, follower, skip.
    pub direction: Choice,
    pub other: Text,
    pub name: Option<Text>,
    pub url: Option<Text>,
}
