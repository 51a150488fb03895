//! Single values of the file: each is checked where it stands, so that an error can point at it.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use iban::{Iban, IbanLike as _};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use super::household::OffPeak;
use crate::model::money::Currency;

pub fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(from)?;
    TimeZone::get(&name)
        .map_err(|_| D::Error::custom(format!("`{name}` is not a time zone, expected a name such as `Europe/Paris`")))
}

pub fn optional_zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeZone>, D::Error> {
    zone(from).map(Some)
}

pub fn region<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let code = String::deserialize(from)?;
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code
        .then_some(code.clone())
        .ok_or_else(|| D::Error::custom(format!("`{code}` is not a country, expected two letters such as `FR`")))
}

pub fn optional_region<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    region(from).map(Some)
}

pub fn currency<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let code = String::deserialize(from)?;
    Currency::parse(&code)
        .map(|currency| currency.as_str().to_owned())
        .ok_or_else(|| D::Error::custom(format!("`{code}` is not a currency, expected a code such as `EUR`")))
}

pub fn iban<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Checked::deserialize(from).map(|Checked(iban)| Some(iban))
}

pub fn ibans<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Checked>::deserialize(from)?.into_iter().map(|Checked(iban)| iban).collect())
}

pub fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let value = toml::Value::deserialize(from)?;
    let text = match &value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(day) => day.to_string(),
        other => return Err(D::Error::custom(format!("{other} is not a date, expected one such as `2026-02-01`"))),
    };
    text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a date, expected one such as `2026-02-01`")))
}

pub fn optional_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    date(from).map(Some)
}

pub fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    Exact::deserialize(from).map(|Exact(number)| number)
}

pub fn prices<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Decimal>, D::Error> {
    let prices = BTreeMap::<String, Exact>::deserialize(from)?;
    Ok(prices.into_iter().map(|(period, Exact(price))| (period, price)).collect())
}

/// An IBAN whose country, form and check digits are right.
struct Checked(String);

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        match compact.parse::<Iban>() {
            Ok(iban) => Ok(Self(iban.electronic_str().to_owned())),
            Err(error) => Err(D::Error::custom(format!("`{text}` is not an IBAN: {error}"))),
        }
    }
}

/// A decimal as written. Numbers with a point arrive as text (see `exact`), never as a float.
struct Exact(Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ExactVisitor)
    }
}

struct ExactVisitor;

impl Visitor<'_> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decimal number such as `0.2146`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
        let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_str(text));
        number.map(Exact).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
        Ok(Exact(Decimal::from(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Exact, E> {
        Ok(Exact(Decimal::from(number)))
    }
}

impl<'de> Deserialize<'de> for OffPeak {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        off_peak(&text).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is not a range of hours, expected one such as `22:30-06:30`"))
        })
    }
}

fn off_peak(text: &str) -> Option<OffPeak> {
    let (from, to) = text.split_once('-')?;
    let range = OffPeak { from_minute: minute(from)?, to_minute: minute(to)? };
    (range.from_minute != range.to_minute && range.from_minute < 1440).then_some(range)
}

/// `06:30` in minutes; `24:00` is the end of a day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let is_written = hours.len() == 2 && minutes.len() == 2;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (is_written && minutes < 60 && hours * 60 + minutes <= 1440).then_some(hours * 60 + minutes)
}
