//! What requests ask for, read from their bodies.

use std::collections::HashSet;

use super::ncname::is_ncname;
use super::xml::{self, Element, Name, Space, XmlError};

/// Different properties that one request asks for. Clients ask for thirty; each is answered for
/// every resource.
const MOST_ASKED: usize = 200;
/// Bytes of all their names, which are told again where there is no such property.
const LONGEST_ASKED: usize = 64 << 10;

/// Why a request is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("the body is a {found} where {wanted} is expected")]
    Unexpected { found: Name, wanted: &'static str },
    /// A report that nobody here knows (RFC 3253 §3.6).
    #[error("the report {0} is not supported")]
    UnknownReport(Name),
    #[error("{0}")]
    Wrong(String),
}

/// Which properties are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Those of RFC 4918 §15 and dead ones, and these.
    All {
        include: Vec<Element>,
    },
    Names,
    /// As elements: some say more inside.
    These(Vec<Element>),
}

/// One step of a PROPPATCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Set(Element),
    Remove(Name),
}

/// A REPORT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// RFC 6578 §3.2.
    Sync { token: String, limit: Option<usize>, asked: Asked },
    /// RFC 4791 §7.8; the filter and the time zone as they stand.
    CalendarQuery { asked: Asked, filter: Element, timezone: Option<String>, limit: Option<usize> },
    /// RFC 4791 §7.9 and RFC 6352 §8.7.
    Multiget { asked: Asked, hrefs: Vec<String> },
    /// RFC 4791 §7.10: start and end as written.
    FreeBusy { start: Option<String>, end: Option<String> },
    /// RFC 6352 §8.6.
    CardQuery { asked: Asked, filter: Element, limit: Option<usize> },
    /// RFC 3744 §9.4: properties and the text that each must have.
    PrincipalSearch { matches: Vec<(Vec<Name>, String)>, is_any: bool, asked: Asked },
    /// RFC 3744 §9.5.
    SearchProperties,
    /// RFC 3744 §9.3.
    PrincipalMatch { asked: Asked },
    /// RFC 3744 §9.2.
    AclPrincipals { asked: Asked },
    /// RFC 3253 §3.8.
    Expand { properties: Vec<Expanded> },
}

/// A property of `expand-property`, and what is asked of what it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    pub name: Name,
    pub inner: Vec<Expanded>,
}

/// Reads the body of a PROPFIND; an empty one asks for all (RFC 4918 §9.1).
pub fn propfind(body: &[u8]) -> Result<Asked, RequestError> {
    if body.trim_ascii().is_empty() {
        return Ok(Asked::All { include: Vec::new() });
    }
    let root = expect(xml::read(body)?, &Space::Dav, &["propfind"], "propfind")?;
    asked(&root)?.ok_or_else(|| wrong("a propfind holds one of prop, allprop and propname"))
}

/// Reads the body of a PROPPATCH, in order.
pub fn proppatch(body: &[u8]) -> Result<Vec<Step>, RequestError> {
    let root = expect(xml::read(body)?, &Space::Dav, &["propertyupdate"], "propertyupdate")?;
    let mut steps = Vec::new();
    for step in root.elements() {
        let is_set = step.name.is(&Space::Dav, "set");
        if !is_set && !step.name.is(&Space::Dav, "remove") {
            continue;
        }
        for property in step.children(&Space::Dav, "prop").flat_map(|prop| with_language(prop, &root)) {
            steps.push(if is_set { Step::Set(property) } else { Step::Remove(property.name) });
        }
    }
    Ok(steps)
}

/// Reads the body of a MKCALENDAR or an extended MKCOL (RFC 4791 §5.3.1, RFC 5689 §5.1): the
/// properties that the new collection is to have. An empty one asks for none.
pub fn make(body: &[u8]) -> Result<Vec<Element>, RequestError> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let root = xml::read(body)?;
    let is_ours = root.name.is(&Space::CalDav, "mkcalendar") || root.name.is(&Space::Dav, "mkcol");
    if !is_ours {
        return Err(RequestError::Unexpected { found: root.name, wanted: "mkcol or mkcalendar" });
    }
    let sets = root.children(&Space::Dav, "set").flat_map(|set| set.children(&Space::Dav, "prop"));
    Ok(sets.flat_map(|prop| with_language(prop, &root)).collect())
}

/// Reads the body of a REPORT.
pub fn report(body: &[u8]) -> Result<Report, RequestError> {
    let root = xml::read(body)?;
    match (&root.name.space, root.name.local.as_ref()) {
        (Space::Dav, "sync-collection") => sync(&root),
        (Space::CalDav, "calendar-query") => Ok(Report::CalendarQuery {
            asked: asked_or_none(&root)?,
            filter: filter(&root, &Space::CalDav)?,
            timezone: root.child(&Space::CalDav, "timezone").map(Element::text),
            limit: limit(&root, &Space::CalDav)?,
        }),
        (Space::CardDav, "addressbook-query") => Ok(Report::CardQuery {
            asked: asked_or_none(&root)?,
            filter: filter(&root, &Space::CardDav)?,
            limit: limit(&root, &Space::CardDav)?,
        }),
        (Space::CalDav, "calendar-multiget") | (Space::CardDav, "addressbook-multiget") => {
            let hrefs = root.children(&Space::Dav, "href").map(|href| href.text().trim().to_owned()).collect();
            Ok(Report::Multiget { asked: asked_or_none(&root)?, hrefs })
        }
        (Space::CalDav, "free-busy-query") => {
            let range = root.child(&Space::CalDav, "time-range").ok_or_else(|| wrong("it has no time-range"))?;
            let at = |name| range.attribute(name).map(str::to_owned);
            Ok(Report::FreeBusy { start: at("start"), end: at("end") })
        }
        (Space::Dav, "principal-property-search") => principal_search(&root),
        (Space::Dav, "principal-search-property-set") => Ok(Report::SearchProperties),
        (Space::Dav, "principal-match") => Ok(Report::PrincipalMatch { asked: asked_or_none(&root)? }),
        (Space::Dav, "acl-principal-prop-set") => Ok(Report::AclPrincipals { asked: asked_or_none(&root)? }),
        (Space::Dav, "expand-property") => {
            let mut n_asked = 0;
            Ok(Report::Expand { properties: expanded(&root, &mut n_asked)? })
        }
        _ => Err(RequestError::UnknownReport(root.name)),
    }
}

impl Asked {
    /// Whether a property is asked for by name.
    pub fn named(&self, space: &Space, local: &str) -> Option<&Element> {
        match self {
            Self::These(these) | Self::All { include: these } => these.iter().find(|it| it.name.is(space, local)),
            Self::Names => None,
        }
    }
}

fn sync(root: &Element) -> Result<Report, RequestError> {
    let token = root.child(&Space::Dav, "sync-token").map(Element::text).unwrap_or_default();
    Ok(Report::Sync { token: token.trim().to_owned(), limit: limit(root, &Space::Dav)?, asked: asked_or_none(root)? })
}

fn principal_search(root: &Element) -> Result<Report, RequestError> {
    let mut n_asked = 0;
    let searches = root.children(&Space::Dav, "property-search");
    let matches = searches.map(|search| {
        let names = search.children(&Space::Dav, "prop").flat_map(Element::elements).map(|it| it.name.clone());
        let names = distinct(names, |name| name)?;
        n_asked += names.len().max(1);
        check_few(n_asked)?;
        let text = search.child(&Space::Dav, "match").map(Element::text).unwrap_or_default();
        Ok((names, text))
    });
    let matches = matches.collect::<Result<_, RequestError>>()?;
    let is_any = root.attribute("test").is_some_and(|test| test == "anyof");
    let mut asked = asked_or_none(root)?;
    if let Asked::These(these) = &mut asked {
        // One client writes what it wants beside the `prop` in place of inside.
        let known = ["prop", "property-search", "apply-to-principal-collection-set"];
        let is_known = |it: &&Element| it.name.space == Space::Dav && known.contains(&it.name.local.as_ref());
        let beside = root.elements().filter(|it| !is_known(it)).cloned();
        *these = distinct(std::mem::take(these).into_iter().chain(beside), |it| &it.name)?;
    }
    Ok(Report::PrincipalSearch { matches, is_any, asked })
}

/// Properties of `expand-property`; `n_asked` counts those of all levels.
fn expanded(element: &Element, n_asked: &mut usize) -> Result<Vec<Expanded>, RequestError> {
    let mut all = Vec::new();
    for property in element.children(&Space::Dav, "property") {
        let Some(local) = property.attribute("name") else { continue };
        if !is_ncname(local) {
            return Err(wrong("a property has a name that is none in XML"));
        }
        let space = property.attribute("namespace").map_or(Space::Dav, Space::of);
        *n_asked += 1;
        check_few(*n_asked)?;
        all.push(Expanded {
            name: Name { space, local: local.to_owned().into() },
            inner: expanded(property, n_asked)?,
        });
    }
    distinct(all.into_iter(), |one| &one.name)
}

/// The first of each name; no more than are answered.
fn distinct<T>(all: impl Iterator<Item = T>, name: impl Fn(&T) -> &Name) -> Result<Vec<T>, RequestError> {
    let mut seen: HashSet<Name> = HashSet::new();
    let mut n_bytes = 0;
    let mut first = Vec::new();
    for one in all {
        let name = name(&one);
        if seen.contains(name) {
            continue;
        }
        n_bytes += name.local.len() + name.space.uri().len();
        seen.insert(name.clone());
        check_few(seen.len())?;
        if n_bytes > LONGEST_ASKED {
            return Err(wrong("the names of the properties are too long"));
        }
        first.push(one);
    }
    Ok(first)
}

fn check_few(n_asked: usize) -> Result<(), RequestError> {
    let many = || RequestError::Wrong(format!("more than {MOST_ASKED} properties are asked for"));
    if n_asked > MOST_ASKED { Err(many()) } else { Ok(()) }
}

fn filter(root: &Element, space: &Space) -> Result<Element, RequestError> {
    root.child(space, "filter").cloned().ok_or_else(|| wrong("a query needs a filter"))
}

/// At most this many answers: `limit/nresults`.
fn limit(root: &Element, space: &Space) -> Result<Option<usize>, RequestError> {
    let Some(limit) = root.child(space, "limit").or_else(|| root.child(&Space::Dav, "limit")) else { return Ok(None) };
    let n = limit.child(space, "nresults").or_else(|| limit.child(&Space::Dav, "nresults"));
    let n = n.and_then(|n| n.text().trim().parse().ok()).filter(|n| *n > 0);
    n.map(Some).ok_or_else(|| wrong("nresults is not a number above 0"))
}

fn asked(root: &Element) -> Result<Option<Asked>, RequestError> {
    if let Some(prop) = root.child(&Space::Dav, "prop") {
        return Ok(Some(Asked::These(named(prop)?)));
    }
    if root.child(&Space::Dav, "propname").is_some() {
        return Ok(Some(Asked::Names));
    }
    if root.child(&Space::Dav, "allprop").is_none() {
        return Ok(None);
    }
    let include = root.child(&Space::Dav, "include").map(named).transpose()?.unwrap_or_default();
    Ok(Some(Asked::All { include }))
}

fn named(prop: &Element) -> Result<Vec<Element>, RequestError> {
    let these = distinct(prop.elements(), |it| &it.name)?;
    Ok(these.into_iter().cloned().collect())
}

fn asked_or_none(root: &Element) -> Result<Asked, RequestError> {
    Ok(asked(root)?.unwrap_or(Asked::These(Vec::new())))
}

/// The properties in a `prop`; `xml:lang` of what is around them holds for them (RFC 4918 §4.3).
fn with_language<'a>(prop: &'a Element, root: &'a Element) -> impl Iterator<Item = Element> + 'a {
    let language = |element: &Element| element.attributes.iter().find(|(name, _)| is_language(name)).cloned();
    let around = language(prop).or_else(|| language(root));
    prop.elements().map(move |property| {
        let mut property = property.clone();
        if language(&property).is_none() {
            property.attributes.extend(around.clone());
        }
        property
    })
}

fn is_language(name: &Name) -> bool {
    name.local == "lang" && name.space.uri() == "http://www.w3.org/XML/1998/namespace"
}

fn expect(root: Element, space: &Space, names: &[&str], wanted: &'static str) -> Result<Element, RequestError> {
    if names.iter().any(|name| root.name.is(space, name)) {
        return Ok(root);
    }
    Err(RequestError::Unexpected { found: root.name, wanted })
}

fn wrong(what: &str) -> RequestError {
    RequestError::Wrong(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn propfinds() {
        assert_eq!(propfind(b"  "), Ok(Asked::All { include: Vec::new() }));
        let named = propfind(b"<propfind xmlns='DAV:'><propname/></propfind>");
        assert_eq!(named, Ok(Asked::Names));
        let these = propfind(b"<propfind xmlns='DAV:'><prop><getetag/><x xmlns='urn:y'/></prop></propfind>");
        assert!(these.is_ok_and(|asked| asked.named(&Space::Dav, "getetag").is_some()));
        for wrong in [&b"<a/>"[..], b"<propfind xmlns='DAV:'/>", b"<propfind xmlns='DAV:'>", b"junk"] {
            assert!(propfind(wrong).is_err());
        }
    }

    #[test]
    fn reports() {
        let sync = b"<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><limit><nresults>3</nresults></limit><prop><getetag/></prop></sync-collection>";
        assert!(matches!(report(sync), Ok(Report::Sync { token, limit: Some(3), .. }) if token.is_empty()));
        let expand = b"<expand-property xmlns='DAV:'><property name='a' namespace='urn:x'><property name='b'/></property></expand-property>";
        let Ok(Report::Expand { properties }) = report(expand) else { panic!("it is one") };
        assert_eq!(
            (properties[0].name.to_string(), properties[0].inner[0].name.to_string()),
            ("{urn:x}a".into(), "{DAV:}b".into())
        );
        assert!(matches!(report(b"<x xmlns='DAV:'/>"), Err(RequestError::UnknownReport(_))));
        assert!(matches!(
            report(b"<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'/>"),
            Err(RequestError::Wrong(_))
        ));
    }

    #[test]
    fn properties_are_asked_for_once_and_within_reason() {
        let propfind =
            |inner: &str| propfind(format!("<propfind xmlns='DAV:'><prop>{inner}</prop></propfind>").as_bytes());
        let Ok(Asked::These(these)) = propfind(&"<getetag/><a xmlns='urn:x'/>".repeat(20_000)) else {
            panic!("it names two")
        };
        assert_eq!(these.len(), 2);
        let named =
            |n: usize| -> String { (0..n).fold(String::new(), |text, at| text + "<a" + &at.to_string() + "/>") };
        assert!(propfind(&named(MOST_ASKED)).is_ok());
        let long = format!("<{}/>", "a".repeat(LONGEST_ASKED + 1));
        assert!(propfind(&named(MOST_ASKED + 1)).is_err() && propfind(&long).is_err());
        let search = |n: usize| {
            let beside = format!("<principal-property-search xmlns='DAV:'>{}</principal-property-search>", named(n));
            report(beside.as_bytes())
        };
        assert!(search(MOST_ASKED).is_ok() && search(MOST_ASKED + 1).is_err());
    }

    #[test]
    fn properties_to_expand_have_names_and_are_few() {
        let expand =
            |inner: &str| report(format!("<expand-property xmlns='DAV:'>{inner}</expand-property>").as_bytes());
        let Ok(Report::Expand { properties }) = expand(&"<property name='owner'/>".repeat(20)) else {
            panic!("it is one")
        };
        assert_eq!(properties.len(), 1);
        let nested: String =
            (0..MOST_ASKED).fold(String::new(), |text, at| text + "<property name='a" + &at.to_string() + "'/>");
        assert!(expand(&format!("<property name='owner'>{nested}</property>")).is_err());
        for wrong in ["a b", "a/>&lt;b", "", "a:b", "1"] {
            assert!(expand(&format!("<property name='{wrong}'/>")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn languages_hold_for_what_is_within() {
        let body = b"<propertyupdate xmlns='DAV:'><set><prop xml:lang='fr'><displayname>A</displayname></prop></set></propertyupdate>";
        let steps = proppatch(body).expect("steps");
        let [Step::Set(name)] = &steps[..] else { panic!("one is set") };
        assert_eq!(name.attributes[0].1, "fr");
    }
}
