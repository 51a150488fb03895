//! Telephone and energy samples, read whole and compared with the figures that came with them.

mod support;

use std::collections::BTreeMap;

use moisson::connector::Catalogue;
use moisson::import::golden::Golden;
use serde_json::Value;

/// One sample file as read, its records as JSON.
struct Sample {
    golden: Golden,
    records: Vec<Value>,
}

impl Sample {
    fn rows<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a Value> {
        self.records.iter().filter(move |record| record["table"] == table)
    }

    fn sum(&self, table: &str, field: &str) -> f64 {
        self.rows(table).filter_map(|row| number(&row[field])).sum()
    }

    fn count(&self, table: &str, field: &str, value: &str) -> usize {
        self.rows(table).filter(|row| row[field] == value).count()
    }
}

/// A sample of `family` (below the corpus), with the figures expected of it.
fn sample(family: &str, file: &str) -> Option<(Sample, Value)> {
    let corpus = support::corpus()?;
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let path = corpus.join(family).join("synthetic").join(file);
    let golden = support::read_sample(&catalogue, &path).unwrap_or_else(|why| panic!("{file}: {why}"));
    let records = golden.records.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let expected = support::expected(&corpus, family)[file].clone();
    assert!(expected.is_object(), "no figures are known for {file}");
    Some((Sample { golden, records }, expected))
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn is_close(found: f64, expected: &Value) -> bool {
    number(expected).is_some_and(|expected| (found - expected).abs() < 1e-9)
}

#[test]
fn a_detailed_bill_equals_its_lines_and_totals() {
    let Some((bill, expected)) = sample("phone", "mashup/facture_detaillee.csv") else { return };
    assert_eq!(bill.golden.connector, "phone/detailed_bill");
    assert_eq!(bill.golden.faults, Vec::<String>::new());
    assert_eq!(bill.rows("communications").count(), expected["rows"]);
    assert!(is_close(bill.sum("communications", "duration_s"), &expected["voice_seconds"]));
    assert!(is_close(bill.sum("communications", "quantity"), &expected["messages"]));
    assert!(is_close(bill.sum("communications", "cost"), &expected["price"]));
    let lines = expected["lines"].as_array().expect("lines");
    for (row, line) in bill.rows("communications").zip(lines) {
        assert_eq!(
            row["started_local"].as_str().map(|at| at.replace('T', " ")),
            line["at"].as_str().map(str::to_owned)
        );
        assert_eq!(row["other_raw"], line["raw"]);
        assert_eq!(row["duration_s"], line["seconds"], "{line}");
        assert!(is_close(number(&row["cost"]).expect("a cost"), &line["price"]), "{line}");
        assert_eq!(
            row["kind"].as_str().map(|kind| kind.replace("call", "voice")),
            line["kind"].as_str().map(str::to_owned)
        );
        let is_premium = line["raw"].as_str().is_some_and(|raw| raw.starts_with("08"));
        // A premium number has an E.164 form too, though nobody's contact has it.
        assert!(is_premium || row["other_e164"] == line["e164"], "{row} and not {line}");
    }
    assert_eq!(bill.count("communications", "number_kind", "withheld"), 1);
    assert_eq!(bill.count("communications", "number_kind", "masked"), 1);
    assert_eq!(bill.count("communications", "number_kind", "short"), 2);
}

#[test]
fn a_web_page_of_calls_is_the_same_table() {
    let Some((page, expected)) = sample("phone", "mashup/releve.html") else { return };
    assert_eq!(page.golden.faults, Vec::<String>::new());
    assert_eq!(page.rows("communications").count(), expected["rows"]);
    assert!(is_close(page.sum("communications", "duration_s"), &expected["voice_seconds"]));
}

#[test]
fn call_tickets_keep_what_can_be_read() {
    let Some((tickets, expected)) = sample("phone", "tickets_appels/tickets_appels_202602.csv") else { return };
    assert_eq!(tickets.golden.connector, "phone/cdr_tickets");
    let faults = |kind: &str| tickets.golden.faults.iter().filter(|fault| fault.contains(kind)).count();
    // A day that does not exist and an hour that is none: neither gives an instant.
    assert_eq!(faults("not_a_date"), expected["bad_dates"], "{:?}", tickets.golden.faults);
    assert_eq!(faults("not_a_time"), expected["bad_times"], "{:?}", tickets.golden.faults);
    assert_eq!(tickets.rows("communications").count() + tickets.golden.faults.len(), expected["rows"]);
    assert_eq!(tickets.count("communications", "kind", "sms"), expected["sms"]);
    // 90 of the seconds with a valid date are of the ticket without an hour.
    assert!(is_close(tickets.sum("communications", "duration_s") + 90.0, &expected["real_seconds_valid_dates"]));
    let kilobytes = tickets.sum("communications", "volume_bytes") / 1024.0;
    assert!((kilobytes - number(&expected["data_units"]).expect("a number")).abs() < 0.001);
}

#[test]
fn fritzbox_lists_tell_directions_apart() {
    let Some((list, expected)) = sample("phone", "fritzbox/FRITZ!Box_Anrufliste.csv") else { return };
    assert_eq!(list.rows("communications").count(), expected["rows"]);
    for (direction, name) in [("in", "incoming"), ("missed", "missed"), ("rejected", "blocked"), ("out", "outgoing")] {
        assert_eq!(list.count("communications", "direction", direction), expected[name], "{direction}");
    }
    assert!(is_close(list.sum("communications", "duration_s") / 60.0, &expected["total_minutes"]));
    assert_eq!(list.count("communications", "number_kind", "withheld"), 1);
}

#[test]
fn fritzbox_xml_swaps_caller_and_called() {
    let Some((list, expected)) = sample("phone", "fritzbox/calllist.xml") else { return };
    assert_eq!(list.golden.connector, "phone/fritzbox_xml");
    assert_eq!(list.rows("communications").count(), expected["rows"]);
    for (direction, kind) in [("in", "1"), ("missed", "2"), ("out", "3"), ("rejected", "10")] {
        assert_eq!(list.count("communications", "direction", direction), expected["types"][kind], "{direction}");
    }
    assert_eq!(list.count("communications", "kind", "voicemail"), expected["voicemail"]);
    assert!(list.rows("communications").all(|row| row["line"] == "97911585"));
    assert!(list.rows("communications").all(|row| row["other_raw"] != "SIP: 97911585"));
}

#[test]
fn android_backups_hold_calls_and_messages() {
    let Some((calls, expected)) = sample("phone", "smsbackuprestore/calls-20260329100000.xml") else { return };
    assert_eq!(calls.golden.connector, "phone/sms_backup_restore");
    assert_eq!(calls.rows("communications").count(), expected["rows"]);
    assert!(is_close(calls.sum("communications", "duration_s"), &expected["seconds"]));
    for (direction, kind) in [("in", "1"), ("out", "2"), ("missed", "3"), ("rejected", "5")] {
        assert_eq!(calls.count("communications", "direction", direction), expected["by_type"][kind], "{direction}");
    }
    assert_eq!(calls.count("communications", "number_kind", "withheld"), 1);
    let Some((messages, expected)) = sample("phone", "smsbackuprestore/sms-20260329100000.xml") else { return };
    assert_eq!(messages.count("communications", "kind", "sms"), expected["sms"]);
    assert_eq!(messages.count("communications", "kind", "mms"), expected["mms"]);
    assert_eq!(messages.count("communications", "number_kind", "invalid"), 0);
}

#[test]
fn american_usage_is_read_on_american_terms() {
    let Some((usage, expected)) = sample("phone", "us_carrier/usage.csv") else { return };
    assert_eq!(usage.rows("communications").count(), expected["rows"]);
    assert!(is_close(usage.sum("communications", "duration_s") / 60.0, &expected["minutes"]));
    assert_eq!(usage.count("communications", "other_e164", "+18083392297"), 1);
    assert_eq!(usage.count("communications", "direction", "in"), 1);
}

/// Points, holes, and watt-hours by local day.
fn check_curve(file: &str, connector: &str) {
    let Some((curve, expected)) = sample("energy", file) else { return };
    assert_eq!(curve.golden.connector, connector, "{file}");
    assert_eq!(curve.golden.faults, Vec::<String>::new(), "{file}");
    assert_eq!(curve.rows("readings").count(), expected["points"], "{file}");
    let n_missing = curve.count("readings", "quality", "missing") as u64;
    assert_eq!(n_missing, expected["missing"].as_u64().unwrap_or(0), "{file}");
    assert!(curve.rows("readings").all(|row| row["length_s"] == 1800), "{file}");
    let mut starts: Vec<&str> = curve.rows("readings").filter_map(|row| row["started_at"].as_str()).collect();
    assert!(starts.is_sorted(), "{file}");
    starts.dedup();
    assert_eq!(starts.len(), expected["points"], "{file}: no interval is there twice");
    let mut points: BTreeMap<String, u64> = BTreeMap::new();
    let mut wh: BTreeMap<String, f64> = BTreeMap::new();
    for row in curve.rows("readings") {
        let day = row["local_day"].as_str().expect("a day").to_owned();
        *points.entry(day.clone()).or_default() += 1;
        *wh.entry(day).or_default() += number(&row["value"]).unwrap_or(0.0);
    }
    for (day, count) in expected["per_day"].as_object().into_iter().flatten() {
        assert_eq!(points[day], *count, "{file} {day}");
    }
    for (day, energy) in expected["wh_by_local_day"].as_object().into_iter().flatten() {
        assert!(is_close(wh[day], energy), "{file} {day}: {} and not {energy}", wh[day]);
    }
    if let Some(total) = expected.get("total_wh") {
        assert!(is_close(curve.sum("readings", "value"), total), "{file}");
        let halves: Vec<u64> = points.into_values().collect();
        assert!(halves == [48, 50, 48] || halves == [48, 46, 48], "{file}: {halves:?}");
    }
}

#[test]
fn load_curves_are_exact_over_the_clock_changes() {
    check_curve("enedis_csv/courbe_automne.csv", "energy/enedis_load_curve");
    check_curve("enedis_csv/courbe_printemps.csv", "energy/enedis_load_curve");
}

#[test]
fn load_curves_of_the_interface_are_the_same() {
    check_curve("enedis_api/load_curve_automne.json", "energy/enedis_api_load_curve");
    check_curve("enedis_api/load_curve_printemps.json", "energy/enedis_api_load_curve");
}

#[test]
fn daily_consumption_is_in_watt_hours() {
    for (file, connector) in [
        ("enedis_csv/conso_jour_kwh.csv", "energy/enedis_daily"),
        ("enedis_api/daily_consumption.json", "energy/enedis_api_daily"),
    ] {
        let Some((daily, expected)) = sample("energy", file) else { return };
        assert_eq!(daily.golden.connector, connector);
        assert_eq!(daily.rows("readings").count(), expected["days"], "{file}");
        assert!(is_close(daily.sum("readings", "value"), &expected["total_wh"]), "{file}");
    }
}

#[test]
fn indexes_know_what_their_registers_mean() {
    let Some((indexes, expected)) = sample("energy", "enedis_csv/index_quotidien.csv") else { return };
    assert_eq!(indexes.golden.faults, Vec::<String>::new());
    let of = |register: &str| -> Vec<f64> {
        let rows = indexes.rows("meter_indexes").filter(|row| row["register"] == register);
        rows.filter_map(|row| number(&row["value"])).collect()
    };
    let used = |register: &str| of(register).last().expect("rows") - of(register)[0];
    assert_eq!(of("EAS T").len(), expected["index_rows"]);
    assert!(is_close(used("EAS T"), &expected["total_wh"]));
    for (meaning, figure) in [("HC", "hc_wh"), ("HP", "hp_wh")] {
        let row = indexes.rows("meter_indexes").find(|row| row["meaning"] == meaning).expect("a meaning");
        assert!(is_close(used(row["register"].as_str().expect("a register")), &expected[figure]), "{meaning}");
    }
    let power: Vec<&Value> = indexes.rows("readings").collect();
    assert_eq!(power.len(), expected["max_power_rows"]);
    assert!(power.iter().all(|row| row["series"] == "maximum_power" && row["unit"] == "W"));
    assert_eq!(indexes.count("readings", "quality", "missing"), 1);
}

#[test]
fn half_hours_and_hours_of_other_countries_are_read() {
    let Some((first, figures)) = sample("energy", "octopus/consumption_page1.json") else { return };
    let Some((second, totals)) = sample("energy", "octopus/consumption_page2.json") else { return };
    assert_eq!(first.golden.connector, "energy/octopus");
    assert_eq!(first.rows("readings").count(), figures["results"]);
    assert_eq!(second.rows("readings").count(), totals["results"]);
    let wh = first.sum("readings", "value") + second.sum("readings", "value");
    assert!((wh / 1000.0 - totals["total_kwh"].as_f64().expect("a figure")).abs() < 1e-9, "{wh}");
    assert!(first.rows("readings").all(|row| row["length_s"] == 1800));
    let Some((hours, expected)) = sample("energy", "tibber/consumption.json") else { return };
    assert_eq!(hours.rows("readings").count(), expected["nodes"]);
    assert_eq!(hours.count("readings", "quality", "missing"), expected["null_nodes"]);
    assert!((hours.sum("readings", "value") / 1000.0 - expected["kwh"].as_f64().expect("a figure")).abs() < 1e-9);
    assert!(hours.rows("readings").all(|row| row["length_s"] == 3600));
}

#[test]
fn a_french_statement_leaves_nothing_to_decide() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let needs_a_look = |id: &str| {
        let scene = moisson::import::golden::scene(catalogue.find(id).expect("the connector"));
        moisson::map::Observer::of(&scene).is_some()
    };
    assert!(!needs_a_look("generic/releve"), "a file of a million rows is read in one pass");
    assert!(needs_a_look("generic/transactions"));
}

/// A public sample file, with its records as JSON.
fn public(file: &str) -> Option<(Sample, Value)> {
    let corpus = support::corpus()?.join("energy");
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let golden = support::read_sample(&catalogue, &corpus.join(file)).unwrap_or_else(|why| panic!("{file}: {why}"));
    let records = golden.records.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let text = std::fs::read_to_string(corpus.join("EXPECTED.json")).expect("the expected figures");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    Some((Sample { golden, records }, expected[file].clone()))
}

#[test]
fn three_years_of_gas_days_are_read_whole() {
    let Some((gas, expected)) = public("grdf_pygazpar/tests/resources/donnees_informatives.json") else { return };
    assert_eq!(gas.golden.connector, "energy/grdf_json");
    assert_eq!(gas.golden.faults, Vec::<String>::new());
    let of = |series: &'static str| gas.rows("readings").filter(move |row| row["series"] == series);
    assert_eq!(of("consumption").count(), expected["releves"]);
    let wh: f64 = of("consumption").filter_map(|row| number(&row["value"])).sum();
    assert!(is_close(wh / 1000.0, &expected["energie_sum"]), "{wh}");
    assert_eq!(of("consumption").filter(|row| row["quality"] == "missing").count(), 1);
    // A gas day starts at six on the wall clock, and is an hour longer or shorter twice a year.
    assert!(of("consumption").all(|row| row["started_local"].as_str().is_some_and(|at| at.ends_with("T06:00:00"))));
    assert_eq!(of("consumption").filter(|row| row["length_s"] == 90_000).count(), 3);
    assert_eq!(of("consumption").filter(|row| row["length_s"] == 82_800).count(), 3);
    assert_eq!(gas.rows("meter_indexes").count() + 1, expected["releves"]);
}

#[test]
fn workbooks_of_gas_are_read_whole() {
    for (file, days) in [("DAILY", 1), ("WEEKLY", 7)] {
        let path = format!("grdf_pygazpar/tests/resources/Donnees_informatives_PCE_{file}.xlsx");
        let Some((gas, expected)) = public(&path) else { return };
        assert_eq!(gas.golden.connector, "energy/grdf_xlsx");
        assert_eq!(gas.golden.faults, Vec::<String>::new());
        // Nine rows stand before the first value; each row has an energy and a volume.
        let rows = expected["sheets"]["Historique par mois"][0].as_u64().expect("rows") - 9;
        assert_eq!(gas.rows("readings").count() as u64, rows * 2, "{file}");
        let n_usual = gas.rows("readings").filter(|row| row["length_s"] == days * 86_400).count();
        assert!(n_usual as u64 >= rows * 2 - 8, "{file}: {n_usual}");
        let consumption = gas.rows("readings").filter(|row| row["series"] == "consumption");
        let wh: f64 = consumption.filter_map(|row| number(&row["value"])).sum();
        assert!((wh - 23_181_000.0).abs() < 1e-6, "{file}: days and weeks of one year hold the same energy, not {wh}");
    }
}

#[test]
fn tempo_days_without_colour_are_left_out() {
    let Some((days, expected)) = sample("energy", "tempo/jours.json") else { return };
    assert_eq!(days.rows("tariff_days").count(), expected["known"]);
    assert_eq!(days.golden.summary.rows_read, expected["days"]);
    assert_eq!(days.golden.summary.rows_skipped, 1);
    assert_eq!(days.count("tariff_days", "colour", "red"), 2);
}

/// The detailed bill beside the address book: exactly the expected names, none for numbers that
/// are masked, withheld, short or premium.
#[test]
fn the_sample_bill_gets_exactly_the_expected_names() {
    let Some(corpus) = support::corpus() else { return };
    let folder = corpus.join("phone/synthetic/mashup");
    let home = support::homes::TestHome::new();
    home.import(&[folder.join("contacts.vcf"), folder.join("facture_detaillee.csv")]);
    let expected = support::expected(&corpus, "phone")["mashup/facture_detaillee.csv"]["lines"].clone();
    let expected: Vec<(String, String)> = expected
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            (line["at"].as_str().unwrap_or_default().to_owned(), line["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    let sql =
        "select strftime(called_local, '%Y-%m-%d %H:%M:%S'), coalesce(list_aggregate(people, 'string_agg', ' / '), '')
        from calls order by called_at";
    let found: Vec<(String, String)> = home.ask(sql).into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(found, expected);
}
