//! Answers as text: CSV and JSON, exact and streaming.
//!
//! Decimals are written digit for digit, never through a float. A null is an empty cell in CSV
//! and `null` in JSON.

use std::io::{self, Write};

use duckdb::arrow::array::{Array, ArrayRef, AsArray};
use duckdb::arrow::datatypes::DataType;
use duckdb::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::WarehouseError;
use super::ask::{Answer, format_options, formatters, is_null};

/// Who will open a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CsvFor {
    /// Programs: cells as they are.
    #[default]
    Programs,
    /// Spreadsheets: a text that would be run as a formula is preceded by an apostrophe.
    Spreadsheets,
}

impl Answer<'_> {
    /// Writes header and rows, `,` between cells; returns the number of rows.
    pub fn write_csv(&mut self, to: impl Write) -> Result<u64, WarehouseError> {
        self.write_csv_for(to, CsvFor::Programs)
    }

    /// The same, for whoever will open it.
    pub fn write_csv_for(&mut self, to: impl Write, reader: CsvFor) -> Result<u64, WarehouseError> {
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(self.columns().iter().map(|column| column.name.as_str())).map_err(of_csv)?;
        let is_text: Vec<bool> = self.columns().iter().map(|column| !column.is_number).collect();
        let mut written = 0;
        while let Some(rows) = self.next_rows()? {
            for row in &rows {
                let cells = row.iter().zip(&is_text).map(|(cell, is_text)| {
                    let cell = cell.as_deref().unwrap_or_default();
                    if *is_text && reader == CsvFor::Spreadsheets { harmless(cell) } else { cell.to_owned() }
                });
                writer.write_record(cells).map_err(of_csv)?;
            }
            written += rows.len() as u64;
        }
        writer.flush().map_err(of_output)?;
        Ok(written)
    }

    /// Writes one JSON array of objects, a row a line; returns the number of rows.
    pub fn write_json(&mut self, mut to: impl Write) -> Result<u64, WarehouseError> {
        to.write_all(b"[").map_err(of_output)?;
        let written = self.write_objects(&mut to, b"\n", b",\n")?;
        to.write_all(if written == 0 { b"]\n" } else { b"\n]\n" }).map_err(of_output)?;
        Ok(written)
    }

    /// Writes one JSON object a line; returns the number of rows.
    pub fn write_ndjson(&mut self, mut to: impl Write) -> Result<u64, WarehouseError> {
        let written = self.write_objects(&mut to, b"", b"\n")?;
        if written > 0 {
            to.write_all(b"\n").map_err(of_output)?;
        }
        Ok(written)
    }

    fn write_objects(&mut self, to: &mut impl Write, first: &[u8], next: &[u8]) -> Result<u64, WarehouseError> {
        let keys: Vec<String> = self.columns().iter().map(|column| text(&column.name)).collect();
        let options = format_options();
        let mut written = 0;
        let mut line = String::new();
        while let Some(batch) = self.next_batch()? {
            let formatters = formatters(&batch, &options)?;
            for row in 0..batch.len() {
                line.clear();
                for (column, array) in batch.columns().iter().enumerate() {
                    line.push_str(if column == 0 { "{" } else { "," });
                    line.push_str(&keys[column]);
                    line.push(':');
                    json(&mut line, array, &formatters[column], row, &options)?;
                }
                line.push('}');
                to.write_all(if written == 0 { first } else { next }).map_err(of_output)?;
                to.write_all(line.as_bytes()).map_err(of_output)?;
                written += 1;
            }
        }
        Ok(written)
    }
}

/// Writes one value; lists and structs keep their shape, what JSON has no form for becomes text.
fn json(
    line: &mut String,
    array: &ArrayRef,
    formatter: &ArrayFormatter<'_>,
    row: usize,
    options: &FormatOptions<'_>,
) -> Result<(), WarehouseError> {
    if is_null(array, row) {
        line.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::List(_) => json_list(line, &array.as_list::<i32>().value(row), options),
        DataType::Struct(_) => json_struct(line, array, row, options),
        kind => {
            let value = formatter.value(row).try_to_string()?;
            let is_bare = *kind == DataType::Boolean || (kind.is_numeric() && !value.contains(['N', 'i']));
            line.push_str(&if is_bare { value } else { text(&value) });
            Ok(())
        }
    }
}

fn json_list(line: &mut String, values: &ArrayRef, options: &FormatOptions<'_>) -> Result<(), WarehouseError> {
    let formatter = ArrayFormatter::try_new(values.as_ref(), options)?;
    line.push('[');
    for row in 0..values.len() {
        if row > 0 {
            line.push(',');
        }
        json(line, values, &formatter, row, options)?;
    }
    line.push(']');
    Ok(())
}

fn json_struct(
    line: &mut String,
    array: &ArrayRef,
    row: usize,
    options: &FormatOptions<'_>,
) -> Result<(), WarehouseError> {
    let fields = array.as_struct();
    for (position, (field, values)) in fields.fields().iter().zip(fields.columns()).enumerate() {
        line.push_str(if position == 0 { "{" } else { "," });
        line.push_str(&text(field.name()));
        line.push(':');
        json(line, values, &ArrayFormatter::try_new(values.as_ref(), options)?, row, options)?;
    }
    line.push('}');
    Ok(())
}

/// Precedes with an apostrophe what a spreadsheet would run; numbers are left alone.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    if is_formula && !is_number { format!("'{cell}") } else { cell.to_owned() }
}

fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

fn of_output(error: io::Error) -> WarehouseError {
    WarehouseError::Output(error)
}

fn of_csv(error: csv::Error) -> WarehouseError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WarehouseError::Output(error),
        other => WarehouseError::Output(io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_numbers_are_not() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(harmless("-12.50"), "-12.50");
        assert_eq!(harmless("+33199000001"), "+33199000001");
        assert_eq!(harmless("-cmd"), "'-cmd");
    }
}
