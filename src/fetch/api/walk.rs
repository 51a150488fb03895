//! The walk over the steps of a service: for each account, for each stretch of days, page by page.
//!
//! A document is kept when its pages ended as they should, and only then are its days marked and
//! its cursor moved. What fails leaves what came: an account the others, days the other days.

mod gather;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::{Days, Failure, Fetched, Harvest, Order, State};
use super::broken::{self, Broken, Reach};
use super::fields::Fields;
use super::line::{Answer, Call, Kind, Line};
use super::pages::{Astray, Next, Place, Walk as Pages};
use super::pointer::Missing;
use super::request::{self, Built};
use super::told::{self, Answers, Told, Turn};
use super::values::{Value, Values};
use super::windows::{self, Wish};
use super::{consent, document, pointer, validators};
use crate::connector::fetch::Step;
use crate::model::run::{Class, Part, Said};

/// A run over the steps.
pub struct Walk<'a> {
    line: Line<'a>,
    state: &'a mut State,
    fields: Fields,
    globals: Values,
    answers: Answers,
    harvest: Harvest,
    /// Whether a step that makes documents went well, were it with none.
    is_good: bool,
    /// The next consent to end, of those that this run told of.
    consent: Option<jiff::Timestamp>,
    /// Steps whose answers said that a part is missing.
    lacking: BTreeSet<String>,
    /// The first failure: what the run ends with when nothing came.
    failure: Option<Failure>,
    today: Date,
}

/// One stretch of a turn: its pages.
struct Stretch<'a> {
    step: &'a Step,
    turn: &'a Turn,
    /// What it is known by in the state: step, and what it ran over.
    key: &'a str,
    days: Option<Days>,
}

/// The pages that came.
struct Whole {
    pages: Vec<Answer>,
    shown: String,
    /// See [`Built::said`].
    said: String,
    /// Where the next run starts.
    cursor: Option<String>,
}

/// Runs all steps.
pub fn run<'a>(order: &'a Order<'a>, fields: Fields, line: Line<'a>, state: &'a mut State) -> Result<Harvest, Failure> {
    let today = order.now.to_zoned(order.zone.clone()).date();
    let mut globals = fields.values.clone();
    // Names and secrets may have come with the line: an address that was claimed.
    globals.extend(line.values.clone());
    globals.insert("today".to_owned(), Value::open(today.to_string()));
    let harvest = Harvest::default();
    let answers = Answers::new();
    let lacking = BTreeSet::new();
    let mut walk = Walk {
        line,
        state,
        fields,
        globals,
        answers,
        harvest,
        is_good: false,
        consent: None,
        lacking,
        failure: None,
        today,
    };
    for step in &order.service.fetch.steps {
        if walk.is_wanted(step) && walk.step(step) == Reach::Run {
            break;
        }
    }
    walk.end()
}

impl Walk<'_> {
    /// Whether `when` holds.
    fn is_wanted(&self, step: &Step) -> bool {
        let is_there = |name: &String| self.fields.values.contains_key(name) || self.answers.contains_key(name);
        step.when.as_ref().is_none_or(is_there)
    }

    /// Asks a step as often as it has turns; tells whether the run ends here.
    fn step(&mut self, step: &Step) -> Reach {
        let turns = match told::turns(step, &self.globals, &self.fields, &self.answers) {
            Ok(turns) => turns,
            Err(missing) => return self.failed(step, None, Broken::run(broken::missing(&step.path, &missing))),
        };
        // Nothing to run over is nothing wrong.
        self.is_good |= turns.is_empty();
        if step.gather {
            return self.gather(step, &turns);
        }
        for turn in turns {
            let done = self.turn(step, &turn);
            if let Err(broken) = done {
                let account = Some(&turn).filter(|_| step.is_account);
                if self.failed(step, account, broken) == Reach::Run {
                    return Reach::Run;
                }
            }
        }
        Reach::Call
    }

    /// One turn: all its stretches of days, the newest first. Days that fail for now leave the
    /// others, unless two in a row do.
    fn turn(&mut self, step: &Step, turn: &Turn) -> Result<(), Broken> {
        let key = if turn.item.is_empty() { step.name.clone() } else { format!("{}/{}", step.name, turn.item) };
        let Some(stretches) = self.stretches(step, &key) else {
            return self.stretch(&Stretch { step, turn, key: &key, days: None });
        };
        self.is_good |= stretches.is_empty();
        let (mut first, mut in_a_row) = (None, 0);
        let before = self.harvest.documents.len();
        for days in stretches {
            match self.stretch(&Stretch { step, turn, key: &key, days: Some(days) }) {
                Ok(()) => in_a_row = 0,
                Err(broken) => {
                    let goes_on = broken.reach == Reach::Call && broken.failure.class == Class::Retry && in_a_row == 0;
                    in_a_row += 1;
                    first = first.or(Some(broken));
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        // They are handed over in the order of time, as they would have come day by day.
        self.harvest.documents[before..].reverse();
        first.map_or(Ok(()), Err)
    }

    fn stretches(&self, step: &Step, key: &str) -> Option<Vec<Days>> {
        let windows = step.windows.as_ref()?;
        let covered = self.state.covered.get(key).map(Vec::as_slice).unwrap_or_default();
        Some(windows::due(&Wish::of(self.line.fetch), covered, self.today, windows.days))
    }

    fn stretch(&mut self, stretch: &Stretch<'_>) -> Result<(), Broken> {
        let mut values = stretch.turn.values.clone();
        values.extend(self.written(stretch));
        let Some(whole) = self.pages(stretch, &values)? else {
            return Ok(());
        };
        self.take(stretch, values, whole).map_err(Broken::call)
    }

    /// `{from}` and `{to}`.
    fn written(&self, stretch: &Stretch<'_>) -> Vec<(String, Value)> {
        let (Some(days), Some(windows)) = (stretch.days, &stretch.step.windows) else { return Vec::new() };
        let (from, to) = windows::written(days, windows.format.as_deref(), windows.is_exclusive, self.line.order.zone);
        vec![("from".to_owned(), Value::open(from)), ("to".to_owned(), Value::open(to))]
    }

    /// All pages, or none: `None` where nothing has changed or nothing is there.
    fn pages(&mut self, stretch: &Stretch<'_>, values: &Values) -> Result<Option<Whole>, Broken> {
        let pages = stretch.step.pages.as_ref();
        let begin = || Pages::begin(pages, None);
        let kept = self.state.cursors.get(stretch.key).cloned();
        let mut walk = Pages::begin(pages, kept.as_deref());
        let (mut came, mut shown, mut said, mut restarts) = (Vec::new(), String::new(), String::new(), 0);
        loop {
            let built = self.built(stretch.step, values, walk.place(), came.last())?;
            if came.is_empty() {
                shown.clone_from(&built.shown);
                said.clone_from(&built.said);
            }
            let answer = self.ask(stretch, &built)?;
            match answer.kind {
                Kind::Empty if came.is_empty() => {
                    self.good(stretch, true);
                    return Ok(None);
                }
                Kind::Unchanged => {
                    self.good(stretch, false);
                    return Ok(None);
                }
                Kind::Restart => {
                    restarts += 1;
                    if restarts > 3 {
                        return Err(Broken::call(broken::unsettled(&said)));
                    }
                    came.clear();
                    walk = kept.as_deref().map_or_else(begin, |cursor| Pages::begin(pages, Some(cursor)));
                    continue;
                }
                Kind::Empty => {
                    return Ok(Some(Whole { cursor: walk.cursor().map(str::to_owned), pages: came, shown, said }));
                }
                Kind::Full => {}
            }
            let json = answer.json.as_ref().unwrap_or(&serde_json::Value::Null);
            let next = walk.after(pages, json, answer.response.header("link"));
            let is_first = came.is_empty();
            match next.map_err(|astray| Broken::call(went(astray, &built.said)))? {
                Next::More => came.push(answer),
                Next::End { is_void } => {
                    if is_first || !is_void {
                        came.push(answer);
                    }
                    return Ok(Some(Whole { cursor: walk.cursor().map(str::to_owned), pages: came, shown, said }));
                }
            }
        }
    }

    fn built(&self, step: &Step, values: &Values, place: &Place, last: Option<&Answer>) -> Result<Built, Broken> {
        let mut values = values.clone();
        let mut put = |name: &str, text: String| values.insert(name.to_owned(), Value::open(text));
        let link = match place {
            Place::First => None,
            Place::Number(page) => put("page", page.to_string()).and(None),
            Place::Offset(offset) => put("offset", offset.to_string()).and(None),
            Place::Cursor(cursor) => put("cursor", cursor.clone()).and(None),
            Place::Link(link) => last.and_then(|last| last.response.url.join(link).ok()),
        };
        request::build(&self.line.base, step, &values, link.as_ref()).map_err(Broken::run)
    }

    fn ask(&mut self, stretch: &Stretch<'_>, built: &Built) -> Result<Answer, Broken> {
        let step = stretch.step;
        let call = Call {
            built,
            account: Some(stretch.key).filter(|_| step.is_account),
            expects_json: request::expects_json(step) || self.is_run_over(step),
            expects_page: request::expects_page(step),
            // The address of a stretch of days is never asked for again.
            is_conditional: step.conditional && stretch.days.is_none(),
        };
        self.line.ask(self.state, &call)
    }

    /// Whether a later step runs over the answers of this one.
    fn is_run_over(&self, step: &Step) -> bool {
        let over = |other: &Step| other.for_each.as_ref().and_then(|each| each.of.as_ref()) == Some(&step.name);
        self.line.fetch.steps.iter().any(over)
    }

    /// Takes in pages that came whole.
    fn take(&mut self, stretch: &Stretch<'_>, mut values: Values, whole: Whole) -> Result<(), Failure> {
        let step = stretch.step;
        let Whole { pages, shown, said, cursor } = whole;
        let jsons: Vec<serde_json::Value> = pages.iter().filter_map(|answer| answer.json.clone()).collect();
        let missing = |missing| broken::missing(&said, &missing);
        let n_rows = rows(step, &jsons).map_err(missing)?;
        let body = pages.first().map(|answer| answer.response.body.as_slice()).unwrap_or_default();
        told::tell(step, &jsons, body, &mut values).map_err(missing)?;
        self.consented(step, &jsons, &values);
        if step.for_each.is_none() {
            self.globals.extend(step.tells.keys().filter_map(|name| Some((name.clone(), values.get(name)?.clone()))));
        }
        let is_whole = pages.iter().all(|answer| answer.partial.is_empty());
        for partial in pages.iter().flat_map(|answer| &answer.partial) {
            self.part(stretch, partial);
        }
        if let (Some(answer), true) = (pages.first(), step.conditional && stretch.days.is_none()) {
            validators::keep(self.state, &shown, &answer.response);
        }
        self.state.cursors.extend(cursor.map(|cursor| (stretch.key.to_owned(), cursor)));
        let is_void = !step.rows.is_empty() && n_rows == 0;
        if let Some(template) = step.document.as_ref().filter(|_| !is_void) {
            self.harvest.documents.push(Fetched {
                name: document::name(template, &values, stretch.days),
                bytes: document::bytes(pages.into_iter().map(|answer| answer.response.body).collect()),
                as_of: self.line.order.now,
                origin: shown,
                connectors: self.line.fetch.documents.clone(),
            });
        }
        if self.is_run_over(step) || self.is_waited_for(step) {
            let told = Told { values, item: stretch.turn.item.clone(), pages: jsons };
            self.answers.entry(step.name.clone()).or_default().push(told);
        }
        self.came(stretch, is_whole, is_void);
        Ok(())
    }

    fn is_waited_for(&self, step: &Step) -> bool {
        self.line.fetch.steps.iter().any(|other| other.when.as_ref() == Some(&step.name))
    }

    /// Takes in what the answers say of consents, which may be several: one for each bank.
    fn consented(&mut self, step: &Step, jsons: &[serde_json::Value], values: &Values) {
        let names = ["consent_until", "consent_since", "consent_days"];
        let told = names.map(|name| (name, told::all_texts(step, jsons, name)));
        let n_told = told.iter().map(|(_, texts)| texts.len()).max().unwrap_or_default();
        let until = |values: &Values| consent::until(values, self.line.fetch.consent, self.line.order.zone);
        let ends = (0..n_told.max(1)).filter_map(|n| {
            let mut values = values.clone();
            let own = told.iter().filter_map(|(name, texts)| Some(((*name).to_owned(), Value::open(texts.get(n)?))));
            values.extend(own);
            until(&values)
        });
        let ends: Vec<_> = ends.chain(self.consent).collect();
        self.consent = consent::soonest(ends, self.line.order.now);
        self.state.consent_until = self.consent.or(self.state.consent_until);
    }

    /// Pages came: their days count, unless these or an earlier step of the run said that something
    /// is missing. The days of a bank that did not answer are asked for again.
    fn came(&mut self, stretch: &Stretch<'_>, is_whole: bool, is_void: bool) {
        let is_told_elsewhere = self.lacking.iter().any(|step| *step != stretch.step.name);
        if is_whole && !is_told_elsewhere {
            return self.good(stretch, is_void);
        }
        self.is_good |= stretch.step.document.is_some();
        if !is_whole {
            self.lacking.insert(stretch.step.name.clone());
        }
    }

    /// A call went well: its days have come, but those of which a late row may still come.
    fn good(&mut self, stretch: &Stretch<'_>, is_void: bool) {
        self.is_good |= stretch.step.document.is_some();
        let Some(days) = stretch.days else { return };
        let until = Wish::of(self.line.fetch).settled(self.today, is_void);
        windows::mark(self.state.covered.entry(stretch.key.to_owned()).or_default(), days, until);
    }

    fn part(&mut self, stretch: &Stretch<'_>, message: &Said) {
        let name = if stretch.turn.item.is_empty() { &stretch.step.name } else { &stretch.turn.item };
        let part = Part { name: name.clone(), outcome: Class::Partial, message: message.clone() };
        if !self.harvest.failed.contains(&part) {
            self.harvest.failed.push(part);
        }
    }

    /// Enters a failure; tells whether the run ends with it. A step that only prepares has to
    /// work, unless it does so for accounts.
    fn failed(&mut self, step: &Step, account: Option<&Turn>, broken: Broken) -> Reach {
        let Broken { failure, reach } = broken;
        let name = account.map_or_else(|| step.name.clone(), |turn| turn.item.clone());
        tracing::info!(
            source = self.line.order.source.id,
            step = step.name,
            class = failure.class.code(),
            "a step failed"
        );
        self.harvest.failed.push(Part { name, outcome: failure.class, message: failure.message.clone() });
        self.failure.get_or_insert(failure);
        if account.is_none() && step.document.is_none() { Reach::Run } else { reach }
    }

    fn end(self) -> Result<Harvest, Failure> {
        let Self { mut harvest, line, is_good, failure, .. } = self;
        harvest.n_requests = line.n_requests;
        harvest.n_bytes = line.n_bytes;
        harvest.quota_left = line.quota_left;
        match failure {
            Some(failure) if !is_good && harvest.documents.is_empty() => Err(failure),
            _ => Ok(harvest),
        }
    }
}

/// The rows of all pages. Of several places each page must have one.
fn rows(step: &Step, pages: &[serde_json::Value]) -> Result<usize, Missing> {
    let mut n_rows = 0;
    for page in pages {
        let counts: Vec<_> = step.rows.iter().map(|at| pointer::count(page, at)).collect();
        let found = counts.iter().flatten().sum::<usize>();
        let is_there = counts.is_empty() || counts.iter().any(Result::is_ok);
        match counts.into_iter().find_map(Result::err) {
            Some(missing) if !is_there => return Err(missing),
            _ => n_rows += found,
        }
    }
    Ok(n_rows)
}

fn went(astray: Astray, shown: &str) -> Failure {
    match astray {
        Astray::Circle => broken::circle(shown),
        Astray::Missing(missing) => broken::missing(shown, &missing),
    }
}
