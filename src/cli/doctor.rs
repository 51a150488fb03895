//! `moisson doctor`: whether everything is as it should be to run for years, and what is not.
//!
//! It reads, asks nobody on the network, and changes nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::archive;
use crate::config::{self, Config, Source};
use crate::connector::fetch::NeedKind;
use crate::connector::{Catalogue, Service};
use crate::import::SNAPSHOT;
use crate::serve::{control, outlook};
use crate::sync::state_of;
use crate::vault::Vault;

use super::error::{CliError, PARTIAL};
use super::language::Language;
use super::show::Tone;
use super::{Setting, secret, show, sources};

/// Less room than this on the disk is worth saying.
const ROOM: u64 = 1 << 30;

/// How serious a finding is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Good,
    Odd,
    Bad,
}

/// One thing that was looked at.
struct Finding {
    rank: Rank,
    /// English, French.
    what: [String; 2],
}

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let language = setting.language;
    let config = config::read(&setting.home.config)?;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let vault = secret::vault(setting);
    let mut findings = of_home(setting);
    findings.extend(of_daemon(setting, &config));
    tell(language, language.pick("This home", "Ce foyer"), &findings);
    let outlooks = outlook(&setting.home, setting.now)?;
    for source in &config.sources {
        let Some(service) = source.connector.as_deref().and_then(|id| catalogue.service(id).ok()) else { continue };
        let mut of_source = needs(source, service, &vault);
        of_source.extend(outlooks.iter().filter(|known| known.source == source.id).map(|known| course(setting, known)));
        of_source.extend(holes(setting, source));
        tell(language, &source.id, &of_source);
        findings.extend(of_source);
    }
    let is_well = findings.iter().all(|finding| finding.rank != Rank::Bad);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

fn tell(language: Language, heading: &str, findings: &[Finding]) {
    show::heading(heading);
    for Finding { rank, what: [en, fr] } in findings {
        let (tone, sign) = match rank {
            Rank::Good => (Tone::Good, "✓"),
            Rank::Odd => (Tone::Odd, "!"),
            Rank::Bad => (Tone::Bad, "✗"),
        };
        show::line(&format!("{} {}", show::paint(tone, sign), language.pick(en, fr)));
    }
}

fn finding(rank: Rank, en: impl Into<String>, fr: impl Into<String>) -> Finding {
    Finding { rank, what: [en.into(), fr.into()] }
}

fn of_home(setting: &Setting) -> Vec<Finding> {
    let data = &setting.home.data;
    let shown = data.display();
    if !data.is_dir() {
        return vec![finding(
            Rank::Odd,
            format!("nothing is kept in {shown} yet"),
            format!("rien n'est encore gardé dans {shown}"),
        )];
    }
    let mut findings = vec![privacy(data), room(data)];
    findings.push(match archive::open(data).map(|archive| archive.journal.torn().is_some()) {
        Ok(false) => finding(Rank::Good, "the journal is whole", "le journal est entier"),
        Ok(true) => finding(
            Rank::Odd,
            "the journal ends with a line that was cut: import again what was being imported then",
            "le journal finit par une ligne coupée : réimportez ce qui l'était alors",
        ),
        Err(error) => finding(Rank::Bad, format!("{error}: `moisson verify`"), format!("{error} : `moisson verify`")),
    });
    findings.push(clock(setting));
    if !data.join(SNAPSHOT).exists() {
        findings.push(finding(Rank::Odd, "no views are published yet", "aucune vue n'est encore publiée"));
    }
    findings
}

fn privacy(data: &Path) -> Finding {
    let mode = std::fs::metadata(data).map_or(0, |data| data.permissions().mode() & 0o077);
    let shown = data.display();
    match mode {
        0 => finding(Rank::Good, format!("{shown} is open to you alone"), format!("{shown} n'est ouvert qu'à vous")),
        _ => finding(
            Rank::Bad,
            format!("others can look into {shown}: chmod 700 {shown}"),
            format!("d'autres peuvent regarder dans {shown} : chmod 700 {shown}"),
        ),
    }
}

fn room(data: &Path) -> Finding {
    let Ok(disk) = rustix::fs::statvfs(data) else {
        return finding(Rank::Odd, "the disk does not say how full it is", "le disque ne dit pas s'il est plein");
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let shown = free >> 20;
    let rank = if free < ROOM { Rank::Bad } else { Rank::Good };
    finding(rank, format!("{shown} MiB are free on its disk"), format!("{shown} Mio sont libres sur son disque"))
}

/// A clock that stood later before makes slots and documents come in a wrong order.
fn clock(setting: &Setting) -> Finding {
    let last = last_line(&setting.home.data);
    match last.filter(|last| *last > setting.now) {
        Some(last) => finding(
            Rank::Bad,
            format!("the clock says {}, but something ran at {last}: set it right", setting.now),
            format!("l'horloge dit {}, mais quelque chose a tourné à {last} : mettez-la à l'heure", setting.now),
        ),
        None => finding(Rank::Good, "the clock goes forward", "l'horloge avance"),
    }
}

fn last_line(data: &Path) -> Option<Timestamp> {
    archive::logged(data, archive::LogOf::Runs).ok()??.filter_map(Result::ok).map(|line| line.at).last()
}

fn of_daemon(setting: &Setting, config: &Config) -> Option<Finding> {
    let is_scheduled = config.sources.iter().any(|source| source.schedule.is_some() || !source.after.is_empty());
    match control::connect(&setting.home.data) {
        Some(_) => Some(finding(Rank::Good, "the daemon runs", "le service tourne")),
        None if is_scheduled => Some(finding(
            Rank::Bad,
            "nobody keeps the schedules: start `moisson serve`, by systemd for instance",
            "personne ne tient les horaires : lancez `moisson serve`, par systemd par exemple",
        )),
        None => None,
    }
}

/// What the connector asks for and moisson.toml or the vault does not have.
fn needs(source: &Source, service: &Service, vault: &Vault) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, need) in &service.fetch.needs {
        let is_given = match need.kind {
            NeedKind::Code => continue,
            NeedKind::Secret => vault.secret_of(source, name).is_ok(),
            _ => source.fetch.contains_key(name) || need.default.is_some(),
        };
        if is_given || need.optional {
            continue;
        }
        let id = &source.id;
        findings.push(match need.kind {
            NeedKind::Secret => finding(
                Rank::Bad,
                format!("{} is missing: moisson secret set {id}/{name}", need.label.en),
                format!("il manque {} : moisson secret set {id}/{name}", need.label.fr),
            ),
            _ => finding(
                Rank::Bad,
                format!("{} is missing: write {name} under [sources.fetch]", need.label.en),
                format!("il manque {} : écrivez {name} sous [sources.fetch]", need.label.fr),
            ),
        });
    }
    if findings.is_empty() {
        findings.push(finding(Rank::Good, "everything that it asks for is there", "tout ce qu'elle demande est là"));
    }
    findings
}

/// How its runs went, and what to do.
fn course(setting: &Setting, known: &crate::serve::Outlook) -> Finding {
    let say = |language: Language| {
        let last = known.last.as_ref().map_or_else(
            || language.pick("never fetched yet", "jamais cherchée encore").to_owned(),
            |run| format!("{} ({})", sources::outcome(language, run), sources::moment(language, run.ended_at)),
        );
        let next = known.next_at.map(|at| {
            let at = sources::moment(language, at);
            language.pick(format!("; next at {at}"), format!(" ; prochaine fois {at}"))
        });
        let to_do = sources::to_do(language, known, setting.now);
        let to_do = if to_do.is_empty() { String::new() } else { format!(" → {to_do}") };
        format!("{last}{}{to_do}", next.unwrap_or_default())
    };
    let rank = match &known.last {
        Some(run) if !run.outcome.goes_on() => Rank::Bad,
        Some(run) if !run.outcome.is_good() => Rank::Odd,
        None => Rank::Odd,
        Some(_) if known.hold.is_some() => Rank::Odd,
        Some(_) => Rank::Good,
    };
    finding(rank, say(Language::En), say(Language::Fr))
}

/// Days between the first and the last that came, and that did not come.
fn holes(setting: &Setting, source: &Source) -> Option<Finding> {
    let state = state_of(&setting.home.data, &source.id);
    let missing = state.covered.values().flat_map(|days| days.windows(2)).map(|pair| (pair[0].to, pair[1].from));
    let gaps: Vec<(Date, Date)> = missing.collect();
    let n: i64 =
        gaps.iter().map(|(last, next)| i64::from(last.until(*next).map_or(0, |span| span.get_days())) - 1).sum();
    let (first, _) = gaps.first()?;
    Some(finding(
        Rank::Odd,
        format!("{n} days are missing, the first after {first}; they are asked for again at each run"),
        format!("il manque {n} jours, le premier après le {first} ; ils sont redemandés à chaque fois"),
    ))
}
