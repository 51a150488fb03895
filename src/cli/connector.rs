//! `moisson connector list|show`.

use std::process::ExitCode;

use crate::connector::Catalogue;

use super::args::{ConnectorArgs, ConnectorCommand};
use super::error::CliError;
use super::{Setting, show};

pub fn run(setting: &Setting, arguments: &ConnectorArgs) -> Result<ExitCode, CliError> {
    let catalogue = Catalogue::shipped()?.with_folder(&setting.home.connectors)?;
    match &arguments.command {
        ConnectorCommand::List => list(setting, &catalogue),
        ConnectorCommand::Show { id } => show::line(catalogue.find(id)?.text.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(setting: &Setting, catalogue: &Catalogue) {
    let language = setting.language;
    let columns = [
        ("id", false),
        (language.pick("name", "nom"), false),
        (language.pick("gives", "donne"), false),
        (language.pick("where to find it", "où le trouver"), false),
    ];
    let columns = columns.map(|(name, is_figure)| (name.to_owned(), is_figure));
    let rows: Vec<Vec<String>> = catalogue
        .iter()
        .map(|connector| {
            let mut records: Vec<&str> =
                connector.sections.iter().flat_map(|section| section.columns.records()).collect();
            records.sort_unstable();
            records.dedup();
            let help = language.pick(&connector.help.en, &connector.help.fr);
            vec![connector.id.clone(), connector.name.clone(), records.join(", "), help.clone()]
        })
        .collect();
    show::table(&columns, &rows);
}
