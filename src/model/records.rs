//! The records that documents yield: one struct a landing table, declared once.
//!
//! The database schema, the loader and the generic connectors are derived from these
//! declarations. Bookkeeping columns (id, rank, document, pointer, connector, `learned_at`) are
//! added by the warehouse and are not part of a record.

// The comments below are shown in the database too, where backticks around names are noise.
#![allow(clippy::doc_markdown)]

mod meters;
mod social;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::reading::LabelReading;
use super::record::{any_record, records};
use super::table::Identity::{Aligned, ChildOf, Keyed, Multiset};

pub use meters::{MeterIndex, Reading, TariffDay};
pub use social::{Follow, Post};

records! {
    /// One row per bank account that a document names.
    Account => "accounts", Keyed, key(account) {
        /// What the bank or the source calls the account: number, IBAN or a name given in moisson.toml.
        account: String,
        /// IBAN, without blanks, when the document states it.
        iban: Option<String>,
        /// The bank's own name for the account.
        name: Option<String>,
        /// Bank, as the connector names it.
        bank: Option<String>,
        /// ISO 4217 currency of the account.
        currency: Option<String>,
    }

    /// One row per movement of a bank account.
    Transaction => "transactions", Aligned, key(account, booked_on, amount, currency, raw_label),
        derived reading: Box<LabelReading> {
        /// Account that was moved: joins accounts.account.
        account: String,
        /// Calendar day on which the bank booked it; never shifted by a time zone.
        booked_on: Date,
        /// Value date.
        value_on: Option<Date>,
        /// Day of the purchase itself when the bank states it.
        purchased_on: Option<Date>,
        /// Amount in `currency`, positive when money comes in, fees included.
        amount: Decimal,
        /// ISO 4217 currency of `amount`.
        currency: String,
        /// Label exactly as the bank wrote it, line ends kept.
        raw_label: String,
        /// Other party, when the bank states it apart from the label.
        counterparty_name: Option<String>,
        /// IBAN of the other party, without blanks.
        counterparty_iban: Option<String>,
        /// SEPA creditor identifier (ICS).
        creditor_id: Option<String>,
        /// SEPA mandate reference (RUM).
        mandate: Option<String>,
        /// End-to-end reference of a SEPA payment.
        end_to_end_id: Option<String>,
        /// booked, pending, cancelled or vanished.
        status: String,
        /// Amount in the currency of the purchase, when it differs.
        original_amount: Option<Decimal>,
        /// ISO 4217 currency of `original_amount`.
        original_currency: Option<String>,
        /// The bank's own category.
        bank_category: Option<String>,
        /// The bank's own kind of operation.
        bank_kind: Option<String>,
        /// The bank's identifier of the movement; it may be reused by another one.
        bank_id: Option<String>,
        /// The bank's identifier of the pending movement that this one settles.
        pending_id: Option<String>,
        /// The holder's note or the bank's comment.
        memo: Option<String>,
        /// Balance of the account after this movement, when the document runs one.
        balance_after: Option<Decimal>,
    }

    /// One row per movement that its bank shows or takes back by naming it, for the banks that take
    /// movements back so: the later word counts.
    Removal => "removals", Keyed, key(account, bank_id) {
        /// Account: joins accounts.account.
        account: String,
        /// The bank's identifier of the movement: joins transactions.bank_id.
        bank_id: String,
        /// True when it was taken back, false when it was shown.
        is_taken_back: bool,
    }

    /// One row per balance that a document states.
    Balance => "balances", Keyed, key(account, stated_on, kind, currency) {
        /// Account: joins accounts.account.
        account: String,
        /// Day for which the balance is stated.
        stated_on: Date,
        /// opening, closing or current.
        kind: String,
        /// Balance in `currency`.
        amount: Decimal,
        /// ISO 4217 currency.
        currency: String,
    }

    /// One row per bill of a supplier, a landlord or an operator.
    Bill => "bills", Keyed, key(issuer, bill_key) {
        /// Who sent it, as the document writes it.
        issuer: String,
        /// Contract, line or customer number.
        contract: Option<String>,
        /// The bill's own number.
        number: Option<String>,
        /// What tells it from other bills of its issuer: its number; without one, day of issue,
        /// contract, kind and total.
        bill_key: String,
        /// phone, internet, electricity, gas, water, rent, insurance, tax or other.
        kind: Option<String>,
        /// First day of the period billed.
        period_from: Option<Date>,
        /// Last day of the period billed, inclusive.
        period_to: Option<Date>,
        /// Day of issue.
        issued_on: Date,
        /// Day on which it is to be paid.
        due_on: Option<Date>,
        /// Day of payment that the bill itself states.
        paid_on: Option<Date>,
        /// Total to pay, taxes included; negative for a refund.
        total: Decimal,
        /// Part of `total` that is VAT.
        vat: Option<Decimal>,
        /// ISO 4217 currency.
        currency: String,
    }

    /// One row per line of a bill.
    BillLine => "bill_lines", Multiset, key(issuer, bill_number, label, amount, period_from), whole(issuer, bill_number) {
        /// Who sent the bill.
        issuer: String,
        /// Number of the bill: joins bills.number.
        bill_number: String,
        /// What is billed.
        label: String,
        /// Quantity, in `unit`.
        quantity: Option<Decimal>,
        /// Unit of `quantity`.
        unit: Option<String>,
        /// Amount of the line, taxes included.
        amount: Decimal,
        /// First day of the period of this line.
        period_from: Option<Date>,
        /// Last day of the period of this line, inclusive.
        period_to: Option<Date>,
        /// ISO 4217 currency.
        currency: String,
    }

    /// One row per call, message or data session of a telephone line.
    Communication => "communications", Multiset, key(line, direction, kind, started_local, other_key, duration_s, volume_bytes),
        whole(line, bill_number, kind) {
        /// The household's own line: E.164 where it is known, else what the source calls it.
        line: String,
        /// out, in, missed or rejected.
        direction: String,
        /// call, sms, mms, data, voicemail or other.
        kind: String,
        /// The other number exactly as the document writes it; null for data.
        other_raw: Option<String>,
        /// The other number in E.164; null when withheld, masked, short or not valid.
        other_e164: Option<String>,
        /// The visible digits of a partly masked number, E.164 style, with `.` for each hidden digit.
        masked_pattern: Option<String>,
        /// Short or special number, digits and signs only (`3179`, `112`, `#123#`).
        short_number: Option<String>,
        /// What tells the other party apart: E.164, short number, masked pattern or folded text.
        other_key: Option<String>,
        /// withheld, masked, short, valid, invalid, name (an alphanumeric sender) or none.
        number_kind: String,
        /// Start, UTC.
        started_at: DateTime,
        /// Start on the wall clock of the line's zone.
        started_local: DateTime,
        /// Duration in seconds; null for messages and data.
        duration_s: Option<i64>,
        /// Volume in bytes for data; null otherwise.
        volume_bytes: Option<i64>,
        /// How many messages or units were counted.
        quantity: Option<i64>,
        /// Price charged beyond the plan, taxes included; 0 when included or free.
        cost: Option<Decimal>,
        /// ISO 4217 currency of `cost`.
        currency: Option<String>,
        /// The operator's own words for the destination.
        destination: Option<String>,
        /// The operator's own words for the kind.
        raw_kind: Option<String>,
        /// Name that the document itself gives to the other party.
        stated_name: Option<String>,
        /// Number of the bill it is on.
        bill_number: Option<String>,
    }

    /// One row per event or card, calendar or address book, of which a document says all that there
    /// is: what an older document holds of it and that one does not is gone.
    StatedObject => "stated_objects", Keyed, key(kind, place, uid) {
        /// event, calendar, contact or book.
        kind: String,
        /// Calendar or address book.
        place: String,
        /// UID of the event or card; null for a whole calendar or book.
        uid: Option<String>,
        /// True when nothing is left of it.
        is_gone: bool,
    }

    /// One row per card of an address book.
    Contact => "contacts", Keyed, key(book, uid) {
        /// Address book: the source's id, or the document family when there is no source.
        book: String,
        /// UID of the card; made from its name and identifiers when the card has none.
        uid: String,
        /// Formatted name; built from the other names when the card has none.
        full_name: String,
        /// Family name.
        family_name: Option<String>,
        /// Given name.
        given_name: Option<String>,
        /// Nickname.
        nickname: Option<String>,
        /// Organisation.
        organisation: Option<String>,
        /// Job title.
        title: Option<String>,
        /// individual, org or group.
        kind: String,
        /// Birthday as written, ISO 8601; the year may be missing (`--04-13`).
        birthday: Option<String>,
        /// Note.
        note: Option<String>,
        /// REV of the card, UTC.
        revised_at: Option<DateTime>,
        /// Version that the card states.
        version: Option<String>,
        /// The card as it stands in the document, unfolded bytes decoded to text.
        raw: String,
    }

    /// One row per identifier of a card: telephone, e-mail, IBAN, address, handle.
    Identifier => "identifiers", ChildOf("contacts"), key(book, uid, kind, value, raw) {
        /// Address book of the card.
        book: String,
        /// UID of the card.
        uid: String,
        /// phone, email, iban, creditor_id, url, handle or address.
        kind: String,
        /// Canonical value: E.164, lower-case e-mail, IBAN without blanks.
        value: String,
        /// The value as the card writes it.
        raw: String,
        /// home, work, mobile or the card's own label.
        label: Option<String>,
        /// 1.0 when the card states it and it is valid; lower when it was repaired.
        confidence: f64,
    }

    /// One row per calendar that a document or a source holds.
    Calendar => "calendars", Keyed, key(calendar) {
        /// Calendar: the source's id, or the calendar's own name.
        calendar: String,
        /// The name shown to people.
        name: Option<String>,
        /// Time zone that the calendar states.
        time_zone: Option<String>,
    }

    /// One row per calendar object: an event, with its recurrence unexpanded.
    Event => "events", Keyed, key(calendar, uid, recurrence_id) {
        /// Calendar: joins calendars.calendar.
        calendar: String,
        /// UID of the object.
        uid: String,
        /// RECURRENCE-ID as written; null for the master.
        recurrence_id: Option<String>,
        /// SUMMARY.
        summary: Option<String>,
        /// DESCRIPTION.
        description: Option<String>,
        /// LOCATION.
        location: Option<String>,
        /// confirmed, tentative or cancelled.
        status: String,
        /// DTSTART on its own clock.
        starts_local: DateTime,
        /// DTSTART in UTC; all-day and floating events are read on the household's clock.
        starts_at: DateTime,
        /// True for a DATE event.
        is_all_day: bool,
        /// IANA zone of DTSTART; null for floating and all-day events.
        time_zone: Option<String>,
        /// The RRULE lines as written, joined by line ends.
        recurrence: Option<String>,
        /// E-mail of the organizer, lower case.
        organizer: Option<String>,
        /// CATEGORIES, joined by commas.
        categories: Option<String>,
        /// SEQUENCE.
        sequence: i64,
        /// The object as it stands in the document.
        raw: String,
    }

    /// One row per occurrence of an event, recurrences expanded.
    Occurrence => "occurrences", ChildOf("events"), key(calendar, uid, recurrence_id, starts_at) {
        /// Calendar.
        calendar: String,
        /// UID of the event.
        uid: String,
        /// RECURRENCE-ID of the event row that gives this occurrence; null for the master.
        recurrence_id: Option<String>,
        /// Start, UTC.
        starts_at: DateTime,
        /// End, UTC, exclusive.
        ends_at: DateTime,
        /// Start on the household's clock.
        starts_local: DateTime,
        /// End on the household's clock, exclusive.
        ends_local: DateTime,
        /// True when it covers whole days.
        is_all_day: bool,
    }

    /// One row per attendee of an event.
    Attendee => "attendees", ChildOf("events"), key(calendar, uid, recurrence_id, address) {
        /// Calendar.
        calendar: String,
        /// UID of the event.
        uid: String,
        /// RECURRENCE-ID of the event row; null for the master.
        recurrence_id: Option<String>,
        /// Calendar address as written, `mailto:` removed, lower case.
        address: String,
        /// CN as written.
        name: Option<String>,
        /// organizer, required, optional, non-participant or chair.
        role: String,
        /// PARTSTAT, lower case.
        answer: Option<String>,
    }
}

any_record! {
    Account, Transaction, Removal, Balance, Bill, BillLine, Communication, Reading, MeterIndex, TariffDay, StatedObject, Post, Follow, Contact, Identifier, Calendar, Event, Occurrence, Attendee,
}
