//! Documents: bytes kept once, under the hash of what they say.
//!
//! `archive/aa/bb/<sha256>.zst` is a zstd frame (RFC 8878) followed by a skippable frame that
//! holds the SHA-256 of everything before it. `zstd -d` reads the file as it is; the seal lets
//! [`super::verify`] see a changed bit even where the decoder does not look.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Archive, ArchiveError, disk};

/// zstd level: 3 halves a bank export at a few hundred megabytes a second.
const LEVEL: i32 = 3;
/// Header of a skippable frame of 32 bytes (RFC 8878 §3.1.2): magic number, then length.
const SEAL_HEADER: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0];
const SEAL_BYTES: usize = SEAL_HEADER.len() + 32;
/// Starts the name of a file that is being written.
pub(super) const TEMPORARY: &str = ".new-";

/// What became of bytes that were handed to [`Archive::keep`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Lower-case hexadecimal SHA-256 of the bytes: the document's name from now on.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// Whether the archive did not have them yet.
    pub is_new: bool,
}

impl Archive {
    /// Keeps the bytes of a document; on return they are on the disk.
    ///
    /// A document that is already there and whole is not written again; a damaged one is healed.
    /// When writing fails the archive is as it was.
    pub fn keep(&self, bytes: &[u8]) -> Result<Kept, ArchiveError> {
        let sha256 = name_of(bytes);
        let size = bytes.len() as u64;
        let path = self.path_of(&sha256);
        if path.exists() && self.read(&sha256).is_ok() {
            return Ok(Kept { sha256, size, is_new: false });
        }
        write_once(&path, &self.folders_of(&sha256), bytes)?;
        Ok(Kept { sha256, size, is_new: true })
    }

    /// The bytes of a document, checked against its name.
    pub fn read(&self, sha256: &str) -> Result<Vec<u8>, ArchiveError> {
        let missing = || ArchiveError::Missing { sha256: sha256.to_owned() };
        if !is_name(sha256) {
            return Err(missing());
        }
        let path = self.path_of(sha256);
        let sealed = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
            other => other.map_err(ArchiveError::io("read", &path))?,
        };
        let damaged = |reason: String| ArchiveError::Damaged { path: path.clone(), reason };
        let bytes = unseal(&sealed).and_then(decompress).map_err(damaged)?;
        if hex(&Sha256::digest(&bytes)) != sha256 {
            return Err(damaged("its bytes do not hash to its name".to_owned()));
        }
        Ok(bytes)
    }

    /// Whether the archive has a document of that name; does not read it.
    pub fn holds(&self, sha256: &str) -> bool {
        is_name(sha256) && self.path_of(sha256).exists()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.documents
    }

    pub(super) fn path_of(&self, sha256: &str) -> PathBuf {
        self.folders_of(sha256)[1].join(format!("{sha256}.zst"))
    }

    fn folders_of(&self, sha256: &str) -> [PathBuf; 2] {
        let outer = self.documents.join(&sha256[..2]);
        let inner = outer.join(&sha256[2..4]);
        [outer, inner]
    }
}

/// The name that bytes have in the archive: their SHA-256, hexadecimal.
pub fn name_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hexadecimal, lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Whether a text can be a document's name; guards every path made from one.
pub(super) fn is_name(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Temporary name in the same folder, contents to the disk, rename, name to the disk.
fn write_once(path: &Path, folders: &[PathBuf], bytes: &[u8]) -> Result<(), ArchiveError> {
    for folder in folders {
        disk::make_private_folder(folder)?;
    }
    let temporary = path.with_file_name(format!("{TEMPORARY}{}-{}", std::process::id(), disk::name(path)));
    write_and_rename(&temporary, path, bytes).inspect_err(|_| {
        // What is left under the temporary name is of no use, and may be what fills the disk.
        let _ = fs::remove_file(&temporary);
    })
}

fn write_and_rename(temporary: &Path, path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    // Only a killed process of the same id can have left this name, and it is not coming back.
    let _ = fs::remove_file(temporary);
    let file = disk::create_private_file(temporary)?;
    let file = write_sealed(file, bytes).map_err(ArchiveError::io("write", temporary))?;
    file.sync_all().map_err(ArchiveError::io("sync", temporary))?;
    fs::rename(temporary, path).map_err(ArchiveError::io("rename to", path))?;
    disk::sync_parent(path).inspect_err(|_| {
        // A name that may not survive must not be taken for a kept document at the next try.
        let _ = fs::remove_file(path);
    })
}

fn write_sealed(file: File, bytes: &[u8]) -> io::Result<File> {
    let mut encoder = zstd::Encoder::new(Sealing { file, hash: Sha256::new() }, LEVEL)?;
    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
    encoder.write_all(bytes)?;
    let Sealing { mut file, hash } = encoder.finish()?;
    file.write_all(&SEAL_HEADER)?;
    file.write_all(&hash.finalize())?;
    Ok(file)
}

/// The compressed frame of a sealed file; the reason when the seal is not of these bytes.
fn unseal(sealed: &[u8]) -> Result<&[u8], String> {
    let (frame, seal) = sealed.split_last_chunk::<SEAL_BYTES>().ok_or("it is cut short")?;
    let is_intact = seal[..8] == SEAL_HEADER && seal[8..] == Sha256::digest(frame)[..];
    is_intact.then_some(frame).ok_or_else(|| "its seal is broken".to_owned())
}

fn decompress(frame: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut decoder = zstd::Decoder::with_buffer(frame).map_err(|error| error.to_string())?;
    decoder.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Passes bytes to a file and hashes what the file took.
struct Sealing {
    file: File,
    hash: Sha256,
}

impl Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(bytes)?;
        self.hash.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
