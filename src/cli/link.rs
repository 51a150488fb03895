//! `moisson link`: what belongs together, how sure that is, and what a person says of it.

use std::process::ExitCode;

use crate::archive::Entry;
use crate::model::said::{LinkKind, Ruling, Subject, Verdict};
use crate::warehouse::{Reader, literal};

use super::args::{LinkArgs, LinkCommand, LinkListArgs, NamedLinks};
use super::error::{CliError, DATA};
use super::language::Language;
use super::near::{self, Named};
use super::table::Long;
use super::{Setting, facts, show, sql};

/// Where links stand: between bills and movements, between the identities of people.
const LINKS: &str = "reconciliations";
const PEOPLE: &str = "intermediate.person_links";
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
    let mut answer = reader.ask(&listing(&reader, setting.language, wish)?)?;
    let shown = sql::shown_rows(&mut answer, MOST_SHOWN)?;
    show::table(&shown.columns, &shown.rows, Long::Cut);
    let n = shown.rows.len() as u64;
    let counted = setting.language.counted(n, ["link", "links"], ["lien", "liens"]);
    let all = format!("moisson sql \"from {LINKS}\"");
    show::line(&if shown.is_cut {
        setting.language.pick(
            format!("(the first {counted}; --state and --kind choose among them, {all} has all of bills and movements)"),
            format!("({counted}, les premiers ; --state et --kind y choisissent, {all} a tous ceux des factures et mouvements)"),
        )
    } else {
        format!("({counted})")
    });
    Ok(ExitCode::SUCCESS)
}

/// Links as they are listed, those first that wait for a word.
fn listing(reader: &Reader, language: Language, wish: &LinkListArgs) -> Result<String, CliError> {
    let only = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} = {}", literal(value)));
    let conditions: Vec<String> =
        [only("state", &wish.state), only("kind", &wish.kind)].into_iter().flatten().collect();
    let filter = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
    Ok(format!(
        "select link_id, kind, state, score, method, left_words as \"left\", right_words as \"right\", reason
         from ({}) where {filter}
         order by state <> 'suggested', kind, score desc, link_id",
        everything(reader, language)?
    ))
}

/// All links that the views have, and what was said of others.
fn everything(reader: &Reader, language: Language) -> Result<String, CliError> {
    let mut links = Vec::new();
    if near::has(reader, &format!("main.{LINKS}"))? {
        let reason = language.pick("reason", "reason_fr");
        links.push(format!(
            "select link_id::varchar as link_id, kind, state, score::varchar as score, method, left_words, right_words,
                 left_id, right_id, {reason} as reason from {LINKS}"
        ));
    }
    if near::has(reader, PEOPLE)? {
        links.push(format!(
            "select link_id::varchar as link_id, 'person' as kind, state, score::varchar as score, method,
                 left_name as left_words, right_name as right_words, left_id, right_id, reason from {PEOPLE}"
        ));
    }
    let known = links.join(" union all ");
    let (from, but) = if known.is_empty() {
        ("", "")
    } else {
        (" union all ", " where (kind, left_id, right_id) not in (select (kind, left_id, right_id) from known)")
    };
    let with = if known.is_empty() { String::new() } else { format!("with known as ({known}) from known{from}") };
    Ok(format!(
        "{with}select '' as link_id, kind, state, '' as score, '' as method, about as left_words, '' as right_words,
             left_id, right_id, '' as reason from staging.verdicts{but}"
    ))
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
    let (left, right) = match kind {
        LinkKind::Bill => (
            facts::find(setting, reader, Subject::Bill, left)?,
            facts::find(setting, reader, Subject::Transaction, right)?,
        ),
        LinkKind::Transfer | LinkKind::Refund => (
            facts::find(setting, reader, Subject::Transaction, left)?,
            facts::find(setting, reader, Subject::Transaction, right)?,
        ),
        LinkKind::Person => (identity(reader, left)?, identity(reader, right)?),
    };
    let about = format!("{} ↔ {}", left.about, right.about);
    verdict(kind, &left.id, &right.id, about)
}

/// An identity of a person: by its own id, or the first one of a person.
fn identity(reader: &Reader, typed: &str) -> Result<Named, CliError> {
    let id = literal(typed);
    let question = format!(
        "select identity_id, name || ' (' || identity || ')' from intermediate.identities
         where identity_id::varchar = {id} or own_id = {id} or person_id = {id}
         order by identity_id::varchar = {id} desc, own_id = {id} desc, identity limit 1"
    );
    let found = near::named(reader, &question)?.pop();
    found.map_or_else(|| Err(facts::unknown(reader, Subject::Person, typed)?), Ok)
}

/// A link that the views have.
fn of_id(setting: &Setting, reader: &Reader, id: &str) -> Result<Verdict, CliError> {
    let all = everything(reader, setting.language)?;
    let question = format!("select kind, left_id, right_id from ({all}) where link_id = {} limit 1", literal(id));
    let row = near::rows(reader, &question)?.into_iter().next();
    let found = row.and_then(|row| <[String; 3]>::try_from(row).ok());
    match found.and_then(|[kind, left, right]| Some((LinkKind::of(&kind)?, left, right))) {
        Some((kind, left, right)) => of_rows(setting, reader, kind, &left, &right),
        None => Err(unknown(id)),
    }
}

fn unknown(id: &str) -> CliError {
    CliError::new(DATA, format!("there is no link {id}"), format!("il n'y a pas de lien {id}")).hint(
        "`moisson link list` shows their ids; or name two rows: bill LEFT RIGHT, transfer LEFT RIGHT, refund LEFT RIGHT, person LEFT RIGHT",
        "`moisson link list` montre leurs identifiants ; ou nommez deux lignes : bill GAUCHE DROITE, transfer GAUCHE DROITE, refund GAUCHE DROITE, person GAUCHE DROITE",
    )
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
