//! What several integration tests need: fixtures, the sample corpus, comparisons.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::print_stdout, reason = "tests say why they skip")]

pub mod bank;
pub mod homes;
pub mod peers;
pub mod public;
pub mod recoded;

use std::path::{Path, PathBuf};

use moisson::connector::Catalogue;
use moisson::decode::sniff::{Kind, kind};
use moisson::decode::zip::{self, Member};
use moisson::import::golden::{Golden, golden};
use serde_json::{Map, Value};

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sample corpus: `$MOISSON_CORPUS`, else `../shared/corpus`; says so when it is absent.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
pub fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("MOISSON_CORPUS").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| root().join("../shared/corpus"));
    if !folder.is_dir() {
        println!("skipped: no sample corpus (set MOISSON_CORPUS to its folder)");
        return None;
    }
    Some(folder)
}

/// Every `input.*` under `fixtures/<family>/<id>/<case>/`.
pub fn fixture_inputs() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let families = subfolders(&root().join("fixtures")).into_iter().filter(|family| !family.ends_with("household"));
    for case in families.flat_map(|family| subfolders(&family)).flat_map(|id| subfolders(&id)) {
        let files = std::fs::read_dir(&case).expect("a readable folder").map(|entry| entry.expect("an entry").path());
        found.extend(
            files.filter(|file| file.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("input"))),
        );
    }
    found.sort();
    found
}

/// `<family>/<id>` of a case folder.
pub fn id_of_case(case: &Path) -> String {
    let names: Vec<String> =
        case.iter().rev().skip(1).take(2).map(|name| name.to_string_lossy().into_owned()).collect();
    format!("{}/{}", names[1], names[0])
}

/// Compares lines with a golden file, or writes it under `MOISSON_BLESS`.
pub fn compare(file: &Path, lines: &[String]) -> Result<(), String> {
    if std::env::var_os("MOISSON_BLESS").is_some() {
        return bless(file, lines);
    }
    let known = std::fs::read_to_string(file).unwrap_or_default();
    let known: Vec<&str> = known.lines().collect();
    let differs =
        (0..known.len().max(lines.len())).find(|at| known.get(*at).copied() != lines.get(*at).map(String::as_str));
    differs.map_or(Ok(()), |at| {
        let (old, new) = (known.get(at).copied().unwrap_or("nothing"), lines.get(at).map_or("nothing", String::as_str));
        Err(format!(
            "{} line {}:\n  expected {old}\n  found    {new}",
            file.file_name().unwrap_or_default().to_string_lossy(),
            at + 1
        ))
    })
}

fn bless(file: &Path, lines: &[String]) -> Result<(), String> {
    if lines.is_empty() {
        let _ = std::fs::remove_file(file);
        return Ok(());
    }
    std::fs::write(file, format!("{}\n", lines.join("\n"))).map_err(|error| error.to_string())
}

/// One family of `synthetic_EXPECTED.json`.
pub fn expected(corpus: &Path, family: &str) -> Map<String, Value> {
    let text = std::fs::read_to_string(corpus.join("synthetic_EXPECTED.json")).expect("the expected figures");
    let all: Value = serde_json::from_str(&text).expect("valid JSON");
    all[family].as_object().expect("a family").clone()
}

/// Reads a sample; of a zip, its only member.
pub fn read_sample(catalogue: &Catalogue, path: &Path) -> Result<Golden, String> {
    let document = document(path)?;
    golden(catalogue, &document.bytes, &document.name).map_err(|error| error.to_string())
}

/// A file, or the only member of a zip.
pub fn document(path: &Path) -> Result<Member, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if kind(&bytes) == Kind::Zip {
        let members = zip::members(&bytes).map_err(|error| error.to_string())?;
        return members.into_iter().next().ok_or_else(|| "an empty zip".to_owned());
    }
    Ok(Member { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes })
}

/// The bank connectors but one.
pub fn banks_without(catalogue: &Catalogue, id: &str) -> Catalogue {
    let mut others = Catalogue::default();
    for connector in catalogue.iter().filter(|connector| connector.family() == "bank" && connector.id != id) {
        others.add(&connector.id, &connector.text, &connector.id).expect("a valid connector");
    }
    others
}

/// Account, rows, sum in cents, first and last day of the household's real operations.
pub fn household_accounts() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("fixtures/household/truth.json")).expect("the truth");
    let truth: Value = serde_json::from_str(&text).expect("valid JSON");
    let accounts = truth["accounts"].as_object().expect("accounts").iter();
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let row = |(name, account): (&String, &Value)| {
        let figures = ["rows", "sum", "first", "last"].iter().map(|figure| shown(&account[*figure]));
        std::iter::once(name.clone()).chain(figures).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> = accounts.map(row).collect();
    rows.sort();
    rows
}

/// Every file below a folder, in order of name.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
