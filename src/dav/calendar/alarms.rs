//! When alarms go off (RFC 5545 §3.6.6, §3.8.6.3), for time ranges asked of a VALARM
//! (RFC 4791 §9.9).

use std::collections::{HashMap, HashSet};

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

/// The alarms of an object that go off in the range, by where they stand.
pub(super) fn going_off(prepared: &mut Prepared<'_>, range: Range) -> HashSet<*const Component> {
    let mut set = HashSet::new();
    let mut of_component: HashMap<*const Component, Vec<(&Component, Alarm)>> = HashMap::new();
    let (mut before_s, mut behind_s) = (0, 0);
    for component in prepared.components() {
        for child in component.children.iter().filter(|child| child.name == "VALARM") {
            let Some(alarm) = Alarm::read(child) else { continue };
            match alarm.trigger {
                Trigger::At(at) if alarm.is_in(at, range) => _ = set.insert(std::ptr::from_ref(child)),
                Trigger::At(_) => {}
                Trigger::FromStart(offset_s) | Trigger::FromEnd(offset_s) => {
                    let (before, behind) = alarm.furthest_s(offset_s);
                    (before_s, behind_s) = (before_s.max(before), behind_s.max(behind));
                    of_component.entry(std::ptr::from_ref(component)).or_default().push((child, alarm));
                }
            }
        }
    }
    if of_component.is_empty() {
        return set;
    }
    // An instance that ends when the range begins may still have its alarm in it.
    for instance in prepared.within(range.widened(before_s + 1, behind_s + 1)) {
        let alarms = of_component.get(&std::ptr::from_ref(instance.component)).map_or(&[][..], Vec::as_slice);
        let due = alarms.iter().filter(|(_, alarm)| alarm.first(&instance).is_some_and(|at| alarm.is_in(at, range)));
        set.extend(due.map(|(child, _)| std::ptr::from_ref(*child)));
    }
    set
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

    fn is_in(&self, first: i64, range: Range) -> bool {
        self.times(first).any(|at| Reach::of_time(at, at).meets(range))
    }

    fn times(&self, first: i64) -> impl Iterator<Item = i64> {
        let apart_s = self.apart_s;
        (0..=self.repeats).map(move |nth| first.saturating_add(nth * apart_s))
    }
}

fn length_s(span: Span) -> i64 {
    span.days * DAY_S + span.seconds
}
