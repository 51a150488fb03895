//! What one value cannot tell: whether the tables of the file agree with each other.

use std::collections::BTreeMap;

use super::Config;
use super::household::{OffPeak, Tariff, TariffKind};
use crate::model::phone::{self, Number};
use crate::model::toml_places::Step;
use crate::schedule::{self, Tangle};

/// A value that cannot stand beside the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The way to it.
    pub at: Vec<Step>,
    pub message: String,
    pub hint: Option<String>,
}

/// What the household's own collections are called among sources.
const OWN: &str = "own";

type Checked = Result<(), Wrong>;

/// Checks the whole, and writes telephone numbers as E.164.
pub fn check(config: &mut Config) -> Checked {
    read_numbers(config)?;
    check_unique(config)?;
    check_emails(config)?;
    check_owners(config)?;
    check_sources(config)?;
    check_turns(config)?;
    check_tariffs(config)?;
    check_serve(config)
}

fn read_numbers(config: &mut Config) -> Checked {
    let home = config.household.region.clone();
    for (m, member) in config.members.iter_mut().enumerate() {
        for (p, phone) in member.phones.iter_mut().enumerate() {
            *phone = e164(phone, &home, || at("members", m, "phones", Some(p)))?;
        }
    }
    for (l, line) in config.lines.iter_mut().enumerate() {
        let region = line.region.as_deref().unwrap_or(&home);
        line.number = e164(&line.number, region, || at("lines", l, "number", None))?;
    }
    for (s, source) in config.sources.iter_mut().enumerate() {
        if let Some(line) = &mut source.line {
            *line = e164(line, &home, || at("sources", s, "line", None))?;
        }
    }
    Ok(())
}

fn e164(raw: &str, region: &str, at: impl FnOnce() -> Vec<Step>) -> Result<String, Wrong> {
    match phone::read(raw, region) {
        Number::Valid(number) => Ok(number),
        _ => Err(wrong(at(), format!("`{raw}` is not a telephone number that can be dialled from {region}"))
            .with_hint("write it with its country code, as in `+33 6 39 98 10 01`")),
    }
}

fn check_unique(config: &Config) -> Checked {
    unique("members", "id", config.members.iter().map(|member| member.id.as_str()))?;
    unique("accounts", "id", config.accounts.iter().map(|account| account.id.as_str()))?;
    unique("lines", "number", config.lines.iter().map(|line| line.number.as_str()))?;
    unique("sources", "id", config.sources.iter().map(|source| source.id.as_str()))?;
    unique("meters", "id", config.meters.iter().map(|meter| meter.id.as_str()))?;
    let mut names: BTreeMap<&str, &str> =
        config.accounts.iter().map(|account| (account.id.as_str(), account.id.as_str())).collect();
    for (a, account) in config.accounts.iter().enumerate() {
        for (n, name) in account.also_known_as.iter().enumerate() {
            if let Some(other) = names.insert(name, &account.id) {
                let message = format!("`{name}` already means the account `{other}`");
                return Err(wrong(at("accounts", a, "also_known_as", Some(n)), message));
            }
        }
    }
    Ok(())
}

fn unique<'a>(table: &'static str, key: &'static str, ids: impl Iterator<Item = &'a str>) -> Checked {
    let mut seen = BTreeMap::new();
    for (index, id) in ids.enumerate() {
        let message = match seen.insert(id, index) {
            _ if id.trim().is_empty() => format!("`{key}` is empty"),
            Some(first) => format!("`{id}` is already the {key} of [[{table}]] number {}", first + 1),
            None => continue,
        };
        return Err(wrong(at(table, index, key, None), message));
    }
    Ok(())
}

fn check_emails(config: &Config) -> Checked {
    for (m, member) in config.members.iter().enumerate() {
        if let Some(e) = member.emails.iter().position(|email| !email.trim_matches('@').contains('@')) {
            let message = format!("`{}` is not an e-mail address", member.emails[e]);
            return Err(wrong(at("members", m, "emails", Some(e)), message));
        }
    }
    Ok(())
}

fn check_owners(config: &Config) -> Checked {
    let members: Vec<&str> = config.members.iter().map(|member| member.id.as_str()).collect();
    for (a, account) in config.accounts.iter().enumerate() {
        for (o, owner) in account.owners.iter().enumerate() {
            named(Some(owner), &members, "members", || at("accounts", a, "owners", Some(o)))?;
        }
    }
    for (l, line) in config.lines.iter().enumerate() {
        named(line.owner.as_ref(), &members, "members", || at("lines", l, "owner", None))?;
    }
    for (m, meter) in config.meters.iter().enumerate() {
        named(meter.owner.as_ref(), &members, "members", || at("meters", m, "owner", None))?;
    }
    for (s, source) in config.sources.iter().enumerate() {
        named(source.owner.as_ref(), &members, "members", || at("sources", s, "owner", None))?;
    }
    Ok(())
}

fn check_sources(config: &Config) -> Checked {
    let ids = config.accounts.iter().flat_map(|account| std::iter::once(&account.id).chain(&account.also_known_as));
    let accounts: Vec<&str> = ids.map(String::as_str).collect();
    let lines: Vec<&str> = config.lines.iter().map(|line| line.number.as_str()).collect();
    let meters: Vec<&str> = config.meters.iter().map(|meter| meter.id.as_str()).collect();
    for (s, source) in config.sources.iter().enumerate() {
        named(source.account.as_ref(), &accounts, "accounts", || at("sources", s, "account", None))?;
        named(source.line.as_ref(), &lines, "lines", || at("sources", s, "line", None))?;
        named(source.meter.as_ref(), &meters, "meters", || at("sources", s, "meter", None))?;
        let names = [("id", Some(&source.id)), ("calendar", source.calendar.as_ref()), ("book", source.book.as_ref())];
        if let Some((key, _)) = names.into_iter().find(|(_, name)| name.is_some_and(|name| name == OWN)) {
            let message = format!("`{OWN}` stands for the household's own calendars and address books");
            return Err(wrong(at("sources", s, key, None), message).with_hint("call it something else"));
        }
    }
    Ok(())
}

/// Every source that runs after others gets its turn.
fn check_turns(config: &Config) -> Checked {
    let waits = config.sources.iter().map(|source| (source.id.as_str(), source.after.as_slice()));
    let Err(tangle) = schedule::check(waits) else { return Ok(()) };
    let (source, after, hint) = match &tangle {
        Tangle::Unknown { source, after } => (source, Some(after), "name the `id` of another source".to_owned()),
        Tangle::Cycle(names) => {
            (&names[0], names.get(1), "take one of them out of `after`: none of these would ever run".to_owned())
        }
    };
    let s = config.sources.iter().position(|known| known.id == *source).unwrap_or_default();
    let n = config.sources.get(s).and_then(|source| source.after.iter().position(|name| Some(name) == after));
    Err(wrong(at("sources", s, "after", n), tangle.to_string()).with_hint(&hint))
}

/// Refuses a name that no entry of `table` has.
fn named(name: Option<&String>, known: &[&str], table: &str, at: impl FnOnce() -> Vec<Step>) -> Checked {
    let Some(name) = name.filter(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let hint = match known {
        [] => format!("add it under [[{table}]]"),
        known => format!("expected {}, or a new entry under [[{table}]]", known.join(", ")),
    };
    Err(wrong(at(), format!("`{name}` is not among [[{table}]]")).with_hint(&hint))
}

fn check_tariffs(config: &Config) -> Checked {
    let meters: Vec<&str> = config.meters.iter().map(|meter| meter.id.as_str()).collect();
    for (t, tariff) in config.tariffs.iter().enumerate() {
        named(Some(&tariff.meter), &meters, "meters", || at("tariffs", t, "meter", None))?;
        check_period(t, tariff)?;
        check_prices(t, tariff)?;
        check_off_peak(t, tariff)?;
        if let Some(other) = config.tariffs[..t].iter().find(|other| overlap(other, tariff)) {
            let message =
                format!("this version overlaps the one of {} that is valid from {}", other.meter, other.valid_from);
            return Err(wrong(at("tariffs", t, "valid_from", None), message)
                .with_hint("`valid_to` is the first day on which a version no longer holds"));
        }
    }
    Ok(())
}

fn overlap(one: &Tariff, other: &Tariff) -> bool {
    let is_before = |one: &Tariff, other: &Tariff| one.valid_to.is_some_and(|end| end <= other.valid_from);
    one.meter == other.meter && !is_before(one, other) && !is_before(other, one)
}

fn check_period(t: usize, tariff: &Tariff) -> Checked {
    match tariff.valid_to {
        Some(end) if end <= tariff.valid_from => {
            Err(wrong(at("tariffs", t, "valid_to", None), format!("{end} is not after {}", tariff.valid_from)))
        }
        _ => Ok(()),
    }
}

fn check_prices(t: usize, tariff: &Tariff) -> Checked {
    let periods = tariff.kind.periods();
    let is_exact = tariff.prices_eur_per_kwh.len() == periods.len()
        && periods.iter().all(|period| tariff.prices_eur_per_kwh.contains_key(*period));
    if is_exact {
        return Ok(());
    }
    let message = format!("a tariff of kind `{}` has the prices {}", tariff.kind.code(), periods.join(", "));
    let given: Vec<&str> = tariff.prices_eur_per_kwh.keys().map(String::as_str).collect();
    let hint = format!("the prices given are {}", if given.is_empty() { "none".to_owned() } else { given.join(", ") });
    Err(wrong(at("tariffs", t, "prices_eur_per_kwh", None), message).with_hint(&hint))
}

fn check_off_peak(t: usize, tariff: &Tariff) -> Checked {
    let way = |index| at("tariffs", t, "off_peak", index);
    match (tariff.kind, tariff.off_peak.is_empty()) {
        (TariffKind::HpHc, true) => {
            return Err(wrong(way(None), "a tariff of kind `hp_hc` needs its off-peak hours".to_owned())
                .with_hint("add `off_peak = [\"22:30-06:30\"]`, as the bill or the meter states them"));
        }
        (TariffKind::Base | TariffKind::Tempo, false) => {
            let message = format!("a tariff of kind `{}` has no off-peak hours of its own", tariff.kind.code());
            return Err(wrong(way(None), message));
        }
        _ => {}
    }
    let mut taken = [false; 1440];
    for (index, range) in tariff.off_peak.iter().enumerate() {
        for minute in minutes(*range) {
            if std::mem::replace(&mut taken[minute], true) {
                return Err(wrong(way(Some(index)), "this range overlaps another one".to_owned()));
            }
        }
    }
    Ok(())
}

/// Passwords do not cross a network in the clear.
fn check_serve(config: &Config) -> Checked {
    if !config.serve.is_exposed(config.serve.listen) {
        return Ok(());
    }
    let way = vec![Step::Key("serve"), Step::Key("listen")];
    let message = format!("{} is reached from other machines, and nothing encrypts what they say", config.serve.listen);
    Err(wrong(way, message).with_hint(
        "add [serve.tls] with `certificate` and `key`; or, behind a proxy that speaks TLS, its address under `proxies`",
    ))
}

fn minutes(range: OffPeak) -> impl Iterator<Item = usize> {
    let (from, to) = (usize::from(range.from_minute), usize::from(range.to_minute));
    let end = if to > from { to } else { to + 1440 };
    (from..end).map(|minute| minute % 1440)
}

fn wrong(at: Vec<Step>, message: String) -> Wrong {
    Wrong { at, message, hint: None }
}

impl Wrong {
    fn with_hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }
}

fn at(table: &'static str, index: usize, key: &'static str, item: Option<usize>) -> Vec<Step> {
    let mut steps = vec![Step::Key(table), Step::Index(index), Step::Key(key)];
    steps.extend(item.map(Step::Index));
    steps
}
