//! A household whose documents come by themselves, from a folder, a calendar and a mailbox: the
//! program is run as a timer would, and its views are asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::calendars::{Nginx, calendar};
use super::dovecot::{Dovecot, PASSWORD};
use super::mailboxes::letter;

const MOVEMENTS: &str = "account,booked_on,raw_label,amount,currency\n\
     commun,2026-03-05,VIR LOYER MARS,-1085.00,EUR\ncommun,2026-03-07,CARTE MARCHE,-12.50,EUR\n";
const BILLS: &str = "issuer;contract;number;period_from;period_to;issued_on;total;currency;kind\n\
     Eau Exemple;E-1;2026-1;2026-01-01;2026-03-01;2026-03-02;42.10;EUR;water\n";

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(nginx: &Nginx, dovecot: &Dovecot) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Self { folder };
        fs::create_dir_all(home.path("home")).expect("a folder");
        fs::create_dir_all(home.path("in")).expect("a folder");
        home.password(PASSWORD);
        fs::write(home.path("home/moisson.toml"), home.settings(nginx, dovecot)).expect("settings");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn settings(&self, nginx: &Nginx, dovecot: &Dovecot) -> String {
        let (inbox, password) = (self.path("in"), self.path("password"));
        let (inbox, password) = (inbox.display(), password.display());
        let authority = dovecot.folder.path().join("authority.pem");
        let authority = authority.display();
        let (port, secure_port) = (nginx.port, dovecot.secure_port);
        format!(
            "[network]\nhome_hosts = [\"localhost\", \"127.0.0.1\"]\nauthorities = {{ localhost = \"{authority}\" }}\n
            [[sources]]\nid = \"downloads\"\nconnector = \"generic/folder\"
            [sources.fetch]\nfolder = \"{inbox}\"\npattern = \"*.csv\"\n
            [[sources]]\nid = \"swimming\"\nconnector = \"calendar/ics\"
            [sources.fetch]\nurl = \"http://127.0.0.1:{port}/swimming.ics\"\n
            [[sources]]\nid = \"letters\"\nconnector = \"generic/mailbox\"
            [sources.fetch]\nhost = \"localhost\"\nport = {secure_port}\nuser = \"claire\"\nsenders = [\"bills.example.org\"]
            [sources.secrets]\npassword = {{ file = \"{password}\" }}\n"
        )
    }

    /// Writes the password where the source says that it is.
    fn password(&self, password: &str) {
        let path = self.path("password");
        fs::write(&path, format!("{password}\n")).expect("a file");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its mode");
    }

    /// Puts a settled file into the folder.
    fn put(&self, name: &str, text: &str) {
        let path = self.path("in").join(name);
        fs::write(&path, text).expect("a file");
        let changed = SystemTime::now() - Duration::from_secs(3_600);
        fs::File::options().write(true).open(path).expect("a file").set_modified(changed).expect("its time");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_telling(arguments, "warn")
    }

    fn run_telling(&self, arguments: &[&str], log: &str) -> Output {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("moisson");
        command.env("MOISSON_LOG", log);
        command.args(arguments).env("MOISSON_HOME", self.path("home")).env("LANG", "C").env("HOME", self.folder.path());
        command.output().expect("the program runs")
    }

    fn sync(&self) -> String {
        let output = self.run(&["sync"]);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{told}");
        told
    }

    fn ask(&self, query: &str) -> String {
        let output = self.run(&["sql", "-f", "csv", query]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().skip(1).collect::<Vec<_>>().join("\n")
    }

    /// Movements, bills, appointments and documents that are there.
    fn held(&self) -> String {
        self.ask(
            "select (select count(*) from transactions), (select count(*) from bills), \
             (select count(*) from landing.events), (select count(*) from landing.documents)",
        )
    }

    /// How the last run of each source ended.
    fn outcomes(&self) -> String {
        self.ask("select source, arg_max(outcome, started_at) from landing.runs group by all order by source")
    }
}

#[test]
fn three_sources_come_by_themselves_and_nothing_twice() {
    let (Some(nginx), Some(dovecot)) = (Nginx::start(), Dovecot::start("")) else { return };
    let home = Home::new(&nginx, &dovecot);
    let at: Timestamp = "2026-03-01T00:00:00Z".parse().expect("an instant");
    home.put("march.csv", MOVEMENTS);
    nginx.put("swimming.ics", &calendar(3, ""), at);
    let mut owner = dovecot.owner();
    owner.put("INBOX", &letter("no-reply@bills.example.org", "Your bill", "bills.csv", BILLS));
    owner.put("INBOX", &letter("friend@example.org", "Hello", "bills.csv", &BILLS.replace("42.10", "99.99")));

    let told = home.sync();
    assert_eq!(home.held(), "2,1,3,3", "{told}");
    assert_eq!(home.ask("select sum(amount)::decimal(18, 2) from transactions"), "-1097.50");
    assert_eq!(home.outcomes(), "downloads,ok\nletters,ok\nswimming,ok");

    let told = home.sync();
    assert!(told.matches('✓').count() == 3 && !told.contains("new row"), "{told}");
    assert_eq!(home.held(), "2,1,3,3");
    assert_eq!(nginx.answers(2).iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 304]);

    // An appointment that the calendar does not hold any more is gone; the rest is only added to.
    let april = MOVEMENTS.replace("2026-03", "2026-04");
    let april = april.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default();
    home.put("april.csv", &format!("{MOVEMENTS}{april}"));
    nginx.put("swimming.ics", &calendar(2, ""), at + jiff::SignedDuration::from_hours(1));
    owner.put(
        "INBOX",
        &letter("no-reply@bills.example.org", "Your bill", "bills.csv", &BILLS.replace("2026-1", "2026-2")),
    );
    let told = home.sync();
    assert_eq!(home.held(), "4,2,2,6", "{told}");
}

#[test]
fn a_source_that_fails_does_not_keep_the_others_from_coming() {
    let (Some(nginx), Some(dovecot)) = (Nginx::start(), Dovecot::start("")) else { return };
    let home = Home::new(&nginx, &dovecot);
    home.put("march.csv", MOVEMENTS);
    home.password("canary-51c7");
    let output = home.run_telling(&["sync"], "trace");
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(["✓ downloads", "✗ swimming", "✗ letters"].iter().all(|run| told.contains(run)), "{told}");
    assert!(!told.contains("canary-51c7"), "{told}");
    assert_eq!(home.outcomes(), "downloads,ok");
    assert_eq!(home.held(), "2,0,0,1");
}
