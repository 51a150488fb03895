//! A mail server of this machine, with what a test says to it: letters are put there by IMAP.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::peers::{self, Peer};

/// The password of everybody; one that needs care wherever it is quoted.
pub const PASSWORD: &str = "se\"sa\\me{3}é";

/// A Dovecot with one mailbox, which keeps its files in a folder of its own.
pub struct Dovecot {
    pub folder: tempfile::TempDir,
    pub port: u16,
    /// TLS from the first byte.
    pub secure_port: u16,
    peer: Peer,
}

impl Dovecot {
    /// Its settings are those of 2.3; `more` are further lines of them.
    pub fn start(more: &str) -> Option<Self> {
        let program = peers::program("dovecot")?;
        let version = said(Command::new(&program).arg("--version"));
        if !version.starts_with("2.3.") {
            return peers::missing(&format!("Dovecot 2.3 is wanted, here is {version}"));
        }
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        for (name, mode) in [("", 0o755), ("run", 0o755), ("mail", 0o777)] {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).expect("a folder");
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
        }
        let (port, secure_port) = (peers::free_port(), peers::free_port());
        let file = folder.path().join("dovecot.conf");
        fs::write(&file, settings(folder.path(), port, secure_port) + more).expect("its settings");
        let peer = Peer::start(Command::new(program).arg("-F").arg("-c").arg(file), port);
        Some(Self { folder, port, secure_port, peer })
    }

    /// A session of the owner of the mailbox, who may write.
    pub fn owner(&self) -> Owner {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut owner = Owner { stream: BufReader::new(stream), n: 0 };
        owner.line();
        owner.say(&format!("LOGIN claire {{{}+}}\r\n{PASSWORD}", PASSWORD.len()));
        owner
    }
}

impl Drop for Dovecot {
    /// It has children, which end when it is asked to.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.peer.id().to_string()]).status();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
    }
}

/// Who puts letters into the mailbox.
pub struct Owner {
    stream: BufReader<TcpStream>,
    n: u32,
}

impl Owner {
    /// Says a command, which must be granted; gives the lines before that.
    pub fn say(&mut self, command: &str) -> Vec<String> {
        self.n += 1;
        let tag = format!("t{}", self.n);
        write!(self.stream.get_mut(), "{tag} {command}\r\n").expect("it listens");
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if let Some(end) = line.strip_prefix(&tag) {
                assert!(end.starts_with(" OK"), "{command}: {line}");
                return lines;
            }
            lines.push(line);
        }
    }

    /// Puts a letter into a folder.
    pub fn put(&mut self, folder: &str, letter: &str) {
        let letter = letter.replace("\r\n", "\n").replace('\n', "\r\n");
        self.say(&format!("APPEND {folder} {{{}+}}\r\n{letter}", letter.len()));
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.stream.read_line(&mut line).expect("it answers") > 0, "the server hung up");
        line
    }
}

fn settings(folder: &Path, port: u16, secure_port: u16) -> String {
    let folder = folder.display();
    let (user, group) = (said(Command::new("id").arg("-un")), said(Command::new("id").arg("-gn")));
    // A master that is root wants to be others; anybody else can only be itself.
    let (owner, roles) = if user == "root" {
        ("uid=nobody gid=nogroup".to_owned(), String::new())
    } else {
        let roles =
            format!("default_internal_user={user}\ndefault_internal_group={group}\ndefault_login_user={user}\n");
        (format!("uid={user} gid={group}"), roles)
    };
    fs::write(format!("{folder}/users"), format!("claire:{{PLAIN}}{PASSWORD}\n")).expect("its users");
    format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/run\nstate_dir = {folder}/run\nlog_path = {folder}/log
first_valid_uid = 1\nfirst_valid_gid = 1\nmail_location = maildir:{folder}/mail/%u\n{roles}
ssl = yes\nssl_cert = <{folder}/cert.pem\nssl_key = <{folder}/key.pem\ndisable_plaintext_auth = no
passdb {{\n  driver = passwd-file\n  args = {folder}/users\n}}
userdb {{\n  driver = static\n  args = {owner} home={folder}/mail/%u\n}}
service anvil {{\n  chroot =\n}}
service imap-login {{\n  chroot =
  inet_listener imap {{\n    port = {port}\n  }}
  inet_listener imaps {{\n    port = {secure_port}\n    ssl = yes\n  }}\n}}\n"
    )
}

/// An authority of the home, and what it vouches for: `localhost` only.
fn certificates(folder: &Path) {
    let key = || KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let root = authority.self_signed(&authority_key).expect("an authority");
    let own_key = key();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).expect("names");
    let own = own.signed_by(&own_key, &Issuer::new(authority, authority_key)).expect("a certificate");
    for (name, text) in [("authority.pem", root.pem()), ("cert.pem", own.pem()), ("key.pem", own_key.serialize_pem())] {
        fs::write(folder.join(name), text).expect("a file");
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("a program");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
