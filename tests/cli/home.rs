//! A home in a temporary folder, invented documents, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

const HEADER: &str = "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance\n";

/// A home and a folder of documents beside it.
pub struct Home {
    folder: tempfile::TempDir,
    locale: &'static str,
}

/// What a run of the program came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), locale: "C" }
    }

    pub fn french() -> Self {
        Self { locale: "fr_FR.UTF-8", ..Self::new() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a document beside the home.
    pub fn document(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("in").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// Writes the home's moisson.toml.
    pub fn settings(&self, text: &str) {
        fs::create_dir_all(self.path()).expect("a folder");
        fs::write(self.path().join("moisson.toml"), text).expect("a file");
    }

    /// The program, with this home and locale and nothing else of the environment.
    pub fn command(&self) -> Command {
        const FOREIGN: [&str; 9] = [
            "LC_ALL",
            "LC_MESSAGES",
            "NO_COLOR",
            "MOISSON_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "MOISSON_KEY_FILE",
            "MOISSON_PASSPHRASE_FILE",
            "CREDENTIALS_DIRECTORY",
        ];
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("moisson");
        for name in FOREIGN {
            command.env_remove(name);
        }
        command
            .env("LANG", self.locale)
            .env("MOISSON_HOME", self.path())
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(self.command().args(arguments))
    }

    pub fn ran(&self, command: &mut Command) -> Ran {
        Ran::of(&command.output().expect("the program runs"), self.folder.path())
    }

    /// Imports one good document.
    pub fn filled(self) -> Self {
        let file = self.document("good.csv", export(&three_days()));
        let ran = self.run(&["import", &text(&file)]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        self
    }
}

impl Ran {
    fn of(output: &Output, folder: &Path) -> Self {
        let shown = |bytes: &[u8]| tidied(&String::from_utf8_lossy(bytes), folder);
        Self { code: output.status.code().unwrap_or(-1), out: shown(&output.stdout), err: shown(&output.stderr) }
    }
}

pub fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A bank export of these rows.
pub fn export(rows: &[String]) -> String {
    format!("\u{feff}{HEADER}{}", rows.concat())
}

pub fn row(day: &str, label: &str, amount: &str) -> String {
    format!("{day};{day};\"{label}\";\"Divers\";\"Divers\";\"\";{amount};;00040000001;BoursoBank;100.00\n")
}

pub fn three_days() -> Vec<String> {
    vec![
        row("2024-03-05", "CARTE 04/03/24 METRO CB*0042", "-2,15"),
        row("2024-03-04", "VIR SEPA SALAIRE", "2 450,00"),
        row("2024-03-03", "PRLV SEPA EAU", "-31,20"),
    ]
}

/// The same, two of its rows unreadable.
pub fn broken() -> String {
    let mut rows = three_days();
    rows[0] = row("2024-13-45", "CARTE 04/03/24 METRO CB*0042", "-2,15");
    rows.push(row("2024-03-02", "CHEQUE 0000017", "12,34,56"));
    export(&rows)
}

/// What differs from run to run is named: the folder, and the time that was taken.
fn tidied(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[folder]");
    let lines: Vec<String> = text.lines().map(without_time).collect();
    lines.join("\n")
}

/// `3 documents in 1.2 s: …` → `3 documents in [time]: …`
fn without_time(line: &str) -> String {
    for (words, end) in [(["document in ", "documents in "], ":"), (["document en ", "documents en "], " :")] {
        for word in words {
            let Some((before, after)) = line.split_once(word) else { continue };
            if let Some((_, after)) = after.split_once(end) {
                return format!("{before}{word}[time]{end}{after}");
            }
        }
    }
    line.to_owned()
}
