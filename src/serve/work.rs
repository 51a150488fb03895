//! What the loop leaves to threads of its own: runs, and telling people.

use std::sync::Arc;

use crate::archive::Entry;
use crate::fetch::{Ask, http};
use crate::model::run::{Class, Run, Said};
use crate::sync::{self, Outfit, Wanted};
use crate::{config, notify};

/// A run that breaks off (a bug of ours) is one that failed, not a source that is never run again.
pub(super) fn run_safely(outfit: &Outfit, wanted: &Wanted, person: Option<&dyn Ask>) -> Run {
    let begun = (outfit.clock)();
    let running = std::panic::AssertUnwindSafe(|| sync::run(outfit, wanted, person));
    let what = match std::panic::catch_unwind(running) {
        Ok(Ok(run)) => return run,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it broke off".to_owned(),
    };
    tracing::error!(source = wanted.source, what, "a run could not be told");
    let message =
        Said::new(format!("the run could not be finished: {what}"), format!("l'essai n'a pas pu finir : {what}"));
    let run = Run { ended_at: (outfit.clock)(), outcome: Class::Retry, message, ..sync::bare(wanted, begun) };
    let _ = outfit.tell(&Entry::Run(Box::new(run.clone())));
    run
}

/// Sends a notice from a thread of its own: a slow server keeps nobody waiting.
pub(super) fn send(outfit: &Arc<Outfit>, notice: notify::Notice, ways: config::Notify, network: config::Network) {
    let outfit = Arc::clone(outfit);
    let sending = move || {
        let failed = match http::Client::new(&network) {
            Ok(client) => notify::tell(&notice, &ways, &outfit.vault, &client),
            Err(error) => vec![("http", error.to_string())],
        };
        for (way, why) in failed {
            tracing::error!(way, why, "somebody could not be told");
        }
    };
    let _ = std::thread::Builder::new().name("notice".to_owned()).spawn(sending);
}
