//! The real program, its answer, and the most memory it held.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program under test.
pub const MOISSON: &str = env!("CARGO_BIN_EXE_moisson");

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub text: String,
    /// Most resident memory in KiB, looked at every two milliseconds.
    pub peak_kib: u64,
    pub took: Duration,
}

/// The program with a home of its own, speaking English.
pub fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(MOISSON);
    command.arg("--home").arg(home).args(arguments).env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub fn run(home: &Path, arguments: &[&str]) -> Ran {
    let started = Instant::now();
    let child = command(home, arguments).spawn().expect("the program starts");
    let watch = watch(&child);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    Ran { code: status.code(), text, peak_kib: watch.join().expect("the watch ends"), took: started.elapsed() }
}

fn watch(child: &Child) -> std::thread::JoinHandle<u64> {
    let status = format!("/proc/{}/status", child.id());
    std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = peak_of(&status) {
            peak = peak.max(now);
            std::thread::park_timeout(Duration::from_millis(2));
        }
        peak
    })
}

/// `VmHWM` of a process; none once it has ended.
fn peak_of(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The answer to a question, as CSV without its header.
pub fn ask(home: &Path, sql: &str) -> Vec<String> {
    let ran = run(home, &["sql", "--format", "csv", sql]);
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    ran.text.lines().skip(1).map(str::to_owned).collect()
}

/// Everything that was written is as it was written; before the first document there is nothing.
pub fn assert_sound(home: &Path) {
    let ran = run(home, &["verify"]);
    if !home.join("journal/000001.jsonl").exists() && ran.code == Some(69) {
        return;
    }
    assert_eq!(ran.code, Some(0), "{}", ran.text);
}
