//! What can be typed. The doc comments are the help.

mod device;
mod source;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::conflict::ConflictArgs;

pub use device::{DeviceAddArgs, DeviceArgs, DeviceCommand};
pub use source::{AddArgs, PauseArgs, ServeArgs};

/// Harvest your household's own data into a local DuckDB, joined into personal views.
#[derive(Debug, Parser)]
#[command(name = "moisson", version, about, max_term_width = 100)]
pub struct Arguments {
    /// Keep everything of a household in this folder [default: the XDG folders]
    #[arg(long, global = true, env = "MOISSON_HOME", hide_env_values = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import the invented household into a folder of its own and show the views
    Demo(DemoArgs),
    /// Write a commented moisson.toml to start from
    Init,
    /// Import documents: bank exports, phone bills, meter curves, address books, calendars
    Import(ImportArgs),
    /// Show each source: how fresh, how complete, what is missing
    Status,
    /// Ask a question in SQL of the published views
    Sql(SqlArgs),
    /// Explain a row of a view: where it was read, what it rests on, how it changed
    Why(WhyArgs),
    /// Show how bank labels are read: kind, other party, day, references, category, and the rule
    Label(LabelArgs),
    /// Run the checks, or lint a vCard file
    Check(CheckArgs),
    /// Make the warehouse again from the archive and the journal
    Rebuild(RebuildArgs),
    /// Verify every archived document and the journal against their hashes
    Verify,
    /// Look at the connectors; record a source and play it back
    Connector(ConnectorArgs),
    /// Look at the links between bills, movements and people; confirm or reject them
    Link(LinkArgs),
    /// Look at versions of appointments and contacts that lost against others; settle them
    Conflict(ConflictArgs),
    /// Set the category, the name or the person of movements, payees, people and numbers
    Set(SetArgs),
    /// Hide something from the views; it stays in the archive
    Hide(HideArgs),
    /// Vouch for a document that looks odd: what it says is to be believed
    Accept(AcceptArgs),
    /// Run the layers again and publish their views
    Refresh(RefreshArgs),
    /// Fetch sources now, and import what is new
    Sync(SyncArgs),
    /// Set up a source: what it needs is asked for, tried and written down; without ID, list them
    Add(AddArgs),
    /// Keep, list, remove or encrypt anew the secrets that sources need
    Secret(SecretArgs),
    /// Let phones, computers and programs in: each device has a password of its own
    Device(DeviceArgs),
    /// Stay, and fetch every source when it is due
    Serve(ServeArgs),
    /// Leave sources alone until they are resumed
    Pause(PauseArgs),
    /// Look whether everything is as it should be, and say what to do
    Doctor,
    /// Let sources run again, also those that stopped until somebody acts
    Resume(PauseArgs),
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to put the household [default: a folder under the system's temporary one]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files, folders, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Show what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Read with this connector instead of the one that is recognised
    #[arg(long, value_name = "ID")]
    pub connector: Option<String>,
    /// The documents belong to this source of moisson.toml
    #[arg(long, value_name = "ID")]
    pub source: Option<String>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    Table,
    Csv,
    Json,
    Ndjson,
    Parquet,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The question; read from standard input when it is -; without one the views are shown
    pub sql: Option<String>,
    /// How to write the answer [default: what the output's name says, else table]
    #[arg(long, short, value_enum)]
    pub format: Option<SqlFormat>,
    /// File to write; required for parquet
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct LabelArgs {
    /// Labels; with --coverage, files or folders of bank documents
    #[arg(required = true, value_name = "TEXT")]
    pub texts: Vec<String>,
    /// Read bank documents, keep nothing, and show how many of their labels are understood
    #[arg(long)]
    pub coverage: bool,
    /// The day on which it was booked: tells the year of a day without one
    #[arg(long, value_name = "DAY")]
    pub booked_on: Option<String>,
    /// Money came in
    #[arg(long = "in", conflicts_with = "money_out")]
    pub money_in: bool,
    /// Money went out
    #[arg(long = "out")]
    pub money_out: bool,
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A view: transactions, bills, calls, people, agenda, months…
    pub view: String,
    /// The id of the row, as the view shows it
    pub id: String,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// vCard files to lint instead of running the checks
    #[arg(value_name = "FILE.vcf")]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// Show the rows that would change, and change nothing
    #[arg(long)]
    pub diff: bool,
}

#[derive(Debug, Args)]
pub struct ConnectorArgs {
    #[command(subcommand)]
    pub command: ConnectorCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// List all connectors, your own among them
    List,
    /// Print a connector's TOML, to read or to start your own from
    Show {
        /// For instance generic/bills
        id: String,
    },
    /// Record one run of a source, with its secrets struck out; nothing of it is imported or kept
    Record(RecordArgs),
    /// Play recordings: the connector against them, without the network
    Test(TestArgs),
}

#[derive(Debug, Args)]
pub struct RecordArgs {
    /// A source of moisson.toml
    pub source: String,
    /// Folder to write, empty or not there [default: SOURCE-recording]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Ask this many days back only
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// Folders of recordings
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Write the documents anew, after you changed the answers
    #[arg(long)]
    pub renew: bool,
}

#[derive(Debug, Args)]
pub struct LinkArgs {
    #[command(subcommand)]
    pub command: LinkCommand,
}

#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// List the links, what they rest on and how sure they are
    List(LinkListArgs),
    /// Say that links are true
    Confirm(NamedLinks),
    /// Say that links are false: they are not proposed again
    Reject(NamedLinks),
    /// Take back what was said of links
    Forget(NamedLinks),
}

#[derive(Debug, Args)]
pub struct LinkListArgs {
    /// Only links in this state
    #[arg(long, value_parser = ["certain", "confirmed", "suggested", "rejected"])]
    pub state: Option<String>,
    /// Only links of this kind
    #[arg(long, value_parser = ["bill", "transfer", "refund", "person"])]
    pub kind: Option<String>,
}

#[derive(Debug, Args)]
pub struct NamedLinks {
    /// Ids of links, as `link list` shows them; or a kind and the ids of two rows
    #[arg(required = true, value_name = "LINK")]
    pub links: Vec<String>,
}

#[derive(Debug, Args)]
pub struct SetArgs {
    #[command(subcommand)]
    pub command: SetCommand,
}

#[derive(Debug, Subcommand)]
pub enum SetCommand {
    /// Set the category of a movement, or of every movement of a payee
    Category(SetOne),
    /// Set the name of a payee, a person or a telephone number
    Name(SetOne),
    /// Say whose a payee or a telephone number is
    Person(SetOne),
}

#[derive(Debug, Args)]
pub struct SetOne {
    /// A movement's id, payee:KEY, person:ID or number:NUMBER
    pub subject: String,
    /// The code of the category, the name, or the person's id
    #[arg(required_unless_present = "forget", conflicts_with = "forget")]
    pub value: Option<String>,
    /// Take back what was set
    #[arg(long)]
    pub forget: bool,
}

#[derive(Debug, Args)]
pub struct HideArgs {
    #[command(subcommand)]
    pub command: HideCommand,
}

#[derive(Debug, Subcommand)]
pub enum HideCommand {
    /// Hide a movement of a bank account
    Transaction {
        /// The movement's id
        id: String,
        /// Show it again
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The document's name, or the first digits of its sha256
    pub document: String,
}

#[derive(Debug, Args)]
pub struct RefreshArgs {
    /// Print how long each file of the layers took
    #[arg(long)]
    pub timings: bool,
}

#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Sources of moisson.toml [default: all that can be fetched]
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
}

#[derive(Debug, Args)]
pub struct SecretArgs {
    #[command(subcommand)]
    pub command: SecretCommand,
}

#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Keep a secret: asked for at the terminal, or read from standard input
    Set {
        /// SOURCE/FIELD, such as joint/token or notify/ntfy
        name: String,
        /// Read it from this file, or from standard input when it is -
        #[arg(long, value_name = "FILE")]
        from_file: Option<PathBuf>,
    },
    /// List the names of secrets, where each comes from, and which are missing
    List,
    /// Forget a secret
    Remove {
        /// SOURCE/FIELD
        name: String,
    },
    /// Encrypt all secrets anew with another key
    Rotate {
        /// With a passphrase instead of a key file
        #[arg(long)]
        passphrase: bool,
        /// Read the passphrase from this file, or from standard input when it is -
        #[arg(long, value_name = "FILE", requires = "passphrase")]
        from_file: Option<PathBuf>,
    },
}
