//! Attachments of messages as programs write them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

fn files(message: &str) -> Vec<(String, Vec<u8>)> {
    let found = of(message.replace('\n', "\r\n").as_bytes(), &Matching::default());
    found.files.into_iter().map(|file| (file.name, file.bytes)).collect()
}

/// A message whose parts are given, each with its own header.
fn mixed(parts: &[&str]) -> String {
    let parts = parts.iter().fold(String::new(), |text, part| format!("{text}--b\n{part}\n"));
    format!(
        "From: Billing <billing@example.org>\nSubject: x\nDate: Sat, 14 Mar 2026 08:00:00 +0100\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nGood morning\n{parts}--b--\n"
    )
}

fn named(header: &str) -> Vec<(String, Vec<u8>)> {
    files(&mixed(&[&format!("{header}\nContent-Transfer-Encoding: base64\n\n{}", STANDARD.encode("%PDF-1"))]))
}

#[test]
fn names_are_read_in_every_way_they_are_written() {
    for (header, name) in [
        ("Content-Type: application/pdf; name=\"bill.pdf\"", "bill.pdf"),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=bill.pdf", "bill.pdf"),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''re%C3%A7u.pdf", "reçu.pdf"),
        (
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''re%C3%A7; filename*1=\"u.pdf\"",
            "reçu.pdf",
        ),
        ("Content-Type: application/pdf; name=\"=?utf-8?Q?re=C3=A7u.pdf?=\"", "reçu.pdf"),
        ("Content-Type: application/pdf; name=\"=?ISO-8859-1?B?cmXndS5wZGY=?=\"", "reçu.pdf"),
        ("Content-Type: application/pdf; name=\"../../etc/bill.pdf\"", "bill.pdf"),
        ("Content-Type: application/pdf; name=\"C:\\\\mine\\\\bill.pdf\"", "bill.pdf"),
        ("Content-Type: application/pdf", "attachment-1.pdf"),
        ("Content-Type: text/calendar; method=REQUEST", "attachment-1.ics"),
    ] {
        assert_eq!(named(header), [(name.to_owned(), b"%PDF-1".to_vec())], "{header}");
    }
}

#[test]
fn letters_and_their_pictures_are_no_files() {
    let html = "Content-Type: text/html\n\n<p>Good morning <img src=cid:1>";
    let picture = "Content-Type: image/png\nContent-Disposition: inline\nContent-Id: <1>\n\nx";
    assert!(files(&mixed(&[html, picture])).is_empty());
    assert!(files("From: a@example.org\n\nNothing but https://example.org/bill\n").is_empty());
    assert!(files("").is_empty());
}

#[test]
fn texts_come_as_they_were_written() {
    let latin = [b"date;libell\xe9\r\n".to_vec(), b"14/03/2026;caf\xe9\r\n".to_vec()].concat();
    let header = "Content-Type: text/csv; charset=iso-8859-1; name=a.csv\nContent-Disposition: attachment\n";
    let packed = format!("{header}Content-Transfer-Encoding: base64\n\n{}", STANDARD.encode(&latin));
    assert_eq!(files(&mixed(&[&packed])), [("a.csv".to_owned(), latin)]);
    let quoted = format!("{header}Content-Transfer-Encoding: quoted-printable\n\ndate;libell=E9=\nx");
    assert_eq!(files(&mixed(&[&quoted])), [("a.csv".to_owned(), b"date;libell\xe9x".to_vec())]);
}

#[test]
fn files_of_forwarded_messages_count_too() {
    let inner = mixed(&["Content-Type: text/csv; name=deep.csv\n\na;b"])
        .replace("boundary=b", "boundary=c")
        .replace("--b", "--c");
    let plain =
        mixed(&[&format!("Content-Type: message/rfc822\n\n{inner}"), "Content-Type: text/csv; name=top.csv\n\nc;d"]);
    let found = [("deep.csv".to_owned(), b"a;b".to_vec()), ("top.csv".to_owned(), b"c;d".to_vec())];
    assert_eq!(files(&plain), found);
    let inner = STANDARD.encode(inner.replace('\n', "\r\n"));
    let packed = mixed(&[
        &format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}"),
        "Content-Type: text/csv; name=top.csv\n\nc;d",
    ]);
    assert_eq!(files(&packed), found);
}

#[test]
fn one_file_in_two_parts_is_one_document_and_names_choose() {
    let part = "Content-Type: application/pdf; name=bill.pdf\n\n%PDF";
    assert_eq!(files(&mixed(&[part, part])).len(), 1);
    let terms = "Content-Type: application/pdf; name=terms.pdf\n\n%PDF-2";
    let matching = Matching { files: vec!["Bill*".to_owned()], ..Matching::default() };
    let message = mixed(&[terms, part, terms]);
    assert_eq!(of(message.as_bytes(), &matching).files.len(), 1);
}

#[test]
fn a_spoilt_message_never_panics() {
    let whole = mixed(&["Content-Type: application/pdf; name=bill.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg=="]);
    for at in 0..whole.len() {
        of(&whole.as_bytes()[..at], &Matching::default());
        let mut spoilt = whole.clone().into_bytes();
        spoilt[at] ^= 0x55;
        of(&spoilt, &Matching::default());
    }
}
