//! `moisson link`: what belongs together, how sure that is, and what a person says of it.

use std::process::ExitCode;

use crate::archive::Entry;
use crate::model::said::{LinkKind, Ruling, Subject, Verdict};
use crate::warehouse::{Reader, literal};

use super::args::{LinkArgs, LinkCommand, LinkListArgs, NamedLinks};
use super::error::{CliError, DATA};
use super::near;
use super::table::Long;
use super::{Setting, facts, show, sql};

/// The mart that has one row a link.
const LINKS: &str = "reconciliations";
/// Links of a list that are shown; the view has them all.
const MOST_SHOWN: usize = 200;

pub fn run(setting: &Setting, arguments: &LinkArgs) -> Result<ExitCode, CliError> {
    match &arguments.command {
        LinkCommand::List(wish) => list(setting, wish),
        LinkCommand::Confirm(links) => rule(setting, links, Ruling::Confirmed),
        LinkCommand::Reject(links) => rule(setting, links, Ruling::Rejected),
        LinkCommand::Forget(links) => rule(setting, links, Ruling::Open),
    }
}

fn list(setting: &Setting, wish: &LinkListArgs) -> Result<ExitCode, CliError> {
    let reader = sql::open(setting)?;
    let has_links = near::has(&reader, &format!("main.{LINKS}"))?;
    let mut answer = reader.ask(&listing(has_links, wish))?;
    let shown = sql::shown_rows(&mut answer, MOST_SHOWN)?;
    show::table(&shown.columns, &shown.rows, Long::Cut);
    let n = shown.rows.len() as u64;
    let counted = setting.language.counted(n, ["link", "links"], ["lien", "liens"]);
    let all = format!("moisson sql \"from {LINKS}\"");
    show::line(&if shown.is_cut {
        setting
            .language
            .pick(format!("(the first {counted}; all: {all})"), format!("({counted}, les premiers ; tous : {all})"))
    } else {
        format!("({counted})")
    });
    Ok(ExitCode::SUCCESS)
}

/// Links as they are listed; without the mart, what was said of links.
fn listing(has_links: bool, wish: &LinkListArgs) -> String {
    let (columns, from) = if has_links {
        ("link_id, kind, state, method, score, reason, left_id, right_id", LINKS)
    } else {
        ("kind, state, left_id, right_id", "staging.verdicts")
    };
    let only = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} = {}", literal(value)));
    let conditions: Vec<String> =
        [only("state", &wish.state), only("kind", &wish.kind)].into_iter().flatten().collect();
    let filter = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
    format!("select {columns} from {from}{filter} order by kind, state, left_id, right_id")
}

fn rule(setting: &Setting, links: &NamedLinks, ruling: Ruling) -> Result<ExitCode, CliError> {
    let reader = sql::open(setting)?;
    let mut said = Vec::new();
    for mut verdict in named(setting, &reader, &links.links)? {
        verdict.state = ruling;
        if standing(&reader, &verdict)? == ruling {
            facts::show_no_change(setting, &verdict.about);
        } else {
            said.push(verdict);
        }
    }
    drop(reader);
    if said.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    facts::say(setting, &said.iter().cloned().map(Entry::Verdict).collect::<Vec<_>>())?;
    for verdict in &said {
        show::line(&told(setting, verdict));
    }
    Ok(ExitCode::SUCCESS)
}

fn told(setting: &Setting, verdict: &Verdict) -> String {
    let (en, fr) = match verdict.state {
        Ruling::Confirmed => ("confirmed", "confirmé"),
        Ruling::Rejected => ("rejected, and not proposed again", "rejeté, et ne sera plus proposé"),
        Ruling::Open => ("no longer said", "ce n'est plus dit"),
    };
    let about = &verdict.about;
    setting.language.pick(format!("{en}: {about}"), format!("{fr} : {about}"))
}

/// The links that are meant: `KIND LEFT RIGHT`, or ids of links.
fn named(setting: &Setting, reader: &Reader, typed: &[String]) -> Result<Vec<Verdict>, CliError> {
    if let [kind, left, right] = typed
        && let Some(kind) = LinkKind::of(kind)
    {
        return Ok(vec![of_rows(setting, reader, kind, left, right)?]);
    }
    typed.iter().map(|id| of_id(setting, reader, id)).collect()
}

/// The link of two rows, whether it is proposed or not.
fn of_rows(setting: &Setting, reader: &Reader, kind: LinkKind, left: &str, right: &str) -> Result<Verdict, CliError> {
    let (on_left, on_right) = match kind {
        LinkKind::Bill => (Subject::Bill, Subject::Transaction),
        LinkKind::Transfer | LinkKind::Refund => (Subject::Transaction, Subject::Transaction),
        LinkKind::Person => return Err(named_by_id_only()),
    };
    let left = facts::find(setting, reader, on_left, left)?;
    let right = facts::find(setting, reader, on_right, right)?;
    let about = format!("{} ↔ {}", left.about, right.about);
    verdict(kind, &left.id, &right.id, about)
}

/// A link that the views propose.
fn of_id(setting: &Setting, reader: &Reader, id: &str) -> Result<Verdict, CliError> {
    let unknown = || {
        CliError::new(DATA, format!("there is no link {id}"), format!("il n'y a pas de lien {id}")).hint(
            "`moisson link list` shows their ids; or name two rows: bill LEFT RIGHT, transfer LEFT RIGHT, refund LEFT RIGHT",
            "`moisson link list` montre leurs identifiants ; ou nommez deux lignes : bill GAUCHE DROITE, transfer GAUCHE DROITE, refund GAUCHE DROITE",
        )
    };
    if !near::has(reader, &format!("main.{LINKS}"))? {
        return Err(unknown());
    }
    let question =
        format!("select kind, left_id, right_id, reason from {LINKS} where link_id::varchar = {} limit 1", literal(id));
    let row = near::rows(reader, &question)?.into_iter().next();
    let Some([kind, left, right, reason]) = row.and_then(|row| <[String; 4]>::try_from(row).ok()) else {
        return Err(unknown());
    };
    match LinkKind::of(&kind).ok_or_else(unknown)? {
        kind @ LinkKind::Person => verdict(kind, &left, &right, reason),
        kind => of_rows(setting, reader, kind, &left, &right),
    }
}

fn verdict(kind: LinkKind, left: &str, right: &str, about: String) -> Result<Verdict, CliError> {
    let id = |text: &str| {
        text.parse::<i64>().map_err(|_| {
            CliError::new(
                DATA,
                format!("{text} is no id of a row"),
                format!("{text} n'est pas l'identifiant d'une ligne"),
            )
        })
    };
    let (left_id, right_id) = (id(left)?, id(right)?);
    Ok(Verdict { kind, left_id, right_id, state: Ruling::Open, about, more: serde_json::Map::new() })
}

/// What was said of a link last.
fn standing(reader: &Reader, verdict: &Verdict) -> Result<Ruling, CliError> {
    let (kind, left, right) = (verdict.kind.code(), verdict.left_id, verdict.right_id);
    let state = near::cell(
        reader,
        &format!(
            "select state from staging.verdicts where kind = '{kind}' and left_id = {left} and right_id = {right}"
        ),
    )?;
    Ok(match state.as_deref() {
        Some("confirmed") => Ruling::Confirmed,
        Some("rejected") => Ruling::Rejected,
        _ => Ruling::Open,
    })
}

fn named_by_id_only() -> CliError {
    CliError::new(
        super::error::USAGE,
        "a link between people is named by its id",
        "un lien entre personnes se nomme par son identifiant",
    )
}
