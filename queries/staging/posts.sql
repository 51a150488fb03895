-- One row per post that somebody published or shared.
with posts as (
    from landing.posts
)

select
    posts.id,
    posts.uri,
    posts.kind,
    posts.author,
    posts.author_name,
    posts.published_at,
    posts.published_local,
    posts.published_local::date as local_day,
    -- The markup itself stays in the landing table: strangers wrote it.
    posts.text,
    posts.summary,
    posts.language,
    posts.visibility,
    posts.url,
    posts.in_reply_to,
    posts.shared_uri,
    posts.shared_author,
    posts.document,
    posts.row_pointer,
    posts.connector,
    posts.source
from posts
