//! `moisson set`: categories, names and people that a person sets, which win over what is guessed.

use std::process::ExitCode;

use crate::archive::Entry;
use crate::model::said::{Choice, Field, Subject};
use crate::warehouse::{Reader, literal};

use super::args::{SetArgs, SetCommand, SetOne};
use super::error::{CliError, DATA, USAGE};
use super::near::{self, Named};
use super::{Setting, facts, show, sql};

pub fn run(setting: &Setting, arguments: &SetArgs) -> Result<ExitCode, CliError> {
    let (field, wish) = match &arguments.command {
        SetCommand::Category(wish) => (Field::Category, wish),
        SetCommand::Name(wish) => (Field::Name, wish),
        SetCommand::Person(wish) => (Field::Person, wish),
    };
    let (subject, id) = subject(field, &wish.subject)?;
    let reader = sql::open(setting)?;
    let named = facts::find(setting, &reader, subject, id)?;
    let value = value(&reader, field, wish)?;
    let choice = facts::choice(subject, &named, field, value);
    let before = facts::standing(&reader, &choice)?;
    let told = told(setting, &reader, &choice, before.as_deref())?;
    drop(reader);
    if before == choice.value {
        facts::show_no_change(setting, &told);
    } else {
        facts::say(setting, &[Entry::Choice(choice)])?;
        show::line(&told);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is set on: `payee:KEY`, `person:ID`, `number:NUMBER`, or a movement's id alone.
fn subject(field: Field, typed: &str) -> Result<(Subject, &str), CliError> {
    let may: &[Subject] = match field {
        Field::Category => &[Subject::Transaction, Subject::Payee],
        Field::Name => &[Subject::Payee, Subject::Person, Subject::Number],
        Field::Person => &[Subject::Payee, Subject::Number],
        Field::Hidden | Field::Accepted => &[],
    };
    let apart = |subject: &Subject| Some((*subject, typed.strip_prefix(subject.code())?.strip_prefix(':')?.trim()));
    if let Some(found) = may.iter().find_map(apart) {
        return Ok(found);
    }
    if may.contains(&Subject::Transaction) && typed.parse::<i64>().is_ok() {
        return Ok((Subject::Transaction, typed));
    }
    let shown = |subject: &Subject| match subject {
        Subject::Transaction => "ID".to_owned(),
        other => format!("{}:…", other.code()),
    };
    let forms: Vec<String> = may.iter().map(shown).collect();
    let name = field.code();
    Err(CliError::new(
        USAGE,
        format!("{typed}: `set {name}` wants {}", forms.join(" or ")),
        format!("{typed} : `set {name}` veut {}", forms.join(" ou ")),
    ))
}

/// What is to be set, when it exists; nothing when an earlier choice is taken back.
fn value(reader: &Reader, field: Field, wish: &SetOne) -> Result<Option<String>, CliError> {
    let Some(typed) = wish.value.as_deref().map(str::trim).filter(|_| !wish.forget) else { return Ok(None) };
    match field {
        Field::Category => category(reader, typed).map(Some),
        Field::Person => person(reader, typed).map(Some),
        Field::Name if typed.is_empty() => Err(CliError::new(USAGE, "the name is empty", "le nom est vide")),
        Field::Name | Field::Hidden | Field::Accepted => Ok(Some(typed.to_owned())),
    }
}

/// The code of a category of the tree; any code where the views have no tree.
fn category(reader: &Reader, typed: &str) -> Result<String, CliError> {
    let columns = near::columns(reader, "main.categories")?;
    let Some(code) = ["code", "category"].into_iter().find(|name| columns.iter().any(|column| column == name)) else {
        return Ok(typed.to_owned());
    };
    let question = format!("select {code} from categories where {code} = {}", literal(typed));
    if let Some(code) = near::cell(reader, &question)? {
        return Ok(code);
    }
    let names: Vec<&str> = columns.iter().map(String::as_str).filter(|name| name.starts_with("name")).collect();
    let words = if names.is_empty() { code.to_owned() } else { format!("concat_ws(', ', {})", names.join(", ")) };
    let matches = near::matches(reader, &format!("select {code} as id, {words} as words from categories"), typed)?;
    let error = CliError::new(
        DATA,
        format!("{typed} is no category of the tree"),
        format!("{typed} n'est pas une catégorie de l'arbre"),
    );
    let all = "moisson sql \"from categories\"";
    Err(facts::with_matches(error, &matches).hint(format!("{all} lists them"), format!("{all} les liste toutes")))
}

/// The id of a person; a member's id, or the one that the view `people` shows.
fn person(reader: &Reader, typed: &str) -> Result<String, CliError> {
    let question = format!("select person_id from people where person_id = {}", literal(typed));
    if let Some(id) = near::cell(reader, &question)? {
        return Ok(id);
    }
    let matches = near::matches(reader, "select person_id as id, name as words from people", typed)?;
    let error =
        CliError::new(DATA, format!("no person has the id {typed}"), format!("personne n'a l'identifiant {typed}"));
    Err(facts::with_matches(error, &matches))
}

/// `category of the payee Example (24 movements): nothing → housing`
fn told(setting: &Setting, reader: &Reader, choice: &Choice, before: Option<&str>) -> Result<String, CliError> {
    let language = setting.language;
    let (en, fr) = facts::words(choice.subject);
    let field = match choice.field {
        Field::Category => language.pick("category of the", "catégorie,"),
        Field::Name => language.pick("name of the", "nom,"),
        Field::Person => language.pick("person behind the", "personne derrière,"),
        Field::Hidden | Field::Accepted => choice.field.code(),
    };
    let nothing = language.pick("nothing", "rien");
    let named = Named { id: choice.subject_id.clone(), about: choice.about.clone() };
    let count = movements(setting, reader, choice)?;
    let is_person = choice.field == Field::Person;
    let shown = |value: Option<&str>| match value {
        Some(id) if is_person => person_name(reader, id),
        value => Ok(value.unwrap_or(nothing).to_owned()),
    };
    let (before, after) = (shown(before)?, shown(choice.value.as_deref())?);
    let change = if before == after { after } else { format!("{before} → {after}") };
    Ok(format!("{field} {} {}{count}{} {change}", language.pick(en, fr), named.about, language.pick(":", " :")))
}

fn person_name(reader: &Reader, id: &str) -> Result<String, CliError> {
    let name = near::cell(reader, &format!("select name from people where person_id = {}", literal(id)))?;
    Ok(name.unwrap_or_else(|| id.to_owned()))
}

/// How many movements a payee has.
fn movements(setting: &Setting, reader: &Reader, choice: &Choice) -> Result<String, CliError> {
    if choice.subject != Subject::Payee {
        return Ok(String::new());
    }
    let key = literal(&choice.subject_id);
    let n = near::cell(reader, &format!("select count(*) from staging.transactions where payee_key = {key}"))?;
    let n = n.and_then(|n| n.parse().ok()).unwrap_or_default();
    Ok(format!(" ({})", setting.language.counted(n, ["movement", "movements"], ["mouvement", "mouvements"])))
}
