-- One row per post on a social network that was published or shared, as plain text.
with posts as (
    from staging.posts
)

select
    posts.id as post_id, -- Stable identifier.
    posts.local_day, -- Day on the wall clock of the source.
    posts.published_local, -- When, on the wall clock of the source.
    posts.published_at, -- When, UTC.
    posts.kind, -- post, reply or share.
    posts.author, -- Who published or shared it.
    posts.author_name, -- The name shown beside it.
    posts.text, -- What was written, without markup.
    posts.summary, -- Warning or summary before it.
    posts.language, -- Language that the post states.
    posts.visibility, -- public, unlisted, followers or direct.
    posts.url, -- Page for people.
    posts.in_reply_to, -- What it answers.
    posts.shared_uri, -- The post that was shared.
    posts.shared_author, -- Who wrote the post that was shared.
    posts.uri, -- Address of the post.
    posts.document, -- Document that it was read from.
    posts.row_pointer, -- Where in the document it stands.
    posts.connector, -- What read it.
    posts.source -- Source of the settings that it came by.
from posts
