//! How lines become a tree: BEGIN and END, also where one of them is missing.

use super::components::Component;
use super::content_lines::ContentLine;
use super::property;
use crate::model::{Fault, FaultKind, Place};

/// Components nest three deep in real files; beyond this they are left out with a fault.
const DEEPEST: usize = 32;
/// Faults that are told one by one; a document of nothing else is counted.
const MOST_FAULTS: usize = 100_000;

/// The tree while it grows: `open` holds the path from a root to the component being read.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) roots: Vec<Component>,
    open: Vec<Component>,
    pub(super) faults: Vec<Fault>,
    pub(super) has_begun: bool,
    /// Components that are too deep and still open.
    too_deep: usize,
    /// Faults that were not told, and the line of the first.
    untold: u64,
    untold_from: u64,
}

impl Tree {
    pub(super) fn take(&mut self, line: &ContentLine<'_>) {
        match Mark::of(&line.text) {
            Some(Mark::Begin(name)) => self.begin(name, line),
            Some(Mark::End(name)) => self.end(name, line),
            Some(Mark::EndThenBegin(ended, begun)) => {
                self.end(ended, line);
                self.begin(begun, line);
            }
            None if self.too_deep == 0 => self.property(line),
            None => {}
        }
    }

    fn begin(&mut self, name: &str, line: &ContentLine<'_>) {
        self.has_begun = true;
        let name = name.trim().to_ascii_uppercase();
        if self.too_deep > 0 || self.open.len() >= DEEPEST {
            self.begin_too_deep(line);
            return;
        }
        if self.open.last().is_some_and(|top| top.name == name && !is_agent(top)) {
            self.fault(line, "the component before it has no END");
            self.close(line.start);
        }
        self.open.push(Component { name, line: line.number, start: line.start, ..Component::default() });
    }

    fn begin_too_deep(&mut self, line: &ContentLine<'_>) {
        if self.too_deep == 0 {
            let message = "components nest too deep; what is inside is not read";
            let fault = Fault::new(FaultKind::TooLarge, Place::line(line.number), line.text.trim(), message);
            self.note(fault);
        }
        self.too_deep += 1;
    }

    fn end(&mut self, name: &str, line: &ContentLine<'_>) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let name = name.trim();
        let Some(depth) = self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name)) else {
            self.fault(line, "nothing of that name is open");
            return;
        };
        while self.open.len() > depth + 1 {
            self.fault(line, "a component inside it has no END");
            self.close(line.start);
        }
        self.close(line.end);
    }

    fn property(&mut self, line: &ContentLine<'_>) {
        let (property, fault) = property::read(line.number, &line.text);
        if let Some(fault) = fault {
            self.note(fault);
        }
        match (property, self.open.last_mut()) {
            (Some(property), Some(top)) => top.properties.push(property),
            (Some(_), None) => {
                let message = "this line stands outside every component";
                let fault = Fault::new(FaultKind::Malformed, Place::line(line.number), first_of(line), message);
                self.note(fault.with_excerpt(&line.text));
            }
            (None, _) => {}
        }
    }

    fn close(&mut self, end: usize) {
        let Some(mut closed) = self.open.pop() else { return };
        closed.end = end;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.roots.push(closed),
        }
    }

    pub(super) fn finish(&mut self, end: usize) {
        while let Some(open) = self.open.last() {
            let message = format!("the document ends inside {}", open.name);
            let fault = Fault::new(FaultKind::Malformed, Place::line(open.line), open.name.clone(), message);
            self.faults.push(fault.with_hint("the file may be cut short").keeping_row());
            self.close(end);
        }
        if self.untold > 0 {
            let message = format!("{} more lines from here on are not of the format", self.untold);
            let place = Place::line(self.untold_from);
            self.faults.push(Fault::new(FaultKind::TooLarge, place, self.untold.to_string(), message));
        }
    }

    fn fault(&mut self, line: &ContentLine<'_>, message: &str) {
        let fault = Fault::new(FaultKind::Malformed, Place::line(line.number), first_of(line), message);
        self.note(fault.with_excerpt(&line.text).keeping_row());
    }

    fn note(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
            return;
        }
        if self.untold == 0 {
            self.untold_from = fault.place.line;
        }
        self.untold += 1;
    }
}

/// A line that opens or closes components.
enum Mark<'a> {
    Begin(&'a str),
    End(&'a str),
    /// Two cards written without a line end between them.
    EndThenBegin(&'a str, &'a str),
}

impl<'a> Mark<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        let name = name.trim();
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
        if name.eq_ignore_ascii_case("BEGIN") {
            return Some(Self::Begin(value));
        }
        if !name.eq_ignore_ascii_case("END") {
            return None;
        }
        let begin = value.to_ascii_uppercase().find("BEGIN:");
        Some(begin.map_or(Self::End(value), |at| Self::EndThenBegin(&value[..at], &value[at + "BEGIN:".len()..])))
    }
}

/// A card inside a card is the AGENT of vCard 2.1; otherwise the first one was not closed.
fn is_agent(card: &Component) -> bool {
    card.properties.last().is_some_and(|last| last.name == "AGENT" && last.value.trim().is_empty())
}

fn first_of(line: &ContentLine<'_>) -> String {
    line.text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Components, components};

    fn read(text: &str) -> Components {
        components(text.as_bytes()).expect("it begins")
    }

    #[test]
    fn cards_without_end_or_line_end_do_not_swallow_each_other() {
        let tree = read("BEGIN:VCARD\nFN:a\nBEGIN:VCARD\nFN:b\nEND:VCARDBEGIN:VCARD\nFN:c\nend:vcard\nFN:d\n");
        let names: Vec<_> = tree.roots.iter().map(|card| card.properties[0].value.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(tree.faults.iter().map(|fault| fault.place.line).collect::<Vec<_>>(), [3, 8]);
    }

    #[test]
    fn agents_nest() {
        let tree = read("BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:b\nEND:VCARD\nFN:a\nEND:VCARD");
        assert_eq!((tree.roots.len(), tree.roots[0].children.len(), tree.faults.len()), (1, 1, 0));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "BEGIN:A\nBEGIN:B\n".repeat(200_000);
        let tree = read(&deep);
        assert_eq!(tree.faults.iter().filter(|fault| fault.kind == FaultKind::TooLarge).count(), 1);
    }

    #[test]
    fn faults_beyond_the_limit_are_counted() {
        let tree = read(&format!("BEGIN:VCARD\n{}END:VCARD\n", "noise\n".repeat(MOST_FAULTS + 7)));
        let last = tree.faults.last().expect("faults");
        assert_eq!((tree.faults.len(), last.value.as_str(), last.place.line), (MOST_FAULTS + 1, "7", 100_002));
    }
}
