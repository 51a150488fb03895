//! What the commands by which people say something have in common: finding what is named, and
//! writing down what is said.

use crate::archive::Entry;
use crate::config;
use crate::import::{self, World};
use crate::model::phone::{self, Number};
use crate::model::said::{Choice, Field, Subject};
use crate::warehouse::{Reader, literal};

use super::bar::Bar;
use super::error::{CliError, DATA};
use super::near::{self, Named};
use super::{Setting, report, show};

/// Writes it into the journal and shows it in the views.
pub fn say(setting: &Setting, said: &[Entry]) -> Result<(), CliError> {
    let world = World::open(setting.home.clone(), setting.now)?;
    let mut bar = Bar::new(setting.language);
    bar.say("joining everything", "tout est rapproché");
    let (_, reports) = import::say(world, said, &mut bar)?;
    bar.finish();
    if !reports.is_empty() {
        report::show(setting.language, &reports);
    }
    Ok(())
}

/// A choice about a row that was found.
pub fn choice(subject: Subject, named: &Named, field: Field, value: Option<String>) -> Choice {
    let (subject_id, about) = (named.id.clone(), named.about.clone());
    Choice { subject, subject_id, field, value, about, more: serde_json::Map::new() }
}

/// What was set before, if anything was.
pub fn standing(reader: &Reader, choice: &Choice) -> Result<Option<String>, CliError> {
    let question = format!(
        "select value from staging.choices where subject = '{}' and field = '{}' and subject_id = {}",
        choice.subject.code(),
        choice.field.code(),
        literal(&choice.subject_id)
    );
    Ok(near::cell(reader, &question)?)
}

/// The row that is meant; an error that names what looks like it when there is none.
pub fn find(setting: &Setting, reader: &Reader, subject: Subject, typed: &str) -> Result<Named, CliError> {
    let key = if subject == Subject::Number { number(setting, typed)? } else { typed.to_owned() };
    let mut found = near::named(reader, &search(subject, &literal(&key)))?;
    match (found.pop(), found.is_empty()) {
        (Some(named), true) => Ok(named),
        (Some(named), false) => Err(several(subject, typed, found.into_iter().chain([named]))),
        (None, _) => Err(unknown(reader, subject, typed)?),
    }
}

/// The question that finds a row by its id.
fn search(subject: Subject, id: &str) -> String {
    match subject {
        Subject::Transaction => of_landing(
            "transactions",
            id,
            "account, booked_on, amount::decimal(18, 2) || ' ' || currency, regexp_replace(raw_label, '\\s+', ' ', 'g')",
        ),
        Subject::Bill => of_landing("bills", id, "issuer, number, issued_on, total::decimal(18, 2) || ' ' || currency"),
        Subject::Payee => format!(
            "select payee_key, coalesce(min(payee), min(clean_label)) from staging.transactions
             where payee_key = {id} group by payee_key"
        ),
        Subject::Person => format!("select person_id, name from people where person_id = {id}"),
        Subject::Number => format!("select id, min(words) from ({NUMBERS}) where id = {id} group by id"),
        Subject::Document => format!(
            "select document, min(name) from landing.documents
             where name = {id} or (strlen({id}) >= 4 and starts_with(document, lower({id}))) group by document"
        ),
    }
}

const NUMBERS: &str = "
    select number_key as id, coalesce(nullif(array_to_string(people, ', '), ''), label, written) as words
    from intermediate.numbers
    union all
    select identifiers.value, people.name
    from intermediate.person_identifiers as identifiers
    inner join people on people.person_id = identifiers.person_id
    where identifiers.kind = 'phone'";

/// A row of a landing table, also by an id that it had before.
fn of_landing(table: &str, id: &str, words: &str) -> String {
    format!(
        "with named as (
             select coalesce(min(aliases.id), try_cast({id} as bigint)) as id
             from (select try_cast({id} as bigint) as alias) as typed
             left join landing.aliases as aliases
                 on aliases.table_name = '{table}' and aliases.alias = typed.alias
         )
         select id, concat_ws(', ', {words}) from landing.{table} where id = (select id from named)"
    )
}

/// The number as it is keyed.
fn number(setting: &Setting, typed: &str) -> Result<String, CliError> {
    let region = config::read(&setting.home.config)?.household.region;
    Ok(match phone::read(typed, &region) {
        Number::Valid(key) | Number::Short(key) | Number::Invalid(key) | Number::Masked { pattern: key } => key,
        Number::None | Number::Withheld | Number::Name(_) => typed.to_owned(),
    })
}

/// What can be named: id and words.
fn candidates(subject: Subject) -> Option<&'static str> {
    match subject {
        Subject::Payee => {
            Some("select distinct payee_key as id, coalesce(payee, payee_key) as words from staging.transactions")
        }
        Subject::Person => Some("select person_id as id, name as words from people"),
        Subject::Number => Some(NUMBERS),
        Subject::Document => Some("select left(document, 12) as id, name as words from landing.documents"),
        Subject::Transaction | Subject::Bill => None,
    }
}

/// Nothing has that id; names what looks like it.
pub fn unknown(reader: &Reader, subject: Subject, typed: &str) -> Result<CliError, CliError> {
    let (en, fr) = words(subject);
    let error = CliError::new(DATA, format!("there is no {en} {typed}"), format!("il n'y a pas de {fr} {typed}"));
    let Some(candidates) = candidates(subject) else {
        let (id, view) =
            if subject == Subject::Bill { ("bill_id", "bills") } else { ("transaction_id", "transactions") };
        return Ok(error.hint(
            format!("its id is the column {id} of `moisson sql \"from {view}\"`"),
            format!("son identifiant est la colonne {id} de `moisson sql \"from {view}\"`"),
        ));
    };
    Ok(with_matches(error, &near::matches(reader, candidates, typed)?))
}

/// Adds what looks like it.
pub fn with_matches(error: CliError, matches: &[Named]) -> CliError {
    if matches.is_empty() {
        return error;
    }
    let shown = |named: &Named| {
        let words = if named.about == named.id { String::new() } else { format!(" ({})", named.about) };
        format!("{}{words}", named.id)
    };
    let shown: Vec<String> = matches.iter().map(shown).collect();
    error.hint(format!("did you mean {}?", shown.join(" or ")), format!("vouliez-vous dire {} ?", shown.join(" ou ")))
}

fn several(subject: Subject, typed: &str, found: impl Iterator<Item = Named>) -> CliError {
    let (en, fr) = words(subject);
    let found: Vec<String> = found.map(|named| named.id).collect();
    let all = found.join(", ");
    CliError::new(DATA, format!("several {en}s are {typed}: {all}"), format!("plusieurs {fr}s sont {typed} : {all}"))
}

/// What a subject is called.
pub fn words(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Transaction => ("movement", "mouvement"),
        Subject::Payee => ("payee", "tiers"),
        Subject::Person => ("person", "personne"),
        Subject::Number => ("number", "numéro"),
        Subject::Bill => ("bill", "facture"),
        Subject::Document => ("document", "document"),
    }
}

/// Tells that nothing had to be done.
pub fn show_no_change(setting: &Setting, about: &str) {
    show::line(&setting.language.pick(format!("nothing changes: {about}"), format!("rien ne change : {about}")));
}
