//! Hosts, proxies and foreign forms.

use super::*;

fn gate(listen: &str) -> Gate {
    let settings = config::Serve {
        names: vec!["dav.example.org".to_owned()],
        proxies: vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.1".parse().unwrap()],
        ..config::Serve::default()
    };
    Gate::new(&settings, listen.parse().unwrap())
}

fn look(peer: &str, headers: &[(&str, &str)]) -> Result<Caller, Stopped> {
    let request = headers
        .iter()
        .fold(Request::builder().method("POST").uri("/"), |request, (name, value)| request.header(*name, *value));
    let peer = Peer { address: peer.parse().unwrap(), is_tls: false };
    gate("192.168.1.2:4747").look(peer, &request.body(axum::body::Body::empty()).unwrap())
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let here = gate("192.168.1.2:4747");
    for host in [
        "127.0.0.1:4747",
        "localhost",
        "LOCALHOST:1",
        "[::1]:4747",
        "192.168.1.2",
        "DAV.example.org:443",
        "dav.example.org.",
    ] {
        assert!(here.is_ours(host), "{host}");
    }
    for host in [
        "",
        "evil.example.org",
        "127.0.0.1.example.org",
        "192.168.1.10:4747",
        "dav.example.org.evil.example",
        "dav.example.org:x",
        "[dav.example.org]:80:80",
    ] {
        assert!(!here.is_ours(host), "{host}");
    }
    assert!(gate("0.0.0.0:4747").is_ours("192.168.1.10:4747"));
    assert!(!gate("0.0.0.0:4747").is_ours("evil.example.org"));
}

#[test]
fn hosts_are_looked_at_wherever_they_stand() {
    let ours = ("host", "dav.example.org");
    assert!(look("203.0.113.9:1", &[ours]).is_ok());
    assert_eq!(look("203.0.113.9:1", &[]), Err(Stopped::Host));
    assert_eq!(look("203.0.113.9:1", &[ours, ("host", "evil.example.org")]), Err(Stopped::Host));
    // A page that was rebound to this machine may send any header but Host.
    let rebound = [("host", "evil.example.org"), ("x-forwarded-host", "dav.example.org")];
    assert_eq!(look("127.0.0.1:1", &rebound), Err(Stopped::Host));
    assert_eq!(look("127.0.0.1:1", &[ours, ("x-forwarded-host", "evil.example.org")]), Err(Stopped::Host));
    let whole = Request::builder().uri("http://evil.example.org/").header("host", "dav.example.org");
    let peer = Peer { address: "127.0.0.1:1".parse().unwrap(), is_tls: false };
    let whole = whole.body(axum::body::Body::empty()).unwrap();
    assert_eq!(gate("127.0.0.1:1").look(peer, &whole), Err(Stopped::Host));
}

#[test]
fn a_known_proxy_is_believed_and_nobody_else() {
    let said = [
        ("host", "127.0.0.1:4747"),
        ("x-forwarded-for", "198.51.100.1, 203.0.113.9"),
        ("x-forwarded-for", "10.1.2.3"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "dav.example.org"),
    ];
    let caller = look("127.0.0.1:1", &said).unwrap();
    assert_eq!(
        (caller.address.to_string().as_str(), caller.base().as_str()),
        ("203.0.113.9", "https://dav.example.org")
    );
    assert!(!caller.is_local());
    let caller = look("203.0.113.5:1", &said).unwrap();
    assert_eq!((caller.address.to_string().as_str(), caller.base().as_str()), ("203.0.113.5", "http://127.0.0.1:4747"));
    let odd = [("host", "localhost"), ("x-forwarded-for", "1.2.3.4, nonsense")];
    let caller = look("127.0.0.1:1", &odd).unwrap();
    assert!(caller.address.is_loopback() && !caller.is_local(), "what cannot be read is not believed");
    assert!(look("127.0.0.1:1", &odd[..1]).unwrap().is_local());
    for (text, expected) in
        [("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1")]
    {
        assert_eq!(address(text).unwrap().to_string(), expected);
    }
}

#[test]
fn what_another_site_posts_is_stopped() {
    for (site, is_stopped) in
        [("same-origin", false), ("none", false), ("same-site", true), ("cross-site", true), ("x", true)]
    {
        let looked = look("203.0.113.9:1", &[("host", "dav.example.org"), ("sec-fetch-site", site)]);
        assert_eq!(looked == Err(Stopped::Site), is_stopped, "{site}");
    }
}

#[test]
fn a_proxy_that_nobody_named_does_not_make_the_world_local() {
    let gate = Gate::new(&config::Serve::default(), "127.0.0.1:4747".parse().unwrap());
    for relay in RELAYS {
        let request = Request::builder().header("host", "localhost").header(relay, "for=203.0.113.9");
        let peer = Peer { address: "127.0.0.1:1".parse().unwrap(), is_tls: false };
        let caller = gate.look(peer, &request.body(axum::body::Body::empty()).unwrap()).unwrap();
        assert!(!caller.is_local(), "{relay}");
    }
}
