//! Stories of bank exports that overlap, change and lie: each folder of `fixtures/alignment` is
//! one, named after the behaviour it shows.
//!
//! A story imports its documents step by step through a real home. Then the same documents come
//! in the opposite order, and all at once, and the warehouse is rebuilt: what stands in it must be
//! the same each time, down to the ids of the rows.

mod support;

use std::path::{Path, PathBuf};

use moisson::import::{self, Outcome, Wish};
use serde::Deserialize;
use support::homes::{Silent, TestHome, ask, now};

/// `story.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// What it shows, one sentence.
    says: String,
    step: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// A document of the folder.
    file: String,
    /// When it was exported.
    on: String,
    /// The source it is imported for, when the folder holds a moisson.toml.
    source: Option<String>,
    /// Whether the snapshot is not believed.
    #[serde(default)]
    is_quarantined: bool,
}

#[test]
fn every_story_ends_as_it_should_in_any_order() {
    let mut stories: Vec<PathBuf> = std::fs::read_dir(support::root().join("fixtures/alignment"))
        .expect("the stories")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    stories.sort();
    let mut wrong = Vec::new();
    for folder in &stories {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let story = read(folder);
        let found = check(folder, &story);
        println!("{} {name}: {}", if found.is_empty() { "ok    " } else { "WRONG " }, story.says);
        wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    println!("{} stories", stories.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stories.len() >= 3, "stories are missing");
}

fn read(folder: &Path) -> Story {
    let text = std::fs::read_to_string(folder.join("story.toml")).expect("story.toml");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// What is wrong with the end of a story.
fn check(folder: &Path, story: &Story) -> Vec<String> {
    let mut wrong = Vec::new();
    let home = told(folder, story, false, &mut wrong);
    let expected = std::fs::read_to_string(folder.join("expected.csv")).unwrap_or_default();
    let shown = shown(&home);
    if std::env::var_os("MOISSON_BLESS").is_some() {
        std::fs::write(folder.join("expected.csv"), &shown).expect("a file");
    } else if shown != expected {
        wrong.push(format!("expected\n{expected}found\n{shown}"));
    }
    let whole = whole(&home);
    let backwards = told(folder, story, true, &mut Vec::new());
    if self::whole(&backwards) != whole {
        wrong.push(format!("in the opposite order\n{}", self::shown(&backwards)));
    }
    import::rebuild(home.open(), &mut Silent).expect("a rebuild");
    if self::whole(&home) != whole {
        wrong.push(format!("rebuilt\n{}", self::shown(&home)));
    }
    wrong
}

/// A home to which the story was told, a step an import.
fn told(folder: &Path, story: &Story, is_backwards: bool, wrong: &mut Vec<String>) -> TestHome {
    let home = TestHome::new();
    let settings = folder.join("moisson.toml");
    if settings.exists() {
        std::fs::copy(settings, home.path().join("moisson.toml")).expect("settings");
    }
    let mut steps: Vec<&Step> = story.step.iter().collect();
    if is_backwards {
        steps.reverse();
    }
    for step in steps {
        let path = place(&home, folder, step);
        let mut world = home.open();
        let inputs = import::inputs::find(&[path], now()).expect("the file");
        let wish = Wish { source: step.source.clone(), ..Wish::default() };
        let reports = import::import(&mut world, &inputs, &wish, &mut Silent).expect("an import");
        let is_quarantined = match &reports[0].outcome {
            Outcome::Read(read) => !read.counts.quarantined.is_empty(),
            Outcome::Known { .. } => false,
            other => panic!("{}/{}: {other:?}", folder.display(), step.file),
        };
        if !is_backwards && is_quarantined != step.is_quarantined {
            wrong.push(format!("{} is quarantined: {is_quarantined}", step.file));
        }
    }
    home
}

/// The document, with the time of its export.
fn place(home: &TestHome, folder: &Path, step: &Step) -> PathBuf {
    let bytes = std::fs::read(folder.join(&step.file)).expect("a document");
    let exported: jiff::Timestamp = step.on.parse().expect("an instant");
    home.file(&step.file, &bytes, (now() - exported).get_seconds().unsigned_abs())
}

/// The rows as `expected.csv` lists them, with what became of each on its way.
fn shown(home: &TestHome) -> String {
    let rows = ask(
        &home.open(),
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
fn whole(home: &TestHome) -> Vec<Vec<String>> {
    let world = home.open();
    let mut whole = ask(
        &world,
        "select id, key, rank, document, row_pointer, account, booked_on, amount, status, raw_label, memo
         from landing.transactions order by all",
    );
    whole.extend(ask(&world, "select table_name, id, by_document, reason from landing.history order by all"));
    whole.extend(ask(&world, "select table_name, alias, id from landing.aliases order by all"));
    whole.extend(ask(
        &world,
        "select document, account, verdict, coalesce(missing, 0) from landing.snapshots order by all",
    ));
    whole
}
