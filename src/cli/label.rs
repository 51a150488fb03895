//! `moisson label`: how a bank label is read, and how many labels of documents are.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::connector::Catalogue;
use crate::import::inputs;
use crate::import::labels::{Counts, Coverage, Tongue};
use crate::label::{self, Reading};
use crate::model::rules;

use super::args::LabelArgs;
use super::error::{CliError, USAGE};
use super::language::Language;
use super::table::{Column, Long};
use super::{Setting, show};

/// Labels that were not understood which are shown.
const MOST_MISSED: usize = 50;

pub fn run(setting: &Setting, arguments: &LabelArgs) -> Result<ExitCode, CliError> {
    if arguments.coverage {
        return coverage(setting, &arguments.texts);
    }
    let booked_on = arguments.booked_on.as_deref().map(str::parse).transpose().map_err(|_| {
        let typed = arguments.booked_on.as_deref().unwrap_or_default();
        CliError::new(
            USAGE,
            format!("{typed} is no day: write 2026-03-05"),
            format!("{typed} n'est pas un jour : 2026-03-05"),
        )
    })?;
    for text in &arguments.texts {
        let flow = (arguments.money_in || arguments.money_out).then_some(arguments.money_in);
        let input = label::Input { label: text, booked_on, is_credit: flow, ..label::Input::default() };
        tell(setting.language, text, &label::read(&input));
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(language: Language, text: &str, reading: &Reading) {
    show::heading(text);
    for (name, value) in fields(language, reading) {
        if let Some(value) = value {
            show::line(&format!("  {name}{}{value}", language.pick(": ", " : ")));
        }
    }
}

/// What was found, as people call it.
fn fields(language: Language, reading: &Reading) -> Vec<(&'static str, Option<String>)> {
    let pick = |en, fr| language.pick(en, fr);
    let unread = || pick("none reads it", "aucune ne le lit").to_owned();
    let category = reading.category.as_ref().map(|sorted| {
        let known = rules::categories().iter().find(|category| category.code == sorted.code);
        let name = known.map_or("", |category| language.pick(category.en.as_str(), category.fr.as_str()));
        format!("{} ({name}), {}", sorted.code, sorted.rule)
    });
    vec![
        (pick("kind", "nature"), Some(reading.kind.name().to_owned())),
        (pick("other party", "tiers"), reading.payee.clone()),
        (pick("purchased on", "achat du"), reading.purchased_on.map(|day| language.date(day))),
        (pick("reference", "référence"), reading.reference.clone()),
        ("IBAN", reading.iban.clone()),
        (pick("creditor id", "ICS"), reading.creditor_id.clone()),
        (pick("mandate", "mandat"), reading.mandate.clone()),
        (pick("card", "carte"), reading.card.clone()),
        (pick("city", "ville"), reading.city.clone()),
        (pick("category", "catégorie"), category),
        (pick("rule", "règle"), Some(reading.rule.map_or_else(unread, str::to_owned))),
    ]
}

fn coverage(setting: &Setting, files: &[String]) -> Result<ExitCode, CliError> {
    let language = setting.language;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let mut coverage = Coverage::default();
    for input in inputs::find(&paths, setting.now)? {
        match input.bytes() {
            Ok(bytes) => coverage.add(&catalogue, &bytes, &input.name),
            Err(_) => coverage.passed_over += 1,
        }
    }
    show::table(&columns(language), &rows(language, &coverage), Long::Wrap);
    let passed_over = language.documents(coverage.passed_over);
    show::line(&language.pick(
        format!("\n{passed_over} without bank movements were passed over"),
        format!("\n{passed_over} sans mouvements bancaires, passés"),
    ));
    tell_missed(language, &coverage);
    Ok(ExitCode::SUCCESS)
}

fn columns(language: Language) -> Vec<Column> {
    vec![
        Column::text(language.pick("language", "langue")),
        Column::text(language.pick("connector", "connecteur")),
        Column::figure(language.pick("movements", "mouvements")),
        Column::figure(language.pick("kind found", "nature trouvée")),
        Column::figure(language.pick("with other party", "avec un tiers")),
        Column::figure(language.pick("other party found", "tiers trouvé")),
    ]
}

fn rows(language: Language, coverage: &Coverage) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for tongue in [Tongue::French, Tongue::German, Tongue::English, Tongue::Other] {
        let banks: Vec<_> = coverage.banks.iter().filter(|((of, _), _)| *of == tongue).collect();
        for ((_, connector), counts) in &banks {
            rows.push(row(language, "", connector, **counts));
        }
        if !banks.is_empty() {
            rows.push(row(language, name(language, tongue), "", coverage.total(Some(tongue))));
        }
    }
    rows.push(row(language, language.pick("all", "en tout"), "", coverage.total(None)));
    rows
}

fn row(language: Language, tongue: &str, connector: &str, counts: Counts) -> Vec<String> {
    let figures = [
        language.count(counts.movements),
        share(language, counts.kinds, counts.movements),
        language.count(counts.with_party),
        share(language, counts.parties, counts.with_party),
    ];
    [tongue.to_owned(), connector.to_owned()].into_iter().chain(figures).collect()
}

/// `98.3 %`, rounded down: what is not all is not 100.
fn share(language: Language, part: u64, whole: u64) -> String {
    let per_mille = (part * 1_000).checked_div(whole).unwrap_or(0);
    if whole == 0 {
        String::new()
    } else {
        format!("{}{}{} %", per_mille / 10, language.pick('.', ','), per_mille % 10)
    }
}

fn name(language: Language, tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::French => language.pick("French", "français"),
        Tongue::German => language.pick("German", "allemand"),
        Tongue::English => language.pick("English", "anglais"),
        Tongue::Other => language.pick("other", "autre"),
    }
}

fn tell_missed(language: Language, coverage: &Coverage) {
    if coverage.missed.is_empty() {
        return;
    }
    show::heading(language.pick("Not understood", "Pas compris"));
    for (connector, label) in coverage.missed.iter().take(MOST_MISSED) {
        let label: Vec<&str> = label.split_whitespace().collect();
        show::line(&format!("  {connector}: {}", label.join(" ")));
    }
    if coverage.missed.len() > MOST_MISSED {
        let more = language.count((coverage.missed.len() - MOST_MISSED) as u64);
        show::line(&language.pick(format!("  … and {more} more"), format!("  … et {more} autres")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down() {
        assert_eq!(share(Language::En, 1_999, 2_000), "99.9 %");
        assert_eq!(share(Language::Fr, 2, 3), "66,6 %");
        assert_eq!(share(Language::En, 0, 0), "");
    }
}
