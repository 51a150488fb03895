//! Invented cards of every version with the records that they must give.

use moisson::decode::{components, vcard_lint};
use moisson::map::contacts::contacts;
use moisson::model::Fault;
use moisson::model::records::{AnyRecord, Contact};

struct Book {
    contacts: Vec<Contact>,
    /// Kind, value, label, confidence.
    identifiers: Vec<(String, String, Option<String>, f64)>,
    faults: Vec<Fault>,
    encoding: String,
}

fn read(bytes: &[u8]) -> Book {
    let tree = components(bytes).unwrap();
    let (records, mut faults) = contacts(&tree, "carnet", None, "FR");
    faults.extend(tree.faults.iter().cloned());
    let mut book = Book { contacts: vec![], identifiers: vec![], faults, encoding: tree.encoding.clone() };
    for record in records {
        match record {
            AnyRecord::Contact(contact) => book.contacts.push(contact),
            AnyRecord::Identifier(one) => book.identifiers.push((one.kind, one.value, one.label, one.confidence)),
            other => panic!("{other:?} in an address book"),
        }
    }
    book
}

fn has(book: &Book, kind: &str, value: &str, label: Option<&str>, confidence: f64) {
    let wanted = (kind.to_owned(), value.to_owned(), label.map(str::to_owned), confidence);
    assert!(book.identifiers.contains(&wanted), "{wanted:?} is not in {:?}", book.identifiers);
}

#[test]
fn an_old_telephone_writes_2_1_in_windows_1252() {
    let card = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Lef=E8vre;Chlo=E9;;;\r\nORG:Caf\xe9 du Port;Cuisine\r\nTEL;CELL;VOICE:06 39 98 12 34\r\nTEL;HOME:01.99.00.12.34\r\nNOTE;QUOTED-PRINTABLE:rappeler=\r\n le soir=0D=0Aapr=E8s 19h\r\nPHOTO;JPEG;BASE64:\r\n  /9j/4AAQ\r\n  SkZJRg==\r\n\r\nBDAY:19850413\r\nEND:VCARD\r\n";
    let book = read(card);
    let contact = &book.contacts[0];
    assert_eq!((contact.full_name.as_str(), contact.family_name.as_deref()), ("Chloé Lefèvre", Some("Lefèvre")));
    assert_eq!(contact.organisation.as_deref(), Some("Café du Port, Cuisine"));
    assert_eq!(contact.note.as_deref(), Some("rappeler le soir\naprès 19h"));
    assert_eq!((contact.birthday.as_deref(), contact.version.as_deref()), (Some("1985-04-13"), Some("2.1")));
    assert!(contact.raw.contains("/9j/4AAQ") && contact.raw.contains("Café"));
    has(&book, "phone", "+33639981234", Some("mobile"), 1.0);
    has(&book, "phone", "+33199001234", Some("home"), 1.0);
    assert_eq!((book.identifiers.len(), book.faults.len(), book.encoding.as_str()), (2, 0, "windows-1252"));
}

#[test]
fn apple_groups_carry_labels() {
    let book = read(
        b"BEGIN:VCARD\nVERSION:3.0\nN:Aubry;Paul;;;\nFN:Paul Aubry\nitem1.TEL;type=pref:+33 5 36 49 12 34\nitem1.X-ABLabel:_$!<Main>!$_\nitem2.EMAIL;type=INTERNET:Paul@Example.ORG\nitem2.X-ABLabel:Club de voile\nitem3.URL:http\\://example.org/paul\nitem3.X-ABLabel:_$!<HomePage>!$_\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-13\nX-ABShowAs:COMPANY\nREV:2024-05-01T10:00:00Z\nEND:VCARD\n",
    );
    has(&book, "phone", "+33536491234", Some("main"), 1.0);
    has(&book, "email", "paul@example.org", Some("Club de voile"), 1.0);
    has(&book, "url", "http://example.org/paul", Some("homepage"), 1.0);
    let contact = &book.contacts[0];
    assert_eq!((contact.kind.as_str(), contact.birthday.as_deref()), ("org", Some("--04-13")));
    assert_eq!(contact.revised_at.map(|at| at.to_string()).as_deref(), Some("2024-05-01T10:00:00"));
}

#[test]
fn version_4_writes_uris() {
    let card = "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\nFN:Équipe du samedi\nKIND:group\nTEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+33-3-53-01-12-34;ext=5\nTEL;VALUE=uri;TYPE=cell:tel:+33-6-39-98-56-78\nIMPP;TYPE=home:xmpp:equipe@example.org\nX-IBAN:FR14 2004 1010 0505 0001 3M02 606\nADR;TYPE=work;LABEL=\"3 rue^nParis\":;;3 rue des Lilas;Paris;;75020;France\nEND:VCARD\n";
    let book = read(card.as_bytes());
    assert_eq!(book.contacts[0].kind, "group");
    assert_eq!(book.contacts[0].uid, "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1");
    has(&book, "phone", "+33353011234", Some("home"), 1.0);
    has(&book, "phone", "+33639985678", Some("mobile"), 1.0);
    has(&book, "handle", "xmpp:equipe@example.org", Some("home"), 1.0);
    has(&book, "iban", "FR1420041010050500013M02606", None, 1.0);
    has(&book, "address", "3 rue des Lilas, 75020 Paris, France", Some("work"), 1.0);
}

#[test]
fn what_is_not_valid_stays_without_confidence() {
    let book = read("BEGIN:VCARD\nVERSION:3.0\nFN:x\nTEL:01 99 00\nTEL:3179\nTEL:\u{202a}06\u{a0}39\u{a0}98\u{a0}12\u{a0}34\u{202c}\nEMAIL:pas une adresse\nIBAN:FR76 0000\nEND:VCARD\n".as_bytes());
    has(&book, "phone", "019900", None, 0.0);
    has(&book, "phone", "3179", None, 1.0);
    has(&book, "phone", "+33639981234", None, 1.0);
    has(&book, "email", "pas une adresse", None, 0.0);
    has(&book, "iban", "FR760000", None, 0.0);
}

#[test]
fn two_cards_without_uid_never_become_one() {
    let card = |tel: &str| format!("BEGIN:VCARD\nVERSION:3.0\nFN:Paul Aubry\nTEL:{tel}\nEND:VCARD\n");
    let book = read([card("01 99 00 12 34"), card("01 99 00 12 35"), card("01.99.00.12.34")].concat().as_bytes());
    let mut uids: Vec<_> = book.contacts.iter().map(|contact| contact.uid.clone()).collect();
    uids.sort();
    uids.dedup();
    assert_eq!((book.contacts.len(), uids.len()), (3, 3));
    assert_eq!(book.faults.iter().filter(|fault| !fault.is_row_lost).count(), 1);
}

#[test]
fn utf_16_and_a_missing_end_are_read() {
    let text = "\u{feff}BEGIN:VCARD\r\nFN:Élodie\r\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let book = read(&bytes);
    assert_eq!((book.contacts[0].full_name.as_str(), book.encoding.as_str()), ("Élodie", "utf-16le"));
    assert_eq!(book.faults.len(), 1);
}

#[test]
fn the_lint_reads_one_card_of_version_4() {
    assert_eq!(
        vcard_lint::lint("BEGIN:VCARD\nVERSION:4.0\nFN:Claire Aubry\nEMAIL:claire@example.org\nEND:VCARD\n"),
        Ok(())
    );
    let wrong = vcard_lint::lint("BEGIN:VCARD\nVERSION:4.0\nFN:Claire\nX-FOO;BAR=baz:\nEND:VCARD\n");
    assert!(wrong.is_err_and(|why| !why.is_empty()));
}
