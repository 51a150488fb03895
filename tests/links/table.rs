//! Small homes from tables of bills and movements, and the links found in them.

use crate::support::homes::TestHome;

/// A home with these bills and these movements.
///
/// Bills: `issuer;contract;number;issued_on;due_on;paid_on;total;currency;period_from;period_to`.
/// Movements: `account;booked_on;raw_label;amount;currency;original_amount;original_currency;memo`.
pub fn home(bills: &[&str], movements: &[&str]) -> TestHome {
    let home = TestHome::new();
    let bills = table("issuer;contract;number;issued_on;due_on;paid_on;total;currency;period_from;period_to", bills);
    let movements =
        table("account;booked_on;raw_label;amount;currency;original_amount;original_currency;memo", movements);
    let files = [home.file("bills.csv", bills.as_bytes(), 60), home.file("bank.csv", movements.as_bytes(), 50)];
    for report in home.import(&files) {
        let taken = crate::support::homes::counts(&report).0;
        assert!(taken > 0, "{} was taken empty", report.name);
    }
    home
}

fn table(header: &str, rows: &[&str]) -> String {
    let n_cells = header.split(';').count();
    let padded = rows.iter().map(|row| format!("{row}{}", ";".repeat(n_cells - row.split(';').count())));
    std::iter::once(header.to_owned()).chain(padded).collect::<Vec<_>>().join("\n")
}

/// `number day relation grade` of every link of a bill that nobody rejected, in order.
pub fn bill_links(home: &TestHome) -> Vec<String> {
    let said = home.ask(
        "select bill_number, booked_on::varchar, relation, grade from reconciliations
         where kind = 'bill' and state <> 'rejected' order by bill_number, booked_on, right_id",
    );
    said.into_iter().map(|row| row.join(" ")).collect()
}

/// The words of why, by bill and day.
pub fn reasons(home: &TestHome) -> Vec<String> {
    home.ask("select reason from reconciliations where kind = 'bill' order by bill_number, booked_on").concat()
}
