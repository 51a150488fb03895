//! Bytes to text: which encoding a document is in, and its text in UTF-8, in chunks.
//!
//! The order is: byte order mark, then what the document or the connector declares, then strict
//! UTF-8, then UTF-16 told by its NULs, then Windows-1252. Plain ISO-8859-1 is never chosen: French
//! banks write the euro sign as 0x80 (Windows-1252) or 0xA4 (ISO-8859-15). NUL padding disappears.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How the encoding of a document was found, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A byte order mark says so.
    Bom,
    /// The document or its connector says so, and the bytes agree.
    Declared,
    /// The bytes are strictly valid in it, which does not happen by chance.
    Valid,
    /// Nothing says so: the most likely one.
    Guessed,
}

/// The encoding of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// The WHATWG name: `UTF-8`, `UTF-16LE`, `windows-1252`, `ISO-8859-15`…
    pub name: &'static str,
    pub how: How,
    /// The last character is cut: the document was truncated in the middle of it.
    pub is_cut: bool,
    inner: &'static encoding_rs::Encoding,
    /// Length in bytes of the byte order mark, which is not text.
    bom: usize,
}

/// Finds the encoding of a whole document. `declared` is a label such as `windows-1252`, `1252`,
/// `latin9` or `UTF-8`; one that the bytes contradict is passed over.
pub fn encoding(bytes: &[u8], declared: Option<&str>) -> Encoding {
    if let Some((inner, bom)) = encoding_rs::Encoding::for_bom(bytes) {
        return Encoding { bom, ..found(inner, How::Bom) };
    }
    if let Some(inner) = utf16_by_nuls(bytes) {
        let is_cut = !unpadded(bytes).len().is_multiple_of(2) && !bytes.len().is_multiple_of(2);
        return Encoding { is_cut, ..found(inner, How::Valid) };
    }
    let declared = declared.and_then(by_label);
    let compatible = declared.filter(|inner| inner.is_ascii_compatible());
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => compatible.map_or(found(UTF_8, How::Valid), |inner| found(inner, How::Declared)),
        Ok(_) if declared == Some(UTF_8) => found(UTF_8, How::Declared),
        Ok(_) => found(UTF_8, How::Valid),
        // A cut needs multi-byte characters before it: one lone high byte at the end is a Latin text.
        Err(error) if error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii() => {
            Encoding { is_cut: true, ..found(UTF_8, How::Valid) }
        }
        Err(_) => match declared.filter(|inner| agrees(inner, bytes)) {
            Some(inner) => found(inner, How::Declared),
            None => found(WINDOWS_1252, How::Guessed),
        },
    }
}

/// The whole text of a document; borrows when the bytes are UTF-8 already.
pub fn text<'a>(bytes: &'a [u8], encoding: &Encoding) -> Cow<'a, str> {
    let (text, _) = encoding.inner.decode_without_bom_handling(&bytes[encoding.bom.min(bytes.len())..]);
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text }
}

/// The text of a document as a stream of UTF-8: memory does not grow with the document.
pub struct Decoded<R> {
    source: R,
    decoder: Decoder,
    /// Bytes read and not decoded yet: `raw[raw_from..raw_to]`.
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    /// Text decoded and not read yet.
    out: String,
    out_from: usize,
    bom_left: usize,
    is_at_end: bool,
    is_finished: bool,
}

const RAW_CHUNK: usize = 64 * 1024;

impl<R: Read> Decoded<R> {
    /// Reads `source` (from its first byte, byte order mark included) in that encoding.
    pub fn new(source: R, encoding: &Encoding) -> Self {
        Self {
            source,
            decoder: encoding.inner.new_decoder_without_bom_handling(),
            raw: vec![0; RAW_CHUNK],
            raw_from: 0,
            raw_to: 0,
            out: String::with_capacity(2 * RAW_CHUNK),
            out_from: 0,
            bom_left: encoding.bom,
            is_at_end: false,
            is_finished: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.out_from = 0;
        while self.out.is_empty() && !self.is_finished {
            if self.raw_from == self.raw_to {
                self.read_raw()?;
            }
            self.decode_raw();
        }
        Ok(())
    }

    fn read_raw(&mut self) -> io::Result<()> {
        self.raw_to = self.source.read(&mut self.raw)?;
        self.raw_from = self.bom_left.min(self.raw_to);
        self.bom_left -= self.raw_from;
        self.is_at_end = self.raw_to == 0;
        Ok(())
    }

    fn decode_raw(&mut self) {
        let raw = &self.raw[self.raw_from..self.raw_to];
        let (result, n_read, _) = self.decoder.decode_to_string(raw, &mut self.out, self.is_at_end);
        self.raw_from += n_read;
        self.is_finished = self.is_at_end && result == encoding_rs::CoderResult::InputEmpty;
        if self.out.as_bytes().contains(&0) {
            self.out.retain(|c| c != '\0');
        }
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.out_from == self.out.len() {
            self.refill()?;
        }
        Ok(&self.out.as_bytes()[self.out_from..])
    }

    fn consume(&mut self, n: usize) {
        self.out_from = (self.out_from + n).min(self.out.len());
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}

/// Undoes UTF-8 that was read as Windows-1252 and saved again (`DÃ©bit` → `Débit`).
///
/// `None` when the text is not of that kind: it must go back to bytes without loss, and those
/// bytes must be valid UTF-8. Destroyed characters (U+FFFD) cannot be brought back.
pub fn repair_mojibake(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let (bytes, _, has_unmappable) = WINDOWS_1252.encode(text);
    if has_unmappable {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

fn found(inner: &'static encoding_rs::Encoding, how: How) -> Encoding {
    Encoding { name: inner.name(), how, is_cut: false, inner, bom: 0 }
}

/// The encoding of that label, also as OFX writes code pages (`1252`).
fn by_label(label: &str) -> Option<&'static encoding_rs::Encoding> {
    let label = label.trim();
    encoding_rs::Encoding::for_label(label.as_bytes())
        .or_else(|| encoding_rs::Encoding::for_label(format!("windows-{label}").as_bytes()))
        .filter(|inner| *inner != encoding_rs::REPLACEMENT)
}

/// Whether bytes that are not UTF-8 can be text in that encoding.
fn agrees(inner: &'static encoding_rs::Encoding, bytes: &[u8]) -> bool {
    if inner == WINDOWS_1252 {
        return !bytes.iter().any(|b| matches!(b, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
    }
    if inner == ISO_8859_15 {
        return !bytes.iter().any(|b| (0x80..=0x9f).contains(b));
    }
    is_decodable(inner, bytes)
}

fn is_decodable(inner: &'static encoding_rs::Encoding, bytes: &[u8]) -> bool {
    let mut decoder = inner.new_decoder_without_bom_handling();
    let mut out = [0_u8; 8192];
    let mut from = 0;
    loop {
        let (result, n_read, _) = decoder.decode_to_utf8_without_replacement(&bytes[from..], &mut out, true);
        from += n_read;
        match result {
            DecoderResult::InputEmpty => return true,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => return false,
        }
    }
}

/// UTF-16 without a byte order mark: in western text every other byte is NUL.
fn utf16_by_nuls(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let sample = unpadded(&bytes[..bytes.len().min(4096)]);
    let n_pairs = sample.len().div_ceil(2);
    let n_even = sample.iter().step_by(2).filter(|b| **b == 0).count();
    let n_odd = sample.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    match (n_even, n_odd) {
        (0, 0) => None,
        (even, odd) if odd * 3 >= n_pairs && even * 20 <= n_pairs => Some(UTF_16LE),
        (even, odd) if even * 3 >= n_pairs && odd * 20 <= n_pairs => Some(UTF_16BE),
        _ => None,
    }
}

/// The bytes without the NULs that pad them at either end, keeping pairs together.
fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| (last + 2) & !1).min(bytes.len());
    let start = bytes[..end].iter().position(|b| *b != 0).map_or(0, |first| first & !1);
    &bytes[start..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn utf16be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    fn check(bytes: &[u8], declared: Option<&str>, name: &str, how: How, expected: &str) {
        let encoding = encoding(bytes, declared);
        assert_eq!((encoding.name, encoding.how), (name, how));
        assert_eq!(text(bytes, &encoding), expected);
        let mut streamed = String::new();
        Decoded::new(bytes, &encoding).read_to_string(&mut streamed).unwrap();
        assert_eq!(streamed, expected);
    }

    #[test]
    fn a_byte_order_mark_wins() {
        check("\u{feff}Débit".as_bytes(), Some("windows-1252"), "UTF-8", How::Bom, "Débit");
        check(&utf16le("\u{feff}Débit"), None, "UTF-16LE", How::Bom, "Débit");
        check(&utf16be("\u{feff}Débit"), None, "UTF-16BE", How::Bom, "Débit");
    }

    #[test]
    fn utf16_is_told_by_its_nuls() {
        check(&utf16le("Date;Libellé"), None, "UTF-16LE", How::Valid, "Date;Libellé");
        check(&utf16be("Date;Libellé"), Some("windows-1252"), "UTF-16BE", How::Valid, "Date;Libellé");
    }

    #[test]
    fn a_declaration_holds_only_when_the_bytes_agree() {
        check(b"12,50 \xa4", Some("ISO-8859-15"), "ISO-8859-15", How::Declared, "12,50 €");
        check(b"12,50 \x80", Some("ISO-8859-15"), "windows-1252", How::Guessed, "12,50 €");
        check(b"12,50 \x80", Some("1252"), "windows-1252", How::Declared, "12,50 €");
        check(b"d\xe9bit", Some("UTF-8"), "windows-1252", How::Guessed, "débit");
        check("débit".as_bytes(), Some("USASCII"), "UTF-8", How::Valid, "débit");
        check("débit".as_bytes(), Some("1252"), "UTF-8", How::Valid, "débit");
        check(b"debit", Some("UTF-16"), "UTF-8", How::Valid, "debit");
        check(b"debit", Some("no such charset"), "UTF-8", How::Valid, "debit");
    }

    #[test]
    fn nul_padding_disappears() {
        check(b"Date;Montant\n\0\0\0\0\0", None, "UTF-8", How::Valid, "Date;Montant\n");
        check(&[0; 9], None, "UTF-8", How::Valid, "");
        check(b"", None, "UTF-8", How::Valid, "");
    }

    #[test]
    fn a_cut_character_is_told_from_a_latin_one() {
        let cut = encoding(&"café crème".as_bytes()[..9], None);
        assert_eq!((cut.name, cut.is_cut), ("UTF-8", true));
        let latin = encoding(b"caf\xe9", None);
        assert_eq!((latin.name, latin.is_cut), ("windows-1252", false));
    }

    #[test]
    fn streams_across_chunks() {
        let long = "é€𝄞;".repeat(50_000);
        check(long.as_bytes(), None, "UTF-8", How::Valid, &long);
        let latin = "é".repeat(300_000);
        check(&WINDOWS_1252.encode(&latin).0, None, "windows-1252", How::Guessed, &latin);
    }

    #[test]
    fn mojibake_is_repaired_when_it_is_one() {
        assert_eq!(repair_mojibake("DÃ©bit 12,50 â‚¬").as_deref(), Some("Débit 12,50 €"));
        assert_eq!(repair_mojibake("Débit"), None);
        assert_eq!(repair_mojibake("D\u{fffd}bit"), None);
        assert_eq!(repair_mojibake("Debit"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_alike_whole_and_streamed(bytes: Vec<u8>, declared in "[a-z0-9-]{0,8}") {
            let encoding = encoding(&bytes, Some(&declared));
            let whole = text(&bytes, &encoding).into_owned();
            let mut streamed = String::new();
            Decoded::new(&bytes[..], &encoding).read_to_string(&mut streamed).unwrap();
            prop_assert_eq!(whole, streamed);
        }

        #[test]
        fn utf8_is_never_taken_for_anything_else(text in "[a-zàéèêçœ€;,0-9\n]{1,80}") {
            prop_assert_eq!(encoding(text.as_bytes(), None).name, "UTF-8");
        }
    }
}
