//! What can be typed. The doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Run the checks, or lint a vCard file
    Check(CheckArgs),
    /// Make the warehouse again from the archive and the journal
    Rebuild(RebuildArgs),
    /// Verify every archived document and the journal against their hashes
    Verify,
    /// Look at the connectors
    Connector(ConnectorArgs),
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
}
