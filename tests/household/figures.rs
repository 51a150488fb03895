//! Precision and recall of the people whom the views name, against the household's known truth.

use std::collections::{BTreeMap, BTreeSet};

use crate::home::{TRUTH, ask, text};
use crate::money::{Key, is_issuer, key, list, movements};

/// What was stated and true, stated and not true, true and not stated.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Score {
    fn compare(&mut self, place: &str, found: &BTreeSet<String>, wanted: &BTreeSet<String>) {
        self.right += found.intersection(wanted).count();
        self.wrong.extend(found.difference(wanted).map(|name| format!("{place}: {name}")));
        self.missed.extend(wanted.difference(found).map(|name| format!("{place}: {name}")));
    }

    fn per_mille(&self, others: usize) -> usize {
        (1_000 * self.right).checked_div(self.right + others).unwrap_or(1_000)
    }

    fn row(&self, what: &str) -> String {
        let (precision, recall) = (self.per_mille(self.wrong.len()), self.per_mille(self.missed.len()));
        format!(
            "{what:<24} {:>7} {:>6} {:>7} {precision:>10} {recall:>7}",
            self.right,
            self.wrong.len(),
            self.missed.len()
        )
    }
}

fn names(joined: &str) -> BTreeSet<String> {
    joined.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Communications, in their order within a line, an instant and a number: the people who have it.
fn calls() -> Score {
    let rows =
        ask("select concat_ws(' ', line, strftime(called_local, '%Y-%m-%dT%H:%M:%S'), kind, coalesce(other_e164, '')),
                    array_to_string(list_sort(people), '|') from calls");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        found.entry(row[0].clone()).or_default().extend(names(&row[1]));
    }
    let mut score = Score::default();
    for (line, facts) in TRUTH["lines"].as_object().expect("lines") {
        for row in facts["communications"].as_array().expect("a list") {
            let place = format!("{line} {} {} {}", text(&row[0]), text(&row[1]), text(&row[3]));
            let wanted = row[4].as_array().expect("names").iter().map(text).collect();
            score.compare(&place, found.get(&place).unwrap_or(&BTreeSet::new()), &wanted);
        }
    }
    score
}

/// Movements of which the truth knows whether somebody stands behind them; nobody when in question.
fn transactions() -> Score {
    let mut wanted: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for row in list("counterparties") {
        let is_clear = row[5] != "ambiguous";
        wanted.insert(key(row), row[4].as_array().expect("names").iter().filter(|_| is_clear).map(text).collect());
    }
    let own: BTreeSet<Key> =
        list("own_transfers").iter().flat_map(|pair| pair.as_array().expect("two sides")).map(key).collect();
    let mut score = Score::default();
    for movement in movements() {
        // Creditors and issuers stand on no card: tests of their own look at them.
        let is_known = wanted.contains_key(&movement.key);
        let is_other = movement.method == "creditor_id" || own.contains(&movement.key);
        if is_known || !(is_other || is_issuer(&movement.person, &movement.key[3])) {
            let nobody = BTreeSet::new();
            let wanted = wanted.get(&movement.key).unwrap_or(&nobody);
            score.compare(&movement.key.join(" "), &names(&movement.person), wanted);
        }
    }
    score
}

/// Guests of events, by their address.
fn attendees() -> Score {
    let rows = ask("select distinct agenda.uid || ' ' || address, people.name
                    from agenda, unnest(agenda.addresses) as guest(address)
                    left join people on list_contains(people.emails, address)
                        and list_contains(agenda.person_ids, people.person_id)");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        found.entry(row[0].clone()).or_default().extend(names(&row[1]));
    }
    let mut score = Score::default();
    for (uid, event) in
        TRUTH["events"].as_object().expect("files").values().flat_map(|file| file.as_object().expect("events"))
    {
        let is_held = event["occurrences"].as_u64() > Some(0);
        for guest in event["guests"].as_array().expect("a list").iter().filter(|_| is_held) {
            let place = format!("{uid} {}", text(&guest[0]).to_lowercase());
            let wanted = guest[2].as_array().expect("names").iter().map(text).collect();
            score.compare(&place, found.get(&place).unwrap_or(&BTreeSet::new()), &wanted);
        }
    }
    score
}

#[test]
fn people_are_named_rightly_on_calls_movements_and_events() {
    let scores = [("calls and messages", calls()), ("bank movements", transactions()), ("attendees", attendees())];
    println!("{:<24} {:>7} {:>6} {:>7} {:>10} {:>7}", "people on", "right", "wrong", "missed", "precision", "recall");
    for (what, score) in &scores {
        println!("{}", score.row(what));
    }
    for (what, score) in &scores {
        assert!(score.right >= 18, "{what}: {} found", score.right);
        assert!(score.wrong.is_empty(), "{what}, named wrongly: {:#?}", score.wrong);
        assert!(score.missed.is_empty(), "{what}, not named: {:#?}", score.missed);
    }
}
