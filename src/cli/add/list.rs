//! The services that a source can be set up for.

use crate::connector::fetch::{NeedKind, Unattended};
use crate::connector::{Catalogue, Service};

use super::super::table::{Column, Long};
use super::super::{Setting, show};

/// By family, as their ids are.
pub fn show(setting: &Setting, catalogue: &Catalogue) {
    let language = setting.language;
    let columns = [
        Column::text("id"),
        Column::text(language.pick("name", "nom")),
        Column::text(language.pick("asks for", "demande")),
        Column::text(language.pick("by itself", "sans vous")),
    ];
    let rows: Vec<Vec<String>> = catalogue.services().map(|service| row(setting, service)).collect();
    show::table(&columns, &rows, Long::Wrap);
    let program = setting.program();
    show::line(
        &language
            .pick(format!("\n{program} add ID   sets one up"), format!("\n{program} add ID   pour en installer un")),
    );
}

fn row(setting: &Setting, service: &Service) -> Vec<String> {
    let language = setting.language;
    let needs = service.fetch.needs.iter().filter(|(_, need)| need.kind != NeedKind::Code && !need.optional);
    let needs: Vec<&str> = needs.map(|(name, _)| name.as_str()).collect();
    let alone = match service.fetch.unattended {
        Unattended::Yes => language.pick("yes", "oui"),
        Unattended::UntilConsentExpires => language.pick("until the consent ends", "jusqu'à la fin du consentement"),
        Unattended::No => language.pick("no: asks for a code", "non : demande un code"),
    };
    vec![service.id.clone(), service.name.clone(), needs.join(", "), alone.to_owned()]
}
