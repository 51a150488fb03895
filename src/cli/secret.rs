//! `moisson secret set|list|remove|rotate`: what is kept in the vault. A secret is never printed.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{self, SecretPlace, Source};
use crate::connector::Catalogue;
use crate::connector::fetch::NeedKind;
use crate::vault::{self, Keys, Rotation, Vault, VaultError};

use super::args::{SecretArgs, SecretCommand};
use super::error::{self, CliError};
use super::table::{Column, Long};
use super::{Setting, show};

pub fn run(setting: &Setting, arguments: &SecretArgs) -> Result<ExitCode, CliError> {
    match &arguments.command {
        SecretCommand::Set { name, from_file } => set(setting, name, from_file.as_deref()),
        SecretCommand::List => list(setting),
        SecretCommand::Remove { name } => remove(setting, name),
        SecretCommand::Rotate { passphrase, from_file } => rotate(setting, *passphrase, from_file.as_deref()),
    }
}

/// The household's secrets; no key is touched before one is asked for.
pub fn vault(setting: &Setting) -> Vault {
    let language = setting.language;
    let ask = move || {
        std::io::stdin()
            .is_terminal()
            .then(|| typed(language.pick("Passphrase of the secrets: ", "Phrase secrète : ")).unwrap_or_default())
    };
    Vault::open(&setting.home.data, keys(setting).asking(Box::new(ask)))
}

/// A secret typed without an echo, or given by a file or standard input.
pub fn asked(prompt: &str, from: Option<&Path>) -> Result<SecretString, CliError> {
    match from {
        Some(path) if path == Path::new("-") => piped(),
        Some(path) => Ok(vault::text_of_file(path)?),
        None if std::io::stdin().is_terminal() => typed(prompt),
        None => piped(),
    }
}

fn keys(setting: &Setting) -> Keys {
    Keys::of(&setting.home, Arc::new(|name: &str| std::env::var_os(name)))
}

fn set(setting: &Setting, name: &str, from: Option<&Path>) -> Result<ExitCode, CliError> {
    check_name(name)?;
    let language = setting.language;
    let secret = asked(&language.pick(format!("{name}: "), format!("{name} : ")), from)?;
    if secret.expose_secret().is_empty() {
        return Err(CliError::new(error::USAGE, "the secret is empty", "le secret est vide"));
    }
    let keys = keys(setting);
    let is_first = keys.file().is_some_and(|file| !file.exists());
    vault(setting).keep(name, secret)?;
    show::line(&language.pick(format!("{name} is kept."), format!("{name} est gardé.")));
    if let Some(file) = keys.file().filter(|file| is_first && file.exists()) {
        let file = file.display();
        show::line(&language.pick(
            format!("Its key is {file}: keep a copy of that file away from the data; without it the secrets are lost."),
            format!(
                "Sa clé est {file} : gardez-en une copie à l'écart des données ; sans elle les secrets sont perdus."
            ),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(setting: &Setting, name: &str) -> Result<ExitCode, CliError> {
    if !vault(setting).remove(name)? {
        return Err(CliError::new(
            error::UNAVAILABLE,
            format!("the vault holds no secret {name}"),
            format!("le coffre ne contient pas de secret {name}"),
        )
        .hint("`moisson secret list` shows their names", "`moisson secret list` montre leurs noms"));
    }
    let said = setting.language.pick(format!("{name} is forgotten."), format!("{name} est oublié."));
    show::line(&said);
    Ok(ExitCode::SUCCESS)
}

fn rotate(setting: &Setting, to_passphrase: bool, from: Option<&Path>) -> Result<ExitCode, CliError> {
    let language = setting.language;
    let vault = vault(setting);
    if to_passphrase {
        vault.rotate(Rotation::Passphrase(new_passphrase(setting, from)?))?;
        show::line(language.pick(
            "Everything is encrypted anew. `MOISSON_PASSPHRASE_FILE` may name a file that holds the passphrase, for the daemon.",
            "Tout est chiffré de nouveau. `MOISSON_PASSPHRASE_FILE` peut nommer un fichier avec la phrase, pour le service.",
        ));
        return Ok(ExitCode::SUCCESS);
    }
    vault.rotate(Rotation::NewKey)?;
    let keys = keys(setting);
    let file = keys.file().map(|file| file.display().to_string()).unwrap_or_default();
    show::line(&language.pick(
        format!("Everything is encrypted anew; the key is {file}. Copies of the earlier key open nothing any more."),
        format!("Tout est chiffré de nouveau ; la clé est {file}. Les copies de l'ancienne n'ouvrent plus rien."),
    ));
    Ok(ExitCode::SUCCESS)
}

/// Names, and where each comes from; never a value.
fn list(setting: &Setting) -> Result<ExitCode, CliError> {
    let language = setting.language;
    let config = config::read(&setting.home.config)?;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let vault = vault(setting);
    let kept = vault.names()?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for source in &config.sources {
        for (field, is_optional) in fields(source, &catalogue) {
            rows.push(row(setting, &vault, source, &field, is_optional));
        }
    }
    let known: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    let others = kept.iter().filter(|name| !known.contains(name));
    rows.extend(others.map(|name| vec![name.clone(), in_vault(setting), String::new()]));
    if rows.is_empty() {
        show::line(language.pick("There is no secret.", "Il n'y a aucun secret."));
        return Ok(ExitCode::SUCCESS);
    }
    let columns = [
        Column::text(language.pick("secret", "secret")),
        Column::text(language.pick("where", "où")),
        Column::text(language.pick("to do", "à faire")),
    ];
    show::table(&columns, &rows, Long::Wrap);
    Ok(ExitCode::SUCCESS)
}

/// The secrets that a source needs or places, and whether it can do without.
fn fields(source: &Source, catalogue: &Catalogue) -> Vec<(String, bool)> {
    let service = source.connector.as_deref().and_then(|id| catalogue.service(id).ok());
    let needs = service.iter().flat_map(|service| &service.fetch.needs);
    let secret = needs.filter(|(_, need)| need.kind == NeedKind::Secret);
    let mut fields: Vec<(String, bool)> = secret.map(|(name, need)| (name.clone(), need.optional)).collect();
    for name in source.secrets.keys() {
        if !fields.iter().any(|(known, _)| known == name) {
            fields.push((name.clone(), false));
        }
    }
    fields
}

fn row(setting: &Setting, vault: &Vault, source: &Source, field: &str, is_optional: bool) -> Vec<String> {
    let language = setting.language;
    let name = format!("{}/{field}", source.id);
    let place = place(setting, source, field);
    let to_do = match has(vault, source, field) {
        Ok(()) => String::new(),
        Err(VaultError::Missing { .. }) if is_optional => language.pick("not needed", "pas nécessaire").to_owned(),
        Err(error) => {
            let said = error.said();
            language.pick(said.en, said.fr)
        }
    };
    vec![name, place, to_do]
}

/// A command is not run only to make a list.
fn has(vault: &Vault, source: &Source, field: &str) -> Result<(), VaultError> {
    match source.secrets.get(field) {
        Some(SecretPlace::Command(_)) => Ok(()),
        _ => vault.secret_of(source, field).map(drop),
    }
}

fn place(setting: &Setting, source: &Source, field: &str) -> String {
    let language = setting.language;
    let variable = vault::variable_of(&format!("{}/{field}", source.id));
    match source.secrets.get(field) {
        Some(SecretPlace::Vault(other)) => format!("{}: {other}", in_vault(setting)),
        Some(SecretPlace::File(path)) => path.display().to_string(),
        Some(SecretPlace::Credential(name)) => format!("credential {name}"),
        Some(SecretPlace::Env(name)) => format!("${name}"),
        Some(SecretPlace::Command(words)) => {
            format!("{} {}", language.pick("command", "commande"), words.first().cloned().unwrap_or_default())
        }
        None if std::env::var_os(&variable).is_some() => format!("${variable}"),
        None => in_vault(setting),
    }
}

fn in_vault(setting: &Setting) -> String {
    setting.language.pick("vault", "coffre").to_owned()
}

/// `joint/token`, `notify/ntfy`.
fn check_name(name: &str) -> Result<(), CliError> {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c)) && !part.starts_with('.')
    };
    if name.contains('/') && name.split('/').all(is_part) {
        return Ok(());
    }
    Err(CliError::new(
        error::USAGE,
        format!("{name} is no name of a secret: it is SOURCE/FIELD, such as joint/token"),
        format!("{name} n'est pas un nom de secret : c'est SOURCE/CHAMP, par exemple joint/token"),
    ))
}

/// Typed twice, so that a slip does not lock everything up.
fn new_passphrase(setting: &Setting, from: Option<&Path>) -> Result<SecretString, CliError> {
    let language = setting.language;
    let said = asked(language.pick("New passphrase: ", "Nouvelle phrase secrète : "), from)?;
    if from.is_none() && std::io::stdin().is_terminal() {
        let again = typed(language.pick("The same again: ", "Encore une fois : "))?;
        if again.expose_secret() != said.expose_secret() {
            return Err(CliError::new(error::USAGE, "the two differ", "les deux ne sont pas les mêmes"));
        }
    }
    if said.expose_secret().is_empty() {
        return Err(CliError::new(error::USAGE, "the passphrase is empty", "la phrase est vide"));
    }
    Ok(said)
}

fn typed(prompt: &str) -> Result<SecretString, CliError> {
    let typed = rpassword::prompt_password(prompt).map_err(|error| unread(&error))?;
    Ok(SecretString::from(typed))
}

fn piped() -> Result<SecretString, CliError> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| unread(&error))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    Ok(SecretString::from(secret.strip_suffix('\r').unwrap_or(secret)))
}

fn unread(error: &std::io::Error) -> CliError {
    CliError::new(
        error::UNAVAILABLE,
        format!("the secret cannot be read: {error}"),
        format!("le secret est illisible : {error}"),
    )
}
