//! `moisson init`: a commented moisson.toml to start from.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

use crate::config::{TEMPLATE, TEMPLATE_FR};

use super::error::{CONFIG, CliError, UNAVAILABLE};
use super::{Setting, show};

pub fn run(setting: &Setting) -> Result<ExitCode, CliError> {
    let path = &setting.home.config;
    let cannot =
        |error: std::io::Error| CliError::new(UNAVAILABLE, format!("cannot write {}: {error}", path.display()));
    if path.exists() {
        return Err(CliError::new(CONFIG, format!("{} is there already; it was left as it is", path.display())));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(cannot)?;
    std::io::Write::write_all(&mut file, setting.language.pick(TEMPLATE, TEMPLATE_FR).as_bytes()).map_err(cannot)?;
    show::line(&path.display().to_string());
    show::line(setting.language.pick(
        "Next: say who you are in it, then  moisson import FILE…",
        "Ensuite : dites-y qui vous êtes, puis  moisson import FICHIER…",
    ));
    Ok(ExitCode::SUCCESS)
}
