//! The configuration as the tables that queries read.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{Config, Language};
use crate::model::time::of_timestamp;
use crate::warehouse::{
    AccountAlias, AccountOwner, AccountSettings, Household, Line, Member, MemberIdentifier, Meter, Tariff,
};

/// Everything that `moisson.toml` says, and the household's date at `now`.
pub fn household(config: &Config, now: Timestamp) -> Household {
    Household {
        members: config
            .members
            .iter()
            .map(|member| Member { member: member.id.clone(), name: member.name.clone() })
            .collect(),
        member_identifiers: member_identifiers(config),
        lines: lines(config),
        accounts: accounts(config),
        account_owners: owners(config),
        account_aliases: aliases(config),
        meters: meters(config),
        tariffs: tariffs(config),
        settings: settings(config, now),
    }
}

fn member_identifiers(config: &Config) -> Vec<MemberIdentifier> {
    let mut found = Vec::new();
    for member in &config.members {
        let kinds = [("email", &member.emails), ("phone", &member.phones), ("iban", &member.ibans)];
        for (kind, values) in kinds {
            found.extend(values.iter().map(|value| MemberIdentifier {
                member: member.id.clone(),
                kind: kind.to_owned(),
                value: if kind == "email" { value.to_lowercase() } else { value.clone() },
            }));
        }
    }
    found
}

fn lines(config: &Config) -> Vec<Line> {
    let line = |line: &crate::config::Line| Line {
        line: line.number.clone(),
        owner: line.owner.clone(),
        operator: line.operator.clone(),
        region: line.region.clone(),
    };
    config.lines.iter().map(line).collect()
}

fn accounts(config: &Config) -> Vec<AccountSettings> {
    let settings = |account: &crate::config::Account| AccountSettings {
        account: account.id.clone(),
        name: account.name.clone(),
        bank: account.bank.clone(),
        iban: account.iban.clone(),
    };
    config.accounts.iter().map(settings).collect()
}

fn owners(config: &Config) -> Vec<AccountOwner> {
    let of = |account: &crate::config::Account| -> Vec<AccountOwner> {
        account.owners.iter().map(|owner| AccountOwner { account: account.id.clone(), owner: owner.clone() }).collect()
    };
    config.accounts.iter().flat_map(of).collect()
}

fn aliases(config: &Config) -> Vec<AccountAlias> {
    let of = |account: &crate::config::Account| -> Vec<AccountAlias> {
        account
            .also_known_as
            .iter()
            .map(|alias| AccountAlias { alias: alias.clone(), account: account.id.clone() })
            .collect()
    };
    config.accounts.iter().flat_map(of).collect()
}

fn meters(config: &Config) -> Vec<Meter> {
    let meter = |meter: &crate::config::Meter| Meter {
        meter: meter.id.clone(),
        name: meter.name.clone(),
        energy: meter.energy.code().to_owned(),
        owner: meter.owner.clone(),
        contract: meter.contract.clone(),
    };
    config.meters.iter().map(meter).collect()
}

fn tariffs(config: &Config) -> Vec<Tariff> {
    let tariff = |tariff: &crate::config::Tariff| Tariff {
        meter: tariff.meter.clone(),
        name: tariff.name.clone(),
        kind: tariff.kind.code().to_owned(),
        valid_from: tariff.valid_from,
        valid_to: tariff.valid_to,
        standing_eur_per_year: tariff.standing_eur_per_year,
        prices: tariff.prices_eur_per_kwh.iter().map(|(period, price)| (period.clone(), *price)).collect(),
        off_peak: tariff
            .off_peak
            .iter()
            .map(|hours| (i32::from(hours.from_minute), i32::from(hours.to_minute)))
            .collect(),
    };
    config.tariffs.iter().map(tariff).collect()
}

fn settings(config: &Config, now: Timestamp) -> Vec<(String, String)> {
    let zone: &TimeZone = &config.household.time_zone;
    let language = match config.household.language {
        Language::Fr => "fr",
        Language::En | Language::Auto => "en",
    };
    let pairs = [
        ("name", config.household.name.clone()),
        ("time_zone", zone.iana_name().unwrap_or("UTC").to_owned()),
        ("region", config.household.region.clone()),
        ("currency", config.household.currency.clone()),
        ("language", language.to_owned()),
        ("today", of_timestamp(now, zone).local.date().to_string()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
