//! The pages themselves.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::guides::{Guide, guides};
use super::html::{Element, tag};
use super::language::Language;
use super::place::Place;
use super::{Setup, Visit, devices, qr};
use crate::model::run::Said;
use crate::web::accounts::Added;

/// Nothing of these pages is kept by anybody.
pub const NO_STORE: (HeaderName, &str) = (CACHE_CONTROL, "no-store");

const STYLE: &str = include_str!("style.css");

/// Our own looks, our own forms, and nothing else: no script, no picture from elsewhere, no frame.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base 64 is plain text")
});

/// All devices, a form for one more, and how programs are told.
pub fn front(setup: &Setup, visit: &Visit, refused: Option<&Said>) -> Response {
    let language = visit.language;
    let mut main = tag("main").with(tag("h1").text("moisson"));
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if let Some(said) = refused {
        main = main.with(notice(language.said(said)));
    }
    main = match devices::table(setup, visit) {
        Ok(devices) => main.with(devices),
        Err(said) => main.with(notice(language.said(&said))),
    };
    let place = setup.place(&visit.caller);
    let main = main.with(devices::add_form(setup, visit)).all(all_guides(&place, language));
    respond(status, language, main)
}

/// A new device, with its password for this once.
pub fn added(setup: &Setup, visit: &Visit, added: &Added, token: Option<&str>) -> Response {
    let language = visit.language;
    let place = setup.place(&visit.caller);
    let said = language.pick(
        "This password is shown now and never again. Scan a code, or type it where it belongs.",
        "Ce mot de passe est montré maintenant et plus jamais. Scannez un code, ou tapez-le là où il faut.",
    );
    let main = tag("main")
        .with(tag("h1").text(&added.device.name))
        .with(tag("p").text(said))
        .with(facts(&place, added, language))
        .with(codes(&place, added, token, language))
        .with(tag("p").with(tag("a").is("href", "/").text(language.pick("All devices", "Tous les appareils"))))
        .all(all_guides(&place, language));
    respond(StatusCode::OK, language, main)
}

/// A device that may not see the pages.
pub fn forbidden(language: Language) -> Response {
    plain(
        StatusCode::FORBIDDEN,
        language,
        &Said::new(
            "This device may not open the set-up pages. `moisson device add NAME --page` makes one that may.",
            "Cet appareil ne peut pas ouvrir les pages d'installation. `moisson device add NOM --page` en crée un qui peut.",
        ),
    )
}

/// A form that does not come from one of our pages, or from one of before a restart.
pub fn stale(language: Language) -> Response {
    plain(
        StatusCode::FORBIDDEN,
        language,
        &Said::new(
            "Nothing was changed: this form was not sent by this page as it is now. Load it again.",
            "Rien n'a été changé : ce formulaire ne vient pas de cette page telle qu'elle est. Rechargez-la.",
        ),
    )
}

/// A link that was used, or never was one.
pub fn gone(language: Language) -> Response {
    plain(
        StatusCode::NOT_FOUND,
        language,
        &Said::new(
            "This link was used already, or is too old. Add the device again.",
            "Ce lien a déjà servi, ou il est trop vieux. Ajoutez de nouveau l'appareil.",
        ),
    )
}

fn plain(status: StatusCode, language: Language, said: &Said) -> Response {
    respond(status, language, tag("main").with(tag("h1").text("moisson")).with(notice(language.said(said))))
}

fn respond(status: StatusCode, language: Language, main: Element) -> Response {
    let viewport = tag("meta").is("name", "viewport").is("content", "width=device-width, initial-scale=1");
    let head = tag("head")
        .with(tag("meta").is("charset", "utf-8"))
        .with(viewport)
        .with(tag("title").text("moisson"))
        .with(tag("style").style(STYLE));
    let html = tag("html").is("lang", language.code()).with(head).with(tag("body").with(main));
    let body = format!("<!DOCTYPE html>\n{}\n", html.write());
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        // Forms must be able to say that they come from here.
        (REFERRER_POLICY, "same-origin"),
        (VARY, "Accept-Language, Authorization"),
        NO_STORE,
    ];
    let mut response = (status, headers, body).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

fn facts(place: &Place, added: &Added, language: Language) -> Element {
    let row = |head: &str, value: Element| {
        tag("tr").with(tag("th").is("scope", "row").text(head)).with(tag("td").with(value))
    };
    let password = tag("span").is("class", "secret").text(added.password.expose_secret());
    let table = tag("table")
        .with(row(language.pick("Address", "Adresse"), tag("code").text(place.dav())))
        .with(row(language.pick("User name", "Utilisateur"), tag("code").text(place.user())))
        .with(row(language.pick("Password", "Mot de passe"), password))
        .with(row(language.pick("It may", "Il peut"), tag("span").text(language.said(&added.device.scope.said()))));
    tag("div").is("class", "card wide").with(table)
}

fn codes(place: &Place, added: &Added, token: Option<&str>, language: Language) -> Element {
    let link = place.davx5(Some(&added.password));
    let figures = [
        figure(&link, "Android (DAVx⁵)", language.pick("Open in DAVx⁵", "Ouvrir dans DAVx⁵")),
        token.and_then(|token| {
            let link = format!("{}?once={token}", place.profile());
            let said = language.pick(
                "Download the profile: once, within ten minutes",
                "Télécharger le profil : une fois, dans les dix minutes",
            );
            figure(&link, "iPhone, iPad, macOS", said)
        }),
    ];
    tag("div").is("class", "codes").all(figures.into_iter().flatten())
}

fn figure(link: &str, name: &str, said: &str) -> Option<Element> {
    let picture = qr::picture(link, &format!("QR: {name}"))?;
    let under = tag("figcaption").with(tag("strong").text(name)).with(tag("br"));
    Some(tag("figure").with(picture).with(under.with(tag("a").is("href", link).text(said))))
}

fn all_guides(place: &Place, language: Language) -> Vec<Element> {
    let title = tag("h2").text(language.pick("Setting programs up", "Installer les programmes"));
    let mut all = vec![title];
    if !place.is_secure() {
        all.push(notice(language.pick(
            "This page is not encrypted. Apple's programs and phones want TLS: [serve.tls], or a proxy, in moisson.toml.",
            "Cette page n'est pas chiffrée. Les programmes d'Apple et les téléphones veulent TLS : [serve.tls], ou un proxy, dans moisson.toml.",
        )));
    }
    all.extend(guides(place).iter().map(|one| guide(one, language)));
    all
}

fn guide(guide: &Guide, language: Language) -> Element {
    let steps = guide.steps.iter().map(|step| tag("li").text(language.said(step)));
    let all = tag("details").with(tag("summary").text(guide.name)).with(tag("ol").all(steps));
    match &guide.snippet {
        Some(snippet) => all.with(tag("pre").text(snippet)),
        None => all,
    }
}

fn notice(text: &str) -> Element {
    tag("p").is("class", "notice").is("role", "status").text(text)
}
