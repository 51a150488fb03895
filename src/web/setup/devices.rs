//! The table of devices, and the forms that change it.

use jiff::Timestamp;

use super::html::{Element, tag};
use super::language::Language;
use super::{Setup, Visit};
use crate::model::run::Said;
use crate::web::accounts::Device;

/// All devices that are not revoked.
pub fn table(setup: &Setup, visit: &Visit) -> Result<Element, Said> {
    let language = visit.language;
    let devices = setup.door.accounts.devices().map_err(|error| error.said())?;
    let heads =
        [language.pick("Device", "Appareil"), language.pick("May", "Peut"), language.pick("Last seen", "Vu"), ""];
    let head = tag("tr").all(heads.map(|head| tag("th").is("scope", "col").text(head)));
    let rows = devices.iter().filter(|device| !device.is_revoked()).map(|device| row(setup, visit, device));
    let table = tag("table").with(tag("thead").with(head)).with(tag("tbody").all(rows));
    let title = tag("h2").text(language.pick("Devices", "Appareils"));
    Ok(tag("section").with(title).with(tag("div").is("class", "wide").with(table)))
}

fn row(setup: &Setup, visit: &Visit, device: &Device) -> Element {
    let language = visit.language;
    let mut name = tag("th").is("scope", "row").text(&device.name);
    if device.id == visit.device.id {
        name = name.with(tag("span").is("class", "soft").text(language.pick(" (this one)", " (celui-ci)")));
    }
    let used = match setup.door.accounts.used(device) {
        Some(used) => format!("{} · {}", instant(setup, used.at, language), used.address),
        None => language.pick("never", "jamais").to_owned(),
    };
    tag("tr")
        .with(name)
        .with(tag("td").text(language.said(&device.scope.said())))
        .with(tag("td").text(used))
        .with(tag("td").with(revoke_form(setup, visit, device)))
}

/// Two steps without a script: what opens, and the button in it.
fn revoke_form(setup: &Setup, visit: &Visit, device: &Device) -> Element {
    let language = visit.language;
    let label = format!("{} {}", language.pick("Revoke", "Révoquer"), device.name);
    let button = tag("button").is("class", "alarm").text(label);
    let form = form("/setup/devices/revoke", setup, visit).with(hidden("device", &device.id)).with(button);
    tag("details").with(tag("summary").text(language.pick("Revoke…", "Révoquer…"))).with(form)
}

/// The form for one more.
pub fn add_form(setup: &Setup, visit: &Visit) -> Element {
    let language = visit.language;
    let name = tag("input").is("type", "text").is("id", "name").is("name", "name").is("required", "");
    let name = name.is("maxlength", "64").is("autocomplete", "off");
    let services = [
        ("all", language.pick("calendars and contacts", "agendas et contacts")),
        ("calendars", language.pick("calendars", "agendas")),
        ("contacts", language.pick("contacts", "contacts")),
    ];
    let accesses = [
        ("write", language.pick("read and write", "lire et écrire")),
        ("read", language.pick("read only", "lire seulement")),
    ];
    let collections = tag("input").is("type", "text").is("id", "collections").is("name", "collections");
    let tick = tag("input").is("type", "checkbox").is("name", "page").is("value", "yes");
    let more = tag("details")
        .with(tag("summary").text(language.pick("More", "Plus")))
        .with(label(
            "collections",
            language.pick(
                "Only these collections (their names in addresses, with commas between them)",
                "Seulement ces collections (leurs noms dans les adresses, séparés par des virgules)",
            ),
        ))
        .with(collections)
        .with(tag("label").is("class", "tick").with(tick).text(language.pick(
            "It may open these pages, and with them add and revoke any device",
            "Il peut ouvrir ces pages, donc ajouter et révoquer tout appareil",
        )));
    let form = form("/setup/devices", setup, visit)
        .with(label("name", language.pick("Its name", "Son nom")))
        .with(name)
        .with(label("service", language.pick("It sees", "Il voit")))
        .with(choice("service", &services))
        .with(label("access", language.pick("It may", "Il peut")))
        .with(choice("access", &accesses))
        .with(more)
        .with(tag("button").text(language.pick("Add", "Ajouter")));
    let title = tag("h2").text(language.pick("Add a device", "Ajouter un appareil"));
    tag("section").with(title).with(tag("div").is("class", "card").with(form))
}

fn instant(setup: &Setup, at: Timestamp, language: Language) -> String {
    let format = language.pick("%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M");
    at.to_zoned(setup.zone.clone()).strftime(format).to_string()
}

fn form(action: &str, setup: &Setup, visit: &Visit) -> Element {
    let form = tag("form").is("method", "post").is("action", action);
    form.with(hidden("token", &setup.tokens.of(&visit.device.id)))
}

fn hidden(name: &str, value: &str) -> Element {
    tag("input").is("type", "hidden").is("name", name).is("value", value)
}

fn label(of: &str, text: &str) -> Element {
    tag("label").is("for", of).text(text)
}

fn choice(name: &str, options: &[(&str, &str)]) -> Element {
    let options = options.iter().map(|(value, text)| tag("option").is("value", *value).text(*text));
    tag("select").is("id", name).is("name", name).all(options)
}
