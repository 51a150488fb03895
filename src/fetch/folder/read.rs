//! Reads a file that was listed, and makes sure that it is still the one.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;

use super::listing::{Found, stamp};

/// The bytes of a file; `None` when it changed since it was listed, or while it was read.
pub fn whole(file: &Found, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut opened = open(file)?;
    if !is_same(&opened, file)? {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    (&mut opened).take(limit + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 == file.size && is_same(&opened, file)?;
    Ok(is_whole.then_some(bytes))
}

/// Opens without following a link that took its place, and without waiting on a pipe.
fn open(file: &Found) -> std::io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(&file.path)
}

fn is_same(opened: &File, file: &Found) -> std::io::Result<bool> {
    let data = opened.metadata()?;
    Ok(data.is_file() && stamp(&data) == file.stamp)
}
