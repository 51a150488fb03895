//! Notices, told to a server of ntfy, a webhook and a real mail server.

#[path = "support/chaos.rs"]
mod chaos;
#[path = "notify/mailed.rs"]
mod mailed;
#[path = "support/peers.rs"]
mod peers;
#[path = "notify/posted.rs"]
mod posted;

use moisson::model::run::Said;
use moisson::notify::Notice;

/// A bank wants its owner again.
fn notice() -> Notice {
    Notice {
        title: Said::new("The consent of « banque » ends", "Le consentement de « banque » prend fin"),
        text: Said::new("It ends in three days.", "Il prend fin dans trois jours."),
        link: Some("https://www.example.org/consent".to_owned()),
        is_urgent: true,
    }
}
