//! Servers that do not prove who they are, and authorities of the household.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use moisson::config::Network;
use moisson::fetch::http::{Client, Distrust, HttpError, Lookup, Refusal, dial, failure, runtime};
use moisson::model::run::Class;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use crate::chaos::{Mode, Server, reply};
use crate::client::get;

/// An authority of the household, and the folder that its certificate lies in.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("home.pem"), certificate.pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("home.pem")
    }

    /// A server with a certificate for `name`, valid in these years.
    fn server(&self, name: &str, years: std::ops::Range<i32>, answer: &[u8]) -> Server {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        (params.not_before, params.not_after) = (date_time_ymd(years.start, 1, 1), date_time_ymd(years.end, 1, 1));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        serve(certificate.der().clone(), &key, answer)
    }
}

fn serve(certificate: CertificateDer<'static>, key: &KeyPair, answer: &[u8]) -> Server {
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let building = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let settings = building.expect("versions").with_no_client_auth().with_single_cert(vec![certificate], key);
    let acceptor = TlsAcceptor::from(Arc::new(settings.expect("settings")));
    let answer = Arc::new(answer.to_vec());
    Server::raw(move |stream| {
        let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut heard = [0; 4096];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
}

/// Answers these bytes to the first that comes, whatever it is.
fn greeting(bytes: Vec<u8>) -> Server {
    let bytes = Arc::new(bytes);
    Server::raw(move |mut stream| {
        let bytes = Arc::clone(&bytes);
        async move {
            let mut heard = [0; 4096];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut heard).await;
        }
    })
}

/// A client that knows the authority for `nas.example.org` only; every name is this machine.
fn client(authority: &Authority) -> Client {
    let home_hosts = ["nas.example.org", "other.example.org"].map(str::to_owned).to_vec();
    let authorities = [("nas.example.org".to_owned(), authority.file())].into();
    let client = Client::new(&Network { home_hosts, authorities }).expect("a client");
    let here = |_: &str| Ok(vec![IpAddr::from([127, 0, 0, 1])]);
    client.with_lookup(Lookup::Given(Arc::new(here))).expect("a client")
}

fn distrust(client: &Client, name: &str, server: &Server) -> Distrust {
    let error = client.send(&get(&format!("https://{name}:{}/", server.port()))).expect_err("a refusal");
    let dialled = runtime().block_on(dial::tls(client, name, server.port())).expect_err("a refusal");
    assert_eq!(dialled.to_string(), error.to_string(), "both ways say the same");
    println!("{error}");
    let class = failure(&error).class;
    match error {
        HttpError::Untrusted { host, why } => {
            assert_eq!(host, name);
            let is_set = matches!(why, Distrust::OldTls | Distrust::UnknownIssuer { is_home: true });
            assert_eq!(class, if is_set { Class::Config } else { Class::Retry });
            why
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_authority_of_the_household_vouches_for_its_host_and_no_other() {
    let authority = Authority::new();
    let client = client(&authority);
    let server = authority.server("nas.example.org", 2020..2090, &reply("200 OK", &[], b"mine"));
    let answer = client.send(&get(&format!("https://nas.example.org:{}/", server.port())));
    assert_eq!(answer.expect("an answer").body, b"mine");
    runtime().block_on(dial::tls(&client, "nas.example.org", server.port())).expect("a connection");
    let other = authority.server("other.example.org", 2020..2090, &reply("200 OK", &[], b"other"));
    assert_eq!(distrust(&client, "other.example.org", &other), Distrust::UnknownIssuer { is_home: true });
}

#[test]
fn certificates_that_prove_nothing_are_refused_and_named() {
    let authority = Authority::new();
    let client = client(&authority);
    let name = "nas.example.org";
    let expired = authority.server(name, 2020..2021, b"");
    assert_eq!(distrust(&client, name, &expired), Distrust::Expired);
    let early = authority.server(name, 2090..2091, b"");
    assert_eq!(distrust(&client, name, &early), Distrust::NotYetValid);
    let wrong = authority.server("else.example.org", 2020..2090, b"");
    assert_eq!(distrust(&client, name, &wrong), Distrust::WrongName);

    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    let own = params.self_signed(&key).expect("a certificate");
    assert_eq!(
        distrust(&client, name, &serve(own.der().clone(), &key, b"")),
        Distrust::UnknownIssuer { is_home: true }
    );
    let mut params = params;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = params.self_signed(&key).expect("a certificate");
    assert_eq!(
        distrust(&client, name, &serve(own.der().clone(), &key, b"")),
        Distrust::UnknownIssuer { is_home: true }
    );
}

#[test]
fn tls_that_is_too_old_and_what_is_no_tls_is_refused() {
    let client = client(&Authority::new());
    // A server's hello in TLS 1.0 and 1.1 (RFC 2246, RFC 4346 §7.4.1.3), and the alert
    // protocol_version of one that is new.
    for minor in [1, 2] {
        let hello = [&[22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
        assert_eq!(distrust(&client, "nas.example.org", &greeting(hello)), Distrust::OldTls);
        let alert = vec![21, 3, minor, 0, 2, 2, 70];
        assert_eq!(distrust(&client, "nas.example.org", &greeting(alert)), Distrust::OldTls);
    }
    let page = greeting(reply("400 Bad Request", &[], b"speak plainly"));
    assert_eq!(distrust(&client, "nas.example.org", &page), Distrust::NotTls);
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let authority = Authority::new();
    let plain = Server::answering(reply("200 OK", &[], b"read on the way"));
    let target = format!("http://nas.example.org:{}/", plain.port());
    let server = authority.server("nas.example.org", 2020..2090, &reply("302 Found", &[("location", &target)], b""));
    let refused = client(&authority).send(&get(&format!("https://nas.example.org:{}/", server.port())));
    let Err(HttpError::Forbidden { why: Refusal::Led(why), .. }) = refused else { panic!("{refused:?}") };
    assert!(matches!(*why, Refusal::Downgrade { .. }), "{why:?}");
    assert_eq!(plain.n_connections(), 0);
}

#[test]
fn an_answer_that_ends_without_the_end_of_tls_is_cut() {
    let authority = Authority::new();
    let client = client(&authority);
    // Neither a length nor chunks: the end of the answer is that of the connection.
    let text = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b'x'; 100_000]].concat();
    let whole = authority.server("nas.example.org", 2020..2090, &text);
    let ask = |server: &Server| client.send(&get(&format!("https://nas.example.org:{}/", server.port())));
    assert_eq!(ask(&whole).expect("an answer").body.len(), 100_000);
    let cut = Server::proxy(whole.address, Mode::Truncate(60_000));
    let cut = ask(&cut).expect_err("a failure");
    assert!(matches!(cut, HttpError::Cut { .. }), "{cut:?}");
}

#[test]
fn an_authority_that_cannot_be_read_is_named() {
    let network = |file: PathBuf| Network { authorities: [("nas.lan".to_owned(), file)].into(), ..Network::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").expect("a file");
    for file in [folder.path().join("none.pem"), empty] {
        let error = Client::new(&network(file)).err().expect("a refusal");
        assert!(matches!(error, HttpError::Authority { .. }), "{error:?}");
        assert_eq!(failure(&error).class, Class::Config);
    }
}
