//! Where each source stands, for whoever asks: read from the log of runs, without the daemon.

use jiff::Timestamp;

use super::ServeError;
use super::plans::{Settings, read};
use crate::archive::{self, ArchiveError};
use crate::config::Home;
use crate::model::run::Run;
use crate::schedule::{Hold, Limits, Planner};

/// A source that can be fetched, and where it stands.
#[derive(Debug, Clone)]
pub struct Outlook {
    pub source: String,
    /// Its schedule, as it is written.
    pub schedule: Option<String>,
    /// The last run that ended.
    pub last: Option<Run>,
    /// When it last came in well, and when it last brought something.
    pub good_at: Option<Timestamp>,
    pub new_at: Option<Timestamp>,
    /// Since when a run goes on.
    pub running_since: Option<Timestamp>,
    /// When it runs next by itself; `None` when it does not.
    pub next_at: Option<Timestamp>,
    /// Why it does not.
    pub hold: Option<Hold>,
    pub consent_until: Option<Timestamp>,
    /// Runs in a row that failed for a while.
    pub failures: u32,
}

/// The outlook of every source that can be fetched, in the order of moisson.toml.
pub fn outlook(home: &Home, now: Timestamp) -> Result<Vec<Outlook>, ServeError> {
    let settings = Settings::read(home)?;
    let mut planner = Planner::new(settings.plans.clone(), Limits::default()).map_err(ServeError::Tangle)?;
    read_log(home, &mut planner)?;
    for defined in planner.undefined() {
        planner.defined(&defined, now);
    }
    let of = |plan: &crate::schedule::Plan| {
        let history = planner.history(&plan.source);
        Outlook {
            source: plan.source.clone(),
            schedule: plan.schedule.as_ref().map(ToString::to_string),
            last: history.last.clone(),
            good_at: history.good_at,
            new_at: history.new_at,
            running_since: history.running.as_ref().map(|run| run.started_at),
            next_at: planner.next_run(&plan.source, now),
            hold: planner.held(&plan.source, now),
            consent_until: history.consent_until,
            failures: history.failures,
        }
    };
    Ok(settings.plans.iter().map(of).collect())
}

fn read_log(home: &Home, planner: &mut Planner) -> Result<(), ArchiveError> {
    // What is damaged is told by `verify`.
    for line in archive::logged(&home.data, archive::LogOf::Runs)?.into_iter().flatten().flatten() {
        read(planner, line.at, &line.entry);
    }
    Ok(())
}
