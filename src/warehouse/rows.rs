//! Rows on their way to the database, gathered column by column and handed over in batches.

use std::fmt;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    Array, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use duckdb::arrow::record_batch::RecordBatch;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::WarehouseError;
use crate::model::{CellRef, Column, ColumnType};

/// Digits and decimals of amounts: DECIMAL(18,5).
const PRECISION: u8 = 18;
const SCALE: u8 = 5;

/// Where rows go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// A landing table.
    Landing(&'static str),
    /// The temporary table in which the rows for that landing table wait.
    Stage(&'static str),
}

impl fmt::Display for Target {
    /// The name of the table in SQL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landing(table) => write!(f, "landing.{table}"),
            Self::Stage(table) => write!(f, "temp.main.stage_{table}"),
        }
    }
}

/// Rows of one table, not yet handed over.
pub(super) struct Batch {
    schema: SchemaRef,
    columns: Vec<Builder>,
    rows: usize,
}

impl Batch {
    /// An empty batch for those columns.
    pub(super) fn new<'a>(columns: impl IntoIterator<Item = &'a Column>) -> Result<Self, WarehouseError> {
        let columns: Vec<&Column> = columns.into_iter().collect();
        let fields: Vec<Field> = columns.iter().map(|c| Field::new(c.name, arrow_type(c.kind), true)).collect();
        let builders = columns.iter().map(|c| Builder::new(c.kind)).collect::<Result<_, _>>()?;
        Ok(Self { schema: Arc::new(Schema::new(fields)), columns: builders, rows: 0 })
    }

    /// Rows gathered since the last [`Batch::append_to`].
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Adds a row: one cell a column, in order. A cell of another type becomes null.
    pub(super) fn push(&mut self, cells: &[CellRef<'_>]) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        self.rows += 1;
    }

    /// Hands the gathered rows to a table, and starts again.
    ///
    /// Columns that are null in all of them are left to the table's default, which is null: a
    /// bank file fills ten of thirty columns, and each cell that is handed over costs.
    pub(super) fn append_to(&mut self, connection: &Connection, to: Target) -> Result<(), WarehouseError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Builder::finish).collect();
        let filled: Vec<usize> = (0..arrays.len()).filter(|n| arrays[*n].null_count() < arrays[*n].len()).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)?.project(&filled)?;
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut appender = match to {
            Target::Landing(table) => connection.appender_with_columns_to_db(table, "landing", &names)?,
            Target::Stage(table) => {
                connection.appender_with_columns_to_catalog_and_db(&format!("stage_{table}"), "temp", "main", &names)?
            }
        };
        appender.append_record_batch(batch)?;
        Ok(appender.flush()?)
    }
}

/// Whether an amount fits the column type: at most 13 digits before the mark.
pub(super) fn fits(cell: CellRef<'_>) -> bool {
    match cell {
        CellRef::Decimal(amount) => scaled(amount).is_some(),
        _ => true,
    }
}

enum Builder {
    Text(StringBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Decimal(Decimal128Builder),
    Integer(Int64Builder),
    Boolean(BooleanBuilder),
    Double(Float64Builder),
}

impl Builder {
    fn new(kind: ColumnType) -> Result<Self, WarehouseError> {
        Ok(match kind {
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Timestamp => Self::Timestamp(TimestampMicrosecondBuilder::new()),
            ColumnType::Decimal => {
                Self::Decimal(Decimal128Builder::new().with_precision_and_scale(PRECISION, SCALE.cast_signed())?)
            }
            ColumnType::Integer => Self::Integer(Int64Builder::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnType::Double => Self::Double(Float64Builder::new()),
        })
    }

    fn push(&mut self, cell: CellRef<'_>) {
        match (self, cell) {
            (Self::Text(column), CellRef::Text(text)) => column.append_value(text),
            (Self::Date(column), CellRef::Date(date)) => column.append_value(days(date)),
            (Self::Timestamp(column), CellRef::Timestamp(at)) => column.append_value(micros(at)),
            (Self::Decimal(column), CellRef::Decimal(amount)) => column.append_option(scaled(amount)),
            (Self::Integer(column), CellRef::Integer(number)) => column.append_value(number),
            (Self::Boolean(column), CellRef::Boolean(flag)) => column.append_value(flag),
            (Self::Double(column), CellRef::Double(number)) => column.append_value(number),
            (column, _) => column.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(column) => column.append_null(),
            Self::Date(column) => column.append_null(),
            Self::Timestamp(column) => column.append_null(),
            Self::Decimal(column) => column.append_null(),
            Self::Integer(column) => column.append_null(),
            Self::Boolean(column) => column.append_null(),
            Self::Double(column) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Timestamp(column) => Arc::new(column.finish()),
            Self::Decimal(column) => Arc::new(column.finish()),
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Double(column) => Arc::new(column.finish()),
        }
    }
}

fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Decimal => DataType::Decimal128(PRECISION, SCALE.cast_signed()),
        ColumnType::Integer => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Double => DataType::Float64,
    }
}

/// Days since 1 January 1970.
fn days(date: Date) -> i32 {
    // Days from civil date, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = i32::from(date.year()) - i32::from(date.month() <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (i32::from(date.month()) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i32::from(date.day()) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Microseconds since 1 January 1970, 00:00.
fn micros(at: DateTime) -> i64 {
    let seconds = i64::from(days(at.date())) * 86_400
        + i64::from(at.hour()) * 3_600
        + i64::from(at.minute()) * 60
        + i64::from(at.second());
    seconds * 1_000_000 + i64::from(at.subsec_nanosecond()) / 1_000
}

/// The amount in hundred-thousandths; decimals beyond the fifth are rounded half away from zero,
/// and `None` stands for an amount too large to store.
fn scaled(amount: Decimal) -> Option<i128> {
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let rounded = amount.round_dp_with_strategy(u32::from(SCALE), strategy);
    let missing = u32::from(SCALE).checked_sub(rounded.scale())?;
    let value = rounded.mantissa().checked_mul(10_i128.pow(missing))?;
    (value.unsigned_abs() < 10_u128.pow(u32::from(PRECISION))).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    #[test]
    fn instants_and_amounts_are_exact() {
        assert_eq!(days(date(1970, 1, 1)), 0);
        assert_eq!(days(date(2000, 3, 1)), 11_017);
        assert_eq!(micros(datetime(1970, 1, 2, 0, 0, 1, 5_000)), 86_401_000_005);
        assert_eq!(scaled(Decimal::new(-1999, 2)), Some(-1_999_000));
        assert_eq!(scaled(Decimal::new(1_000_005, 6)), Some(100_001));
        assert_eq!(scaled(Decimal::from(10_000_000_000_000_i64)), None);
    }

    proptest! {
        #[test]
        fn days_agree_with_the_calendar(offset in -1_000_000_i32..1_000_000) {
            let day = date(1970, 1, 1).checked_add(jiff::Span::new().days(offset)).expect("within the calendar");
            prop_assert_eq!(days(day), offset);
        }
    }
}
