//! Where else a secret may be: files, credentials, the environment, what a command prints.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::error::Why;
use super::{Variables, Vault, VaultError, disk};
use crate::config::SecretPlace;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The secret `name` where the settings say it is; `None` when nothing is there.
pub fn find(vault: &Vault, place: &SecretPlace, name: &str) -> Result<Option<SecretString>, VaultError> {
    let variables = vault.variables.as_ref();
    match place {
        SecretPlace::Vault(other) => match vault.find(other)? {
            Some(secret) => Ok(Some(secret)),
            None => Err(VaultError::Missing { name: other.clone() }),
        },
        SecretPlace::File(path) => text_of_file(path).map(Some),
        SecretPlace::Credential(credential) => of_credential(credential, name, variables).map(Some),
        SecretPlace::Env(variable) => of_environment(variable, name, variables).map(Some),
        SecretPlace::Command(words) => of_command(words, name, PATIENCE).map(Some),
    }
}

/// The secret in the file that the variable of its name names, if that is set.
pub fn of_variable(name: &str, variables: Option<&Variables>) -> Result<Option<SecretString>, VaultError> {
    let path = variables.and_then(|variables| variables(&variable_of(name))).filter(|path| !path.is_empty());
    path.map(|path| text_of_file(Path::new(&path))).transpose()
}

/// `joint/token` → `MOISSON_SECRET_JOINT_TOKEN_FILE`
pub fn variable_of(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("MOISSON_SECRET_{}_FILE", name.chars().map(plain).collect::<String>())
}

/// The text of a file that nobody else may read, without its last line break.
pub fn text_of_file(path: &Path) -> Result<SecretString, VaultError> {
    let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let bytes =
        disk::read_private(path)?.ok_or_else(|| VaultError::Unreadable { path: path.to_owned(), source: missing() })?;
    text(&bytes).ok_or_else(|| VaultError::NotText { path: path.to_owned() })
}

/// The path of a systemd credential, whether it is there or not; none when there are none.
pub fn credential(name: &str, variables: &Variables) -> Option<PathBuf> {
    let folder = variables("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty())?;
    // A name is one name: it leads nowhere else.
    (!name.is_empty() && !name.contains('/') && name != "..").then(|| Path::new(&folder).join(name))
}

fn of_credential(credential_name: &str, name: &str, variables: Option<&Variables>) -> Result<SecretString, VaultError> {
    let missing = || VaultError::NoCredential { name: name.to_owned(), credential: credential_name.to_owned() };
    let path = variables.and_then(|variables| credential(credential_name, variables)).ok_or_else(missing)?;
    let bytes = disk::read(&path)?.ok_or_else(missing)?;
    text(&bytes).ok_or(VaultError::NotText { path })
}

fn of_environment(variable: &str, name: &str, variables: Option<&Variables>) -> Result<SecretString, VaultError> {
    let missing = || VaultError::NoVariable { name: name.to_owned(), variable: variable.to_owned() };
    let value = variables.and_then(|variables| variables(variable)).and_then(|value| value.into_string().ok());
    value.filter(|value| !value.is_empty()).map(SecretString::from).ok_or_else(missing)
}

/// What a command prints, without a shell in between, and without its last line break. What it
/// writes elsewhere is thrown away: it may hold the secret.
fn of_command(words: &[String], name: &str, patience: Duration) -> Result<SecretString, VaultError> {
    let program = words.first().cloned().unwrap_or_default();
    let failed = |why| VaultError::Command { name: name.to_owned(), program: program.clone(), why };
    let mut command = Command::new(&program);
    command.args(words.get(1..).unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(Why::NotRun(error.kind())))?;
    let printed = printed(&mut child, patience);
    match printed {
        Some((bytes, status)) if status.success() => text(&bytes).ok_or_else(|| failed(Why::NotText)),
        Some((_, status)) => Err(failed(Why::Failed(status.code().unwrap_or(-1)))),
        None => Err(failed(Why::TooSlow(patience.as_secs()))),
    }
}

/// What a child prints until it ends; `None`, and its end, when it takes too long.
fn printed(child: &mut Child, patience: Duration) -> Option<(Zeroizing<Vec<u8>>, ExitStatus)> {
    let until = Instant::now() + patience;
    let output = child.stdout.take()?;
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = output.take(disk::MOST_BYTES + 1).read_to_end(&mut bytes);
        // Nobody listens any more when it took too long.
        let _ = tell.send(read.map(|_| bytes));
    });
    let bytes = told.recv_timeout(patience).ok().and_then(Result::ok);
    let status = bytes.as_ref().and_then(|_| ended(child, until));
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    bytes.zip(status)
}

/// It has closed its output, so its end is near.
fn ended(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) | Err(_) => return None,
        }
    }
}

fn text(bytes: &[u8]) -> Option<SecretString> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= disk::MOST_BYTES)?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Some(SecretString::from(text.strip_suffix('\r').unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_goes_on_is_ended() {
        let words = ["sleep", "600"].map(str::to_owned);
        let error = of_command(&words, "joint/token", Duration::from_millis(20)).unwrap_err();
        assert!(matches!(error, VaultError::Command { why: Why::TooSlow(_), .. }), "{error}");
    }

    #[test]
    fn names_become_variables() {
        assert_eq!(variable_of("joint/api-key"), "MOISSON_SECRET_JOINT_API_KEY_FILE");
    }
}
