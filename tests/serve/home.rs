//! A home with a folder that is fetched, and the daemon that does it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::peers;

/// Two invented movements.
pub const DAY: &str =
    "date;label;amount;account\n2026-05-04;CAFE DU PORT;-4,20;joint\n2026-05-05;BOULANGERIE;-3,10;joint\n";

pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// With the source `drop`, whose folder is looked at once a year and watched.
    pub fn with_folder() -> Self {
        let home = Self { folder: tempfile::tempdir().expect("a folder") };
        fs::create_dir(home.path().join("drop")).expect("a folder");
        let folder = home.path().join("drop");
        let text = format!(
            "[[sources]]\nid = \"drop\"\nconnector = \"generic/folder\"\nschedule = \"@yearly\"\nfetch = {{ folder = \"{}\" }}\n",
            folder.display()
        );
        fs::write(home.path().join("moisson.toml"), text).expect("settings");
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn settings(&self) -> String {
        fs::read_to_string(self.path().join("moisson.toml")).expect("settings")
    }

    pub fn set_settings(&self, text: &str) {
        fs::write(self.path().join("moisson.toml"), text).expect("settings");
    }

    /// What the archive holds.
    pub fn documents(&self) -> Vec<std::path::PathBuf> {
        let folders = fs::read_dir(self.path().join("archive")).into_iter().flatten().flatten();
        let below = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        below.map(|entry| entry.path()).collect()
    }

    pub fn add_settings(&self, text: &str) {
        let mut file = fs::File::options().append(true).open(self.path().join("moisson.toml")).expect("settings");
        file.write_all(text.as_bytes()).expect("settings");
    }

    /// A file that has lain in the folder for an hour.
    pub fn drop(&self, name: &str, text: &str) {
        let path = self.drop_now(name, text);
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(path).and_then(|file| file.set_modified(hour_ago)).expect("a time");
    }

    pub fn drop_now(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.path().join("drop").join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moisson"));
        command.arg("--home").arg(self.path()).args(arguments);
        command.env("LC_ALL", "C").env_remove("RUST_LOG").stdin(Stdio::null());
        command
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Exit code, and what was printed.
    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().expect("it runs");
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.code().unwrap_or(-1), printed)
    }

    /// Rows as CSV without a header.
    pub fn sql(&self, question: &str) -> String {
        let (code, out) = self.run(&["sql", question, "--format", "csv"]);
        assert_eq!(code, 0, "{out}");
        out.split_once('\n').map_or(String::new(), |(_, rows)| rows.replace('\r', ""))
    }

    /// The lines of the log of runs.
    pub fn run_log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join("runs/000001.jsonl")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The daemon, once it is ready.
    pub fn serve(&self) -> Daemon {
        let port = peers::free_port();
        let log = fs::File::options().create(true).append(true).open(self.path().join("log")).expect("a log");
        let child = self
            .command(&["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("it starts");
        let daemon = Daemon { child, port, log: self.path().join("log") };
        assert!(until(Duration::from_secs(30), || daemon.get("/readyz", "127.0.0.1").0 == 200), "{}", daemon.log());
        daemon
    }
}

pub struct Daemon {
    child: Child,
    port: u16,
    log: std::path::PathBuf,
}

impl Daemon {
    /// Status and body; 0 when nobody answers.
    pub fn get(&self, path: &str, host: &str) -> (u16, String) {
        self.try_get(path, host).unwrap_or_default()
    }

    fn try_get(&self, path: &str, host: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let status = text.get(9..12)?.parse().ok()?;
        Some((status, text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())))
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// As when the power goes.
    pub fn kill(mut self) {
        self.child.kill().expect("it was there");
        self.child.wait().expect("it is gone");
    }

    /// As systemd stops it; its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(&pid).status().expect("a signal");
        let child = &mut self.child;
        assert!(until(Duration::from_secs(30), || child.try_wait().expect("a state").is_some()));
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next call of a listener, waited for a while.
pub fn call(listener: &TcpListener, daemon: &Daemon) -> TcpStream {
    listener.set_nonblocking(true).expect("a listener");
    let mut call = None;
    let has_called = || {
        call = listener.accept().ok();
        call.is_some()
    };
    assert!(until(Duration::from_secs(30), has_called), "nobody calls\n{}", daemon.log());
    let (call, _) = call.expect("a call");
    call.set_nonblocking(false).expect("a call");
    call.set_read_timeout(Some(Duration::from_secs(30))).expect("a call");
    call
}

/// Whether something comes true in time.
pub fn until(limit: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let since = Instant::now();
    while since.elapsed() < limit {
        if is_true() {
            return true;
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(50));
    }
    false
}
