//! A typed cell as text: dates ISO, durations `01:02:03`, numbers with a point and no grouping.

use calamine::{Data, DataRef, ExcelDateTime};

/// The text of a cell of a workbook; empty when the cell is.
pub fn text(cell: DataRef<'_>) -> String {
    match cell {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(value),
        DataRef::String(value) => value,
        DataRef::SharedString(value) => value.to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) => instant(&value),
        DataRef::DateTimeIso(value) => iso_instant(&value),
        DataRef::DurationIso(value) => iso_duration(&value),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// The same for a cell that is kept by its workbook.
pub fn owned_text(cell: &Data) -> String {
    match cell {
        Data::Int(value) => value.to_string(),
        Data::Float(value) => number(*value),
        Data::String(value) => value.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(value) => instant(value),
        Data::DateTimeIso(value) => iso_instant(value),
        Data::DurationIso(value) => iso_duration(value),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

/// A number as a spreadsheet shows it: 15 significant digits, which is all a sheet ever meant.
pub fn number(value: f64) -> String {
    let rounded = format!("{value:.14e}").parse().unwrap_or(value);
    // Adding zero turns −0 into 0.
    format!("{}", rounded + 0.0)
}

/// A date, an instant, or a time of day when the serial number has no days.
fn instant(value: &ExcelDateTime) -> String {
    let days = value.as_f64();
    if value.is_duration() {
        return duration(days);
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    match (days.abs() < 1.0, days.fract() == 0.0) {
        (true, false) => format!("{hour:02}:{minute:02}:{second:02}"),
        (_, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn duration(days: f64) -> String {
    let sign = if days < 0.0 { "-" } else { "" };
    // Saturating: no sheet means durations of more than billions of years.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (days.abs() * 86_400.0).round() as u64;
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `2026-03-05T10:00:00.000` → `2026-03-05 10:00:00`; midnight is a date.
pub fn iso_instant(value: &str) -> String {
    let Some((date, time)) = value.trim().split_once('T') else { return value.trim().to_owned() };
    let time = time.trim_end_matches('Z');
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    match time {
        "00:00:00" | "00:00" | "" => date.to_owned(),
        _ if date == "1899-12-30" || date == "1899-12-31" => time.to_owned(),
        _ => format!("{date} {time}"),
    }
}

/// `PT1H2M3.5S` → `01:02:03`; what is not of that shape stays.
pub fn iso_duration(value: &str) -> String {
    let value = value.trim();
    parse_duration(value).unwrap_or_else(|| value.to_owned())
}

fn parse_duration(value: &str) -> Option<String> {
    let (sign, value) = value.strip_prefix('-').map_or(("", value), |rest| ("-", rest));
    let (days, mut rest) = value.strip_prefix('P')?.split_once('T')?;
    let mut part = |unit: char| {
        let Some((number, after)) = rest.split_once(unit) else { return Some(0) };
        rest = after;
        number.split(['.', ',']).next()?.parse::<u64>().ok()
    };
    let (hours, minutes, seconds) = (part('H')?, part('M')?, part('S')?);
    let days: u64 = if days.is_empty() { 0 } else { days.strip_suffix('D')?.parse().ok()? };
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    Some(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"))
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_plain() {
        for (value, expected) in [
            (45.2, "45.2"),
            (0.1 + 0.2, "0.3"),
            (-1234.56, "-1234.56"),
            (1e15, "1000000000000000"),
            (-0.0, "0"),
            (0.2, "0.2"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn serial_numbers_are_dates_instants_times_and_durations() {
        for (days, kind, is_1904, expected) in [
            (45_382.0, DateTime, false, "2024-03-31"),
            (45_382.104_166_666_664, DateTime, false, "2024-03-31 02:30:00"),
            (43_920.0, DateTime, true, "2024-03-31"),
            (0.35, DateTime, false, "08:24:00"),
            (1.5, TimeDelta, false, "36:00:00"),
            (-0.5, TimeDelta, false, "-12:00:00"),
        ] {
            assert_eq!(instant(&ExcelDateTime::new(days, kind, is_1904)), expected);
        }
    }

    #[test]
    fn iso_values_are_tidied() {
        assert_eq!(iso_instant("2026-03-05T00:00:00.000"), "2026-03-05");
        assert_eq!(iso_instant("2026-03-05T10:00:00"), "2026-03-05 10:00:00");
        assert_eq!(iso_instant("2026-03-05"), "2026-03-05");
        assert_eq!(iso_instant("1899-12-31T08:24:00.000"), "08:24:00");
        assert_eq!(iso_duration("PT01H02M03.5S"), "01:02:03");
        assert_eq!(iso_duration("P1DT2H"), "26:00:00");
        assert_eq!(iso_duration("soon"), "soon");
    }

    proptest! {
        #[test]
        fn any_cell_is_text(days: f64, is_1904: bool, iso in "[-PTDHMS0-9.:]{0,12}") {
            instant(&ExcelDateTime::new(days, DateTime, is_1904));
            instant(&ExcelDateTime::new(days, TimeDelta, is_1904));
            number(days);
            iso_instant(&iso);
            iso_duration(&iso);
        }
    }
}
