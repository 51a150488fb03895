//! Every connector and every kind of fault is shown by an invented document.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{below, root, shown, texts};
use super::nobody;

/// `<family>/<id>` of every shipped connector; what lies beside the families is none.
pub fn connectors() -> BTreeSet<String> {
    // Places that documents only come from read none.
    let files = texts("connectors", "toml").into_iter().filter(|(_, text)| text.contains("\n[layout]"));
    let ids = files.map(|(file, _)| file.trim_start_matches("connectors/").trim_end_matches(".toml").to_owned());
    ids.filter(|id| id.contains('/')).collect()
}

/// `<family>/<id>` of what documents come from.
fn services() -> BTreeSet<String> {
    let files = texts("connectors", "toml").into_iter().filter(|(_, text)| text.contains("\n[fetch]"));
    files.map(|(file, _)| file.trim_start_matches("connectors/").trim_end_matches(".toml").to_owned()).collect()
}

/// The files of each `fixtures/<family>/<id>/<case>/`; what lies deeper is of a recording.
fn cases() -> BTreeMap<String, Vec<String>> {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in below("fixtures") {
        let path = shown(&path);
        let is_apart = ["fixtures/household/", "fixtures/alignment/", "fixtures/links/"]
            .iter()
            .any(|apart| path.starts_with(apart));
        if let Some((case, file)) = path.rsplit_once('/').filter(|_| !is_apart) {
            let case = case.strip_suffix("/documents").unwrap_or(case);
            cases.entry(case.to_owned()).or_default().push(file.to_owned());
        }
    }
    cases
}

/// The codes of the catalogue of faults, as the code that names them lists them.
fn fault_codes() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("src/model/fault.rs")).expect("the catalogue");
    let arms = text.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> \""));
    let codes: BTreeSet<String> =
        arms.map(|(_, code)| code.trim_end_matches(',').trim_end_matches('"').to_owned()).collect();
    assert!(codes.len() >= 11, "{codes:?}");
    codes
}

#[test]
fn every_case_is_an_input_and_what_is_expected_of_it() {
    let known = connectors();
    let mut offenders = Vec::new();
    for (case, files) in cases() {
        let has = |wanted: &str| files.iter().any(|file| file == wanted);
        let parts: Vec<&str> = case.split('/').collect();
        if has("exchange.jsonl") {
            let is_known =
                matches!(parts[..], ["fixtures", family, id, _] if services().contains(&format!("{family}/{id}")));
            if !is_known || !has("case.toml") {
                offenders.push(format!("{case} is not the recording of a service"));
            }
            continue;
        }
        match parts.as_slice() {
            ["fixtures", family, id, _] if known.contains(&format!("{family}/{id}")) => {}
            _ => offenders.push(format!("{case} is not the case of a connector")),
        }
        if !files.iter().any(|file| file.starts_with("input")) {
            offenders.push(format!("{case} has no input"));
        }
        if !has("expected.jsonl") && !has("expected.faults") {
            offenders.push(format!("{case} expects nothing"));
        }
    }
    nobody(&offenders);
}

#[test]
fn every_connector_has_a_fixture_with_records() {
    let cases = cases();
    let shown: BTreeSet<String> = cases
        .iter()
        .filter(|(_, files)| files.iter().any(|file| file == "expected.jsonl"))
        .filter_map(|(case, _)| Some(case.strip_prefix("fixtures/")?.rsplit_once('/')?.0.to_owned()))
        .collect();
    // One that only says where documents come from reads none.
    let files = texts("connectors", "toml");
    let fetches_only = |id: &String| {
        let file = format!("connectors/{id}.toml");
        files.iter().any(|(path, text)| *path == file && !text.contains("[layout]"))
    };
    let without = connectors().into_iter().filter(|id| !shown.contains(id) && !fetches_only(id));
    nobody(&without.map(|id| format!("{id} has no fixture")).collect::<Vec<_>>());
}

#[test]
fn every_kind_of_fault_has_a_fixture() {
    let faults: Vec<String> = texts("fixtures", "faults").into_iter().map(|(_, text)| text).collect();
    let lines: Vec<&str> = faults.iter().flat_map(|text| text.lines()).collect();
    // Only a second document can be quarantined: its stories stand apart.
    let stories = texts("fixtures/alignment", "toml");
    let is_story = |code: &str| stories.iter().any(|(_, text)| text.contains(&format!("is_{code} = true")));
    let is_shown = |code: &str| is_story(code) || lines.iter().any(|line| line.split(' ').any(|word| word == code));
    let hidden = fault_codes().into_iter().filter(|code| !is_shown(code));
    nobody(&hidden.map(|code| format!("{code}: no expected.faults names it")).collect::<Vec<_>>());
}
