//! XML of requests: a small tree, read within bounds, and written back for dead properties.
//!
//! A document type is refused, and with it every entity but XML's own five and the numeric ones;
//! nesting, elements and bytes are bounded. Comments and processing instructions are dropped.
//! Nothing here knows which elements mean what.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::ncname::is_ncname;

/// The deepest nesting that is followed.
const DEEPEST: usize = 64;
/// Elements of one request: a multiget names thousands of members at most.
const MOST_ELEMENTS: usize = 100_000;

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// `DAV:`
    Dav,
    /// `urn:ietf:params:xml:ns:caldav`
    CalDav,
    /// `urn:ietf:params:xml:ns:carddav`
    CardDav,
    /// `http://calendarserver.org/ns/`
    CalendarServer,
    /// `http://apple.com/ns/ical/`
    Apple,
    /// `https://bitfire.at/webdav-push`
    Push,
    /// Any other, or none when empty.
    Other(String),
}

/// The name of an element or attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub space: Space,
    pub local: Cow<'static, str>,
}

/// An element with everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub name: Name,
    /// In order, without namespace declarations.
    pub attributes: Vec<(Name, String)>,
    pub nodes: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("the XML is not well-formed: {0}")]
    Malformed(String),
    #[error("a document type is not allowed")]
    DocumentType,
    #[error("the XML nests deeper than {DEEPEST} elements")]
    TooDeep,
    #[error("the XML holds more than {MOST_ELEMENTS} elements")]
    TooMany,
}

impl Space {
    /// The namespace's own name.
    pub fn uri(&self) -> &str {
        match self {
            Self::Dav => "DAV:",
            Self::CalDav => "urn:ietf:params:xml:ns:caldav",
            Self::CardDav => "urn:ietf:params:xml:ns:carddav",
            Self::CalendarServer => "http://calendarserver.org/ns/",
            Self::Apple => "http://apple.com/ns/ical/",
            Self::Push => "https://bitfire.at/webdav-push",
            Self::Other(uri) => uri,
        }
    }

    /// The namespace of that name.
    pub fn of(uri: &str) -> Self {
        match uri {
            "DAV:" => Self::Dav,
            "urn:ietf:params:xml:ns:caldav" => Self::CalDav,
            "urn:ietf:params:xml:ns:carddav" => Self::CardDav,
            "http://calendarserver.org/ns/" => Self::CalendarServer,
            "http://apple.com/ns/ical/" => Self::Apple,
            "https://bitfire.at/webdav-push" => Self::Push,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Name {
    /// A name known when the program is built.
    pub const fn new(space: Space, local: &'static str) -> Self {
        Self { space, local: Cow::Borrowed(local) }
    }

    /// Whether it is that name.
    pub fn is(&self, space: &Space, local: &str) -> bool {
        self.space == *space && self.local == local
    }
}

impl fmt::Display for Name {
    /// `{DAV:}getetag`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.space.uri(), self.local)
    }
}

impl Element {
    pub fn new(name: Name) -> Self {
        Self { name, attributes: Vec::new(), nodes: Vec::new() }
    }

    /// The elements directly in it, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of that name directly in it.
    pub fn child(&self, space: &Space, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.name.is(space, local))
    }

    /// The elements of that name directly in it.
    pub fn children<'a>(&'a self, space: &'a Space, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.name.is(space, local))
    }

    /// Its text, that of elements in it left out.
    pub fn text(&self) -> String {
        let texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// An attribute without namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let none = Space::Other(String::new());
        let found = self.attributes.iter().find(|(name, _)| name.is(&none, local));
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the one element of a body.
pub fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    let text = text_of(bytes)?;
    let mut reader = NsReader::from_str(&text);
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => tree.open(element(&reader, &start)?)?,
            Event::Empty(start) => {
                tree.open(element(&reader, &start)?)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.text(&resolved(&reference)?)?,
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// Writes an element with its namespaces declared where they are needed; to be read anywhere.
pub fn write(element: &Element, to: &mut String) {
    let space = element.name.space.uri();
    let prefix = if space.is_empty() { "" } else { "x:" };
    let _ = write!(to, "<{prefix}{}", element.name.local);
    let _ = if space.is_empty() { write!(to, " xmlns=\"\"") } else { write!(to, " xmlns:x=\"{}\"", escaped(space)) };
    for (at, (name, value)) in element.attributes.iter().enumerate() {
        let _ = match &name.space {
            Space::Other(uri) if uri.is_empty() => write!(to, " {}=\"{}\"", name.local, escaped(value)),
            Space::Other(uri) if uri == XML => write!(to, " xml:{}=\"{}\"", name.local, escaped(value)),
            space => {
                let uri = escaped(space.uri());
                write!(to, " xmlns:a{at}=\"{uri}\" a{at}:{}=\"{}\"", name.local, escaped(value))
            }
        };
    }
    to.push('>');
    write_inner(element, to);
    let _ = write!(to, "</{prefix}{}>", element.name.local);
}

/// What stands in an element, written.
pub fn write_inner(element: &Element, to: &mut String) {
    for node in &element.nodes {
        match node {
            Node::Element(element) => write(element, to),
            Node::Text(text) => to.push_str(&escaped(text)),
        }
    }
}

/// Text as it may stand in an element or an attribute; characters that XML cannot hold are left
/// out (XML 1.0 §2.2).
pub fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !matches!(c, '<' | '>' | '&' | '"' | '\r') && is_xml(c);
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars().filter(|c| is_xml(*c)) {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // A bare carriage return would be read as a line feed.
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// UTF-8, or UTF-16 that a mark says it is.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    let (encoding, n_mark) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let body = bytes.get(n_mark..).unwrap_or_default();
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(body);
    decoded.ok_or_else(|| XmlError::Malformed(format!("it is not {}", encoding.name())))
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let (space, local) = reader.resolver().resolve_element(start.name());
    let mut element = Element::new(name(&space, local.as_ref())?);
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (space, local) = reader.resolver().resolve_attribute(attribute.key);
        let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(malformed)?;
        element.attributes.push((name(&space, local.as_ref())?, value.into_owned()));
    }
    Ok(element)
}

fn name(space: &ResolveResult<'_>, local: &str) -> Result<Name, XmlError> {
    let space = match space {
        // The resolver gives it as it is written.
        ResolveResult::Bound(space) => Space::of(&quick_xml::escape::unescape(space.as_ref()).map_err(malformed)?),
        ResolveResult::Unbound => Space::Other(String::new()),
        ResolveResult::Unknown(prefix) => {
            return Err(XmlError::Malformed(format!("nobody says what the prefix `{prefix}` is")));
        }
    };
    if !is_ncname(local) {
        // The reader takes whatever has neither space nor bracket.
        return Err(XmlError::Malformed(format!("`{local}` is no name")));
    }
    Ok(Name { space, local: Cow::Owned(local.to_owned()) })
}

/// One of XML's own five entities, or a number.
fn resolved(reference: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(c) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(c.to_string());
    }
    let name = reference.as_ref();
    let text = quick_xml::escape::resolve_predefined_entity(name);
    text.map(str::to_owned).ok_or_else(|| XmlError::Malformed(format!("nobody says what `&{name};` is")))
}

fn malformed(error: impl fmt::Display) -> XmlError {
    XmlError::Malformed(error.to_string())
}

/// The tree while it grows.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    n_elements: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), XmlError> {
        self.n_elements += 1;
        if self.open.len() >= DEEPEST {
            return Err(XmlError::TooDeep);
        }
        if self.n_elements > MOST_ELEMENTS {
            return Err(XmlError::TooMany);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(XmlError::Malformed("it holds two elements side by side".to_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(parent) => {
                match parent.nodes.last_mut() {
                    Some(Node::Text(before)) => before.push_str(text),
                    _ => parent.nodes.push(Node::Text(text.to_owned())),
                }
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err(XmlError::Malformed("text stands outside of every element".to_owned())),
        }
    }

    fn finish(self) -> Result<Element, XmlError> {
        if !self.open.is_empty() {
            return Err(XmlError::Malformed("it ends inside an element".to_owned()));
        }
        self.root.ok_or_else(|| XmlError::Malformed("it holds no element".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_their_namespaces() {
        let body = br#"<?xml version="1.0"?><D:propfind xmlns:D="DAV:" xmlns="urn:x"><D:prop><a b="&lt;1"/> <D:getetag/></D:prop></D:propfind>"#;
        let root = read(body).expect("well-formed");
        let prop = root.child(&Space::Dav, "prop").expect("a prop");
        let names: Vec<String> = prop.elements().map(|element| element.name.to_string()).collect();
        assert_eq!(names, ["{urn:x}a", "{DAV:}getetag"]);
        assert_eq!(prop.elements().next().and_then(|a| a.attribute("b")), Some("<1"));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let body = br#"<p xmlns="urn:p" xml:lang="fr">a &amp; <q xmlns="" r="&quot;"/><s:t xmlns:s="urn:s" s:u="v">&#233;<![CDATA[<]]></s:t></p>"#;
        let root = read(body).expect("well-formed");
        let mut text = String::new();
        write(&root, &mut text);
        assert_eq!(read(text.as_bytes()).expect("well-formed"), root, "{text}");
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let laughs = b"<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(read(laughs), Err(XmlError::DocumentType));
        let deep = "<a>".repeat(1_000_000);
        assert_eq!(read(deep.as_bytes()), Err(XmlError::TooDeep));
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
        assert_eq!(read(many.as_bytes()), Err(XmlError::TooMany));
        for wrong in ["", "<a>", "<a></b>", "<a/><b/>", "x<a/>", "<a>&b;</a>", "<p:a/>", "<a b='1' b='2'/>", "<a>\u{0}"]
        {
            assert!(matches!(read(wrong.as_bytes()), Err(XmlError::Malformed(_))), "{wrong}");
        }
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_left_out() {
        assert_eq!(escaped("a\u{1}b\u{fffe}<\r"), "ab&lt;&#13;");
    }
}
