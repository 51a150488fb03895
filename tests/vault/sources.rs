//! Sources of all kinds, their connectors, and a canary for each of their secrets.

/// Where a secret is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Vault,
    File,
    Credential,
    Environment,
    /// The file that a variable names.
    Variable,
    /// Nowhere: the server gives it, or a person does.
    Given,
}

#[derive(Debug, Clone)]
pub struct Canary {
    /// `<source>/<field>` or a word.
    pub name: &'static str,
    pub text: String,
    pub place: Place,
    /// Whether the server gets to see it; others only sign or open something.
    pub is_sent: bool,
}

impl Canary {
    /// As it is kept: some are parts of a longer text.
    pub fn kept(&self, base: &str) -> String {
        let escaped: String = url::form_urlencoded::byte_serialize(self.text.as_bytes()).collect();
        match self.name {
            "family/url" => format!("{base}/calendar/{escaped}.ics"),
            "address/access_url" => format!("{}/address", base.replace("://", &format!("://zoe:{escaped}@"))),
            "granting/oauth" => format!(
                "{{\"access_token\": \"old\", \"refresh_token\": \"{}\", \"expires_at\": \"2026-01-01T00:00:00Z\"}}",
                self.text
            ),
            _ => self.text.clone(),
        }
    }
}

/// The canary of a word.
pub fn of(word: &str) -> String {
    format!("Zy8/{}+q&=%7w!Q", word.replace('/', "."))
}

pub fn canaries() -> Vec<Canary> {
    use Place::{Credential, Environment, File, Given, Variable, Vault};
    let told = [
        ("bearer/token", Vault, true),
        ("basic/password", Vault, true),
        ("digest/password", Vault, false),
        ("header/key", Vault, true),
        ("headers/one", Vault, true),
        ("headers/two", Vault, true),
        ("query/key", Vault, true),
        ("form/password", Vault, true),
        ("body/password", Vault, true),
        ("bought/key", Vault, true),
        ("bought", Given, true),
        ("granting/client_secret", Vault, true),
        ("granting/oauth", Vault, true),
        ("access_token", Given, true),
        ("next_refresh", Given, false),
        ("signed/key", Vault, false),
        ("jwt/key", Vault, false),
        ("address/access_url", Vault, true),
        ("family/url", Vault, true),
        ("family/password", Vault, true),
        ("dav/password", Vault, true),
        ("portal/password", Vault, true),
        ("cookie", Given, true),
        ("file/token", File, true),
        ("credential/token", Credential, true),
        ("environment/token", Environment, true),
        ("command/token", File, true),
        ("variable/token", Variable, true),
        ("passphrase", Given, false),
    ];
    told.into_iter().map(|(name, place, is_sent)| Canary { name, text: of(name), place, is_sent }).collect()
}

pub const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//EN\r\nBEGIN:VEVENT\r\n\
                            UID:1@example.org\r\nDTSTAMP:20260301T080000Z\r\nDTSTART:20260302T090000Z\r\n\
                            DTEND:20260302T100000Z\r\nSUMMARY:Piano\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// moisson.toml.
pub fn settings(server: &str, private: &str) -> String {
    let mut text = format!("[network]\nhome_hosts = [\"{server}\"]\n");
    for (id, connector) in [
        ("bearer", "bearer"),
        ("basic", "basic"),
        ("digest", "digest"),
        ("header", "header"),
        ("headers", "headers"),
        ("query", "query"),
        ("form", "form"),
        ("body", "body"),
        ("bought", "bought"),
        ("granting", "granting"),
        ("signed", "signed"),
        ("jwt", "jwt"),
        ("address", "address"),
        ("portal", "portal"),
        ("file", "bearer"),
        ("credential", "bearer"),
        ("environment", "bearer"),
        ("command", "bearer"),
        ("variable", "bearer"),
    ] {
        let source = format!(
            "[[sources]]\nid = \"{id}\"\nconnector = \"canary/{connector}\"\n[sources.fetch]\nbase = \"http://{server}\"\n"
        );
        let secrets = match id {
            "file" => format!("[sources.secrets]\ntoken = {{ file = \"{private}/file/token\" }}\n"),
            "credential" => "[sources.secrets]\ntoken = { credential = \"token\" }\n".to_owned(),
            "environment" => "[sources.secrets]\ntoken = { env = \"CANARY\" }\n".to_owned(),
            "command" => {
                format!("[sources.secrets]\ntoken = {{ command = [\"cat\", \"{private}/command/token\"] }}\n")
            }
            _ => String::new(),
        };
        text += &(source + &secrets);
    }
    text += "[[sources]]\nid = \"family\"\nconnector = \"calendar/ics\"\nfetch.user = \"zoe\"\n";
    let dav = format!(
        "[[sources]]\nid = \"dav\"\nconnector = \"calendar/caldav\"\n[sources.fetch]\nurl = \"http://{server}/dav\"\nuser = \"zoe\"\n"
    );
    text + &dav
}

macro_rules! connector {
    ($needs:literal, $auth:literal, $step:literal) => {
        concat!(
            "name = \"Canary\"\nversion = 1\n[fetch]\ntransport = \"http\"\nbase = \"https://example.org\"\n",
            "[fetch.needs]\n",
            $needs,
            "\n[fetch.auth]\n",
            $auth,
            "\n[[fetch.steps]]\nname = \"rows\"\n",
            $step,
            "\ndocument = \"rows.json\"\n"
        )
    };
}

pub const CONNECTORS: &[(&str, &str)] = &[
    (
        "bearer",
        connector!(
            "token = { kind = \"secret\", label = {} }",
            "kind = \"bearer\"\ntoken = \"{token}\"",
            "path = \"/bearer/rows\""
        ),
    ),
    (
        "basic",
        connector!(
            "password = { kind = \"secret\", label = {} }",
            "kind = \"basic\"\nuser = \"zoe\"\npassword = \"{password}\"",
            "path = \"/basic/rows\""
        ),
    ),
    (
        "digest",
        connector!(
            "password = { kind = \"secret\", label = {} }",
            "kind = \"digest\"\nuser = \"zoe\"\npassword = \"{password}\"",
            "path = \"/digest/rows\""
        ),
    ),
    (
        "header",
        connector!(
            "key = { kind = \"secret\", label = {} }",
            "kind = \"header\"\nname = \"x-key\"\nvalue = \"{key}\"",
            "path = \"/header/rows\""
        ),
    ),
    (
        "headers",
        connector!(
            "one = { kind = \"secret\", label = {} }\ntwo = { kind = \"secret\", label = {} }",
            "kind = \"headers\"\nheaders = { x-one = \"{one}\", x-two = \"{two}\" }",
            "path = \"/headers/rows\""
        ),
    ),
    (
        "query",
        connector!(
            "key = { kind = \"secret\", label = {} }",
            "kind = \"query\"\nname = \"key\"\nvalue = \"{key}\"",
            "path = \"/query/rows\""
        ),
    ),
    (
        "form",
        connector!(
            "password = { kind = \"secret\", label = {} }",
            "kind = \"none\"",
            "method = \"POST\"\npath = \"/form/rows\"\nform = { pass = \"{password}\" }"
        ),
    ),
    (
        "body",
        connector!(
            "password = { kind = \"secret\", label = {} }",
            "kind = \"none\"",
            "method = \"POST\"\npath = \"/body/rows\"\nbody = '{\"pass\": \"{password}\"}'\ncontent_type = \"application/json\""
        ),
    ),
    (
        "bought",
        connector!(
            "key = { kind = \"secret\", label = {} }",
            "kind = \"token\"\npath = \"/bought/token\"\njson = { key = \"{key}\" }\ntoken = \"/access\"\nexpires_in = \"/lasts\"",
            "path = \"/bought/rows\""
        ),
    ),
    (
        "granting",
        connector!(
            "client_secret = { kind = \"secret\", label = {} }",
            "kind = \"oauth2\"\ntoken_url = \"/granting/token\"\nauthorize_url = \"/granting/page\"\nclient_id = \"zoe\"\nclient_secret = \"{client_secret}\"",
            "path = \"/granting/rows\""
        ),
    ),
    (
        "signed",
        connector!(
            "key = { kind = \"secret\", label = {} }",
            "kind = \"signed\"\nhash = \"hmac_sha256\"\nmessage = \"{method}{url}{timestamp}\"\nkey = \"{key}\"\nheaders = { x-signature = \"{signature}\" }",
            "path = \"/signed/rows\""
        ),
    ),
    (
        "jwt",
        connector!(
            "key = { kind = \"secret\", label = {} }",
            "kind = \"jwt\"\nalgorithm = \"HS256\"\nkey = \"{key}\"\nkey_id = \"one\"\nlifetime_s = 60",
            "path = \"/jwt/rows\""
        ),
    ),
    (
        "address",
        connector!(
            "access_url = { kind = \"secret\", label = {} }",
            "kind = \"access_url\"\nurl = \"{access_url}\"",
            "path = \"/rows\""
        ),
    ),
    (
        "portal",
        concat!(
            "name = \"Canary\"\nversion = 1\n[fetch]\ntransport = \"web\"\nbase = \"https://example.org\"\n",
            "documents = [\"calendar/icalendar\"]\n[fetch.needs]\npassword = { kind = \"secret\", label = {} }\n",
            "[[fetch.steps]]\nname = \"login\"\npath = \"/portal/login\"\nsubmit = \"#in\"\n",
            "form = { who = \"zoe\", pass = \"{password}\" }\nexpects = \".in\"\n",
            "[[fetch.steps]]\nname = \"bills\"\npath = \"/portal/bills\"\nfollow = \"a.bill\"\ndocument = \"{file}\"\n"
        ),
    ),
];
