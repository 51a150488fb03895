//! What the configuration says of the household, as tables that queries read.
//!
//! Written whole at each refresh: the configuration is their truth, nothing here is edited.

use std::fmt::Write;

use duckdb::{Connection, params};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Warehouse, WarehouseError};

/// Everything that the configuration says of the household.
#[derive(Debug, Clone, Default)]
pub struct Household {
    pub members: Vec<Member>,
    pub member_identifiers: Vec<MemberIdentifier>,
    pub lines: Vec<Line>,
    pub accounts: Vec<AccountSettings>,
    pub account_owners: Vec<AccountOwner>,
    pub account_aliases: Vec<AccountAlias>,
    pub meters: Vec<Meter>,
    pub tariffs: Vec<Tariff>,
    /// Keys and values that queries read: `time_zone`, `currency`, `locale`, …
    pub settings: Vec<(String, String)>,
}

/// A person of the household.
#[derive(Debug, Clone, Default)]
pub struct Member {
    pub member: String,
    pub name: String,
}

/// What a member is known by: kind as in `landing.identifiers`, value canonical.
#[derive(Debug, Clone, Default)]
pub struct MemberIdentifier {
    pub member: String,
    pub kind: String,
    pub value: String,
}

/// A telephone line: E.164, its owner, its operator, the region its numbers are read in.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub line: String,
    pub owner: Option<String>,
    pub operator: Option<String>,
    pub region: Option<String>,
}

/// What the household calls an account.
#[derive(Debug, Clone, Default)]
pub struct AccountSettings {
    pub account: String,
    pub name: Option<String>,
    pub bank: Option<String>,
    pub iban: Option<String>,
}

/// A member who owns an account.
#[derive(Debug, Clone, Default)]
pub struct AccountOwner {
    pub account: String,
    pub owner: String,
}

/// Another name under which documents know an account.
#[derive(Debug, Clone, Default)]
pub struct AccountAlias {
    pub alias: String,
    pub account: String,
}

/// A meter, named as its documents name it.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    pub meter: String,
    pub name: Option<String>,
    pub energy: String,
    pub owner: Option<String>,
    pub contract: Option<String>,
}

/// One version of the tariff of a meter.
#[derive(Debug, Clone, Default)]
pub struct Tariff {
    pub meter: String,
    pub name: String,
    /// `base`, `hp_hc` or `tempo`.
    pub kind: String,
    pub valid_from: Date,
    /// First day of what follows, exclusive; absent while it runs.
    pub valid_to: Option<Date>,
    /// Standing charge, euros a year, taxes included.
    pub standing_eur_per_year: Decimal,
    /// Period (`base`, `hp`, `hc`, `blue_hp`, …) and its price in euros a kWh, taxes included.
    pub prices: Vec<(String, Decimal)>,
    /// Off-peak hours: minutes of the local day, from inclusive, to exclusive; to < from crosses midnight.
    pub off_peak: Vec<(i32, i32)>,
}

/// Table, and its columns with their types, in the order in which rows are bound.
const TABLES: &[(&str, &str)] = &[
    ("members", "member VARCHAR, name VARCHAR"),
    ("member_identifiers", "member VARCHAR, kind VARCHAR, value VARCHAR"),
    ("lines", "line VARCHAR, owner VARCHAR, operator VARCHAR, region VARCHAR"),
    ("account_settings", "account VARCHAR, name VARCHAR, bank VARCHAR, iban VARCHAR"),
    ("account_owners", "account VARCHAR, owner VARCHAR"),
    ("account_aliases", "alias VARCHAR, account VARCHAR"),
    ("meters", "meter VARCHAR, name VARCHAR, energy VARCHAR, owner VARCHAR, contract VARCHAR"),
    (
        "tariffs",
        "tariff_id INTEGER, meter VARCHAR, name VARCHAR, kind VARCHAR, valid_from DATE, valid_to DATE, \
         standing_eur_per_year DECIMAL(18,5)",
    ),
    ("tariff_prices", "tariff_id INTEGER, period VARCHAR, eur_per_kwh DECIMAL(18,8)"),
    ("tariff_off_peak", "tariff_id INTEGER, from_minute INTEGER, to_minute INTEGER"),
    ("settings", "key VARCHAR, value VARCHAR"),
];

impl Warehouse {
    /// Writes what the configuration says, in place of what it said before, in one transaction.
    pub fn set_household(&mut self, household: &Household) -> Result<(), WarehouseError> {
        let transaction = self.connection.transaction()?;
        for (table, _) in TABLES {
            transaction.execute_batch(&format!("delete from household.{table}"))?;
        }
        write_people(&transaction, household)?;
        write_accounts(&transaction, household)?;
        write_energy(&transaction, household)?;
        for (key, value) in &household.settings {
            insert(&transaction, "settings", params![key, value])?;
        }
        Ok(transaction.commit()?)
    }
}

/// The statements that make the schema and its tables.
pub(super) fn tables() -> String {
    let mut sql = "create schema household;\n".to_owned();
    for (table, columns) in TABLES {
        let _ = writeln!(sql, "create table household.{table} ({columns});");
    }
    sql
}

fn write_people(to: &Connection, household: &Household) -> Result<(), WarehouseError> {
    for row in &household.members {
        insert(to, "members", params![row.member, row.name])?;
    }
    for row in &household.member_identifiers {
        insert(to, "member_identifiers", params![row.member, row.kind, row.value])?;
    }
    for row in &household.lines {
        insert(to, "lines", params![row.line, row.owner, row.operator, row.region])?;
    }
    Ok(())
}

fn write_accounts(to: &Connection, household: &Household) -> Result<(), WarehouseError> {
    for row in &household.accounts {
        insert(to, "account_settings", params![row.account, row.name, row.bank, row.iban])?;
    }
    for row in &household.account_owners {
        insert(to, "account_owners", params![row.account, row.owner])?;
    }
    for row in &household.account_aliases {
        insert(to, "account_aliases", params![row.alias, row.account])?;
    }
    Ok(())
}

fn write_energy(to: &Connection, household: &Household) -> Result<(), WarehouseError> {
    for row in &household.meters {
        insert(to, "meters", params![row.meter, row.name, row.energy, row.owner, row.contract])?;
    }
    for (id, tariff) in (1..).zip(&household.tariffs) {
        write_tariff(to, id, tariff)?;
    }
    Ok(())
}

fn write_tariff(to: &Connection, id: i32, tariff: &Tariff) -> Result<(), WarehouseError> {
    let from = tariff.valid_from.to_string();
    let until = tariff.valid_to.map(|day| day.to_string());
    let standing = tariff.standing_eur_per_year.to_string();
    insert(to, "tariffs", params![id, tariff.meter, tariff.name, tariff.kind, from, until, standing])?;
    for (period, price) in &tariff.prices {
        insert(to, "tariff_prices", params![id, period, price.to_string()])?;
    }
    for (start, end) in &tariff.off_peak {
        insert(to, "tariff_off_peak", params![id, start, end])?;
    }
    Ok(())
}

fn insert(to: &Connection, table: &str, row: &[&dyn duckdb::ToSql]) -> Result<(), WarehouseError> {
    let marks = vec!["?"; row.len()].join(", ");
    to.execute(&format!("insert into household.{table} values ({marks})"), row)?;
    Ok(())
}
