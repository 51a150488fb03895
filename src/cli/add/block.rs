//! The lines that a source takes in moisson.toml; everything else in the file stays as it is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::config::Setting as Value;

use super::super::Setting;
use super::super::error::{CONFIG, CliError};
use super::Plan;

/// The text with the source at its end.
pub fn append(text: &str, plan: &Plan<'_>) -> String {
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{text}{gap}{}", lines(plan))
}

/// Where the file cannot be extended, what to write into it.
pub fn by_hand(setting: &Setting, plan: &Plan<'_>) -> CliError {
    let (file, lines) = (setting.home.config.display(), lines(plan));
    CliError::new(
        CONFIG,
        format!("{file} is written in a way that a source cannot be added at its end; add it yourself:\n{lines}"),
        format!(
            "{file} est écrit d'une façon qui ne permet pas d'y ajouter une source à la fin ; ajoutez-la :\n{lines}"
        ),
    )
}

/// Replaces the file in one step; where it is a link, what it leads to.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mode = fs::metadata(&path).map_or(0o600, |meta| meta.permissions().mode() & 0o777);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&part)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, &path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

fn lines(plan: &Plan<'_>) -> String {
    let mut lines = vec![
        "[[sources]]".to_owned(),
        format!("id = {}", quoted(&plan.id)),
        format!("connector = {}", quoted(&plan.service.id)),
    ];
    lines.extend(plan.schedule.iter().map(|schedule| format!("schedule = {}", quoted(schedule))));
    if !plan.answers.fields.is_empty() {
        lines.push("[sources.fetch]".to_owned());
    }
    lines.extend(plan.answers.fields.iter().map(|(name, value)| format!("{} = {}", key(name), shown(value))));
    lines.join("\n") + "\n"
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { quoted(name) }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::Texts(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
