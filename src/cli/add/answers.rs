//! What a connector needs to know, as its manifest says: given on the command line, or asked for.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Setting as Value;
use crate::connector::Service;
use crate::connector::fetch::{Need, NeedKind};
use crate::vault;

use super::super::args::AddArgs;
use super::super::error::{CliError, USAGE};
use super::super::language::Language;
use super::super::person::Terminal;
use super::super::{Setting, secret, show};

/// What was said, by field.
#[derive(Default)]
pub struct Answers {
    pub fields: BTreeMap<String, Value>,
    pub secrets: BTreeMap<String, SecretString>,
}

/// All that is needed: what was given, then what a person says; an error lists what is missing.
pub fn gather(
    setting: &Setting,
    service: &Service,
    id: &str,
    arguments: &AddArgs,
    person: Option<&Terminal>,
) -> Result<Answers, CliError> {
    let mut answers = given(setting, service, arguments)?;
    let mut missing = Vec::new();
    let needs = &service.fetch.needs;
    let (secrets, fields): (Vec<_>, Vec<_>) = needs.iter().partition(|(_, need)| need.kind == NeedKind::Secret);
    for (name, need) in fields {
        if answers.fields.contains_key(name) || need.kind == NeedKind::Code {
            continue;
        }
        match person.and_then(|person| asked(setting, person, need)) {
            Some(value) => drop(answers.fields.insert(name.clone(), value)),
            None if is_wanted(need) => missing.push(hint(setting.language, name, need)),
            None => {}
        }
    }
    for (name, need) in secrets {
        let is_elsewhere = std::env::var_os(vault::variable_of(&format!("{id}/{name}"))).is_some();
        if answers.secrets.contains_key(name) || is_elsewhere {
            continue;
        }
        match person.map_or(Ok(None), |_| asked_secret(setting, need))? {
            Some(secret) => drop(answers.secrets.insert(name.clone(), secret)),
            None if is_wanted(need) => missing.push(hint(setting.language, name, need)),
            None => {}
        }
    }
    if missing.is_empty() { Ok(answers) } else { Err(incomplete(service, &missing)) }
}

/// A value as its kind wants it; the error says what it should be.
pub fn read(need: &Need, text: &str) -> Result<Value, [String; 2]> {
    let text = text.trim();
    let wrong = |en: &str, fr: &str| Err([format!("`{text}` is not {en}"), format!("« {text} » n'est pas {fr}")]);
    let listed = |text: &str| need.one_of.is_empty() || need.one_of.iter().any(|one| one == text);
    if need.kind != NeedKind::List && !listed(text) {
        let all = need.one_of.join(", ");
        return wrong(&format!("one of {all}"), &format!("parmi {all}"));
    }
    match need.kind {
        NeedKind::Number => match text.parse() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => wrong("a whole number", "un nombre entier"),
        },
        NeedKind::Day if text.parse::<jiff::civil::Date>().is_err() => {
            wrong("a day such as 2026-03-31", "un jour comme 2026-03-31")
        }
        NeedKind::Url if !is_address(text) => {
            wrong("an address such as https://example.org", "une adresse comme https://example.org")
        }
        NeedKind::Folder => match Path::new(text).canonicalize() {
            Ok(path) if path.is_dir() => Ok(Value::Text(path.display().to_string())),
            _ => wrong("a folder of this machine", "un dossier de cette machine"),
        },
        NeedKind::List => {
            let items: Vec<String> =
                text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
            match items.iter().find(|item| !listed(item)) {
                Some(_) => {
                    wrong(&format!("among {}", need.one_of.join(", ")), &format!("parmi {}", need.one_of.join(", ")))
                }
                None => Ok(Value::Texts(items)),
            }
        }
        NeedKind::Text | NeedKind::Day | NeedKind::Url | NeedKind::Secret | NeedKind::Code => {
            Ok(Value::Text(text.to_owned()))
        }
    }
}

fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["http", "https", "webcal"].contains(&url.scheme()) && url.has_host())
}

fn is_wanted(need: &Need) -> bool {
    !need.optional && need.default.is_none()
}

/// What stands on the command line: `--set name=value`, `--secret name=@file`.
fn given(setting: &Setting, service: &Service, arguments: &AddArgs) -> Result<Answers, CliError> {
    let mut answers = Answers::default();
    for typed in &arguments.set {
        let (name, text) = apart(typed, "--set name=value")?;
        let value = match service.fetch.needs.get(name) {
            Some(need) if need.kind == NeedKind::Secret => return Err(on_the_command_line(name)),
            Some(need) => read(need, text)
                .map_err(|[en, fr]| CliError::new(USAGE, format!("{name}: {en}"), format!("{name} : {fr}")))?,
            None if name == "base" => Value::Text(text.to_owned()),
            None => return Err(unknown(service, name)),
        };
        answers.fields.insert(name.to_owned(), value);
    }
    for typed in &arguments.secret {
        let (name, place) = apart(typed, "--secret name=@file")?;
        if service.fetch.needs.get(name).is_none_or(|need| need.kind != NeedKind::Secret) {
            return Err(unknown(service, name));
        }
        let Some(file) = place.strip_prefix('@') else { return Err(on_the_command_line(name)) };
        let said = secret::asked(setting.language.pick("Secret: ", "Secret : "), Some(Path::new(file)))?;
        answers.secrets.insert(name.to_owned(), said);
    }
    Ok(answers)
}

fn apart<'t>(typed: &'t str, form: &str) -> Result<(&'t str, &'t str), CliError> {
    // What was typed may be a secret, so it is not shown.
    typed.split_once('=').ok_or_else(|| CliError::new(USAGE, format!("expected {form}"), format!("attendu : {form}")))
}

/// Asks until the answer fits; nothing when what holds without an answer is good.
fn asked(setting: &Setting, person: &Terminal, need: &Need) -> Option<Value> {
    explain(setting, need);
    loop {
        let typed = person.line(&need.label.en, &need.label.fr, need.default.as_deref());
        let Some(typed) = typed else {
            if !is_wanted(need) || person.is_gone() {
                return None;
            }
            show::error(setting.language.pick("This one is needed.", "Il le faut."));
            continue;
        };
        match read(need, &typed) {
            Ok(value) => return Some(value),
            Err([en, fr]) => show::error(&setting.language.pick(en, fr)),
        }
    }
}

fn asked_secret(setting: &Setting, need: &Need) -> Result<Option<SecretString>, CliError> {
    explain(setting, need);
    let label = setting.language.pick(&need.label.en, &need.label.fr);
    loop {
        let typed = secret::asked(&format!("{label}: "), None)?;
        if !typed.expose_secret().is_empty() {
            return Ok(Some(typed));
        }
        if !is_wanted(need) {
            return Ok(None);
        }
        show::error(setting.language.pick("This one is needed.", "Il le faut."));
    }
}

fn explain(setting: &Setting, need: &Need) {
    let help = setting.language.pick(&need.help.en, &need.help.fr).trim();
    if !help.is_empty() {
        show::error(help);
    }
    if !need.one_of.is_empty() {
        show::error(&format!("({})", need.one_of.join(", ")));
    }
}

/// `--set server=…   Address of the server`
fn hint(language: Language, name: &str, need: &Need) -> [String; 2] {
    let form = if need.kind == NeedKind::Secret {
        format!("--secret {name}=@{}", language.pick("FILE", "FICHIER"))
    } else {
        format!("--set {name}=…")
    };
    [format!("{form}   {}", need.label.en), format!("{form}   {}", need.label.fr)]
}

fn incomplete(service: &Service, missing: &[[String; 2]]) -> CliError {
    let id = &service.id;
    let error = CliError::new(
        USAGE,
        format!("{id} needs to know more, and nobody is here to be asked"),
        format!("{id} a besoin d'en savoir plus, et personne n'est là pour répondre"),
    );
    missing.iter().fold(error, |error, [en, fr]| error.hint(en, fr))
}

fn unknown(service: &Service, name: &str) -> CliError {
    let names: Vec<&str> = service.fetch.needs.keys().map(String::as_str).collect();
    let (id, names) = (&service.id, names.join(", "));
    CliError::new(USAGE, format!("{id} knows no field {name}"), format!("{id} ne connaît pas de champ {name}"))
        .hint(format!("expected {names}"), format!("attendu : {names}"))
}

fn on_the_command_line(name: &str) -> CliError {
    CliError::new(
        USAGE,
        format!("{name} is a secret, and others can read a command line"),
        format!("{name} est un secret, et d'autres peuvent lire une ligne de commande"),
    )
    .hint(
        format!("--secret {name}=@FILE reads it from a file, --secret {name}=@- from standard input"),
        format!("--secret {name}=@FICHIER le lit dans un fichier, --secret {name}=@- sur l'entrée standard"),
    )
}
