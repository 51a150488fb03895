//! Words that must not stand where they do not belong: providers in the program, and whatever
//! is not about the project itself.

use moisson::connector::Catalogue;

use super::files::{below, shown, texts};
use super::nobody;

/// Names of file formats and public standards, which the program reads whoever writes them, and
/// words that are not one provider's.
const STANDARDS: &[&str] = &[
    "ofx",
    "ofx statement",
    "qif",
    "qif file",
    "icalendar",
    "vcard",
    "vcard address book",
    "sms backup & restore",
    "tempo",
    "detailed bill",
    "detailed telephone bill",
    "banque",
    "caisse",
    "cdr",
    "credit",
    "detailed",
    "enable",
    "home",
    "sms",
    "societe",
];

/// What each connector is called: its id, in both spellings, the first word of it, and its name.
fn providers() -> Vec<String> {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let mut words: Vec<String> = Vec::new();
    for connector in catalogue.iter().filter(|connector| connector.family() != "generic") {
        let id = connector.id.rsplit('/').next().unwrap_or_default();
        words.extend([id.to_owned(), id.replace('_', " "), id.replace('_', "")]);
        words.extend(id.split('_').next().map(str::to_owned));
        let name = connector.name.split('(').next().unwrap_or_default();
        words.extend(name.split(',').map(|part| part.trim().to_lowercase()));
    }
    words.retain(|word| word.len() > 2 && !STANDARDS.contains(&word.as_str()));
    words.sort();
    words.dedup();
    words
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        is_edge(text[..at].chars().next_back()) && is_edge(text[at + word.len()..].chars().next())
    })
}

#[test]
fn no_provider_is_named_in_the_program() {
    let providers = providers();
    assert!(providers.len() > 30, "{providers:?}");
    let mut offenders = Vec::new();
    // Tests name the folders of their samples; address books have properties named after services.
    let is_apart = |file: &str| file.ends_with("/tests.rs") || file == "src/map/card_identifiers.rs";
    for (file, text) in texts("src", "rs").into_iter().filter(|(file, _)| !is_apart(file)) {
        for (line, text) in (1..).zip(text.to_lowercase().lines()) {
            let named = providers.iter().filter(|word| has_word(text, word));
            offenders.extend(named.map(|word| format!("{file}:{line}: {word}")));
        }
    }
    nobody(&offenders);
}

#[test]
fn the_project_speaks_of_itself_alone() {
    // Taken apart, so that this file does not hold them.
    let strangers = [["to", "do:"], ["fix", "me"]].map(|parts| parts.concat());
    let mut offenders = Vec::new();
    for path in below("") {
        let file = shown(&path);
        if ["LICENSE", "Cargo.lock"].contains(&file.as_str()) {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).to_lowercase();
        let found = strangers.iter().filter(|stranger| text.contains(stranger.as_str()));
        offenders.extend(found.map(|stranger| format!("{file}: {stranger}")));
    }
    nobody(&offenders);
}
