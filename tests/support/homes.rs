//! Temporary homes: documents imported through the real walk, on a fixed clock.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use moisson::config::locate;
pub use moisson::import::Silent;
use moisson::import::{self, DocumentReport, Outcome, Wish, World};
use moisson::warehouse::TableHash;

/// A home in a temporary folder.
pub struct TestHome {
    pub folder: tempfile::TempDir,
}

/// The clock of all tests.
pub fn now() -> Timestamp {
    "2026-10-15T10:00:00Z".parse().expect("an instant")
}

impl TestHome {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn open(&self) -> World {
        let home = locate(Some(self.path()), &|_| None).expect("a home");
        World::open(home, now()).expect("a world")
    }

    /// Writes a file of that name whose own time is `age_s` seconds before the clock.
    pub fn file(&self, name: &str, bytes: &[u8], age_s: u64) -> PathBuf {
        let path = self.path().join("in").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        let modified = std::time::SystemTime::from(now()) - std::time::Duration::from_secs(age_s);
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(modified)).expect("a time");
        path
    }

    /// Imports and refreshes.
    pub fn import(&self, paths: &[PathBuf]) -> Vec<DocumentReport> {
        self.import_as(paths, &Wish::default())
    }

    pub fn import_as(&self, paths: &[PathBuf], wish: &Wish) -> Vec<DocumentReport> {
        let mut world = self.open();
        let inputs = import::inputs::find(paths, now()).expect("the files are there");
        let reports = import::import(&mut world, &inputs, wish, &mut Silent).expect("an import");
        import::refresh(world).expect("a refresh");
        reports
    }

    /// What an import would do.
    pub fn rehearse(&self, paths: &[PathBuf]) -> Vec<DocumentReport> {
        let home = locate(Some(self.path()), &|_| None).expect("a home");
        let mut world = World::rehearse(home, now()).expect("a copy");
        let inputs = import::inputs::find(paths, now()).expect("the files are there");
        import::import(&mut world, &inputs, &Wish::default(), &mut Silent).expect("a rehearsal")
    }

    /// The cells of an answer, nulls as empty texts.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        ask(&self.open(), sql)
    }

    /// The first cell of an answer.
    pub fn ask_one(&self, sql: &str) -> String {
        self.ask(sql).first().and_then(|row| row.first().cloned()).unwrap_or_default()
    }

    /// Content of all landing tables and marts.
    pub fn hashes(&self) -> Vec<TableHash> {
        self.open().warehouse.table_hashes().expect("hashes")
    }
}

pub fn ask(world: &World, sql: &str) -> Vec<Vec<String>> {
    let mut answer = world.warehouse.ask(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = Vec::new();
    while let Some(batch) = answer.next_rows().expect("rows") {
        rows.extend(
            batch.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>()),
        );
    }
    rows
}

/// New, known and amended rows of a report.
pub fn counts(report: &DocumentReport) -> (u64, u64, u64) {
    match &report.outcome {
        Outcome::Read(read) => (read.counts.rows_new, read.counts.rows_known, read.counts.rows_amended),
        other => panic!("{} was not read: {other:?}", report.name),
    }
}
