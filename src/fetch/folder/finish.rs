//! What happens to files once their documents are in.

use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use super::super::order::{After, Harvest};
use super::listing::stamp;
use crate::model::run::{Class, Part, Said};

/// As many files of one name are told apart by a number.
const MAX_NUMBER: u32 = 9_999;

/// Moves the files of a harvest whose documents are in. To be called then, and only then.
///
/// A file that changed since it was read stays, and is taken again by the next run. What could
/// not be moved is told, and tried again by the next run.
pub fn finish(harvest: &Harvest) -> Vec<Part> {
    harvest.after.iter().filter_map(done).collect()
}

fn done(after: &After) -> Option<Part> {
    let After::Move { from, into, stamp: read } = after;
    let is_same = std::fs::symlink_metadata(from).is_ok_and(|data| data.is_file() && stamp(&data) == *read);
    let error = if is_same { moved(from, into).err()? } else { return None };
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let en = format!("the file is in, but could not be moved: {error}");
    let fr = format!("le fichier est pris, mais n'a pas pu être déplacé : {error}");
    Some(Part { name, outcome: Class::Expectation, message: Said::new(en, fr) })
}

fn moved(from: &Path, into: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(into)?;
    for number in 1..=MAX_NUMBER {
        match renamed(from, &into.join(numbered(from, number))) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            done => return done,
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// `march.csv`, `march-2.csv`, `march-3.csv`…
fn numbered(file: &Path, number: u32) -> PathBuf {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (text(file.file_stem()), text(file.extension()));
    let dot = if ending.is_empty() { "" } else { "." };
    match number {
        1 => PathBuf::from(file.file_name().unwrap_or_default()),
        _ => PathBuf::from(format!("{stem}-{number}{dot}{ending}")),
    }
}

/// Renames in one step, and never over another file. File systems without that take a second
/// name for the file first, which fails as well when the name is taken.
fn renamed(from: &Path, to: &Path) -> std::io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        for (file, number, expected) in [
            ("/in/march.csv", 1, "march.csv"),
            ("/in/march.csv", 2, "march-2.csv"),
            ("/in/march.tar.gz", 3, "march.tar-3.gz"),
            ("/in/march", 2, "march-2"),
        ] {
            assert_eq!(numbered(Path::new(file), number), Path::new(expected));
        }
    }
}
