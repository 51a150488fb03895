//! ZIP archives: their members, and the caps that every zipped document must keep.
//!
//! Sizes are measured by inflating, never believed from headers. Members are named by a plain
//! relative path; macOS' own and hidden files are passed over. Nothing is written anywhere.

use std::io::{Cursor, Read};

use ::zip::ZipArchive;
use ::zip::read::ZipFile;
use ::zip::result::ZipError;

use crate::decode::DecodeError;
use crate::decode::sniff::{self, Kind};
use crate::model::Place;

/// Most members of an archive, those of nested archives included.
pub const MAX_MEMBERS: u64 = 1_000;
/// Most bytes an archive may hold once inflated.
pub const MAX_INFLATED: u64 = 256 << 20;
/// A member may inflate to this many times its size; beyond it is a bomb.
pub const MAX_RATIO: u64 = 100;
/// Below this size a member may have any ratio: small texts compress well.
const RATIO_FREE: u64 = 1 << 20;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Relative path with `/`, never absolute, never through `..`.
    pub name: String,
    pub bytes: Vec<u8>,
}

const WHAT: &str = "the ZIP archive";

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Inflates every member, those of an archive within the archive too (`inner.zip/file.csv`);
/// an archive deeper than that is given as it is.
pub fn members(bytes: &[u8]) -> Result<Vec<Member>, DecodeError> {
    // Measured first, so that a bomb is refused without ever being kept.
    check(bytes, WHAT)?;
    let mut budget = Budget::default();
    let mut members = Vec::new();
    for member in inflate_all(bytes, &mut budget)? {
        if sniff::kind(&member.bytes) == Kind::Zip {
            check(&member.bytes, WHAT)?;
            let nested = inflate_all(&member.bytes, &mut budget)?;
            members.extend(nested.into_iter().map(|inner| within(&member.name, inner)));
        } else {
            members.push(member);
        }
    }
    Ok(members)
}

/// Makes sure a zipped document (a workbook) keeps the caps, before another reader opens it.
pub fn check(bytes: &[u8], what: &'static str) -> Result<(), DecodeError> {
    let mut archive = open(bytes, what)?;
    let mut budget = Budget { what, ..Budget::default() };
    budget.count(archive.len())?;
    for index in 0..archive.len() {
        let mut file = member(&mut archive, index, what)?;
        budget.inflate(&mut file, &mut std::io::sink())?;
    }
    Ok(())
}

/// One member by its exact name, or none; caps are kept.
pub(crate) fn named(bytes: &[u8], name: &str, what: &'static str) -> Result<Option<Vec<u8>>, DecodeError> {
    let mut archive = open(bytes, what)?;
    let Some(index) = archive.index_for_name(name) else { return Ok(None) };
    let mut out = Vec::new();
    Budget { what, ..Budget::default() }.inflate(&mut member(&mut archive, index, what)?, &mut out)?;
    Ok(Some(out))
}

fn inflate_all(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Member>, DecodeError> {
    let mut archive = open(bytes, budget.what)?;
    budget.count(archive.len())?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let Some(name) = archive.name_for_index(index).and_then(plain_name) else { continue };
        let mut file = member(&mut archive, index, budget.what)?;
        let mut bytes = Vec::new();
        budget.inflate(&mut file, &mut bytes)?;
        members.push(Member { name, bytes });
    }
    Ok(members)
}

fn within(outer: &str, inner: Member) -> Member {
    Member { name: format!("{outer}/{}", inner.name), ..inner }
}

/// What may still be inflated.
struct Budget {
    what: &'static str,
    n_members: u64,
    n_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { what: WHAT, n_members: MAX_MEMBERS, n_bytes: MAX_INFLATED }
    }
}

impl Budget {
    fn count(&mut self, n: usize) -> Result<(), DecodeError> {
        let left = self.n_members.checked_sub(n as u64);
        self.n_members = left.ok_or(DecodeError::TooLarge { what: self.what, limit: MAX_MEMBERS, unit: "files" })?;
        Ok(())
    }

    fn inflate(
        &mut self,
        file: &mut ZipFile<'_, Cursor<&[u8]>>,
        out: &mut dyn std::io::Write,
    ) -> Result<(), DecodeError> {
        let what = self.what;
        let place = Place::pointer(file.name());
        let most = RATIO_FREE.max(file.compressed_size().saturating_mul(MAX_RATIO));
        let mut capped = file.take(most.min(self.n_bytes) + 1);
        let n = std::io::copy(&mut capped, out).map_err(|error| DecodeError::Damaged {
            what,
            place,
            detail: error.to_string(),
        })?;
        if n > self.n_bytes {
            return Err(DecodeError::TooLarge { what, limit: MAX_INFLATED >> 20, unit: "MiB once unzipped" });
        }
        if n > most {
            return Err(DecodeError::TooLarge { what, limit: MAX_RATIO, unit: "times its own size" });
        }
        self.n_bytes -= n;
        Ok(())
    }
}

pub(crate) fn open<'a>(bytes: &'a [u8], what: &'static str) -> Result<Archive<'a>, DecodeError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused(&error, what, Place::default()))
}

fn member<'a, 'b>(
    archive: &'a mut Archive<'b>,
    index: usize,
    what: &'static str,
) -> Result<ZipFile<'a, Cursor<&'b [u8]>>, DecodeError> {
    let place = Place::pointer(archive.name_for_index(index).unwrap_or_default());
    archive.by_index(index).map_err(|error| refused(&error, what, place))
}

fn refused(error: &ZipError, what: &'static str, place: Place) -> DecodeError {
    match error {
        ZipError::UnsupportedArchive(detail) if *detail == ZipError::PASSWORD_REQUIRED => DecodeError::Locked { what },
        ZipError::InvalidPassword => DecodeError::Locked { what },
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            DecodeError::Unsupported { what: what.to_owned(), detail: error.to_string() }
        }
        _ => DecodeError::Damaged { what, place, detail: error.to_string() },
    }
}

/// The path of a member as a plain relative one; none for folders and files nobody asked for.
fn plain_name(name: &str) -> Option<String> {
    if name.ends_with(['/', '\\']) {
        return None;
    }
    let parts: Vec<&str> =
        name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..") && !is_drive(part)).collect();
    let is_hidden = parts.iter().any(|part| part.starts_with('.') || *part == "__MACOSX");
    (!parts.is_empty() && !is_hidden).then(|| parts.join("/"))
}

fn is_drive(part: &str) -> bool {
    part.len() == 2 && part.ends_with(':')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ::zip::ZipWriter;
    use ::zip::write::SimpleFileOptions;
    use proptest::prelude::*;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        members(bytes).unwrap().into_iter().map(|member| member.name).collect()
    }

    #[test]
    fn names_are_plain_and_strangers_are_passed_over() {
        let bytes = zipped(&[
            ("../../etc/evil.csv", b"a"),
            ("/abs/x.csv", b"b"),
            ("C:\\y.csv", b"c"),
            ("__MACOSX/z.csv", b"d"),
            ("a/.DS_Store", b"e"),
        ]);
        assert_eq!(names(&bytes), ["etc/evil.csv", "abs/x.csv", "y.csv"]);
    }

    #[test]
    fn an_archive_within_the_archive_is_opened_once() {
        let deepest = zipped(&[("c.csv", b"c")]);
        let inner = zipped(&[("b.csv", b"b"), ("deepest.zip", &deepest)]);
        let bytes = zipped(&[("a.csv", b"a"), ("inner.zip", &inner)]);
        assert_eq!(names(&bytes), ["a.csv", "inner.zip/b.csv", "inner.zip/deepest.zip"]);
    }

    #[test]
    fn a_bomb_is_refused_without_being_inflated() {
        let bytes = zipped(&[("bomb.csv", &vec![b'0'; 64 << 20])]);
        assert!(bytes.len() < 100_000);
        assert!(matches!(members(&bytes), Err(DecodeError::TooLarge { limit: MAX_RATIO, .. })));
        let many: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("{n}.csv")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(matches!(members(&zipped(&many)), Err(DecodeError::TooLarge { limit: MAX_MEMBERS, .. })));
    }

    #[test]
    fn small_texts_may_compress_well() {
        assert_eq!(names(&zipped(&[("zeros.csv", &vec![b'0'; 1 << 20])])), ["zeros.csv"]);
    }

    #[test]
    fn a_truncated_archive_is_damaged() {
        let bytes = zipped(&[("a.csv", b"Date;Montant")]);
        assert!(matches!(members(&bytes[..bytes.len() - 9]), Err(DecodeError::Damaged { .. })));
        assert!(matches!(members(b"PK\x03\x04"), Err(DecodeError::Damaged { .. })));
    }

    #[test]
    fn an_encrypted_archive_is_locked() {
        let mut bytes = zipped(&[("a.csv", b"Date;Montant")]);
        let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes[6] |= 1;
        bytes[central + 8] |= 1;
        assert!(matches!(members(&bytes), Err(DecodeError::Locked { .. })));
    }

    proptest! {
        #[test]
        fn a_spoilt_archive_never_panics(at in 0_usize..400, value: u8) {
            let mut bytes = zipped(&[("a.csv", b"Date;Montant\n05/03/2026;-45,20\n"), ("b.csv", b"b")]);
            let at = at % bytes.len();
            bytes[at] = value;
            let _ = members(&bytes);
            let _ = members(&bytes[..at]);
        }
    }
}
