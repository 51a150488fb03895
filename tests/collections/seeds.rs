//! Invented events and cards.

/// Events named `e0.ics`, `e1.ics`…: each tenth recurs, with one occurrence moved.
pub fn events(n: usize) -> Vec<(String, String)> {
    (0..n).map(|at| (format!("e{at}.ics"), event(at, "as planned"))).collect()
}

/// Cards named `c0.vcf`, `c1.vcf`…
pub fn cards(n: usize) -> Vec<(String, String)> {
    (0..n).map(|at| (format!("c{at}.vcf"), card(at, "Exemple"))).collect()
}

/// One event; the summary tells its version.
pub fn event(at: usize, summary: &str) -> String {
    let master = vevent(at, summary, if at.is_multiple_of(10) { "RRULE:FREQ=WEEKLY;COUNT=5\r\n" } else { "" });
    let moved = if at.is_multiple_of(10) { moved(at) } else { String::new() };
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//seed//EN\r\n{master}{moved}END:VCALENDAR\r\n")
}

/// The same without the occurrence that was moved.
pub fn event_without_moved(at: usize) -> String {
    event(at, "as planned").replace(&moved(at), "")
}

fn vevent(at: usize, summary: &str, more: &str) -> String {
    let day = 1 + at % 28;
    format!(
        "BEGIN:VEVENT\r\nUID:event-{at}@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:202603{day:02}T100000Z\r\n\
         DTEND:202603{day:02}T110000Z\r\nSUMMARY:Réunion {at} {summary}\r\n{more}END:VEVENT\r\n"
    )
}

fn moved(at: usize) -> String {
    let day = 1 + at % 28;
    format!(
        "BEGIN:VEVENT\r\nUID:event-{at}@example.org\r\nDTSTAMP:20260101T000000Z\r\n\
         RECURRENCE-ID:202603{day:02}T100000Z\r\nDTSTART:202603{day:02}T150000Z\r\n\
         DTEND:202603{day:02}T160000Z\r\nSUMMARY:Réunion {at} moved\r\nEND:VEVENT\r\n"
    )
}

/// One card; its telephone number is one that nobody can have.
pub fn card(at: usize, family: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-{at}\r\nFN:Camille {family} {at}\r\nN:{family};Camille;;;\r\n\
         TEL;TYPE=CELL:+336399800{:02}\r\nEND:VCARD\r\n",
        at % 100
    )
}
