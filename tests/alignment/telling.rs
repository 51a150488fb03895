//! Telling a story to a home: in its order, backwards, at once, or again from the journal.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use moisson::archive::Entry;
use moisson::config::locate;
use moisson::import::{self, DocumentReport, Outcome, Wish, World};
use moisson::model::said::{Choice, Field, Subject};

use super::support::homes::{Silent, TestHome, ask, now};
use super::{Step, Story};

/// A home to which a story was told.
pub struct Told {
    home: TestHome,
    world: World,
    /// What people said on the way.
    pub said: Vec<Entry>,
}

/// Step by step; notes in `wrong` which documents were believed against what the story says.
pub fn in_order(folder: &Path, story: &Story, wrong: &mut Vec<String>) -> Told {
    let mut told = Told::new(folder);
    for step in &story.step {
        if step.file.is_empty() {
            let entry = told.entry(step);
            told = told.say(vec![entry]);
            continue;
        }
        let is_quarantined = is_quarantined(&told.import(folder, &[step])[0]);
        if is_quarantined != step.is_quarantined {
            wrong.push(format!("{} is quarantined: {is_quarantined}", step.file));
        }
    }
    told
}

/// The last document first, and what people said at the end.
pub fn backwards(folder: &Path, story: &Story, said: &[Entry]) -> Told {
    let mut told = Told::new(folder);
    for step in documents(story).into_iter().rev() {
        told.import(folder, &[step]);
    }
    told.say(said.to_vec())
}

/// All documents in one import, unless they are for different sources.
pub fn at_once(folder: &Path, story: &Story, said: &[Entry]) -> Told {
    let mut told = Told::new(folder);
    let steps = documents(story);
    for group in steps.chunk_by(|one, other| one.source == other.source) {
        told.import(folder, group);
    }
    told.say(said.to_vec())
}

/// The warehouse thrown away: the next import makes it again.
pub fn from_the_journal(told: Told) -> Told {
    let Told { home, world, said } = told;
    drop(world);
    empty(&home);
    let mut world = home.open();
    import::import(&mut world, &[], &Wish::default(), &mut Silent).expect("an import");
    Told { home, world, said }
}

fn documents(story: &Story) -> Vec<&Step> {
    story.step.iter().filter(|step| !step.file.is_empty()).collect()
}

/// A home with an empty warehouse.
pub fn fresh() -> TestHome {
    let home = TestHome::new();
    empty(&home);
    home
}

/// Puts an empty warehouse into a home. It is a copy: making its tables takes longer than a story.
fn empty(home: &TestHome) {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = EMPTY.get_or_init(|| {
        let home = TestHome::new();
        let world = home.open();
        let path = world.home.data.join(import::WAREHOUSE);
        drop(world);
        std::fs::read(path).expect("a warehouse")
    });
    let data = locate(Some(home.path()), &|_| None).expect("a home").data;
    std::fs::create_dir_all(&data).expect("a folder");
    std::fs::write(data.join(import::WAREHOUSE), bytes).expect("a warehouse");
}

fn is_quarantined(report: &DocumentReport) -> bool {
    match &report.outcome {
        Outcome::Read(read) => !read.counts.quarantined.is_empty(),
        Outcome::Known { .. } => false,
        other => panic!("{}: {other:?}", report.name),
    }
}

impl Told {
    fn new(folder: &Path) -> Self {
        let home = fresh();
        let settings = folder.join("moisson.toml");
        if settings.exists() {
            std::fs::copy(settings, home.path().join("moisson.toml")).expect("settings");
        }
        let world = home.open();
        Self { home, world, said: Vec::new() }
    }

    fn import(&mut self, folder: &Path, steps: &[&Step]) -> Vec<DocumentReport> {
        let paths: Vec<PathBuf> = steps.iter().map(|step| self.place(folder, step)).collect();
        let inputs = import::inputs::find(&paths, now()).expect("the files");
        let wish = Wish { source: steps[0].source.clone(), ..Wish::default() };
        import::import(&mut self.world, &inputs, &wish, &mut Silent).expect("an import")
    }

    /// The document, with the time of its export.
    fn place(&self, folder: &Path, step: &Step) -> PathBuf {
        let bytes = std::fs::read(folder.join(&step.file)).expect("a document");
        let exported: jiff::Timestamp = step.on.parse().expect("an instant");
        self.home.file(&step.file, &bytes, (now() - exported).get_seconds().unsigned_abs())
    }

    /// What a step says of the row that has its label now.
    fn entry(&self, step: &Step) -> Entry {
        let (label, field, value) = match (&step.hide, &step.categorise) {
            (Some(label), _) => (label, Field::Hidden, Some("true".to_owned())),
            (_, Some(label)) => (label, Field::Category, step.value.clone()),
            _ => panic!("a step imports a file, hides a row or sets its category"),
        };
        let id = format!("select min(id) from landing.transactions where raw_label = '{label}'");
        let subject_id = self.ask(&id)[0][0].clone();
        assert!(!subject_id.is_empty(), "no row is called {label}");
        let (subject, about) = (Subject::Transaction, label.clone());
        Entry::Choice(Choice { subject, subject_id, field, value, about, more: serde_json::Map::new() })
    }

    fn say(self, entries: Vec<Entry>) -> Self {
        if entries.is_empty() {
            return self;
        }
        let (world, _) = import::say(self.world, &entries, &mut Silent).expect("words");
        let said = self.said.into_iter().chain(entries).collect();
        Self { home: self.home, world, said }
    }

    /// The same home once its layers ran.
    pub fn refreshed(self) -> Self {
        let (world, _) = import::refresh(self.world).expect("a refresh");
        Self { world, ..self }
    }

    pub fn ask(&self, question: &str) -> Vec<Vec<String>> {
        ask(&self.world, question)
    }

    /// The rows as `expected.csv` lists them, with what became of each on its way.
    pub fn shown(&self) -> String {
        let rows = self.ask(
            "select one.account, one.booked_on, one.amount::decimal(18, 2), one.currency, one.status, one.raw_label,
                 coalesce((
                     select string_agg(history.reason, ',' order by history.learned_at, history.reason)
                     from landing.history as history
                     where history.table_name = 'transactions' and history.id = one.id
                 ), '') as became
             from landing.transactions as one
             order by all",
        );
        let mut text = "account;booked_on;amount;currency;status;raw_label;became\n".to_owned();
        for row in rows {
            text.push_str(&row.join(";"));
            text.push('\n');
        }
        text
    }

    /// Everything that must not depend on the order of import, ids included.
    pub fn whole(&self) -> Vec<Vec<String>> {
        let questions = [
            "select id, key, rank, document, row_pointer, account, booked_on, amount, status, raw_label, memo
             from landing.transactions order by all",
            "select id, by_document, reason from landing.history where table_name = 'transactions' order by all",
            "select table_name, alias, id from landing.aliases order by all",
            "select document, account, verdict, coalesce(missing, 0) from landing.snapshots order by all",
            "select document, kind, value from landing.faults order by all",
            "select subject_id, field, value from facts.choices order by all",
        ];
        questions.iter().flat_map(|question| self.ask(question)).collect()
    }
}
