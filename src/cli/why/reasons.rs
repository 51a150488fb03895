//! What a row's derived cells rest on: every group of columns that says by which rule or method
//! something was found, how sure it is, and why.
//!
//! The groups are read off the names: `match_method`, `match_score`, `match_reason` and
//! `match_state` are one; so are whatever columns a later version adds in this manner.

use std::collections::BTreeMap;

use super::super::error::CliError;
use super::super::near;
use super::Asked;

/// What the name of such a column ends with.
const ENDS: [&str; 9] =
    ["method", "methods", "rule", "score", "state", "reason", "because", "candidates", "alternatives"];

/// Cells of one group, by what their name ends with.
type Group = BTreeMap<&'static str, String>;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (column, value) in cells(asked)? {
        let Some((subject, end)) = parted(&column) else { continue };
        if !value.is_empty() && value != "[]" {
            groups.entry(subject.to_owned()).or_default().entry(end).or_insert(value);
        }
    }
    // Who fits is part of the match.
    if let Some(candidates) = groups.get("").and_then(|group| group.get("candidates")).cloned()
        && let Some(found) = groups.get_mut("match")
    {
        found.insert("candidates", candidates);
        groups.remove("");
    }
    Ok(groups.iter().map(|(subject, group)| line(asked, subject, group)).collect())
}

/// The row's cells and those of its landing row, by column.
fn cells(asked: &Asked<'_>) -> Result<Vec<(String, String)>, CliError> {
    let mut found = of(asked, &format!("main.{}", asked.view), "from this")?;
    if let Some((table, column)) = asked.mart.and_then(|mart| mart.landing) {
        let from = format!("from this inner join landing.{table} as landed on landed.id = this.{column}");
        found.extend(of(asked, &format!("landing.{table}"), &from)?);
    }
    Ok(found)
}

/// The cells of a row of `relation` that say what something rests on.
fn of(asked: &Asked<'_>, relation: &str, from: &str) -> Result<Vec<(String, String)>, CliError> {
    let alias = if relation.starts_with("landing.") { "landed" } else { "this" };
    let columns: Vec<String> =
        near::columns(asked.reader, relation)?.into_iter().filter(|column| parted(column).is_some()).collect();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = columns.iter().map(|column| format!("{alias}.\"{column}\"::varchar")).collect();
    let row = asked.ask(&format!("select {} {from}", list.join(", ")))?.into_iter().next().unwrap_or_default();
    Ok(columns.into_iter().zip(row).collect())
}

/// `match_score` → `match`, `score`; `reason` → nothing, `reason`.
fn parted(column: &str) -> Option<(&str, &'static str)> {
    ENDS.into_iter().find_map(|end| {
        let subject = column.strip_suffix(end)?;
        (subject.is_empty() || subject.ends_with('_')).then(|| (subject.trim_end_matches('_'), end))
    })
}

/// `person: by iban, score 1.000, certain: the IBAN of a card; it may also be Zoé, Luc`
fn line(asked: &Asked<'_>, subject: &str, group: &Group) -> String {
    let of = |ends: &[&str]| ends.iter().find_map(|end| group.get(end)).cloned();
    let mut parts = Vec::new();
    if let Some(method) = of(&["method", "methods"]) {
        parts.push(asked.pick(format!("by {method}"), format!("par {method}")));
    }
    if let Some(rule) = of(&["rule"]) {
        parts.push(asked.pick(format!("rule {rule}"), format!("règle {rule}")));
    }
    if let Some(score) = of(&["score"]) {
        parts.push(format!("score {score}"));
    }
    parts.extend(of(&["state"]).map(|state| self::state(asked, &state)));
    let mut said = parts.join(", ");
    for reason in ["reason", "because"].iter().filter_map(|end| group.get(end)) {
        said = if said.is_empty() { reason.clone() } else { format!("{said}{}{reason}", asked.pick(": ", " : ")) };
    }
    for others in ["candidates", "alternatives"].iter().filter_map(|end| group.get(end)) {
        let others = others.trim_matches(['[', ']']);
        let may = asked.pick(format!("it may be {others}"), format!("ce peut être {others}"));
        said = if said.is_empty() { may } else { format!("{said} ; {may}") };
    }
    let title = title(asked, subject);
    if title.is_empty() { said } else { format!("{title}{}{said}", asked.pick(": ", " : ")) }
}

/// What a group of columns is about.
fn title(asked: &Asked<'_>, subject: &str) -> String {
    let (en, fr) = match subject {
        "match" => ("person or organisation", "personne ou organisation"),
        "label" | "reading" => ("label", "libellé"),
        "category" => ("category", "catégorie"),
        "bill" => ("bill", "facture"),
        "transfer" => ("transfer", "virement"),
        "refund" => ("refund", "remboursement"),
        "no_cost" => ("no cost", "pas de coût"),
        other => return other.replace('_', " "),
    };
    asked.pick(en, fr).to_owned()
}

/// A state, in the language of the answer.
pub fn state(asked: &Asked<'_>, state: &str) -> String {
    let fr = match state {
        "certain" => "certain",
        "suggested" => "supposé",
        "confirmed" => "confirmé",
        "rejected" => "rejeté",
        "candidates" => "plusieurs possibles",
        other => other,
    };
    let en = if state == "candidates" { "several are possible" } else { state };
    asked.pick(en, fr).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_off_the_names() {
        assert_eq!(parted("match_score"), Some(("match", "score")));
        assert_eq!(parted("reason"), Some(("", "reason")));
        assert_eq!(parted("no_cost_because"), Some(("no_cost", "because")));
        assert_eq!(parted("label_rule"), Some(("label", "rule")));
        assert_eq!(parted("estate"), None);
        assert_eq!(parted("amount"), None);
    }
}
