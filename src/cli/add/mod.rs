//! `moisson add`: a source set up: what it needs asked for, tried, shown, and written down.
//!
//! Nothing is written before it was tried, or a person said that it should be all the same.

mod answers;
mod block;
mod home_hosts;
mod list;
mod trial;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

use crate::config::{self, Config, TEMPLATE, TEMPLATE_FR};
use crate::connector::fetch::{NeedKind, Unattended};
use crate::connector::{Catalogue, Service};
use crate::schedule::Schedule;
use crate::vault::Vault;

use super::args::AddArgs;
use super::error::{CliError, USAGE};
use super::person::Terminal;
use super::{Setting, log, secret, show};

use answers::Answers;

/// What a source of moisson.toml is to say.
struct Plan<'a> {
    service: &'a Service,
    id: String,
    schedule: Option<String>,
    answers: Answers,
}

pub fn run(setting: &Setting, arguments: &AddArgs) -> Result<ExitCode, CliError> {
    log::start("warn");
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let Some(wish) = &arguments.service else {
        list::show(setting, &catalogue);
        return Ok(ExitCode::SUCCESS);
    };
    let service = catalogue.service(wish)?;
    let config = config::read(&setting.home.config)?;
    let person = Terminal::find(setting.language);
    if person.is_some() {
        introduce(setting, service);
    }
    let id = id(&config, service, arguments, person.as_ref())?;
    let answers = answers::gather(setting, service, &id, arguments, person.as_ref())?;
    let schedule = schedule(setting, service, arguments, person.as_ref())?;
    let plan = Plan { service, id, schedule, answers };
    let text = text(setting, &config, &plan, arguments, person.as_ref())?;
    let trial = trial_vault(&plan)?;
    if !arguments.no_test {
        trial::run(setting, &plan, &text, &trial, arguments.keep_anyway, person.as_ref())?;
    }
    write(setting, &plan, &text, &trial)?;
    conclude(setting, &plan);
    Ok(ExitCode::SUCCESS)
}

/// What it is, where the account is found, and what will not be asked now.
fn introduce(setting: &Setting, service: &Service) {
    let language = setting.language;
    show::error(&format!("{} ({})", service.name, service.id));
    let help = language.pick(&service.help.en, &service.help.fr).trim();
    if !help.is_empty() {
        show::error(help);
    }
    for need in service.fetch.needs.values().filter(|need| need.kind == NeedKind::Code) {
        let label = language.pick(&need.label.en, &need.label.fr);
        show::error(
            &language.pick(
                format!("At each run it will ask for: {label}"),
                format!("À chaque passage il demandera : {label}"),
            ),
        );
    }
    show::error("");
}

/// The short name of the service, with a number when it is taken.
fn id(config: &Config, service: &Service, arguments: &AddArgs, person: Option<&Terminal>) -> Result<String, CliError> {
    let is_free = |id: &str| config.source(id).is_none();
    let short = service.id.rsplit('/').next().unwrap_or(&service.id);
    let numbered = (2..).map(|n| format!("{short}_{n}"));
    let proposed = std::iter::once(short.to_owned()).chain(numbered).find(|id| is_free(id)).unwrap_or_default();
    let id = match (&arguments.id, person) {
        (Some(id), _) => id.clone(),
        (None, Some(person)) => {
            person.line("Name of the source", "Nom de la source", Some(&proposed)).unwrap_or(proposed)
        }
        (None, None) => proposed,
    };
    let is_plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !is_plain {
        return Err(CliError::new(
            USAGE,
            format!("{id} is no name of a source: letters without accents, digits, _ and -"),
            format!("{id} n'est pas un nom de source : lettres sans accent, chiffres, _ et -"),
        ));
    }
    if !is_free(&id) {
        return Err(CliError::new(
            USAGE,
            format!("moisson.toml has a source {id} already"),
            format!("moisson.toml a déjà une source {id}"),
        ));
    }
    Ok(id)
}

fn schedule(
    setting: &Setting,
    service: &Service,
    arguments: &AddArgs,
    person: Option<&Terminal>,
) -> Result<Option<String>, CliError> {
    let usual = (service.fetch.unattended != Unattended::No)
        .then(|| service.fetch.schedule.clone().unwrap_or_else(|| "@daily".to_owned()));
    let none = setting.language.pick("none", "aucun");
    let said = match (&arguments.schedule, person) {
        (Some(said), _) => Some(said.clone()),
        (None, Some(person)) => {
            let proposed = usual.as_deref().unwrap_or(none);
            let asked = person.line(
                "When to fetch it (a line of a crontab, @daily…, or none)",
                "Quand la chercher (une ligne de crontab, @daily…, ou aucun)",
                Some(proposed),
            );
            asked.or(usual)
        }
        (None, None) => usual,
    };
    let said = said.filter(|said| !["", "none", "aucun"].contains(&said.trim()));
    if let Some(Err(why)) = said.as_deref().map(Schedule::parse) {
        return Err(CliError::new(USAGE, why.clone(), why));
    }
    Ok(said)
}

/// moisson.toml as it is to be.
fn text(
    setting: &Setting,
    config: &Config,
    plan: &Plan<'_>,
    arguments: &AddArgs,
    person: Option<&Terminal>,
) -> Result<String, CliError> {
    let path = &setting.home.config;
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            setting.language.pick(TEMPLATE, TEMPLATE_FR).to_owned()
        }
        Err(error) => return Err(CliError::unreadable(path, &error)),
    };
    let hosts = home_hosts::wanted(config, plan);
    let is_allowed = arguments.home_host || hosts.is_empty() || home_hosts::allow(&hosts, person);
    let before = if is_allowed { home_hosts::add(&before, &hosts)? } else { return Err(home_hosts::refused(&hosts)) };
    let text = block::append(&before, plan);
    let config = config::parse(&text, &path.display().to_string()).map_err(config::ConfigError::from)?;
    let is_in = config.source(&plan.id).is_some_and(|source| source.connector.as_deref() == Some(&plan.service.id));
    if is_in { Ok(text) } else { Err(block::by_hand(setting, plan)) }
}

/// The secrets that were given, in memory; what a trial brings (a token) comes beside them.
fn trial_vault(plan: &Plan<'_>) -> Result<Vault, CliError> {
    let vault = Vault::in_memory().with_variables(Arc::new(|name: &str| std::env::var_os(name)));
    for (field, secret) in &plan.answers.secrets {
        vault.keep(&format!("{}/{field}", plan.id), secret.clone())?;
    }
    Ok(vault)
}

/// Secrets first: a source without its secret would fail, a secret without a source does nothing.
fn write(setting: &Setting, plan: &Plan<'_>, text: &str, trial: &Vault) -> Result<(), CliError> {
    let vault = secret::vault(setting);
    let names = trial.names()?;
    if !names.is_empty() {
        vault.take_all(trial)?;
    }
    let path = &setting.home.config;
    block::replace(path, text).map_err(|error| {
        for name in names.iter().filter(|name| name.starts_with(&format!("{}/", plan.id))) {
            // What went wrong is told; that a secret is left over is not worth another error.
            let _ = vault.remove(name);
        }
        CliError::unwritable(path, &error)
    })
}

fn conclude(setting: &Setting, plan: &Plan<'_>) {
    let (id, program, file) = (&plan.id, setting.program(), setting.home.config.display());
    show::line(&setting.language.pick(
        format!("{id} is in {file}. `{program} sync {id}` fetches it now."),
        format!("{id} est dans {file}. `{program} sync {id}` va la chercher maintenant."),
    ));
    if let Some(schedule) = &plan.schedule {
        show::line(&setting.language.pick(
            format!("`{program} serve` fetches it by itself ({schedule})."),
            format!("`{program} serve` ira la chercher tout seul ({schedule})."),
        ));
    }
}
