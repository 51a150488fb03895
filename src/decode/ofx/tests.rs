//! Statements as banks write them: on one line, half closed, cut, hostile.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> (Vec<NamedRow>, Vec<Fault>) {
    let (mut seen, mut faults) = (Vec::new(), Vec::new());
    rows(text, &mut faults, &mut |row| seen.push(row)).unwrap();
    (seen, faults)
}

fn fields<'a>(row: &'a NamedRow, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| row.field(name).unwrap_or("∅")).collect()
}

const ONE_LINE: &str = "OFXHEADER:100 CHARSET:1252\n<OFX><SONRS><FI><ORG>Banque Exemple<FID>1</FI></SONRS>\
    <STMTTRNRS><TRNUID><STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR<BANKACCTFROM>\
    <BANKID>30002<BRANCHID><ACCTID>0000098285A</ACCTID><ACCTTYPE>CHECKING</BANKACCTFROM>\
    <BANKTRANLIST><DTSTART>20260101<DTEND>20260305\
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260228<TRNAMT>-1234,56<FITID><NAME>R&amp;amp;D</STMTTRN>\
    <STMTTRN><TRNAMT>5<PAYEE><NAME>Claire<CITY>Lyon</PAYEE><MEMO>merci</STMTTRN></BANKTRANLIST>\
    <LEDGERBAL><BALAMT>1202,44<DTASOF>20260305</LEDGERBAL></STMTRS>\
    <CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>4111</CCACCTFROM><BANKTRANLIST>\
    <STMTTRN><TRNAMT>-1</STMTTRN></BANKTRANLIST></CCSTMTRS></STMTTRNRS></OFX>";

#[test]
fn one_line_sgml_keeps_context_and_paths() {
    let (rows, faults) = read(ONE_LINE);
    assert_eq!(faults, []);
    let names = ["TRNAMT", "NAME", "FITID", "ACCTID", "BANKID", "BRANCHID", "CURDEF", "DTEND", "FI/ORG"];
    let expected = ["-1234,56", "R&D", "", "0000098285A", "30002", "", "EUR", "20260305", "Banque Exemple"];
    assert_eq!(fields(&rows[0], &names), expected);
    assert_eq!(fields(&rows[1], &["PAYEE/NAME", "PAYEE/CITY", "NAME", "MEMO"]), ["Claire", "Lyon", "∅", "merci"]);
    assert_eq!((rows[2].kind.as_str(), rows[2].field("BALAMT")), ("LEDGERBAL", Some("1202,44")));
    assert_eq!(fields(&rows[3], &["ACCTID", "BANKID", "CURDEF", "DTEND"]), ["4111", "∅", "USD", "∅"]);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1].place.line, 2);
}

#[test]
fn a_row_without_end_is_kept_and_a_cut_one_is_lost() {
    let (rows, faults) = read("<OFX>\n<BANKTRANLIST>\n<STMTTRN><TRNAMT>1\n<STMTTRN><TRNAMT>2</BANKTRANLIST></OFX>");
    assert_eq!(rows.iter().map(|row| row.place.line).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(
        faults.iter().map(|fault| (fault.place.line, fault.is_row_lost)).collect::<Vec<_>>(),
        [(3, false), (4, false)]
    );

    let (rows, faults) = read("<OFX>\n<STMTTRN><TRNAMT>1</STMTTRN>\n<STMTTRN><TRNAMT>23");
    assert_eq!((rows.len(), faults.len()), (1, 1));
    assert_eq!((faults[0].place.line, faults[0].is_row_lost, faults[0].excerpt.as_str()), (3, true, "<TRNAMT>23"));

    let (rows, faults) = read("<OFX>\n<STMTTRN><TRNAMT>1</STMTTRN>\n</BANKTRANLIST>");
    assert_eq!((rows.len(), faults[0].place.line, faults[0].is_row_lost), (1, 3, false));
}

#[test]
fn investment_entries_are_rows_of_their_kind() {
    let (rows, _) = read(
        "<OFX><INVSTMTRS><CURDEF>EUR<INVACCTFROM><BROKERID>b<ACCTID>7</INVACCTFROM><INVTRANLIST><DTSTART>20260101\
         <BUYSTOCK><INVBUY><INVTRAN><FITID>1</INVTRAN><TOTAL>-10</INVBUY></BUYSTOCK>\
         <INVBANKTRAN><STMTTRN><TRNAMT>10</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN></INVTRANLIST></OFX>",
    );
    assert_eq!(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["BUYSTOCK", "STMTTRN"]);
    assert_eq!(fields(&rows[0], &["INVBUY/INVTRAN/FITID", "INVBUY/TOTAL", "ACCTID"]), ["1", "-10", "7"]);
}

#[test]
fn the_banks_refusal_is_a_fault() {
    let (rows, faults) = read("<OFX>\n<STATUS><CODE>2000<SEVERITY>ERROR<MESSAGE>Session closed</STATUS></OFX>");
    assert_eq!(rows, []);
    assert_eq!((faults[0].place.line, faults[0].value.as_str()), (2, "Session closed"));
}

#[test]
fn hostile_nesting_is_refused() {
    let text = format!("<OFX><STMTTRN>{}", "<PAYEE>".repeat(100_000));
    let outcome = rows(&text, &mut Vec::new(), &mut |_| {});
    assert!(matches!(outcome, Err(DecodeError::TooLarge { .. })));
    let text = format!("<OFX>{}", "<X>".repeat(300_000));
    assert_eq!(read(&text).1.len(), 1);
}

#[test]
fn what_is_not_ofx_is_an_error() {
    assert!(matches!(rows("", &mut Vec::new(), &mut |_| {}), Err(DecodeError::Empty)));
    assert!(matches!(rows("Date;Montant\n", &mut Vec::new(), &mut |_| {}), Err(DecodeError::Damaged { .. })));
}

#[test]
fn the_header_names_a_charset() {
    assert_eq!(declared_charset(b"ENCODING:USASCII\r\nCHARSET:1252\r\n<OFX>").as_deref(), Some("1252"));
    assert_eq!(declared_charset(b"ENCODING:UTF-8\nCHARSET:NONE\n<OFX>").as_deref(), Some("UTF-8"));
    assert_eq!(declared_charset(b"<?xml version=\"1.0\" encoding='utf-8'?><OFX>").as_deref(), Some("UTF-8"));
    assert_eq!(declared_charset(b"<OFX><NAME>CHARSET:1252"), None);
}

proptest! {
    #[test]
    fn any_text_ends_without_panic(parts in proptest::collection::vec(0_usize..14, 0..60)) {
        let words = ["<OFX>", "</OFX>", "<STMTTRN>", "</STMTTRN>", "<PAYEE>", "</PAYEE>", "<NAME>", "x & é", "\n",
            "<BANKTRANLIST>", "</BANKTRANLIST>", "<SPLIT>", "<", "</STMTRS>"];
        let text: String = parts.iter().map(|part| words[*part]).collect();
        let n_started = text.matches("<STMTTRN>").count();
        let (mut n_rows, mut faults) = (0, Vec::new());
        let outcome = rows(&text, &mut faults, &mut |row| n_rows += usize::from(row.kind == "STMTTRN"));
        let n_lost = faults.iter().filter(|fault| fault.is_row_lost).count();
        prop_assert!(outcome.is_err() || (n_rows <= n_started && n_rows + n_lost >= n_started));
    }
}
