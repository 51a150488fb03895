//! Figures of bank samples: what was read beside what is expected of it.

use std::path::Path;
use std::str::FromStr;

use moisson::connector::Catalogue;
use moisson::import::AccountSum;
use moisson::import::golden::Golden;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::read_sample;

/// How a bank sample differs from its expected figures; its faults are differences too.
pub fn differences(catalogue: &Catalogue, path: &Path, figures: &Value) -> Result<Vec<String>, String> {
    let read = read_sample(catalogue, path)?;
    let mut differences: Vec<String> = read.faults.clone();
    for (name, wanted) in figures.as_object().ok_or("no figures")? {
        differences.extend(figure(&read, name, wanted));
    }
    Ok(differences)
}

/// The sum of all accounts, in one currency or in all.
pub fn total(read: &Golden, currency: Option<&str>) -> AccountSum {
    let mut total = AccountSum::default();
    let sums = read.summary.accounts.iter().filter(|((_, known), _)| currency.is_none_or(|wanted| wanted == known));
    for (_, sum) in sums {
        total.rows += sum.rows;
        total.rows_pending += sum.rows_pending;
        total.debit += sum.debit;
        total.credit += sum.credit;
        total.first = [total.first, sum.first].into_iter().flatten().min();
        total.last = total.last.max(sum.last);
    }
    total
}

/// The records of one landing table.
pub fn records(read: &Golden, table: &str) -> Vec<Map<String, Value>> {
    let parsed = read.records.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    parsed.filter(|record| record["table"] == table).filter_map(|record| record.as_object().cloned()).collect()
}

fn figure(read: &Golden, name: &str, wanted: &Value) -> Vec<String> {
    let all = total(read, None);
    match name {
        "traps" => Vec::new(),
        "accounts" => of_accounts(read, wanted),
        "booked" => of_sum("booked", &all, wanted),
        "rows" | "booked_rows" => differs(name, &all.rows.to_string(), wanted),
        "pending_rows" => differs(name, &all.rows_pending.to_string(), wanted),
        "total_rows" => differs(name, &read.summary.rows_read.to_string(), wanted),
        "sum" | "booked_sum" => differs(name, &all.sum().to_string(), wanted),
        "eur_sum" => differs(name, &total(read, Some("EUR")).sum().to_string(), wanted),
        "usd_sum" => differs(name, &total(read, Some("USD")).sum().to_string(), wanted),
        "balance" | "closing" => differs(name, &closing(read).unwrap_or_default(), wanted),
        "opening" => differs(name, &opening(read).unwrap_or_default(), wanted),
        "dates" => differs(name, &days(read), &Value::String(list(wanted))),
        _ => vec![format!("nothing is known of the figure {name}")],
    }
}

fn of_accounts(read: &Golden, wanted: &Value) -> Vec<String> {
    let Some(accounts) = wanted.as_object() else { return vec!["no accounts are expected".to_owned()] };
    let mut differences = Vec::new();
    if accounts.len() != read.summary.accounts.len() {
        differences.push(format!("{} accounts and not {}", read.summary.accounts.len(), accounts.len()));
    }
    for (account, figures) in accounts {
        // Where the document does not name the account, the expected name is a placeholder.
        let is_it = |known: &str| known == account || (accounts.len() == 1 && !account.contains(char::is_numeric));
        match read.summary.accounts.iter().find(|((known, _), _)| is_it(known)) {
            Some((_, sum)) => differences.extend(of_sum(account, sum, figures)),
            None => differences.push(format!("no account {account}")),
        }
    }
    differences
}

fn of_sum(of: &str, sum: &AccountSum, figures: &Value) -> Vec<String> {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let found = [
        ("rows", sum.rows.to_string()),
        ("sum", sum.sum().to_string()),
        ("debit", sum.debit.to_string()),
        ("credit", sum.credit.to_string()),
        ("first", day(sum.first)),
        ("last", day(sum.last)),
    ];
    found.iter().flat_map(|(name, found)| differs(&format!("{of} {name}"), found, &figures[*name])).collect()
}

/// A stated balance, else the one that runs beside the movements.
fn closing(read: &Golden) -> Option<String> {
    stated(read, "closing").or_else(|| text(records(read, "transactions").last()?, "balance_after"))
}

fn opening(read: &Golden) -> Option<String> {
    let before = || {
        let movements = records(read, "transactions");
        let amount = Decimal::from_str(&text(movements.first()?, "amount")?).ok()?;
        let after = Decimal::from_str(&text(movements.first()?, "balance_after")?).ok()?;
        Some((after - amount).to_string())
    };
    stated(read, "opening").or_else(before)
}

fn stated(read: &Golden, kind: &str) -> Option<String> {
    records(read, "balances").iter().find(|balance| balance["kind"] == kind).and_then(|balance| text(balance, "amount"))
}

fn days(read: &Golden) -> String {
    let mut days: Vec<String> = records(read, "transactions").iter().filter_map(|row| text(row, "booked_on")).collect();
    days.sort();
    days.dedup();
    days.join(" ")
}

fn text(record: &Map<String, Value>, name: &str) -> Option<String> {
    record.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn list(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// Numbers are compared as numbers: `2450` is `2450.00`.
fn differs(name: &str, found: &str, wanted: &Value) -> Vec<String> {
    let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    let is_same = match (Decimal::from_str(found), Decimal::from_str(&wanted)) {
        (Ok(found), Ok(wanted)) => found == wanted,
        _ => found == wanted,
    };
    if is_same { Vec::new() } else { vec![format!("{name}: {found} and not {wanted}")] }
}
