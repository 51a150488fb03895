//! Logs: lines on standard error, for whoever asks for them.
//!
//! `MOISSON_LOG` says what is told (`info`, `moisson=debug`…), as `RUST_LOG` does elsewhere. The
//! libraries below the HTTP client can write headers, and with them secrets, at their finest
//! levels: they are silent whatever is asked for.

use tracing_subscriber::EnvFilter;

use super::show;

/// Libraries that see secrets on their way.
const SILENT: [&str; 11] = [
    "reqwest=off",
    "hyper=off",
    "hyper_util=off",
    "h2=off",
    "rustls=off",
    "tokio_rustls=off",
    "cookie_store=off",
    "lettre=off",
    "async_imap=off",
    "imap_proto=off",
    "age=off",
];

/// Starts the log; `usual` holds when nothing is asked for.
pub fn start(usual: &str) {
    let wish = std::env::var("MOISSON_LOG").or_else(|_| std::env::var("RUST_LOG"));
    let wish = wish.ok().filter(|wish| !wish.is_empty()).unwrap_or_else(|| usual.to_owned());
    let parsed = EnvFilter::try_new(&wish);
    if let Err(error) = &parsed {
        show::error(&format!("MOISSON_LOG: {error}"));
    }
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new(usual));
    let filter = SILENT.iter().filter_map(|target| target.parse().ok()).fold(filter, EnvFilter::add_directive);
    // The journal of systemd knows the time itself.
    let is_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // A second start, in tests, changes nothing.
    let _ = if is_journal { lines.without_time().try_init() } else { lines.try_init() };
}
