//! A source tried before it is written down: fetched as `sync` does, imported into a copy that is
//! thrown away, and shown.

use std::fs;
use std::path::PathBuf;

use crate::config::{self, Home, Source};
use crate::fetch::{self, Ask, Failure, Harvest, Order, State, http};
use crate::import::{self, DocumentReport, Input, Silent, Wish, World};
use crate::model::run::Class;
use crate::vault::Vault;

use super::super::error::{self, CliError};
use super::super::person::Terminal;
use super::super::{Setting, report, show};
use super::Plan;

/// Tries it. What fails stops everything, unless it is to be kept anyway.
pub fn run(
    setting: &Setting,
    plan: &Plan<'_>,
    text: &str,
    vault: &Vault,
    keep_anyway: bool,
    person: Option<&Terminal>,
) -> Result<(), CliError> {
    let language = setting.language;
    show::error(language.pick("Trying it…", "Essai…"));
    match fetched(setting, plan, text, vault, person) {
        Ok(harvest) => shown(setting, plan, text, &harvest),
        Err(failure) => {
            let message = language.pick(&failure.message.en, &failure.message.fr);
            show::error(&language.pick(format!("It does not work yet: {message}"), format!("Pas encore : {message}")));
            failure.link.iter().for_each(|link| show::error(&format!("  {link}")));
            let agrees = |person: &Terminal| person.agrees("Keep it anyway?", "La garder quand même ?", false);
            if keep_anyway || person.is_some_and(agrees) { Ok(()) } else { Err(refused(&failure)) }
        }
    }
}

fn fetched(
    setting: &Setting,
    plan: &Plan<'_>,
    text: &str,
    vault: &Vault,
    person: Option<&Terminal>,
) -> Result<Harvest, Failure> {
    let config = config::parse(text, "moisson.toml").unwrap_or_default();
    let source =
        config.source(&plan.id).cloned().unwrap_or_else(|| Source { id: plan.id.clone(), ..Source::default() });
    let client = http::Client::new(&config.network).map_err(|error| http::failure(&error))?;
    let order = Order {
        source: &source,
        service: plan.service,
        zone: &config.household.time_zone,
        now: setting.now,
        network: &config.network,
        vault,
        client: &client,
        person: person.map(|person| person as &dyn Ask),
    };
    fetch::fetch(&order, &mut State::default())
}

/// What came, as an import would tell it.
fn shown(setting: &Setting, plan: &Plan<'_>, text: &str, harvest: &Harvest) -> Result<(), CliError> {
    let language = setting.language;
    for part in &harvest.failed {
        show::error(&format!("{}: {}", part.name, language.pick(&part.message.en, &part.message.fr)));
    }
    let n = language.documents(harvest.documents.len() as u64);
    if harvest.documents.is_empty() {
        show::line(language.pick("It works; nothing is there yet.", "Cela marche ; il n'y a encore rien."));
        return Ok(());
    }
    show::line(&language.pick(format!("It works: {n} came."), format!("Cela marche : {n}.")));
    let reports = rehearsed(setting, plan, text, harvest)?;
    report::show(language, &reports);
    show::line(language.pick(
        "\nNothing of it was kept: the first run does that.\n",
        "\nRien n'en est gardé : le premier passage le fera.\n",
    ));
    Ok(())
}

/// Imported into a copy, with moisson.toml as it is to be.
fn rehearsed(
    setting: &Setting,
    plan: &Plan<'_>,
    text: &str,
    harvest: &Harvest,
) -> Result<Vec<DocumentReport>, CliError> {
    let folder = Scratch::new()?;
    let config = folder.0.join("moisson.toml");
    fs::write(&config, text).map_err(|error| CliError::unwritable(&config, &error))?;
    let mut world = World::rehearse(Home { config, ..setting.home.clone() }, setting.now)?;
    let wish = Wish { source: Some(plan.id.clone()), ..Wish::default() };
    let inputs: Vec<Input> = harvest.documents.iter().map(Input::fetched).collect();
    Ok(import::import(&mut world, &inputs, &wish, &mut Silent)?)
}

fn refused(failure: &Failure) -> CliError {
    let code = match failure.class {
        Class::User => error::USER,
        Class::Retry | Class::Quota => error::RETRY,
        Class::Changed => error::DATA,
        Class::Config | Class::Ok | Class::OkEmpty | Class::Partial | Class::Expectation => error::CONFIG,
    };
    CliError::new(code, "nothing was written", "rien n'a été écrit")
        .hint("--keep-anyway writes it down all the same", "--keep-anyway l'écrit quand même")
}

/// A private folder that goes with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, CliError> {
        let folder = std::env::temp_dir().join(format!("moisson-trial-{}", std::process::id()));
        fs::create_dir(&folder).map_err(|error| CliError::unwritable(&folder, &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the folder of the trial is left");
        }
    }
}
