//! Stories of bank exports that overlap, change and lie: each folder of `fixtures/alignment` is
//! one, named after the behaviour it shows.
//!
//! A story imports its documents step by step through a real home. Then the same documents come
//! in the opposite order, all at once, and from the journal alone: what stands in the warehouse
//! must be the same each time, down to the ids of the rows.

mod support;

#[path = "alignment/ledger.rs"]
mod ledger;
#[path = "alignment/telling.rs"]
mod telling;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use telling::{Told, at_once, backwards, from_the_journal, in_order};

/// `story.toml`
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// What it shows and why that is right.
    says: String,
    step: Vec<Step>,
    /// What the layers answer at the end; they run only for a story that asks.
    #[serde(default)]
    answer: Vec<Answer>,
}

/// A document that is imported, or something that a person says of a row.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Step {
    /// A document of the folder.
    file: String,
    /// When it was exported.
    on: String,
    /// The source it is imported for, when the folder holds a moisson.toml.
    source: Option<String>,
    /// Whether the snapshot is not believed.
    is_quarantined: bool,
    /// Label of a row that is hidden.
    hide: Option<String>,
    /// Label of a row that is given the category `value`.
    categorise: Option<String>,
    value: Option<String>,
}

/// A question to the views, and the rows it gives, cells joined with semicolons.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    question: String,
    is: Vec<String>,
}

#[test]
fn every_story_ends_as_it_should_in_any_order() {
    let only = std::env::var("MOISSON_STORY").unwrap_or_default();
    let mut stories: Vec<PathBuf> = std::fs::read_dir(support::root().join("fixtures/alignment"))
        .expect("the stories")
        .map(|entry| entry.expect("an entry").path())
        .filter(|folder| folder.to_string_lossy().contains(&only))
        .collect();
    stories.sort();
    let wrong = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some(folder) = stories.get(next.fetch_add(1, Ordering::Relaxed)) {
                    wrong.lock().expect("a list").extend(tell(folder));
                }
            });
        }
    });
    println!("{} stories", stories.len());
    let wrong = wrong.into_inner().expect("a list");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stories.len() >= 40 || !only.is_empty(), "stories are missing");
}

/// Tells one story, and gives what went wrong in it.
#[expect(clippy::print_stdout, reason = "a run of the battery lists its stories")]
fn tell(folder: &Path) -> Vec<String> {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(folder.join("story.toml")).expect("story.toml");
    let story: Story = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let wrong = check(folder, &story);
    println!("{} {name}: {}", if wrong.is_empty() { "ok    " } else { "WRONG " }, story.says);
    wrong.into_iter().map(|what| format!("{name}: {what}")).collect()
}

/// What is wrong with the end of a story.
fn check(folder: &Path, story: &Story) -> Vec<String> {
    let mut wrong = Vec::new();
    let told = in_order(folder, story, &mut wrong);
    let expected = std::fs::read_to_string(folder.join("expected.csv")).unwrap_or_default();
    let shown = told.shown();
    if shown != expected {
        wrong.push(format!("expected\n{expected}found\n{shown}"));
    }
    let whole = told.whole();
    let mut compare = |how: &str, other: &Told| {
        let differing: Vec<_> = other.whole().into_iter().filter(|row| !whole.contains(row)).collect();
        if !differing.is_empty() || other.whole().len() != whole.len() {
            wrong.push(format!("{how}: {differing:?}\n{}", other.shown()));
        }
    };
    let reversed = backwards(folder, story, &told.said);
    compare("in the opposite order", &reversed);
    compare("from the journal alone", &from_the_journal(reversed));
    compare("all at once", &at_once(folder, story, &told.said));
    wrong.extend(ask(told, story));
    wrong
}

fn ask(told: Told, story: &Story) -> Vec<String> {
    if story.answer.is_empty() {
        return Vec::new();
    }
    let told = told.refreshed();
    let answers = story.answer.iter().filter_map(|answer| {
        let is: Vec<String> = told.ask(&answer.question).into_iter().map(|row| row.join(";")).collect();
        (is != answer.is).then(|| format!("{}\ngives {is:?}", answer.question))
    });
    answers.collect()
}
