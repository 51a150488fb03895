//! Until when a service lets us in, from what its answers tell. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::values::Values;

/// `consent_until`, or `consent_since` and how long a consent holds: as many days as
/// `consent_days` says, else as the connector does.
pub fn until(values: &Values, usual: Option<Span>, zone: &TimeZone) -> Option<Timestamp> {
    let told = |name: &str| values.get(name).and_then(|value| instant(&value.text, zone));
    if let Some(until) = told("consent_until") {
        return Some(until);
    }
    let days = values.get("consent_days").and_then(|value| value.text.parse::<i64>().ok());
    let span = days.and_then(|days| Span::new().try_days(days).ok()).or(usual)?;
    let since = told("consent_since")?.to_zoned(TimeZone::UTC);
    since.checked_add(span).ok().map(|at| at.timestamp())
}

/// Of several consents the one that ends first of those that still hold; when none does, the one
/// that ended last.
pub fn soonest(ends: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let (to_come, over): (Vec<Timestamp>, Vec<Timestamp>) = ends.into_iter().partition(|end| *end > now);
    to_come.into_iter().min().or_else(|| over.into_iter().max())
}

/// An instant, or the start of a day, or seconds since 1970.
fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let day = || text.parse::<Date>().ok()?.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let seconds = || Timestamp::from_second(text.parse().ok()?).ok();
    text.parse().ok().or_else(seconds).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::super::values::Value;
    use jiff::ToSpan;

    use super::*;

    fn of(values: &[(&str, &str)]) -> Option<String> {
        let values = values.iter().map(|(name, text)| ((*name).to_owned(), Value::open(*text))).collect();
        until(&values, Some(180.days()), &TimeZone::UTC).map(|at| at.to_string())
    }

    #[test]
    fn of_several_consents_the_next_to_end_counts() {
        let at = |day: &str| format!("2026-{day}T00:00:00Z").parse::<Timestamp>().expect("an instant");
        let ends = [at("06-01"), at("02-01"), at("04-15")];
        assert_eq!(soonest(ends, at("03-01")), Some(at("04-15")));
        assert_eq!(soonest(ends, at("07-01")), Some(at("06-01")));
        assert_eq!(soonest([], at("07-01")), None);
    }

    #[test]
    fn a_service_tells_the_end_or_the_beginning() {
        assert_eq!(of(&[("consent_until", "2026-06-01T10:00:00.5+02:00")]).as_deref(), Some("2026-06-01T08:00:00.5Z"));
        assert_eq!(of(&[("consent_until", "2026-06-01")]).as_deref(), Some("2026-06-01T00:00:00Z"));
        let since = ("consent_since", "2026-01-01T00:00:00Z");
        assert_eq!(of(&[since, ("consent_days", "90")]).as_deref(), Some("2026-04-01T00:00:00Z"));
        assert_eq!(of(&[since]).as_deref(), Some("2026-06-30T00:00:00Z"));
        assert_eq!(of(&[]), None);
    }
}
