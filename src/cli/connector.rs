//! `moisson connector list|show`; `record` and `test` are next door.

use std::process::ExitCode;

use crate::connector::{Catalogue, Connector};

use super::args::{ConnectorArgs, ConnectorCommand};
use super::error::CliError;
use super::table::{Column, Long, draw};
use super::{Setting, record, show, words};

/// Width of the list where there is no terminal to fit.
const WIDTH: usize = 110;

pub fn run(setting: &Setting, arguments: &ConnectorArgs) -> Result<ExitCode, CliError> {
    let catalogue = || Ok::<_, CliError>(Catalogue::shipped()?.with_folder(&setting.home.connectors)?);
    match &arguments.command {
        ConnectorCommand::List => list(setting, &catalogue()?),
        ConnectorCommand::Show { id } => show::line(catalogue()?.find(id)?.text.trim_end()),
        ConnectorCommand::Record(wish) => return record::run(setting, wish),
        ConnectorCommand::Test(wish) => return record::test(setting, wish),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(setting: &Setting, catalogue: &Catalogue) {
    let language = setting.language;
    let columns = [
        Column::text("id"),
        Column::text(language.pick("name", "nom")),
        Column::text(language.pick("gives", "donne")),
        Column::text(language.pick("where to find the document", "où trouver le document")),
    ];
    let rows: Vec<Vec<String>> = catalogue.iter().map(|connector| row(setting, connector)).collect();
    show::line(&draw(&columns, &rows, Some(show::width().unwrap_or(WIDTH).max(60)), Long::Wrap));
    let n = language.counted(rows.len() as u64, ["connector", "connectors"], ["connecteur", "connecteurs"]);
    let folder = setting.home.connectors.display();
    show::line(&language.pick(
        format!("\n{n}; your own go into {folder}/<family>/<id>.toml and win over these"),
        format!("\n{n} ; les vôtres vont dans {folder}/<famille>/<id>.toml et passent avant ceux-ci"),
    ));
}

fn row(setting: &Setting, connector: &Connector) -> Vec<String> {
    let language = setting.language;
    let mut records: Vec<&str> = connector.sections.iter().flat_map(|section| section.columns.records()).collect();
    records.sort_unstable();
    records.dedup();
    let records: Vec<String> = records.into_iter().map(|table| words::of_table(language, table)).collect();
    let help = language.pick(&connector.help.en, &connector.help.fr);
    vec![connector.id.clone(), connector.name.clone(), records.join(", "), help.clone()]
}
