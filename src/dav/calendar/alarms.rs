//! When alarms go off (RFC 5545 §3.6.6, §3.8.6.3), for time ranges asked of a VALARM
//! (RFC 4791 §9.9).

use super::instances::{Instance, Prepared};
use super::range::{Range, seconds};
use super::reach::Reach;
use crate::decode::Component;
use crate::map::moments::{Moment, Span};

const DAY_S: i64 = 86_400;
/// Repetitions of one alarm that are looked at.
const MOST_REPEATS: i64 = 1_000;

/// When an alarm goes off first.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    At(i64),
    FromStart(i64),
    FromEnd(i64),
}

/// An alarm, read.
struct Alarm {
    trigger: Trigger,
    /// How often again, and how many seconds apart.
    repeats: i64,
    apart_s: i64,
}

/// Whether an alarm of `component`, which is the master or an override, goes off in the range.
pub(super) fn goes_off(prepared: &mut Prepared<'_>, component: &Component, alarm: &Component, range: Range) -> bool {
    let Some(alarm) = Alarm::read(alarm) else { return false };
    let (before_s, behind_s) = match alarm.trigger {
        Trigger::At(at) => return alarm.times(at).any(|at| Reach::of_time(at, at).meets(range)),
        Trigger::FromStart(offset_s) | Trigger::FromEnd(offset_s) => alarm.furthest_s(offset_s),
    };
    // An instance that ends when the range begins may still have its alarm in it.
    let near = range.widened(before_s + 1, behind_s + 1);
    let mut own = prepared.within(near).filter(|instance| std::ptr::eq(instance.component, component));
    own.any(|instance| {
        let first = alarm.first(&instance);
        first.is_some_and(|first| alarm.times(first).any(|at| Reach::of_time(at, at).meets(range)))
    })
}

impl Alarm {
    fn read(alarm: &Component) -> Option<Self> {
        let trigger = alarm.property("TRIGGER")?;
        let number = |name: &str| alarm.property(name)?.value.trim().parse::<i64>().ok();
        let apart_s = alarm.property("DURATION").and_then(|apart| Some(length_s(Span::parse(&apart.value)?)));
        let is_of_end = trigger.parameter("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        let trigger = match Span::parse(&trigger.value) {
            Some(span) if is_of_end => Trigger::FromEnd(length_s(span)),
            Some(span) => Trigger::FromStart(length_s(span)),
            None => Trigger::At(seconds(Moment::parse(&trigger.value)?.written())),
        };
        let repeats = if apart_s.is_some() { number("REPEAT").unwrap_or(0).clamp(0, MOST_REPEATS) } else { 0 };
        Some(Self { trigger, repeats, apart_s: apart_s.unwrap_or(0).max(0) })
    }

    /// How far behind and before an instance the alarm goes off.
    fn furthest_s(&self, offset_s: i64) -> (i64, i64) {
        let last_s = offset_s + self.repeats * self.apart_s;
        (last_s.max(0), (-offset_s).max(0))
    }

    fn first(&self, instance: &Instance<'_>) -> Option<i64> {
        let found = instance.found.as_ref()?;
        Some(match self.trigger {
            Trigger::At(at) => at,
            Trigger::FromStart(offset_s) => seconds(found.starts_at) + offset_s,
            Trigger::FromEnd(offset_s) => seconds(found.ends_at) + offset_s,
        })
    }

    fn times(&self, first: i64) -> impl Iterator<Item = i64> {
        let apart_s = self.apart_s;
        (0..=self.repeats).map(move |nth| first.saturating_add(nth * apart_s))
    }
}

fn length_s(span: Span) -> i64 {
    span.days * DAY_S + span.seconds
}
