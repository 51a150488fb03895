//! The queries and the connectors are embedded: a changed file there is a changed program.

fn main() {
    for folder in ["queries", "connectors"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
