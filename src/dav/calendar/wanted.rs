//! What of an object an answer holds: `C:calendar-data` (RFC 4791 §9.6).

use std::borrow::Cow;

use super::blocks::{Block, Part};
use super::range::Range;
use super::{Object, TooLarge, Unmet, expand, limit};
use crate::dav::xml::{Element, Space};

/// What a request wants to have of each object. The default is the object as it is stored.
#[derive(Debug, Clone, Default)]
pub struct DataWanted {
    /// The VCALENDAR, and what of it.
    part: Option<CompWanted>,
    recurrence: Option<Recurrence>,
    free_busy: Option<Range>,
}

#[derive(Debug, Clone, Copy)]
enum Recurrence {
    /// Instances instead of rules.
    Expanded(Range),
    /// Only those overrides that matter in the range.
    Limited(Range),
}

#[derive(Debug, Clone)]
struct CompWanted {
    /// Upper case.
    name: String,
    /// All when none are named.
    properties: Option<Vec<PropWanted>>,
    components: Inner,
}

/// The components in one that is wanted.
#[derive(Debug, Clone)]
enum Inner {
    /// With `allcomp`, and where neither properties nor components are named.
    All,
    Named(Vec<CompWanted>),
}

#[derive(Debug, Clone)]
struct PropWanted {
    name: String,
    is_without_value: bool,
}

impl DataWanted {
    /// Reads the `calendar-data` of a request.
    pub fn read(element: &Element) -> Result<Self, Unmet> {
        let media_type = element.attribute("content-type").unwrap_or("text/calendar");
        if !media_type.eq_ignore_ascii_case("text/calendar") {
            return Err(Unmet::CalendarData(media_type.to_owned()));
        }
        match element.attribute("version") {
            None | Some("2.0") => {}
            Some(other) => return Err(Unmet::CalendarData(format!("version {other}"))),
        }
        let range = |name: &str| element.child(&Space::CalDav, name).map(closed).transpose();
        let expanded = range("expand")?.map(Recurrence::Expanded);
        let limited = range("limit-recurrence-set")?.map(Recurrence::Limited);
        Ok(Self {
            part: element.child(&Space::CalDav, "comp").map(comp_wanted).transpose()?,
            recurrence: expanded.or(limited),
            free_busy: range("limit-freebusy-set")?,
        })
    }

    /// Whether objects are wanted as they are stored.
    pub fn is_whole(&self) -> bool {
        self.part.is_none() && self.recurrence.is_none() && self.free_busy.is_none()
    }

    /// Whether instances are wanted: an object may become as large as the range is long.
    pub fn is_expanded(&self) -> bool {
        matches!(self.recurrence, Some(Recurrence::Expanded(_)))
    }
}

/// The object as it is wanted: its own bytes, unless something else is asked for.
pub fn data<'a>(object: &Object<'a>, wanted: &DataWanted) -> Result<Cow<'a, [u8]>, TooLarge> {
    if wanted.is_whole() {
        return Ok(Cow::Borrowed(object.bytes));
    }
    let Some(mut calendar) = Block::read(object.bytes) else { return Ok(Cow::Borrowed(object.bytes)) };
    match wanted.recurrence {
        Some(Recurrence::Expanded(range)) => calendar = expand::expanded(object, calendar, range)?,
        Some(Recurrence::Limited(range)) => calendar = limit::overrides(object, calendar, range),
        None => {}
    }
    if let Some(range) = wanted.free_busy {
        calendar = limit::free_busy(&calendar, range);
    }
    if let Some(part) = wanted.part.as_ref().filter(|part| part.name == calendar.name) {
        calendar = part.of(&calendar);
    }
    let mut out = Vec::with_capacity(object.bytes.len());
    calendar.write(&mut out);
    Ok(Cow::Owned(out))
}

impl CompWanted {
    fn of<'a>(&self, block: &Block<'a>) -> Block<'a> {
        let parts = block.parts.iter().filter_map(|part| match part {
            Part::Block(inner) => self.component(inner).map(Part::Block),
            line => self.property(line),
        });
        block.with(parts.collect())
    }

    fn component<'a>(&self, inner: &Block<'a>) -> Option<Block<'a>> {
        match &self.components {
            Inner::All => Some(inner.clone()),
            Inner::Named(wanted) => {
                let wanted = wanted.iter().find(|wanted| wanted.name == inner.name)?;
                Some(wanted.of(inner))
            }
        }
    }

    fn property<'a>(&self, line: &Part<'a>) -> Option<Part<'a>> {
        let Some(wanted) = &self.properties else { return Some(line.clone()) };
        let wanted = wanted.iter().find(|wanted| line.is_line(&[wanted.name.as_str()]))?;
        Some(if wanted.is_without_value { without_value(line) } else { line.clone() })
    }
}

fn without_value<'a>(part: &Part<'a>) -> Part<'a> {
    match part {
        Part::Line(line) => Part::Made(format!("{}:\r\n", line.head())),
        Part::Made(line) => Part::Made(format!("{}:\r\n", line.split(':').next().unwrap_or_default())),
        Part::Block(_) => part.clone(),
    }
}

/// A range with both ends, as these elements must have it.
fn closed(element: &Element) -> Result<Range, Unmet> {
    let range = Range::read(element)?;
    let open = || Unmet::InvalidFilter(format!("{} needs a start and an end", element.name.local));
    if range.is_closed() { Ok(range) } else { Err(open()) }
}

fn comp_wanted(element: &Element) -> Result<CompWanted, Unmet> {
    let name = element.attribute("name").map(str::to_ascii_uppercase);
    let name = name.ok_or_else(|| Unmet::InvalidFilter("a comp has no name".to_owned()))?;
    let has = |local: &str| element.child(&Space::CalDav, local).is_some();
    let properties: Vec<PropWanted> = element.children(&Space::CalDav, "prop").filter_map(prop_wanted).collect();
    let components: Vec<CompWanted> =
        element.children(&Space::CalDav, "comp").map(comp_wanted).collect::<Result<_, _>>()?;
    let properties = (!properties.is_empty() && !has("allprop")).then_some(properties);
    let names_nothing = properties.is_none() && components.is_empty();
    let components = if has("allcomp") || names_nothing { Inner::All } else { Inner::Named(components) };
    Ok(CompWanted { name, properties, components })
}

fn prop_wanted(element: &Element) -> Option<PropWanted> {
    let name = element.attribute("name")?.to_ascii_uppercase();
    Some(PropWanted { name, is_without_value: element.attribute("novalue") == Some("yes") })
}
