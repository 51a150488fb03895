//! Counted things in the language of messages.

use super::language::Language;

/// One and many of a thing.
type Noun = [&'static str; 2];

impl Language {
    /// `1 document`, `1,204 documents`; French keeps the singular for nothing.
    pub fn counted(self, n: u64, en: Noun, fr: Noun) -> String {
        let is_many = self.pick(n != 1, n > 1);
        format!("{} {}", self.count(n), self.pick(en, fr)[usize::from(is_many)])
    }

    pub fn documents(self, n: u64) -> String {
        self.counted(n, ["document", "documents"], ["document", "documents"])
    }

    pub fn rows(self, n: u64) -> String {
        self.counted(n, ["row", "rows"], ["ligne", "lignes"])
    }
}

/// What one row of a landing table is called.
pub fn of_table(language: Language, table: &str) -> String {
    let (en, fr) = match table {
        "accounts" => ("accounts", "comptes"),
        "transactions" => ("movements", "mouvements"),
        "removals" => ("movements taken back", "mouvements retirés"),
        "balances" => ("balances", "soldes"),
        "bills" => ("bills", "factures"),
        "bill_lines" => ("bill lines", "lignes de facture"),
        "communications" => ("communications", "communications"),
        "readings" => ("readings", "relevés"),
        "meter_indexes" => ("meter indexes", "index du compteur"),
        "tariff_days" => ("tariff days", "jours tarifaires"),
        "contacts" => ("contacts", "contacts"),
        "identifiers" => ("numbers and addresses", "numéros et adresses"),
        "calendars" => ("calendars", "agendas"),
        "events" => ("events", "événements"),
        "posts" => ("posts", "publications"),
        "follows" => ("accounts followed", "comptes suivis"),
        "occurrences" => ("occurrences", "occurrences"),
        "attendees" => ("attendees", "participants"),
        other => return other.replace('_', " "),
    };
    language.pick(en, fr).to_owned()
}

/// `24 new, 3 already there, 1 amended`: what is nothing is left out, unless all is.
pub fn became(language: Language, new: u64, known: u64, amended: u64) -> String {
    let count = |n| language.count(n);
    let mut parts = Vec::new();
    if new > 0 || known + amended == 0 {
        parts.push(language.pick(format!("{} new", count(new)), format!("{} en plus", count(new))));
    }
    if known > 0 {
        parts.push(language.pick(format!("{} already there", count(known)), format!("{} déjà là", count(known))));
    }
    if amended > 0 {
        let fr = language.counted(amended, ["", ""], ["modifiée", "modifiées"]);
        parts.push(language.pick(format!("{} amended", count(amended)), fr));
    }
    parts.join(", ")
}

/// `240 ms`, `3.1 s`, `2 min 05 s`.
pub fn took(language: Language, time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    match time.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        1000..60_000 => {
            let tenths = time.as_millis() / 100;
            format!("{}{}{} s", tenths / 10, language.pick('.', ','), tenths % 10)
        }
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn things_are_counted_as_each_language_does() {
        assert_eq!(Language::En.documents(0), "0 documents");
        assert_eq!(Language::Fr.documents(0), "0 document");
        assert_eq!(Language::Fr.rows(1234), "1\u{202f}234 lignes");
        assert_eq!(Language::En.rows(1), "1 row");
    }

    #[test]
    fn what_is_nothing_is_left_out() {
        assert_eq!(became(Language::En, 0, 0, 0), "0 new");
        assert_eq!(became(Language::En, 0, 3, 1), "3 already there, 1 amended");
        assert_eq!(became(Language::Fr, 2, 0, 1), "2 en plus, 1 modifiée");
    }

    #[test]
    fn time_is_told_in_its_own_unit() {
        assert_eq!(took(Language::En, Duration::from_millis(240)), "240 ms");
        assert_eq!(took(Language::Fr, Duration::from_millis(3149)), "3,1 s");
        assert_eq!(took(Language::En, Duration::from_secs(125)), "2 min 05 s");
    }
}
