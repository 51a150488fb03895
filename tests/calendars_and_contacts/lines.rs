//! No line of a sample may be lost: it is in the tree, or in a fault that names it.
//!
//! The witness reads lines in its own way: it joins physical lines in one pass over the whole text
//! and knows neither components nor parameters.

use std::collections::{HashMap, HashSet};

use moisson::decode::{Component, Components, DecodeError, components};

use crate::samples;

/// A content line as the witness sees it: number, name without group, value.
type Seen = (u64, String, String);

/// What came of one family of samples.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    files: usize,
    refused: usize,
    with_faults: usize,
    objects: usize,
    properties: usize,
    lost: usize,
    silent: Vec<String>,
}

#[test]
fn every_line_of_every_card_is_kept() {
    let Some(folder) = samples::folder("contacts") else { return };
    let tally = tally(samples::files(&folder, &["vcf"]), "VCARD");
    println!("vCard samples: {tally:?}");
    assert_eq!(tally.silent, Vec::<String>::new());
    assert_eq!((tally.files, tally.refused, tally.lost), (75, 0, 0));
}

#[test]
fn every_line_of_every_calendar_is_kept_or_named() {
    let Some(folder) = samples::folder("calendar") else { return };
    let tally = tally(samples::files(&folder, &["ics", "vcs", "ifb"]), "VEVENT");
    println!("iCalendar samples: {tally:?}");
    assert_eq!(tally.silent, Vec::<String>::new());
    assert_eq!((tally.files, tally.refused), (361, 3));
    assert!(tally.lost <= 60 && tally.properties > 67_000, "lost lines are in the fuzzed files alone");
}

#[test]
fn another_reader_finds_the_same_components() {
    let Some(folder) = samples::folder("contacts") else { return };
    let mut differing = Vec::new();
    for (name, bytes) in samples::files(&folder, &["vcf"]) {
        let ours = components(&bytes).unwrap().roots.iter().map(|card| count(card, "VCARD")).sum::<usize>();
        let theirs = witness_cards(&bytes);
        if ours != theirs {
            differing.push(format!("{name}: {ours} cards, calcard has {theirs}"));
        }
    }
    assert_eq!(differing, Vec::<String>::new());
}

fn witness_cards(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let mut parser = calcard::Parser::new(&text);
    let mut cards = 0;
    loop {
        match parser.entry() {
            calcard::Entry::VCard(_) => cards += 1,
            calcard::Entry::Eof => return cards,
            _ => {}
        }
    }
}

fn tally(files: Vec<(String, Vec<u8>)>, object: &str) -> Tally {
    let mut tally = Tally::default();
    for (name, bytes) in files {
        tally.files += 1;
        match components(&bytes) {
            Ok(tree) => add(&mut tally, &name, &bytes, &tree, object),
            Err(error) => {
                println!("refused: {name}: {error}");
                assert!(matches!(error, DecodeError::Empty | DecodeError::Unsupported { .. }));
                assert!(!witness(&bytes).iter().any(|(_, name, _)| name == "BEGIN"), "{name} begins something");
                tally.refused += 1;
            }
        }
    }
    tally
}

fn add(tally: &mut Tally, name: &str, bytes: &[u8], tree: &Components, object: &str) {
    let mut kept = HashMap::new();
    tree.roots.iter().for_each(|root| collect(root, &mut kept));
    let faults: HashSet<u64> = tree.faults.iter().map(|fault| fault.place.line).collect();
    tally.with_faults += usize::from(!tree.faults.is_empty());
    tally.objects += tree.roots.iter().map(|root| count(root, object)).sum::<usize>();
    for (line, property, value) in witness(bytes) {
        if property == "BEGIN" || property == "END" {
            continue;
        }
        tally.properties += 1;
        let is_kept = kept.get(&line).is_some_and(|(name, kept)| *name == property && same_value(kept, &value));
        if is_kept {
            continue;
        }
        tally.lost += 1;
        if faults.contains(&line) {
            println!("fault: {name}:{line}: {property}");
        } else {
            tally.silent.push(format!("{name}:{line}: {property}: {value:?}, kept {:?}", kept.get(&line)));
        }
    }
}

fn same_value(kept: &str, seen: &str) -> bool {
    kept.trim_end_matches(['\r', '\0']) == seen.trim_end_matches(['\r', '\0'])
}

fn collect<'a>(component: &'a Component, out: &mut HashMap<u64, (&'a str, &'a str)>) {
    for property in &component.properties {
        out.insert(property.line, (&property.name, &property.value));
    }
    component.children.iter().for_each(|child| collect(child, out));
}

fn count(component: &Component, name: &str) -> usize {
    usize::from(component.name == name) + component.children.iter().map(|child| count(child, name)).sum::<usize>()
}

/// The witness's own reading of a document.
fn witness(bytes: &[u8]) -> Vec<Seen> {
    let mut lines: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut after_blank = false;
    for (at, physical) in physical_lines(bytes).into_iter().enumerate() {
        let number = at as u64 + 1;
        let before = lines.last_mut().filter(|_| number > 1);
        match before {
            _ if physical.is_empty() => {}
            Some((_, line)) if goes_on(line, &physical, after_blank) => line.extend(&physical),
            Some((_, line)) if soft_break(line, &physical) => {
                line.pop();
                line.extend(&physical);
            }
            Some((_, line)) if is_fold(line, &physical, after_blank) => line.extend(&physical[1..]),
            _ if physical.iter().all(u8::is_ascii_whitespace) => {}
            _ => lines.push((number, physical.clone())),
        }
        after_blank = physical.is_empty();
    }
    lines.into_iter().flat_map(|(number, line)| split(number, &text(line))).collect()
}

fn physical_lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    assert!(!utf16, "the samples hold no UTF-16");
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
    let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    bytes.split(|b| *b == end).map(|line| line.trim_ascii_end_cr().to_vec()).collect()
}

trait TrimEnd {
    fn trim_ascii_end_cr(&self) -> &[u8];
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_cr(&self) -> &[u8] {
        let kept = self.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
        &self[..kept]
    }
}

fn head(line: &[u8]) -> String {
    let head = line.split(|b| *b == b':').next().unwrap_or_default();
    String::from_utf8_lossy(head).to_uppercase()
}

fn is_base64(line: &[u8]) -> bool {
    let head = head(line);
    head.contains(";BASE64") || head.contains("=BASE64") || head.contains("ENCODING=B")
}

/// A base64 block of vCard 2.1 whose lines are not indented.
fn goes_on(line: &[u8], next: &[u8], after_blank: bool) -> bool {
    !after_blank && is_base64(line) && next.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

fn soft_break(line: &[u8], next: &[u8]) -> bool {
    let next = String::from_utf8_lossy(next).to_uppercase();
    let is_mark = next.starts_with("END:") || next.starts_with("BEGIN:");
    head(line).contains("QUOTED-PRINTABLE") && line.ends_with(b"=") && !is_mark
}

fn is_fold(line: &[u8], next: &[u8], after_blank: bool) -> bool {
    next.starts_with(b" ") || next.starts_with(b"\t") && !(after_blank && is_base64(line))
}

fn text(line: Vec<u8>) -> String {
    String::from_utf8(line).unwrap_or_else(|error| encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned())
}

/// Name and value of what looks like `NAME;...:value`; any other line has no name.
fn split(number: u64, line: &str) -> Vec<Seen> {
    let mut in_quotes = false;
    let colon = line.find(|c: char| {
        in_quotes ^= c == '"';
        c == ':' && !in_quotes
    });
    let Some(colon) = colon.or_else(|| line.find(':')) else {
        return vec![(number, String::new(), line.to_owned())];
    };
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let name = head.split(';').next().unwrap_or_default().trim().to_uppercase();
    let name = name.rsplit('.').next().unwrap_or_default().to_owned();
    vec![(number, name, value.to_owned())]
}
