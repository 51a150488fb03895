//! Properties, parameters and texts in filters (RFC 4791 §9.7).

use moisson::dav::calendar::Unmet;

use crate::stored::{Stored, filter, time_range};

fn sample() -> Stored {
    Stored::of(
        "BEGIN:VEVENT\nUID:repas@example.org\nDTSTART:20260302T190000Z\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Dîner\\, puis cinéma\nCATEGORIES:Amis\nCATEGORIES:Loisirs,Sorties\nATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Léa:mailto:lea@example.org\nLAST-MODIFIED:20260201T000000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:repas@example.org\nRECURRENCE-ID:20260309T190000Z\nDTSTART:20260310T190000Z\nSUMMARY:Repas reporté\nEND:VEVENT",
    )
}

fn in_event(inner: &str) -> bool {
    sample().is_found(&format!("<comp-filter name='VEVENT'>{inner}</comp-filter>"))
}

fn has_text(property: &str, attributes: &str, text: &str) -> bool {
    in_event(&format!("<prop-filter name='{property}'><text-match {attributes}>{text}</text-match></prop-filter>"))
}

#[test]
fn texts_are_found_under_their_collation() {
    assert!(has_text("SUMMARY", "", "PUIS CIN"));
    assert!(has_text("SUMMARY", "", "Dîner, puis"), "escapes are undone");
    assert!(!has_text("SUMMARY", "", "DÎNER"));
    assert!(has_text("SUMMARY", "collation='i;unicode-casemap'", "DÎNER"));
    assert!(!has_text("SUMMARY", "collation='i;octet'", "puis CIN"));
    assert!(has_text("SUMMARY", "", "reporté"), "of an override");
    assert!(has_text("UID", "collation='i;octet'", "repas@example.org"));
    assert!(!has_text("UID", "collation='i;octet'", "other@example.org"));
    assert!(has_text("categories", "", "sorties"));
}

#[test]
fn negation_means_that_no_value_says_it() {
    assert!(!has_text("CATEGORIES", "negate-condition='yes'", "amis"));
    assert!(has_text("CATEGORIES", "negate-condition='yes'", "travail"));
    assert!(!has_text("LOCATION", "negate-condition='yes'", "Lyon"), "what is missing matches nothing");
}

#[test]
fn what_is_not_defined_is_found_missing() {
    assert!(in_event("<prop-filter name='LOCATION'><is-not-defined/></prop-filter>"));
    assert!(!in_event("<prop-filter name='SUMMARY'><is-not-defined/></prop-filter>"));
    assert!(in_event("<prop-filter name='RRULE'/>"));
    assert!(in_event("<comp-filter name='VALARM'><is-not-defined/></comp-filter>"));
    assert!(!in_event("<comp-filter name='VALARM'/>"));
    assert!(sample().is_found("<comp-filter name='VTODO'><is-not-defined/></comp-filter>"));
    assert!(!sample().is_found("<comp-filter name='VTODO'/>"));
    assert!(sample().is_found("<comp-filter name='VTIMEZONE'><is-not-defined/></comp-filter>"));
}

#[test]
fn parameters_and_times_of_properties() {
    let attendee = |inner: &str| in_event(&format!("<prop-filter name='ATTENDEE'>{inner}</prop-filter>"));
    assert!(attendee("<param-filter name='PARTSTAT'><text-match>needs-action</text-match></param-filter>"));
    assert!(!attendee("<param-filter name='PARTSTAT'><text-match>ACCEPTED</text-match></param-filter>"));
    assert!(attendee("<param-filter name='ROLE'><is-not-defined/></param-filter>"));
    assert!(!attendee("<text-match>lea@</text-match><param-filter name='CN'><is-not-defined/></param-filter>"));
    let modified =
        |range: &str| in_event(&format!("<prop-filter name='LAST-MODIFIED'>{}</prop-filter>", time_range(range)));
    assert!(modified("20260201T000000Z 20260202T000000Z"));
    assert!(!modified("20260201T000001Z -"));
}

#[test]
fn conditions_hold_for_one_component() {
    let with_range = |text: &str, range: &str| {
        let summary = format!("<prop-filter name='SUMMARY'><text-match>{text}</text-match></prop-filter>");
        in_event(&format!("{}{summary}", time_range(range)))
    };
    assert!(with_range("puis", "20260302T000000Z 20260303T000000Z"));
    assert!(with_range("Repas", "20260310T000000Z 20260311T000000Z"));
    assert!(!with_range("puis", "20260310T000000Z 20260311T000000Z"));
    assert!(!with_range("Repas", "20260302T000000Z 20260303T000000Z"));
    assert!(!with_range("Repas", "20270101T000000Z -"));
}

#[test]
fn a_query_may_leave_the_kind_open() {
    assert!(sample().is_found(""));
    assert!(sample().is_found("<prop-filter name='SUMMARY'><text-match>REPAS</text-match></prop-filter>"));
    assert!(!sample().is_found("<prop-filter name='SUMMARY'><text-match>petit</text-match></prop-filter>"));
    assert!(sample().is_found("<prop-filter name='PRODID'><text-match>Agenda</text-match></prop-filter>"));
    assert!(sample().is_found(&time_range("20260316T000000Z 20260317T000000Z")));
    assert!(!sample().is_found(&time_range("20260317T000000Z -")));
}

#[test]
fn what_cannot_be_answered_names_the_precondition() {
    let unmet = |inner: &str| filter(inner).unwrap_err().element().local.into_owned();
    let text = |attributes: &str| {
        let text = format!("<text-match {attributes}>x</text-match>");
        format!("<comp-filter name='VEVENT'><prop-filter name='SUMMARY'>{text}</prop-filter></comp-filter>")
    };
    assert_eq!(unmet(&text("collation='i;basic'")), "supported-collation");
    assert_eq!(unmet("<comp-filter/>"), "valid-filter");
    assert_eq!(unmet("<comp-filter name='VEVENT'><time-range/></comp-filter>"), "valid-filter");
    let many = "<comp-filter name='VEVENT'/>".repeat(1_000);
    assert!(matches!(filter(&many), Err(Unmet::UnsupportedFilter(_))));
}
