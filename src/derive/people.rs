//! The address books with what else is known of everybody: one card of version 4.0 a person.
//!
//! The lines of the person's card are kept, photos too; of further cards of the same person, the
//! numbers and addresses that the first lacks are added. What the views know stands in the note
//! and in properties of its own (`X-MOISSON-…`). Whoever has no card is left out: an address book
//! is not filled with everybody who ever sent a bill. The cards have identifiers of their own, so
//! that no program takes them for the ones they come from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::ask::Row;
use super::ics::{PRODUCT, escaped};
use super::words::Speech;
use super::{DeriveError, Objects, World};
use crate::dav::card::{self, Parameter, Property};

const PEOPLE: &str = include_str!("../../queries/reports/derived_people.sql");
const CARDS: &str = include_str!("../../queries/reports/derived_cards.sql");
const CALL_YEARS: &str = include_str!("../../queries/reports/derived_call_years.sql");

pub(super) fn objects(world: &World<'_>) -> Result<Objects, DeriveError> {
    let mut cards: BTreeMap<String, Card> = BTreeMap::new();
    for row in world.rows("people", CARDS)? {
        let card = Card { raw: row.read(1)?, identifiers: row.read(2)? };
        cards.entry(row.read(0)?).or_insert(card);
    }
    let calls = calls_of_year(world)?;
    let mut objects = Objects::new();
    for row in world.rows("people", PEOPLE)? {
        let person = Person::read(&row, &calls)?;
        if let Some(card) = cards.get(&person.id) {
            let uuid = person.uuid();
            objects.push((format!("{uuid}.vcf"), person.card(world, card, &uuid)));
        }
    }
    Ok(objects)
}

/// The card that says most of a person's name, and what the views know to be in it.
struct Card {
    raw: String,
    identifiers: String,
}

struct Person {
    id: String,
    name: String,
    phones: Vec<String>,
    emails: Vec<String>,
    last_contact_on: Option<Date>,
    n_calls: u64,
    n_unreconciled: u64,
    is_guess: bool,
}

/// Calls of everybody in this year.
fn calls_of_year(world: &World<'_>) -> Result<BTreeMap<String, u64>, DeriveError> {
    let mut calls = BTreeMap::new();
    for row in world.rows("people", CALL_YEARS)? {
        if row.read::<i16>(1)? == world.today.year() {
            calls.insert(row.read(0)?, row.read(2)?);
        }
    }
    Ok(calls)
}

impl Person {
    fn read(row: &Row, calls: &BTreeMap<String, u64>) -> Result<Self, DeriveError> {
        let id: String = row.read(0)?;
        let words = |column| row.text(column).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Ok(Self {
            n_calls: calls.get(&id).copied().unwrap_or(0),
            id,
            name: row.read(1)?,
            phones: words(3),
            emails: words(4),
            last_contact_on: row.maybe(5),
            is_guess: row.text(6) == Some("suggested"),
            n_unreconciled: row.read(7)?,
        })
    }

    /// Made of the person's id alone (RFC 9562 §5.8).
    fn uuid(&self) -> String {
        let hash = Sha256::digest(format!("moisson person\0{}", self.id));
        let mut bytes: Vec<u8> = hash.iter().copied().take(16).collect();
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let digits = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }

    fn card(&self, world: &World<'_>, card: &Card, uuid: &str) -> Vec<u8> {
        let mut note = None;
        let mut has_name = false;
        let kept = card::properties_in_four(card.raw.as_bytes(), |property| {
            if property.is("NOTE") && note.is_none() {
                note = Some(property.value.to_string());
                return false;
            }
            has_name |= property.is("FN") && !property.value.trim().is_empty();
            let is_empty_name = property.is("FN") && property.value.trim().is_empty();
            !is_empty_name && !["UID", "REV", "PRODID"].iter().any(|own| property.is(own))
        });
        let mut out = Vec::with_capacity(kept.len() + 512);
        line(&mut out, "BEGIN", "VCARD");
        line(&mut out, "VERSION", "4.0");
        line(&mut out, "PRODID", PRODUCT);
        line(&mut out, "UID", &format!("urn:uuid:{uuid}"));
        if !has_name {
            line(&mut out, "FN", &escaped(&self.name));
        }
        out.extend_from_slice(&kept);
        self.add_identifiers(&mut out, &card.identifiers);
        self.add_known(&mut out, world, note);
        line(&mut out, "END", "VCARD");
        out
    }

    /// What other cards of the person, bills and settings say and this one does not.
    fn add_identifiers(&self, out: &mut Vec<u8>, known: &str) {
        let is_new = |value: &&String| !known.split(' ').any(|one| one == *value);
        for phone in self.phones.iter().filter(is_new) {
            let parameters = vec![Parameter::new("VALUE", "uri"), Parameter::new("TYPE", "voice")];
            write(out, "TEL", parameters, format!("tel:{phone}"));
        }
        for email in self.emails.iter().filter(is_new) {
            line(out, "EMAIL", &escaped(email));
        }
    }

    fn add_known(&self, out: &mut Vec<u8>, world: &World<'_>, note: Option<String>) {
        let said = self.said(world.speech, world.today.year());
        let mut parts: Vec<String> = note.filter(|note| !note.trim().is_empty()).into_iter().collect();
        if !said.is_empty() {
            parts.push(escaped(&format!("— moisson —\n{}", said.join("\n"))));
        }
        if !parts.is_empty() {
            line(out, "NOTE", &parts.join("\\n\\n"));
        }
        if let Some(day) = self.last_contact_on {
            line(out, "X-MOISSON-LAST-CONTACT", &day.to_string());
        }
        if self.n_calls > 0 {
            line(out, "X-MOISSON-CALLS-THIS-YEAR", &self.n_calls.to_string());
        }
        if self.n_unreconciled > 0 {
            line(out, "X-MOISSON-UNRECONCILED-PAYMENTS", &self.n_unreconciled.to_string());
        }
        if self.is_guess {
            line(out, "X-MOISSON-STATE", "suggested");
        }
    }

    fn said(&self, speech: Speech, year: i16) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(day) = self.last_contact_on {
            let day = speech.date(day);
            said.push(speech.pick(format!("Last contact: {day}"), format!("Dernier contact : {day}")));
        }
        if self.n_calls > 0 {
            let n = self.n_calls;
            said.push(speech.pick(format!("Calls in {year}: {n}"), format!("Appels en {year} : {n}")));
        }
        if self.n_unreconciled > 0 {
            let n = self.n_unreconciled;
            said.push(speech.pick(
                format!("Payments that no bill explains for sure: {n}"),
                format!("Paiements qu'aucune facture n'explique sûrement : {n}"),
            ));
        }
        if self.is_guess {
            said.push(
                speech
                    .pick(
                        "Some of this was joined by a guess: see `moisson person`.",
                        "Une partie est réunie par hypothèse : voir `moisson person`.",
                    )
                    .to_owned(),
            );
        }
        said
    }
}

fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    write(out, name, Vec::new(), value.to_owned());
}

fn write(out: &mut Vec<u8>, name: &str, parameters: Vec<Parameter>, value: String) {
    Property { group: None, name: name.to_owned(), parameters, value: value.into() }.write("\r\n", out);
}
