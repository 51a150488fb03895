//! Secrets that were written into `moisson.toml` by mistake: refused, and never shown again.
//!
//! An error shows the line that it is about, and that line may hold what somebody took for the
//! right place of a password. So excerpts are made of a copy of the text without such values.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Words of keys whose value nobody should see.
const WORDS: [&str; 9] =
    ["secret", "secrets", "token", "password", "passphrase", "passwd", "pin", "credential", "credentials"];

/// A secret that stands where only its place may be named.
pub struct Misplaced {
    /// Bytes of the value.
    pub span: Range<usize>,
    pub message: String,
    pub hint: String,
}

/// The first value under `[[sources]]` that is a secret by the name of its key, and no place.
pub fn misplaced(table: &DeTable<'_>) -> Option<Misplaced> {
    let sources = table.get("sources")?.get_ref();
    let DeValue::Array(sources) = sources else { return None };
    sources.iter().find_map(|source| match source.get_ref() {
        DeValue::Table(source) => in_source(source),
        _ => None,
    })
}

/// The text without the values that may be secrets: as many lines, and keys where they were.
pub fn conceal(text: &str) -> String {
    let (mut is_secret_table, mut is_secret_value) = (false, false);
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if let Some(name) = header(line) {
            is_secret_table = name.split('.').any(is_secret);
            is_secret_value = false;
        } else if let Some(key) = key(line) {
            is_secret_value = is_secret_table || key.split('.').any(is_secret);
        }
        lines.push(if is_secret_value { concealed(line) } else { line.to_owned() });
    }
    lines.join("\n")
}

fn in_source(source: &DeTable<'_>) -> Option<Misplaced> {
    let id = match source.get("id").map(Spanned::get_ref) {
        Some(DeValue::String(id)) => id.to_string(),
        _ => "SOURCE".to_owned(),
    };
    source.iter().find_map(|(key, value)| match (key.get_ref().as_ref(), value.get_ref()) {
        ("secrets", DeValue::Table(secrets)) => {
            let found = secrets.iter().find(|(_, place)| !matches!(place.get_ref(), DeValue::Table(_)));
            found.map(|(field, value)| refused(&id, field, value))
        }
        (name, DeValue::String(_)) if is_secret(name) => Some(refused(&id, key, value)),
        _ => None,
    })
}

fn refused(id: &str, field: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Misplaced {
    let field = match field.get_ref().as_ref() {
        "secrets" => "FIELD",
        field => field,
    };
    Misplaced {
        span: value.span(),
        message: "a secret must not stand in moisson.toml".to_owned(),
        hint: format!(
            "run `moisson secret set {id}/{field}` and take this line out; or say where the secret is, under \
             [sources.secrets]: `{field} = {{ file = \"…\" }}` (or vault, credential, env, command)"
        ),
    }
}

/// Whether a key is called after something secret: `api_token`, `key`, `private_key`.
fn is_secret(key: &str) -> bool {
    let key = key.trim().trim_matches(['"', '\'']).to_lowercase();
    key == "key" || key.ends_with("_key") || key.split(['_', '-']).any(|word| WORDS.contains(&word))
}

/// `sources.secrets` of `[sources.secrets]`.
fn header(line: &str) -> Option<&str> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.chars().all(|c| c.is_alphanumeric() || "_-.\"' ".contains(c)).then_some(name)
}

/// The key of a line that begins with one, even where the rest of it is broken.
fn key(line: &str) -> Option<&str> {
    let before = line.split('=').next().unwrap_or_default().trim();
    let is_key = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c));
    if line.contains('=') && is_key(before) {
        return Some(before);
    }
    line.split_whitespace().next().map(|word| word.trim_end_matches(':')).filter(|word| is_key(word) && is_secret(word))
}

fn concealed(line: &str) -> String {
    let end = match key(line) {
        Some(key) => line.find(key).map_or(0, |at| at + key.len()),
        None => return "…".to_owned(),
    };
    let (key, rest) = line.split_at(end);
    let sign: String = rest.chars().take_while(|c| " \t=:".contains(*c)).collect();
    format!("{key}{sign}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_may_be_secret_are_hidden() {
        let text = "[[sources]]\nid = \"joint\" # mine\napi-token = \"canary\"\nfiles = \"x.csv\"\npassword canary\n\
                    [sources.secrets]\na = '''\ncanary\nb = canary\n'''\nc = { value = \"canary\" }\n\
                    [network]\nhome_hosts = [\"nas\"]";
        let shown = conceal(text);
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(shown.lines().count(), text.lines().count());
        for kept in ["id = \"joint\" # mine", "api-token = …", "files = \"x.csv\"", "home_hosts = [\"nas\"]"] {
            assert!(shown.lines().any(|line| line == kept), "{kept}\n{shown}");
        }
    }
}
