//! A page made for people: its text, and what CSS selectors find in it. Runs none of its scripts.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::super::http::Response;

/// Where a page names its own charset (HTML, §4.2.5.5).
const PROLOG_BYTES: usize = 1024;

/// A page that was loaded.
pub struct Page {
    pub url: Url,
    pub charset: &'static Encoding,
    html: Html,
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub url: Url,
    /// What stands on it.
    pub text: String,
}

impl Page {
    pub fn new(answer: &Response) -> Self {
        let charset = charset(answer);
        let html = Html::parse_document(&charset.decode(&answer.body).0);
        Self { url: answer.url.clone(), charset, html }
    }

    /// The first element that fits.
    pub fn first(&self, selector: &Selector) -> Option<ElementRef<'_>> {
        self.html.select(selector).next()
    }

    /// The text of the first element that fits, or its attribute: `selector@attribute`.
    pub fn told(&self, selector: &Selector, attribute: Option<&str>) -> Option<String> {
        let element = self.first(selector)?;
        match attribute {
            Some(attribute) => element.attr(attribute).map(str::to_owned),
            None => Some(words(element)),
        }
    }

    /// The links that fit, whole, each once; what is no address is none.
    pub fn links(&self, selector: &Selector) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for element in self.html.select(selector) {
            let link = element.attr("href").and_then(|href| self.resolve(href));
            let link = link.map(|url| Link { url, text: words(element) });
            links.extend(link.filter(|link| links.iter().all(|known| known.url != link.url)));
        }
        links
    }

    /// The address that a reference of this page means, when it is one of the web.
    pub fn resolve(&self, reference: &str) -> Option<Url> {
        let base = Selector::parse("base[href]").ok().and_then(|base| self.told(&base, Some("href")));
        let base = base.and_then(|base| self.url.join(&base).ok());
        let mut url = base.as_ref().unwrap_or(&self.url).join(reference.trim()).ok()?;
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(url)
    }
}

/// The text of an element, its white space folded.
pub fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As the answer says, else as the page does, else UTF-8 when it is.
fn charset(answer: &Response) -> &'static Encoding {
    let of_header = answer.header("content-type").and_then(label_in);
    let prolog = &answer.body[..answer.body.len().min(PROLOG_BYTES)];
    let of_page = || {
        let prolog = String::from_utf8_lossy(prolog).to_ascii_lowercase();
        prolog.split("<meta").skip(1).find_map(|meta| label_in(meta.split('>').next().unwrap_or_default()))
    };
    let guessed = || if std::str::from_utf8(&answer.body).is_ok() { UTF_8 } else { WINDOWS_1252 };
    of_header.or_else(of_page).unwrap_or_else(guessed)
}

/// The charset named in `text/html; charset=…` or in the attributes of a `meta`.
fn label_in(text: &str) -> Option<&'static Encoding> {
    let text = text.to_ascii_lowercase();
    let after = text.split("charset").nth(1)?.trim_start().strip_prefix('=')?;
    let label = after.trim_start_matches([' ', '"', '\'']);
    Encoding::for_label(label.split(['"', '\'', ';', ' ', '/', '>']).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content_type: &str, body: &[u8]) -> Page {
        Page::new(&Response {
            status: 200,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.to_vec(),
            url: Url::parse("https://portal.example.org/account/bills?tab=1").expect("an address"),
            n_wire: 0,
        })
    }

    fn selector(text: &str) -> Selector {
        Selector::parse(text).expect("a selector")
    }

    #[test]
    fn the_charset_is_that_of_the_answer_then_of_the_page_then_what_the_bytes_are() {
        for (content_type, body) in [
            ("text/html; charset=ISO-8859-1", &b"<p>re\xe7u"[..]),
            ("text/html", b"<meta charset='windows-1252'><p>re\xe7u"),
            ("text/html", b"<META http-equiv=content-type content=\"text/html; charset=iso-8859-15\"><p>re\xe7u"),
            ("text/html", b"<p>re\xe7u"),
            ("text/html", "<p>reçu".as_bytes()),
            ("text/html; charset=\"utf-8\"", "<meta charset=latin1><p>reçu".as_bytes()),
        ] {
            assert_eq!(page(content_type, body).told(&selector("p"), None).as_deref(), Some("reçu"), "{content_type}");
        }
    }

    #[test]
    fn links_are_whole_and_each_once() {
        let body = br#"<a class=b href="/bills/3.pdf#top"> March
            2026 </a><a class=b href="4.pdf">April</a><a class=b href="/bills/3.pdf">again</a>
            <a class=b href="javascript:pay()">Pay</a><a class=b>nothing</a>"#;
        let links = page("text/html", body).links(&selector("a.b"));
        let found: Vec<_> = links.iter().map(|link| (link.url.as_str(), link.text.as_str())).collect();
        assert_eq!(
            found,
            [
                ("https://portal.example.org/bills/3.pdf", "March 2026"),
                ("https://portal.example.org/account/4.pdf", "April"),
            ]
        );
    }

    #[test]
    fn a_base_of_the_page_counts() {
        let body = br#"<base href="/v2/"><a href="x">x</a>"#;
        assert_eq!(page("text/html", body).links(&selector("a"))[0].url.path(), "/v2/x");
    }
}
