//! The program as people meet it: what it prints, in which language, and its exit codes.

#[path = "cli/adding.rs"]
mod adding;
#[path = "cli/asking.rs"]
mod asking;
#[path = "cli/devices.rs"]
mod devices;
#[path = "cli/exit_codes.rs"]
mod exit_codes;
#[path = "cli/explaining.rs"]
mod explaining;
#[path = "cli/home.rs"]
mod home;
#[path = "cli/importing.rs"]
mod importing;
#[path = "cli/looking.rs"]
mod looking;
#[path = "support/loopback.rs"]
mod loopback;
#[path = "cli/recording.rs"]
mod recording;
#[path = "cli/saying.rs"]
mod saying;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/starting.rs"]
mod starting;

use home::Home;
