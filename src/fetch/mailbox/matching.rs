//! Which messages and files a source wants.

use std::path::Path;

use crate::config::{Source, glob};
use crate::connector::Service;
use crate::fetch::order::Failure;
use crate::fetch::settings;

/// Patterns with `*` and `?`, whatever the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// Addresses: `billing@example.org`, `*@example.org`, or `example.org` for all of a domain.
    pub senders: Vec<String>,
    /// Of the subject; any when there is none.
    pub subjects: Vec<String>,
    /// Names of the attachments; any when there is none.
    pub files: Vec<String>,
}

impl Matching {
    /// What a source wants; at least a sender, as anybody can write to a mailbox.
    pub fn of(source: &Source, service: &Service) -> Result<Self, Failure> {
        settings::needed(source, service, "senders")?;
        let texts = |name| settings::texts(source, service, name);
        Ok(Self { senders: texts("senders"), subjects: texts("subject"), files: texts("files") })
    }

    /// Whether a message counts, by one of the addresses that it is from and its subject.
    pub fn takes(&self, senders: &[String], subject: &str) -> bool {
        let is_wanted = |sender: &String| self.senders.iter().any(|pattern| is_sender(pattern, sender));
        senders.iter().any(is_wanted)
            && (self.subjects.is_empty() || self.subjects.iter().any(|one| fits(one, subject)))
    }

    /// Whether a file counts, by its name.
    pub fn takes_file(&self, name: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|one| fits(one, name))
    }
}

fn is_sender(pattern: &str, sender: &str) -> bool {
    if pattern.contains('@') { fits(pattern, sender) } else { fits(&format!("*@{pattern}"), sender) }
}

/// Patterns of files stop at a slash, which means nothing here.
fn fits(pattern: &str, text: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace('/', "\u{2215}");
    glob::names(&plain(pattern), Path::new(&plain(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_and_subjects_are_patterns() {
        for (pattern, sender, is_wanted) in [
            ("billing@example.org", "Billing@Example.org", true),
            ("*@example.org", "billing@example.org", true),
            ("*@example.org", "billing@example.org.example.net", false),
            ("example.org", "billing@example.org", true),
            ("bills.example.org", "billing@mybills.example.org", false),
            ("*.example.org", "billing@bills.example.org", true),
        ] {
            assert_eq!(is_sender(pattern, sender), is_wanted, "{pattern} {sender}");
        }
        assert!(fits("*facture*", "Votre FACTURE 03/2026 est là"));
        assert!(!fits("facture*", "Votre facture"));
    }
}
