//! The process that stays, as its owner meets it: started, asked, stopped, killed, started again.

#[path = "support/chaos.rs"]
mod chaos;
#[path = "serve/chaos_runs.rs"]
mod chaos_runs;
#[path = "serve/home.rs"]
mod home;
#[path = "support/peers.rs"]
mod peers;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use home::{DAY, Home};

#[test]
fn health_readiness_and_figures_are_told_to_this_machine_only() {
    let home = Home::with_folder();
    let daemon = home.serve();
    assert_eq!(daemon.get("/healthz", "127.0.0.1").0, 200);
    assert_eq!(daemon.get("/readyz", "localhost").0, 200);
    assert_eq!(daemon.get("/metrics", "rebinding.example.org").0, 421);
    let (status, text) = daemon.get("/metrics", "127.0.0.1");
    assert_eq!(status, 200);
    assert!(text.contains("moisson_source_running{source=\"drop\"} 0"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("moisson_") && value.parse::<f64>().is_ok(), "{line}");
    }
}

#[test]
fn sources_run_when_asked_through_the_socket_and_the_views_tell() {
    let home = Home::with_folder();
    let daemon = home.serve();
    home.drop("may.csv", DAY);
    let (code, out) = home.run(&["sync", "drop"]);
    assert_eq!((code, out.contains("2 new rows")), (0, true), "{out}");
    let (_, out) = home.run(&["sync", "drop"]);
    assert!(out.contains("nothing new"), "{out}");
    let runs = home.sql("select started_by, outcome, rows_new from runs order by run_id");
    assert_eq!(runs, "asked,ok,2\n");
    let (_, metrics) = daemon.get("/metrics", "127.0.0.1");
    assert!(metrics.contains("moisson_source_runs_total{source=\"drop\",outcome=\"ok\"} 1"), "{metrics}");
    assert!(metrics.contains("moisson_source_rows_new_total{source=\"drop\"} 2"), "{metrics}");
    assert_eq!(home.run(&["sync", "nobody"]).0, 64);
}

#[test]
fn other_commands_work_beside_it_and_a_second_daemon_does_not() {
    let home = Home::with_folder();
    let _daemon = home.serve();
    let file = home.path().join("by_hand.csv");
    std::fs::write(&file, DAY).expect("a file");
    assert_eq!(home.run(&["import", &file.display().to_string()]).0, 0);
    let (code, out) = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((code, out.contains("already")), (75, true), "{out}");
}

#[test]
fn a_file_that_appears_comes_in_without_being_asked_for() {
    let home = Home::with_folder();
    let daemon = home.serve();
    home.drop_now("may.csv", DAY);
    let is_in = || daemon.get("/metrics", "127.0.0.1").1.contains("source_rows_new_total{source=\"drop\"} 2");
    assert!(home::until(Duration::from_secs(60), is_in), "{}", daemon.log());
}

#[test]
fn a_paused_source_waits_and_settings_count_at_once() {
    let home = Home::with_folder();
    let daemon = home.serve();
    assert_eq!(home.run(&["pause", "drop"]).0, 0);
    assert!(home.run(&["status"]).1.contains("moisson resume drop"));
    assert_eq!(home.run(&["resume", "drop"]).0, 0);
    home.add_settings(
        "\n[[sources]]\nid = \"other\"\nconnector = \"generic/folder\"\nfetch = { folder = \"/nowhere\" }\n",
    );
    assert_ne!(home.run(&["sync", "other"]).0, 64);
    home.add_settings("\n[[sources]]\nid = 3\n");
    assert_eq!(home.run(&["sync", "drop"]).0, 78, "the command line reads the settings itself");
    assert_eq!(daemon.get("/readyz", "127.0.0.1").0, 200, "{}", daemon.log());
}

#[test]
fn a_source_that_fails_leaves_the_others_alone() {
    let home = Home::with_folder();
    home.add_settings(
        "\n[[sources]]\nid = \"broken\"\nconnector = \"generic/folder\"\nfetch = { folder = \"/nowhere/at/all\" }\n",
    );
    let _daemon = home.serve();
    home.drop("may.csv", DAY);
    let (code, out) = home.run(&["sync"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 new rows") && out.contains("broken"), "{out}");
}

#[test]
fn a_run_that_was_cut_by_a_crash_is_told_and_waits_before_it_is_tried_again() {
    let home = Home::with_folder();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    home.add_settings(&format!(
        "\n[[sources]]\nid = \"slow\"\nconnector = \"calendar/ics\"\nschedule = \"@yearly\"\nfetch = {{ url = \"http://{address}/family.ics\" }}\n\
         [network]\nhome_hosts = [\"{address}\"]\n"
    ));
    let daemon = home.serve();
    let asking = home.start(&["sync", "slow"]);
    let mut call = home::call(&silent, &daemon);
    let mut asked = [0; 64];
    assert!(call.read(&mut asked).expect("a request") > 0);
    daemon.kill();
    drop(asking);
    let daemon = home.serve();
    let (_, doctor) = home.run(&["doctor"]);
    assert!(doctor.contains("slow"), "{doctor}");
    let log = home.run_log();
    let begun = log.iter().filter(|line| line.contains("\"started\"") && line.contains("\"slow\"")).count();
    assert_eq!(begun, 1, "{log:?}\n{}", daemon.log());
    // Somebody who asks gets it at once all the same.
    let asking = home.start(&["sync", "slow"]);
    let mut call = home::call(&silent, &daemon);
    call.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .expect("an answer");
    drop(call);
    assert_ne!(asking.wait_with_output().expect("an end").status.code(), None);
}

#[test]
fn it_stops_gracefully_and_leaves_no_socket() {
    let home = Home::with_folder();
    let mut daemon = home.serve();
    assert!(home.path().join("serve.sock").exists());
    assert_eq!(daemon.terminate(), Some(0), "{}", daemon.log());
    assert!(!home.path().join("serve.sock").exists());
}
