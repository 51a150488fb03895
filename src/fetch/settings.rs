//! What a source says of itself under `[sources.fetch]`, by the names that its service needs.
//!
//! Only what stands in `moisson.toml`: what is secret is asked of the vault.

use crate::config::{Setting, Source};
use crate::connector::Service;
use crate::model::run::{Class, Said};

use super::order::Failure;

/// The text of a field, else what the service takes by default; nothing when both are blank.
pub fn text(source: &Source, service: &Service, name: &str) -> Option<String> {
    let given = source.fetch.get(name).map(|setting| setting.texts().join(","));
    let default = || service.fetch.needs.get(name).and_then(|need| need.default.clone());
    given.or_else(default).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The texts of a field: a list, or one text with commas in between.
pub fn texts(source: &Source, service: &Service, name: &str) -> Vec<String> {
    if let Some(Setting::Texts(texts)) = source.fetch.get(name) {
        return texts.clone();
    }
    let text = text(source, service, name).unwrap_or_default();
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Whether a field says yes: `true`, `yes` or `1`.
pub fn flag(source: &Source, service: &Service, name: &str) -> bool {
    text(source, service, name).is_some_and(|text| matches!(text.to_lowercase().as_str(), "true" | "yes" | "1"))
}

/// The text of a field that must be given.
pub fn needed(source: &Source, service: &Service, name: &str) -> Result<String, Failure> {
    text(source, service, name).ok_or_else(|| {
        let en = format!("`{name}` is missing: set it under [sources.fetch] of the source `{}`", source.id);
        let fr = format!("`{name}` manque : à donner sous [sources.fetch] de la source « {} »", source.id);
        Failure::new(Class::Config, Said::new(en, fr))
    })
}
