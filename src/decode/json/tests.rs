//! Documents in the shapes that banks and meters give.

use proptest::prelude::*;

use super::*;

fn read(document: &str, pointer: &str, wanted: &[&str]) -> Vec<String> {
    let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let mut seen = Vec::new();
    rows(document.as_bytes(), Pages::One, &[pointer.to_owned()], &wanted, &mut |row| {
        let fields: Vec<_> = row.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        seen.push(format!("{} {}: {}", row.kind, row.place.row_pointer(), fields.join(" ")));
    })
    .unwrap();
    seen
}

fn refusal(document: &str, pointer: &str) -> DecodeError {
    match rows(document.as_bytes(), Pages::One, &[pointer.to_owned()], &[], &mut |_| {}) {
        Ok(_) => nothing_at(pointer),
        Err(error) => error,
    }
}

#[test]
fn numbers_keep_their_text() {
    let document =
        r#"[{"kWh": 45.20, "m3": 1e-7, "n": 12345678901234567890123, "ok": true, "no": null, "s": "\u00e9\n"}]"#;
    let fields = read(document, "", &["/kWh", "/m3", "/n", "/ok", "/no", "/s", "/absent"]);
    assert_eq!(fields, [" /0: /kWh=45.20 /m3=1e-7 /n=12345678901234567890123 /ok=true /no= /s=é\n"]);
}

#[test]
fn each_answer_of_a_list_is_read_as_if_it_stood_alone() {
    let document = r#"[{"of": "A", "new": [{"v": 1}], "old": [{"v": 2}]}, {"of": "B", "old": []}, {"of": "C", "new": [{"v": 3}]}]"#;
    let pointers = ["/new".to_owned(), "/old".to_owned()];
    let mut seen = Vec::new();
    let wanted = ["//of".to_owned(), "/v".to_owned()];
    let is_found = rows(document.as_bytes(), Pages::List, &pointers, &wanted, &mut |row| {
        seen.push(format!("{} {:?} {:?}", row.place.row_pointer(), row.field("//of"), row.field("/v")));
    });
    assert!(is_found.unwrap());
    assert_eq!(
        seen,
        [r#"/0/new/0 Some("A") Some("1")"#, r#"/0/old/0 Some("A") Some("2")"#, r#"/2/new/0 Some("C") Some("3")"#]
    );
}

#[test]
fn arrays_in_arrays_and_context_from_the_root() {
    let document = r#"{"user": {"id": 7}, "accounts": [
        {"id": "A", "cur": "EUR", "rows": [{"v": {"a": [1, 2]}}, {"v": 2}]},
        {"id": "B", "rows": []},
        {"id": "C"},
        {"id": "D", "rows": [{"v": {"a": []}}]}]}"#;
    let wanted = ["//user/id", "//accounts/*/id", "//accounts/*/cur", "#", "/v/a/*", "/v"];
    assert_eq!(
        read(document, "/accounts/*/rows", &wanted),
        [
            "/accounts/0/rows /accounts/0/rows/0: //user/id=7 //accounts/*/id=A //accounts/*/cur=EUR #=0 /v/a/*=1 /v/a/*=2 /v={\"a\": [1, 2]}",
            "/accounts/0/rows /accounts/0/rows/1: //user/id=7 //accounts/*/id=A //accounts/*/cur=EUR #=1 /v=2",
            "/accounts/3/rows /accounts/3/rows/0: //user/id=7 //accounts/*/id=D #=0 /v={\"a\": []}",
        ]
    );
}

#[test]
fn objects_are_rows_too() {
    let document = r#"{"2026-03-05": {"v": 1}, "a/b": {"v": 2}}"#;
    assert_eq!(read(document, "", &["#", "/v"]), [" /2026-03-05: #=2026-03-05 /v=1", " /a~1b: #=a/b /v=2"]);
    assert_eq!(read(r#"{"x": {"v": 1, "w": 2}}"#, "/x", &["/w"]), ["/x /x: /w=2"]);
    assert_eq!(read(r#"{"v": 1}"#, "", &["/v"]), [" /: /v=1"]);
    assert_eq!(read("[[1, 2], 3]", "", &["/1", ""]), [" /0: /1=2 =[1, 2]", " /1: =3"]);
    assert_eq!(read(r#"{"booked": []}"#, "/pending", &["/v"]), [""; 0]);
    assert_eq!(read(r#"{"booked": [{"v": 1}], "pending": null}"#, "/*", &["/v"]), ["/booked /booked/0: /v=1"]);
}

#[test]
fn a_damaged_document_says_where() {
    let error = refusal("{\n \"a\": [1,\n 2", "/a");
    assert_eq!(error.to_string(), "the JSON document is cut short or damaged at 3:2: EOF while parsing a list");
    assert!(matches!(refusal("[1] x", ""), DecodeError::Damaged { .. }));
    assert!(matches!(refusal("{\"a\": 1}", "/b/c"), DecodeError::Damaged { .. }));
    assert!(matches!(refusal("{\"a\": 1}", "/a"), DecodeError::Damaged { .. }));
    assert!(matches!(refusal(" \n", ""), DecodeError::Empty));
}

#[test]
fn deep_documents_are_refused_and_strings_do_not_count() {
    assert!(matches!(refusal(&"[".repeat(100_000), ""), DecodeError::TooLarge { limit: MAX_DEPTH, .. }));
    let text = format!("[{{\"v\": \"\\\"{}\"}}]", "[".repeat(1_000));
    assert_eq!(read(&text, "", &["/v"]).len(), 1);
}

#[test]
fn other_encodings_are_read() {
    let wide: Vec<u8> = "[{\"v\": \"é\"}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut seen = Vec::new();
    rows(&wide, Pages::One, &[String::new()], &["/v".to_owned()], &mut |row| {
        seen.push(row.field("/v").map(str::to_owned));
    })
    .unwrap();
    assert_eq!(seen, [Some("é".to_owned())]);
}

proptest! {
    #[test]
    fn any_text_ends(text in "[\\[\\]{}\",:a1\\\\ne.*/ -]{0,60}", pointer in "[/*a0~1]{0,8}", wanted in "[/*a0#~1]{0,6}") {
        let _ = rows(text.as_bytes(), Pages::One, &[pointer], &[wanted], &mut |_| {});
    }

    #[test]
    fn a_number_is_given_as_it_stands(number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?") {
        let document = format!("[{{\"v\":{number}}}]");
        rows(document.as_bytes(), Pages::One, &[String::new()], &["/v".to_owned()], &mut |row| assert_eq!(row.field("/v"), Some(number.as_str()))).unwrap();
    }
}
