//! The three workbooks of `tests/sheets` hold the same invented statement, one a format.

use std::io::{Cursor, Write};

use ::zip::ZipWriter;
use ::zip::write::SimpleFileOptions;
use proptest::prelude::*;

use super::*;
use crate::decode::zip;

const XLSX: &[u8] = include_bytes!("../../../tests/sheets/workbook.xlsx");
const XLS: &[u8] = include_bytes!("../../../tests/sheets/old_workbook.xls");
const ODS: &[u8] = include_bytes!("../../../tests/sheets/workbook.ods");

fn read(bytes: &[u8]) -> Vec<String> {
    let mut seen = Vec::new();
    rows(bytes, &mut |row| seen.push(format!("{} {}", row.place.row_pointer(), row.cells.join("|")))).unwrap();
    seen
}

fn refusal(bytes: &[u8]) -> DecodeError {
    rows(bytes, &mut |_| {}).unwrap_err()
}

#[test]
fn a_workbook_is_rows_of_text() {
    let expected = [
        "Relevé!A3 |Date|Libellé|Montant",
        "Relevé!A4 |2026-03-05|ÉPI D'OR|-45.2|0.2",
        "Relevé!A6 |2026-03-05 10:00:00|true||25:01:02|08:24:00|#N/A",
        "Suite!A1 1234567",
    ];
    assert_eq!(read(XLSX), expected);
}

#[test]
fn an_old_workbook_is_rows_of_text() {
    let expected = [
        "Relevé!A3 |Date|Libellé|Montant|Taux",
        "Relevé!A4 |2026-03-05|ÉPI D'OR|-45.2|0.2",
        // The formula was saved without its value.
        "Relevé!A6 |2026-03-05 10:00:00|true",
        "Suite!A1 1234567",
    ];
    assert_eq!(read(XLS), expected);
}

#[test]
fn an_open_document_is_rows_of_text() {
    let expected = [
        "Relevé!A3 |Date|Libellé|Montant",
        "Relevé!A4 |2026-03-05|ÉPI  D'OR & Cie\nligne 2|-45.2|0.2",
        "Relevé!A6 |2026-03-05 10:00:00|true|-90.4|25:01:02",
        "Relevé!A7 même|même",
        "Relevé!A8 même|même",
        "Suite!A1 1234567",
    ];
    assert_eq!(read(ODS), expected);
}

const SPREADSHEET_ML: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Relevé"><Table>
  <Row ss:Index="3"><Cell ss:Index="2" ss:MergeAcross="1"><Data ss:Type="String">Été &amp; &#233;pi</Data></Cell>
   <Cell><Data ss:Type="Number">-45.2</Data><Comment><Data>note</Data></Comment></Cell></Row>
  <Row/>
  <Row><Cell><Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell><Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
 </Table></Worksheet></Workbook>"#;

#[test]
fn an_xml_spreadsheet_is_rows_of_text() {
    let latin = encoding_rs::WINDOWS_1252.encode(SPREADSHEET_ML).0;
    assert_eq!(read(&latin), ["Relevé!A3 |Été & épi||-45.2", "Relevé!A5 2026-03-05|true"]);
    let cut = &SPREADSHEET_ML[..SPREADSHEET_ML.len() - 60];
    assert!(matches!(refusal(cut.as_bytes()), DecodeError::Damaged { .. }));
    let deep = SPREADSHEET_ML.replace("<Row/>", &"<a>".repeat(10_000));
    assert!(matches!(refusal(deep.as_bytes()), DecodeError::TooLarge { limit: xml::MAX_DEPTH, .. }));
}

#[test]
fn what_is_no_sheet_says_what_it_is() {
    assert!(matches!(refusal(b""), DecodeError::Empty));
    assert_eq!(
        refusal(b"%PDF-1.7").to_string(),
        "a PDF document is not read by moisson: it is no spreadsheet that can be read"
    );
}

#[test]
fn truncated_workbooks_are_damaged() {
    for bytes in [XLSX, XLS, ODS] {
        for cut in [bytes.len() / 2, bytes.len() - 600] {
            let error = refusal(&bytes[..cut]);
            assert!(matches!(error, DecodeError::Damaged { .. }), "{error}");
        }
    }
}

/// A copy of a zipped workbook with one part replaced.
fn with_part(bytes: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).unwrap();
        if file.name() != name {
            writer.raw_copy_file(file).unwrap();
        }
    }
    writer.start_file(name, SimpleFileOptions::default()).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

fn sheet_with(cells: &str) -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{cells}</sheetData></worksheet>"
    );
    with_part(XLSX, "xl/worksheets/sheet1.xml", sheet.as_bytes())
}

#[test]
fn far_cells_cost_nothing() {
    let far_down = sheet_with(
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"B1048576\"><v>2</v></c></row>",
    );
    assert_eq!(read(&far_down)[..2], ["Relevé!A1 1", "Relevé!A1048576 |2"]);
    let far_right = sheet_with("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>");
    assert!(matches!(refusal(&far_right), DecodeError::TooLarge { limit: MAX_COLUMNS, .. }));
    let styled_only = sheet_with("<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"1\"/></row>");
    assert_eq!(read(&styled_only)[0], "Relevé!A1 1");
}

#[test]
fn bombs_are_refused() {
    let zeros = with_part(XLSX, "xl/media/zeros.bin", &vec![0; 64 << 20]);
    assert!(matches!(refusal(&zeros), DecodeError::TooLarge { limit: zip::MAX_RATIO, .. }));
    let claim = with_part(XLSX, "xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\"><si><t>a</t></si></sst>");
    assert!(matches!(refusal(&claim), DecodeError::TooLarge { unit: "strings", .. }));
    let repeated = "<office:document-content><table:table table:name=\"x\"><table:table-row table:number-rows-repeated=\"1048576\">\
        <table:table-cell table:number-columns-repeated=\"1000\"><text:p>x</text:p></table:table-cell>\
        </table:table-row></table:table></office:document-content>";
    let repeated = with_part(ODS, "content.xml", repeated.as_bytes());
    assert!(matches!(refusal(&repeated), DecodeError::TooLarge { limit: MAX_CELLS, .. }));
}

#[test]
fn locked_documents_say_so() {
    let manifest = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>";
    assert!(matches!(refusal(&with_part(ODS, "META-INF/manifest.xml", manifest)), DecodeError::Locked { .. }));
    let mut locked = XLS.to_vec();
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let at = locked.windows(16).position(|window| window == wide("Workbook")).unwrap();
    locked[at..at + 32].copy_from_slice(&wide("EncryptedPackage"));
    assert!(matches!(refusal(&locked), DecodeError::Locked { .. }));
}

proptest! {
    #[test]
    fn a_spoilt_workbook_never_panics(which in 0_usize..3, at: prop::sample::Index, value: u8, cut: bool) {
        let mut bytes = [XLSX, XLS, ODS][which].to_vec();
        let at = at.index(bytes.len());
        bytes[at] = value;
        if cut {
            bytes.truncate(at);
        }
        let _ = rows(&bytes, &mut |_| {});
    }

    #[test]
    fn a_spoilt_part_never_panics(at: prop::sample::Index, value in prop::sample::select(b"<>/\"'&0x".to_vec())) {
        let mut content = zip::named(ODS, "content.xml", "").unwrap().unwrap();
        let at = at.index(content.len());
        content[at] = value;
        let _ = rows(&with_part(ODS, "content.xml", &content), &mut |_| {});
    }
}
