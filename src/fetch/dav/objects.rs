//! The objects themselves: many in one request where the server can do that, else one by one.

use super::discovery::Collection;
use super::kind::Kind;
use super::listing::{Listing, Live};
use super::path;
use super::session::{Session, Trouble};

/// Objects that the first request asks for; further ones go by their size. Fewer requests are
/// always quicker: nothing but the size of an answer limits them.
const FIRST_BATCH: usize = 500;
const LARGEST_BATCH: usize = 10_000;
/// A server that does not take even so few at once takes them one by one.
const LEAST_BATCH: usize = 8;
/// So many objects may fail one by one: more, and it is the server that does.
const MOST_MISSED: usize = 10;
/// Bytes that one answer should have: well below what one answer may have.
const BYTES_ASKED: usize = 16 << 20;

/// Brings what is not there yet of the members named; those that have gone meanwhile go. What a
/// run may no longer ask for is left to the next one.
pub(super) fn bring(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    listing: &mut Listing,
    wanted: &[String],
) -> Result<(), Trouble> {
    match bring_all(session, kind, collection, listing, wanted.to_vec()) {
        Err(trouble) if trouble.is_over() => {
            listing.leave(wanted, trouble);
            Ok(())
        }
        brought => brought,
    }
}

fn bring_all(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    listing: &mut Listing,
    wanted: Vec<String>,
) -> Result<(), Trouble> {
    let mut left = wanted;
    let mut size = FIRST_BATCH;
    while !left.is_empty() && size >= LEAST_BATCH {
        let batch = &left[..size.min(left.len())];
        match many(session, kind, collection, listing, batch) {
            Ok(n_bytes) => {
                let mean = n_bytes / batch.len() + 1;
                let n_done = batch.len();
                size = (BYTES_ASKED / mean).clamp(LEAST_BATCH, LARGEST_BATCH);
                one_by_one(session, listing, &left[..n_done])?;
                left.drain(..n_done);
            }
            // The server does not know such a question.
            Err(Trouble::Refused { status: 405 | 501, .. }) => break,
            // Too much for one answer.
            Err(trouble) if trouble.is_refusal() => size = size.min(left.len()) / 4,
            Err(trouble) => return Err(trouble),
        }
    }
    one_by_one(session, listing, &left)
}

/// Asks for many; gives the bytes of them all.
fn many(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    listing: &mut Listing,
    batch: &[String],
) -> Result<usize, Trouble> {
    let body = kind.objects(batch.iter().filter_map(|path| listing.live.get(path)).map(|live| live.href.as_str()));
    let mut n_bytes = 0;
    session.ask("REPORT", &collection.url, "0", &body, &mut |member| {
        let Ok(url) = collection.url.join(&member.href) else { return };
        let path = path::decoded(&url);
        if matches!(member.status, Some(404 | 410)) {
            return listing.lose(path);
        }
        let (Some(live), Some(data)) = (listing.live.get_mut(&path), member.props.data) else { return };
        n_bytes += data.len();
        live.data = Some(data.into_bytes());
        live.etag = member.props.etag.or(live.etag.take());
    })?;
    Ok(n_bytes)
}

/// Asks for each that did not come.
fn one_by_one(session: &mut Session<'_>, listing: &mut Listing, wanted: &[String]) -> Result<(), Trouble> {
    let mut n_missed = 0;
    for path in wanted {
        let Some(url) = listing.live.get(path).filter(|live| live.data.is_none()).map(|live| live.url.clone()) else {
            continue;
        };
        match session.get(&url) {
            Ok((etag, bytes)) => {
                let Some(live) = listing.live.get_mut(path) else { continue };
                // A tag of the listing is what the next listing is held against.
                *live = Live {
                    etag: live.etag.take().or(etag),
                    data: Some(bytes),
                    url: live.url.clone(),
                    href: std::mem::take(&mut live.href),
                };
            }
            Err(trouble) if trouble.is_absence() => listing.lose(path.clone()),
            Err(trouble) if trouble.is_of_one() && n_missed < MOST_MISSED => {
                n_missed += 1;
                listing.miss(path, trouble);
            }
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}
