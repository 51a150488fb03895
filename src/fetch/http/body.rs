//! The body of an answer, decompressed while it comes, up to a limit.
//!
//! gzip, deflate and Brotli (RFC 9110 §8.4.1). A stream that ends before its end mark, or goes on
//! after it, is refused: half an answer is none. It reads no network.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What can be decompressed, for the header `accept-encoding`.
pub const ACCEPTED: &str = "gzip, deflate, br";

/// A body that is coming in.
pub struct Body {
    coding: Coding,
    /// Bytes as they came over the wire.
    pub n_wire: u64,
}

/// Why a body is not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Spoilt {
    TooLarge,
    Cut(String),
}

enum Coding {
    Plain(Capped),
    Gzip(MultiGzDecoder<Capped>),
    /// Which of the two forms is seen by the first byte (RFC 9110 §8.4.1.2: servers send both).
    Deflate(Capped),
    Zlib(ZlibDecoder<Capped>),
    Raw(DeflateDecoder<Capped>),
    Brotli(Box<DecompressorWriter<Capped>>),
}

impl Body {
    /// A body that was compressed as the header `content-encoding` says, of at most `limit` bytes.
    pub fn new(encoding: Option<&str>, limit: u64) -> Result<Self, Spoilt> {
        let capped = Capped { bytes: Vec::new(), limit, is_over: false };
        let coding = match encoding.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Coding::Plain(capped),
            Some("gzip" | "x-gzip") => Coding::Gzip(MultiGzDecoder::new(capped)),
            Some("deflate") => Coding::Deflate(capped),
            Some("br") => Coding::Brotli(Box::new(DecompressorWriter::new(capped, 16 * 1024))),
            Some(other) => return Err(Spoilt::Cut(format!("it is encoded as {other}"))),
        };
        Ok(Self { coding, n_wire: 0 })
    }

    /// Takes in bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Spoilt> {
        self.n_wire += bytes.len() as u64;
        if let (Coding::Deflate(_), Some(first)) = (&self.coding, bytes.first()) {
            self.choose(*first);
        }
        let written = match &mut self.coding {
            Coding::Plain(to) | Coding::Deflate(to) => to.write_all(bytes),
            Coding::Gzip(to) => to.write_all(bytes),
            Coding::Zlib(to) => to.write_all(bytes),
            Coding::Raw(to) => to.write_all(bytes),
            Coding::Brotli(to) => to.write_all(bytes),
        };
        written.map_err(|error| self.spoilt(&error))
    }

    /// The whole body, once all has come.
    pub fn end(mut self) -> Result<Vec<u8>, Spoilt> {
        if self.n_wire == 0 {
            return Ok(Vec::new());
        }
        let ended = match &mut self.coding {
            Coding::Plain(_) | Coding::Deflate(_) => Ok(()),
            Coding::Gzip(to) => to.try_finish(),
            Coding::Zlib(to) => to.try_finish(),
            Coding::Raw(to) => to.try_finish(),
            Coding::Brotli(to) => to.close(),
        };
        ended.map_err(|error| self.spoilt(&error))?;
        Ok(std::mem::take(&mut self.capped().bytes))
    }

    /// A zlib header (RFC 1950 §2.2) names method 8 in its low bits; a raw stream seldom begins so.
    fn choose(&mut self, first: u8) {
        let Coding::Deflate(capped) = &mut self.coding else { return };
        let capped = std::mem::replace(capped, Capped { bytes: Vec::new(), limit: 0, is_over: false });
        let is_zlib = first & 0x0f == 8 && first >> 4 <= 7;
        self.coding =
            if is_zlib { Coding::Zlib(ZlibDecoder::new(capped)) } else { Coding::Raw(DeflateDecoder::new(capped)) };
    }

    fn spoilt(&mut self, error: &io::Error) -> Spoilt {
        if self.capped().is_over {
            Spoilt::TooLarge
        } else {
            Spoilt::Cut(format!("it cannot be decompressed: {error}"))
        }
    }

    fn capped(&mut self) -> &mut Capped {
        match &mut self.coding {
            Coding::Plain(to) | Coding::Deflate(to) => to,
            Coding::Gzip(to) => to.get_mut(),
            Coding::Zlib(to) => to.get_mut(),
            Coding::Raw(to) => to.get_mut(),
            Coding::Brotli(to) => to.get_mut(),
        }
    }
}

/// Bytes that are kept, up to a limit.
struct Capped {
    bytes: Vec<u8>,
    limit: u64,
    is_over: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + bytes.len()) as u64 > self.limit {
            self.is_over = true;
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(encoding: &str, wire: &[u8], limit: u64) -> Result<Vec<u8>, Spoilt> {
        let mut body = Body::new(Some(encoding), limit)?;
        for piece in wire.chunks(7) {
            body.push(piece)?;
        }
        body.end()
    }

    fn packed(encoding: &str, bytes: &[u8]) -> Vec<u8> {
        use flate2::{Compression, write};
        let level = Compression::default();
        match encoding {
            "gzip" => {
                let mut to = write::GzEncoder::new(Vec::new(), level);
                to.write_all(bytes).and_then(|()| to.finish()).expect("gzip")
            }
            "deflate" => {
                let mut to = write::ZlibEncoder::new(Vec::new(), level);
                to.write_all(bytes).and_then(|()| to.finish()).expect("zlib")
            }
            "raw" => {
                let mut to = write::DeflateEncoder::new(Vec::new(), level);
                to.write_all(bytes).and_then(|()| to.finish()).expect("deflate")
            }
            other => unreachable!("{other}"),
        }
    }

    #[test]
    fn each_form_is_read_whole_or_not_at_all() {
        let text: Vec<u8> = (0..5000_u32).flat_map(|n| format!("line {};", n % 997).into_bytes()).collect();
        for (form, encoding) in [("gzip", "gzip"), ("gzip", "X-GZip"), ("deflate", "deflate"), ("raw", "deflate")] {
            let wire = packed(form, &text);
            assert_eq!(read(encoding, &wire, 1 << 20).as_deref(), Ok(text.as_slice()), "{form}");
            for kept in [1, wire.len() / 2, wire.len() - 1] {
                let cut = read(encoding, &wire[..kept], 1 << 20);
                assert!(
                    matches!(cut, Err(Spoilt::Cut(_))),
                    "{form} cut to {kept} of {}: {:?}",
                    wire.len(),
                    cut.map(|b| b.len())
                );
            }
        }
    }

    #[test]
    fn brotli_is_read_whole_or_not_at_all() {
        // "hello, " forty times.
        let wire = [27, 23, 1, 248, 141, 148, 110, 222, 68, 9, 82, 134, 150, 108, 44, 111, 49, 91, 36, 112, 121, 28];
        assert_eq!(read("br", &wire, 280), Ok(b"hello, ".repeat(40)));
        assert_eq!(read("br", &wire, 279), Err(Spoilt::TooLarge));
        for kept in 1..wire.len() {
            assert!(matches!(read("br", &wire[..kept], 280), Err(Spoilt::Cut(_))), "cut to {kept}");
        }
    }

    #[test]
    fn a_body_stops_at_its_limit_in_every_form() {
        let zeros = vec![0_u8; 100_000];
        for (form, encoding) in [("gzip", "gzip"), ("deflate", "deflate"), ("raw", "deflate")] {
            assert_eq!(read(encoding, &packed(form, &zeros), 99_999), Err(Spoilt::TooLarge), "{form}");
        }
        assert_eq!(read("identity", &zeros, 99_999), Err(Spoilt::TooLarge));
        assert_eq!(read("identity", &zeros, 100_000).map(|body| body.len()), Ok(100_000));
    }

    #[test]
    fn an_empty_body_needs_no_stream_and_an_unknown_form_is_refused() {
        assert_eq!(read("gzip", b"", 10), Ok(Vec::new()));
        assert!(matches!(read("zstd", b"x", 10), Err(Spoilt::Cut(_))));
        assert!(matches!(read("gzip", b"<html>", 10), Err(Spoilt::Cut(_))));
    }
}
