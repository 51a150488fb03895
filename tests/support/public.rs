//! Public bank samples: what is read of each, beside the figures counted by other means.

use std::path::Path;

use moisson::connector::Catalogue;
use moisson::import::golden::Golden;
use rust_decimal::Decimal;
use serde_json::Value;

use super::bank::{self, records};
use super::read_sample;

/// Figures that are not comparable: end of the file's name, figure, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("date_missing.ofx", "movements", "no movement has a date: all are faults"),
    ("date_missing.ofx", "sum", "no movement has a date: all are faults"),
    ("decimal_error.ofx", "movements", "the amount is no number: a fault"),
    ("account_definition_1.qif", "records", "the first record is empty: it has no line at all"),
    ("dkb_deutschland_example_format1_20250331.csv", "rows", "three lines stand before the header"),
    ("chase.transactions.format1.csv", "expenses", "the figure leaves out rows with an ampersand"),
    ("csv_sss_example_format1_20240701.csv", "income", "the figure leaves out rows with an ampersand"),
    ("csv_sss_example_format1_20240701.csv", "expenses", "the figure leaves out rows with an ampersand"),
    ("paypal.#cash20140529.csv", "income", "the other program groups conversions"),
    ("paypal.#cash20140529.csv", "expenses", "the other program groups conversions"),
    ("wise.transactions.business2_20240423.csv", "expenses", "the other program leaves the fees aside"),
    ("wise.transactions.business2_DE_20240719.csv", "expenses", "the other program leaves the fees aside"),
];

const FOLDERS: [&str; 7] = [
    "ofx_ofxparse",
    "qif_quiffen",
    "actual_mocks",
    "banana_universal",
    "banana_germany",
    "csv_bank2ynab",
    "de_sparkasse_omarkohl",
];

/// What became of a file.
pub enum Reading {
    Read(Box<Golden>),
    /// Why nothing was read.
    Refused(String),
}

pub struct Sample {
    pub file: String,
    pub reading: Reading,
    pub figures: Value,
}

/// Every document of the folders, in order of name.
pub fn samples(catalogue: &Catalogue, bank: &Path) -> Vec<Sample> {
    let text = std::fs::read_to_string(bank.join("EXPECTED.json")).expect("the expected figures");
    let expected: Value = serde_json::from_str(&text).expect("valid JSON");
    let mut samples = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| super::files_below(&bank.join(folder))) {
        let file = path.strip_prefix(bank).expect("a file of the folder").to_string_lossy().into_owned();
        // What other programs made of the samples is no sample.
        if file.contains("/testexpected/") {
            continue;
        }
        let reading = match read_sample(catalogue, &path) {
            Ok(read) => Reading::Read(Box::new(read)),
            Err(why) => Reading::Refused(why),
        };
        samples.push(Sample { figures: expected[&file].clone(), file, reading });
    }
    samples
}

/// File, connector, rows taken, skipped and rejected, faults, and the figure to compare with.
pub fn table(samples: &[Sample]) -> String {
    let lines = samples.iter().map(|sample| {
        let figure = figure(&sample.figures);
        match &sample.reading {
            Reading::Read(read) => {
                let (rows, faults) = (&read.summary, read.faults.len());
                let shown = format!(
                    "{:>4} taken {:>3} skipped {:>3} rejected {faults:>3} faults",
                    rows.rows_taken, rows.rows_skipped, rows.rows_rejected
                );
                format!("{:<20} {shown}  {}  ({figure})", read.connector, sample.file)
            }
            Reading::Refused(why) => format!("{:<20} {}  ({figure}): {why}", "refused", sample.file),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How a sample differs from its figures, exceptions aside.
pub fn differences(sample: &Sample) -> Vec<String> {
    let Reading::Read(read) = &sample.reading else { return Vec::new() };
    let all = bank::total(read, None);
    let booked = records(read, "transactions").len() as u64;
    let figures = &sample.figures;
    let statement = &figures["banana_expected"][0];
    let lines = figures["nonblank_records_incl_header_and_junk"].as_u64();
    let compared = [
        ("movements", figures["stmttrn"].as_u64().map(|n| n.to_string()), booked.to_string()),
        ("sum", figures["sum"].as_str().map(str::to_owned), all.sum().to_string()),
        ("records", figures["records"].as_u64().map(|n| n.to_string()), read.summary.rows_read.to_string()),
        ("rows", lines.map(|n| (n - 1).to_string()), read.summary.rows_read.to_string()),
        ("income", stated(statement, "income"), all.credit.to_string()),
        ("expenses", stated(statement, "expenses"), all.debit.abs().to_string()),
    ];
    let is_exception =
        |figure: &str| EXCEPTIONS.iter().any(|(file, excepted, _)| sample.file.ends_with(file) && *excepted == figure);
    let differs = compared.iter().filter(|(name, ..)| !is_exception(name)).filter_map(|(name, wanted, found)| {
        let wanted = wanted.as_ref()?;
        (!is_same(wanted, found)).then(|| format!("{}: {name} {found} and not {wanted}", sample.file))
    });
    differs.collect()
}

/// Figures of a program that splits in- and outgoings; it has none where it groups rows otherwise.
fn stated(statement: &Value, name: &str) -> Option<String> {
    let is_split = statement["amount"] == "0";
    is_split.then(|| statement[name].as_str().map(|text| text.trim_start_matches('-').to_owned())).flatten()
}

fn is_same(wanted: &str, found: &str) -> bool {
    match (wanted.parse::<Decimal>(), found.parse::<Decimal>()) {
        (Ok(wanted), Ok(found)) => wanted == found,
        _ => wanted == found,
    }
}

/// Files read completely, with faults, and refused; rows taken of all.
pub fn totals(samples: &[Sample]) -> (usize, usize, usize, u64) {
    let read: Vec<_> = samples
        .iter()
        .filter_map(|sample| match &sample.reading {
            Reading::Read(read) => Some(read),
            Reading::Refused(_) => None,
        })
        .collect();
    let complete = read.iter().filter(|read| read.faults.is_empty()).count();
    let taken = read.iter().map(|read| read.summary.rows_taken).sum();
    (complete, read.len() - complete, samples.len() - read.len(), taken)
}

fn figure(figures: &Value) -> String {
    let stated = |name: &str| (!figures[name].is_null()).then(|| format!("{name} {}", figures[name]));
    let all = ["stmttrn", "trnamt_ok", "sum", "records", "nonblank_records_incl_header_and_junk"];
    all.iter().filter_map(|name| stated(name)).collect::<Vec<_>>().join(", ")
}
