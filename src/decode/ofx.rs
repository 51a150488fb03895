//! OFX 1 (SGML) and 2 (XML): statements as named rows.
//!
//! A tolerant tag reader, because banks are: leaves half closed, empty or never closed, a whole
//! file on one line, no header, escapes written twice. It knows the aggregates it needs by name and
//! takes every other tag for a leaf. It does not read securities' prices or sign-on messages.

use crate::decode::markup::{Tag, Tags};
use crate::decode::{DecodeError, NamedRow};
use crate::model::{Fault, FaultKind, Place};

/// Deepest nesting of known aggregates inside a transaction.
const MAX_DEPTH: usize = 64;

/// What is read of each account; repeated on every row of its statement.
const ACCOUNT_LEAVES: [&str; 6] = ["ACCTID", "BANKID", "BRANCHID", "ACCTTYPE", "ACCTKEY", "BROKERID"];

/// Aggregates inside a transaction whose leaves are named with their path (`PAYEE/NAME`).
const INNER: [&str; 11] = [
    "PAYEE",
    "EXTDPAYEE",
    "BANKACCTTO",
    "CCACCTTO",
    "CURRENCY",
    "ORIGCURRENCY",
    "IMAGEDATA",
    "INVTRAN",
    "INVBUY",
    "INVSELL",
    "SECID",
];

/// Investment entries: given as rows of their kind, so that who reads cash can count them.
const INVESTMENTS: [&str; 20] = [
    "BUYDEBT",
    "BUYMF",
    "BUYOPT",
    "BUYOTHER",
    "BUYSTOCK",
    "CLOSUREOPT",
    "INCOME",
    "INVEXPENSE",
    "JRNLFUND",
    "JRNLSEC",
    "MARGININTEREST",
    "REINVEST",
    "RETOFCAP",
    "SELLDEBT",
    "SELLMF",
    "SELLOPT",
    "SELLOTHER",
    "SELLSTOCK",
    "SPLIT",
    "TRANSFER",
];

/// Reads every transaction and balance of a document.
///
/// Rows are of kind `STMTTRN` (`STMTTRNP` when pending), `LEDGERBAL`, `AVAILBAL`, or an investment
/// entry's name. After their own leaves they repeat what their statement says: `ACCTID`, `BANKID`,
/// `BRANCHID`, `ACCTTYPE`, `CURDEF`, `DTSTART`, `DTEND`, `FI/ORG`. A transaction cut by the end of
/// the file is a fault and is lost; one that only lacks its end tag is a fault and is kept.
pub fn rows(text: &str, faults: &mut Vec<Fault>, sink: &mut dyn FnMut(NamedRow)) -> Result<(), DecodeError> {
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut reader = Reader::new(faults, sink);
    for tag in Tags::new(text) {
        reader.take(&tag)?;
    }
    reader.finish(text)
}

/// The character set named by the header of an OFX 1 document or the prolog of an OFX 2 one.
///
/// It is often false, so it is only a declaration to be checked against the bytes.
pub fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_uppercase();
    let head = head.split("<OFX>").next().unwrap_or_default();
    let value = |key: &str| {
        let value = head.split_once(key)?.1.trim_start_matches([':', '=', ' ', '"', '\'']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(value.len());
        Some(value[..end].trim_end_matches("COMPRESSION").to_owned()).filter(|value| !value.is_empty())
    };
    value("CHARSET").filter(|charset| charset != "NONE").or_else(|| value("ENCODING"))
}

/// A transaction or balance being read.
struct Open {
    row: NamedRow,
    /// Known aggregates open inside it.
    inner: Vec<String>,
}

type Context = Vec<(String, String)>;

struct Reader<'a> {
    faults: &'a mut Vec<Fault>,
    sink: &'a mut dyn FnMut(NamedRow),
    open: Option<Open>,
    statement: Context,
    institution: Context,
    /// The aggregate outside transactions that says what a leaf means: `FI`, `STATUS`, `…ACCTFROM`.
    around: String,
    /// `SEVERITY` of the status being read.
    is_refusal: bool,
    is_ofx: bool,
    is_ended: bool,
    line: u64,
}

impl<'a> Reader<'a> {
    fn new(faults: &'a mut Vec<Fault>, sink: &'a mut dyn FnMut(NamedRow)) -> Self {
        Self {
            faults,
            sink,
            open: None,
            statement: Context::new(),
            institution: Context::new(),
            around: String::new(),
            is_refusal: false,
            is_ofx: false,
            is_ended: false,
            line: 0,
        }
    }

    fn take(&mut self, tag: &Tag<'_>) -> Result<(), DecodeError> {
        self.line = tag.place.line;
        let name = tag.name.to_ascii_uppercase();
        match (tag.is_end, self.open.is_some()) {
            (true, _) => self.end(&name),
            (false, true) if !self.is_row(&name, tag) => self.start_inside(name, tag)?,
            (false, _) => self.start(name, tag),
        }
        Ok(())
    }

    fn start(&mut self, name: String, tag: &Tag<'_>) {
        match name.as_str() {
            "OFX" => self.is_ofx = true,
            "STMTRS" | "CCSTMTRS" | "INVSTMTRS" => self.statement.clear(),
            "FI" | "STATUS" | "BANKACCTFROM" | "CCACCTFROM" | "INVACCTFROM" => {
                self.around = name;
                self.is_refusal = false;
            }
            "BANKTRANLIST" | "INVTRANLIST" | "BANKTRANLISTP" => "LIST".clone_into(&mut self.around),
            _ if self.is_row(&name, tag) => self.start_row(name, tag.place.clone()),
            _ => self.leaf_outside(name, tag),
        }
    }

    fn is_row(&self, name: &str, tag: &Tag<'_>) -> bool {
        matches!(name, "STMTTRN" | "STMTTRNP" | "LEDGERBAL" | "AVAILBAL")
            || (self.around == "LIST" && tag.text.is_empty() && INVESTMENTS.contains(&name))
    }

    fn start_row(&mut self, kind: String, place: Place) {
        self.close_unended();
        let row = NamedRow { kind, place, fields: Vec::with_capacity(16) };
        self.open = Some(Open { row, inner: Vec::new() });
    }

    fn start_inside(&mut self, name: String, tag: &Tag<'_>) -> Result<(), DecodeError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if INNER.contains(&name.as_str()) && tag.text.is_empty() && !tag.is_empty {
            open.inner.push(name);
            if open.inner.len() > MAX_DEPTH {
                return Err(DecodeError::TooLarge { what: "the OFX document", limit: 64, unit: "nested aggregates" });
            }
            return Ok(());
        }
        let path = open.inner.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join("/");
        open.row.fields.push((path, tag.text.clone().into_owned()));
        Ok(())
    }

    fn leaf_outside(&mut self, name: String, tag: &Tag<'_>) {
        let value = tag.text.as_ref();
        match (self.around.as_str(), name.as_str()) {
            ("FI", "ORG" | "FID") => put(&mut self.institution, format!("FI/{name}"), value),
            ("STATUS", "SEVERITY") => self.is_refusal = value.eq_ignore_ascii_case("ERROR"),
            ("STATUS", "MESSAGE") if self.is_refusal => self.faults.push(refusal(tag)),
            ("LIST", "DTSTART" | "DTEND") | (_, "CURDEF") => put(&mut self.statement, name, value),
            (around, leaf) if around.ends_with("ACCTFROM") && ACCOUNT_LEAVES.contains(&leaf) => {
                put(&mut self.statement, name, value);
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        let Some(open) = &mut self.open else {
            self.is_ended |= name == "OFX";
            if self.around == name || name.ends_with("TRANLIST") {
                self.around.clear();
            }
            return;
        };
        if open.row.kind == name {
            self.emit();
        } else if let Some(at) = open.inner.iter().rposition(|inner| inner == name) {
            open.inner.truncate(at);
        } else if is_outer(name) {
            self.close_unended();
            self.end(name);
        }
    }

    /// Gives a row that the next one, or the end of its list, closes.
    fn close_unended(&mut self) {
        if let Some(open) = &self.open {
            let message = format!("{} has no end tag before the next aggregate", open.row.kind);
            let fault = Fault::new(FaultKind::Malformed, open.row.place.clone(), "", message)
                .with_excerpt(&excerpt(&open.row))
                .keeping_row();
            self.faults.push(fault);
            self.emit();
        }
    }

    fn emit(&mut self) {
        let Some(Open { mut row, .. }) = self.open.take() else { return };
        row.fields.extend(self.statement.iter().chain(&self.institution).cloned());
        (self.sink)(row);
    }

    fn finish(self, text: &str) -> Result<(), DecodeError> {
        if !self.is_ofx {
            let detail = "there is no <OFX> tag".to_owned();
            return Err(DecodeError::Damaged { what: "the OFX document", place: Place::line(1), detail });
        }
        if let Some(Open { row, .. }) = self.open {
            let fault =
                Fault::new(FaultKind::Malformed, row.place.clone(), "", format!("the file ends inside {}", row.kind))
                    .with_hint("the download was cut short: export the file again")
                    .with_excerpt(&excerpt(&row));
            self.faults.push(fault);
        } else if !self.is_ended {
            let line = Place::line(self.line.max(1));
            let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let fault = Fault::new(FaultKind::Malformed, line, "", "the file ends before </OFX>")
                .with_hint("the download may be cut short: rows may be missing")
                .with_excerpt(last)
                .keeping_row();
            self.faults.push(fault);
        }
        Ok(())
    }
}

/// Aggregates that stand around transactions, so that their end closes one.
fn is_outer(name: &str) -> bool {
    name == "OFX" || name.ends_with("TRANLIST") || name.ends_with("TRANLISTP") || name.ends_with("STMTRS")
}

fn put(context: &mut Context, name: String, value: &str) {
    match context.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => value.clone_into(known),
        None => context.push((name, value.to_owned())),
    }
}

fn refusal(tag: &Tag<'_>) -> Fault {
    let message = format!("the bank answered with an error: {}", tag.text);
    Fault::new(FaultKind::Malformed, tag.place.clone(), tag.text.as_ref(), message).keeping_row()
}

fn excerpt(row: &NamedRow) -> String {
    let tags = row.fields.iter().map(|(name, value)| format!("<{name}>{value}"));
    tags.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
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
}
