//! The rooms of `src/` and the arrows between them, as the table of `ARCHITECTURE.md` allows.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{root, texts};
use super::nobody;

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Rooms that read and write nothing and know no clock.
const PURE: [&str; 6] = ["decode", "label", "map", "identity", "link", "schedule"];
/// What a pure room must not name.
const IMPURE: [&str; 7] =
    ["std::fs", "std::net", "std::process", "std::env", "Timestamp::now", "Zoned::now", "SystemTime::now"];
/// The one file that writes on the terminal.
const PRINTER: &str = "src/cli/show.rs";
const PRINTING: [&str; 7] = ["println!", "eprintln!", " print!", " eprint!", "dbg!", "::stdout(", "::stderr("];

/// The table: room, what it does, what it may import.
fn allowed() -> Arrows {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the house is drawn");
    let rows = text.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let mut arrows = Arrows::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let above: BTreeSet<String> = arrows.keys().cloned().collect();
        let may = match cells[3] {
            "all" | "all above" => above,
            "–" => BTreeSet::new(),
            named => named.split(',').map(|room| room.trim().to_owned()).collect(),
        };
        arrows.insert(cells[1].trim_matches('`').to_owned(), may);
    }
    arrows
}

/// `src/decode/csv.rs` → `decode`; nothing for the root of the crate.
fn room_of(file: &str) -> Option<&str> {
    let inner = file.strip_prefix("src/")?;
    let room = inner.split('/').next()?;
    (room != inner).then_some(room)
}

/// Every room that a file names by its path from the root of the crate.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut rooms = BTreeSet::new();
    for (at, path) in text.match_indices("crate::") {
        let rest = &text[at + path.len()..];
        let list = rest.strip_prefix('{').and_then(|list| list.split_once('}')).map(|(list, _)| list);
        for item in list.unwrap_or(rest).split(',').take(if list.is_some() { usize::MAX } else { 1 }) {
            let name = item.trim_start();
            rooms.insert(name[..name.find(|c| !is_word(c)).unwrap_or(name.len())].to_owned());
        }
    }
    rooms
}

/// The code of a file without its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn the_table_names_the_rooms_that_there_are() {
    let folders = std::fs::read_dir(root().join("src")).expect("rooms").map(|entry| entry.expect("an entry").path());
    let rooms: BTreeSet<String> = folders
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(allowed().into_keys().collect::<BTreeSet<_>>(), rooms);
}

#[test]
fn rooms_import_only_what_the_house_allows() {
    let arrows = allowed();
    let mut offenders = Vec::new();
    let mut n_arrows = 0;
    for (file, text) in texts("src", "rs") {
        let Some(room) = room_of(&file) else { continue };
        for named in named_rooms(&text).into_iter().filter(|named| named != room && arrows.contains_key(named)) {
            n_arrows += 1;
            if !arrows[room].contains(&named) {
                offenders.push(format!("{file} imports {named}"));
            }
        }
        let climbs = arrows.keys().filter(|other| *other != room).map(|other| format!("super::super::{other}::"));
        offenders.extend(climbs.filter(|path| text.contains(path)).map(|path| format!("{file} imports {path}")));
    }
    nobody(&offenders);
    assert!(n_arrows > 50, "{n_arrows} arrows were found: the paths are not read any more");
}

#[test]
fn only_the_warehouse_knows_the_database() {
    let knows = |text: &str| text.contains("duckdb::") || text.contains("use duckdb");
    let (inside, outside): (Vec<_>, Vec<_>) = texts("src", "rs")
        .into_iter()
        .filter(|(_, text)| knows(text))
        .partition(|(file, _)| file.starts_with("src/warehouse/"));
    nobody(&outside.into_iter().map(|(file, _)| format!("{file} names duckdb")).collect::<Vec<_>>());
    assert!(inside.len() > 5);
}

#[test]
fn pure_rooms_do_no_input_or_output() {
    let mut offenders = Vec::new();
    for (file, text) in texts("src", "rs") {
        let is_pure = room_of(&file).is_some_and(|room| PURE.contains(&room)) && !file.ends_with("/tests.rs");
        let named = IMPURE.iter().filter(|name| is_pure && without_tests(&text).contains(**name));
        offenders.extend(named.map(|name| format!("{file} names {name}")));
    }
    nobody(&offenders);
}

#[test]
fn the_clock_is_read_at_the_edge_only() {
    let reads = |text: &str| text.contains("Timestamp::now") || text.contains("Zoned::now");
    let readers = texts("src", "rs").into_iter().filter(|(_, text)| reads(without_tests(text)));
    let offenders = readers.filter(|(file, _)| !file.starts_with("src/cli/"));
    nobody(&offenders.map(|(file, _)| format!("{file} reads the clock")).collect::<Vec<_>>());
}

#[test]
fn one_file_prints() {
    let mut offenders = Vec::new();
    for (file, text) in texts("src", "rs") {
        if file == PRINTER || file.ends_with("/tests.rs") {
            continue;
        }
        // Asking whether somebody looks is not printing.
        let code = without_tests(&text).replace("::stdout().is_terminal()", "").replace("::stderr().is_terminal()", "");
        let printing = PRINTING.iter().filter(|word| code.contains(**word));
        offenders.extend(printing.map(|word| format!("{file} prints with {word}")));
    }
    nobody(&offenders);
}
