//! One field of a crontab line: `*`, `7`, `1-5`, `*/15`, `mon,thu`, and which numbers it stands for.

/// Which numbers of its range a field stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// A bit for each number.
    bits: u64,
    /// Whether it starts with `*`.
    pub is_wild: bool,
}

/// What a field counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub name: &'static str,
    least: u32,
    /// Weekdays go to 7, which is Sunday again.
    most: u32,
    /// How many different numbers there are.
    size: u32,
    names: &'static [&'static str],
}

pub const MINUTE: Kind = Kind { name: "minute", least: 0, most: 59, size: 60, names: &[] };
pub const HOUR: Kind = Kind { name: "hour", least: 0, most: 23, size: 24, names: &[] };
pub const DAY: Kind = Kind { name: "day of the month", least: 1, most: 31, size: 31, names: &[] };
pub const MONTH: Kind = Kind {
    name: "month",
    least: 1,
    most: 12,
    size: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
pub const WEEKDAY: Kind =
    Kind { name: "weekday", least: 0, most: 7, size: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Field {
    /// Reads a field; the error names it and says what it takes.
    pub fn parse(text: &str, kind: &Kind) -> Result<Self, String> {
        let items = text.split(',').map(|item| kind.item(item));
        let bits = items.collect::<Result<Vec<u64>, String>>()?.into_iter().fold(0, |all, bits| all | bits);
        Ok(Self { bits, is_wild: text.starts_with('*') })
    }

    /// The numbers it stands for, in order; Sunday is 0.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        let bits = self.bits;
        (0..64).filter(move |n| bits & (1 << n) != 0)
    }

    /// Whether it stands for all there are.
    pub fn is_all(&self, kind: &Kind) -> bool {
        self.bits == kind.bits(kind.least, kind.last(), 1)
    }
}

impl Kind {
    /// `*`, `*/n`, `a`, `a/n` (from `a` on), `a-b`, `a-b/n`.
    fn item(&self, item: &str) -> Result<u64, String> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let by = step.map_or(Ok(1), |step| self.step(step, item))?;
        if range == "*" {
            return Ok(self.bits(self.least, self.last(), by));
        }
        match range.split_once('-') {
            Some((from, to)) => Ok(self.bits(self.number(from, item)?, self.number(to, item)?, by)),
            None if step.is_some() => Ok(self.bits(self.number(range, item)?, self.last(), by)),
            None => self.number(range, item).map(|n| self.bits(n, n, 1)),
        }
    }

    /// Every `by`-th number between two, over the end of the range and on from its start where
    /// the second is the smaller.
    fn bits(&self, from: u32, to: u32, by: u32) -> u64 {
        let length = if from <= to { to - from } else { to + self.size - from };
        let steps = (0..=length).step_by(by as usize);
        steps.fold(0, |bits, step| bits | 1 << ((from - self.least + step) % self.size + self.least))
    }

    fn last(&self) -> u32 {
        self.least + self.size - 1
    }

    fn number(&self, text: &str, item: &str) -> Result<u32, String> {
        if let Some(at) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.least + u32::try_from(at).unwrap_or(0));
        }
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|n| is_number && (self.least..=self.most).contains(n));
        number.ok_or_else(|| self.refusal(text, item))
    }

    /// A step beyond the range would silently mean its first number only.
    fn step(&self, step: &str, item: &str) -> Result<u32, String> {
        let is_number = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let by = step.parse().ok().filter(|by| is_number && (1..=self.most).contains(by));
        by.ok_or_else(|| format!("{}: the step of `{item}` is not a number from 1 to {}", self.name, self.most))
    }

    fn refusal(&self, text: &str, item: &str) -> String {
        let names = match self.names {
            [first, .., last] => format!(", or a name from {first} to {last}"),
            _ => String::new(),
        };
        let within = if text == item { String::new() } else { format!(" in `{item}`") };
        format!("{}: `{text}`{within} is not a number from {} to {}{names}", self.name, self.least, self.most)
    }
}
