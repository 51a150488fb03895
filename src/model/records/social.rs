//! Landing tables of social networks: posts, and who follows whom.

// The comments below are shown in the database too, where backticks around names are noise.
#![allow(clippy::doc_markdown)]

use jiff::civil::DateTime;

use crate::model::record::records;
use crate::model::table::Identity::Keyed;

records! {
    /// One row per post that somebody published or shared.
    Post => "posts", Keyed, key(uri) {
        /// Address of the post, or of the sharing of it.
        uri: String,
        /// post, reply or share.
        kind: String,
        /// Who published or shared it, as the document names him.
        author: String,
        /// The name shown beside it.
        author_name: Option<String>,
        /// When, UTC.
        published_at: DateTime,
        /// When, on the wall clock of the source.
        published_local: DateTime,
        /// What was written, exactly as the document has it: HTML, not to be shown as it is.
        markup: Option<String>,
        /// What was written, as plain text.
        text: Option<String>,
        /// Warning or summary before the content, as plain text.
        summary: Option<String>,
        /// Language that the post states, BCP 47.
        language: Option<String>,
        /// public, unlisted, followers or direct.
        visibility: Option<String>,
        /// Page for people.
        url: Option<String>,
        /// What it answers.
        in_reply_to: Option<String>,
        /// The post that was shared.
        shared_uri: Option<String>,
        /// Who wrote the post that was shared.
        shared_author: Option<String>,
    }

    /// One row per account that follows another.
    Follow => "follows", Keyed, key(account, direction, other) {
        /// Whose list it is.
        account: String,
        /// following or follower.
        direction: String,
        /// The account on the other side: `name@host` or its address.
        other: String,
        /// The name shown beside it.
        name: Option<String>,
        /// Page for people.
        url: Option<String>,
    }
}
