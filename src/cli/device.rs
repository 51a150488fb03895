//! `moisson device add|list|revoke`: who may sync with this household.
//!
//! The process that serves reads the same file and need not be told. A password is printed when
//! it is made, and is nowhere to be had again.

use std::process::ExitCode;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use crate::config;
use crate::model::run::Said;
use crate::web::accounts::{Access, AccountError, Accounts, Added, Device, Scope, Service};
use crate::web::setup::{self, Place, qr};

use super::args::{DeviceAddArgs, DeviceArgs, DeviceCommand};
use super::error::{self, CliError};
use super::show::Tone;
use super::table::{Column, Long};
use super::{Setting, show};

pub fn run(setting: &Setting, arguments: &DeviceArgs) -> Result<ExitCode, CliError> {
    let serve = config::read(&setting.home.config)?.serve;
    let accounts = Accounts::open(&setting.home.data, &serve.user);
    match &arguments.command {
        DeviceCommand::Add(wish) => {
            let added = accounts.add(&wish.name, scope(wish), setting.now)?;
            tell(setting, &Place::of_settings(&serve, serve.listen), &added);
        }
        DeviceCommand::List => list(setting, &accounts)?,
        DeviceCommand::Revoke { name } => revoke(setting, &accounts, name)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn scope(wish: &DeviceAddArgs) -> Scope {
    let service = match (wish.calendars, wish.contacts) {
        (true, _) => Service::Calendars,
        (_, true) => Service::Contacts,
        _ => Service::All,
    };
    let access = if wish.read_only { Access::Read } else { Access::Write };
    let collections = (!wish.collections.is_empty()).then(|| wish.collections.iter().cloned().collect());
    Scope { service, access, collections, page: wish.page }
}

fn tell(setting: &Setting, place: &Place, added: &Added) {
    let language = setting.language;
    show::line(&format!("{} : {}", added.device.name, said(setting, &added.device.scope.said())));
    show::heading(
        language.pick("Password, shown now and never again", "Mot de passe, montré maintenant et plus jamais"),
    );
    show::line(&format!("  {}", show::paint(Tone::Strong, added.password.expose_secret())));
    show::heading(language.pick("Address and user name", "Adresse et utilisateur"));
    show::line(&format!("  {}  {}", place.dav(), place.user()));
    if added.device.scope.page {
        show::line(&format!("  {}/  {}", place.base(), language.pick("(set-up pages)", "(pages d'installation)")));
    }
    for guide in setup::guides(place) {
        show::heading(guide.name);
        guide.steps.iter().for_each(|step| show::line(&format!("  {}", said(setting, step))));
        guide.snippet.iter().flat_map(|snippet| snippet.lines()).for_each(|line| show::line(&format!("  {line}")));
    }
    if !place.is_secure() {
        show::line("");
        show::line(language.pick(
            "Only this machine reaches that address: phones need [serve.tls], or a proxy, in moisson.toml.",
            "Seule cette machine atteint cette adresse : les téléphones ont besoin de [serve.tls], ou d'un proxy, dans moisson.toml.",
        ));
    }
    picture(setting, place, added);
}

/// The code for a phone: only where somebody looks, a file has no use for it.
fn picture(setting: &Setting, place: &Place, added: &Added) {
    let code = show::is_terminal().then(|| qr::blocks(&place.davx5(Some(&added.password)))).flatten();
    if let Some(code) = code {
        show::heading(setting.language.pick("DAVx⁵: scan this", "DAVx⁵ : scannez ceci"));
        show::line(&code);
    }
}

fn list(setting: &Setting, accounts: &Accounts) -> Result<(), CliError> {
    let language = setting.language;
    let devices = accounts.devices()?;
    if devices.is_empty() {
        show::line(language.pick(
            "There is no device: `moisson device add NAME` makes one.",
            "Il n'y a aucun appareil : `moisson device add NOM` en crée un.",
        ));
        return Ok(());
    }
    let columns = [
        Column::text(language.pick("device", "appareil")),
        Column::text(language.pick("may", "peut")),
        Column::text(language.pick("added", "ajouté")),
        Column::text(language.pick("last seen", "vu")),
    ];
    let rows: Vec<Vec<String>> = devices.iter().map(|device| row(setting, accounts, device)).collect();
    show::table(&columns, &rows, Long::Wrap);
    Ok(())
}

fn row(setting: &Setting, accounts: &Accounts, device: &Device) -> Vec<String> {
    let language = setting.language;
    let may = match device.revoked_at {
        Some(at) => format!("{} {}", language.pick("revoked on", "révoqué le"), day(setting, at)),
        None => said(setting, &device.scope.said()),
    };
    let used = accounts.used(device).map(|used| format!("{} · {}", day(setting, used.at), used.address));
    let used = used.unwrap_or_else(|| language.pick("never", "jamais").to_owned());
    vec![device.name.clone(), may, day(setting, device.created_at), used]
}

fn revoke(setting: &Setting, accounts: &Accounts, name: &str) -> Result<(), CliError> {
    if !accounts.revoke(name, setting.now)? {
        return Err(CliError::new(
            error::UNAVAILABLE,
            format!("no device is called {name}"),
            format!("aucun appareil ne s'appelle {name}"),
        )
        .hint("`moisson device list` shows their names", "`moisson device list` montre leurs noms"));
    }
    let said = setting.language.pick(format!("{name} is let in no more."), format!("{name} n'entre plus."));
    show::line(&said);
    Ok(())
}

/// As the household's calendar has it.
fn day(setting: &Setting, at: Timestamp) -> String {
    let config = config::read(&setting.home.config);
    let zone = config.map_or(jiff::tz::TimeZone::UTC, |config| config.household.time_zone);
    setting.language.date(at.to_zoned(zone).date())
}

fn said(setting: &Setting, said: &Said) -> String {
    setting.language.pick(&said.en, &said.fr).clone()
}

impl From<AccountError> for CliError {
    fn from(error: AccountError) -> Self {
        let said = error.said();
        let code = match error {
            AccountError::Taken { .. } | AccountError::BadName { .. } => error::USAGE,
            AccountError::Damaged { .. } => error::DATA,
            AccountError::Busy => error::RETRY,
            AccountError::TooMany { .. }
            | AccountError::NoRandomness
            | AccountError::Unreadable { .. }
            | AccountError::Unwritable { .. } => error::UNAVAILABLE,
        };
        let new = Self::new(code, said.en, said.fr);
        match error {
            AccountError::Taken { .. } => new.hint(
                "`moisson device revoke NAME` first, or choose another name",
                "`moisson device revoke NOM` d'abord, ou choisissez un autre nom",
            ),
            _ => new,
        }
    }
}
