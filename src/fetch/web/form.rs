//! A form of a page, filled in (HTML, §4.10.21): every field as the page has it, but those given.

use std::borrow::Cow;
use std::collections::BTreeMap;

use scraper::{ElementRef, Selector};
use url::Url;
use url::form_urlencoded::Serializer;

use super::super::http::Request;
use super::page::Page;

/// Why a form cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The form has no field of that name.
    NoField(String),
    /// It would put what is typed into the address, where logs would hold it, or send it nowhere.
    NoPlace,
}

/// The request that sends a form of a page with these fields. `is_secret` says that a value must
/// not stand in an address.
pub fn request(
    page: &Page,
    form: ElementRef<'_>,
    given: &BTreeMap<String, String>,
    is_secret: bool,
) -> Result<Request, Misfit> {
    let controls = controls(form);
    if let Some(name) = given.keys().find(|name| controls.iter().all(|control| control.name != **name)) {
        return Err(Misfit::NoField(name.clone()));
    }
    let action = form.attr("action").unwrap_or_default();
    let url = if action.is_empty() { Some(page.url.clone()) } else { page.resolve(action) };
    let url = url.ok_or(Misfit::NoPlace)?;
    let body = encoded(page, &sent(&controls, given));
    if form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")) {
        let request = Request::new("POST", url).header("content-type", "application/x-www-form-urlencoded");
        return Ok(with_referer(request, page).body(body));
    }
    if is_secret {
        return Err(Misfit::NoPlace);
    }
    let mut url: Url = url;
    url.set_query(Some(&body));
    Ok(with_referer(Request::new("GET", url), page))
}

/// Where the form stood, as a browser says it, but for the parameters.
fn with_referer(request: Request, page: &Page) -> Request {
    let mut from = page.url.clone();
    from.set_query(None);
    if from.origin() == request.url.origin() { request.header("referer", from.as_str()) } else { request }
}

/// One field of a form.
struct Control {
    name: String,
    value: String,
    /// Whether it is sent without being given: no button, no box that is not ticked.
    is_sent: bool,
}

fn controls(form: ElementRef<'_>) -> Vec<Control> {
    let any = Selector::parse("input[name], select[name], textarea[name], button[name]").expect("a selector");
    let enabled = form.select(&any).filter(|element| element.attr("disabled").is_none());
    enabled.map(control).collect()
}

fn control(element: ElementRef<'_>) -> Control {
    let name = element.attr("name").unwrap_or_default().to_owned();
    let of = |attribute: &str| element.attr(attribute).map(str::to_owned);
    let (value, is_sent) = match element.value().name() {
        "select" => (chosen(element), true),
        "textarea" => (element.text().collect(), true),
        "button" => (of("value").unwrap_or_default(), false),
        _ => match of("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "checkbox" | "radio" => (of("value").unwrap_or_else(|| "on".to_owned()), element.attr("checked").is_some()),
            "submit" | "button" | "image" | "reset" | "file" => (of("value").unwrap_or_default(), false),
            _ => (of("value").unwrap_or_default(), true),
        },
    };
    Control { name, value, is_sent }
}

/// The option that is selected, else the first.
fn chosen(select: ElementRef<'_>) -> String {
    let value = |selector: &str| {
        let selector = Selector::parse(selector).expect("a selector");
        let option = select.select(&selector).next()?;
        Some(option.attr("value").map_or_else(|| option.text().collect(), str::to_owned))
    };
    value("option[selected]").or_else(|| value("option")).unwrap_or_default()
}

/// Names and values in the order of the page; a name that is given stands once.
fn sent(controls: &[Control], given: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut sent: Vec<(String, String)> = Vec::new();
    for control in controls {
        match given.get(&control.name) {
            Some(_) if sent.iter().any(|(name, _)| *name == control.name) => {}
            Some(value) => sent.push((control.name.clone(), value.clone())),
            None if control.is_sent => sent.push((control.name.clone(), control.value.clone())),
            None => {}
        }
    }
    sent
}

/// In the charset of the page, as its server expects it.
fn encoded(page: &Page, fields: &[(String, String)]) -> String {
    let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|text| page.charset.encode(text).0;
    let mut body = Serializer::new(String::new());
    body.encoding_override(Some(encode)).extend_pairs(fields);
    body.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::http::Response;

    const LOGIN: &str = r#"<form id=f action="/do/login?step=1" method=POST>
        <input type=hidden name=csrf value="t&amp;1"><input name=user value=old><input type=password name=pass>
        <input type=checkbox name=stay><input type=checkbox name=terms checked>
        <select name=line><option value=1>one<option value=2 selected>two</select>
        <input name=off value=1 disabled><input type=submit name=go value=Go><textarea name=note>é</textarea></form>"#;

    fn filled(html: &str, given: &[(&str, &str)], is_secret: bool) -> Result<Request, Misfit> {
        let answer = Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html; charset=iso-8859-1".to_owned())],
            body: html.chars().map(|c| u8::try_from(u32::from(c)).expect("latin")).collect(),
            url: Url::parse("https://portal.example.org/login?secret=1").expect("an address"),
            n_wire: 0,
        };
        let page = Page::new(&answer);
        let form = Selector::parse("form").expect("a selector");
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request(&page, page.first(&form).expect("a form"), &given, is_secret)
    }

    #[test]
    fn fields_of_the_page_are_kept_and_those_given_are_filled_in() {
        let request = filled(LOGIN, &[("user", "me é"), ("pass", "s&t"), ("go", "Go")], true).expect("sent");
        assert_eq!(request.url.as_str(), "https://portal.example.org/do/login?step=1");
        let body = String::from_utf8(request.body).expect("text");
        assert_eq!(body, "csrf=t%261&user=me+%E9&pass=s%26t&terms=on&line=2&go=Go&note=%E9");
        assert!(request.headers.contains(&("referer".to_owned(), "https://portal.example.org/login".to_owned())));
    }

    #[test]
    fn a_field_that_is_gone_is_told() {
        assert_eq!(filled(LOGIN, &[("pin", "1")], false).map(|_| ()), Err(Misfit::NoField("pin".to_owned())));
    }

    #[test]
    fn what_is_secret_never_goes_into_an_address() {
        let search = "<form action=/find><input name=q></form>";
        let request = filled(search, &[("q", "a b")], false).expect("sent");
        assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", "https://portal.example.org/find?q=a+b"));
        assert_eq!(filled(search, &[("q", "a b")], true).map(|_| ()), Err(Misfit::NoPlace));
        let script = "<form action='javascript:go()' method=post><input name=q></form>";
        assert_eq!(filled(script, &[("q", "a")], false).map(|_| ()), Err(Misfit::NoPlace));
    }
}
