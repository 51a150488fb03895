//! The program killed at random moments of an import.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moisson::warehouse::{Mode, TableHash, Warehouse};

use crate::documents as made;
use crate::program::{assert_sound, command, run};

const HOMES: u32 = 7;
const KILLS_A_HOME: u32 = 3;

/// Documents of three families, and an archive file with two more.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let inner: Vec<(&str, String)> =
        vec![("a.csv", made::export("dedans un", 400)), ("b.csv", made::export("dedans deux", 400))];
    let inner: Vec<(&str, &[u8], usize)> = inner.iter().map(|(name, text)| (*name, text.as_bytes(), 1)).collect();
    let files = [
        ("1.csv", made::export("un", 2_000).into_bytes()),
        ("2.zip", made::zipped(&inner)),
        ("3.vcf", made::card_with_photo(1).into_bytes()),
        ("4.ics", made::every_second().replace("SECONDLY", "DAILY").into_bytes()),
        ("5.bin", made::noise(50_000)),
        ("6.csv", made::broken_export("deux", 2_000).into_bytes()),
    ];
    files
        .into_iter()
        .map(|(name, bytes)| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).expect("a file");
            path
        })
        .collect()
}

/// Tables whose content does not depend on the day of the run.
fn hashes(home: &Path) -> Vec<TableHash> {
    let warehouse = Warehouse::open(&home.join("warehouse.duckdb"), Mode::Write).expect("a warehouse");
    let mut hashes = warehouse.table_hashes().expect("hashes");
    hashes.retain(|table| !["main.status", "main.bills", "main.people"].contains(&table.table.as_str()));
    hashes
}

#[test]
fn a_killed_import_is_completed_by_the_next_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = documents(folder.path());
    let mut arguments = vec!["import"];
    arguments.extend(files.iter().map(|path| path.to_str().expect("a plain path")));

    let undisturbed = folder.path().join("undisturbed");
    let started = Instant::now();
    assert_eq!(run(&undisturbed, &arguments).code, Some(1), "one document is refused");
    let whole = started.elapsed();
    let wanted = hashes(&undisturbed);

    let mut dice = 0x2026_1121_u64;
    let mut n_killed = 0;
    for number in 0..HOMES {
        let home = folder.path().join(format!("home {number}"));
        for kill in 0..KILLS_A_HOME {
            // What came in before the first kill is known to the second run, which is done earlier.
            let share = random(&mut dice) * f64::from(KILLS_A_HOME - kill) / f64::from(KILLS_A_HOME);
            n_killed += u32::from(was_killed(&home, &arguments, whole.mul_f64(share)));
            assert_sound(&home);
        }
        let last = run(&home, &arguments);
        assert!(matches!(last.code, Some(0 | 1)), "{}", last.text);
        assert_sound(&home);
        let found = hashes(&home);
        let differing: Vec<_> = found.iter().filter(|table| !wanted.contains(table)).collect();
        assert!(differing.is_empty(), "home {number}: {differing:?}\n{}", last.text);
        assert_eq!(found.len(), wanted.len());
    }
    println!("{n_killed} of {} runs were killed within {whole:?}", HOMES * KILLS_A_HOME);
    assert!(n_killed >= 7, "{n_killed}");
}

/// Starts an import and ends it after that time; false when it was done before.
fn was_killed(home: &Path, arguments: &[&str], after: Duration) -> bool {
    let mut child = command(home, arguments).spawn().expect("the program starts");
    let until = Instant::now() + after;
    while Instant::now() < until {
        if child.try_wait().expect("a state").is_some() {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end").code().is_none()
}

/// A number from 0 to 1 (xorshift).
fn random(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    f64::from(u32::try_from(*state >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
