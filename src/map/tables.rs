//! Accounts, contacts and events that stand in a plain table, one a row.

use jiff::civil::DateTime;

use super::Mapped;
use super::transactions::{account_of, currency_of};
use super::view::View;
use crate::connector::columns::Names;
use crate::connector::fields::{AccountColumns, ContactColumns, EventColumns};
use crate::model::hash::KeyHash;
use crate::model::phone;
use crate::model::record::CellRef;
use crate::model::records::{Account, AnyRecord, Attendee, Contact, Event, Identifier, Occurrence};

/// One account.
pub(super) fn account(columns: &AccountColumns, view: &View<'_>) -> Mapped<Account> {
    Ok(Account {
        account: account_of(Some(view.required_text(&columns.account, "the account")?), view),
        iban: view.optional_text(columns.iban.as_ref()).map(|iban| compact(&iban)),
        name: view.optional_text(columns.name.as_ref()),
        bank: match &columns.bank {
            Some(column) => view.text(column),
            None => Some(view.scene.connector.name.clone()),
        },
        currency: Some(currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view)),
    })
}

/// One contact with its identifiers.
pub(super) fn contact(columns: &ContactColumns, view: &View<'_>) -> Mapped<Vec<AnyRecord>> {
    let full_name = view.required_text(&columns.full_name, "the name")?;
    let identifiers = identifiers(columns, view);
    let uid = view.optional_text(columns.uid.as_ref()).unwrap_or_else(|| made_uid(&full_name, &identifiers));
    let book = view.scene.bound.book.clone().unwrap_or_else(|| view.scene.connector.short_id().to_owned());
    let contact = Contact {
        book: book.clone(),
        uid: uid.clone(),
        full_name,
        family_name: view.optional_text(columns.family_name.as_ref()),
        given_name: view.optional_text(columns.given_name.as_ref()),
        organisation: view.optional_text(columns.organisation.as_ref()),
        kind: "individual".to_owned(),
        birthday: view.optional_text(columns.birthday.as_ref()),
        note: view.optional_text(columns.note.as_ref()),
        raw: view.excerpt(),
        ..Contact::default()
    };
    let children = identifiers.into_iter().map(|id| Identifier { book: book.clone(), uid: uid.clone(), ..id }.into());
    Ok(std::iter::once(contact.into()).chain(children).collect())
}

/// One single event with its occurrence and attendees.
pub(super) fn event(columns: &EventColumns, view: &View<'_>, floor: &mut Option<DateTime>) -> Mapped<Vec<AnyRecord>> {
    let starts = view.required_instant(&columns.starts, floor)?;
    let ends = match &columns.ends {
        Some(column) => view.instant(column, &mut None)?.unwrap_or(starts),
        None => starts,
    };
    let summary = view.required_text(&columns.summary, "the summary")?;
    let calendar = view.scene.bound.calendar.clone().unwrap_or_else(|| view.scene.connector.short_id().to_owned());
    let uid = view.optional_text(columns.uid.as_ref()).unwrap_or_else(|| {
        let mut key = KeyHash::of_table("events");
        key.add(CellRef::Text(&summary));
        key.add(CellRef::Timestamp(starts.utc));
        format!("row-{:016x}", key.finish())
    });
    let event = Event {
        calendar: calendar.clone(),
        uid: uid.clone(),
        summary: Some(summary),
        description: view.optional_text(columns.description.as_ref()),
        location: view.optional_text(columns.location.as_ref()),
        status: "confirmed".to_owned(),
        starts_local: starts.local,
        starts_at: starts.utc,
        time_zone: view.scene.zone.iana_name().map(str::to_owned),
        raw: view.excerpt(),
        ..Event::default()
    };
    let occurrence = Occurrence {
        calendar: calendar.clone(),
        uid: uid.clone(),
        recurrence_id: None,
        starts_at: starts.utc,
        ends_at: ends.utc,
        starts_local: starts.local,
        ends_local: ends.local,
        is_all_day: false,
    };
    let mut records: Vec<AnyRecord> = vec![event.into(), occurrence.into()];
    records.extend(attendees(columns, view, &calendar, &uid).into_iter().map(AnyRecord::from));
    Ok(records)
}

fn attendees(columns: &EventColumns, view: &View<'_>, calendar: &str, uid: &str) -> Vec<Attendee> {
    let text = view.optional_text(columns.attendees.as_ref()).unwrap_or_default();
    let addresses = text.split([',', ';', ' ']).map(str::trim).filter(|address| address.contains('@'));
    let attendee = |address: &str| Attendee {
        calendar: calendar.to_owned(),
        uid: uid.to_owned(),
        address: address.to_lowercase(),
        role: "required".to_owned(),
        ..Attendee::default()
    };
    addresses.map(attendee).collect()
}

fn identifiers(columns: &ContactColumns, view: &View<'_>) -> Vec<Identifier> {
    let region = &view.scene.region;
    let mut found = Vec::new();
    for raw in cells(&columns.phones, view) {
        let number = phone::read(raw, region);
        let value = number.e164().map_or_else(|| raw.to_owned(), str::to_owned);
        found.push(identifier("phone", value, raw, number.e164().is_some()));
    }
    for raw in cells(&columns.emails, view) {
        found.push(identifier("email", raw.to_lowercase(), raw, raw.contains('@')));
    }
    for raw in cells(&columns.ibans, view) {
        let value = compact(raw).to_uppercase();
        let is_valid = value.parse::<iban::Iban>().is_ok();
        found.push(identifier("iban", value, raw, is_valid));
    }
    for raw in cells(&columns.addresses, view) {
        found.push(identifier("address", raw.to_owned(), raw, true));
    }
    found
}

fn cells<'a>(names: &'a Names, view: &View<'a>) -> Vec<&'a str> {
    names.0.iter().filter_map(|name| view.cell(name)).collect()
}

fn identifier(kind: &str, value: String, raw: &str, is_valid: bool) -> Identifier {
    let confidence = if is_valid { 1.0 } else { 0.0 };
    Identifier { kind: kind.to_owned(), value, raw: raw.to_owned(), confidence, ..Identifier::default() }
}

fn made_uid(full_name: &str, identifiers: &[Identifier]) -> String {
    let mut key = KeyHash::of_table("contacts");
    key.add(CellRef::Text(full_name));
    for identifier in identifiers {
        key.add(CellRef::Text(&identifier.value));
    }
    format!("row-{:016x}", key.finish())
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
