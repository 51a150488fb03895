//! Bytes from elsewhere: folders, interfaces for programs, pages, calendars, mailboxes.
//!
//! The only room that opens a connection, and all of them go by the rules of [`http`]. It hands
//! over documents as they came, and does not read what they mean.

mod api;
pub mod case;
pub mod dav;
pub mod fill;
pub mod folder;
pub mod http;
mod ics;
mod mailbox;
pub mod oauth;
mod order;
pub mod refusal;
pub mod settings;
mod state;
pub mod web;

pub use order::{After, Ask, Failure, Fetched, Harvest, Order};
pub use state::{Days, Object, State, Validator};

use crate::connector::fetch::{Auth, Transport};

/// Fetches what a source has that was not fetched before.
///
/// `state` is what earlier runs left, and becomes what this one leaves: it is to be kept only
/// when the documents are. A run that took what one may take ([`http::Limits`]) ends with what came
/// by then. What was spent of a budget counts in either case: [`State::spent`].
/// A failure means that nothing came; what failed beside other things that came stands in the
/// harvest.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    // What one run may take begins to count here.
    let client = order.client.for_one_run();
    let order = &Order { client: &client, ..*order };
    let harvest = by_transport(order, state);
    if matches!(order.service.fetch.auth, Auth::Oauth2(_)) {
        state.consent_until = oauth::consent_until(order).or(state.consent_until);
    }
    harvest
}

fn by_transport(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    match order.service.fetch.transport {
        Transport::Folder => folder::fetch(order, state),
        Transport::Http => api::fetch(order, state),
        Transport::Ics => ics::fetch(order, state),
        Transport::Caldav | Transport::Carddav => dav::fetch(order, state),
        Transport::Web => web::fetch(order, state),
        Transport::Mailbox => mailbox::fetch(order, state),
    }
}
