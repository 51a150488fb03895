//! XML documents with their quirks, and hostile ones.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn read(text: &[u8], wanted: &[&str]) -> (Vec<NamedRow>, Result<Vec<Fault>, DecodeError>) {
    let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let mut out = Vec::new();
    let outcome = rows(text, &wanted, &mut |row| out.push(row));
    (out, outcome)
}

fn fields(row: &NamedRow) -> Vec<(&str, &str)> {
    row.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn attributes_children_and_paths() {
    let text = r#"<?xml version="1.0"?>
<!-- SMS Backup & Restore -->
<smses count="2" xmlns:x="urn:x">
  <sms address="AMELI" body="a &amp; b&#10;c" date='1'/>
  <mms x:msg_box="1"><parts>
    <part ct="text/plain" text="groupe"/><part text="null"></part></parts>
    <addrs><addr address="+33639981234"/><addr address="+33639985678"/></addrs>
  </mms>
</smses>"#;
    let (rows, outcome) = read(text.as_bytes(), &["sms", "mms"]);
    assert_eq!(outcome.unwrap(), []);
    assert_eq!((rows[0].kind.as_str(), rows[0].place.line), ("sms", 4));
    assert_eq!(fields(&rows[0]), [("@address", "AMELI"), ("@body", "a & b\nc"), ("@date", "1")]);
    assert_eq!((rows[1].kind.as_str(), rows[1].place.line), ("mms", 5));
    assert_eq!(
        fields(&rows[1]),
        [
            ("@msg_box", "1"),
            ("parts/part/@ct", "text/plain"),
            ("parts/part/@text", "groupe"),
            ("parts/part", ""),
            ("parts/part/@text", "null"),
            ("parts/part", ""),
            ("addrs/addr/@address", "+33639981234"),
            ("addrs/addr", ""),
            ("addrs/addr/@address", "+33639985678"),
            ("addrs/addr", ""),
        ]
    );
}

#[test]
fn texts_of_children_by_name() {
    let text = "<root><Call><Type>1</Type><Name>Am&#233;lie &amp; <![CDATA[B&B]]></Name><Count/>\n</Call></root>";
    let (rows, outcome) = read(text.as_bytes(), &["Call"]);
    assert!(outcome.unwrap().is_empty());
    assert_eq!(fields(&rows[0]), [("Type", "1"), ("Name", "Amélie & B&B"), ("Count", "")]);
}

#[test]
fn emoji_written_as_two_surrogates() {
    let (rows, _) = read(b"<s><sms body=\"&#55357;&#56832;\">&#55357;&#56832;</sms></s>", &["sms"]);
    assert_eq!(fields(&rows[0]), [("@body", "😀"), ("#text", "😀")]);
}

#[test]
fn attachments_are_left_in_the_archive() {
    let long = "A".repeat(2000);
    let text = format!("<mms><part data=\"{long}\" text=\"{long}\"/><part data=\"R0lG\"/></mms>");
    let (rows, _) = read(text.as_bytes(), &["mms"]);
    let names: Vec<&str> = rows[0].fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["part/@text", "part", "part/@data", "part"]);
}

#[test]
fn encodings_are_those_the_document_declares() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><Call><Name>Am\xe9lie</Name></Call>";
    assert_eq!(fields(&read(latin, &["Call"]).0[0]), [("Name", "Amélie")]);
    let utf16: Vec<u8> = "\u{feff}<Call><Name>Amélie</Name></Call>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fields(&read(&utf16, &["Call"]).0[0]), [("Name", "Amélie")]);
    let (rows, outcome) = read(b"\xef\xbb\xbf<Call><Name>Am\xe9lie</Name></Call>", &["Call"]);
    assert_eq!(fields(&rows[0]), [("Name", "Am\u{fffd}lie")]);
    assert_eq!(outcome.unwrap()[0].kind, FaultKind::NotText);
}

#[test]
fn a_row_with_a_broken_attribute_is_a_fault() {
    let text = "<calls>\n<call number=\"1\" date/>\n<call number=\"2\"/></calls>";
    let (rows, outcome) = read(text.as_bytes(), &["call"]);
    assert_eq!(fields(&rows[0]), [("@number", "2")]);
    let faults = outcome.unwrap();
    assert_eq!((faults.len(), faults[0].kind, faults[0].place.line), (1, FaultKind::Malformed, 2));
    assert!(faults[0].is_row_lost && faults[0].excerpt.contains("number"));
}

#[test]
fn broken_documents_are_errors_after_their_rows() {
    let (rows, outcome) = read(b"<calls><call number='1'/>\n<call numb", &["call"]);
    assert_eq!(rows.len(), 1);
    let Err(DecodeError::Damaged { place, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(place.line, 2);
    for text in ["<calls><call/>", "<a></b>", "hello", "<a/>hello", "</a>"] {
        assert!(matches!(read(text.as_bytes(), &["call"]).1, Err(DecodeError::Damaged { .. })), "{text}");
    }
    assert!(matches!(read(b" \n", &[]).1, Err(DecodeError::Empty)));
}

#[test]
fn bombs_are_refused() {
    let entities = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\"><!ENTITY y \"&x;&x;\">]><a><call number=\"&y;\"/></a>";
    assert!(matches!(read(entities.as_bytes(), &["call"]).1, Err(DecodeError::Unsupported { .. })));
    let harmless = "<!DOCTYPE a SYSTEM \"calls.dtd\"><a><call number=\"&y;\"/></a>";
    assert_eq!(fields(&read(harmless.as_bytes(), &["call"]).0[0]), [("@number", "&y;")]);
    let deep = "<a>".repeat(100_000);
    assert!(matches!(read(deep.as_bytes(), &["call"]).1, Err(DecodeError::TooLarge { .. })));
    let long = format!("<call><{}/></call>", "p".repeat(5_000));
    assert!(matches!(read(long.as_bytes(), &["call"]).1, Err(DecodeError::TooLarge { .. })));
    let wide = format!("<call>{}</call>", "<p/>".repeat(20_000));
    assert!(matches!(read(wide.as_bytes(), &["call"]).1, Err(DecodeError::TooLarge { .. })));
}

#[test]
fn public_samples_are_read_whole() {
    let Some(folder) = corpus() else { return };
    for (file, wanted, expected) in [
        ("smsbackuprestore/calls-20260329100000.xml", &["call"][..], 7),
        ("smsbackuprestore/sms-20260329100000.xml", &["sms", "mms"][..], 4),
        ("fritzbox/calllist.xml", &["Call"][..], 5),
    ] {
        let bytes = std::fs::read(folder.join("phone/synthetic").join(file)).unwrap();
        let (rows, outcome) = read(&bytes, wanted);
        assert_eq!((rows.len(), outcome.unwrap().len()), (expected, 0), "{file}");
        assert!(rows.iter().all(|row| row.field("@date").or(row.field("Date")).is_some()), "{file}");
    }
}

/// The folder of public sample files, which is not part of the project.
fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("MOISSON_CORPUS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no sample files at {}", folder.display());
    None
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &["a"]);
    }

    #[test]
    fn anything_like_xml_ends(text in "(<a>|</a>|<a |b='1'|c=\"&#5|/>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&amp;|é|<\\?x|\\?>|<!D|>){0,30}") {
        let _ = read(text.as_bytes(), &["a"]);
    }
}
