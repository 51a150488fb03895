//! Documents that nobody should have to read, made here.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub const HEADER: &str = "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance\n";

/// A row of an export whose label is that text; labels that differ in more than a number are of
/// different accounts.
pub fn row(day: u32, label: &str, amount: &str) -> String {
    let account: u32 = label.bytes().filter(|byte| !byte.is_ascii_digit()).map(u32::from).sum();
    format!(
        "2026-03-{day:02};2026-03-{day:02};\"{label}\";\"Divers\";\"Divers\";\"\";{amount};;{account:011};Courant;100.00\n"
    )
}

/// An export of so many rows.
pub fn export(label: &str, n: u32) -> String {
    let rows = (0..n).map(|at| row(1 + at % 28, &format!("{label} {at}"), "-2,15"));
    HEADER.to_owned() + &rows.collect::<String>()
}

/// Every tenth row has a date, an amount or a number of cells that is none: three kinds in ten.
pub fn broken_export(label: &str, n: u32) -> String {
    let rows = (0..n).map(|at| match at % 10 {
        2 => row(1, &format!("{label} {at}"), "deux euros"),
        5 => row(45, &format!("{label} {at}"), "-2,15"),
        7 => "2026-03-05;2026-03-05\n".to_owned(),
        _ => row(1 + at % 28, &format!("{label} {at}"), "-2,15"),
    });
    HEADER.to_owned() + &rows.collect::<String>()
}

pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Bytes that are of no format.
pub fn noise(n: u32) -> Vec<u8> {
    (0..n).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect()
}

/// A zip whose members are written by pieces.
pub fn zipped(members: &[(&str, &[u8], usize)]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(false);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, piece, times) in members {
        writer.start_file(*name, options).expect("a member");
        for _ in 0..*times {
            writer.write_all(piece).expect("a piece");
        }
    }
    writer.finish().expect("a zip").into_inner()
}

/// Zeros that unzip to that many mebibytes.
pub fn zeros(mebibytes: usize) -> Vec<u8> {
    zipped(&[("zeros.csv", &vec![b'0'; 1 << 20], mebibytes)])
}

const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A workbook of one sheet; `shared` is repeated to make the list of shared texts.
fn workbook(sheet: &str, shared: &[u8], times: usize) -> Vec<u8> {
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let relation = |id: u8, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inner: &str| format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{inner}</Relationships>");
    let root = relations(&relation(1, "officeDocument", "xl/workbook.xml"));
    let inner = relations(
        &(relation(1, "worksheet", "worksheets/sheet1.xml") + &relation(2, "sharedStrings", "sharedStrings.xml")),
    );
    let book = format!(
        "<workbook {MAIN} xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"F\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let sheet = format!("<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>");
    zipped(&[
        ("[Content_Types].xml", types.as_bytes(), 1),
        ("_rels/.rels", root.as_bytes(), 1),
        ("xl/workbook.xml", book.as_bytes(), 1),
        ("xl/_rels/workbook.xml.rels", inner.as_bytes(), 1),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes(), 1),
        ("xl/sharedStrings.xml", shared, times),
    ])
}

/// Two cells, in the first and in the very last place of a sheet.
pub fn sparse_workbook() -> Vec<u8> {
    let cells = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    workbook(cells, b"<sst/>", 1)
}

/// Shared texts that unzip to that many mebibytes.
pub fn bomb_workbook(mebibytes: usize) -> Vec<u8> {
    let text = b"<si><t>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</t></si>".repeat(16_384);
    workbook("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", &text, mebibytes)
}

/// Entities of entities, ten levels deep.
pub fn entity_bomb() -> String {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY l0 \"lol\">".to_owned();
    for level in 1..10 {
        let inner = format!("&l{};", level - 1).repeat(10);
        text += &["<!ENTITY l", &level.to_string(), " \"", &inner, "\">"].concat();
    }
    text + "]><calls><call number=\"&l9;\"/></calls>"
}

pub fn nested(open: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + &close.repeat(depth)
}

/// One contact with a picture of that many mebibytes, folded as RFC 6350 asks.
pub fn card_with_photo(mebibytes: usize) -> String {
    let mut card =
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Odile Garnier\r\nTEL:06 39 98 00 43\r\nPHOTO;ENCODING=b;TYPE=JPEG:"
            .to_owned();
    let line = "/9j4".repeat(18);
    for _ in 0..mebibytes * ((1 << 20) / line.len()) {
        card += &line;
        card += "\r\n ";
    }
    card + "\r\nEND:VCARD\r\n"
}

/// An event every second, until the end of calendars.
pub fn every_second() -> &'static str {
    "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:tick@example.org\nSUMMARY:Tic\nDTSTART:20260305T100000Z\nRRULE:FREQ=SECONDLY;UNTIL=99991231T235959Z\nEND:VEVENT\nEND:VCALENDAR\n"
}

/// A page where a bank's export should have been.
pub fn login_page() -> &'static str {
    "<!DOCTYPE html><html><head><title>Connexion</title></head><body><form method=\"post\"><table><tr><td>Identifiant</td><td><input name=\"id\"></td></tr></table></form><p>Votre session a expiré.</p></body></html>"
}

/// An old workbook whose first sheet claims to be as large as the format allows.
pub fn claimed_workbook(old: &[u8]) -> Vec<u8> {
    let dimensions = [[0_u8, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]].concat();
    patched(old, &[0x00, 0x02, 0x0e, 0x00], &dimensions)
}

/// An old workbook one of whose cells lies on that row, in the last column.
pub fn far_workbook(old: &[u8], row: u16) -> Vec<u8> {
    let [low, high] = row.to_le_bytes();
    patched(old, &[0xfd, 0x00, 0x0a, 0x00], &[low, high, 255, 0])
}

/// Writes over what follows the first place where `head` stands.
fn patched(bytes: &[u8], head: &[u8], over: &[u8]) -> Vec<u8> {
    let at = bytes.windows(head.len()).position(|window| window == head).expect("such a record") + head.len();
    let mut bytes = bytes.to_vec();
    bytes[at..at + over.len()].copy_from_slice(over);
    bytes
}
