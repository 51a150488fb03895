//! WebDAV-Push: a device registers, another writes, and what the push service is handed can be
//! read by the first alone. The service is one of ours, on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use moisson::web::accounts::{Access, Accounts, Scope, Service};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;
use secrecy::ExposeSecret as _;

use crate::device::{Answer, Device};
use crate::server::{self, Server};

const CALENDAR: &str = "/dav/calendars/personal/";

#[test]
fn a_device_is_told_of_what_another_wrote() {
    let (service, home) = begin();
    let server = Server::start(home.path());
    let (mut phone, _) = device(&server, home.path(), "phone", Access::Read);
    let (mut tablet, _) = device(&server, home.path(), "tablet", Access::Write);

    let options = phone.ask("OPTIONS", CALENDAR, &[], &[]).expect("an answer");
    assert!(options.header("dav").is_some_and(|dav| dav.contains("webdav-push")));
    let topic = inner(&properties(&mut phone), "P:topic");
    let key = inner(&properties(&mut phone), "P:vapid-public-key type=\"p256ecdsa\"");
    assert_eq!(URL_SAFE_NO_PAD.decode(&key).expect("base64").len(), 65);

    let (mine, theirs) = (Keys::new(), Keys::new());
    let registered = mine.register(&mut phone, &service.address("phone"));
    assert_eq!(registered.status, 201, "{}", registered.text());
    let location = registered.header("location").expect("an address").to_owned();
    assert!(location.starts_with(&format!("http://127.0.0.1:{}/dav/push/", server.port)), "{location}");
    assert!(registered.header("expires").is_some_and(|expires| expires.ends_with("GMT")));
    let again = mine.register(&mut phone, &service.address("phone"));
    assert_eq!((again.status, again.header("location")), (204, Some(location.as_str())));
    // Whoever writes knows.
    assert_eq!(theirs.register(&mut tablet, &service.address("tablet")).status, 201);

    put(&mut tablet, "a.ics", &[]);
    let told = service.told();
    assert_eq!((told.path.as_str(), told.header("content-encoding")), ("/phone", Some("aes128gcm")));
    assert!(told.header("authorization").is_some_and(|it| it.starts_with("vapid t=") && it.ends_with(&key)));
    assert!(told.header("ttl").is_some() && told.header("urgency").is_some());
    let message = mine.open(&told.body);
    assert_eq!(inner(&message, "P:topic"), topic);
    assert_eq!(inner(&message, "D:sync-token"), inner(&properties(&mut phone), "D:sync-token"));
    assert!(!message.contains("property-update"));
}

#[test]
fn a_registration_is_its_devices_own_and_ends() {
    let (service, home) = begin();
    let server = Server::start(home.path());
    let (mut phone, _) = device(&server, home.path(), "phone", Access::Read);
    let (mut tablet, _) = device(&server, home.path(), "tablet", Access::Read);
    let (mut laptop, accounts) = device(&server, home.path(), "laptop", Access::Write);
    let (mut lost, _) = device(&server, home.path(), "lost", Access::Write);

    let registered = Keys::new().register(&mut phone, &service.address("gone"));
    let path = registered.header("location").and_then(|it| it.find("/dav/").map(|at| it[at..].to_owned()));
    let path = path.expect("an address");
    assert_eq!(tablet.ask("DELETE", &path, &[], &[]).expect("an answer").status, 404);
    assert_eq!(phone.ask("DELETE", &path, &[], &[]).expect("an answer").status, 204);
    assert_eq!(phone.ask("DELETE", &path, &[], &[]).expect("an answer").status, 404);

    // A device that was revoked is told nothing either, nor is one that the writer spares.
    assert_eq!(Keys::new().register(&mut lost, &service.address("lost")).status, 201);
    assert!(accounts.revoke("lost", Timestamp::now()).expect("revoked"));
    let spared = Keys::new().register(&mut phone, &service.address("spared"));
    let keys = Keys::new();
    assert_eq!(keys.register(&mut tablet, &service.address("tablet")).status, 201);
    let location = format!("\"{}\"", spared.header("location").expect("an address"));
    put(&mut laptop, "a.ics", &[("Push-Dont-Notify", &location)]);
    let told = service.told();
    assert_eq!(told.path, "/tablet");
    keys.open(&told.body);
    assert!(service.told_so_far().is_empty(), "others were told with it");
    let kept = std::fs::read_to_string(home.path().join("push.json")).expect("a file");
    assert!(!kept.contains("/gone") && !kept.contains("/lost") && kept.contains("/spared"));
}

#[test]
fn what_cannot_or_must_not_be_called_is_refused() {
    let (service, home) = begin();
    let server = Server::start(home.path());
    let (mut phone, _) = device(&server, home.path(), "phone", Access::Read);
    let refused = [
        "http://192.0.2.1/x",
        "http://push.example.org/x",
        "https://192.168.1.1/x",
        "https://127.0.0.1:1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://169.254.169.254/x",
        "ftp://push.example.org/x",
        "https://a:b@push.example.org/x",
        "nothing",
    ];
    for address in refused {
        let answer = Keys::new().register(&mut phone, address);
        assert_eq!(answer.status, 403, "{address}");
        assert!(answer.text().contains("<P:invalid-subscription/>"), "{address}: {}", answer.text());
    }
    let mut keys = Keys::new();
    keys.public = vec![4; 65];
    assert!(keys.register(&mut phone, &service.address("x")).text().contains("invalid-subscription"));
    let body =
        Keys::new().body(&service.address("x")).replace("content-update", "else").replace("property-update", "else");
    let answer =
        phone.ask("POST", CALENDAR, &[("Content-Type", "application/xml")], body.as_bytes()).expect("an answer");
    assert!(answer.text().contains("<P:no-supported-trigger/>"));
    for path in ["/dav/calendars/", "/dav/calendars/personal/none.ics"] {
        let body = Keys::new().body(&service.address("x"));
        let answer =
            phone.ask("POST", path, &[("Content-Type", "application/xml")], body.as_bytes()).expect("an answer");
        assert!(answer.text().contains("<P:push-not-available/>"), "{path}");
    }
    assert!(!home.path().join("push.json").exists());
}

#[test]
fn push_can_be_turned_off() {
    let home = server::home();
    std::fs::write(home.path().join("moisson.toml"), "[serve]\npush = false\n").expect("settings");
    let server = Server::start(home.path());
    let (mut phone, _) = device(&server, home.path(), "phone", Access::Read);
    let options = phone.ask("OPTIONS", CALENDAR, &[], &[]).expect("an answer");
    assert!(!options.header("dav").is_some_and(|dav| dav.contains("webdav-push")));
    assert!(!properties(&mut phone).contains("<P:web-push>"));
    assert_eq!(Keys::new().register(&mut phone, "https://push.example.org/x").status, 405);
}

/// A push service, and a home that may call it.
fn begin() -> (PushService, tempfile::TempDir) {
    let service = PushService::start();
    let home = server::home();
    let settings = format!("[network]\nhome_hosts = [\"127.0.0.1:{}\"]\n", service.port);
    std::fs::write(home.path().join("moisson.toml"), settings).expect("settings");
    (service, home)
}

fn device(server: &Server, home: &Path, name: &str, access: Access) -> (Device, Accounts) {
    let accounts = Accounts::open(home, server::USER);
    let scope = Scope { service: Service::All, access, collections: None, page: false };
    let added = accounts.add(name, scope, Timestamp::now()).expect("a device");
    (server.device(added.password.expose_secret()), accounts)
}

fn properties(device: &mut Device) -> String {
    let body = "<D:propfind xmlns:D=\"DAV:\" xmlns:P=\"https://bitfire.at/webdav-push\"><D:prop>\
                <P:transports/><P:topic/><P:supported-triggers/><D:sync-token/></D:prop></D:propfind>";
    device.ask("PROPFIND", CALENDAR, &[("Depth", "0")], body.as_bytes()).expect("an answer").text()
}

fn put(device: &mut Device, name: &str, headers: &[(&str, &str)]) {
    let event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//moisson//tests//EN\r\nBEGIN:VEVENT\r\nUID:a@example.org\r\n\
                 DTSTAMP:20260101T000000Z\r\nDTSTART:20260301T100000Z\r\nSUMMARY:Fête\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let headers = [&[("Content-Type", "text/calendar")], headers].concat();
    let answer = device.ask("PUT", &format!("{CALENDAR}{name}"), &headers, event.as_bytes()).expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// What stands in the first element that begins so.
fn inner(text: &str, tag: &str) -> String {
    let name = tag.split(' ').next().unwrap_or_default();
    let rest = text.split_once(&format!("<{tag}>")).unwrap_or_else(|| panic!("no {tag} in {text}")).1;
    rest.split_once(&format!("</{name}>")).expect("its end").0.to_owned()
}

/// What a device makes before it registers.
struct Keys {
    private: EphemeralPrivateKey,
    public: Vec<u8>,
}

const AUTH: [u8; 16] = [7; 16];

impl Keys {
    fn new() -> Self {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("a key");
        let public = private.compute_public_key().expect("a key").as_ref().to_vec();
        Self { private, public }
    }

    fn body(&self, resource: &str) -> String {
        let (key, auth) = (URL_SAFE_NO_PAD.encode(&self.public), URL_SAFE_NO_PAD.encode(AUTH));
        format!(
            "<push-register xmlns=\"https://bitfire.at/webdav-push\" xmlns:D=\"DAV:\"><subscription><web-push-subscription>\
             <push-resource>{resource}</push-resource><content-encoding>aes128gcm</content-encoding>\
             <subscription-public-key type=\"p256dh\">{key}</subscription-public-key><auth-secret>{auth}</auth-secret>\
             </web-push-subscription></subscription><trigger><content-update><D:depth>infinity</D:depth></content-update>\
             <property-update><D:depth>0</D:depth><D:prop><D:displayname/></D:prop></property-update></trigger></push-register>"
        )
    }

    fn register(&self, device: &mut Device, resource: &str) -> Answer {
        let headers = [("Content-Type", "application/xml; charset=utf-8")];
        device.ask("POST", CALENDAR, &headers, self.body(resource).as_bytes()).expect("an answer")
    }

    /// What a message says (RFC 8291 §3.4, read from the other side).
    fn open(self, body: &[u8]) -> String {
        let (salt, rest) = body.split_at(16);
        let n_key = usize::from(rest[4]);
        let (sender, sealed) = rest[5..].split_at(n_key);
        let info = [b"WebPush: info\0".as_slice(), &self.public, sender].concat();
        let input = agree_ephemeral(self.private, &UnparsedPublicKey::new(&ECDH_P256, sender), |shared| {
            derived::<32>(&AUTH, shared, &info)
        });
        let input = input.expect("a key of the sender");
        let key = derived::<16>(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce = derived::<12>(salt, &input, b"Content-Encoding: nonce\0");
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let mut sealed = sealed.to_vec();
        let opened = cipher.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed);
        let (last, message) = opened.expect("it is for this device").split_last().expect("a delimiter");
        assert_eq!(*last, 2);
        String::from_utf8(message.to_vec()).expect("text")
    }
}

fn derived<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; N] {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(input);
    key.expand(&[info], Length(N)).and_then(|it| it.fill(&mut out)).expect("derived");
    out
}

/// One message as it was posted.
struct Told {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A push service that takes whatever it is handed.
struct PushService {
    port: u16,
    told: Receiver<Told>,
}

impl PushService {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, told) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(message) = taken(stream) else { continue };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { port, told }
    }

    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    fn told(&self) -> Told {
        self.told.recv_timeout(Duration::from_secs(60)).expect("a message comes")
    }

    fn told_so_far(&self) -> Vec<Told> {
        self.told.try_iter().collect()
    }
}

fn taken(stream: TcpStream) -> Option<Told> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let headers = lines.iter().filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse());
    let mut body = vec![0; length.and_then(Result::ok).unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    stream.get_mut().write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
    Some(Told { path, headers, body })
}
