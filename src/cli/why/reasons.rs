//! What a row's derived cells rest on: every group of columns that says by which rule or method
//! something was found, how sure it is, and why.
//!
//! The groups are read off the names: `match_method`, `match_score`, `match_reason` and
//! `match_state` are one; so are whatever columns a later version adds in this manner.

use std::collections::BTreeMap;

use super::super::error::CliError;
use super::super::{near, table};
use super::Asked;

/// What the name of such a column ends with.
const ENDS: [&str; 10] =
    ["method", "methods", "rule", "score", "state", "reason", "reason_fr", "because", "candidates", "alternatives"];

/// What is told of one subject.
#[derive(Default)]
struct Group {
    /// The cell that has the subject's own name: what was found.
    found: Option<String>,
    /// How it was found: cells by what their name ends with.
    how: BTreeMap<&'static str, String>,
    /// What else was found with it: names, without the subject's, and cells.
    details: Vec<(String, String)>,
}

/// Names and cells of columns; empty ones are left out.
type Cells = Vec<(String, String)>;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let groups = groups(&cells(asked)?);
    Ok(groups.iter().map(|(subject, group)| line(asked, subject, group)).collect())
}

/// The row's cells, then those of its landing row that the view does not have.
fn cells(asked: &Asked<'_>) -> Result<Cells, CliError> {
    let mut found = of(asked, &format!("main.{}", asked.view), "this", "from this")?;
    if let Some((table, column)) = asked.mart.and_then(|mart| mart.landing) {
        let from = format!("from this inner join landing.{table} as landed on landed.id = this.{column}");
        let landed = of(asked, &format!("landing.{table}"), "landed", &from)?;
        let is_new = |(name, _): &(String, String)| !found.iter().any(|(known, _)| known == name);
        found.extend(landed.into_iter().filter(is_new).collect::<Vec<_>>());
    }
    found.retain(|(_, cell)| !cell.is_empty() && cell != "[]");
    Ok(found)
}

fn of(asked: &Asked<'_>, relation: &str, alias: &str, from: &str) -> Result<Cells, CliError> {
    let columns = near::columns(asked.reader, relation)?;
    let list: Vec<String> = columns.iter().map(|column| format!("{alias}.\"{column}\"::varchar")).collect();
    let row = asked.ask(&format!("select {} {from}", list.join(", ")))?.into_iter().next().unwrap_or_default();
    Ok(columns.into_iter().zip(row).collect())
}

/// Cells by what they are about: how something was found, then what was found.
fn groups(cells: &Cells) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (column, cell) in cells {
        if let Some((subject, end)) = parted(column) {
            groups.entry(subject.to_owned()).or_default().how.insert(end, cell.clone());
        }
    }
    for (column, cell) in cells.iter().filter(|(column, _)| parted(column).is_none()) {
        let about = |subject: &&String| {
            column.strip_prefix(subject.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let subject = groups.keys().filter(|subject| !subject.is_empty()).filter(about).max_by_key(|name| name.len());
        let Some((subject, group)) = subject.cloned().and_then(|name| Some((name.clone(), groups.get_mut(&name)?)))
        else {
            continue;
        };
        match column[subject.len()..].trim_start_matches('_') {
            "" => group.found = Some(cell.clone()),
            detail => group.details.push((detail.to_owned(), cell.clone())),
        }
    }
    // Who else fits is part of the match.
    let candidates = groups.get_mut("").and_then(|group| group.how.remove("candidates"));
    if let (Some(candidates), Some(found)) = (candidates, groups.get_mut("match")) {
        found.how.insert("candidates", candidates);
    }
    groups.retain(|_, group| !group.how.is_empty());
    groups
}

/// `match_score` → `match`, `score`; `reason` → nothing, `reason`.
fn parted(column: &str) -> Option<(&str, &'static str)> {
    ENDS.into_iter().find_map(|end| {
        let subject = column.strip_suffix(end)?;
        (subject.is_empty() || subject.ends_with('_')).then(|| (subject.trim_end_matches('_'), end))
    })
}

/// `person: by iban, score 1.000, certain: the IBAN of a card; it may be Zoé, Luc`
fn line(asked: &Asked<'_>, subject: &str, group: &Group) -> String {
    let of = |end: &str| group.how.get(end);
    let mut parts: Vec<String> = group.found.iter().cloned().collect();
    let by = |method: &String| asked.pick(format!("by {method}"), format!("par {method}"));
    parts.extend(of("method").or(of("methods")).map(by));
    parts.extend(of("rule").map(|rule| asked.pick(format!("rule {rule}"), format!("règle {rule}"))));
    parts.extend(of("score").map(|score| format!("score {score}")));
    parts.extend(of("state").map(|state| self::state(asked, state)));
    let mut said = vec![title(asked, subject), parts.join(", ")];
    said.extend(asked.pick(of("reason"), of("reason_fr").or(of("reason"))).cloned());
    said.extend(of("because").cloned());
    said.push(group.details.iter().map(|(name, cell)| format!("{name} {cell}")).collect::<Vec<_>>().join(", "));
    said.retain(|part| !part.is_empty());
    let mut said = said.join(asked.pick(": ", " : "));
    for others in ["candidates", "alternatives"].iter().filter_map(|end| of(end)) {
        let others = others.trim_matches(['[', ']']);
        said.push_str(&asked.pick(format!("; it may be {others}"), format!(" ; ce peut être {others}")));
    }
    table::one_line(&said)
}

/// What a group of columns is about.
fn title(asked: &Asked<'_>, subject: &str) -> String {
    let (en, fr) = match subject {
        "match" => ("person or organisation", "personne ou organisation"),
        "label" | "reading" => ("label", "libellé"),
        "category" => ("category", "catégorie"),
        "label_category" => ("category by the label", "catégorie d'après le libellé"),
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

    #[test]
    fn what_was_found_stands_with_how() {
        let cells: Cells = ["label_rule", "label_payee", "label_category", "label_category_rule", "amount"]
            .map(|column| (column.to_owned(), format!("<{column}>")))
            .into();
        let groups = groups(&cells);
        assert_eq!(groups.keys().collect::<Vec<_>>(), ["label", "label_category"]);
        assert_eq!(groups["label"].details, [("payee".to_owned(), "<label_payee>".to_owned())]);
        assert_eq!(groups["label_category"].found.as_deref(), Some("<label_category>"));
    }
}
