//! The decoders over real samples, which lie beside the project when they are there at all.
//!
//! `MOISSON_CORPUS` names their folder; without it `../shared/corpus` is looked for, and the tests
//! say on a line of their own that they were skipped when it is absent.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::case_sensitive_file_extension_comparisons)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use moisson::decode::json::Pages;
use moisson::decode::{self, NamedRow, sniff::Kind};
use moisson::model::Fault;
use rust_decimal::Decimal;
use serde_json::Value;

/// The folder of samples, or none with a line that says so.
fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("MOISSON_CORPUS").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: no samples in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// What the samples' own record says of each file of a family.
fn expected(corpus: &Path, family: &str) -> BTreeMap<String, Value> {
    serde_json::from_slice(&std::fs::read(corpus.join(family).join("EXPECTED.json")).unwrap()).unwrap()
}

struct Read {
    rows: Vec<NamedRow>,
    faults: Vec<Fault>,
}

fn ofx(path: &Path) -> Read {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(decode::sniff::kind(&bytes), Kind::Ofx, "{}", path.display());
    let encoding = decode::text::encoding(&bytes, decode::ofx::declared_charset(&bytes).as_deref());
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    decode::ofx::rows(&decode::text::text(&bytes, &encoding), &mut faults, &mut |row| rows.push(row)).unwrap();
    Read { rows, faults }
}

fn qif(path: &Path) -> Read {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(decode::sniff::kind(&bytes), Kind::Qif, "{}", path.display());
    let encoding = decode::text::encoding(&bytes, None);
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    decode::qif::rows(&decode::text::text(&bytes, &encoding), &mut faults, &mut |row| rows.push(row)).unwrap();
    Read { rows, faults }
}

#[test]
fn every_ofx_transaction_is_read() {
    let Some(corpus) = corpus() else { return };
    let mut n_files = 0;
    for (name, figures) in expected(&corpus, "bank").iter().filter(|(name, _)| name.ends_with(".ofx")) {
        let read = ofx(&corpus.join("bank").join(name));
        let statements: Vec<_> = read.rows.iter().filter(|row| row.kind == "STMTTRN").collect();
        assert_eq!(statements.len() as u64, figures["stmttrn"].as_u64().unwrap(), "{name}");
        let amounts =
            statements.iter().filter_map(|row| row.field("TRNAMT")?.replace(',', ".").parse::<Decimal>().ok());
        let sum: Decimal = figures["sum"].as_str().unwrap().parse().unwrap();
        assert_eq!(amounts.sum::<Decimal>(), sum, "{name}");
        let without_account = statements.iter().filter(|row| row.field("ACCTID").is_none()).count();
        assert_eq!(without_account, 0, "{name}");
        assert_eq!(read.faults.iter().filter(|fault| fault.is_row_lost).count(), 0, "{name}");
        n_files += 1;
    }
    assert!(n_files >= 17, "{n_files}");
}

#[test]
fn every_investment_entry_is_counted() {
    let Some(corpus) = corpus() else { return };
    for (name, figures) in expected(&corpus, "bank").iter().filter(|(name, _)| name.starts_with("ofx_ofxparse/")) {
        let Some(n_entries) = figures["ofxparse_tx"].as_u64() else { continue };
        let read = ofx(&corpus.join("bank").join(name));
        let n_rows = read.rows.iter().filter(|row| !row.kind.ends_with("BAL")).count();
        assert!(n_rows as u64 >= n_entries, "{name}: {n_rows} rows, {n_entries} entries");
    }
}

#[test]
fn the_invented_ofx_keeps_its_values() {
    let Some(corpus) = corpus() else { return };
    let read = ofx(&corpus.join("bank/synthetic/ofx_fr/export.ofx"));
    assert_eq!(read.faults, []);
    let values: Vec<_> =
        read.rows.iter().map(|row| (row.field("NAME"), row.field("TRNAMT"), row.field("BALAMT"))).collect();
    assert_eq!(values[0], (Some("LOYER R&D RÉSIDENCE"), Some("-1234,56"), None));
    assert_eq!(values[3], (None, None, Some("1202,44")));
    assert!(read.rows.iter().all(|row| row.field("ACCTID") == Some("0000098285A")));
}

#[test]
fn every_qif_record_is_read() {
    let Some(corpus) = corpus() else { return };
    let mut n_files = 0;
    for (name, figures) in expected(&corpus, "bank").iter().filter(|(name, _)| name.ends_with(".qif")) {
        let path = corpus.join("bank").join(name);
        let n_rows = qif(&path).rows.len();
        // The record counts `^` lines: empty records count there, an unended last one does not.
        let text = std::fs::read_to_string(&path).unwrap();
        let n_records = text.split('^').filter(|record| record.lines().any(is_field)).count();
        assert_eq!(n_rows, n_records, "{name}");
        assert!(n_rows as u64 <= figures["records"].as_u64().unwrap() + 1, "{name}");
        n_files += 1;
    }
    assert_eq!(n_files, 9);
}

fn is_field(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with(['!', '#'])
}

/// Every file below a folder, hidden ones apart.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn gas_workbooks_are_read_row_by_row() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("energy/grdf_pygazpar/tests/resources");
    for (name, last, n_readings, sum_kwh) in [("DAILY", 372, 363, Some(23_181)), ("WEEKLY", 62, 53, None)] {
        let bytes = std::fs::read(folder.join(format!("Donnees_informatives_PCE_{name}.xlsx"))).unwrap();
        let mut rows = Vec::new();
        decode::sheet::rows(&bytes, &mut |row| rows.push(row)).unwrap();
        assert_eq!(rows.last().unwrap().place.row_pointer(), format!("Historique par mois!A{last}"));
        let header = rows.iter().position(|row| row.place.row_pointer() == "Historique par mois!A9").unwrap();
        assert!(rows[header].cells[0].is_empty() && rows[header].cells[1].starts_with("Date"), "{:?}", rows[header]);
        let readings = &rows[header + 1..];
        assert_eq!(readings.len(), n_readings);
        let sum: i64 = readings.iter().filter_map(|row| row.cells.get(5)?.parse::<i64>().ok()).sum();
        assert!(sum_kwh.is_none_or(|expected| expected == sum), "{name}: {sum}");
    }
}

#[test]
fn gas_readings_in_json_are_read_exactly() {
    let Some(corpus) = corpus() else { return };
    let figures = &expected(&corpus, "energy")["grdf_pygazpar/tests/resources/donnees_informatives.json"];
    let bytes = std::fs::read(corpus.join("energy/grdf_pygazpar/tests/resources/donnees_informatives.json")).unwrap();
    let wanted = ["/journeeGaziere", "/energieConsomme", "//*/idPce"].map(str::to_owned);
    let mut rows = Vec::new();
    decode::json::rows(&bytes, Pages::One, &["/*/releves".to_owned()], &wanted, &mut |row| rows.push(row)).unwrap();
    assert_eq!(rows.len() as u64, figures["releves"].as_u64().unwrap());
    let energy = rows.iter().filter_map(|row| row.field("/energieConsomme")?.parse::<Decimal>().ok());
    assert_eq!(energy.sum::<Decimal>(), Decimal::from(figures["energie_sum"].as_u64().unwrap()));
    assert!(rows.iter().all(|row| row.field("//*/idPce").is_some_and(|pce| pce.len() == 14)));
}

#[test]
fn an_operators_page_is_rows() {
    let Some(corpus) = corpus() else { return };
    let bytes = std::fs::read(corpus.join("phone/synthetic/mashup/releve.html")).unwrap();
    let mut rows = Vec::new();
    let encoding = decode::text::encoding(&bytes, decode::charset::declared(&bytes).as_deref());
    decode::html::rows(&decode::text::text(&bytes, &encoding), &mut |row| rows.push(row)).unwrap();
    assert_eq!((rows.len(), rows[0].cells.join("|").as_str()), (9, "Date|Numéro|Durée|Coût"));
    assert_eq!(rows[8].place.row_pointer(), "table 1, row 9");
}

/// How many rows a file gives to the reader of its kind, or why it gives none.
fn count(bytes: &[u8]) -> Result<usize, String> {
    let mut n = 0;
    let text = || {
        let encoding = decode::text::encoding(bytes, None);
        decode::text::text(bytes, &encoding).into_owned()
    };
    let outcome = match decode::sniff::kind(bytes) {
        Kind::Zip => decode::zip::members(bytes).map(|members| n = members.len()),
        Kind::Html => decode::html::rows(&text(), &mut |_| n += 1),
        Kind::Json => decode::json::rows(bytes, Pages::One, &[String::new()], &[], &mut |_| n += 1).map(drop),
        Kind::Ofx => decode::ofx::rows(&text(), &mut Vec::new(), &mut |_| n += 1),
        Kind::Qif => decode::qif::rows(&text(), &mut Vec::new(), &mut |_| n += 1),
        _ => decode::sheet::rows(bytes, &mut |_| n += 1),
    };
    outcome.map(|()| n).map_err(|error| error.to_string())
}

#[test]
fn any_file_is_decoded_or_refused_with_a_reason() {
    let Some(corpus) = corpus() else { return };
    let mut counts: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for path in files(&corpus) {
        let bytes = std::fs::read(&path).unwrap();
        let kind = decode::sniff::kind(&bytes);
        let (n_read, n_rows, n_refused) = counts.entry(format!("{kind:?}")).or_default();
        match count(&bytes) {
            Ok(n) => (*n_read, *n_rows) = (*n_read + 1, *n_rows + n),
            Err(reason) => {
                assert!(!reason.is_empty(), "{}", path.display());
                *n_refused += 1;
                let is_readable = matches!(
                    kind,
                    Kind::Xlsx | Kind::Ods | Kind::Html | Kind::Json | Kind::Ofx | Kind::Qif | Kind::Zip
                );
                if is_readable {
                    println!("refused: {}: {reason}", path.display());
                }
            }
        }
    }
    for (kind, (n_read, n_rows, n_refused)) in counts {
        println!("{kind}: {n_read} files read, {n_rows} rows; {n_refused} refused");
    }
}

#[test]
fn hostile_workbooks_are_refused_at_once() {
    let Some(corpus) = corpus() else { return };
    for name in ["sparse_max.xlsx", "sparse.xlsx"] {
        let Ok(bytes) = std::fs::read(corpus.join("../hostile").join(name)) else { continue };
        let started = std::time::Instant::now();
        let mut n_cells = 0;
        let outcome = decode::sheet::rows(&bytes, &mut |row| n_cells += row.cells.len());
        println!("{name}: {outcome:?}, {n_cells} cells, {:?}", started.elapsed());
        assert!(started.elapsed().as_millis() < 500, "{name}");
        assert!(n_cells < 2_048, "{name}");
    }
}

#[test]
fn entities_are_never_expanded() {
    let Some(corpus) = corpus() else { return };
    let Ok(bytes) = std::fs::read(corpus.join("../hostile/lol.xml")) else { return };
    let started = std::time::Instant::now();
    let mut n_bytes = 0;
    let measure = |row: &NamedRow| row.fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let _ = decode::xml::rows(&bytes, &["lolz".to_owned()], &mut |row| n_bytes += measure(&row));
    assert!(started.elapsed().as_millis() < 500);
    assert!(n_bytes < 1_000, "{n_bytes}");
}
