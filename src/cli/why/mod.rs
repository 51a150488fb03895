//! `moisson why`: where a row of a view comes from, what it rests on, and how it changed, in words.
//!
//! It asks the published views and the archive, and writes nothing. What it does not know of a
//! view (columns that are not there yet, links that nobody makes) it leaves out.

mod changes;
mod links;
mod marts;
mod origin;
mod parts;
mod reasons;
mod said;

use std::process::ExitCode;

use crate::archive::{self, Archive};
use crate::connector::Catalogue;
use crate::warehouse::{Reader, literal};

use super::args::WhyArgs;
use super::error::{CliError, DATA};
use super::language::Language;
use super::{Setting, near, show, sql, table, views};
use marts::Mart;

/// A row that is asked about.
struct Asked<'a> {
    language: Language,
    reader: &'a Reader,
    archive: &'a Archive,
    catalogue: &'a Catalogue,
    view: String,
    mart: Option<&'static Mart>,
    /// `with this as (…)`: the row alone.
    this: String,
}

pub fn run(setting: &Setting, arguments: &WhyArgs) -> Result<ExitCode, CliError> {
    let reader = sql::open(setting)?;
    let archive = archive::open(&setting.home.data)?;
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    let (view, id) = place(&reader, &arguments.view, &arguments.id)?;
    let mart = marts::find(&view);
    let this = this(&view, &key(&reader, &view, mart)?, &id);
    let asked = Asked {
        language: setting.language,
        reader: &reader,
        archive: &archive,
        catalogue: &catalogue,
        view,
        mart,
        this,
    };
    show::line(&show::paint(show::Tone::Strong, &asked.words()?));
    let chapters = [
        (("Read from", "Lu dans"), origin::tell(&asked)?),
        (("What it rests on", "Ce sur quoi cela repose"), reasons::tell(&asked)?),
        (("Links", "Liens"), links::tell(&asked)?),
        (("Changes", "Changements"), changes::tell(&asked)?),
        (("What you said", "Ce que vous avez dit"), said::tell(&asked)?),
        (("Made of, or beside it", "Fait de, ou à côté"), parts::tell(&asked)?),
    ];
    for ((en, fr), lines) in chapters.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        show::heading(setting.language.pick(en, fr));
        for line in &lines {
            show::line(&format!("  {line}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Asked<'_> {
    /// Rows of a question about `this`; nulls are empty texts.
    fn ask(&self, question: &str) -> Result<Vec<Vec<String>>, CliError> {
        Ok(near::rows(self.reader, &format!("{} {question}", self.this))?)
    }

    /// The first row of a question about `this`, when it has as many cells.
    fn ask_row<const N: usize>(&self, question: &str) -> Result<Option<[String; N]>, CliError> {
        Ok(self.ask(question)?.into_iter().next().and_then(|row| row.try_into().ok()))
    }

    /// The first cell of a question about `this`; nothing when it is null.
    fn ask_cell(&self, question: &str) -> Result<Option<String>, CliError> {
        Ok(self.ask_row::<1>(question)?.map(|[cell]| cell).filter(|cell| !cell.is_empty()))
    }

    /// The words in the language of the answer.
    fn pick<T>(&self, en: T, fr: T) -> T {
        self.language.pick(en, fr)
    }

    /// `2026-03-05` of a date or an instant, as the language writes it.
    fn day(&self, text: &str) -> String {
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.map_or_else(|| text.to_owned(), |day| self.language.date(day))
    }

    /// The row in words.
    fn words(&self) -> Result<String, CliError> {
        let words = if let Some(mart) = self.mart {
            mart.words.to_owned()
        } else {
            let columns = near::columns(self.reader, &format!("main.{}", self.view))?;
            columns.iter().take(5).map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
        };
        let words = self.ask_cell(&format!("select concat_ws(', ', {words}) from this"))?.unwrap_or_default();
        Ok(format!("{}{}{}", self.view, self.pick(": ", " : "), table::one_line(&words)))
    }
}

/// The question that `this` is.
fn this(view: &str, key: &str, id: &str) -> String {
    format!("with this as (select * from \"{view}\" where ({key})::varchar = {} limit 1)", literal(id))
}

/// The SQL of the id of a view's rows.
fn key(reader: &Reader, view: &str, mart: Option<&Mart>) -> Result<String, CliError> {
    let columns = near::columns(reader, &format!("main.{view}"))?;
    let first = columns.first().map_or("''".to_owned(), |first| format!("\"{first}\""));
    Ok(mart.map_or(first, |mart| mart.id.to_owned()))
}

/// The view and the id under which the row stands: a happening is looked up in the view of its
/// kind, a hidden movement among the hidden ones, an id of before under that of now.
fn place(reader: &Reader, view: &str, id: &str) -> Result<(String, String), CliError> {
    if !near::has(reader, &format!("main.{view}"))? {
        return Err(no_view(reader, view)?);
    }
    let is_there = |view: &str, id: &str| -> Result<bool, CliError> {
        let key = key(reader, view, marts::find(view))?;
        Ok(!near::rows(reader, &format!("{} select 1 from this", this(view, &key, id)))?.is_empty())
    };
    let mut views = vec![view.to_owned()];
    views.extend(also(reader, view, id)?);
    let ids: Vec<String> = [id.to_owned()].into_iter().chain(known_now(reader, view, id)?).collect();
    for id in &ids {
        for view in views.iter().rev() {
            if is_there(view, id)? {
                return Ok((view.clone(), id.clone()));
            }
        }
    }
    Err(no_row(reader, view, id)?)
}

/// A view that tells more of the row than the one that was named.
fn also(reader: &Reader, view: &str, id: &str) -> Result<Option<String>, CliError> {
    if view == "transactions" {
        return Ok(near::has(reader, "main.hidden")?.then(|| "hidden".to_owned()));
    }
    if view != "timeline" {
        return Ok(None);
    }
    let kind = near::cell(reader, &format!("select kind from timeline where id::varchar = {}", literal(id)))?;
    Ok(kind.and_then(|kind| match kind.as_str() {
        "call" | "message" | "data" => Some("calls".to_owned()),
        "transaction" => Some("transactions".to_owned()),
        "bill" => Some("bills".to_owned()),
        "event" => Some("agenda".to_owned()),
        "post" => Some("posts".to_owned()),
        _ => None,
    }))
}

/// The id under which a row that had another one is known now.
fn known_now(reader: &Reader, view: &str, id: &str) -> Result<Option<String>, CliError> {
    let Some((table, _)) = marts::find(view).and_then(|mart| mart.landing) else { return Ok(None) };
    let (table, id) = (literal(table), literal(id));
    let question =
        format!("select min(id) from landing.aliases where table_name = {table} and alias = try_cast({id} as bigint)");
    Ok(near::cell(reader, &question)?)
}

fn no_view(reader: &Reader, view: &str) -> Result<CliError, CliError> {
    let names = views::names(reader)?.join(", ");
    Ok(CliError::new(DATA, format!("there is no view {view}"), format!("il n'y a pas de vue {view}"))
        .hint(format!("the views are {names}"), format!("les vues sont {names}")))
}

fn no_row(reader: &Reader, view: &str, id: &str) -> Result<CliError, CliError> {
    let key = key(reader, view, marts::find(view))?;
    let example = near::cell(reader, &format!("select ({key})::varchar from \"{view}\" limit 1"))?;
    let error = CliError::new(
        DATA,
        format!("no row of {view} has the id {id}"),
        format!("aucune ligne de {view} n'a l'identifiant {id}"),
    );
    Ok(match example {
        Some(example) => error.hint(
            format!("its ids are {key}, for instance {example}"),
            format!("ses identifiants sont {key}, par exemple {example}"),
        ),
        None => error,
    })
}
