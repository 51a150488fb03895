//! `moisson.toml` as people write it, and what its errors point at.

use std::path::Path;

use jiff::civil::date;

use super::*;

fn error(text: &str) -> Box<Misread> {
    parse(text, "moisson.toml").expect_err("the text is wrong")
}

const TARIFF: &str = r#"
[[meters]]
id = "1"
energy = "electricity"

[[tariffs]]
meter = "1"
name = "Night"
kind = "hp_hc"
valid_from = 2025-02-01
valid_to = 2026-02-01
off_peak = ["22:30-06:30"]
standing_eur_per_year = 203.64
[tariffs.prices_eur_per_kwh]
hp = 0.21460000000000000001
hc = "0.1696"
"#;

#[test]
fn nothing_gives_the_default() {
    assert_eq!(shown(&parse("", "moisson.toml").unwrap()), shown(&Config::default()));
    assert_eq!(shown(&read(Path::new("/nonexistent/moisson.toml")).unwrap()), shown(&Config::default()));
    assert_eq!(Config::default().household.time_zone.iana_name(), Some("Europe/Paris"));
}

#[test]
fn the_templates_parse_with_and_without_their_examples() {
    for template in [TEMPLATE, TEMPLATE_FR] {
        assert_eq!(shown(&parse(template, "moisson.toml").unwrap()), shown(&Config::default()));
        let examples: String = template.lines().map(|line| uncommented(line) + "\n").collect();
        let config = parse(&examples, "moisson.toml").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((config.sources.len(), config.tariffs.len()), (6, 1));
    }
}

fn uncommented(line: &str) -> String {
    match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    }
}

#[test]
fn the_invented_household_parses() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/household/moisson.toml");
    let config = read(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.lines[0].number, "+33639981001");
    assert_eq!(config.tariffs.len(), 5);
    let shared = config.sources.iter().find(|source| source.account.as_deref() == Some("commun")).unwrap();
    let file = format!("docs/{}", shared.files.as_deref().unwrap().replace('*', "2025"));
    let found = config.source_for(Path::new(&file), shared.connector.as_deref().unwrap());
    assert_eq!(found.map(|source| &source.id), Some(&shared.id));
}

#[test]
fn prices_are_the_decimals_that_are_written() {
    let config = parse(TARIFF, "moisson.toml").unwrap();
    let tariff = &config.tariffs[0];
    assert_eq!(tariff.prices_eur_per_kwh["hp"].to_string(), "0.21460000000000000001");
    assert_eq!(tariff.prices_eur_per_kwh["hc"].to_string(), "0.1696");
    assert_eq!(tariff.standing_eur_per_year.to_string(), "203.64");
    assert_eq!((tariff.valid_from, tariff.valid_to), (date(2025, 2, 1), Some(date(2026, 2, 1))));
    assert_eq!(tariff.off_peak, vec![OffPeak { from_minute: 22 * 60 + 30, to_minute: 6 * 60 + 30 }]);
}

#[test]
fn an_unknown_key_is_shown_with_what_was_meant() {
    let error = error("[household]\nname = \"us\"\ntimezone = \"Europe/Paris\"\n");
    let expected = "unknown key `timezone`
 --> moisson.toml:3:1
  |
3 | timezone = \"Europe/Paris\"
  | ^^^^^^^^ did you mean `time_zone`?
hint: expected name, time_zone, region, currency, language";
    assert_eq!(error.to_string(), expected);
    assert_eq!((error.key.as_str(), error.line, error.column), ("household.timezone", 3, 1));
    assert_eq!(error.expected.len(), 5);
}

/// A text that is wrong in one place: what the message must say, where, and under which key.
#[test]
fn every_wrong_value_is_pointed_at() {
    let two = format!("{TARIFF}{}", &TARIFF[TARIFF.find("[[tariffs]]").unwrap()..]);
    let changed = |from: &str, to: &str| TARIFF.replace(from, to);
    let cases = [
        ("a = = 1", "", 1, ""),
        ("[household]\ntime_zone = \"Europe/Pari\"", "is not a time zone", 2, "household.time_zone"),
        ("[household]\nregion = \"France\"", "is not a country", 2, "household.region"),
        ("[household]\nlanguage = \"de\"", "unknown value `de`", 2, "household.language"),
        ("[[sources]]\nid = 3", "expected a string", 2, "sources[0].id"),
        ("[[sources]]\nconnector = \"x\"", "the key `id` is missing", 1, "sources[0]"),
        ("[[sources]]\nid = \"a\"\n[[sources]]\nid = \"a\"", "already the id", 4, "sources[1].id"),
        ("[[sources]]\nid = \"a\"\naccount = \"b\"", "not among [[accounts]]", 3, "sources[0].account"),
        ("[[sources]]\nid = \"a\"\nafter = [\"b\"]", "`b`, which is no source", 3, "sources[0].after[0]"),
        ("[[sources]]\nid = \"a\"\nafter = [\"a\"]", "each other: a → a", 3, "sources[0].after[0]"),
        (
            "[[sources]]\nid = \"z\"\n[[sources]]\nid = \"b\"\nafter = [\"z\", \"c\"]\n[[sources]]\nid = \"c\"\nafter = [\"b\"]",
            "wait for each other: b → c → b",
            5,
            "sources[1].after[1]",
        ),
        ("[[accounts]]\nid = \"a\"\nowners = [\"zoe\"]", "not among [[members]]", 3, "accounts[0].owners[0]"),
        (
            "[[accounts]]\nid = \"a\"\niban = \"FR15 2004 1010 0505 0001 3M02 606\"",
            "is not an IBAN",
            3,
            "accounts[0].iban",
        ),
        ("[[accounts]]\nid = \"a\"\nalso_known_as = [\"a\"]", "already means", 3, "accounts[0].also_known_as[0]"),
        ("[[lines]]\nnumber = \"06 39\"", "is not a telephone number", 2, "lines[0].number"),
        ("[[members]]\nid = \"z\"\nname = \"Z\"\nemails = [\"z\"]", "e-mail", 4, "members[0].emails[0]"),
        (&changed("203.64", "\"203,64\""), "expected a decimal number", 13, "tariffs[0].standing_eur_per_year"),
        (&changed("22:30-06:30", "22h30-06h30"), "is not a range of hours", 12, "tariffs[0].off_peak[0]"),
        (&changed("22:30-06:30", "22:30-25:00"), "is not a range of hours", 12, "tariffs[0].off_peak[0]"),
        (&changed("-06:30\"", "-06:30\", \"05:00-07:00\""), "overlaps another", 12, "tariffs[0].off_peak[1]"),
        (&changed("off_peak", "#"), "needs its off-peak hours", 6, "tariffs[0]"),
        (&changed("hc = \"0.1696\"", "base = 1"), "has the prices hp, hc", 14, "tariffs[0].prices_eur_per_kwh"),
        (&changed("2026-02-01", "2025-02-01"), "is not after", 11, "tariffs[0].valid_to"),
        (&changed("valid_from = 2025-02-01", "valid_from = 2025"), "is not a date", 10, "tariffs[0].valid_from"),
        (&changed("[[meters]]\nid = \"1\"", "[[meters]]\nid = \"2\""), "not among [[meters]]", 7, "tariffs[0].meter"),
        (&two, "overlaps the one", 21, "tariffs[1].valid_from"),
    ];
    for (text, message, line, key) in cases {
        let error = error(text);
        assert!(error.message.contains(message), "{text}\n{error}");
        assert_eq!((error.line, error.key.as_str()), (line, key), "{text}\n{error}");
        assert!(error.excerpt.contains('^'), "{error}");
    }
}

#[test]
fn versions_that_follow_each_other_do_not_overlap() {
    let tariff = &TARIFF[TARIFF.find("[[tariffs]]").unwrap()..];
    let next = tariff.replace("2025-02-01", "2026-02-01").replace("valid_to = 2026-02-01\n", "");
    assert_eq!(parse(&format!("{TARIFF}{next}"), "moisson.toml").unwrap().tariffs.len(), 2);
}

#[test]
fn the_most_telling_source_wins() {
    let text = r#"
        [[sources]]
        id = "never"
        [[sources]]
        id = "by_connector"
        connector = "bank/a"
        [[sources]]
        id = "by_files"
        files = "joint/*.csv"
        [[sources]]
        id = "by_both"
        connector = "bank/a"
        files = "joint/*.csv"
        [[sources]]
        id = "by_both_too"
        connector = "bank/a"
        files = "**/*.csv"
    "#;
    let config = parse(text, "moisson.toml").unwrap();
    let found = |path: &str, connector: &str| config.source_for(Path::new(path), connector).map(|source| &*source.id);
    assert_eq!(found("x/joint/1.csv", "bank/a"), Some("by_both"));
    assert_eq!(found("x/joint/1.csv", "bank/b"), Some("by_files"));
    assert_eq!(found("x/1.ofx", "bank/a"), Some("by_connector"));
    assert_eq!(found("x/1.ofx", "bank/b"), None);
    assert_eq!(config.source("never").map(|source| &*source.id), Some("never"));
}

/// Spans of time have no equality of their own.
fn shown(config: &Config) -> String {
    format!("{config:?}")
}

#[test]
fn a_secret_in_the_file_is_refused_and_shown_nowhere() {
    let source = "[[sources]]\nid = \"joint\"\n";
    for (wrong, line) in [
        ("[sources.secrets]\ntoken = \"canary\"", 4),
        ("[sources.secrets]\ntoken = [\"canary\"]", 4),
        ("secrets.token = \"canary\"", 3),
        ("secrets = { token = \"canary\" }", 3),
        ("secrets = \"canary\"", 3),
        ("password = \"canary\"", 3),
        ("api_key = 'canary'", 3),
    ] {
        let error = error(&format!("{source}{wrong}\n"));
        let told = format!("{error}{error:?}");
        assert!(!told.contains("canary"), "{told}");
        assert_eq!((error.message.as_str(), error.line), ("a secret must not stand in moisson.toml", line), "{wrong}");
        let hint = error.hint.unwrap_or_default();
        assert!(hint.contains("`moisson secret set joint/"), "{hint}");
    }
    for wrong in [
        "[sources.secrets]\ntoken = { value = \"canary\" }",
        "[sources.secrets]\ntoken = { file = 1, env = \"canary\" }",
        "[sources.secrets]\ntoken = \"canary",
        "[sources.secrets]\ntoken = canary",
        "password canary",
        "password: \"canary\"",
        "[sources.secrets]\ntoken = \"\"\"\ncanary\ncanary \\q\n\"\"\"",
    ] {
        let error = error(&format!("{source}{wrong}\n"));
        let told = format!("{error}{error:?}");
        assert!(!told.contains("canary"), "{told}");
    }
}
