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
mod tests;
