//! Posts and lists of people: the invented fixtures in a home, and the sample corpus where it is
//! there.

mod support;

use moisson::connector::Catalogue;
use moisson::import::Outcome;
use support::homes::TestHome;

#[test]
fn posts_are_shown_as_text_on_their_day() {
    let fixtures = support::root().join("fixtures/social/mastodon");
    let home = TestHome::new();
    for report in home.import(&[fixtures]) {
        let is_golden = report.name.contains("expected");
        assert!(is_golden || matches!(report.outcome, Outcome::Read(_)), "{}: {:?}", report.name, report.outcome);
    }
    assert_eq!(home.ask_one("select count(*) from posts where contains(text, '<') or contains(text, 'alert')"), "0");
    assert_eq!(
        home.ask(
            "select day, kind, who, what from timeline where kind = 'post' and owner = 'Claire' order by happened_local"
        ),
        [
            ["2026-03-29", "post", "", "Le marché de Saint-Inventé & ses fraises\nà demain"],
            ["2026-03-29", "post", "", "cuisine"]
        ]
    );
}

/// Nothing in the samples stops the program: each file gives rows, faults, or a refusal that says why.
#[test]
fn samples_of_social_networks_are_read_or_refused() {
    let Some(corpus) = support::corpus() else { return };
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let (mut read, mut refused) = (0, 0);
    for path in support::files_below(&corpus.join("social")) {
        match support::read_sample(&catalogue, &path) {
            Ok(golden) => {
                let summary = &golden.summary;
                let accounted = summary.rows_taken + summary.rows_skipped + summary.rows_rejected;
                assert_eq!(summary.rows_read, accounted, "{}: rows are lost", path.display());
                read += 1;
            }
            Err(why) => {
                assert!(!why.is_empty());
                refused += 1;
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read >= 10 && refused > 0, "{read} read, {refused} refused");
    let outbox =
        support::read_sample(&catalogue, &corpus.join("social/mastodon_fossilizer/outbox.json")).expect("read");
    assert_eq!((outbox.records.len() as u64, outbox.faults.len()), (outbox.summary.records["posts"], 0));
    let page = corpus.join("social/synthetic/activitypub/followers_page1.json");
    assert_eq!(support::read_sample(&catalogue, &page).expect("read").summary.records["follows"], 2);
}
