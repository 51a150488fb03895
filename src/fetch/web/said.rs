//! What is said when a page is not as the connector knows it, or wants a person.
//!
//! Pages are named as all addresses are ([`http::shown`]): neither parameters nor what looks like a
//! key in a path, as both may hold what is secret.

use url::Url;

use super::super::{Failure, Order, http};
use crate::model::run::{Class, Said};

/// Something is not on a page where it has to be.
pub fn gone(what: &str, page: &Url) -> Failure {
    let page = http::shown(page);
    Failure::new(
        Class::Changed,
        Said::new(
            format!("the page {page} is no longer as it was: `{what}` is not there"),
            format!("la page {page} n'est plus comme avant : `{what}` n'y est pas"),
        ),
    )
}

/// A page came where a document was expected.
pub fn page_for_document(url: &Url) -> Failure {
    let page = http::shown(url);
    Failure::new(
        Class::Changed,
        Said::new(
            format!("{page} gave a page where a document was expected"),
            format!("{page} a donné une page au lieu d'un document"),
        ),
    )
}

/// The portal asks for the login again in mid-run.
pub fn session_over(url: &Url) -> Failure {
    let page = http::shown(url);
    Failure::new(
        Class::Retry,
        Said::new(
            format!("the portal ended the session at {page}: the rest is left to the next run"),
            format!("le portail a fermé la session à {page} : le reste est laissé à la prochaine exécution"),
        ),
    )
}

/// The page is too large to be one.
pub fn too_large(url: &Url, limit: usize) -> Failure {
    let page = http::shown(url);
    Failure::new(
        Class::Changed,
        Said::new(
            format!("the page {page} is larger than {limit} bytes"),
            format!("la page {page} dépasse {limit} octets"),
        ),
    )
}

/// Login or code were refused. Nothing tries them again by itself: accounts get locked.
pub fn refused(order: &Order<'_>, is_code: bool) -> Failure {
    let id = &order.source.id;
    let said = if is_code {
        Said::new(
            format!("the code was refused: run `moisson sync {id}` for another one"),
            format!("le code a été refusé : lancer `moisson sync {id}` pour un autre"),
        )
    } else {
        Said::new(
            "the login was refused, and is not tried again: check name and password (`moisson secret set`)",
            "l'identification a été refusée et n'est pas retentée : vérifier identifiant et mot de passe \
             (`moisson secret set`)",
        )
    };
    Failure::new(Class::User, said)
}

/// A code is wanted and nobody is there to give it.
pub fn needs_code(order: &Order<'_>) -> Failure {
    let id = &order.source.id;
    Failure::new(
        Class::User,
        Said::new(
            format!("needs a code: run `moisson sync {id}` at a terminal"),
            format!("un code est demandé : lancer `moisson sync {id}` dans un terminal"),
        ),
    )
}

/// The connector itself is wrong.
pub fn bad_selector(selector: &str) -> Failure {
    Failure::new(
        Class::Config,
        Said::new(
            format!("`{selector}` is no CSS selector: the connector is to be mended"),
            format!("`{selector}` n'est pas un sélecteur CSS : le connecteur est à corriger"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_is_named_with_what_its_address_holds() {
        let url = Url::parse("https://me:canary-1@portal.example.org/s/canary-2f9a81c7d3/bills?sid=canary-3")
            .expect("an address");
        for failure in [gone("form", &url), page_for_document(&url), session_over(&url), too_large(&url, 9)] {
            let said = format!("{failure:?}");
            assert!(!said.contains("canary"), "{said}");
            assert!(failure.message.fr.contains("https://portal.example.org/s/…/bills"), "{said}");
        }
    }
}
