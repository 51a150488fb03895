//! The tables of `moisson.toml`, one struct each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::values;
use crate::schedule::Schedule;

/// `[household]`: what holds for everybody, unless something says otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Household {
    /// What the household is called; may be empty.
    pub name: String,
    /// IANA zone in which documents without one are read. Europe/Paris by default.
    #[serde(deserialize_with = "values::zone")]
    pub time_zone: TimeZone,
    /// ISO 3166 country from which telephone numbers are dialled. FR by default.
    #[serde(deserialize_with = "values::region")]
    pub region: String,
    /// ISO 4217 currency in which sums are shown. EUR by default.
    #[serde(deserialize_with = "values::currency")]
    pub currency: String,
    pub language: Language,
}

impl Default for Household {
    fn default() -> Self {
        Self {
            name: String::new(),
            time_zone: TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC),
            region: "FR".to_owned(),
            currency: "EUR".to_owned(),
            language: Language::Auto,
        }
    }
}

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Fr,
    /// The language of the system's locale.
    #[default]
    Auto,
}

/// `[[members]]`: a person of the household.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub emails: Vec<String>,
    /// E.164, however they are written in the file.
    #[serde(default)]
    pub phones: Vec<String>,
    /// Without blanks, upper case.
    #[serde(default, deserialize_with = "values::ibans")]
    pub ibans: Vec<String>,
}

/// `[[accounts]]`: a bank account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What the documents call the account, or what its source does.
    pub id: String,
    pub name: Option<String>,
    pub bank: Option<String>,
    /// Without blanks, upper case.
    #[serde(default, deserialize_with = "values::iban")]
    pub iban: Option<String>,
    /// Ids of members.
    #[serde(default)]
    pub owners: Vec<String>,
    /// Other names under which documents know this account.
    #[serde(default)]
    pub also_known_as: Vec<String>,
}

/// `[[lines]]`: a telephone line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// E.164, however it is written in the file.
    pub number: String,
    /// Id of a member.
    pub owner: Option<String>,
    pub operator: Option<String>,
    /// ISO 3166 country from which the line dials; the household's when absent.
    #[serde(default, deserialize_with = "values::optional_region")]
    pub region: Option<String>,
}

/// `[[sources]]`: documents of mine that come by the same way. Everything but its id is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: String,
    /// Connector its documents are read with: `bank/example`.
    pub connector: Option<String>,
    /// Pattern of its files, `bank/*.csv`: as in `*`, `?` and `**`, from any folder on.
    pub files: Option<String>,
    /// Account of documents that do not name theirs.
    pub account: Option<String>,
    /// Id of a member.
    pub owner: Option<String>,
    /// Line of documents that do not name theirs; E.164, however it is written in the file.
    pub line: Option<String>,
    /// Meter of documents that do not name theirs.
    pub meter: Option<String>,
    /// Calendar its events belong to.
    pub calendar: Option<String>,
    /// Address book its contacts belong to.
    pub book: Option<String>,
    /// Whether each of its documents shows the whole calendar or address book, so that what a later
    /// one lacks is gone. A calendar that is published at an address does, others do not.
    pub whole: Option<bool>,
    /// Whether what is changed in its calendars or address books here is changed at the server too.
    #[serde(default)]
    pub two_way: bool,
    /// IANA zone of documents that do not name theirs; the household's when absent.
    #[serde(default, deserialize_with = "values::optional_zone")]
    pub time_zone: Option<TimeZone>,
    /// When it is fetched by itself: five fields of a crontab, or `@daily` and the like.
    pub schedule: Option<Schedule>,
    /// By how much at most a run is put off, so that not everybody calls at the same second.
    pub jitter: Option<Span>,
    /// Sources that run before this one, in the same slot.
    #[serde(default)]
    pub after: Vec<String>,
    /// Something new is expected within this time; the connector's own when absent.
    pub expects_within: Option<Span>,
    /// What the connector asks for, by the names of its `needs`; `base` is another address.
    #[serde(default)]
    pub fetch: BTreeMap<String, Setting>,
    /// Where a secret is, when it is not in the vault under `<source>/<name>`.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretPlace>,
}

/// A value, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Setting {
    Flag(bool),
    Number(i64),
    Text(String),
    Texts(Vec<String>),
}

impl Setting {
    /// The values as texts.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Flag(flag) => vec![flag.to_string()],
            Self::Number(number) => vec![number.to_string()],
            Self::Text(text) => vec![text.clone()],
            Self::Texts(texts) => texts.clone(),
        }
    }

    /// The same with its texts changed.
    #[must_use]
    pub fn mapped(&self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Text(text) => Self::Text(change(text)),
            Self::Texts(texts) => Self::Texts(texts.iter().map(|text| change(text)).collect()),
            other => other.clone(),
        }
    }
}

/// Where a secret is: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SecretPlace {
    /// In the vault, under another name.
    Vault(String),
    /// In a file, whose last line break does not count.
    File(PathBuf),
    /// In a file of `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// In the environment.
    Env(String),
    /// What a command prints, without a shell in between.
    Command(Vec<String>),
}

/// `[[meters]]`: an energy meter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    /// What the documents call the meter (PRM or PDL for electricity, PCE for gas).
    pub id: String,
    pub name: Option<String>,
    pub energy: Energy,
    /// Id of a member.
    pub owner: Option<String>,
    /// Contract as the supplier's bills state it.
    pub contract: Option<String>,
}

/// What a meter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Energy {
    Electricity,
    Gas,
}

impl Energy {
    /// As it is written in the file and stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Electricity => "electricity",
            Self::Gas => "gas",
        }
    }
}

/// `[[tariffs]]`: one version of the tariff of a meter, taxes included.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// Id of a meter.
    pub meter: String,
    pub name: String,
    pub kind: TariffKind,
    /// First day, inclusive.
    #[serde(deserialize_with = "values::date")]
    pub valid_from: Date,
    /// First day of what follows, exclusive; absent while it runs.
    #[serde(default, deserialize_with = "values::optional_date")]
    pub valid_to: Option<Date>,
    /// Cheap hours of `hp_hc`; empty for the other kinds.
    #[serde(default)]
    pub off_peak: Vec<OffPeak>,
    /// Standing charge, euros a year.
    #[serde(deserialize_with = "values::decimal")]
    pub standing_eur_per_year: Decimal,
    /// Euros a kWh for exactly the periods of the kind.
    #[serde(deserialize_with = "values::prices")]
    pub prices_eur_per_kwh: BTreeMap<String, Decimal>,
}

/// How a tariff divides time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TariffKind {
    /// One price.
    Base,
    /// Peak and off-peak hours (heures pleines, heures creuses), set for each meter.
    HpHc,
    /// Three colours of day, each with its peak and off-peak price; off-peak is 22:00-06:00.
    Tempo,
}

impl TariffKind {
    /// As it is written in the file and stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::HpHc => "hp_hc",
            Self::Tempo => "tempo",
        }
    }

    /// The periods it has a price for.
    pub fn periods(self) -> &'static [&'static str] {
        match self {
            Self::Base => &["base"],
            Self::HpHc => &["hp", "hc"],
            Self::Tempo => &["blue_hp", "blue_hc", "white_hp", "white_hc", "red_hp", "red_hc"],
        }
    }
}

/// Off-peak hours of a day, written `22:30-06:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffPeak {
    /// Minute of the local day, inclusive.
    pub from_minute: u16,
    /// Minute of the local day, exclusive; before `from_minute` when it crosses midnight.
    pub to_minute: u16,
}
