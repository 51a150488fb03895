//! What somebody is to be told of the sources: each thing once, restarts or not.
//!
//! What was told stands in the log of runs. Texts name the source and say what to do; they hold
//! no amount, label, number or secret.

use jiff::{SignedDuration, Timestamp};

use super::history::{History, Stop};
use super::plan::Plan;
use super::planner::Planner;
use crate::model::run::{Class, Run, Said, Told, What};

/// Failures in a row after which somebody is told.
const PATIENCE: u32 = 3;
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
const VERY_SOON: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Something to tell somebody, and the line of the log that says that it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub told: Told,
    pub title: Said,
    pub text: Said,
    /// Where it is mended.
    pub link: Option<String>,
    /// Whether somebody has to do something.
    pub is_urgent: bool,
}

impl Planner {
    /// What is to be told now. Each is told once [`Planner::told`] of its line.
    pub fn notices(&self, now: Timestamp) -> Vec<Notice> {
        let pending = self.plans.iter().flat_map(|plan| {
            let history = self.history(&plan.source);
            let wanted = self.wanted(plan, now).map(|slot| (What::Wanted, slot));
            let all = history.pending(now).into_iter().chain(wanted);
            let all = all.map(|(what, about)| Told { source: plan.source.clone(), what, about });
            all.filter(|told| !history.told.contains(told)).map(|told| notice(told, history)).collect::<Vec<_>>()
        });
        pending.collect()
    }

    /// The slot of a source that cannot run by itself, where nobody has fetched it since.
    fn wanted(&self, plan: &Plan, now: Timestamp) -> Option<Timestamp> {
        let history = self.history(&plan.source);
        let is_let = plan.is_attended_only && !history.is_paused && history.stopped.is_none();
        let (slot, begins_at) = self.open_slot(plan, now).filter(|_| is_let && plan.schedule.is_some())?;
        (begins_at <= now && history.running.is_none()).then_some(slot)
    }
}

impl History {
    /// Everything that somebody should have been told by now.
    fn pending(&self, now: Timestamp) -> Vec<(What, Timestamp)> {
        let stopped = self.stopped.map(|stop| (What::Stopped, stop.at));
        let failing = self.failing_since.filter(|_| self.failures >= PATIENCE && self.stopped.is_none());
        let works = self.recovered.filter(|since| self.was_told(What::Failing, *since));
        let expecting = self.expecting_since.map(|since| (What::Expectation, since));
        let failing = failing.map(|since| (What::Failing, since));
        let works = works.map(|since| (What::Works, since));
        let consent = self.consent(now);
        [stopped, failing, works, expecting, consent].into_iter().flatten().collect()
    }

    /// The nearest warning only: whoever hears of it late hears of it once.
    fn consent(&self, now: Timestamp) -> Option<(What, Timestamp)> {
        let until = self.consent_until.filter(|until| self.renewed != Some(*until))?;
        let left = until.duration_since(now);
        let what = if left <= SignedDuration::ZERO {
            // A service that refuses for that reason has been told of already.
            self.stopped.is_none_or(|stop| stop.class != Class::User).then_some(What::ConsentOver)?
        } else if left <= VERY_SOON {
            What::ConsentNow
        } else {
            (left <= SOON).then_some(What::ConsentSoon)?
        };
        Some((what, until))
    }

    fn was_told(&self, what: What, about: Timestamp) -> bool {
        self.told.iter().any(|told| told.what == what && told.about == about)
    }
}

fn notice(told: Told, history: &History) -> Notice {
    let (title, text) = (title(&told), text(&told, history));
    let link = history.last.as_ref().and_then(|run| run.link.clone()).filter(|_| told.what == What::Stopped);
    let is_urgent = match told.what {
        What::Stopped | What::ConsentNow | What::ConsentOver => true,
        What::Failing | What::Works | What::ConsentSoon | What::Expectation | What::Wanted => false,
    };
    Notice { told, title, text, link, is_urgent }
}

fn title(told: &Told) -> Said {
    let id = &told.source;
    match told.what {
        What::Stopped => Said::new(format!("{id} needs you"), format!("{id} a besoin de vous")),
        What::Failing => Said::new(format!("{id} keeps failing"), format!("{id} échoue encore")),
        What::Works => Said::new(format!("{id} works again"), format!("{id} fonctionne à nouveau")),
        What::ConsentSoon | What::ConsentNow => {
            Said::new(format!("{id}: the consent ends soon"), format!("{id} : l'autorisation expire bientôt"))
        }
        What::ConsentOver => Said::new(format!("{id}: the consent is over"), format!("{id} : l'autorisation a expiré")),
        What::Expectation => {
            Said::new(format!("{id}: something is missing"), format!("{id} : il manque quelque chose"))
        }
        What::Wanted => Said::new(format!("{id} waits for you"), format!("{id} vous attend")),
    }
}

fn text(told: &Told, history: &History) -> Said {
    match told.what {
        What::Stopped => stopped(told, history),
        What::Failing => joined(
            last_message(history),
            &Said::new("It goes on trying by itself.", "De nouveaux essais se font tout seuls."),
        ),
        What::Works => Said::new("It came in again by itself.", "Les données sont de nouveau arrivées."),
        What::ConsentSoon | What::ConsentNow => until(told),
        What::ConsentOver => Said::new(
            format!("Nothing is fetched any more. Renew it: moisson sync {}", told.source),
            format!("Plus rien n'est récupéré. À renouveler : moisson sync {}", told.source),
        ),
        What::Expectation => joined(
            last_message(history),
            &Said::new(
                "It goes on running; have a look: moisson status",
                "Les passages continuent ; à vérifier : moisson status",
            ),
        ),
        What::Wanted => Said::new(
            format!("It is time to fetch it, and it asks for somebody: moisson sync {}", told.source),
            format!("C'est l'heure, et il faut quelqu'un : moisson sync {}", told.source),
        ),
    }
}

fn stopped(told: &Told, history: &History) -> Said {
    let id = &told.source;
    let next = Said::new(
        format!("It does not run any more until you have mended it: moisson sync {id}, or moisson resume {id}"),
        format!("Plus aucun passage avant votre intervention : moisson sync {id}, ou moisson resume {id}"),
    );
    let is_cut_short =
        history.stopped.is_some_and(|Stop { at, .. }| Some(at) != history.last.as_ref().map(|run| run.ended_at));
    let why = if is_cut_short {
        Said::new("Three runs in a row were cut short.", "Trois passages de suite ont été interrompus.")
    } else {
        last_message(history)
    };
    joined(why, &next)
}

/// Days are told as the calendar of UTC has them: a warning of days does not need the hour.
fn until(told: &Told) -> Said {
    let day = told.about.strftime("%Y-%m-%d");
    let id = &told.source;
    Said::new(
        format!("It ends on {day}; nothing is fetched after that. Renew it: moisson sync {id}"),
        format!("Elle expire le {day} ; plus rien n'est récupéré ensuite. À renouveler : moisson sync {id}"),
    )
}

fn last_message(history: &History) -> Said {
    history.last.as_ref().map(|Run { message, .. }| message.clone()).unwrap_or_default()
}

fn joined(first: Said, second: &Said) -> Said {
    let join = |first: String, second: &str| format!("{first} {second}").trim().to_owned();
    Said::new(join(first.en, &second.en), join(first.fr, &second.fr))
}
