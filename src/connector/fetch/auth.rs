//! `[fetch.auth]`: how a request proves whose it is. Data only.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `[fetch.auth]`: how a request proves whose it is. Texts take placeholders: fields, secrets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum Auth {
    #[default]
    None,
    /// `Authorization: Bearer {token}`.
    Bearer {
        token: String,
    },
    Basic {
        user: String,
        password: String,
    },
    /// RFC 7616.
    Digest {
        user: String,
        password: String,
    },
    /// A header of another name.
    Header {
        name: String,
        value: String,
    },
    /// Several headers, by name.
    Headers {
        headers: BTreeMap<String, String>,
    },
    /// A parameter of the address.
    Query {
        name: String,
        value: String,
    },
    /// Name and password stand in an address that is itself a secret.
    AccessUrl {
        /// The secret that holds the address.
        url: String,
        /// A one-time token that is exchanged for the address, the first time.
        #[serde(default)]
        claim: Option<String>,
    },
    /// A token signed here with a private key (RFC 7519).
    Jwt(JwtAuth),
    /// Each request signed: a header that holds a hash of the request and a secret.
    Signed(SignedAuth),
    /// A token bought with other secrets: `POST {path}` gives it, until it expires.
    Token(TokenAuth),
    /// RFC 6749 with refresh; by a local page (with RFC 7636) or by a device code (RFC 8628).
    Oauth2(OauthAuth),
}

/// `kind = "jwt"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtAuth {
    /// `RS256`, `ES256`, `HS256`.
    pub algorithm: String,
    /// The secret that holds the private key as PEM.
    pub key: String,
    /// `kid` of the header.
    pub key_id: String,
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    /// How long a token holds, in seconds.
    pub lifetime_s: u32,
}

/// `kind = "signed"`. `message` takes `{method} {url} {body} {timestamp}`, fields and secrets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAuth {
    /// `sha1`, `sha256`, `hmac_sha256`.
    pub hash: String,
    pub message: String,
    /// The secret of an HMAC.
    #[serde(default)]
    pub key: Option<String>,
    /// Headers; `{signature}` is the hash in hexadecimal digits.
    pub headers: BTreeMap<String, String>,
    /// A path that tells the server's time in seconds, for clocks that are off.
    #[serde(default)]
    pub time_path: Option<String>,
}

/// `kind = "token"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenAuth {
    pub path: String,
    /// Sent as JSON.
    pub json: BTreeMap<String, String>,
    /// JSON pointers into the answer.
    pub token: String,
    #[serde(default)]
    pub expires_in: Option<String>,
}

/// `kind = "oauth2"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthAuth {
    /// Addresses, absolute or below `base`.
    pub token_url: String,
    /// Where a person allows it; absent for `client_credentials`.
    #[serde(default)]
    pub authorize_url: Option<String>,
    /// RFC 8628, for machines without a browser.
    #[serde(default)]
    pub device_url: Option<String>,
    pub client_id: String,
    #[serde(default)]
    pub client_secret: Option<String>,
    #[serde(default)]
    pub scope: Option<String>,
    /// Further parameters of the page where a person allows it.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// The machine's own grant instead of a person's.
    #[serde(default)]
    pub client_credentials: bool,
    /// Whether name and secret of the client go into `Authorization: Basic`; else into the form.
    #[serde(default)]
    pub basic: bool,
}
