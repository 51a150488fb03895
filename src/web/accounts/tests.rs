//! Devices come, are known again, and go.

use std::os::unix::fs::PermissionsExt as _;

use secrecy::ExposeSecret as _;

use super::*;

const NOW: &str = "2026-05-04T08:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

fn home() -> (tempfile::TempDir, Accounts) {
    let folder = tempfile::tempdir().expect("a folder");
    let accounts = Accounts::open(folder.path(), "moisson");
    (folder, accounts)
}

fn add(accounts: &Accounts, name: &str) -> String {
    let added = accounts.add(name, Scope::all(), now()).expect("a device");
    added.password.expose_secret().to_owned()
}

#[test]
fn a_password_is_known_however_it_is_typed_and_no_other_is() {
    let (_folder, accounts) = home();
    let password = add(&accounts, "phone");
    assert_eq!((password.len(), password.split('-').count()), (34, 7), "{password}");
    let with_letters = password.replace('0', "O").replace('1', "l");
    for typed in [password.clone(), password.replace('-', ""), password.to_uppercase(), with_letters] {
        assert_eq!(accounts.check("Moisson", &typed).expect("the device").name, "phone");
    }
    let mut other = password.clone();
    let last = if other.pop() == Some('0') { '2' } else { '0' };
    other.push(last);
    for wrong in [other.as_str(), "", &password[..33], &password.repeat(20)] {
        assert!(accounts.check("moisson", wrong).is_none());
    }
    assert!(accounts.check("somebody", &password).is_none());
}

#[test]
fn what_another_process_changes_counts_at_once() {
    let (folder, accounts) = home();
    assert!(accounts.check("moisson", "nothing").is_none());
    let other = Accounts::open(folder.path(), "moisson");
    let phone = add(&other, "phone");
    assert!(accounts.check("moisson", &phone).is_some());
    assert!(other.revoke("PHONE", now()).expect("a change"));
    assert!(accounts.check("moisson", &phone).is_none());
    assert!(!other.revoke("phone", now()).expect("no change"));
}

#[test]
fn the_name_of_a_revoked_device_is_free_and_its_password_stays_useless() {
    let (_folder, accounts) = home();
    let first = add(&accounts, "phone");
    assert!(matches!(accounts.add("Phone", Scope::all(), now()), Err(AccountError::Taken { .. })));
    accounts.revoke("phone", now()).expect("a change");
    let second = add(&accounts, "phone");
    assert!(accounts.check("moisson", &first).is_none());
    assert!(accounts.check("moisson", &second).is_some());
    assert_eq!(accounts.known("moisson", &first).expect("known still").revoked_at, Some(now()));
    assert_eq!(accounts.devices().expect("devices").len(), 2);
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        assert!(matches!(accounts.add(name, Scope::all(), now()), Err(AccountError::BadName { .. })), "{name:?}");
    }
}

#[test]
fn no_file_holds_a_password_and_nobody_else_reads_them() {
    let (folder, accounts) = home();
    let password = add(&accounts, "phone");
    let device = accounts.check("moisson", &password).expect("the device");
    accounts.note(&device, now(), "192.168.1.20".parse().expect("an address"));
    for name in ["devices.json", "state/devices.json"] {
        let path = folder.path().join(name);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(!text.contains(&password) && !text.contains(&password.replace('-', "")));
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert!(!format!("{device:?}").contains(&password));
}

#[test]
fn a_damaged_file_lets_nobody_in_and_is_left_as_it_is() {
    let (folder, accounts) = home();
    let password = add(&accounts, "phone");
    let path = folder.path().join("devices.json");
    std::fs::write(&path, "{\"devices\": [{\"id\": 3}]}").expect("a file");
    assert!(accounts.check("moisson", &password).is_none());
    assert!(matches!(accounts.add("other", Scope::all(), now()), Err(AccountError::Damaged { .. })));
    assert!(std::fs::read_to_string(&path).expect("the file").contains("\"id\": 3"));
}

#[test]
fn what_a_device_was_last_used_for_is_written_once_a_minute() {
    let (folder, accounts) = home();
    add(&accounts, "phone");
    let device = accounts.devices().expect("devices")[0].clone();
    let address: IpAddr = "192.168.1.20".parse().expect("an address");
    let later = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    let seen = || Accounts::open(folder.path(), "moisson").used(&device).map(|used| used.at);
    accounts.note(&device, now(), address);
    accounts.note(&device, later(59), address);
    assert_eq!(seen(), Some(now()));
    assert_eq!(accounts.used(&device).map(|used| used.at), Some(later(59)));
    accounts.note(&device, later(60), address);
    assert_eq!(seen(), Some(later(60)));
    accounts.note(&device, later(61), address);
    accounts.flush();
    assert_eq!(seen(), Some(later(61)));
}

#[test]
fn a_scope_says_what_may_be_seen_and_changed() {
    let some = Some(["family".to_owned()].into());
    let scope = Scope { service: Service::Calendars, access: Access::Read, collections: some, page: false };
    assert!(scope.may_read(Service::Calendars, "family"));
    assert!(!scope.may_read(Service::Calendars, "work"));
    assert!(!scope.may_read(Service::Contacts, "family"));
    assert!(!scope.may_read(Service::All, "family"), "plain files are not calendars");
    let all = Scope { service: Service::All, ..scope.clone() };
    assert!(all.may_read(Service::Contacts, "family") && !all.may_read(Service::All, "family"));
    assert!(!scope.may_write(Service::Calendars, "family"));
    let scope = Scope { access: Access::Write, ..scope };
    assert!(scope.may_write(Service::Calendars, "family") && !scope.may_make(Service::Calendars));
    assert!(Scope::all().may_make(Service::Contacts) && Scope::all().may_write(Service::All, "papers"));
}

#[test]
fn many_at_once_lose_no_device() {
    let (folder, _) = home();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = folder.path();
            scope.spawn(move || {
                let accounts = Accounts::open(path, "moisson");
                for n in 0..10 {
                    add(&accounts, &format!("device {thread} {n}"));
                }
            });
        }
    });
    let accounts = Accounts::open(folder.path(), "moisson");
    assert_eq!(accounts.devices().expect("devices").len(), 40);
}

#[test]
fn nobody_waits_for_ever_for_whoever_changes_devices() {
    let (folder, _) = home();
    let path = folder.path().join("devices.json");
    let held = file::lock(&path, Duration::ZERO).expect("the lock");
    assert!(matches!(file::lock(&path, Duration::from_millis(50)), Err(AccountError::Busy)));
    drop(held);
    assert!(file::lock(&path, Duration::ZERO).is_ok());
}

#[test]
fn revoked_devices_make_room() {
    let (_folder, accounts) = home();
    let later = |minutes| now() + jiff::SignedDuration::from_mins(minutes);
    for n in 0..MOST_DEVICES {
        add(&accounts, &format!("device {n}"));
    }
    assert!(matches!(accounts.add("one more", Scope::all(), now()), Err(AccountError::TooMany { .. })));
    accounts.revoke("device 7", later(2)).expect("a change");
    accounts.revoke("device 8", later(1)).expect("a change");
    add(&accounts, "one more");
    let names: Vec<String> = accounts.devices().expect("devices").iter().map(|device| device.name.clone()).collect();
    assert_eq!(names.len(), MOST_DEVICES);
    assert!(
        names.contains(&"device 7".to_owned()) && !names.contains(&"device 8".to_owned()),
        "the first revoked goes"
    );
}
