//! The archive and the journal, as their users rely on them: nothing acknowledged is lost,
//! whatever stops the writer, and nothing that changed on the disk goes unseen.

// The functions that tests share are tests too, though the lints do not see it.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::naive_bytecount)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use moisson::archive::{self, Archive, ArchiveError, Document, Entry, Note, Problem, Seq, Verdict};
use proptest::prelude::*;

#[path = "archive/faults.rs"]
mod faults;

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn note(text: &str) -> Entry {
    Entry::Note(Note { text: text.to_owned() })
}

/// Keeps bytes and writes them down, as an import does.
fn take(archive: &mut Archive, name: &str, bytes: &[u8]) -> Result<String, ArchiveError> {
    let kept = archive.keep(bytes)?;
    let document = Document {
        sha256: kept.sha256.clone(),
        size: kept.size,
        name: name.to_owned(),
        as_of: now(),
        source: Some("bank".to_owned()),
        connector: None,
        parent: None,
        origin: None,
        shows: None,
    };
    archive.journal.append(now(), &Entry::Document(document))?;
    Ok(kept.sha256)
}

fn check(home: &Path) -> Verdict {
    archive::verify(&archive::open(home).unwrap(), &mut |_, _| {})
}

/// Bytes that do not compress, different for each seed.
fn noise(seed: u64, n: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..n).map(|_| next()).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn bytes_come_back_as_they_were_and_are_kept_once() {
    let home = tempfile::tempdir().unwrap();
    let archive = archive::open(home.path()).unwrap();
    for bytes in [&b""[..], b"Date;Libelle\n", &noise(1, 300_000), &vec![0; 300_000]] {
        let first = archive.keep(bytes).unwrap();
        assert!(first.is_new && !archive.keep(bytes).unwrap().is_new);
        assert_eq!(archive.read(&first.sha256).unwrap(), bytes);
        assert!(archive.holds(&first.sha256));
        let (a, b) = (&first.sha256[..2], &first.sha256[2..4]);
        assert!(home.path().join(format!("archive/{a}/{b}/{}.zst", first.sha256)).is_file());
    }
    assert_eq!(files(&home.path().join("archive")).len(), 4);
}

#[test]
fn a_known_document_is_not_written_again() {
    let home = tempfile::tempdir().unwrap();
    let archive = archive::open(home.path()).unwrap();
    archive.keep(b"once").unwrap();
    let path = files(&home.path().join("archive")).remove(0);
    let inode = || fs::metadata(&path).unwrap().ino();
    let written = inode();
    assert!(!archive.keep(b"once").unwrap().is_new);
    assert_eq!(inode(), written);
}

#[test]
fn a_damaged_document_is_written_again() {
    let home = tempfile::tempdir().unwrap();
    let archive = archive::open(home.path()).unwrap();
    let kept = archive.keep(b"once").unwrap();
    let path = files(&home.path().join("archive")).remove(0);
    fs::write(&path, b"touched").unwrap();
    archive.keep(b"once").unwrap();
    assert_eq!(archive.read(&kept.sha256).unwrap(), b"once");
}

#[test]
fn only_names_of_documents_are_looked_up() {
    let home = tempfile::tempdir().unwrap();
    let archive = archive::open(home.path()).unwrap();
    let unknown = "0".repeat(64);
    for name in ["", "é", "../../../etc/passwd", &"A".repeat(64), unknown.as_str()] {
        assert!(!archive.holds(name), "{name}");
        assert!(matches!(archive.read(name), Err(ArchiveError::Missing { .. })), "{name}");
    }
}

#[test]
fn entries_come_back_in_order_with_their_instants() {
    let home = tempfile::tempdir().unwrap();
    let mut archive = archive::open(home.path()).unwrap();
    let sha256 = take(&mut archive, "mars.csv", b"rows").unwrap();
    assert_eq!(archive.journal.append_all(now(), &[note("a"), note("b")]).unwrap(), Seq(3));
    assert_eq!(archive.journal.append_all(now(), &[]).unwrap(), Seq(3));
    let lines: Vec<_> = archive.journal.entries().unwrap().map(Result::unwrap).collect();
    assert!(matches!(&lines[0].entry, Entry::Document(document) if document.sha256 == sha256));
    assert_eq!(lines.iter().map(|line| line.seq.0).collect::<Vec<_>>(), vec![1, 2, 3]);
    assert!(lines.iter().all(|line| line.at == now()));
}

#[test]
fn one_process_writes_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let held = archive::lock(home.path()).unwrap();
    match archive::lock(home.path()) {
        Err(ArchiveError::Busy { holder: Some(holder), .. }) => assert!(holder.starts_with("process ")),
        other => panic!("{other:?}"),
    }
    drop(held);
    assert!(archive::lock(home.path()).is_ok());
}

#[test]
fn a_whole_archive_has_no_problem_and_progress_ends_at_its_total() {
    let home = tempfile::tempdir().unwrap();
    let mut archive = archive::open(home.path()).unwrap();
    for n in 0..5 {
        take(&mut archive, &format!("{n}.csv"), &noise(n, 1000)).unwrap();
    }
    let mut seen = Vec::new();
    let verdict = archive::verify(&archive, &mut |done, total| seen.push((done, total)));
    assert_eq!((verdict.n_documents, verdict.n_bytes, verdict.n_journal_lines), (5, 5000, 5));
    assert_eq!(verdict.problems, vec![]);
    assert_eq!((seen.first(), seen.last()), (Some(&(0, 5000)), Some(&(5000, 5000))));
}

#[test]
fn verify_tells_what_is_missing_left_over_and_strange() {
    let home = tempfile::tempdir().unwrap();
    let mut archive = archive::open(home.path()).unwrap();
    let lost = take(&mut archive, "lost.csv", b"lost").unwrap();
    archive.keep(b"unnamed").unwrap();
    let folder = home.path().join("archive");
    fs::remove_file(folder.join(&lost[..2]).join(&lost[2..4]).join(format!("{lost}.zst"))).unwrap();
    fs::write(folder.join(&lost[..2]).join(&lost[2..4]).join(".new-1-x"), b"half").unwrap();
    fs::write(folder.join("holiday.jpg"), b"jpg").unwrap();
    fs::write(home.path().join("journal/torn-1"), b"{").unwrap();
    let problems = check(home.path()).problems;
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(matches!(errors[..], [Problem::MissingDocument { .. }]), "{problems:?}");
    assert!(problems.iter().any(|problem| matches!(problem, Problem::Orphan { .. })));
    assert!(problems.iter().any(|problem| matches!(problem, Problem::Leftover { .. })));
    assert!(problems.iter().any(|problem| matches!(problem, Problem::Stranger { .. })));
    assert!(problems.iter().any(|problem| matches!(problem, Problem::SetAside { .. })));
    assert_eq!(problems.len(), 5);
}

/// Flips one bit of a file, looks, and flips it back.
fn is_flip_found(home: &Path, path: &Path, bytes: &mut [u8], bit: usize) -> bool {
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, &*bytes).unwrap();
    let is_found = !check(home).is_sound();
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, &*bytes).unwrap();
    is_found
}

#[test]
fn one_flipped_bit_is_found_wherever_it_is() {
    let home = tempfile::tempdir().unwrap();
    let mut archive = archive::open(home.path()).unwrap();
    take(&mut archive, "noise.csv", &noise(9, 50)).unwrap();
    take(&mut archive, "text.csv", "12/03/2026;VIR;1045,00\n".repeat(40).as_bytes()).unwrap();
    take(&mut archive, "empty.csv", b"").unwrap();
    let mut n_trials = 0;
    for path in files(home.path()) {
        let mut bytes = fs::read(&path).unwrap();
        // A step that shares no factor with 8 meets every bit of a byte and every part of a file.
        for bit in (0..bytes.len() * 8).step_by(if bytes.len() > 1000 { 17 } else { 3 }) {
            assert!(is_flip_found(home.path(), &path, &mut bytes, bit), "{}: bit {bit}", path.display());
            n_trials += 1;
        }
    }
    assert!(n_trials >= 1000, "only {n_trials} trials");
    assert!(check(home.path()).is_sound());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Cut anywhere, the journal reopens with every line before the cut, reports the rest, keeps
    /// it aside, and goes on.
    #[test]
    fn a_cut_journal_reopens_to_a_prefix(
        batches in prop::collection::vec(prop::collection::vec("[a-z\"\\\\é\n]{0,40}", 1..4), 1..8),
        cut in 0.0..=1.0,
    ) {
        let home = tempfile::tempdir().unwrap();
        let mut archive = archive::open(home.path()).unwrap();
        let entries: Vec<Vec<Entry>> = batches.iter().map(|batch| batch.iter().map(|text| note(text)).collect()).collect();
        for batch in &entries {
            archive.journal.append_all(now(), batch).unwrap();
        }
        let path = home.path().join("journal/000001.jsonl");
        let whole = fs::read(&path).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let n_left = (cut * whole.len() as f64) as usize;
        fs::write(&path, &whole[..n_left]).unwrap();

        let n_lines = whole[..n_left].split(|byte| *byte == b'\n').count() - 1;
        let n_torn = n_left - whole[..n_left].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut archive = archive::open(home.path()).unwrap();
        let expected: Vec<Entry> = entries.concat().into_iter().take(n_lines).collect();
        prop_assert_eq!(read(&archive), expected.clone());
        prop_assert_eq!(archive.journal.torn().map_or(0, |torn| torn.n_bytes), n_torn as u64);

        archive.journal.append(now(), &note("after")).unwrap();
        let aside = home.path().join("journal/torn-1");
        prop_assert_eq!(fs::read(aside).unwrap_or_default(), &whole[n_left - n_torn..n_left]);
        prop_assert!(check(home.path()).is_sound());
        prop_assert_eq!(read(&archive::open(home.path()).unwrap()), [expected, vec![note("after")]].concat());
    }
}

fn read(archive: &Archive) -> Vec<Entry> {
    archive.journal.entries().unwrap().map(|line| line.unwrap().entry).collect()
}
