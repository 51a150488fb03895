//! `moisson init`, `moisson demo` and the help.

use std::process::Command;

use insta::assert_snapshot;

use crate::Home;
use crate::home::text;

#[test]
fn the_help_of_every_command() {
    let home = Home::new();
    let mut all = Vec::new();
    for command in [
        "",
        "demo",
        "init",
        "import",
        "status",
        "sql",
        "check",
        "rebuild",
        "verify",
        "connector",
        "link",
        "link list",
        "link confirm",
        "set",
        "set category",
        "hide",
        "hide transaction",
        "accept",
        "refresh",
        "why",
        "device",
        "device add",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let ran = home.run(&arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}");
        all.push(format!("$ moisson {}\n{}\n\n", arguments.join(" "), ran.out));
    }
    assert_snapshot!("help", all.concat());
}

#[test]
fn the_help_speaks_french() {
    let home = Home::french();
    let all = ["--help", "import --help", "connector --help", "link --help", "set name --help"]
        .map(|typed| home.run(&typed.split(' ').collect::<Vec<_>>()).out);
    assert_snapshot!("help_in_french", all.join("\n\n"));
}

#[test]
fn a_home_starts_with_settings_that_are_explained() {
    let home = Home::new();
    let ran = home.run(&["init"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("Wrote [folder]/home/moisson.toml"), "{}", ran.out);
    let written = std::fs::read_to_string(home.path().join("moisson.toml")).expect("a file");
    assert_eq!(written, moisson::config::TEMPLATE);
    let home = Home::french();
    assert!(home.run(&["init"]).out.contains("est écrit"));
    let written = std::fs::read_to_string(home.path().join("moisson.toml")).expect("a file");
    assert_eq!(written, moisson::config::TEMPLATE_FR);
    home.filled();
}

#[test]
fn the_demo_shows_its_views_and_commands_that_work() {
    let home = Home::new();
    let folder = text(&home.path());
    let ran = home.run(&["demo", &folder]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for title in [
        "The phone bill with names: the last calls",
        "Who the household calls, and what it costs",
        "The bank statement with people",
        "Electricity and gas, month by month",
        "A week of the agenda, with the people and what else happened",
    ] {
        let rows = ran.out.split(title).nth(1).unwrap_or_default().lines().skip(3).take_while(|line| !line.is_empty());
        assert!(rows.count() >= 5, "{title}: {}", ran.out);
    }
    let is_table = |line: &&str| !line.starts_with("  ");
    assert!(ran.out.lines().filter(is_table).all(|line| line.chars().count() <= 120), "{}", ran.out);
    let commands: Vec<&str> = ran
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once("  # "))
        .map(|(typed, _)| typed)
        .collect();
    assert!(commands.len() >= 4, "{}", ran.out);
    for typed in commands {
        let typed = typed.replace("[folder]/home", &folder);
        let mut shell = Command::new("sh");
        shell.env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME").env("HOME", home.path().join("own"));
        let output = shell.args(["-c", &typed]).output().expect("a shell");
        assert!(matches!(output.status.code(), Some(0 | 1)) && output.stderr.is_empty(), "{typed}: {output:?}");
        assert!(!output.stdout.is_empty(), "{typed}");
    }
}
