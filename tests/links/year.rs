//! A year made to mislead: how many of its links are found, and how many of those are right.
//!
//! `benches/links.py --write fixtures/links/year --seeds 1` makes it; the same command without
//! `--write` measures other years.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::homes::TestHome;
use crate::support::root;

/// What is found, what of it is right, and what is true.
struct Score {
    found: usize,
    right: usize,
    truth: usize,
}

impl Score {
    fn of(found: &[Vec<String>], truth: &Value) -> Self {
        let mut left: BTreeMap<(String, String), usize> = BTreeMap::new();
        let links = truth.as_array().expect("links");
        for link in links {
            let side = |at: usize| link[at].as_str().expect("a text").to_owned();
            *left.entry((side(0), side(1))).or_default() += 1;
        }
        let is_right = |link: &&Vec<String>| match left.get_mut(&(link[0].clone(), link[1].clone())) {
            Some(n) if *n > 0 => {
                *n -= 1;
                true
            }
            _ => false,
        };
        Self { found: found.len(), right: found.iter().filter(is_right).count(), truth: links.len() }
    }

    fn per_mille(part: usize, whole: usize) -> usize {
        1_000 * part / whole.max(1)
    }

    fn precision(&self) -> usize {
        Self::per_mille(self.right, self.found)
    }

    fn recall(&self) -> usize {
        Self::per_mille(self.right, self.truth)
    }
}

/// Left and right in words, of links of a kind whose grade fits.
fn links(home: &TestHome, kind: &str, grade: &str) -> Vec<Vec<String>> {
    let words = "account || ' ' || booked_on || ' ' || amount::decimal(18, 2) || ' ' || raw_label";
    home.ask(&format!(
        "with sides as (select transaction_id as id, {words} as words from transactions)
         select coalesce(links.bill_number, lefts.words), rights.words
         from reconciliations as links
         left join sides as lefts on lefts.id = links.left_id
         inner join sides as rights on rights.id = links.right_id
         where links.kind = '{kind}' and links.grade like '{grade}' and links.state <> 'rejected'"
    ))
}

#[test]
fn a_year_made_to_mislead_is_linked_rightly() {
    let fixture = root().join("fixtures/links/year");
    let truth = std::fs::read_to_string(fixture.join("truth.json")).expect("the truth");
    let truth: Value = serde_json::from_str(&truth).expect("valid JSON");
    let home = TestHome::new();
    std::fs::copy(fixture.join("moisson.toml"), home.path().join("moisson.toml")).expect("settings");
    let documents = home.path().join("documents");
    std::fs::create_dir(&documents).expect("a folder");
    for name in ["bills.csv", "commun.csv", "others.csv"] {
        std::fs::copy(fixture.join("documents").join(name), documents.join(name)).expect("a copy");
    }
    home.import(&[documents]);
    let counts = "select (select count(*) from bills)::varchar, (select count(*) from transactions)::varchar";
    let counts = home.ask(counts)[0].iter().map(|n| n.parse().expect("a number")).collect::<Vec<usize>>();
    assert!(counts[0] >= 500 && counts[1] >= 5_000, "{counts:?}");
    for (name, kind) in [("bills", "bill"), ("transfers", "transfer"), ("returns", "refund")] {
        for grade in ["sure", "%"] {
            let score = Score::of(&links(&home, kind, grade), &truth[name]);
            println!(
                "{name} {grade}: precision {} and recall {} per mille of {}",
                score.precision(),
                score.recall(),
                score.truth
            );
            assert!(score.precision() >= if grade == "sure" { 990 } else { 950 }, "{name} {grade}: precision");
            assert!(score.recall() >= 950, "{name} {grade}: recall");
        }
    }
    conserves(&home);
}

/// No movement is used beyond its amount, no bill paid beyond its total.
fn conserves(home: &TestHome) {
    let overused = home.ask(
        "select right_id::varchar from reconciliations
         where kind = 'bill' and state <> 'rejected' and right_currency = left_currency
         group by right_id, right_amount having abs(sum(linked_amount)) > abs(right_amount)",
    );
    assert!(overused.is_empty(), "used beyond their amount: {overused:?}");
    let overpaid = home.ask(
        "select bill_number from reconciliations
         where kind = 'bill' and state <> 'rejected' and relation <> 'money back'
         group by bill_number, left_id, left_amount having abs(sum(linked_amount)) > abs(left_amount)",
    );
    assert!(overpaid.is_empty(), "paid beyond their total: {overpaid:?}");
}
