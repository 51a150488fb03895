//! Answers of a server, read in one pass: `DAV:multistatus` (RFC 4918 §13).
//!
//! Members are handed over one by one. Properties count only where their status is a success.
//! Document types are refused, entities are those of XML itself, and nesting is capped. Texts
//! are taken as they stand: line ends of an object are not touched.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

/// Deepest nesting of elements.
const MAX_DEPTH: usize = 32;

/// One `response`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    /// As the server writes it.
    pub(super) href: String,
    /// The status of the member itself; none where its properties have theirs.
    pub(super) status: Option<u16>,
    pub(super) props: Props,
}

/// Properties that the server gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Props {
    pub(super) etag: Option<String>,
    /// `calendar-data` or `address-data`.
    pub(super) data: Option<String>,
    pub(super) name: Option<String>,
    pub(super) colour: Option<String>,
    pub(super) ctag: Option<String>,
    pub(super) token: Option<String>,
    pub(super) principal: Option<String>,
    pub(super) homes: Vec<String>,
    pub(super) is_collection: bool,
    pub(super) is_calendar: bool,
    pub(super) is_book: bool,
    /// `VEVENT`, `VTODO`; empty when the server does not say.
    pub(super) components: Vec<String>,
    /// Whether it may be read; none when the server does not say.
    pub(super) is_readable: Option<bool>,
}

/// What is no answer of such a server.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Misread {
    #[error("it is not XML: {0}")]
    Xml(String),
    #[error("it declares a document type")]
    DocumentType,
    #[error("it is nested too deeply")]
    Depth,
    #[error("it is no multistatus")]
    Other,
}

/// Reads an answer; gives the sync token that stands beside the members.
pub(super) fn read(body: &[u8], take: &mut dyn FnMut(Member)) -> Result<Option<String>, Misread> {
    let text = std::str::from_utf8(body).map_err(|error| Misread::Xml(error.to_string()))?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::new(take);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|error| Misread::Xml(error.to_string()))?;
        match event {
            Event::Start(element) => {
                let tag = tag(&namespace, element.local_name().as_ref());
                walk.start(tag, &element)?;
            }
            Event::End(_) => walk.end(),
            Event::Text(more) if walk.is_wanted => walk.text.push_str(&more),
            Event::CData(more) if walk.is_wanted => walk.text.push_str(&more),
            Event::GeneralRef(entity) if walk.is_wanted => refer(&entity, &mut walk.text)?,
            Event::DocType(_) => return Err(Misread::DocumentType),
            Event::Eof => break,
            _ => {}
        }
    }
    match (walk.path.is_empty(), walk.is_multistatus) {
        (true, true) => Ok(walk.token),
        (false, _) => Err(Misread::Xml("it is cut".to_owned())),
        (true, false) => Err(Misread::Other),
    }
}

/// Elements that say something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Multistatus,
    Response,
    Href,
    Propstat,
    Prop,
    Status,
    SyncToken,
    Etag,
    Data,
    DisplayName,
    Colour,
    Ctag,
    Principal,
    HomeSet,
    ResourceType,
    Collection,
    Calendar,
    Book,
    ComponentSet,
    Component,
    PrivilegeSet,
    Privilege,
    /// `read` or `all`.
    Reading,
    Other,
}

fn tag(namespace: &ResolveResult<'_>, name: &str) -> Tag {
    let ResolveResult::Bound(namespace) = namespace else { return Tag::Other };
    match namespace.as_ref() {
        "DAV:" => webdav(name),
        "urn:ietf:params:xml:ns:caldav" => match name {
            "calendar-data" => Tag::Data,
            "calendar-home-set" => Tag::HomeSet,
            "calendar" => Tag::Calendar,
            "supported-calendar-component-set" => Tag::ComponentSet,
            "comp" => Tag::Component,
            _ => Tag::Other,
        },
        "urn:ietf:params:xml:ns:carddav" => match name {
            "address-data" => Tag::Data,
            "addressbook-home-set" => Tag::HomeSet,
            "addressbook" => Tag::Book,
            _ => Tag::Other,
        },
        "http://calendarserver.org/ns/" if name == "getctag" => Tag::Ctag,
        "http://apple.com/ns/ical/" if name == "calendar-color" => Tag::Colour,
        _ => Tag::Other,
    }
}

fn webdav(name: &str) -> Tag {
    match name {
        "multistatus" => Tag::Multistatus,
        "response" => Tag::Response,
        "href" => Tag::Href,
        "propstat" => Tag::Propstat,
        "prop" => Tag::Prop,
        "status" => Tag::Status,
        "sync-token" => Tag::SyncToken,
        "getetag" => Tag::Etag,
        "displayname" => Tag::DisplayName,
        "current-user-principal" => Tag::Principal,
        "resourcetype" => Tag::ResourceType,
        "collection" => Tag::Collection,
        "current-user-privilege-set" => Tag::PrivilegeSet,
        "privilege" => Tag::Privilege,
        "read" | "all" => Tag::Reading,
        _ => Tag::Other,
    }
}

/// Where the reading stands.
struct Walk<'t> {
    take: &'t mut dyn FnMut(Member),
    path: Vec<Tag>,
    text: String,
    /// Whether the text of the present element says something.
    is_wanted: bool,
    member: Member,
    /// The properties of the present `propstat`, and its status.
    stated: Props,
    status: Option<u16>,
    token: Option<String>,
    is_multistatus: bool,
}

impl<'t> Walk<'t> {
    fn new(take: &'t mut dyn FnMut(Member)) -> Self {
        Self {
            take,
            path: Vec::new(),
            text: String::new(),
            is_wanted: false,
            member: Member::default(),
            stated: Props::default(),
            status: None,
            token: None,
            is_multistatus: false,
        }
    }
}

impl Walk<'_> {
    fn start(&mut self, tag: Tag, element: &BytesStart<'_>) -> Result<(), Misread> {
        if self.path.len() >= MAX_DEPTH {
            return Err(Misread::Depth);
        }
        let parent = self.path.last().copied();
        self.path.push(tag);
        self.text.clear();
        self.is_wanted = matches!(
            tag,
            Tag::Href
                | Tag::Status
                | Tag::SyncToken
                | Tag::Etag
                | Tag::Data
                | Tag::DisplayName
                | Tag::Colour
                | Tag::Ctag
        );
        match (parent, tag) {
            (None, Tag::Multistatus) => self.is_multistatus = true,
            (_, Tag::Response) => self.member = Member::default(),
            (_, Tag::Propstat) => (self.stated, self.status) = (Props::default(), None),
            (Some(Tag::ResourceType), Tag::Collection) => self.stated.is_collection = true,
            (Some(Tag::ResourceType), Tag::Calendar) => self.stated.is_calendar = true,
            (Some(Tag::ResourceType), Tag::Book) => self.stated.is_book = true,
            (Some(Tag::ComponentSet), Tag::Component) => self.stated.components.extend(name_of(element)),
            (_, Tag::PrivilegeSet) => self.stated.is_readable = Some(false),
            (Some(Tag::Privilege), Tag::Reading) => self.stated.is_readable = Some(true),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(tag) = self.path.pop() else { return };
        self.is_wanted = false;
        match (self.path.last().copied(), tag) {
            (_, Tag::Response) => (self.take)(std::mem::take(&mut self.member)),
            (_, Tag::Propstat) => self.close_propstat(),
            (Some(Tag::Response), Tag::Href) => self.member.href = self.trimmed(),
            (Some(Tag::Response), Tag::Status) => self.member.status = self.number(),
            (Some(Tag::Propstat), Tag::Status) => self.status = self.number(),
            (Some(Tag::Multistatus), Tag::SyncToken) => self.token = Some(self.trimmed()),
            (Some(Tag::Principal), Tag::Href) => self.stated.principal = Some(self.trimmed()),
            (Some(Tag::HomeSet), Tag::Href) => {
                let home = self.trimmed();
                self.stated.homes.push(home);
            }
            (Some(Tag::Prop), Tag::Data) => self.stated.data = Some(std::mem::take(&mut self.text)),
            (Some(Tag::Prop), tag) => self.property(tag),
            _ => {}
        }
    }

    fn property(&mut self, tag: Tag) {
        let place = match tag {
            Tag::Etag => &mut self.stated.etag,
            Tag::DisplayName => &mut self.stated.name,
            Tag::Colour => &mut self.stated.colour,
            Tag::Ctag => &mut self.stated.ctag,
            Tag::SyncToken => &mut self.stated.token,
            _ => return,
        };
        let text = self.text.trim();
        *place = (!text.is_empty()).then(|| text.to_owned());
    }

    /// The first propstat that succeeded is the one that counts; a second one is rare, and adds.
    fn close_propstat(&mut self) {
        if self.status.is_none_or(|status| (200..300).contains(&status)) {
            let stated = std::mem::take(&mut self.stated);
            self.member.props.add(stated);
        }
    }

    fn trimmed(&self) -> String {
        self.text.trim().to_owned()
    }

    /// The number in `HTTP/1.1 404 Not Found`.
    fn number(&self) -> Option<u16> {
        self.text.split_ascii_whitespace().nth(1)?.parse().ok()
    }
}

impl Props {
    fn add(&mut self, other: Self) {
        self.etag = self.etag.take().or(other.etag);
        self.data = self.data.take().or(other.data);
        self.name = self.name.take().or(other.name);
        self.colour = self.colour.take().or(other.colour);
        self.ctag = self.ctag.take().or(other.ctag);
        self.token = self.token.take().or(other.token);
        self.principal = self.principal.take().or(other.principal);
        self.homes.extend(other.homes);
        self.is_collection |= other.is_collection;
        self.is_calendar |= other.is_calendar;
        self.is_book |= other.is_book;
        self.components.extend(other.components);
        self.is_readable = self.is_readable.or(other.is_readable);
    }
}

fn name_of(element: &BytesStart<'_>) -> Option<String> {
    let attribute = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == "name")?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
    Some(value.to_ascii_uppercase())
}

fn refer(entity: &BytesRef<'_>, out: &mut String) -> Result<(), Misread> {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        out.push(character);
        return Ok(());
    }
    let known = resolve_predefined_entity(entity);
    out.push_str(known.ok_or_else(|| Misread::Xml(format!("the entity {} is not known", &**entity)))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(body: &str) -> Result<(Vec<Member>, Option<String>), Misread> {
        let mut members = Vec::new();
        let token = read(body.as_bytes(), &mut |member| members.push(member))?;
        Ok((members, token))
    }

    #[test]
    fn prefixes_do_not_matter_and_failed_properties_do_not_count() {
        let body = "<?xml version='1.0'?><x:multistatus xmlns:x=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">\
             <x:response><x:href>/a/1%20b.ics</x:href><x:propstat><x:prop><x:getetag>W/\"1\"</x:getetag>\
             <c:calendar-data>BEGIN:VCALENDAR&#13;\nX:&lt;a&gt; &amp;<![CDATA[ <b>]]></c:calendar-data></x:prop>\
             <x:status>HTTP/1.1 200 OK</x:status></x:propstat><x:propstat><x:prop><x:displayname>no</x:displayname>\
             </x:prop><x:status>HTTP/1.1 404 Not Found</x:status></x:propstat></x:response>\
             <x:response><x:href>/a/2.ics</x:href><x:status>HTTP/1.1 404 Not Found</x:status></x:response>\
             <x:sync-token>urn:7</x:sync-token></x:multistatus>";
        let (members, token) = members(body).expect("an answer");
        assert_eq!((members.len(), token.as_deref()), (2, Some("urn:7")));
        assert_eq!(members[0].href, "/a/1%20b.ics");
        assert_eq!(members[0].props.etag.as_deref(), Some("W/\"1\""));
        assert_eq!(members[0].props.data.as_deref(), Some("BEGIN:VCALENDAR\r\nX:<a> & <b>"));
        assert_eq!(members[0].props.name, None);
        assert_eq!(members[1].status, Some(404));
    }

    #[test]
    fn what_a_collection_says_of_itself_is_read() {
        let body = "<multistatus xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><response><href>/a/</href>\
             <propstat><prop><resourcetype><collection/><C:calendar/></resourcetype><displayname> A </displayname>\
             <current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>\
             <C:supported-calendar-component-set><C:comp name=\"VEVENT\"/></C:supported-calendar-component-set>\
             <C:calendar-home-set><href>/h/</href></C:calendar-home-set><sync-token>t</sync-token>\
             <current-user-principal><href>/p/</href></current-user-principal></prop>\
             <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>";
        let (members, token) = members(body).expect("an answer");
        let props = &members[0].props;
        assert!(props.is_calendar && props.is_collection && !props.is_book);
        assert_eq!((props.name.as_deref(), props.token.as_deref(), token), (Some("A"), Some("t"), None));
        assert_eq!((props.is_readable, &props.components[..]), (Some(true), &["VEVENT".to_owned()][..]));
        assert_eq!((props.principal.as_deref(), &props.homes[..]), (Some("/p/"), &["/h/".to_owned()][..]));
    }

    #[test]
    fn what_is_hostile_cut_or_something_else_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><multistatus xmlns=\"DAV:\">&b;</multistatus>";
        assert_eq!(members(bomb), Err(Misread::DocumentType));
        let deep = format!("<multistatus xmlns=\"DAV:\">{}", "<a>".repeat(5000));
        assert_eq!(members(&deep), Err(Misread::Depth));
        assert!(matches!(members("<multistatus xmlns=\"DAV:\"><response>"), Err(Misread::Xml(_))));
        assert_eq!(members("<html><body/></html>"), Err(Misread::Other));
        assert!(matches!(members("a page"), Err(Misread::Xml(_) | Misread::Other)));
        assert_eq!(members("<multistatus xmlns=\"urn:other\"/>"), Err(Misread::Other));
    }
}
