//! When a server wants to be asked again (RFC 9110 §10.2.3).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A server that asks for more is asked again after a week all the same.
const MOST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The forms of a date in HTTP (RFC 9110 §5.6.7), the old ones too.
const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// The instant that the header names, within the next week; `None` when it cannot be read.
pub fn instant(header: &str, now: Timestamp) -> Option<Timestamp> {
    let header = header.trim();
    let told = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        let seconds = header.parse().unwrap_or(i64::MAX).min(MOST.as_secs());
        now.checked_add(SignedDuration::from_secs(seconds)).ok()?
    } else {
        date(header)?
    };
    let latest = now.checked_add(MOST).unwrap_or(Timestamp::MAX);
    Some(told.clamp(now, latest))
}

fn date(text: &str) -> Option<Timestamp> {
    let read = FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    read.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_every_form_of_a_date_are_read_within_a_week() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let table = [
            ("120", Some("2026-03-01T12:02:00Z")),
            (" 0 ", Some("2026-03-01T12:00:00Z")),
            ("99999999999999999999999", Some("2026-03-08T12:00:00Z")),
            ("Sun, 01 Mar 2026 13:00:00 GMT", Some("2026-03-01T13:00:00Z")),
            ("Sunday, 01-Mar-26 13:00:00 GMT", Some("2026-03-01T13:00:00Z")),
            ("Sun Mar  1 13:00:00 2026", Some("2026-03-01T13:00:00Z")),
            ("Sun, 01 Mar 2020 13:00:00 GMT", Some("2026-03-01T12:00:00Z")),
            ("Fri, 01 Jan 2100 00:00:00 GMT", Some("2026-03-08T12:00:00Z")),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(instant(header, now).map(|at| at.to_string()).as_deref(), expected, "{header}");
        }
    }
}
