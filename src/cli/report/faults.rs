//! Faults, with file, line, the row, carets under the value, and the remedy.

use crate::cli::language::Language;
use crate::cli::{french, show, table};
use crate::import::{DocumentReport, Read};
use crate::model::Fault;
use crate::model::excerpt::{Excerpt, render};

use super::named;

/// Which faults of a document are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    /// Those that lost a row.
    Lost,
}

/// Shows the first `most` faults of a document, and returns how many that is.
pub fn show(language: Language, report: &DocumentReport, read: &Read, which: Which, most: usize) -> u64 {
    let faults = read.faults.iter().filter(|fault| which == Which::All || fault.is_row_lost);
    let mut shown = 0;
    for fault in faults.take(most) {
        show::line(&format!("\n{}", text(language, &named(report), &read.connector, fault)));
        shown += 1;
    }
    shown
}

/// Says where the faults are that are not shown.
pub fn show_more(language: Language, more: u64, question: &str) {
    if more > 0 {
        let more = language.count(more);
        let more = language.pick(format!("… and {more} more:"), format!("… et {more} autres :"));
        show::line(&format!("\n{more} moisson sql \"{question}\""));
    }
}

/// One fault, as it is shown.
pub fn text(language: Language, file: &str, connector: &str, fault: &Fault) -> String {
    let word = if fault.is_row_lost {
        language.pick("rejected: ", "rejetée : ")
    } else {
        language.pick("noted: ", "à noter : ")
    };
    let said = language.pick(fault.message.clone(), french::fault(fault));
    let mut text = format!("{word}{}\n{}", table::one_line(&said), place(file, fault));
    if let Some(hint) = &fault.hint {
        let hint =
            language.pick(format!("hint: {hint}"), format!("conseil : {}", french::remedy(fault.kind, connector)));
        text.push_str(&hint);
    }
    text.trim_end().to_owned()
}

/// Where it stands; carets when there is a line to draw them under.
fn place(file: &str, fault: &Fault) -> String {
    let column = if fault.value.is_empty() && fault.column.is_none() { 0 } else { fault.place.column };
    match &fault.place.pointer {
        Some(pointer) if fault.excerpt.is_empty() => format!(" --> {file}: {pointer}\n"),
        Some(pointer) => format!(" --> {file}: {pointer}\n  | {}\n", table::one_line(&fault.excerpt)),
        None => render(&Excerpt {
            file,
            line: fault.place.line,
            column,
            width: fault.value.chars().count() as u64,
            text: &fault.excerpt,
            label: "",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FaultKind, Place};

    fn fault() -> Fault {
        let place = Place::line(14).at_column(39);
        let mut fault =
            Fault::new(FaultKind::NotANumber, place, "1 045,00", "`1 045,00` is not a number (column Montant)")
                .with_hint("set `thousands = \" \"` in bank/banque_exemple.toml")
                .with_excerpt("12/03/2026;VIR INST MME DUPONT CLAIRE;1 045,00;");
        fault.column = Some("Montant".to_owned());
        fault
    }

    #[test]
    fn a_fault_shows_place_carets_and_remedy() {
        let expected = "rejected: `1 045,00` is not a number (column Montant)\n  \
                        --> commun-2026-03.csv:14:39\n   |\n\
                        14 | 12/03/2026;VIR INST MME DUPONT CLAIRE;1 045,00;\n   \
                        |                                       ^^^^^^^^\n\
                        hint: set `thousands = \" \"` in bank/banque_exemple.toml";
        assert_eq!(text(Language::En, "commun-2026-03.csv", "bank/banque_exemple", &fault()), expected);
    }

    #[test]
    fn it_does_so_in_french() {
        let text = text(Language::Fr, "commun-2026-03.csv", "bank/banque_exemple", &fault());
        assert!(text.starts_with("rejetée : « 1 045,00 » n'est pas un nombre (colonne Montant)\n"), "{text}");
        assert!(text.contains("\nconseil : corrigez la valeur"), "{text}");
    }
}
