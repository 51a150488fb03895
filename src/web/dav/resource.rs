//! The properties of each kind of resource.
//!
//! Those that clients set come back as they were set; all others are told from how things stand.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::place;
use super::tables::{
    BOOK_REPORTS, CALENDAR_REPORTS, COMMON, FURTHER, PLAIN_REPORTS, PRINCIPAL_REPORTS, PRIVILEGES, READS, WRITES,
};
use crate::collections::{Collection, Member, Properties, State};
use crate::dav::answer;
use crate::dav::push::TRIGGERS;
use crate::dav::text_match::Collation;
use crate::dav::xml::{Name, Space};
use crate::model::collection::{CollectionKind, PropertyName};
use crate::web::LARGEST_BODY;
use crate::web::push::Push;

/// What properties are asked of.
pub enum Resource<'a> {
    Principals,
    /// With the root, which holds what clients set on the principal.
    Principal(Option<&'a Collection>),
    Collection {
        path: &'a str,
        collection: &'a Collection,
    },
    Member {
        kind: CollectionKind,
        member: &'a Member,
    },
}

/// What all resources have in common for whoever asks.
pub struct View<'a> {
    pub user: &'a str,
    /// What the household is called.
    pub name: &'a str,
    /// `mailto:` addresses of the household.
    pub addresses: &'a [String],
    /// The household's time zone, by its IANA name.
    pub zone: Option<&'a str>,
    /// Whether whoever asks may write in this resource.
    pub may_write: bool,
    /// Tells devices what has changed, unless it is turned off.
    pub push: Option<&'a Push>,
}

/// Properties that say what moisson alone knows: no client sets them.
pub fn is_protected(name: &Name) -> bool {
    let common = name.space == Space::Dav && name.local != "displayname" && COMMON.contains(&name.local.as_ref());
    let further = FURTHER.iter().any(|(space, names)| *space == name.space && names.contains(&name.local.as_ref()));
    let is_settable = matches!(
        (&name.space, name.local.as_ref()),
        (Space::CalDav, "schedule-calendar-transp" | "supported-calendar-component-set" | "calendar-timezone-id")
    );
    (common || further) && !is_settable
}

impl<'a> Resource<'a> {
    /// The one principal.
    pub fn principal(state: &'a State) -> Self {
        Self::Principal(state.collection(""))
    }

    /// Writes the property that is asked for; whether there is one.
    pub fn write(&self, asked: &Name, view: &View<'_>, to: &mut String) -> bool {
        if let Some(set) = self.set_by_client(asked) {
            to.push_str(set);
            return true;
        }
        let from = to.len();
        let (open, close) = answer::tags(asked);
        to.push_str(&open);
        if self.inner(asked, view, to).is_none() {
            to.truncate(from);
            return false;
        }
        to.push_str(&close);
        true
    }

    /// Writes all that RFC 4918 tells, and what clients set.
    pub fn write_all(&self, view: &View<'_>, to: &mut String) {
        for local in COMMON {
            self.write(&Name::new(Space::Dav, local), view, to);
        }
        let common = |name: &PropertyName| name.ns == "DAV:" && COMMON.contains(&name.local.as_str());
        self.properties().filter(|(name, _)| !common(name)).for_each(|(_, xml)| to.push_str(xml));
    }

    /// The names of all that it has.
    pub fn names(&self, view: &View<'_>) -> Vec<Name> {
        let common = COMMON.iter().map(|local| Name::new(Space::Dav, local));
        let further =
            FURTHER.iter().flat_map(|(space, names)| names.iter().map(|local| Name::new(space.clone(), local)));
        let mut scratch = String::new();
        let mut names: Vec<Name> = common.chain(further).filter(|name| self.write(name, view, &mut scratch)).collect();
        let set =
            self.properties().map(|(name, _)| Name { space: Space::of(&name.ns), local: name.local.clone().into() });
        names.extend(set.filter(|name| !names.contains(name)).collect::<Vec<_>>());
        names
    }

    fn properties(&self) -> impl Iterator<Item = (&PropertyName, &str)> {
        self.all_set_by_client().into_iter().flatten().map(|(name, property)| (name, property.xml.as_str()))
    }

    fn all_set_by_client(&self) -> Option<&'a Properties> {
        match self {
            Self::Principals => None,
            Self::Principal(root) => root.map(|root| &root.properties),
            Self::Collection { collection, .. } => Some(&collection.properties),
            Self::Member { member, .. } => Some(&member.properties),
        }
    }

    fn set_by_client(&self, name: &Name) -> Option<&str> {
        let set = self.all_set_by_client().filter(|set| !set.is_empty())?;
        let name = PropertyName { ns: name.space.uri().to_owned(), local: name.local.to_string() };
        set.get(&name).map(|property| property.xml.as_str())
    }

    /// What stands in a property; none when the resource has none such.
    fn inner(&self, name: &Name, view: &View<'_>, to: &mut String) -> Option<()> {
        match name.space {
            Space::Dav => self.dav(&name.local, view, to),
            Space::CalDav => self.caldav(&name.local, view, to),
            Space::CardDav => self.carddav(&name.local, to),
            Space::CalendarServer => self.calendarserver(&name.local, view, to),
            Space::Push => self.push(&name.local, view, to),
            Space::Apple | Space::Other(_) => None,
        }
    }

    fn dav(&self, local: &str, view: &View<'_>, to: &mut String) -> Option<()> {
        match local {
            "resourcetype" => to.push_str(self.resource_type()),
            "displayname" => to.push_str(&crate::dav::xml::escaped(&self.display_name(view)?)),
            "getetag" => to.push_str(&self.member()?.etag()),
            "getcontenttype" => write_content_type(self, to)?,
            "getcontentlength" => drop(write!(to, "{}", self.member()?.size)),
            "getlastmodified" => drop(write!(to, "{}", http_date(self.member()?.changed_at))),
            "creationdate" => drop(write!(to, "{}", self.made_at()?)),
            "current-user-principal" | "owner" => to.push_str(&answer::href(&place::of_principal(view.user))),
            "principal-URL" => {
                to.push_str(&answer::href(&self.is_principal().then(|| place::of_principal(view.user))?));
            }
            "principal-collection-set" => to.push_str(&answer::href(&format!("{}principals/", place::ROOT))),
            "alternate-URI-set" | "group-membership" | "group-member-set" if self.is_principal() => {}
            "current-user-privilege-set" => to.push_str(self.privileges(view)),
            "supported-privilege-set" => to.push_str(PRIVILEGES),
            "acl" => self.acl(view, to),
            "supported-report-set" => self.reports().iter().for_each(|report| {
                let _ = write!(to, "<D:supported-report><D:report><{report}/></D:report></D:supported-report>");
            }),
            "sync-token" => drop(write!(to, "{}", self.synced()?.token())),
            "supportedlock" | "lockdiscovery" => {}
            _ => return None,
        }
        Some(())
    }

    fn caldav(&self, local: &str, view: &View<'_>, to: &mut String) -> Option<()> {
        match local {
            "calendar-home-set" if self.is_entrance() => to.push_str(&answer::href(&place::of_collection("calendars"))),
            "calendar-user-address-set" if self.is_principal() => {
                view.addresses.iter().for_each(|address| to.push_str(&answer::href(address)));
                to.push_str(&answer::href(&place::of_principal(view.user)));
            }
            "calendar-user-type" if self.is_principal() => to.push_str("INDIVIDUAL"),
            "supported-calendar-component-set" if self.is(CollectionKind::Calendar) => {
                to.push_str("<C:comp name=\"VEVENT\"/><C:comp name=\"VTODO\"/><C:comp name=\"VJOURNAL\"/>");
            }
            "supported-calendar-data" if self.is(CollectionKind::Calendar) => {
                to.push_str("<C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>");
            }
            "supported-collation-set" if self.is(CollectionKind::Calendar) => collations("C", to),
            "max-resource-size" if self.is(CollectionKind::Calendar) => drop(write!(to, "{LARGEST_BODY}")),
            "calendar-timezone-id" if self.is(CollectionKind::Calendar) => to.push_str(view.zone?),
            "schedule-calendar-transp" if self.is(CollectionKind::Calendar) => to.push_str("<C:opaque/>"),
            _ => return None,
        }
        Some(())
    }

    fn carddav(&self, local: &str, to: &mut String) -> Option<()> {
        match local {
            "addressbook-home-set" if self.is_entrance() => to.push_str(&answer::href(&place::of_collection("books"))),
            "supported-address-data" if self.is(CollectionKind::AddressBook) => {
                to.push_str("<R:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>");
                to.push_str("<R:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>");
            }
            "supported-collation-set" if self.is(CollectionKind::AddressBook) => collations("R", to),
            "max-resource-size" | "max-image-size" if self.is(CollectionKind::AddressBook) => {
                let _ = write!(to, "{LARGEST_BODY}");
            }
            _ => return None,
        }
        Some(())
    }

    fn calendarserver(&self, local: &str, view: &View<'_>, to: &mut String) -> Option<()> {
        match local {
            "getctag" => drop(write!(to, "{}", self.synced()?.token())),
            "email-address-set" if self.is_principal() => {
                for address in view.addresses.iter().filter_map(|address| address.strip_prefix("mailto:")) {
                    answer::text(&Name::new(Space::CalendarServer, "email-address"), address, to);
                }
            }
            "calendar-proxy-read-for" | "calendar-proxy-write-for" if self.is_principal() => {}
            _ => return None,
        }
        Some(())
    }

    fn push(&self, local: &str, view: &View<'_>, to: &mut String) -> Option<()> {
        let (collection, push) = (self.synced()?, view.push?);
        match local {
            "transports" => {
                let key = push.public_key();
                let _ = write!(
                    to,
                    "<P:web-push><P:vapid-public-key type=\"p256ecdsa\">{key}</P:vapid-public-key></P:web-push>"
                );
            }
            "topic" => to.push_str(&push.topic(&collection.id)),
            "supported-triggers" => to.push_str(TRIGGERS),
            _ => return None,
        }
        Some(())
    }

    fn resource_type(&self) -> &'static str {
        match self {
            Self::Principals => "<D:collection/>",
            Self::Principal(_) => "<D:collection/><D:principal/>",
            Self::Collection { collection, .. } => match collection.kind {
                // Whoever subscribed looks there for it, and reads it where `source` says.
                CollectionKind::Calendar if is_subscribed(collection) => "<D:collection/><S:subscribed/>",
                CollectionKind::Calendar => "<D:collection/><C:calendar/>",
                CollectionKind::AddressBook => "<D:collection/><R:addressbook/>",
                CollectionKind::Plain => "<D:collection/>",
            },
            Self::Member { .. } => "",
        }
    }

    fn display_name(&self, view: &View<'_>) -> Option<String> {
        match self {
            Self::Principals => Some("principals".to_owned()),
            Self::Principal(_) => Some(view.name.to_owned()),
            Self::Collection { path: "", .. } => Some("moisson".to_owned()),
            Self::Collection { path, .. } => Some(crate::collections::parent_of(path).1.to_owned()),
            Self::Member { .. } => None,
        }
    }

    fn made_at(&self) -> Option<Timestamp> {
        let at = match self {
            Self::Principals | Self::Principal(_) => return None,
            Self::Collection { collection, .. } => collection.made_at,
            Self::Member { member, .. } => member.made_at,
        };
        at.round(jiff::Unit::Second).ok()
    }

    fn privileges(&self, view: &View<'_>) -> &'static str {
        match (self, view.may_write) {
            (Self::Principals | Self::Principal(_), _) | (_, false) => READS,
            (_, true) => WRITES,
        }
    }

    fn acl(&self, view: &View<'_>, to: &mut String) {
        let principal = answer::href(&place::of_principal(view.user));
        let _ = write!(
            to,
            "<D:ace><D:principal>{principal}</D:principal><D:grant>{}</D:grant><D:protected/></D:ace>",
            self.privileges(view)
        );
    }

    fn reports(&self) -> &'static [&'static str] {
        match self {
            Self::Principals | Self::Principal(_) => &PRINCIPAL_REPORTS,
            Self::Collection { collection, .. } => match collection.kind {
                CollectionKind::Calendar => &CALENDAR_REPORTS,
                CollectionKind::AddressBook => &BOOK_REPORTS,
                CollectionKind::Plain if self.synced().is_none() => &PRINCIPAL_REPORTS,
                CollectionKind::Plain => &PLAIN_REPORTS,
            },
            Self::Member { .. } => &PRINCIPAL_REPORTS[..1],
        }
    }

    fn member(&self) -> Option<&Member> {
        match self {
            Self::Member { member, .. } => Some(member),
            Self::Principals | Self::Principal(_) | Self::Collection { .. } => None,
        }
    }

    /// The collection, when clients sync it.
    fn synced(&self) -> Option<&Collection> {
        match self {
            Self::Collection { path, collection } if is_synced(path) => Some(collection),
            Self::Principals | Self::Principal(_) | Self::Collection { .. } | Self::Member { .. } => None,
        }
    }

    fn is(&self, kind: CollectionKind) -> bool {
        matches!(self, Self::Collection { collection, .. } if collection.kind == kind)
    }

    fn is_principal(&self) -> bool {
        matches!(self, Self::Principal(_))
    }

    /// The principal, and the root: some clients look for homes where they come in.
    fn is_entrance(&self) -> bool {
        matches!(self, Self::Principal(_) | Self::Collection { path: "", .. })
    }
}

/// Whether clients sync the collection at a path: not those above the collections.
pub fn is_synced(path: &str) -> bool {
    !matches!(path, "" | "calendars" | "books")
}

/// A calendar that lies elsewhere, of which clients tell each other where.
fn is_subscribed(collection: &Collection) -> bool {
    collection.property(Space::CalendarServer.uri(), "source").is_some()
}

/// The media type of a member, with what the header and the property have.
pub fn content_type(kind: CollectionKind, member: &Member) -> String {
    match (kind, member.component.as_deref()) {
        (CollectionKind::Calendar, component) => {
            let component = component.map(|component| format!("; component={component}")).unwrap_or_default();
            format!("text/calendar; charset=utf-8{component}")
        }
        (CollectionKind::AddressBook, _) => "text/vcard; charset=utf-8".to_owned(),
        (CollectionKind::Plain, _) => member.media.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
    }
}

/// As headers and `getlastmodified` have it (RFC 9110 §5.6.7).
pub fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn write_content_type(resource: &Resource<'_>, to: &mut String) -> Option<()> {
    match resource {
        Resource::Member { kind, member } => {
            to.push_str(&crate::dav::xml::escaped(&content_type(*kind, member)));
            Some(())
        }
        Resource::Collection { .. } | Resource::Principals | Resource::Principal(_) => None,
    }
}

fn collations(prefix: &str, to: &mut String) {
    for collation in Collation::OFFERED {
        let _ = write!(to, "<{prefix}:supported-collation>{collation}</{prefix}:supported-collation>");
    }
}
