//! The `moisson` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    moisson::cli::run(std::env::args_os())
}
