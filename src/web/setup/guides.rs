//! How each program is told where everything is, in English and French.

use super::place::Place;
use crate::model::run::Said;

/// What to do in one program.
#[derive(Debug, Clone)]
pub struct Guide {
    pub name: &'static str,
    pub steps: Vec<Said>,
    /// What to copy into a file.
    pub snippet: Option<String>,
}

/// All that are known.
pub fn guides(place: &Place) -> Vec<Guide> {
    vec![
        davx5(place),
        apple_phone(place),
        apple_desktop(place),
        thunderbird(place),
        gnome(place),
        vdirsyncer(place),
        outlook(place),
    ]
}

fn davx5(place: &Place) -> Guide {
    let (base, user) = (place.dav(), place.user());
    steps("DAVx⁵ (Android)", [
        (
            "Scan the code of a new device with the camera: the link opens DAVx⁵ with everything filled in.".to_owned(),
            "Scannez le code d'un nouvel appareil avec l'appareil photo : le lien ouvre DAVx⁵ avec tout déjà rempli.".to_owned(),
        ),
        (
            format!("Or: + (add account), “Login with URL and user name”, base URL {base}, user name {user}, the password."),
            format!("Ou bien : + (ajouter un compte), « Connexion avec une URL et un nom d'utilisateur », URL {base}, utilisateur {user}, le mot de passe."),
        ),
        (
            "Choose that contact groups are “per-contact categories”, then tick what is to be synchronised.".to_owned(),
            "Choisissez que les groupes de contacts sont des « catégories par contact », puis cochez ce qui doit être synchronisé.".to_owned(),
        ),
    ])
}

fn apple_phone(place: &Place) -> Guide {
    let (profile, host, user) = (place.profile(), place.host(), place.user());
    steps(
        "iPhone, iPad",
        [
            (
                format!("Open {profile} in Safari (or scan the code of a new device) and allow the download."),
                format!(
                    "Ouvrez {profile} dans Safari (ou scannez le code d'un nouvel appareil) et acceptez le téléchargement."
                ),
            ),
            (
                "Settings, “Profile Downloaded”, Install. The profile is not signed, and the system says so."
                    .to_owned(),
                "Réglages, « Profil téléchargé », Installer. Le profil n'est pas signé, et le système le dit."
                    .to_owned(),
            ),
            (
                format!(
                    "Or by hand: Settings, Apps, Calendar, Calendar Accounts, Add Account, Other, Add CalDAV Account: server {host}, user name {user}, the password; the same in Contacts with CardDAV."
                ),
                format!(
                    "Ou à la main : Réglages, Apps, Calendrier, Comptes Calendrier, Ajouter un compte, Autre, Ajouter un compte CalDAV : serveur {host}, utilisateur {user}, le mot de passe ; de même dans Contacts avec CardDAV."
                ),
            ),
        ],
    )
}

fn apple_desktop(place: &Place) -> Guide {
    let (profile, host, user) = (place.profile(), place.host(), place.user());
    steps(
        "macOS",
        [
            (
                format!(
                    "Download {profile}, open it, then System Settings, General, Device Management, and install it."
                ),
                format!(
                    "Téléchargez {profile}, ouvrez-le, puis Réglages Système, Général, Gestion des appareils, et installez-le."
                ),
            ),
            (
                format!(
                    "Or by hand: Calendar, Settings, Accounts, +, Other CalDAV Account, Manual: user name {user}, the password, server {host}."
                ),
                format!(
                    "Ou à la main : Calendrier, Réglages, Comptes, +, Autre compte CalDAV, Manuel : utilisateur {user}, le mot de passe, serveur {host}."
                ),
            ),
        ],
    )
}

fn thunderbird(place: &Place) -> Guide {
    let (dav, user) = (place.dav(), place.user());
    steps(
        "Thunderbird",
        [
            (
                format!("Calendar: New Calendar, On the Network, user name {user}, location {dav}, Find Calendars."),
                format!(
                    "Agenda : Nouvel agenda, Sur le réseau, identifiant {user}, emplacement {dav}, Rechercher des agendas."
                ),
            ),
            (
                format!("Address Book: New Address Book, Add CardDAV Address Book, user name {user}, location {dav}."),
                format!(
                    "Carnet d'adresses : Nouveau carnet, Ajouter un carnet CardDAV, identifiant {user}, emplacement {dav}."
                ),
            ),
        ],
    )
}

fn gnome(place: &Place) -> Guide {
    let (dav, user) = (place.dav(), place.user());
    steps(
        "GNOME, Evolution",
        [
            (
                format!(
                    "GNOME: Settings, Online Accounts, “Calendar, Contacts and Files” (WebDAV): server {dav}, user name {user}, the password."
                ),
                format!(
                    "GNOME : Paramètres, Comptes en ligne, « Agenda, contacts et fichiers » (WebDAV) : serveur {dav}, utilisateur {user}, le mot de passe."
                ),
            ),
            (
                format!(
                    "Evolution: File, New, Collection Account: user name {user}, server {dav} under Advanced Options, Look Up."
                ),
                format!(
                    "Evolution : Fichier, Nouveau, Compte groupé : utilisateur {user}, serveur {dav} sous Options avancées, Rechercher."
                ),
            ),
        ],
    )
}

fn vdirsyncer(place: &Place) -> Guide {
    let storage = |name: &str, kind: &str| {
        format!(
            "[storage {name}]\ntype = \"{kind}\"\nurl = \"{}\"\nusername = \"{}\"\npassword.fetch = [\"prompt\", \"moisson\"]\n",
            place.dav(),
            place.user()
        )
    };
    let guide = steps(
        "vdirsyncer, khal, todoman, khard",
        [(
            "In vdirsyncer's config, beside your pairs:".to_owned(),
            "Dans la configuration de vdirsyncer, à côté de vos paires :".to_owned(),
        )],
    );
    let snippet = format!("{}\n{}", storage("moisson_calendars", "caldav"), storage("moisson_contacts", "carddav"));
    Guide { snippet: Some(snippet), ..guide }
}

fn outlook(place: &Place) -> Guide {
    let (dav, user) = (place.dav(), place.user());
    steps(
        "Outlook (CalDav Synchronizer)",
        [
            (
                "Synchronization Profiles, Add, Generic CalDAV/CardDAV.".to_owned(),
                "Profils de synchronisation, Ajouter, CalDAV/CardDAV générique.".to_owned(),
            ),
            (
                format!("DAV URL {dav}, user name {user}, the password, then “Test or discover settings”."),
                format!(
                    "URL DAV {dav}, utilisateur {user}, le mot de passe, puis « Tester ou découvrir les paramètres »."
                ),
            ),
        ],
    )
}

fn steps<const N: usize>(name: &'static str, steps: [(String, String); N]) -> Guide {
    Guide { name, steps: steps.into_iter().map(|(en, fr)| Said::new(en, fr)).collect(), snippet: None }
}
