//! What the machine can do to a writer: kill it, fill its disk, refuse to sync.
//!
//! Each scenario runs in a child process (this test binary again, its `worker` test alone), and
//! the home is judged from outside afterwards.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use moisson::archive::{self, ArchiveError};

use super::{check, files, noise, take};

const HOME: &str = "MOISSON_TEST_ARCHIVE_HOME";
const TIMES: &str = "MOISSON_TEST_ARCHIVE_TIMES";
const SIZE: &str = "MOISSON_TEST_ARCHIVE_SIZE";

/// Not a test by itself: takes documents and says on standard output which were acknowledged.
#[test]
fn worker() {
    let Ok(home) = std::env::var(HOME) else { return };
    // The harness has begun a line with the name of the test.
    println!();
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse().ok()).unwrap_or(10);
    let first = check_count(Path::new(&home));
    for n in first..first + number(TIMES) {
        let bytes = noise(n, usize::try_from(number(SIZE)).unwrap());
        let taken = attempt(Path::new(&home), n, &bytes).or_else(|error| {
            println!("refused {}", kind(&error));
            attempt(Path::new(&home), n, &bytes)
        });
        match taken {
            Ok(sha256) => println!("acknowledged {sha256}"),
            Err(error) => println!("refused {}", kind(&error)),
        }
    }
    println!("sound {}", check(Path::new(&home)).is_sound());
}

fn attempt(home: &Path, n: u64, bytes: &[u8]) -> Result<String, ArchiveError> {
    let _lock = archive::lock(home)?;
    take(&mut archive::open(home)?, &format!("{n}.csv"), bytes)
}

fn check_count(home: &Path) -> u64 {
    archive::open(home).map_or(0, |archive| archive.journal.last().0)
}

fn kind(error: &ArchiveError) -> &'static str {
    match error {
        ArchiveError::NoRoom { .. } => "no room",
        ArchiveError::Io { .. } => "io",
        _ => "otherwise",
    }
}

/// The worker, run by a shell command that ends in `exec "$0" "$@"` or the like.
fn worker_under(shell: &str, home: &Path, times: u64, size: u64) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(shell).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "faults::worker", "--nocapture", "--test-threads", "1"]);
    command.env(HOME, home).env(TIMES, times.to_string()).env(SIZE, size.to_string());
    command
}

fn said(command: &mut Command) -> Vec<String> {
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn acknowledged(said: &[String]) -> Vec<String> {
    said.iter().filter_map(|line| line.strip_prefix("acknowledged ")).map(str::to_owned).collect()
}

/// Everything acknowledged can be read, and both records agree.
fn assert_nothing_lost(home: &Path, acknowledged: &[String], scenario: &str) {
    let verdict = check(home);
    assert!(verdict.is_sound(), "{scenario}: {:?}", verdict.problems);
    let archive = archive::open(home).unwrap();
    let named: Vec<String> =
        archive.journal.entries().unwrap().map(|line| format!("{:?}", line.unwrap().entry)).collect();
    for sha256 in acknowledged {
        assert!(archive.read(sha256).is_ok(), "{scenario}: {sha256} is lost");
        assert!(named.iter().any(|line| line.contains(sha256)), "{scenario}: {sha256} is not in the journal");
    }
}

#[test]
fn folders_and_files_are_private_whatever_the_umask() {
    for umask in ["000", "022", "777"] {
        let home = tempfile::tempdir().unwrap();
        let said = said(&mut worker_under(&format!("umask {umask}; exec \"$0\" \"$@\""), home.path(), 3, 10));
        assert_eq!(acknowledged(&said).len(), 3, "umask {umask}: {said:?}");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for folder in ["archive", "journal"] {
            assert_eq!(mode(&home.path().join(folder)), 0o700, "umask {umask}");
            for file in files(&home.path().join(folder)) {
                assert_eq!(mode(&file), 0o600, "umask {umask}: {}", file.display());
            }
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for round in 0..40 {
        let mut command = worker_under("exec \"$0\" \"$@\"", home.path(), 1000, 100 + 997 * (round % 7));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let wanted = usize::try_from(1 + round % 5).unwrap();
        let seen: Vec<String> = lines.filter(|line| line.starts_with("acknowledged ")).take(wanted).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        all.extend(acknowledged(&seen));
        assert_nothing_lost(home.path(), &all, &format!("round {round}"));
    }
    assert_eq!(all.len(), 120);
}

/// The operating system refuses files beyond a size (`ulimit -f`, EFBIG), which stops a write in
/// its middle as a full disk does: small documents fit, and the journal hits the limit.
#[test]
fn a_write_that_stops_in_its_middle_leaves_no_trace() {
    for blocks in 0..8 {
        let home = tempfile::tempdir().unwrap();
        let shell = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let said = said(&mut worker_under(&shell, home.path(), 12, 10));
        assert!(said.iter().any(|line| line == "refused no room"), "{blocks} blocks: {said:?}");
        assert!(said.iter().all(|line| line != "refused otherwise"), "{blocks} blocks: {said:?}");
        assert_nothing_lost(home.path(), &acknowledged(&said), &format!("{blocks} blocks"));
        archive::open(home.path()).unwrap().journal.append(super::now(), &super::note("room again")).unwrap();
        assert!(check(home.path()).is_sound());
    }
}

/// A file system of a few pages, in a mount namespace of its own where that is allowed.
#[test]
fn a_full_disk_is_an_error_and_no_damage() {
    let can_mount = "unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /mnt' 2>/dev/null";
    if !Command::new("sh").arg("-c").arg(can_mount).status().unwrap().success() {
        println!("skipped: no private mounts here; the size limit of a process stands in for a full disk");
        return;
    }
    for pages in [1, 2, 3, 5, 8, 13, 21, 34] {
        let home = tempfile::tempdir().unwrap();
        let mount = format!("mount -t tmpfs -o size={}k,nr_inodes=60 tmpfs \"${HOME}\"", 4 * pages);
        let shell =
            format!("exec unshare --user --map-root-user --mount sh -c '{mount} && exec \"$0\" \"$@\"' \"$0\" \"$@\"");
        let said = said(&mut worker_under(&shell, home.path(), 40, 5000));
        assert!(said.iter().any(|line| line == "refused no room"), "{pages} pages: {said:?}");
        assert!(said.iter().all(|line| line != "refused otherwise"), "{pages} pages: {said:?}");
        assert_eq!(said.iter().filter(|line| *line == "sound true").count(), 1, "{pages} pages: {said:?}");
    }
}

/// The Nth sync fails once, for every N a run has; the second attempt must succeed.
#[test]
fn a_failed_sync_is_an_error_and_a_retry_succeeds() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: strace, which makes a sync fail, is not installed");
        return;
    }
    let mut n_refused = 0;
    for nth in 1..=24 {
        let home = tempfile::tempdir().unwrap();
        let shell = format!(
            "exec strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when={nth} \"$0\" \"$@\""
        );
        let said = said(&mut worker_under(&shell, home.path(), 4, 10));
        if said.is_empty() {
            println!("skipped: strace may not trace here");
            return;
        }
        assert_eq!(acknowledged(&said).len(), 4, "sync {nth}: {said:?}");
        assert_nothing_lost(home.path(), &acknowledged(&said), &format!("sync {nth}"));
        n_refused += said.iter().filter(|line| *line == "refused io").count();
    }
    assert!(n_refused >= 15, "only {n_refused} of the injected failures were met");
}
