//! Landing tables of meters: intervals, indexes, and the days of a tariff.

// The comments below are shown in the database too, where backticks around names are noise.
#![allow(clippy::doc_markdown)]

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::model::record::records;
use crate::model::table::Identity::Keyed;

records! {
    /// One row per measured interval of a meter.
    Reading => "readings", Keyed, key(meter, series, started_at, length_s) {
        /// Meter: PRM, PCE or the name given in moisson.toml.
        meter: String,
        /// consumption, production, volume or maximum_power.
        series: String,
        /// electricity, gas, water or heat.
        energy: String,
        /// Start of the interval, UTC.
        started_at: DateTime,
        /// Start of the interval on the wall clock of the meter.
        started_local: DateTime,
        /// Length in seconds of elapsed time; a gas or calendar day is 82,800, 86,400 or 90,000.
        length_s: i64,
        /// Calendar day that the interval belongs to, on the meter's clock.
        local_day: Date,
        /// Value over the interval, in `unit`; null when the source says that it is missing.
        value: Option<Decimal>,
        /// Wh for energy, m3 for volume, VA or W for power.
        unit: String,
        /// measured, corrected, estimated or missing.
        quality: String,
        /// Register that counted it (`HP`, `HC`, `EAS F1`), when the document tells.
        register: Option<String>,
    }

    /// One row per index that a meter showed.
    MeterIndex => "meter_indexes", Keyed, key(meter, register, read_at) {
        /// Meter: PRM or PCE.
        meter: String,
        /// Register (`EAS F1`, `total`).
        register: String,
        /// Instant of the reading, UTC.
        read_at: DateTime,
        /// Instant of the reading on the wall clock of the meter.
        read_local: DateTime,
        /// Index, in `unit`.
        value: Decimal,
        /// Wh or m3.
        unit: String,
        /// What the supplier's calendar calls the register (`HC`, `HP`).
        meaning: Option<String>,
    }

    /// One row per day of a tariff calendar (Tempo colours).
    TariffDay => "tariff_days", Keyed, key(calendar, day) {
        /// tempo.
        calendar: String,
        /// Day on which the tariff day starts (Tempo: at 06:00).
        day: Date,
        /// blue, white or red.
        colour: String,
    }
}
