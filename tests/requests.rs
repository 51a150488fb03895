//! What clients that cannot be had here send, as they send it, and what they are answered: each
//! file of `requests` is sent to the program with an empty home, the answers are snapshots.

#[path = "support/device.rs"]
#[allow(dead_code, reason = "here the bytes of the answers count")]
mod device;
#[path = "requests/plain.rs"]
mod plain;
#[path = "requests/replay.rs"]
mod replay;
#[path = "requests/rules.rs"]
mod rules;
#[path = "requests/sequence.rs"]
mod sequence;
#[path = "dav/server.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod server;

use replay::replay;

macro_rules! sequences {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            insta::with_settings!({snapshot_path => "requests/snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(stringify!($name), replay(include_str!(concat!("requests/", stringify!($name), ".http"))));
            });
        })*
    };
}

sequences! {
    apple_discovers
    apple_keeps_calendars
    apple_keeps_contacts
    davx5_discovers
    davx5_keeps_a_calendar
    davx5_keeps_an_address_book
    evolution_asks
    others_ask
    thunderbird_asks
}
