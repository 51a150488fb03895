//! Address books to records: one contact a card, and its identifiers.
//!
//! Every card is kept. Photos and whatever has no column stay in `raw`.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::card_identifiers::{Found, identifiers};
use super::card_names::{birthday, first_text, kind, names, plain_text};
use super::moments::Moment;
use super::stated::{self, Collection};
use crate::decode::{Component, Components};
use crate::model::records::{AnyRecord, Contact, Identifier};
use crate::model::text::fold_label;
use crate::model::{Fault, FaultKind, Place};

/// The cards of a document as records of address book `book`, with what is wrong with them; the
/// faults of reading the document are in [`Components::faults`].
///
/// `collections` is the id of a server's account whose collections the document may tell of;
/// `region` (ISO 3166, `FR`) is where numbers without a country code are dialled.
pub fn contacts(
    components: &Components,
    book: &str,
    collections: Option<&str>,
    region: &str,
) -> (Vec<AnyRecord>, Vec<Fault>) {
    let mut faults = Vec::new();
    let collection = stated::collection(components, collections, plain_text);
    let n_heads = usize::from(collection.is_some());
    let book = collection.as_ref().map_or(book, |collection| &collection.key).to_owned();
    let mut shelf = Shelf { book, collection, cards: Vec::new() };
    for root in components.roots.iter().skip(n_heads) {
        let before = shelf.cards.len();
        collect_cards(root, &mut shelf.cards);
        if shelf.cards.len() == before {
            faults.push(not_a_card(root));
        }
    }
    let mut records = Vec::new();
    shelf.push_records(components, region, &mut records, &mut faults);
    (records, faults)
}

/// The cards of one address book.
struct Shelf<'a> {
    book: String,
    /// What a server says of it.
    collection: Option<Collection>,
    cards: Vec<&'a Component>,
}

impl Shelf<'_> {
    fn push_records(
        self,
        components: &Components,
        region: &str,
        records: &mut Vec<AnyRecord>,
        faults: &mut Vec<Fault>,
    ) {
        let drafts: Vec<Draft> =
            self.cards.iter().map(|card| draft(components, card, &self.book, region, faults)).collect();
        let drafts = with_own_uids(drafts, faults);
        if let Some(collection) = &self.collection {
            let uids = drafts.iter().map(|draft| draft.contact.uid.as_str()).collect();
            let is_lossless = !components.faults.iter().chain(&*faults).any(|fault| fault.is_row_lost);
            records.extend(stated::of_collection(collection, ("contact", "book"), &uids, is_lossless));
        }
        for draft in drafts {
            draft.push_records(records);
        }
    }
}

/// A card that waits for its final UID.
struct Draft {
    contact: Contact,
    found: Vec<Found>,
    line: u64,
}

impl Draft {
    fn push_records(self, out: &mut Vec<AnyRecord>) {
        let (book, uid) = (self.contact.book.clone(), self.contact.uid.clone());
        out.push(self.contact.into());
        out.extend(self.found.into_iter().map(|found| {
            let Found { kind, value, raw, label, confidence } = found;
            let (book, uid) = (book.clone(), uid.clone());
            Identifier { book, uid, kind: kind.to_owned(), value, raw, label, confidence }.into()
        }));
    }
}

/// Cards, also those inside another one (AGENT of vCard 2.1).
fn collect_cards<'a>(component: &'a Component, out: &mut Vec<&'a Component>) {
    if component.name == "VCARD" {
        out.push(component);
    }
    component.children.iter().for_each(|child| collect_cards(child, out));
}

fn draft(components: &Components, card: &Component, book: &str, region: &str, faults: &mut Vec<Fault>) -> Draft {
    let names = names(card);
    let found = identifiers(card, region);
    if names.full.is_empty() {
        faults.push(nameless(card));
    }
    let mut contact = Contact {
        book: book.to_owned(),
        uid: String::new(),
        full_name: names.full,
        family_name: names.family,
        given_name: names.given,
        nickname: names.nickname,
        organisation: names.organisation,
        title: first_text(card, "TITLE").or_else(|| first_text(card, "ROLE")),
        kind: kind(card).to_owned(),
        birthday: card.property("BDAY").map(birthday).filter(|day| !day.is_empty()),
        note: notes(card),
        revised_at: revised_at(card, faults),
        version: first_text(card, "VERSION"),
        raw: components.source(card),
    };
    contact.uid = first_text(card, "UID").unwrap_or_else(|| made_uid(&contact, &found));
    Draft { contact, found, line: card.line }
}

fn notes(card: &Component) -> Option<String> {
    let notes: Vec<String> = card.properties_named("NOTE").map(plain_text).filter(|note| !note.is_empty()).collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

/// REV in UTC; a time without zone is taken as UTC.
fn revised_at(card: &Component, faults: &mut Vec<Fault>) -> Option<DateTime> {
    let property = card.property("REV")?;
    let text = plain_text(property);
    let revised = Moment::parse(&text).map(Moment::written);
    if revised.is_none() && !text.is_empty() {
        let message = "the card's revision is not a date";
        faults.push(Fault::new(FaultKind::NotATime, Place::line(property.line), text, message).keeping_row());
    }
    revised
}

/// The same for the same card in two exports: made of its names and identifiers, whatever their
/// order, encoding or version of vCard.
fn made_uid(contact: &Contact, found: &[Found]) -> String {
    let texts = [&contact.family_name, &contact.given_name, &contact.nickname, &contact.organisation];
    let mut seeds: Vec<String> = texts.into_iter().flatten().map(|text| fold_label(text).into_owned()).collect();
    seeds.push(fold_label(&contact.full_name).into_owned());
    let mut known: Vec<String> =
        found.iter().map(|found| format!("{}:{}", found.kind, fold_label(&found.value))).collect();
    known.sort_unstable();
    known.dedup();
    seeds.extend(known);
    let digest = Sha256::digest(seeds.join("\u{1f}"));
    let half = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("made-{half:032x}")
}

/// Cards that repeat another word for word are left out; different cards under one UID all stay,
/// the latest revision with the UID itself and the others with a rank behind it.
fn with_own_uids(drafts: Vec<Draft>, faults: &mut Vec<Fault>) -> Vec<Draft> {
    let mut by_uid: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        by_uid.entry(draft.contact.uid.clone()).or_default().push(at);
    }
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    for same in by_uid.into_values().filter(|same| same.len() > 1) {
        settle(&mut drafts, same, faults);
    }
    drafts.into_iter().flatten().collect()
}

fn settle(drafts: &mut [Option<Draft>], mut same: Vec<usize>, faults: &mut Vec<Fault>) {
    let order =
        |at: &usize| drafts[*at].as_ref().map(|d| (std::cmp::Reverse(d.contact.revised_at), d.contact.raw.clone()));
    same.sort_by_cached_key(order);
    let mut rank = 1;
    let mut before: Option<(String, u64)> = None;
    for at in same {
        let Some(draft) = drafts[at].as_mut() else { continue };
        match &before {
            Some((raw, line)) if raw.trim() == draft.contact.raw.trim() => {
                faults.push(repeated(draft, *line));
                drafts[at] = None;
                continue;
            }
            Some((_, line)) => {
                rank += 1;
                faults.push(shared_uid(draft, *line, rank));
                draft.contact.uid = format!("{}#{rank}", draft.contact.uid);
            }
            None => {}
        }
        before = Some((draft.contact.raw.clone(), draft.line));
    }
}

fn not_a_card(root: &Component) -> Fault {
    let message = "this is not a card; an address book holds VCARD objects";
    Fault::new(FaultKind::UnknownValue, Place::line(root.line), root.name.clone(), message)
}

fn nameless(card: &Component) -> Fault {
    let message = "the card has no name, organisation, e-mail or telephone";
    Fault::new(FaultKind::MissingValue, Place::line(card.line), "", message).keeping_row()
}

fn repeated(draft: &Draft, line: u64) -> Fault {
    let message = format!("the card on line {line} is the same, word for word; it was kept once");
    Fault::new(FaultKind::Malformed, Place::line(draft.line), draft.contact.uid.clone(), message).keeping_row()
}

fn shared_uid(draft: &Draft, line: u64, rank: u32) -> Fault {
    let message = format!("another card (line {line}) has the same UID; this one is kept as number {rank}");
    Fault::new(FaultKind::Malformed, Place::line(draft.line), draft.contact.uid.clone(), message)
        .with_hint("one of them may be a stale copy: delete it where the address book is kept")
        .keeping_row()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::components;

    fn read(text: &str) -> (Vec<Contact>, Vec<Fault>) {
        let (records, faults) = contacts(&components(text.as_bytes()).expect("cards"), "carnet", None, "FR");
        let contact = |record| if let AnyRecord::Contact(contact) = record { Some(contact) } else { None };
        (records.into_iter().filter_map(contact).collect(), faults)
    }

    #[test]
    fn made_uids_are_stable_across_versions_and_order() {
        let old = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Lef=E8vre;Chlo=E9\nTEL;HOME:01 99 00 12 34\nTEL;CELL:06 39 98 12 34\nEND:VCARD\n";
        let new = "BEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=CELL:+33639981234\nTEL:+33 1 99 00 12 34\nN:Lefèvre;Chloé;;;\nEND:VCARD\n";
        let (old, new) = (read(old).0, read(new).0);
        assert_eq!(old[0].uid, new[0].uid);
        assert_eq!(old[0].full_name, "Chloé Lefèvre");
    }

    #[test]
    fn cards_under_one_uid_all_stay() {
        let card =
            |note: &str, rev: &str| format!("BEGIN:VCARD\nUID:u1\nFN:Claire\nREV:{rev}\nNOTE:{note}\nEND:VCARD\n");
        let text =
            [card("a", "20200101T000000Z"), card("b", "20240101T000000Z"), card("b", "20240101T000000Z")].concat();
        let (contacts, faults) = read(&text);
        let kept: Vec<_> = contacts.iter().map(|c| (c.uid.as_str(), c.note.as_deref())).collect();
        assert_eq!(kept, [("u1#2", Some("a")), ("u1", Some("b"))]);
        assert!(faults.len() == 2 && faults.iter().all(|fault| !fault.is_row_lost));
    }

    #[test]
    fn what_is_not_a_card_is_a_fault() {
        let (contacts, faults) = read("BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCARD\nX-A:b\nEND:VCARD\n");
        assert_eq!((contacts.len(), contacts[0].full_name.as_str(), faults.len()), (1, "", 2));
        assert_eq!(faults.iter().filter(|fault| fault.is_row_lost).count(), 1);
    }
}
