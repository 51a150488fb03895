//! What is due: bills to pay, debits that are expected, consents that end.
//!
//! Each is an event of a whole day that makes nobody busy, because every client shows events and
//! some show no tasks. A bill is certain (`CONFIRMED`); a debit that only the rhythm of the
//! movements makes expect is not (`TENTATIVE`). A debit for which a bill stands is left to it, and
//! moves between own accounts are nobody's due. What is overdue stays on its day.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::ask::Row;
use super::ics::Object;
use super::words::Speech;
use super::{DeriveError, Objects, World};

const BILLS: &str = include_str!("../../queries/reports/derived_bills.sql");
const DEBITS: &str = include_str!("../../queries/reports/derived_debits.sql");
const CONSENTS: &str = include_str!("../../queries/reports/derived_consents.sql");
/// A consent that ended longer ago is no longer waited for.
const DAYS_AFTER_CONSENT: i32 = 30;

pub(super) fn objects(world: &World<'_>) -> Result<Objects, DeriveError> {
    let mut objects = Objects::new();
    for row in world.rows("due", BILLS)? {
        objects.push(bill(world, &row)?.object(world));
    }
    for row in world.rows("due", DEBITS)? {
        objects.push(debit(world, &row)?.object(world));
    }
    for row in world.rows("due", CONSENTS)? {
        let consent = consent(world, &row)?;
        if consent.is_recent(world.today) {
            objects.push(consent.object(world));
        }
    }
    Ok(objects)
}

/// One thing that is due.
struct Due {
    /// Its name without an ending; part of its identifier.
    key: String,
    day: Date,
    /// Of the data.
    stamp: DateTime,
    summary: String,
    description: String,
    category: &'static str,
    is_sure: bool,
}

impl Due {
    fn object(&self, world: &World<'_>) -> (String, Vec<u8>) {
        let mut event = Object::new("VEVENT", &format!("moisson-{}", self.key), self.stamp);
        event.all_day(self.day);
        event.line("STATUS", if self.is_sure { "CONFIRMED" } else { "TENTATIVE" });
        event.text("SUMMARY", &self.summary);
        event.text("DESCRIPTION", &self.description);
        event.text("CATEGORIES", self.category);
        if let Some(days) = world.settings.due_alarm_days {
            event.alarm(days, &self.summary);
        }
        (format!("{}.ics", self.key), event.finish())
    }

    fn is_recent(&self, today: Date) -> bool {
        self.day >= today.saturating_sub(DAYS_AFTER_CONSENT.days())
    }
}

fn bill(world: &World<'_>, row: &Row) -> Result<Due, DeriveError> {
    let speech = world.speech;
    let issuer: String = row.read(1)?;
    let amount = speech.amount(row.read(7)?, row.text(8).unwrap_or("EUR"));
    let day: Date = row.read(4)?;
    let issued_on: Date = row.maybe(6).unwrap_or(day);
    let mut said = vec![match row.text(2) {
        Some(number) => speech.pick(
            format!("Bill {number} of {}.", speech.date(issued_on)),
            format!("Facture {number} du {}.", speech.date(issued_on)),
        ),
        None => speech
            .pick(format!("A bill of {}.", speech.date(issued_on)), format!("Facture du {}.", speech.date(issued_on))),
    }];
    said.push(bill_state(speech, row.text(9).unwrap_or_default()).to_owned());
    said.push(
        match row.text(5) {
            Some("true") => {
                speech.pick("Amount and day are those of the bill.", "Montant et date sont ceux de la facture.")
            }
            _ => speech.pick(
                "The bill states no day of payment: this is its day of issue.",
                "La facture ne dit pas quand payer : ceci est sa date d'émission.",
            ),
        }
        .to_owned(),
    );
    said.extend(row.text(10).map(|source| came_from(speech, source)));
    Ok(Due {
        key: format!("bill-{}", row.read::<i64>(0)?.cast_unsigned()),
        day,
        stamp: issued_on.into(),
        summary: format!("{issuer} {amount}"),
        description: said.join("\n"),
        category: speech.pick("Bill", "Facture"),
        is_sure: true,
    })
}

fn bill_state(speech: Speech, status: &str) -> &'static str {
    match status {
        "overdue" => speech.pick(
            "No payment of it is known yet, and its day is over.",
            "Aucun paiement connu, et l'échéance est passée.",
        ),
        "partly paid" => {
            speech.pick("A part of it is paid; this is the rest.", "Une partie est payée ; ceci est le reste.")
        }
        _ => speech.pick("No payment of it is known yet.", "Aucun paiement connu pour l'instant."),
    }
}

fn debit(world: &World<'_>, row: &Row) -> Result<Due, DeriveError> {
    let speech = world.speech;
    let payee: String = row.read(1)?;
    let account = row.text(2).unwrap_or_default();
    let day: Date = row.read(4)?;
    let currency = row.text(8).unwrap_or("EUR");
    let amount: Decimal = row.read(5)?;
    let (least, most): (Decimal, Decimal) = (row.maybe(6).unwrap_or(amount), row.maybe(7).unwrap_or(amount));
    let last_on: Date = row.read(11)?;
    let n_payments: u64 = row.read(10)?;
    let percent = row.maybe::<f64>(12).unwrap_or_default() * 100.0;
    let shown = speech.amount(amount, currency);
    let is_range = speech.amount(least, currency) != speech.amount(most, currency);
    let summary = if is_range { format!("{payee} ≈ {shown}") } else { format!("{payee} {shown}") };
    let mut said = vec![speech.pick(
        format!("A debit that is expected on the account {account}."),
        format!("Prélèvement attendu sur le compte {account}."),
    )];
    if is_range {
        let (least, most) = (speech.amount(least, currency), speech.amount(most, currency));
        said.push(speech.pick(format!("Between {least} and {most}."), format!("Entre {least} et {most}.")));
    }
    let period = period(speech, row.text(3).unwrap_or_default());
    let latest = speech.date(last_on);
    said.push(speech.pick(
        format!("Read from {n_payments} payments ({period}), the last one on {latest}; regular to {percent:.0} %."),
        format!("Déduit de {n_payments} paiements ({period}), le dernier le {latest} ; régulier à {percent:.0} %."),
    ));
    if row.text(9) == Some("late") {
        said.push(
            speech
                .pick("It is late: it is not among the movements known.", "En retard : absent des mouvements connus.")
                .to_owned(),
        );
    }
    Ok(Due {
        key: format!("debit-{}-{day}", row.read::<i64>(0)?.cast_unsigned()),
        day,
        stamp: last_on.into(),
        summary,
        description: said.join("\n"),
        category: speech.pick("Expected debit", "Prélèvement attendu"),
        is_sure: false,
    })
}

fn period(speech: Speech, period: &str) -> &str {
    let french = match period {
        "weekly" => "chaque semaine",
        "fortnightly" => "toutes les deux semaines",
        "monthly" => "chaque mois",
        "bimonthly" => "tous les deux mois",
        "quarterly" => "chaque trimestre",
        "half-yearly" => "chaque semestre",
        "yearly" => "chaque année",
        other => other,
    };
    speech.pick(period, french)
}

fn consent(world: &World<'_>, row: &Row) -> Result<Due, DeriveError> {
    let speech = world.speech;
    let source: String = row.read(0)?;
    let until: DateTime = row.read(1)?;
    let instant = until.to_zoned(TimeZone::UTC).map(|utc| utc.timestamp());
    let day = instant.map_or(until.date(), |instant| instant.to_zoned(world.zone.clone()).date());
    let description = speech.pick(
        "The service lets nobody in after this day until you consent again. It says so itself.",
        "Après ce jour, le service n'ouvre plus sans un nouveau consentement. C'est lui qui le dit.",
    );
    Ok(Due {
        key: format!("consent-{}", plain(&source)),
        day,
        stamp: until,
        summary: speech.pick(format!("Consent ends: {source}"), format!("Fin de consentement : {source}")),
        description: description.to_owned(),
        category: speech.pick("Consent", "Consentement"),
        is_sure: true,
    })
}

fn came_from(speech: Speech, source: &str) -> String {
    speech.pick(format!("It came by the source `{source}`."), format!("Reçue par la source `{source}`."))
}

/// A source's id as part of a file name.
fn plain(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect()
}
