//! English or French, as a browser asks for it.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::model::run::Said;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    En,
    Fr,
}

impl Language {
    /// The one of both that is preferred (RFC 9110 §12.5.4); English when neither is named.
    pub fn of(headers: &HeaderMap) -> Self {
        let wish = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |language: &str| {
            let fitting = wish.split(',').filter(|item| item.trim().to_ascii_lowercase().starts_with(language));
            fitting.map(quality).fold(0.0, f32::max)
        };
        if weight("fr") > weight("en") { Self::Fr } else { Self::En }
    }

    /// As documents name it.
    pub fn code(self) -> &'static str {
        self.pick("en", "fr")
    }

    /// The words in this language.
    pub fn pick<T>(self, en: T, fr: T) -> T {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }

    pub fn said(self, said: &Said) -> &str {
        self.pick(&said.en, &said.fr)
    }
}

/// `fr-FR;q=0.8` → 0.8
fn quality(item: &str) -> f32 {
    let weight = item.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
    weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_spoken() {
        for (wish, expected) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Language::Fr),
            ("en-GB,en;q=0.9,fr;q=0.8", Language::En),
            ("de, fr;q=0.3", Language::Fr),
            ("fr;q=0, en;q=0.1", Language::En),
            ("de", Language::En),
            ("", Language::En),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, wish.parse().unwrap())]);
            assert_eq!(Language::of(&headers), expected, "{wish}");
        }
    }
}
