//! The key in a keyring: one in memory here, as no machine of tests has one that answers.

use super::*;
use crate::vault::ring::Ring;

fn in_ring(place: &mut Place, ring: &Ring) -> Vault {
    if place.variables.is_empty() {
        place.variables.push(("MOISSON_KEYRING", PathBuf::from("yes")));
    }
    Vault::open(&place.path("data"), place.keys().with_ring(ring.clone()))
}

fn kept(ring: &Ring) -> Vec<String> {
    let Ring::Memory(kept) = ring else { panic!("the ring of these tests is one in memory") };
    kept.lock().unwrap().keys().cloned().collect()
}

#[test]
fn a_key_in_the_keyring_needs_no_file_and_is_rotated_there() {
    let (mut place, ring) = (Place::new(), Ring::Memory(Arc::default()));
    in_ring(&mut place, &ring).keep("joint/token", secret("canary")).unwrap();
    assert!(!place.key().exists(), "no key file is made");
    let before = kept(&ring);
    assert_eq!(before.len(), 1, "{before:?}");
    assert_eq!(told(&in_ring(&mut place, &ring), "joint/token").as_deref(), Some("canary"));
    let sealed = fs::read(place.sealed()).unwrap();
    in_ring(&mut place, &ring).rotate(Rotation::NewKey).unwrap();
    assert_ne!(fs::read(place.sealed()).unwrap(), sealed);
    assert_eq!(kept(&ring), before, "the key that waited has taken its place");
    assert_eq!(told(&in_ring(&mut place, &ring), "joint/token").as_deref(), Some("canary"));
    in_ring(&mut place, &ring).rotate(Rotation::Passphrase(secret("correct horse"))).unwrap();
    assert!(kept(&ring).is_empty(), "it opens nothing any more");
}

#[test]
fn secrets_that_are_there_move_into_the_keyring_by_a_passphrase() {
    let (mut place, ring) = (Place::new(), Ring::Memory(Arc::default()));
    place.vault().keep("joint/token", secret("canary")).unwrap();
    place.vault().rotate(Rotation::Passphrase(secret("correct horse"))).unwrap();
    place.variables.push(("MOISSON_KEYRING", PathBuf::from("yes")));
    let keys = place.keys().with_ring(ring.clone()).asking(Box::new(|| Some(secret("correct horse"))));
    Vault::open(&place.path("data"), keys).rotate(Rotation::NewKey).unwrap();
    assert_eq!(kept(&ring).len(), 1);
    assert_eq!(told(&in_ring(&mut place, &ring), "joint/token").as_deref(), Some("canary"));
}

#[test]
fn what_the_environment_says_chooses_the_place() {
    let (mut place, ring) = (Place::new(), Ring::Memory(Arc::default()));
    place.vault().keep("joint/token", secret("canary")).unwrap();
    assert!(place.key().exists() && kept(&ring).is_empty());
    // Where the keyring is named, a key file is no longer looked at.
    let error = in_ring(&mut place, &ring).find("joint/token").map(|_| ()).expect_err("no key");
    assert!(matches!(&error, VaultError::NoKey { place, .. } if place.contains("MOISSON_KEYRING")), "{error}");
    for no in ["", "no", "0"] {
        place.variables[0].1 = PathBuf::from(no);
        assert_eq!(told(&in_ring(&mut place, &ring), "joint/token").as_deref(), Some("canary"), "{no:?}");
    }
    let other = Place::new().keys();
    assert!(other.file().is_some());
}

#[test]
#[cfg(not(feature = "keyring"))]
fn a_program_without_a_keyring_says_so_and_makes_nothing() {
    let mut place = Place::new();
    let error = in_ring(&mut place, &Ring::System).keep("joint/token", secret("canary")).expect_err("no keyring");
    assert!(matches!(error, VaultError::NoKeyring), "{error}");
    assert!(error.said().fr.contains("sans trousseau"));
    assert!(!place.sealed().exists() && !place.key().exists());
}
