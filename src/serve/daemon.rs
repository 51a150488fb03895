//! The loop: what is due begins, what has ended is told, and between the two it sleeps.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use sd_notify::NotifyState;

use super::board::Board;
use super::callers::Callers;
use super::control::{self, Event};
use super::person::Caller;
use super::plans::{Settings, planner};
use super::shelf::{self, Shelf};
use super::work::{run_safely, send};
use super::{ServeError, calls};
use crate::archive::{ArchiveError, Entry};
use crate::fetch::folder::{self, Watch};
use crate::fetch::{Ask, http};
use crate::model::run::{Class, Paused, Run, Said, Started, Told, Trigger};
use crate::schedule::{Due, Planner};
use crate::sync::conflicts::{self, SettleError};
use crate::sync::{self, Outfit, Wanted};

/// Longest sleep, so that changed settings and a watchdog are not left waiting.
const LONGEST: Duration = Duration::from_secs(30);
/// How long runs that have begun may take to end when the daemon stops.
const GRACE: Duration = Duration::from_secs(75);
/// Files that nobody writes in for this long have settled.
const SETTLED: Duration = Duration::from_secs(12);

/// What is said to the loop.
pub(super) enum Message {
    Asked {
        sources: Vec<String>,
        has_person: bool,
        caller: Arc<Caller>,
    },
    Paused {
        source: String,
        is_paused: bool,
        caller: Arc<Caller>,
    },
    Settle {
        conflict: String,
        takes: bool,
        caller: Arc<Caller>,
    },
    Watched(String),
    Ended(Box<Run>),
    /// Whether a notice got through.
    Told(Box<Told>, bool),
    /// Look again at the settings.
    Look,
    Stop,
}

/// See the module.
pub(super) struct Daemon {
    outfit: Arc<Outfit>,
    settings: Settings,
    planner: Planner,
    board: Board,
    callers: Callers,
    /// Notices on their way, so that none is sent twice at a time.
    sending: BTreeSet<Told>,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    /// Folders are watched for as long as it lives.
    watch: Option<Watch>,
    /// The day, in the household's zone, for which the views were last made.
    day: Option<Date>,
    running: BTreeMap<String, Started>,
    shelf: Shelf,
}

impl Daemon {
    pub fn start(outfit: Arc<Outfit>, listen: Option<SocketAddr>) -> Result<Self, ServeError> {
        let settings = Settings::read(&outfit.home)?;
        let planner = planner(&outfit, &settings, true)?;
        let (sender, receiver) = channel();
        let board = Board::default();
        let listen = listen.unwrap_or(settings.config.serve.listen);
        let shelf = shelf::start(&outfit, &settings.config, listen, board.clone(), sender.clone())?;
        calls::take(&outfit.home.data, &sender)?;
        listen_for_signals(&sender);
        let watch = watch(&settings, &sender);
        tracing::info!(address = %shelf.address, sources = settings.plans.len(), "serving");
        let mut daemon = Self {
            outfit,
            settings,
            planner,
            board,
            callers: Callers::default(),
            sending: BTreeSet::new(),
            sender,
            receiver,
            watch,
            day: None,
            running: BTreeMap::new(),
            shelf,
        };
        daemon.define()?;
        Ok(daemon)
    }

    pub fn run(mut self) {
        let mut is_stopping = false;
        while !is_stopping {
            let now = (self.outfit.clock)();
            self.reload();
            self.begin_due(now);
            self.tell_notices(now);
            self.renew_day(now);
            self.show(now);
            is_stopping = self.sleep(now);
        }
        self.stop();
    }

    /// Waits for the next thing to do, or for somebody to say something. Whether to stop.
    fn sleep(&mut self, now: Timestamp) -> bool {
        let wake = self.planner.next_wake(now);
        let until = Duration::try_from(now.duration_until(wake)).unwrap_or_default();
        // What is due and cannot begin must not keep the loop spinning.
        let until = until.clamp(Duration::from_millis(20), LONGEST);
        match self.receiver.recv_timeout(until) {
            Ok(message) => self.hear(message),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    fn hear(&mut self, message: Message) -> bool {
        match message {
            Message::Stop => return true,
            Message::Ended(run) => self.ended(&run),
            Message::Told(told, got_through) => self.told(&told, got_through),
            Message::Look => {}
            Message::Watched(source) => {
                self.planner.ask(&source, Trigger::Watched);
            }
            Message::Asked { sources, has_person, caller } => self.asked(sources, has_person, caller),
            Message::Settle { conflict, takes, caller } => self.settle(&conflict, takes, &caller),
            Message::Paused { source, is_paused, caller } => self.pause(source, is_paused, &caller),
        }
        false
    }

    fn asked(&mut self, sources: Vec<String>, has_person: bool, caller: Arc<Caller>) {
        self.reload();
        if let Some(unknown) = sources.iter().find(|source| !self.planner.ask(source, Trigger::Asked)) {
            return caller.tell(&Event::Refused { message: unknown_source(unknown) });
        }
        self.callers.add(caller, has_person, sources);
    }

    fn pause(&mut self, source: String, is_paused: bool, caller: &Caller) {
        if !self.settings.plans.iter().any(|plan| plan.source == source) {
            return caller.tell(&Event::Refused { message: unknown_source(&source) });
        }
        let paused = Paused { source, is_paused };
        match self.outfit.tell(&Entry::Paused(paused.clone())) {
            Ok(()) => {
                self.planner.paused(&paused, (self.outfit.clock)());
                caller.tell(&Event::Done);
            }
            Err(error) => caller.tell(&Event::Refused { message: Said::new(error.to_string(), error.to_string()) }),
        }
    }

    fn settle(&self, conflict: &str, takes: bool, caller: &Caller) {
        let settled = match self.outfit.collections() {
            Some(collections) => conflicts::settle(collections, conflict, takes, None),
            None => Err(SettleError::Unknown),
        };
        caller.tell(&match settled {
            Ok(path) => {
                self.shelf.changed(&path);
                Event::Done
            }
            Err(error) => Event::Refused { message: error.said() },
        });
    }

    fn begin_due(&mut self, now: Timestamp) {
        for due in self.planner.due(now) {
            self.begin(due, now);
        }
    }

    fn begin(&mut self, due: Due, now: Timestamp) {
        let asked = Some(&due).filter(|due| due.trigger == Trigger::Asked);
        let person = asked.and_then(|due| self.callers.person_for(&due.source));
        let started = Started { source: due.source.clone(), trigger: due.trigger, slot: due.slot, started_at: now };
        self.planner.started(&started);
        self.running.insert(due.source.clone(), started);
        self.board.look().sources.entry(due.source.clone()).or_default().is_running = true;
        let (outfit, sender) = (Arc::clone(&self.outfit), self.sender.clone());
        let wanted = Wanted { source: due.source, trigger: due.trigger, slot: due.slot };
        let failed = sync::bare(&wanted, now);
        let working = move || {
            let person = person.as_deref().map(|person| person as &dyn Ask);
            let run = run_safely(&outfit, &wanted, person);
            let _ = sender.send(Message::Ended(Box::new(run)));
        };
        if let Err(error) = std::thread::Builder::new().name("run".to_owned()).spawn(working) {
            let message =
                Said::new(format!("no thread to run in: {error}"), format!("plus de fil d'exécution : {error}"));
            self.ended(&Run { outcome: Class::Retry, message, ..failed });
        }
    }

    fn ended(&mut self, run: &Run) {
        self.running.remove(&run.source);
        self.planner.ended(run);
        self.board.add(run);
        self.callers.ended(run);
        self.shelf.published();
    }

    /// Reads changed settings; wrong ones are told, and what held before goes on.
    fn reload(&mut self) {
        if !self.settings.is_old(&self.outfit.home) {
            return;
        }
        let read = Settings::read(&self.outfit.home);
        let read = read.and_then(|settings| Ok((planner(&self.outfit, &settings, false)?, settings)));
        match read {
            Ok((planner, settings)) => {
                tracing::info!(sources = settings.plans.len(), "the settings have changed");
                (self.planner, self.settings) = (planner, settings);
                self.watch = watch(&self.settings, &self.sender);
                self.shelf.set(&self.settings.config);
                self.carry_over();
                if let Err(error) = self.define() {
                    tracing::error!(%error, "the log of runs cannot be written");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the changed settings are wrong; those of before hold");
                self.settings.is_seen(&self.outfit.home);
            }
        }
    }

    /// What the log does not tell yet: runs that have just begun, and what somebody waits for.
    fn carry_over(&mut self) {
        for (source, started) in &self.running {
            if self.planner.history(source).running.is_none() {
                self.planner.started(started);
            }
        }
        for source in self.callers.asked() {
            let is_on_it = self.running.get(&source).is_some_and(|run| run.trigger == Trigger::Asked);
            if !is_on_it {
                self.planner.ask(&source, Trigger::Asked);
            }
        }
        let plans = &self.settings.plans;
        let message = Said::new("the source is gone from moisson.toml", "la source n'est plus dans moisson.toml");
        self.callers.refuse(&message, |source| !plans.iter().any(|plan| plan.source == source));
    }

    /// Tells the log of sources that are new or set otherwise.
    fn define(&mut self) -> Result<(), ArchiveError> {
        for defined in self.planner.undefined() {
            self.outfit.tell(&Entry::Defined(defined.clone()))?;
            self.planner.defined(&defined, (self.outfit.clock)());
        }
        Ok(())
    }

    /// Tells people what only they can mend, each thing once: it counts as told when it got through.
    fn tell_notices(&mut self, now: Timestamp) {
        for notice in self.planner.notices(now) {
            if !self.sending.insert(notice.told.clone()) {
                continue;
            }
            tracing::warn!(source = notice.told.source, what = notice.text.en, "somebody should know");
            let config = &self.settings.config;
            send(&self.outfit, notice, config.notify.clone(), config.network.clone(), self.sender.clone());
        }
    }

    fn told(&mut self, told: &Told, got_through: bool) {
        self.sending.remove(told);
        if !got_through {
            return;
        }
        // Without a log it is remembered for as long as this process lives.
        self.planner.told(told);
        if let Err(error) = self.outfit.tell(&Entry::Told(told.clone())) {
            tracing::error!(%error, "the log of runs cannot be written");
        }
    }

    /// When a new day has begun, the views are made for it.
    fn renew_day(&mut self, now: Timestamp) {
        let today = now.to_zoned(self.settings.config.household.time_zone.clone()).date();
        let before = self.day.replace(today);
        if before.is_some_and(|before| before != today) {
            let outfit = Arc::clone(&self.outfit);
            let renewing = move || {
                if let Err(error) = sync::renew(&outfit) {
                    tracing::error!(%error, "the views of the day could not be made");
                }
            };
            let _ = std::thread::Builder::new().name("day".to_owned()).spawn(renewing);
        }
    }

    /// Shows where things stand, to whoever asks and to systemd.
    fn show(&self, now: Timestamp) {
        let mut shown = self.board.look();
        shown.ticked_at = Some(now);
        shown.is_ready = true;
        shown.sources.retain(|source, _| self.settings.plans.iter().any(|plan| plan.source == *source));
        for plan in &self.settings.plans {
            let figures = shown.sources.entry(plan.source.clone()).or_default();
            figures.next_at = self.planner.next_run(&plan.source, now);
            if let (None, Some(run)) = (&figures.last, &self.planner.history(&plan.source).last) {
                figures.remember(run);
            }
        }
        // Both do nothing where systemd is not.
        let _ = sd_notify::notify(&[NotifyState::Ready, NotifyState::Watchdog]);
    }

    /// Lets runs that have begun end, for a while.
    fn stop(mut self) {
        tracing::info!(running = self.running.len(), "stopping");
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        self.board.look().is_ready = false;
        let _ = std::fs::remove_file(control::socket_of(&self.outfit.home.data));
        let until = Instant::now() + GRACE;
        while !self.running.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match self.receiver.recv_timeout(left) {
                Ok(Message::Ended(run)) => self.ended(&run),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        // What is cut off on purpose is no crash.
        for started in self.running.values() {
            let wanted = Wanted { source: started.source.clone(), trigger: started.trigger, slot: started.slot };
            let message = Said::new("it was stopped with the daemon", "arrêtée avec le service");
            let run = Run { outcome: Class::Retry, message, ..sync::bare(&wanted, started.started_at) };
            let _ = self.outfit.tell(&Entry::Run(Box::new(run)));
        }
        let message = Said::new("the daemon is on its way out", "le service s'arrête");
        self.callers.refuse(&message, |_| true);
    }
}

fn watch(settings: &Settings, sender: &Sender<Message>) -> Option<Watch> {
    if settings.folders.is_empty() {
        return None;
    }
    let sender = sender.clone();
    folder::watch(settings.folders.clone(), SETTLED, move |source: &str| {
        let _ = sender.send(Message::Watched(source.to_owned()));
    })
}

fn listen_for_signals(sender: &Sender<Message>) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let sender = sender.clone();
        http::runtime().spawn(async move {
            let Ok(mut signals) = signal(kind) else { return };
            while signals.recv().await.is_some() {
                // Settings are looked at whenever the loop comes round, so a hang-up only wakes it.
                let is_stop = kind != SignalKind::hangup();
                let message = if is_stop { Message::Stop } else { Message::Look };
                let _ = sender.send(message);
            }
        });
    }
}

fn unknown_source(source: &str) -> Said {
    Said::new(
        format!("{source} is no source that can be fetched"),
        format!("{source} n'est pas une source qui peut être cherchée"),
    )
}
