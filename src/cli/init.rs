//! `moisson init`: a commented moisson.toml to start from.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

use crate::config::{TEMPLATE, TEMPLATE_FR};

use super::error::{CONFIG, CliError};
use super::{Setting, show};

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let language = setting.language;
    let path = &setting.home.config;
    let shown = path.display();
    if path.exists() {
        return Err(CliError::new(
            CONFIG,
            format!("{shown} is there already; it was left as it is"),
            format!("{shown} existe déjà ; il est resté tel quel"),
        ));
    }
    let cannot = |error: std::io::Error| CliError::unwritable(path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(cannot)?;
    file.write_all(language.pick(TEMPLATE, TEMPLATE_FR).as_bytes()).map_err(cannot)?;
    let program = setting.program();
    show::line(&language.pick(
        format!(
            "Wrote {shown}: everything in it is optional and explained.\n\nNext:\n  \
             1. say in it who lives with you, and which accounts, lines and meters you have\n  \
             2. {program} import FILE…   (bank exports, phone bills, meter curves, address books, calendars)\n  \
             3. {program} status"
        ),
        format!(
            "{shown} est écrit : tout y est facultatif et expliqué.\n\nEnsuite :\n  \
             1. dites-y qui vit avec vous, et quels comptes, lignes et compteurs vous avez\n  \
             2. {program} import FICHIER…   (relevés de banque, factures de téléphone, courbes, carnets, agendas)\n  \
             3. {program} status"
        ),
    ));
    Ok(ExitCode::SUCCESS)
}
