//! What the loop leaves to threads of its own: runs, and telling people.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::daemon::Message;
use crate::archive::Entry;
use crate::fetch::{Ask, http};
use crate::model::run::{Class, Run, Said};
use crate::sync::{self, Outfit, Wanted};
use crate::{config, notify, schedule};

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

/// How long is waited before a notice that did not get through is sent again, in seconds: the
/// network is often what is to be told of.
const PAUSES_S: [u64; 6] = [60, 300, 900, 3600, 10_800, 21_600];

/// Sends a notice from a thread of its own, until one of the ways takes it or a day is over, and
/// tells the loop whether it got through.
pub(super) fn send(
    outfit: &Arc<Outfit>,
    notice: schedule::Notice,
    ways: config::Notify,
    network: config::Network,
    sender: Sender<Message>,
) {
    let outfit = Arc::clone(outfit);
    let sending = move || {
        let schedule::Notice { told, title, text, link, is_urgent } = notice;
        let notice = notify::Notice { title, text, link, is_urgent };
        let mut got_through = sent(&outfit, &notice, &ways, &network);
        for pause in PAUSES_S {
            if got_through {
                break;
            }
            std::thread::sleep(Duration::from_secs(pause));
            got_through = sent(&outfit, &notice, &ways, &network);
        }
        let _ = sender.send(Message::Told(Box::new(told), got_through));
    };
    let _ = std::thread::Builder::new().name("notice".to_owned()).spawn(sending);
}

/// Whether one of the ways took it; where none is set, the log has it.
fn sent(outfit: &Outfit, notice: &notify::Notice, ways: &config::Notify, network: &config::Network) -> bool {
    let n_ways =
        usize::from(ways.ntfy.is_some()) + usize::from(ways.webhook.is_some()) + usize::from(ways.smtp.is_some());
    let failed = match http::Client::new(network) {
        Ok(client) => notify::tell(notice, ways, &outfit.vault, &client),
        Err(error) => vec![("http", error.to_string()); n_ways],
    };
    for (way, why) in &failed {
        tracing::error!(way, why, "somebody could not be told");
    }
    n_ways == 0 || failed.len() < n_ways
}
