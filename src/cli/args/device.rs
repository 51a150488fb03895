//! What can be typed after `moisson device`. The doc comments are the help.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct DeviceArgs {
    #[command(subcommand)]
    pub command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Make a device and its password, which is shown once
    Add(DeviceAddArgs),
    /// List devices: what each may do, and when it was last seen
    List,
    /// Let a device in no more
    Revoke {
        /// As `device list` shows it
        name: String,
    },
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DeviceAddArgs {
    /// What you call it, such as "Zoé's phone"
    pub name: String,
    /// It may change nothing
    #[arg(long)]
    pub read_only: bool,
    /// It sees calendars, not contacts
    #[arg(long, conflicts_with = "contacts")]
    pub calendars: bool,
    /// It sees contacts, not calendars
    #[arg(long)]
    pub contacts: bool,
    /// It sees only this collection, by its name in addresses; may be given several times
    #[arg(long = "collection", value_name = "NAME")]
    pub collections: Vec<String>,
    /// It may open the set-up pages, and with them add and revoke any device
    #[arg(long)]
    pub page: bool,
}
