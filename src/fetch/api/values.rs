//! What placeholders stand for, and how they are put into a text without breaking it. Pure.

use std::collections::BTreeMap;
use std::fmt;

use crate::connector::fetch::text::{Piece, pieces};

/// What a name stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub is_secret: bool,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_secret { "(secret)" } else { &self.text })
    }
}

impl Value {
    pub fn open(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_secret: false }
    }

    pub fn secret(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_secret: true }
    }
}

/// The names that are known at some place. A name that is not there has no value.
pub type Values = BTreeMap<String, Value>;

/// Where a value is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As it stands: what follows takes care of it.
    None,
    /// One step of a path: everything but RFC 3986's unreserved characters is percent-encoded.
    Path,
    /// Inside a JSON text, without its quotation marks.
    Json,
    /// Inside XML text or an attribute.
    Xml,
    /// Part of the name of a file.
    FileName,
}

/// A text with its placeholders put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    /// The same for people: secrets are `***`.
    pub shown: String,
    /// Whether a secret is in it.
    pub is_secret: bool,
    /// Whether a name in it has no value; it became nothing.
    pub lacks: bool,
}

/// Puts values into a text.
pub fn fill(template: &str, values: &Values, escape: Escape) -> Filled {
    let mut filled = Filled { text: String::new(), shown: String::new(), is_secret: false, lacks: false };
    for piece in pieces(template) {
        match piece {
            Piece::Plain(plain) => filled.push(plain, plain),
            Piece::Name(name) => match values.get(name) {
                Some(value) if value.is_secret => {
                    filled.push(&escaped(&value.text, escape), "***");
                    filled.is_secret = true;
                }
                Some(value) => {
                    let text = escaped(&value.text, escape);
                    filled.push(&text, &text);
                }
                None => filled.lacks = true,
            },
        }
    }
    filled
}

impl Filled {
    fn push(&mut self, text: &str, shown: &str) {
        self.text.push_str(text);
        self.shown.push_str(shown);
    }
}

fn escaped(text: &str, escape: Escape) -> String {
    match escape {
        Escape::None => text.to_owned(),
        Escape::Path => percent_encoded(text),
        Escape::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Escape::Xml => quick_xml::escape::escape(text).into_owned(),
        Escape::FileName => text.chars().map(file_safe).collect(),
    }
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn file_safe(c: char) -> char {
    if c.is_alphanumeric() || "-_.@+".contains(c) { c } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let texts = [("day", "2026-03-01"), ("odd", "a/b?c=\"d\"&<é")];
        let open = texts.into_iter().map(|(name, text)| (name.to_owned(), Value::open(text)));
        open.chain([("key".to_owned(), Value::secret("s3cret"))]).collect()
    }

    #[test]
    fn each_place_has_its_own_escape() {
        let put = |escape| fill("{odd}", &values(), escape).text;
        assert_eq!(put(Escape::Path), "a%2Fb%3Fc%3D%22d%22%26%3C%C3%A9");
        assert_eq!(put(Escape::Json), "a/b?c=\\\"d\\\"&<é");
        assert_eq!(put(Escape::Xml), "a/b?c=&quot;d&quot;&amp;&lt;é");
        assert_eq!(put(Escape::FileName), "a_b_c__d___é");
        assert_eq!(put(Escape::None), "a/b?c=\"d\"&<é");
    }

    #[test]
    fn a_secret_is_sent_and_never_shown() {
        let filled = fill("k={key}&d={day}&x={none}", &values(), Escape::None);
        assert_eq!(filled.text, "k=s3cret&d=2026-03-01&x=");
        assert_eq!(filled.shown, "k=***&d=2026-03-01&x=");
        assert!(filled.is_secret && filled.lacks);
        assert_eq!(format!("{:?}", values()["key"]), "(secret)");
    }
}
