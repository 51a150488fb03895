//! A household's calendar at ten times its size: what queries find is counted anew by stepping
//! from day to day, and what they cost is printed (debug builds take ten times as long).

use std::time::{Duration, Instant};

use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use moisson::dav::calendar::{DataWanted, Range, data, free_busy, times};
use moisson::dav::xml;

use crate::stored::{Stored, calendar, filter, time_range};

const N_OBJECTS: u32 = 3_000;
/// Behind every range that is asked for and closed.
const LAST_DAY: Date = date(2031, 1, 1);
const ZONE: &str = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:DAYLIGHT\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nDTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n";

#[derive(Clone, Copy, PartialEq)]
enum Rhythm {
    Once,
    Daily,
    MondayAndWednesday,
    Monthly,
    Yearly,
    Fortnightly,
    LastFriday,
}

/// An event before it is written.
struct Planned {
    number: u32,
    rhythm: Rhythm,
    start: DateTime,
    is_all_day: bool,
    is_in_paris: bool,
}

impl Planned {
    fn new(number: u32) -> Self {
        let kinds = [
            Rhythm::Daily,
            Rhythm::MondayAndWednesday,
            Rhythm::Monthly,
            Rhythm::Yearly,
            Rhythm::Fortnightly,
            Rhythm::LastFriday,
        ];
        let rhythm = if number.is_multiple_of(10) { kinds[(number / 10 % 6) as usize] } else { Rhythm::Once };
        let scattered = number.wrapping_mul(2_654_435_761) >> 8;
        let day = date(2023, 1, 1).saturating_add(Span::new().days(i64::from(scattered % 1_400)));
        let mut start = day.at(6 + i8::try_from(scattered / 7 % 14).unwrap(), 30, 0, 0);
        // What begins off its own rhythm is another test's business.
        while !rhythm.falls_on(start.date(), start.date()) {
            start = start.tomorrow().unwrap();
        }
        Self { number, rhythm, start, is_all_day: number.is_multiple_of(17), is_in_paris: number.is_multiple_of(3) }
    }

    fn is_changed(&self) -> bool {
        self.rhythm == Rhythm::Daily && !self.is_all_day
    }

    /// Starts on its own clock, the second excepted and the third moved by two hours where it is
    /// changed.
    fn starts(&self) -> Vec<DateTime> {
        let days = self.start.date().series(Span::new().days(1)).take_while(|day| *day < LAST_DAY);
        let on = days.filter(|day| self.rhythm.falls_on(self.start.date(), *day));
        let mut starts: Vec<DateTime> = on.map(|day| day.to_datetime(self.start.time())).collect();
        starts.truncate(self.rhythm.count());
        if self.is_changed() {
            starts[2] = hours_later(starts[2], 2);
            starts.remove(1);
        }
        starts
    }

    /// Begin and end of each instance.
    fn spans(&self) -> Vec<(Timestamp, Timestamp)> {
        let zone = if self.is_in_paris && !self.is_all_day { "Europe/Paris" } else { "UTC" };
        let zone = TimeZone::get(zone).unwrap();
        let at = |local: DateTime| local.to_zoned(zone.clone()).unwrap().timestamp();
        let span = |local: DateTime| {
            if self.is_all_day {
                let midnight = |day: Date| at(day.at(0, 0, 0, 0));
                return (midnight(local.date()), midnight(local.date().tomorrow().unwrap()));
            }
            (at(local), at(local) + SignedDuration::from_hours(1))
        };
        self.starts().into_iter().map(span).collect()
    }

    fn stored(&self) -> Stored {
        let time = |name: &str, at: DateTime| match (self.is_all_day, self.is_in_paris) {
            (true, _) => format!("{name};VALUE=DATE:{}", at.strftime("%Y%m%d")),
            (false, true) => format!("{name};TZID=Europe/Paris:{}", at.strftime("%Y%m%dT%H%M%S")),
            (false, false) => format!("{name}:{}", at.strftime("%Y%m%dT%H%M%SZ")),
        };
        let lasts = if self.is_all_day { "" } else { "DURATION:PT1H\n" };
        let mut text = if self.is_in_paris { ZONE.to_owned() } else { String::new() };
        let head = format!("BEGIN:VEVENT\nUID:{}@example.org\nSUMMARY:Rendez-vous {}\n", self.number, self.number);
        text.extend([&head, &time("DTSTART", self.start), "\n", lasts, self.rhythm.rule()]);
        if self.is_changed() {
            let (second, third) = (hours_later(self.start, 24), hours_later(self.start, 48));
            text.extend([time("EXDATE", second), "\nEND:VEVENT\n".to_owned(), head]);
            text.extend([time("RECURRENCE-ID", third), "\n".to_owned(), time("DTSTART", hours_later(third, 2))]);
            text.extend(["\n", lasts]);
        }
        text.push_str("END:VEVENT");
        Stored::new(calendar(&text).as_bytes(), &TimeZone::UTC)
    }
}

impl Rhythm {
    fn falls_on(self, first: Date, day: Date) -> bool {
        let days = (day.duration_since(first).as_hours() / 24).unsigned_abs();
        match self {
            Self::Once | Self::Daily => true,
            Self::MondayAndWednesday => matches!(day.weekday(), Weekday::Monday | Weekday::Wednesday),
            Self::Monthly => day.day() == 15,
            Self::Yearly => day.month() == first.month() && day.day() == first.day() && day.day() < 29,
            Self::Fortnightly => days.is_multiple_of(14),
            Self::LastFriday => day.weekday() == Weekday::Friday && day.day() + 7 > day.days_in_month(),
        }
    }

    fn count(self) -> usize {
        match self {
            Self::Once => 1,
            Self::Daily => 30,
            Self::Monthly => 24,
            Self::Fortnightly => 52,
            Self::MondayAndWednesday | Self::Yearly | Self::LastFriday => usize::MAX,
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Once => "",
            Self::Daily => "RRULE:FREQ=DAILY;COUNT=30\n",
            Self::MondayAndWednesday => "RRULE:FREQ=WEEKLY;BYDAY=MO,WE\n",
            Self::Monthly => "RRULE:FREQ=MONTHLY;BYMONTHDAY=15;COUNT=24\n",
            Self::Yearly => "RRULE:FREQ=YEARLY\n",
            Self::Fortnightly => "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=52\n",
            Self::LastFriday => "RRULE:FREQ=MONTHLY;BYDAY=-1FR\n",
        }
    }
}

fn hours_later(at: DateTime, hours: i64) -> DateTime {
    at.saturating_add(SignedDuration::from_hours(hours))
}

#[test]
fn a_large_calendar_answers_exactly() {
    let planned: Vec<Planned> = (0..N_OBJECTS).map(Planned::new).collect();
    let stored: Vec<Stored> = planned.iter().map(Planned::stored).collect();
    let (spent, _) = timed(|| stored.iter().map(|one| times(&one.bytes, &one.zone)).collect::<Vec<_>>());
    println!("times: {:?} an object", spent / N_OBJECTS);
    let ranges = ["20240304T000000Z 20240311T000000Z", "20240301T000000Z 20240401T000000Z", "20260901T000000Z -"];
    let ranges = ranges.into_iter().chain(["- 20230601T000000Z", "20300301T000000Z 20300401T000000Z"]);
    for range in ranges {
        let filter = filter(&format!("<comp-filter name='VEVENT'>{}</comp-filter>", time_range(range))).unwrap();
        let (spent, found) = timed(|| stored.iter().filter(|one| filter.matches(&one.object())).collect::<Vec<_>>());
        let numbers: Vec<u32> = found.iter().map(|one| number(one)).collect();
        assert_eq!(numbers, expected(&planned, range).0, "{range}");
        println!("{range}: {} objects in {spent:?}", found.len());
        if !range.contains('-') {
            expand(&found, range, expected(&planned, range).1);
        }
    }
    assert!(stored.len() == 3_000 && std::mem::size_of_val(&stored[0].times) <= 64);
}

/// The same objects as their instances, and as busy times.
fn expand(found: &[&Stored], range: &str, n_expected: usize) {
    let (start, end) = range.split_once(' ').unwrap();
    let bounds = format!("start='{start}' end='{end}'");
    let body = format!("<d xmlns='urn:ietf:params:xml:ns:caldav'><expand {bounds}/></d>");
    let wanted = DataWanted::read(&xml::read(body.as_bytes()).unwrap()).unwrap();
    let (spent, got) = timed(|| found.iter().map(|one| data(&one.object(), &wanted).unwrap()).collect::<Vec<_>>());
    let n_instances: usize = got.iter().map(|text| String::from_utf8_lossy(text).matches("BEGIN:VEVENT").count()).sum();
    assert_eq!(n_instances, n_expected, "{range}");
    println!("  {n_instances} instances in {spent:?}");
    let range = Range::read(&xml::read(format!("<r {bounds}/>").as_bytes()).unwrap()).unwrap();
    let (spent, busy) = timed(|| free_busy(found.iter().map(|one| one.object()), range, Timestamp::UNIX_EPOCH));
    println!("  {} bytes of busy times in {spent:?}", busy.len());
}

/// The numbers of the objects, and how many instances, that meet the range.
fn expected(planned: &[Planned], range: &str) -> (Vec<u32>, usize) {
    let (start, end) = range.split_once(' ').unwrap();
    let at = |text: &str, open: Timestamp| match text {
        "-" => open,
        text => text.trim_end_matches('Z').parse::<DateTime>().unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp(),
    };
    let (start, end) = (at(start, Timestamp::MIN), at(end, Timestamp::MAX));
    let n_met = |one: &Planned| one.spans().into_iter().filter(|(from, to)| *from < end && *to > start).count();
    let met: Vec<(u32, usize)> = planned.iter().map(|one| (one.number, n_met(one))).filter(|(_, n)| *n > 0).collect();
    (met.iter().map(|(number, _)| *number).collect(), met.iter().map(|(_, n)| n).sum())
}

fn number(stored: &Stored) -> u32 {
    stored.facts.uid.split('@').next().unwrap().parse().unwrap()
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed(), done)
}
