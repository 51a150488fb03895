//! What the daemon shows of itself: health, and figures for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::model::run::Run;

/// What is shown; the loop writes it, the pages read it.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Shown>>);

/// See [`Board`].
#[derive(Debug, Default)]
pub struct Shown {
    /// When the loop last came round.
    pub ticked_at: Option<Timestamp>,
    /// Whether it ever did, and is not on its way out.
    pub is_ready: bool,
    pub sources: BTreeMap<String, Figures>,
}

/// What is counted of a source since the daemon was started, and its last run.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub last: Option<Run>,
    pub last_good_at: Option<Timestamp>,
    pub next_at: Option<Timestamp>,
    pub is_running: bool,
    pub runs: BTreeMap<&'static str, u64>,
    pub rows_new: u64,
    pub requests: u64,
    pub bytes: u64,
}

impl Board {
    pub fn look(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a run that has ended.
    pub fn add(&self, run: &Run) {
        let mut shown = self.look();
        let figures = shown.sources.entry(run.source.clone()).or_default();
        *figures.runs.entry(run.outcome.code()).or_default() += 1;
        figures.rows_new += run.rows_new;
        figures.requests += u64::from(run.n_requests);
        figures.bytes += run.n_bytes;
        figures.is_running = false;
        figures.remember(run);
    }
}

impl Figures {
    /// A run of now or of before.
    pub fn remember(&mut self, run: &Run) {
        if run.outcome.is_good() {
            self.last_good_at = Some(run.ended_at);
        }
        self.last = Some(run.clone());
    }
}

/// The figures in the text format of Prometheus (exposition format 0.0.4).
pub fn metrics(shown: &Shown) -> String {
    let mut text = format!(
        "# HELP moisson_build_info The version that runs.\n# TYPE moisson_build_info gauge\nmoisson_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    );
    let seconds = |at: Option<Timestamp>| at.map(|at| at.as_second().to_string());
    family(
        &mut text,
        shown,
        "source_last_success_timestamp_seconds",
        "gauge",
        "When the source was last fetched with success.",
        |f| seconds(f.last_good_at),
    );
    family(&mut text, shown, "source_last_run_timestamp_seconds", "gauge", "When the source was last fetched.", |f| {
        seconds(f.last.as_ref().map(|run| run.ended_at))
    });
    family(
        &mut text,
        shown,
        "source_next_run_timestamp_seconds",
        "gauge",
        "When it is fetched next; absent when it waits for a person.",
        |f| seconds(f.next_at),
    );
    family(
        &mut text,
        shown,
        "source_consent_until_timestamp_seconds",
        "gauge",
        "Until when its service lets us in.",
        |f| seconds(f.last.as_ref().and_then(|run| run.consent_until)),
    );
    family(&mut text, shown, "source_quota_left", "gauge", "Calls left in the service's budget.", |f| {
        f.last.as_ref().and_then(|run| run.quota_left).map(|left| left.to_string())
    });
    family(&mut text, shown, "source_needs_person", "gauge", "1 while only a person can make it go on.", |f| {
        f.last.as_ref().map(|run| u8::from(!run.outcome.goes_on()).to_string())
    });
    family(&mut text, shown, "source_running", "gauge", "1 while it is being fetched.", |f| {
        Some(u8::from(f.is_running).to_string())
    });
    family(&mut text, shown, "source_rows_new_total", "counter", "New rows since the start.", |f| {
        Some(f.rows_new.to_string())
    });
    family(&mut text, shown, "source_requests_total", "counter", "Requests since the start.", |f| {
        Some(f.requests.to_string())
    });
    family(&mut text, shown, "source_bytes_total", "counter", "Bytes of answers since the start.", |f| {
        Some(f.bytes.to_string())
    });
    runs(&mut text, shown);
    text
}

fn family(
    text: &mut String,
    shown: &Shown,
    name: &str,
    kind: &str,
    help: &str,
    value: impl Fn(&Figures) -> Option<String>,
) {
    let _ = writeln!(text, "# HELP moisson_{name} {help}\n# TYPE moisson_{name} {kind}");
    for (source, figures) in &shown.sources {
        if let Some(value) = value(figures) {
            let _ = writeln!(text, "moisson_{name}{{source=\"{}\"}} {value}", escaped(source));
        }
    }
}

fn runs(text: &mut String, shown: &Shown) {
    text.push_str("# HELP moisson_source_runs_total Runs since the start, by outcome.\n# TYPE moisson_source_runs_total counter\n");
    for (source, figures) in &shown.sources {
        for (outcome, n) in &figures.runs {
            let source = escaped(source);
            let _ = writeln!(text, "moisson_source_runs_total{{source=\"{source}\",outcome=\"{outcome}\"}} {n}");
        }
    }
}

/// A label's value: backslash, quotation mark and line feed are escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
