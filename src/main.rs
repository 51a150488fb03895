//! The `moisson` command.

fn main() {}
