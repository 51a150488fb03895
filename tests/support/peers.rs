//! Real programs to test against, at pinned versions: made once below `target/`, or found here.
//!
//! It needs nothing of the crate, so that any test takes it in by `#[path]`. When a peer is not
//! to be had, the test says so and returns; where `CI` is `true` it fails instead.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Python packages such as `aiosmtpd==1.4.6` in an environment of their own; gives the folder of
/// its programs (`python` is one).
pub fn pip(packages: &[&str]) -> Option<PathBuf> {
    made("py", packages, |folder| {
        run(Command::new(on_path("python3")?).args(["-m", "venv"]).arg(folder))?;
        run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet"]).args(packages))
    })
    .map(|folder| folder.join("bin"))
}

/// Packages of npm such as `name@1.2.3`; gives the folder of their programs.
pub fn npm(packages: &[&str]) -> Option<PathBuf> {
    made("js", packages, |folder| {
        std::fs::create_dir_all(folder).ok()?;
        run(Command::new(on_path("npm")?)
            .args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"])
            .arg(folder)
            .args(packages))
    })
    .map(|folder| folder.join("node_modules/.bin"))
}

/// The sources of a Python package, unpacked; `python` is one with `pip`, as [`pip`] gives.
pub fn sources(python: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let package = format!("{name}=={version}");
    made("src", &[&package], |folder| {
        let only_sources = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
        run(Command::new(python).args(only_sources).arg(folder).arg(&package))?;
        let archive = folder.join(format!("{name}-{version}.tar.gz"));
        run(Command::new(python).args(["-m", "tarfile", "-e"]).args([&archive, folder]))
    })
    .map(|folder| folder.join(format!("{name}-{version}")))
}

/// A program of this machine, which may stand where only the system looks.
pub fn program(name: &str) -> Option<PathBuf> {
    on_path(name).or_else(|| missing(&format!("no program {name}")))
}

/// Says that a test is skipped, and why; fails where nothing may be missing.
pub fn missing<T>(why: &str) -> Option<T> {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "a peer is missing: {why}");
    println!("skipped: {why}");
    None
}

/// A port of the loopback that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// A program that runs until this is dropped.
pub struct Peer {
    child: Child,
}

impl Peer {
    /// Starts a program and waits until it listens on `port`; it is given 30 s.
    pub fn start(command: &mut Command, port: u16) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the peer starts");
        let mut peer = Self { child };
        peer.wait_for(port);
        peer
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn wait_for(&mut self, port: u16) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the peer ended before it listened: {ended:?}");
            assert!(Instant::now() < deadline, "the peer does not listen on {port}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder that `make` fills, once for all tests that want the same packages.
fn made(kind: &str, packages: &[&str], make: impl FnOnce(&Path) -> Option<()>) -> Option<PathBuf> {
    let peers = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    std::fs::create_dir_all(&peers).expect("a folder for peers");
    let name = format!("{kind}-{}", packages.join("-").replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
    let lock = File::create(peers.join(format!("{name}.lock"))).expect("a lock");
    lock.lock().expect("one at a time");
    let (folder, ready) = (peers.join(&name), peers.join(format!("{name}.ready")));
    if ready.exists() {
        return Some(folder);
    }
    let _ = std::fs::remove_dir_all(&folder);
    if make(&folder).is_none() {
        return missing(&format!("{} cannot be installed", packages.join(" ")));
    }
    std::fs::write(ready, packages.join("\n")).expect("a mark");
    Some(folder)
}

fn run(command: &mut Command) -> Option<()> {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).status().ok()?;
    done.success().then_some(())
}

fn on_path(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&given).chain(system).map(|folder| folder.join(name)).find(|file| file.is_file())
}
