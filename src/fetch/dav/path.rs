//! Paths of a server, compared decoded: `%40` and `@` are one.

use url::Url;

/// The path of an address with its escapes resolved, without a slash at its end.
pub(super) fn decoded(url: &Url) -> String {
    let mut bytes = Vec::with_capacity(url.path().len());
    let mut rest = url.path().as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if let Some(byte) = escaped(*first, tail) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    while bytes.last() == Some(&b'/') {
        bytes.pop();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A decoded path as it stands in an address (RFC 3986 §3.3).
pub(super) fn encoded(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/@:!$&'()*+,;=".contains(&byte);
    path.bytes().fold(String::new(), |text, byte| match byte {
        plain if is_plain(plain) => text + &char::from(plain).to_string(),
        other => format!("{text}%{other:02X}"),
    })
}

fn escaped(first: u8, tail: &[u8]) -> Option<u8> {
    let digits = tail.get(..2).filter(|_| first == b'%')?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_slashes_do_not_matter() {
        let path = |text: &str| decoded(&Url::parse(text).expect("an address"));
        assert_eq!(path("http://a.example/c%40d/%C3%A9/"), "/c@d/é");
        assert_eq!(path("http://a.example/c@d/é"), "/c@d/é");
        assert_eq!(path("http://a.example/100%"), "/100%");
        assert_eq!(path("http://a.example/"), "");
        assert_eq!(encoded("/c@d/é 100%.ics"), "/c@d/%C3%A9%20100%25.ics");
    }
}
