//! Files that appear in a folder of this machine.
//!
//! A file is taken when it is settled: nobody has written to it for a while, and it is the same
//! before and after it was read. It follows no link, opens nothing but plain files, and takes no
//! half-downloaded ones. What was read is known by path, size and time, and is not read again.
//! Nothing is moved here: [`finish`] does it, when the documents are in.

mod finish;
mod listing;
mod read;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::order::{After, Failure, Fetched, Harvest, Order};
use super::settings;
use super::state::{Object, State};
use crate::config::Source;
use crate::connector::Service;
use crate::model::run::{Class, Part, Said};

pub use finish::finish;
pub use watch::{Watch, watch};

use listing::Found;

/// How long nobody may have written to a file before it is taken.
pub const QUIET: SignedDuration = SignedDuration::from_secs(10);
/// No file larger than this is taken, in bytes: what an answer over HTTP may have too.
const FILE_LIMIT: u64 = 64 << 20;
/// One run takes no more than this, in bytes; the rest comes with the next.
const RUN_LIMIT: u64 = 256 << 20;
/// Where the state of this transport stands among the objects of a source.
const SEEN: &str = "files";

/// A folder as a source sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub source: String,
    pub path: PathBuf,
    /// Patterns of the files that count, below the folder.
    pub patterns: Vec<String>,
    pub has_subfolders: bool,
    /// The folder below in which files go once they are in; they stay when there is none.
    pub moved_into: Option<String>,
}

impl Folder {
    /// The folder of a source, when its service is a folder.
    ///
    /// Its needs are `folder` (absolute), `pattern` (one or more), `subfolders`, `after`
    /// (`leave` or `move`) and `into` (the name of the folder that moved files go to).
    pub fn of(source: &Source, service: &Service) -> Result<Self, Failure> {
        let path = PathBuf::from(settings::needed(source, service, "folder")?);
        let into = settings::text(source, service, "into").unwrap_or_else(|| "imported".to_owned());
        let after = settings::text(source, service, "after").unwrap_or_else(|| "leave".to_owned());
        let is_name = Path::new(&into).components().count() == 1 && Path::new(&into).file_name().is_some();
        match after.as_str() {
            _ if !path.is_absolute() => Err(wrong("folder", "the path from the root on", "le chemin depuis la racine")),
            "leave" | "move" if is_name => Ok(Self {
                source: source.id.clone(),
                path,
                patterns: settings::texts(source, service, "pattern"),
                has_subfolders: settings::flag(source, service, "subfolders"),
                moved_into: (after == "move").then_some(into),
            }),
            "leave" | "move" => Err(wrong("into", "the name of a folder", "le nom d'un dossier")),
            _ => Err(wrong("after", "`leave` or `move`", "`leave` ou `move`")),
        }
    }

    /// Whether a path below the folder, told from it on, names a file to take.
    pub fn takes(&self, path: &Path) -> bool {
        let is_moved = self.moved_into.as_ref().is_some_and(|into| path.starts_with(into));
        let is_deep = path.components().count() > 1;
        let is_named =
            self.patterns.is_empty() || self.patterns.iter().any(|one| crate::config::glob::names(one, path));
        !is_moved && (self.has_subfolders || !is_deep) && !listing::is_passing(path) && is_named
    }
}

/// The new and changed files of a source.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    let folder = Folder::of(order.source, order.service)?;
    let found = listing::of(&folder).map_err(|error| unreachable(&folder, &error))?;
    let seen = state.objects.remove(SEEN).unwrap_or_default();
    let mut run = Run { folder: &folder, order, seen, kept: BTreeMap::new(), n_read: 0, harvest: Harvest::default() };
    for file in found {
        run.take(file);
    }
    state.objects.insert(SEEN.to_owned(), run.kept);
    Ok(run.harvest)
}

struct Run<'a> {
    folder: &'a Folder,
    order: &'a Order<'a>,
    seen: BTreeMap<String, Object>,
    /// What the next run finds as seen: the files that are still there.
    kept: BTreeMap<String, Object>,
    n_read: u64,
    harvest: Harvest,
}

impl Run<'_> {
    fn take(&mut self, file: Found) {
        let name = file.name.clone();
        if self.seen.get(&name).is_some_and(|known| known.etag == file.stamp) {
            self.keep(&file);
        } else if is_young(file.changed_at, self.order.now) || self.n_read + file.size > RUN_LIMIT.max(file.size) {
            self.harvest.later.push(name);
        } else if file.size > FILE_LIMIT {
            // Told once: it is seen, and told again only if it changes.
            self.fail(name.clone(), Class::Expectation, &too_large());
            self.kept.insert(name, Object { etag: file.stamp, uid: String::new() });
        } else {
            self.read(&file);
        }
    }

    fn read(&mut self, file: &Found) {
        match read::whole(file, FILE_LIMIT) {
            Ok(Some(bytes)) => {
                self.n_read += file.size;
                self.harvest.documents.push(Fetched {
                    name: file.name.clone(),
                    bytes,
                    as_of: file.changed_at,
                    origin: file.path.display().to_string(),
                    connectors: self.order.service.fetch.documents.clone(),
                });
                self.keep(file);
            }
            Ok(None) => self.harvest.later.push(file.name.clone()),
            Err(error) => self.fail(file.name.clone(), class_of(&error), &unreadable(&error)),
        }
    }

    /// It was read, now or before: the next run knows it, and it may go away.
    fn keep(&mut self, file: &Found) {
        self.kept.insert(file.name.clone(), Object { etag: file.stamp.clone(), uid: String::new() });
        if let Some(into) = &self.folder.moved_into {
            let into = self.folder.path.join(into);
            self.harvest.after.push(After::Move { from: file.path.clone(), into, stamp: file.stamp.clone() });
        }
    }

    fn fail(&mut self, name: String, outcome: Class, message: &Said) {
        self.harvest.failed.push(Part { name, outcome, message: message.clone() });
    }
}

/// Whether somebody may still be writing: also when the file seems to come from the near future.
fn is_young(changed_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(changed_at).abs() < QUIET
}

fn class_of(error: &std::io::Error) -> Class {
    if error.kind() == std::io::ErrorKind::PermissionDenied { Class::User } else { Class::Retry }
}

fn unreadable(error: &std::io::Error) -> Said {
    Said::new(format!("the file cannot be read: {error}"), format!("le fichier ne peut pas être lu : {error}"))
}

fn too_large() -> Said {
    let limit = FILE_LIMIT >> 20;
    Said::new(
        format!("the file has more than {limit} MiB and is left where it is"),
        format!("le fichier dépasse {limit} Mio et reste où il est"),
    )
}

/// A folder that is not there may be a disk that is not plugged in: no fault of the settings.
fn unreachable(folder: &Folder, error: &std::io::Error) -> Failure {
    let path = folder.path.display();
    let en = format!("the folder {path} cannot be listed: {error}");
    let fr = format!("le dossier {path} ne peut pas être parcouru : {error}");
    Failure::new(class_of(error), Said::new(en, fr))
}

fn wrong(field: &str, en: &str, fr: &str) -> Failure {
    Failure::new(Class::Config, Said::new(format!("`{field}` must be {en}"), format!("`{field}` doit être {fr}")))
}
