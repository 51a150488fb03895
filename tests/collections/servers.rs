//! Real servers of calendars and contacts: their folders filled directly, their objects changed
//! as a telephone would change them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use moisson::config::Network;
use moisson::fetch::http::{Client, Request};
use tempfile::TempDir;

use crate::peers::{self, Peer};

/// A server program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    Radicale,
    Xandikos,
}

/// A collection that every server here has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Calendar,
    Book,
}

/// A server that runs.
pub struct Server {
    product: Product,
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    peer: Option<Peer>,
}

impl Server {
    /// With one empty calendar and one empty address book; `None` when it is not to be had.
    pub fn start(product: Product) -> Option<Self> {
        let programs = peers::pip(&["radicale==3.9.0", "xandikos==0.4.10"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Self { product, programs, folder, port: peers::free_port(), peer: None };
        if product == Product::Radicale {
            server.make("agenda", "VCALENDAR", "Family, friends");
            server.make("amis", "VADDRESSBOOK", "Friends");
        }
        server.run();
        Some(server)
    }

    /// Where an account begins.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// A further calendar of the server that is made of plain files.
    pub fn make(&self, slug: &str, tag: &str, name: &str) {
        let folder = self.folder.path().join("collection-root/user").join(slug);
        fs::create_dir_all(&folder).expect("a collection");
        let props = format!("{{\"tag\": \"{tag}\", \"D:displayname\": \"{name}\"}}");
        fs::write(folder.join(".Radicale.props"), props).expect("its properties");
    }

    pub fn stop(&mut self) {
        self.peer = None;
    }

    /// Starts it, on the same port and over the same folder.
    pub fn run(&mut self) {
        let (folder, port) = (self.folder.path().display().to_string(), self.port.to_string());
        let mut command = match self.product {
            Product::Radicale => {
                let mut command = Command::new(self.programs.join("radicale"));
                command.args(["--auth-type=none", "--logging-level=error"]);
                command.arg(format!("--storage-filesystem-folder={folder}"));
                command.arg(format!("--server-hosts=127.0.0.1:{port}"));
                command
            }
            Product::Xandikos => {
                let mut command = Command::new(self.programs.join("xandikos"));
                command.args(["serve", "--defaults", "--current-user-principal", "/user/", "-d", &folder]);
                command.args(["--listen-address", "127.0.0.1", "-p", &port]);
                command
            }
        };
        command.stderr(std::process::Stdio::null());
        self.peer = Some(Peer::start(&mut command, self.port));
    }

    /// The folder of a collection.
    pub fn folder(&self, place: Place) -> PathBuf {
        self.folder.path().join(match (self.product, place) {
            (Product::Radicale, Place::Calendar) => "collection-root/user/agenda",
            (Product::Radicale, Place::Book) => "collection-root/user/amis",
            (Product::Xandikos, Place::Calendar) => "user/calendars/calendar",
            (Product::Xandikos, Place::Book) => "user/contacts/addressbook",
        })
    }

    /// The name under which the pulled collection is known.
    pub fn key(&self, place: Place) -> &'static str {
        match (self.product, place) {
            (Product::Radicale, Place::Calendar) => "mine/agenda",
            (Product::Radicale, Place::Book) => "mine/amis",
            (Product::Xandikos, Place::Calendar) => "mine/calendar",
            (Product::Xandikos, Place::Book) => "mine/addressbook",
        }
    }

    /// Writes objects into the server's own folder.
    pub fn seed(&self, place: Place, objects: &[(String, String)]) {
        let folder = self.folder(place);
        for (name, text) in objects {
            fs::write(folder.join(name), text).expect("an object");
        }
        self.settle(&folder);
    }

    /// Takes all objects out of the server's own folder.
    pub fn empty(&self, place: Place) {
        let folder = self.folder(place);
        for name in self.held(place).keys() {
            fs::remove_file(folder.join(name)).expect("an object");
        }
        self.settle(&folder);
    }

    /// One of them keeps its objects in a repository.
    fn settle(&self, folder: &Path) {
        if self.product == Product::Xandikos {
            let script = "import sys, os\nfrom dulwich import porcelain\nos.chdir(sys.argv[1])\n\
                 porcelain.add('.', [n for n in os.listdir('.') if n != '.git'])\n\
                 gone = [n.decode() for n in porcelain.open_repo('.').open_index() if not os.path.exists(n)]\n\
                 [porcelain.remove('.', [n]) for n in gone]\n\
                 porcelain.commit('.', message=b'seed', author=b'a <a@example.org>', committer=b'a <a@example.org>')";
            let mut command = Command::new(self.programs.join("python"));
            let done = command.args(["-c", script]).arg(folder).status().expect("python");
            assert!(done.success(), "the repository is filled");
        }
    }

    /// The objects that the server has, by the names of their files.
    pub fn held(&self, place: Place) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.folder(place)).expect("a collection").flatten();
        let named = files.map(|file| (file.file_name().to_string_lossy().into_owned(), file.path()));
        let is_object = |name: &str| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "ics" || kind == "vcf");
        let objects = named.filter(|(name, _)| is_object(name));
        objects.map(|(name, path)| (name, fs::read_to_string(path).expect("text"))).collect()
    }

    pub fn put(&self, place: Place, name: &str, text: &str) {
        let kind = if place == Place::Calendar { "text/calendar" } else { "text/vcard" };
        let status = self.send("PUT", place, name, |request| request.header("content-type", kind).body(text));
        assert!((200..300).contains(&status), "PUT {name}: {status}");
    }

    pub fn delete(&self, place: Place, name: &str) {
        let status = self.send("DELETE", place, name, |request| request);
        assert!((200..300).contains(&status), "DELETE {name}: {status}");
    }

    fn send(&self, method: &str, place: Place, name: &str, with: impl FnOnce(Request) -> Request) -> u16 {
        let root = if self.product == Product::Radicale { "collection-root/" } else { "" };
        let folder = self.folder(place);
        let path = folder.strip_prefix(self.folder.path().join(root)).expect("below the folder").to_owned();
        let url = format!("{}{}/{name}", self.url(), path.display()).parse().expect("an address");
        let network = Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() };
        let request = with(Request::new(method, url)).secret_header("authorization", "Basic dXNlcjpzZWNyZXQ=");
        Client::new(&network).expect("a client").send(&request).expect("an answer").status
    }
}
