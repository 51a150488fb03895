//! `moisson sql`: formats, standard input, errors, and what can be asked.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::Home;

const MOVEMENTS: &str = "select booked_on, amount, raw_label from transactions order by booked_on";

#[test]
fn an_answer_is_a_table_unless_another_format_is_asked_for() {
    let home = Home::new().filled();
    let all = ["table", "csv", "json", "ndjson"]
        .map(|format| format!("{format}\n{}\n\n", home.run(&["sql", "--format", format, MOVEMENTS]).out));
    assert_snapshot!("formats", all.concat());
}

#[test]
fn the_name_of_the_output_says_its_format() {
    let home = Home::new().filled();
    let folder = home.path();
    for (name, start) in [("a.csv", &b"booked_on,"[..]), ("a.json", b"["), ("a.jsonl", b"{\""), ("a.parquet", b"PAR1")]
    {
        let path = folder.join(name);
        let ran = home.run(&["sql", "-o", &path.display().to_string(), MOVEMENTS]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        assert!(fs::read(&path).expect("the file is there").starts_with(start), "{name}");
    }
}

#[test]
fn a_question_comes_from_standard_input() {
    let home = Home::new().filled();
    let ran = home.ran(home.command().args(["sql", "-f", "csv", "-"]).write_stdin("select 1 as one\n"));
    assert_eq!((ran.code, ran.out.as_str()), (0, "one\n1"));
}

#[test]
fn an_empty_answer_says_so() {
    let home = Home::new().filled();
    let ran = home.run(&["sql", "select 1 as one where false"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "one\n───\n(0 rows)"));
    assert_eq!(home.run(&["sql", "-f", "json", "select 1 where false"]).out, "[]");
}

#[test]
fn a_question_that_is_refused_shows_where_and_what_there_is() {
    let ran = Home::new().filled().run(&["sql", "select * from transaction"]);
    assert_eq!((ran.code, ran.out.as_str()), (65, ""));
    assert_snapshot!("refused_question", ran.err);
}

#[test]
fn without_a_question_the_views_are_shown() {
    let home = Home::new().filled();
    let ran = home.ran(home.command().arg("sql").write_stdin(""));
    for view in ["agenda", "bills", "calls", "energy_days", "months", "people", "status", "timeline", "transactions"] {
        assert!(ran.out.lines().any(|line| line.starts_with(&format!("{view}  One row per "))), "{view}: {}", ran.out);
    }
}

#[test]
fn a_view_is_described_with_the_meaning_of_its_columns() {
    let ran = Home::new().filled().run(&["sql", "-f", "csv", "describe people"]);
    assert!(ran.out.starts_with("column,type,meaning\nperson_id,"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| !line.ends_with(',')), "every column has a meaning: {}", ran.out);
}

#[test]
fn a_question_cannot_read_files() {
    let ran = Home::new().filled().run(&["sql", "select * from read_text('/etc/passwd')"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("disabled"), "{}", ran.err);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new().filled();
    for format in ["csv", "json", "ndjson", "table"] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("moisson"))
            .args(["sql", "-f", format, "select range as n, repeat('x', 50) as x from range(50000)"])
            .env("MOISSON_HOME", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut head = [0; 16];
        child.stdout.take().expect("its output").read_exact(&mut head).expect("a beginning");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
    }
}
