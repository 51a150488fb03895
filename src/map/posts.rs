//! Posts of social networks, and who follows whom.

use super::view::View;
use super::{Mapped, markup_text};
use crate::connector::fields::{FollowColumns, PostColumns};
use crate::model::records::{Follow, Post};

/// One post. Required: its address, its author and when it was published.
pub(super) fn post(columns: &PostColumns, view: &View<'_>) -> Mapped<Post> {
    let published = view.required_instant(&columns.published_at, &mut None)?;
    let markup = view.optional_text(columns.content.as_ref());
    let shared_uri = view.optional_text(columns.shared_uri.as_ref());
    let in_reply_to = view.optional_text(columns.in_reply_to.as_ref());
    let visibility = view.choice(columns.visibility.as_ref(), "")?;
    Ok(Post {
        uri: view.required_text(&columns.uri, "the address of the post")?,
        kind: kind(shared_uri.is_some(), in_reply_to.is_some()).to_owned(),
        author: view.required_text(&columns.author, "the author")?,
        author_name: view.optional_text(columns.author_name.as_ref()),
        published_at: published.utc,
        published_local: published.local,
        text: markup.as_deref().and_then(markup_text::of),
        markup,
        summary: view.optional_text(columns.summary.as_ref()).as_deref().and_then(markup_text::of),
        language: view.optional_text(columns.language.as_ref()),
        visibility: (!visibility.is_empty()).then(|| visibility.to_owned()),
        url: view.optional_text(columns.url.as_ref()),
        in_reply_to,
        shared_uri,
        shared_author: view.optional_text(columns.shared_author.as_ref()),
    })
}

/// One account on a list. Required: who it is.
pub(super) fn follow(columns: &FollowColumns, view: &View<'_>) -> Mapped<Follow> {
    let account = view.optional_text(columns.account.as_ref());
    Ok(Follow {
        account: account.unwrap_or_else(|| view.scene.connector.short_id().to_owned()),
        direction: view.choice(Some(&columns.direction), "following")?.to_owned(),
        other: view.required_text(&columns.other, "the account")?,
        name: view.optional_text(columns.name.as_ref()),
        url: view.optional_text(columns.url.as_ref()),
    })
}

fn kind(is_shared: bool, is_reply: bool) -> &'static str {
    match (is_shared, is_reply) {
        (true, _) => "share",
        (false, true) => "reply",
        (false, false) => "post",
    }
}
