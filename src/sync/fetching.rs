//! The first half of a run: settings read, documents fetched. Nothing is kept yet.

use jiff::Timestamp;

use super::mirror::{self, Mirror, Pushed};
use super::{Outfit, state};
use crate::config::{self, Config, ConfigError, Source};
use crate::connector::{Catalogue, ConnectorError, Service};
use crate::fetch::{self, Ask, Failure, Harvest, Order, State, http};
use crate::model::run::{Class, Said};

/// What came, and what is needed to keep it.
pub(super) struct Fetched {
    pub harvest: Harvest,
    /// What this run leaves, once its documents are in.
    pub state: State,
    /// What earlier runs left.
    pub earlier: State,
    pub source: Source,
    pub service: Service,
    /// What people changed here, and what became of it at the server.
    pub pushed: Pushed,
}

/// Settings are read at each run, so that a change of them counts at once.
pub(super) fn fetch(outfit: &Outfit, id: &str, now: Timestamp, person: Option<&dyn Ask>) -> Result<Fetched, Failure> {
    let config = config::read(&outfit.home.config).map_err(|error| of_config(&error))?;
    let catalogue = Catalogue::shipped()
        .and_then(|shipped| shipped.with_folder(&outfit.home.connectors))
        .map_err(|error| of_connector(&error))?;
    let source = config.source(id).ok_or_else(|| unknown(id))?.clone();
    let service = service_of(&source, &catalogue)?.clone();
    let client = http::Client::new(&config.network).map_err(|error| http::failure(&error))?;
    let earlier = state::read(&outfit.home.data, id);
    let mut state = earlier.clone();
    let order = Order {
        source: &source,
        service: &service,
        zone: zone_of(&config, &source),
        now,
        network: &config.network,
        vault: &outfit.vault,
        client: &client,
        person,
    };
    let fetched = push(outfit, &order, &state)
        .and_then(|pushed| fetch::fetch(&order, &mut state).map(|harvest| (harvest, pushed)));
    match fetched {
        Ok((harvest, pushed)) => Ok(Fetched { harvest, state, earlier, source, service, pushed }),
        Err(failure) => {
            keep(outfit, id, &state.spent(&earlier));
            Err(failure)
        }
    }
}

/// Sends what people changed in the collections of the source, where this process holds them.
fn push(outfit: &Outfit, order: &Order<'_>, state: &State) -> Result<Pushed, Failure> {
    let Some(collections) = outfit.collections() else { return Ok(Pushed::default()) };
    let transport = order.service.fetch.transport;
    mirror::push(&Mirror { outfit, collections, source: order.source, transport }, order, state)
}

/// Writes what a run leaves; failing to is no failure of the run, only work done twice.
pub(super) fn keep(outfit: &Outfit, id: &str, state: &State) {
    if let Err(error) = state::write(&outfit.home.data, id, state) {
        tracing::warn!(source = id, %error, "what the run leaves cannot be written");
    }
}

fn zone_of<'c>(config: &'c Config, source: &'c Source) -> &'c jiff::tz::TimeZone {
    source.time_zone.as_ref().unwrap_or(&config.household.time_zone)
}

fn service_of<'c>(source: &Source, catalogue: &'c Catalogue) -> Result<&'c Service, Failure> {
    let Some(id) = &source.connector else {
        return Err(Failure::new(
            Class::Config,
            Said::new(
                format!("the source {} names no connector, so nobody knows where to fetch it", source.id),
                format!("la source {} ne nomme aucun connecteur : on ne sait pas où la chercher", source.id),
            ),
        ));
    };
    catalogue.service(id).map_err(|_| {
        Failure::new(
            Class::Config,
            Said::new(
                format!("{id} does not say where documents come from: `moisson add` lists what can be fetched"),
                format!("{id} ne dit pas d'où viennent les documents : `moisson add` montre ce qui peut être cherché"),
            ),
        )
    })
}

fn unknown(id: &str) -> Failure {
    Failure::new(
        Class::Config,
        Said::new(
            format!("no source is called {id} in moisson.toml"),
            format!("aucune source ne s'appelle {id} dans moisson.toml"),
        ),
    )
}

/// A file that is being edited is no fault of the source: it is tried again. The place in the file
/// stays; the excerpt of the file does not, as it may show what is private.
fn of_config(error: &ConfigError) -> Failure {
    let what = match error {
        ConfigError::Misread(misread) => {
            format!("{}:{}: {} ({})", misread.file, misread.line, misread.message, misread.key)
        }
        other => other.to_string(),
    };
    Failure::new(
        Class::Retry,
        Said::new(format!("moisson.toml cannot be used: {what}"), format!("moisson.toml est inutilisable : {what}")),
    )
}

fn of_connector(error: &ConnectorError) -> Failure {
    let what = error.to_string();
    let what = what.lines().next().unwrap_or_default();
    Failure::new(
        Class::Config,
        Said::new(format!("a connector cannot be read: {what}"), format!("un connecteur est illisible : {what}")),
    )
}
