//! Whether bytes are a calendar, and a whole one (RFC 5545 §3.4).

use jiff::{SignedDuration, Span, SpanRelativeTo};
use sha2::{Digest, Sha256};

/// No calendar is believed to stay as it is for longer.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What is seen of a calendar without reading it.
#[derive(Debug, PartialEq, Eq)]
pub struct Body {
    /// Events, tasks and journal entries.
    pub n_objects: u64,
    /// Of what it says; servers that write the time of each answer into it change nothing.
    pub fingerprint: String,
    /// How long it says that it stays as it is.
    pub stays_for: Option<SignedDuration>,
}

/// Why bytes are no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It begins as one, and does not end as one.
    Cut,
    /// It is something else, such as a page.
    Other,
}

impl Body {
    pub fn of(bytes: &[u8]) -> Result<Self, Broken> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut lines = Lines::default();
        let mut hash = Sha256::new();
        for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
            lines.read(line)?;
            if !is(line, b"DTSTAMP") {
                hash.update(line);
                hash.update(b"\n");
            }
        }
        let fingerprint = hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let is_whole = lines.n_read > 0 && lines.open.is_empty();
        let whole = Self { n_objects: lines.n_objects, fingerprint, stays_for: lines.stays_for };
        if is_whole { Ok(whole) } else { Err(if lines.n_read > 0 { Broken::Cut } else { Broken::Other }) }
    }
}

#[derive(Default)]
struct Lines<'a> {
    n_read: u64,
    n_objects: u64,
    /// Names of what has begun and not ended.
    open: Vec<&'a [u8]>,
    stays_for: Option<SignedDuration>,
}

impl<'a> Lines<'a> {
    /// Follows what begins and ends; a line outside of everything is no part of a calendar.
    fn read(&mut self, line: &'a [u8]) -> Result<(), Broken> {
        self.n_read += 1;
        if is(line, b"BEGIN:") {
            return self.begin(&line[b"BEGIN:".len()..]);
        }
        let Some(last) = self.open.last() else { return Err(Broken::Other) };
        if is(line, b"END:") {
            let is_last = line[b"END:".len()..].eq_ignore_ascii_case(last);
            self.open.pop();
            return if is_last { Ok(()) } else { Err(Broken::Cut) };
        }
        let is_ttl = self.stays_for.is_none() && is(line, b"X-PUBLISHED-TTL");
        if self.open.len() == 1 && (is_ttl || is(line, b"REFRESH-INTERVAL")) {
            self.stays_for = duration(line).or(self.stays_for);
        }
        Ok(())
    }

    fn begin(&mut self, name: &'a [u8]) -> Result<(), Broken> {
        let is_one_of = |names: &[&[u8]]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if self.open.is_empty() && !is_one_of(&[b"VCALENDAR"]) {
            return Err(Broken::Other);
        }
        self.n_objects += u64::from(is_one_of(&[b"VEVENT", b"VTODO", b"VJOURNAL"]));
        self.open.push(name);
        Ok(())
    }
}

fn is(line: &[u8], start: &[u8]) -> bool {
    line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// `REFRESH-INTERVAL;VALUE=DURATION:PT12H`
fn duration(line: &[u8]) -> Option<SignedDuration> {
    let text = std::str::from_utf8(line).ok()?.rsplit(':').next()?.trim();
    let span: Span = text.parse().ok()?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    time.is_positive().then(|| time.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-PUBLISHED-TTL:PT4H\r\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260314T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn a_whole_calendar_is_told_from_what_is_none() {
        let body = Body::of(WHOLE.as_bytes()).unwrap();
        assert_eq!((body.n_objects, body.stays_for), (1, Some(SignedDuration::from_hours(12))));
        assert!(Body::of(format!("\u{feff}{WHOLE}\n{WHOLE}").as_bytes()).is_ok());
        for other in [
            "",
            "\n",
            "<!doctype html>",
            "END:VCALENDAR",
            "BEGIN:VCARD\nEND:VCARD",
            "BEGIN:VCALENDAR\nEND:VCALENDAR\n<p>",
        ] {
            assert_eq!(Body::of(other.as_bytes()), Err(Broken::Other), "{other}");
        }
    }

    #[test]
    fn a_calendar_that_ends_anywhere_in_the_middle_is_cut() {
        let whole = WHOLE.trim_end().len();
        for end in "BEGIN:VCALENDAR".len()..whole - 1 {
            assert!(Body::of(&WHOLE.as_bytes()[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn the_time_of_an_answer_is_no_change() {
        let of = |text: &str| Body::of(text.as_bytes()).unwrap().fingerprint;
        assert_eq!(of(WHOLE), of(&WHOLE.replace("DTSTAMP:2026", "DTSTAMP:2027")));
        assert_eq!(of(WHOLE), of(&WHOLE.replace("\r\n", "\n")));
        assert_ne!(of(WHOLE), of(&WHOLE.replace("UID:1", "UID:2")));
    }

    #[test]
    fn nobody_stays_as_they_are_for_years() {
        let of = |value: &str| Body::of(WHOLE.replace("PT12H", value).as_bytes()).unwrap().stays_for;
        assert_eq!(of("P10Y"), Some(SignedDuration::from_hours(4)), "years are no time: the other line counts");
        assert_eq!(of("P4W"), Some(LONGEST));
        assert_eq!(of("-PT1H"), Some(SignedDuration::from_hours(4)));
    }
}
