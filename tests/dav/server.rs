//! The real program, serving a temporary home.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use moisson::web::accounts::{Access, Accounts, Scope, Service};
use secrecy::ExposeSecret as _;

use crate::device::Device;

pub const USER: &str = "moisson";

/// A home without any source.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("moisson.toml"), "").expect("settings");
    home
}

/// The password of a new device that may do everything.
pub fn password(home: &Path) -> String {
    let scope = Scope { service: Service::All, access: Access::Write, collections: None, page: false };
    let added = Accounts::open(home, USER).add("phone", scope, Timestamp::now()).expect("a device");
    added.password.expose_secret().to_owned()
}

pub struct Server {
    pub child: Child,
    pub port: u16,
}

impl Server {
    /// The server, once it is ready.
    pub fn start(home: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = listener.expect("a free port").port();
        // A night of kills is run with an optimised program.
        let program = std::env::var_os("MOISSON_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_moisson").into());
        let mut command = Command::new(program);
        command.arg("--home").arg(home).args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self { child: child.expect("it starts"), port };
        let since = Instant::now();
        let mut device = Device::new(port, "", "");
        while !device.ask("GET", "/readyz", &[], &[]).is_ok_and(|answer| answer.status == 200) {
            assert!(since.elapsed() < Duration::from_secs(60), "it is not ready");
            std::thread::yield_now();
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Stops it as systemd does.
    pub fn terminate(mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().expect("a signal");
        self.child.wait().expect("an end");
    }

    pub fn device(&self, password: &str) -> Device {
        Device::new(self.port, USER, password)
    }
}
