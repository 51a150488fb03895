//! Logs: lines on standard error, for whoever asks for them.
//!
//! `MOISSON_LOG` says what is told (`info`, `moisson=debug`…), as `RUST_LOG` does elsewhere. The
//! libraries below write headers, commands and bodies at their finest levels, and with them
//! secrets: only what the program itself says is told, whatever is asked for.

use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use super::show;

/// Starts the log; `usual` holds when nothing is asked for.
pub fn start(usual: &str) {
    let wish = std::env::var("MOISSON_LOG").or_else(|_| std::env::var("RUST_LOG"));
    let wish = wish.ok().filter(|wish| !wish.is_empty()).unwrap_or_else(|| usual.to_owned());
    let parsed = EnvFilter::try_new(&wish);
    if let Err(error) = &parsed {
        show::error(&format!("MOISSON_LOG: {error}"));
    }
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new(usual)).and(filter_fn(is_ours));
    // The journal of systemd knows the time itself.
    let is_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // A second start, in tests, changes nothing.
    let _ = if is_journal {
        registry().with(lines.without_time().with_filter(filter)).try_init()
    } else {
        registry().with(lines.with_filter(filter)).try_init()
    };
}

fn is_ours(told: &Metadata<'_>) -> bool {
    told.target() == "moisson" || told.target().starts_with("moisson::")
}
