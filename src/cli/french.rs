//! What the other rooms say, in French: one exhaustive match for each closed set.
//!
//! The rooms speak English. Details that come from the system, from DuckDB or from the data
//! are left as they are.

use crate::archive::{ArchiveError, Problem};
use crate::config::ConfigError;
use crate::connector::{ConnectorError, Reason};
use crate::decode::DecodeError;
use crate::decode::sniff::Kind;
use crate::import::{ImportError, Refusal};
use crate::model::{Fault, FaultKind};
use crate::warehouse::WarehouseError;

/// What is wrong with a row.
pub fn fault(fault: &Fault) -> String {
    let value = &fault.value;
    let what = match fault.kind {
        FaultKind::NotADate => format!("« {value} » n'est pas une date"),
        FaultKind::NotATime => format!("« {value} » n'est pas une heure"),
        FaultKind::NotANumber => format!("« {value} » n'est pas un nombre"),
        FaultKind::AmbiguousNumber => format!("« {value} » peut se lire comme deux nombres différents"),
        FaultKind::NotADuration => format!("« {value} » n'est ni une durée ni un volume"),
        FaultKind::MissingValue => "une valeur obligatoire est vide".to_owned(),
        FaultKind::UnknownValue => format!("« {value} » n'est pas une valeur connue"),
        FaultKind::NotText => "ces octets ne sont pas du texte dans l'encodage du fichier".to_owned(),
        FaultKind::Malformed => "ce n'est pas une ligne de ce format".to_owned(),
        FaultKind::TotalDiffers => "un total du document n'est pas la somme de ses lignes".to_owned(),
        FaultKind::TooLarge => "la valeur dépasse les limites".to_owned(),
        FaultKind::Quarantined => format!("le relevé du compte {value} est mis de côté, aucun mouvement n'en est pris"),
    };
    match &fault.column {
        Some(column) => format!("{what} (colonne {column})"),
        None if says_more(fault.kind) => format!("{what} ({})", fault.message),
        None => what,
    }
}

/// What can be done about it; `connector` is the id of the one that read the document.
pub fn remedy(kind: FaultKind, connector: &str) -> String {
    match kind {
        FaultKind::AmbiguousNumber => {
            format!("indiquez `decimal = \",\"` ou `\".\"` pour cette colonne dans {connector}.toml")
        }
        FaultKind::NotADate | FaultKind::NotATime => {
            format!("corrigez-la dans le fichier ; ou indiquez `order`, ou une autre colonne, dans {connector}.toml")
        }
        FaultKind::UnknownValue => {
            format!("ajoutez le mot sous `values`, ou indiquez `otherwise`, dans {connector}.toml")
        }
        FaultKind::NotText => "téléchargez de nouveau le document, sans l'ouvrir dans un tableur".to_owned(),
        FaultKind::Quarantined => {
            "exportez de nouveau le relevé ; si c'est un autre compte, liez-le à une source dans moisson.toml ; \
             s'il est juste, `moisson accept` ce document"
                .to_owned()
        }
        FaultKind::NotANumber
        | FaultKind::NotADuration
        | FaultKind::MissingValue
        | FaultKind::Malformed
        | FaultKind::TotalDiffers
        | FaultKind::TooLarge => {
            format!("corrigez la valeur dans le fichier, ou la colonne dans {connector}.toml, puis importez de nouveau")
        }
    }
}

/// Whether the English message holds something that the kind alone does not tell.
fn says_more(kind: FaultKind) -> bool {
    match kind {
        FaultKind::UnknownValue
        | FaultKind::Malformed
        | FaultKind::TotalDiffers
        | FaultKind::TooLarge
        | FaultKind::Quarantined
        | FaultKind::MissingValue => true,
        FaultKind::NotADate
        | FaultKind::NotATime
        | FaultKind::NotANumber
        | FaultKind::AmbiguousNumber
        | FaultKind::NotADuration
        | FaultKind::NotText => false,
    }
}

/// What a document was recognised by.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Header { line, cells } => format!("l'en-tête de la ligne {line} : {cells}"),
        Reason::Lines { line, fields } => format!("sa ligne {line} et des lignes de {fields} cellules"),
        Reason::Names(names) => format!("les noms {}", names.join(", ")),
        Reason::Format(format) => format!("son format, {}", format!("{format:?}").to_lowercase()),
    }
}

/// The same, of one that the views kept in English.
pub fn stored_reason(reason: &str) -> String {
    let told = [
        ("the header on line ", "l'en-tête de la ligne "),
        ("the names ", "les noms "),
        ("its format, ", "son format, "),
    ];
    let found = told.iter().find_map(|(en, fr)| Some(format!("{fr}{}", reason.strip_prefix(en)?)));
    found.unwrap_or_else(|| match reason.strip_prefix("its line ") {
        Some(rest) => {
            format!("sa ligne {}", rest.replace(" and rows of ", " et des lignes de ").replace(" cells", " cellules"))
        }
        None => reason.to_owned(),
    })
}

/// Why a document cannot be read.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Undecodable(error) => decode(error),
        Refusal::NoReader(kind) => format!("moisson ne lit pas {}", kind_of(*kind)),
        Refusal::Unfit(id) => format!("le connecteur {id} ne lui convient pas"),
        Refusal::Closed(error) => format!("il ne peut pas être ouvert : {error}"),
        Refusal::Lost(error) => archive(error),
    }
}

fn decode(error: &DecodeError) -> String {
    match error {
        DecodeError::Empty => "le document est vide".to_owned(),
        DecodeError::Damaged { what, place, detail } => {
            format!("{} : coupé ou abîmé à {place} : {detail}", thing(what))
        }
        DecodeError::TooLarge { what, limit, unit } => format!("{} contient plus de {limit} {unit}", thing(what)),
        DecodeError::Locked { what } => format!("{} est protégé par un mot de passe", thing(what)),
        DecodeError::Unsupported { what, detail } => format!("moisson ne lit pas {} : {detail}", thing(what)),
    }
}

/// A kind of document, after « moisson ne lit pas ».
fn kind_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Xlsx => "les classeurs Excel",
        Kind::Xls => "les vieux classeurs Excel",
        Kind::Ods => "les classeurs OpenDocument",
        Kind::Zip => "les archives ZIP",
        Kind::SpreadsheetMl => "les classeurs XML d'Excel 2003",
        Kind::Html => "les pages web",
        Kind::Xml => "les documents XML",
        Kind::Json => "les documents JSON",
        Kind::Ofx => "les relevés OFX",
        Kind::Qif => "les fichiers QIF",
        Kind::VCard => "les carnets d'adresses vCard",
        Kind::ICalendar => "les agendas iCalendar",
        Kind::Pdf => "les documents PDF",
        Kind::Text => "les fichiers de texte",
        Kind::Binary => "les fichiers binaires",
        Kind::Empty => "les fichiers vides",
    }
}

/// What a decoder calls the thing it could not read; the rarer ones stay in English.
fn thing(what: &str) -> &str {
    match what {
        "the ZIP archive" => "l'archive ZIP",
        "the workbook" => "le classeur",
        "the Excel workbook" => "le classeur Excel",
        "the OpenDocument spreadsheet" => "le classeur OpenDocument",
        "the XML spreadsheet" => "le classeur XML",
        "the JSON document" => "le document JSON",
        "the XML document" => "le document XML",
        "the OFX document" => "le document OFX",
        "the QIF document" => "le document QIF",
        "the web page" => "la page web",
        "the sheet" => "la feuille",
        "the table" => "le tableau",
        "the document" => "le document",
        "a binary Excel workbook (.xlsb)" => "les classeurs Excel binaires (.xlsb)",
        "an XML document that defines its own entities" => "les documents XML qui définissent leurs propres entités",
        other => other,
    }
}

pub fn archive(error: &ArchiveError) -> String {
    match error {
        ArchiveError::NoRoom { path, .. } => format!("plus de place pour écrire {}", path.display()),
        ArchiveError::Io { doing, path, source } => {
            format!("{} : opération impossible ({doing}) : {source}", path.display())
        }
        ArchiveError::Busy { home, holder } => {
            let holder =
                holder.as_deref().map_or("un autre processus".to_owned(), |id| id.replace("process", "le processus"));
            format!("{} est utilisé par {holder}", home.display())
        }
        ArchiveError::Missing { sha256 } => format!("l'archive n'a pas de document {sha256}"),
        ArchiveError::Damaged { path, reason } => format!("{} est abîmé : {reason}", path.display()),
        ArchiveError::BrokenLine { file, line, reason } => format!("{}:{line} est abîmée : {reason}", file.display()),
        ArchiveError::Changed { file } => {
            format!("un autre processus a écrit dans {} depuis son ouverture", file.display())
        }
    }
}

pub fn config(error: &ConfigError) -> String {
    match error {
        ConfigError::Io { path, source } => format!("impossible de lire {} : {source}", path.display()),
        ConfigError::Misread(misread) => format!("moisson.toml ne peut pas être lu : {misread}"),
        ConfigError::NoHome { variable } => {
            format!("ni --home, ni HOME, ni {variable} ne disent où moisson range ses fichiers")
        }
    }
}

pub fn connector(error: &ConnectorError) -> String {
    match error {
        ConnectorError::Invalid { file, detail } => format!("{file} : {detail}"),
        ConnectorError::Unreadable { file, source } => format!("impossible de lire {} : {source}", file.display()),
        ConnectorError::Unknown { id, close } if close.is_empty() => {
            format!("aucun connecteur ne s'appelle {id} ; voir `moisson connector list`")
        }
        ConnectorError::Unknown { id, close } => {
            format!("aucun connecteur ne s'appelle {id} ; vouliez-vous dire {} ?", close.join(" ou "))
        }
    }
}

pub fn import(error: &ImportError) -> String {
    match error {
        ImportError::Archive(error) => archive(error),
        ImportError::Config(error) => config(error),
        ImportError::Connector(error) => connector(error),
        ImportError::Warehouse(error) => warehouse(error),
        ImportError::Unreadable { path, source } => format!("impossible de lire {} : {source}", path.display()),
        ImportError::Unwritable { path, source } => format!("impossible d'écrire {} : {source}", path.display()),
        ImportError::UnknownSource(id) => format!("aucune source ne s'appelle {id} dans moisson.toml"),
    }
}

pub fn warehouse(error: &WarehouseError) -> String {
    match error {
        WarehouseError::Busy { path, .. } => format!("{} est utilisé par un autre programme", path.display()),
        WarehouseError::OutOfDate { path } => {
            format!("{} a été fait par une autre version de moisson", path.display())
        }
        WarehouseError::Unreadable { path, detail } => format!("{} ne peut pas être ouvert : {detail}", path.display()),
        WarehouseError::File { path, source } => format!("{} : {source}", path.display()),
        WarehouseError::Query { file, line, message } => format!("{file}:{line} : {message}"),
        WarehouseError::Circle { files } => format!("ces requêtes se lisent en rond : {}", files.join(", ")),
        WarehouseError::HigherLayer { file, reads } => format!("{file} lit {reads}, d'une couche plus haute"),
        WarehouseError::NoComment { columns } => format!("colonnes sans commentaire : {}", columns.join(", ")),
        WarehouseError::Refused { message } => message.clone(),
        WarehouseError::Output(source) => format!("la réponse n'a pas pu être écrite : {source}"),
        WarehouseError::Database(error) => format!("la base de données a échoué : {error}"),
        WarehouseError::Rows(error) => format!("des lignes n'ont pas pu être confiées à la base : {error}"),
    }
}

/// What `moisson verify` found.
pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::BrokenLine { file, line, reason } => format!("{}:{line} : ligne abîmée : {reason}", file.display()),
        Problem::TornLine { file, n_bytes } => {
            format!("{} : les {n_bytes} derniers octets sont une ligne coupée", file.display())
        }
        Problem::MissingDocument { sha256, name } => format!("{name} n'est plus dans l'archive ({sha256})"),
        Problem::DamagedDocument { path, name, reason } => format!("{} : {name} : {reason}", path.display()),
        Problem::Unreadable { path, reason } => format!("{} : {reason}", path.display()),
        Problem::Orphan { path } => format!("{} : aucune ligne du journal ne cite ce document", path.display()),
        Problem::Leftover { path } => format!("{} : reste d'une écriture interrompue", path.display()),
        Problem::SetAside { path } => format!("{} : une ligne coupée, mise de côté auparavant", path.display()),
        Problem::Stranger { path } => format!("{} : n'est pas un fichier de l'archive", path.display()),
    }
}

/// What can be done about it.
pub fn problem_remedy(problem: &Problem) -> &'static str {
    match problem {
        Problem::BrokenLine { .. } => {
            "remettez ce fichier depuis une sauvegarde ; à défaut, écartez le journal et importez de nouveau"
        }
        Problem::TornLine { .. } => {
            "importez de nouveau ce qui l'était quand la machine s'est arrêtée ; la ligne coupée sera mise de côté"
        }
        Problem::MissingDocument { .. } => "importez de nouveau ce document, ou remettez-le depuis une sauvegarde",
        Problem::DamagedDocument { .. } => {
            "supprimez ce fichier et importez de nouveau le document, ou remettez-le depuis une sauvegarde"
        }
        Problem::Unreadable { .. } => "vérifiez les droits de ce fichier et l'état du disque",
        Problem::Orphan { .. } => "importez de nouveau le document pour qu'il compte, ou supprimez ce fichier",
        Problem::Leftover { .. } => "supprimez ce fichier ; l'écriture dont il vient n'a pas abouti",
        Problem::SetAside { .. } => "regardez si son document est revenu, puis supprimez ce fichier",
        Problem::Stranger { .. } => "rangez ce fichier ailleurs",
    }
}
