//! `[columns]` of meters: readings, indexes, what registers mean, and days of a tariff.

use serde::Deserialize;

use super::columns::{Choice, Date, DecimalMark, Instant, Names, Quantity, Text, Unit};

/// `readings`: measured intervals of a meter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingColumns {
    /// The document's `{meter}` when absent, else the source's.
    pub meter: Option<Text>,
    pub series: Series,
    pub energy: Energy,
    /// The interval's stamp; give this or `day`.
    pub stamp: Option<Instant>,
    /// Whether the stamp is the interval's start or its end.
    #[serde(default)]
    pub stands_for: StandsFor,
    /// End of the interval, where the row states both.
    pub ends: Option<Instant>,
    /// Length of the interval: bare minutes or a duration (`PT30M`), constant, in a column or in
    /// `{step}`; 0 for an instant. Found from the stamps when absent or empty.
    pub step_minutes: Option<Text>,
    /// For one value a day: the day. Days (`Du 24/11/2020 au 29/11/2020`, the last included) and
    /// months (`Novembre 2020`) are read too. Taken before `stamp` where both are filled.
    pub day: Option<Date>,
    /// The day after the last, for values over several days.
    pub until: Option<Date>,
    /// Hour at which such a day starts (gas: 6).
    #[serde(default)]
    pub day_starts_at: i8,
    /// A table without any of its columns has no such readings; an empty cell is a missing value.
    pub value: Quantity,
    /// Unit of this row's value where the document tells: W, VA, Wh, kWh, m3, dm3.
    pub unit_of_row: Option<Choice>,
    /// Series of this row where the document tells, by the names of [`Series::as_str`].
    pub series_of_row: Option<Choice>,
    /// Energy of this row where the document tells, by the names of [`Energy::as_str`].
    pub energy_of_row: Option<Choice>,
    /// measured, corrected, estimated, missing; `measured` when absent.
    pub quality: Option<Choice>,
    pub register: Option<Text>,
}

/// What a series of readings counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    Consumption,
    Production,
    Volume,
    MaximumPower,
}

impl Series {
    /// The series of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Consumption, Self::Production, Self::Volume, Self::MaximumPower].into_iter().find(|s| s.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::Production => "production",
            Self::Volume => "volume",
            Self::MaximumPower => "maximum_power",
        }
    }
}

/// What a meter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Energy {
    Electricity,
    Gas,
    Water,
    Heat,
}

impl Energy {
    /// The energy of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Electricity, Self::Gas, Self::Water, Self::Heat].into_iter().find(|energy| energy.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Electricity => "electricity",
            Self::Gas => "gas",
            Self::Water => "water",
            Self::Heat => "heat",
        }
    }
}

/// What the stamp of an interval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandsFor {
    #[default]
    Start,
    End,
}

/// `meter_indexes`: what a meter showed, one column a register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterIndexColumns {
    pub meter: Option<Text>,
    pub read_at: Instant,
    /// Header names of the registers; each filled cell is one index.
    pub registers: Names,
    /// Name of the register, when it is not that of the column.
    pub register: Option<Text>,
    pub unit: Unit,
    /// Unit of this row's value where the document tells: Wh, kWh, m3, dm3.
    pub unit_of_row: Option<Choice>,
    #[serde(default)]
    pub decimal: DecimalMark,
}

/// `register_names`: which register counts what, from a table of its own.
///
/// One row a period; its cells pair the name of a register with its meaning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterNameColumns {
    /// Holds the instants from and to which the row is true; a side that is not there is open.
    pub period: Text,
    pub registers: Names,
    /// The meaning of each of `registers`, in the same order.
    pub meanings: Names,
}

/// `tariff_days`: colours of a tariff calendar.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffDayColumns {
    pub calendar: Text,
    pub day: Date,
    /// blue, white, red, skip.
    pub colour: Choice,
}
