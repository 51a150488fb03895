//! Arguments of the commands that are about sources.

use clap::Args;

#[derive(Debug, Args)]
pub struct AddArgs {
    /// What to fetch from, as the list shows it
    #[arg(value_name = "ID")]
    pub service: Option<String>,
    /// Name of the source in moisson.toml [default: that of the service]
    #[arg(long, value_name = "NAME")]
    pub id: Option<String>,
    /// A field that it needs, instead of being asked
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// A secret that it needs, from a file, or from standard input when it is @-
    #[arg(long, value_name = "FIELD=@FILE")]
    pub secret: Vec<String>,
    /// When to fetch it: five fields of a crontab, @daily and the like, or none
    #[arg(long, value_name = "WHEN")]
    pub schedule: Option<String>,
    /// Allow calling its address although it is at home or not encrypted
    #[arg(long)]
    pub home_host: bool,
    /// Write it down without trying it
    #[arg(long)]
    pub no_test: bool,
    /// Write it down even when it does not work yet
    #[arg(long)]
    pub keep_anyway: bool,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where health and metrics are told [default: listen under [serve], else 127.0.0.1:4747]
    #[arg(long, env = "MOISSON_LISTEN", hide_env_values = true, value_name = "ADDRESS")]
    pub listen: Option<std::net::SocketAddr>,
}

#[derive(Debug, Args)]
pub struct PauseArgs {
    /// Sources of moisson.toml
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<String>,
}
