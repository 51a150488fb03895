//! A device: its name, what it may see and do, and what its password is known by.

use std::collections::BTreeSet;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::error::AccountError;
use super::password::{self, Secret};
use crate::model::run::Said;

/// One of the household's phones, computers or programs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Random, never used again: what a form, a log or a note names it by.
    pub id: String,
    /// For people; unique in any case among devices that are not revoked.
    pub name: String,
    pub created_at: Timestamp,
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    pub(super) secret: Secret,
}

/// What a device may see and do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub service: Service,
    pub access: Access,
    /// Names of calendars and address books; all of them, and the plain files, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collections: Option<BTreeSet<String>>,
    /// Whether it may open the set-up pages: add devices with any scope, and revoke them.
    #[serde(default)]
    pub page: bool,
}

/// Which part of what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    Calendars,
    Contacts,
    /// Calendars, contacts and plain files.
    All,
}

/// What may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    Read,
    Write,
}

impl Device {
    /// A device with a new password, which stands nowhere else.
    pub(super) fn new(name: &str, scope: Scope, now: Timestamp) -> Result<(Self, SecretString), AccountError> {
        let password = password::generate()?;
        let device = Self {
            id: password::id()?,
            name: name.to_owned(),
            created_at: now,
            scope,
            revoked_at: None,
            secret: Secret::of(&password)?,
        };
        Ok((device, password))
    }

    pub fn is_revoked(&self) -> bool {
        self.revoked_at.is_some()
    }

    /// Whether that is its name, in any case.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.to_lowercase()
    }
}

impl Scope {
    /// Everything that is served, to read and write, without the set-up pages.
    pub fn all() -> Self {
        Self { service: Service::All, access: Access::Write, collections: None, page: false }
    }

    /// Whether that part is served at all; plain files are [`Service::All`].
    pub fn serves(&self, service: Service) -> bool {
        self.service.includes(service)
    }

    /// Whether a collection of that part is seen, `collection` being its name in the address. Plain
    /// files are seen by whoever was not given some collections by name.
    pub fn may_read(&self, service: Service, collection: &str) -> bool {
        let is_named = |names: &BTreeSet<String>| service != Service::All && names.contains(collection);
        self.serves(service) && self.collections.as_ref().is_none_or(is_named)
    }

    /// Whether what is in it may be changed.
    pub fn may_write(&self, service: Service, collection: &str) -> bool {
        self.access == Access::Write && self.may_read(service, collection)
    }

    /// Whether collections of that part may be made and removed: not by a device that was given
    /// some by name.
    pub fn may_make(&self, service: Service) -> bool {
        self.access == Access::Write && self.serves(service) && self.collections.is_none()
    }

    /// `read and write · calendars, contacts (family)`
    pub fn said(&self) -> Said {
        let (en, fr) = match self.access {
            Access::Read => ("read", "lire"),
            Access::Write => ("read and write", "lire et écrire"),
        };
        let (parts_en, parts_fr) = match self.service {
            Service::Calendars => ("calendars", "agendas"),
            Service::Contacts => ("contacts", "contacts"),
            Service::All => ("calendars, contacts", "agendas, contacts"),
        };
        let names =
            self.collections.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        let names = names.map(|names| format!(" ({names})")).unwrap_or_default();
        let (page_en, page_fr) = if self.page { (" · set-up pages", " · pages d'installation") } else { ("", "") };
        Said::new(format!("{en} · {parts_en}{names}{page_en}"), format!("{fr} · {parts_fr}{names}{page_fr}"))
    }
}

impl Service {
    /// Whether that part is among it.
    pub fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}
