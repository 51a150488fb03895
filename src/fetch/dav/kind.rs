//! What calendars and address books call the same things: CalDAV (RFC 4791), CardDAV (RFC 6352).

pub(super) use crate::dav::bundle::Kind;

/// Prefixes of every request body.
const NAMESPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
     xmlns:A=\"urn:ietf:params:xml:ns:carddav\" xmlns:S=\"http://calendarserver.org/ns/\" \
     xmlns:I=\"http://apple.com/ns/ical/\"";

impl Kind {
    /// The path that leads to the service (RFC 6764 §5).
    pub(super) fn well_known(self) -> &'static str {
        match self {
            Self::Calendars => "/.well-known/caldav",
            Self::Cards => "/.well-known/carddav",
        }
    }

    /// The end of the name of a document.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Calendars => "ics",
            Self::Cards => "vcf",
        }
    }

    /// Asks who we are and where our collections lie.
    pub(super) fn who(self) -> String {
        let home = match self {
            Self::Calendars => "<C:calendar-home-set/>",
            Self::Cards => "<A:addressbook-home-set/>",
        };
        propfind(&format!("<D:resourcetype/><D:current-user-principal/>{home}"))
    }

    /// Asks what the collections are and whether they have changed.
    pub(super) fn collections(self) -> String {
        let own = match self {
            Self::Calendars => "<C:supported-calendar-component-set/><I:calendar-color/>",
            Self::Cards => "",
        };
        propfind(&format!(
            "<D:resourcetype/><D:displayname/><D:current-user-privilege-set/><D:sync-token/><S:getctag/>{own}"
        ))
    }

    /// Asks for what changed since `token`, everything when it is empty (RFC 6578 §3.2).
    pub(super) fn changes(self, token: &str, is_with_data: bool) -> String {
        let data = if is_with_data { self.data() } else { "" };
        let token = quick_xml::escape::escape(token);
        format!(
            "{HEAD}<D:sync-collection {NAMESPACES}><D:sync-token>{token}</D:sync-token>\
             <D:sync-level>1</D:sync-level><D:prop><D:getetag/>{data}</D:prop></D:sync-collection>"
        )
    }

    /// Asks for the objects at `hrefs` (RFC 4791 §7.9, RFC 6352 §8.7).
    pub(super) fn objects<'h>(self, hrefs: impl Iterator<Item = &'h str>) -> String {
        let (report, data) = match self {
            Self::Calendars => ("C:calendar-multiget", self.data()),
            Self::Cards => ("A:addressbook-multiget", self.data()),
        };
        let mut body = format!("{HEAD}<{report} {NAMESPACES}><D:prop><D:getetag/>{data}</D:prop>");
        for href in hrefs {
            body.push_str("<D:href>");
            body.push_str(&quick_xml::escape::escape(href));
            body.push_str("</D:href>");
        }
        body + "</" + report + ">"
    }

    fn data(self) -> &'static str {
        match self {
            Self::Calendars => "<C:calendar-data/>",
            Self::Cards => "<A:address-data/>",
        }
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Asks for the tags of all members of a collection.
pub(super) fn tags() -> String {
    propfind("<D:resourcetype/><D:getetag/>")
}

fn propfind(properties: &str) -> String {
    format!("{HEAD}<D:propfind {NAMESPACES}><D:prop>{properties}</D:prop></D:propfind>")
}
