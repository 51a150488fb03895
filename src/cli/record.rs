//! `moisson connector record` and `test`: a run of a source as a recording without its secrets, and
//! a connector against recordings.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::{self, Config, Source};
use crate::connector::{Catalogue, Service};
use crate::fetch::case::{self, Case, CaseError, Recorded};
use crate::fetch::{Ask, Failure, Order, http};
use crate::import::golden::golden;
use crate::model::run::Class;

use super::args::{RecordArgs, TestArgs};
use super::error::{self, CliError};
use super::person::Terminal;
use super::show::Tone;
use super::{Setting, log, secret, show, sync};

/// Records one run of a source. Nothing of it is imported, archived or remembered.
pub fn run(setting: &Setting, arguments: &RecordArgs) -> Result<ExitCode, CliError> {
    log::start("warn");
    let config = config::read(&setting.home.config)?;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let source =
        config.source(&arguments.source).ok_or_else(|| sync::no_source(setting, &config, &arguments.source))?;
    let service = source.connector.as_deref().and_then(|id| catalogue.service(id).ok());
    let service = service.ok_or_else(|| not_fetched(&source.id))?;
    let folder = arguments.output.clone().unwrap_or_else(|| folder_of(&source.id));
    refuse_filled(&folder)?;
    let recorded = recorded(setting, &config, source, service, arguments.days).map_err(|failure| failed(&failure))?;
    recorded.case.write(&folder)?;
    tell(setting, &recorded, &folder);
    let differences = recorded.case.play(service).map_err(|failure| failed(&failure))?;
    if differences.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    show::error(setting.language.pick(
        "It does not play back as it was recorded; perhaps the network failed, or a consent was given on the way. Record it again, or see:",
        "Il ne se rejoue pas tel qu'il fut enregistré ; peut-être le réseau a-t-il failli, ou un consentement fut donné en route. Enregistrez-le de nouveau, ou voyez :",
    ));
    for said in differences {
        show::error(&format!("  {}", setting.language.pick(said.en, said.fr)));
    }
    Ok(ExitCode::from(error::PARTIAL))
}

/// Plays recordings: the services' connectors against what is in them, without the network.
pub fn test(setting: &Setting, arguments: &TestArgs) -> Result<ExitCode, CliError> {
    log::start("warn");
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let mut is_good = true;
    for folder in &arguments.folders {
        if arguments.renew {
            renew(&catalogue, folder)?;
        }
        is_good &= tested(setting, &catalogue, folder)?;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(error::PARTIAL) })
}

fn recorded(
    setting: &Setting,
    config: &Config,
    source: &Source,
    service: &Service,
    days: Option<u32>,
) -> Result<Recorded, Failure> {
    let client = http::Client::new(&config.network).map_err(|error| http::failure(&error))?;
    let person = Terminal::find(setting.language);
    let order = Order {
        source,
        service,
        zone: source.time_zone.as_ref().unwrap_or(&config.household.time_zone),
        now: setting.now,
        network: &config.network,
        vault: &secret::vault(setting),
        client: &client,
        person: person.as_ref().map(|person| person as &dyn Ask),
    };
    case::record(&order, days)
}

fn tell(setting: &Setting, recorded: &Recorded, folder: &Path) {
    let (language, case) = (setting.language, &recorded.case);
    let n = case.exchanges.len() as u64;
    let n = language.counted(n, ["exchange", "exchanges"], ["échange", "échanges"]);
    let documents = language.documents(case.documents.len() as u64);
    let place = folder.display();
    show::line(&language.pick(
        format!("{n} and {documents} are recorded in {place}."),
        format!("{n} et {documents} enregistrés dans {place}."),
    ));
    if let Some(failure) = &recorded.failure {
        let message = language.pick(&failure.message.en, &failure.message.fr);
        show::line(&language.pick(format!("The run failed: {message}"), format!("Le passage a échoué : {message}")));
    }
    let n = language.counted(recorded.n_struck as u64, ["place", "places"], ["endroit", "endroits"]);
    let names = if recorded.secrets.is_empty() {
        language.pick("there are none", "il n'y en a pas").to_owned()
    } else {
        recorded.secrets.join(", ")
    };
    show::line(&language.pick(
        format!("Struck out, in {n}: your secrets ({names}), and what answers and forms name as a token, a session, a password or a code."),
        format!("Biffés, en {n} : vos secrets ({names}), et ce que réponses et formulaires nomment jeton, session, mot de passe ou code."),
    ));
    if recorded.n_opaque > 0 {
        let n = language.counted(recorded.n_opaque as u64, ["body is", "bodies are"], ["corps n'est", "corps ne sont"]);
        show::line(&language.pick(
            format!("{n} no text: nothing could be struck out inside."),
            format!("{n} pas du texte : rien n'a pu y être biffé à l'intérieur."),
        ));
    }
    show::line(&show::paint(
        Tone::Strong,
        language.pick(
            "Everything else is still there: names, amounts, numbers, addresses, labels. Read every file, and replace what is yours, before you share any of it.",
            "Tout le reste y est encore : noms, montants, numéros, adresses, libellés. Lisez chaque fichier, et remplacez ce qui est à vous, avant d'en partager quoi que ce soit.",
        ),
    ));
}

fn renew(catalogue: &Catalogue, folder: &Path) -> Result<(), CliError> {
    let case = Case::read(folder)?;
    let renewed = case.renewed(catalogue.service(&case.connector)?).map_err(|failure| failed(&failure))?;
    Ok(renewed.write(folder)?)
}

/// Plays one, and shows what comes of it; whether nothing differs.
fn tested(setting: &Setting, catalogue: &Catalogue, folder: &Path) -> Result<bool, CliError> {
    let language = setting.language;
    let case = Case::read(folder)?;
    let service = catalogue.service(&case.connector)?;
    let differences = case.play(service).map_err(|failure| failed(&failure))?;
    let (tone, sign) = if differences.is_empty() { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
    let exchanges = language.counted(case.exchanges.len() as u64, ["exchange", "exchanges"], ["échange", "échanges"]);
    let documents = language.documents(case.documents.len() as u64);
    show::line(&format!(
        "{} {}: {}, {exchanges}, {documents}",
        show::paint(tone, sign),
        show::paint(Tone::Strong, &folder.display().to_string()),
        case.connector
    ));
    for said in &differences {
        show::line(&format!("  {}", language.pick(&said.en, &said.fr)));
    }
    let mut is_good = differences.is_empty();
    for (name, bytes) in &case.documents {
        is_good &= read(setting, catalogue, service, name, bytes);
    }
    Ok(is_good)
}

/// Says who reads a document, and how many records and faults come of it.
fn read(setting: &Setting, catalogue: &Catalogue, service: &Service, name: &str, bytes: &[u8]) -> bool {
    let language = setting.language;
    let golden = match golden(catalogue, bytes, name) {
        Ok(golden) => golden,
        Err(error) => {
            show::line(&format!("  {name}: {error}"));
            return false;
        }
    };
    let records = language.counted(golden.records.len() as u64, ["record", "records"], ["donnée", "données"]);
    let faults = language.counted(golden.faults.len() as u64, ["fault", "faults"], ["défaut", "défauts"]);
    show::line(&format!("  {name}: {}, {records}, {faults}", golden.connector));
    for fault in &golden.faults {
        show::line(&format!("    {fault}"));
    }
    let readers = &service.fetch.documents;
    let is_known = readers.is_empty() || readers.contains(&golden.connector);
    if !is_known {
        let readers = readers.join(", ");
        show::line(&language.pick(
            format!("    the service names other readers: {readers}"),
            format!("    le service nomme d'autres lecteurs : {readers}"),
        ));
    }
    is_known && golden.faults.is_empty()
}

/// `<source>-recording`, here.
fn folder_of(source: &str) -> PathBuf {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    PathBuf::from(source.trim_start_matches('.').chars().map(plain).collect::<String>() + "-recording")
}

/// Files of an earlier recording would be taken for this one's.
fn refuse_filled(folder: &Path) -> Result<(), CliError> {
    let is_filled = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    let place = folder.display();
    if !is_filled {
        return Ok(());
    }
    Err(CliError::new(error::USAGE, format!("{place} is not empty"), format!("{place} n'est pas vide"))
        .hint("-o DIR names another folder", "-o DIR désigne un autre dossier"))
}

fn not_fetched(source: &str) -> CliError {
    CliError::new(
        error::CONFIG,
        format!("the source {source} names no connector that says where documents come from"),
        format!("la source {source} ne nomme pas de connecteur qui dise d'où viennent les documents"),
    )
    .hint("`moisson add` lists what can be fetched", "`moisson add` montre ce qui peut être cherché")
}

fn failed(failure: &Failure) -> CliError {
    let code = match failure.class {
        Class::User => error::USER,
        Class::Retry | Class::Quota => error::RETRY,
        Class::Changed => error::DATA,
        Class::Config | Class::Ok | Class::OkEmpty | Class::Partial | Class::Expectation => error::CONFIG,
    };
    CliError::new(code, &failure.message.en, &failure.message.fr)
}

impl From<CaseError> for CliError {
    fn from(error: CaseError) -> Self {
        let en = error.to_string();
        let fr = match &error {
            CaseError::Io { .. } | CaseError::Misread(_) | CaseError::Line { .. } => en.clone(),
            CaseError::Word { path, key, word } => {
                format!("{} : `{word}` n'est pas de ceux que {key} peut avoir", path.display())
            }
        };
        let code = if matches!(error, CaseError::Io { .. }) { error::UNAVAILABLE } else { error::DATA };
        Self::new(code, en, fr)
    }
}
