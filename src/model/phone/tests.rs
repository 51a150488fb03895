//! Numbers as people and operators write them, and what they are read as.

use super::*;
use proptest::prelude::*;

fn valid(e164: &str) -> Number {
    Number::Valid(e164.to_owned())
}

fn short(code: &str) -> Number {
    Number::Short(code.to_owned())
}

fn invalid(digits: &str) -> Number {
    Number::Invalid(digits.to_owned())
}

fn masked(pattern: &str) -> Number {
    Number::Masked { pattern: pattern.to_owned() }
}

fn check(region: &str, cases: &[(&str, Number)]) {
    for (raw, expected) in cases {
        assert_eq!(&read(raw, region), expected, "{raw:?} on a line of {region:?}");
    }
}

#[test]
fn one_mobile_in_every_spelling() {
    for raw in [
        "0639981234",
        "06 39 98 12 34",
        "06.39.98.12.34",
        "06-39-98-12-34",
        "06/39/98/12/34",
        "06_39_98_12_34",
        "(06) 39 98 12 34",
        "(0)6 39 98 12 34",
        "06\u{a0}39\u{202f}98\u{2009}12\u{a0}34",
        "\u{202a}+33 6 39 98 12 34\u{202c}",
        "+33 (0)6 39 98 12 34",
        "+33 06 39 98 12 34",
        "0033 6 39 98 12 34",
        "0033 (0)6 39 98 12 34",
        "+0033639981234",
        "33639981234",
        "330639981234",
        "33 (0)6 39 98 12 34",
        "639981234",
        "０６３９９８１２３４",
        "＋３３６３９９８１２３４",
        "06‑39‑98‑12‑34",
        "tel:+33639981234;ext=12",
        "sip:+33639981234@voice.example.org",
        "SIP: 0639981234",
        "#31#0639981234",
        "*31#+33639981234",
        "06 39 98 12 34 poste 12",
        "0639981234 ext. 12",
        "0639981234 x12",
        "0639981234,,12#",
        "Tél. : 06 39 98 12 34",
        "06 39 98 12 34 (portable)",
        "06 39 98 12 34.",
        "06.39.98.12.34..",
        "0639981234...",
        "0639981234…",
        "0639981234XX",
    ] {
        assert_eq!(read(raw, "FR"), valid("+33639981234"), "{raw:?}");
    }
}

#[test]
fn nothing_and_withheld() {
    for raw in ["", "  ", "-", "--", "()", "\u{feff}"] {
        assert_eq!(read(raw, "FR"), Number::None, "{raw:?}");
    }
    for raw in [
        "-1",
        "-2",
        "anonymous",
        "Anonymous",
        "(Unknown)",
        "Unknown",
        "null",
        "Numéro masqué",
        "NUMERO MASQUE",
        "Nume\u{301}ro masque\u{301}",
        "Appel masqué",
        "Privé",
        "Unbekannt",
        "insert-address-token",
        "sip:anonymous@anonymous.invalid",
        "**********",
        "XX XX XX XX XX",
        "••••••••••",
    ] {
        assert_eq!(read(raw, "FR"), Number::Withheld, "{raw:?}");
    }
}

#[test]
fn masked_numbers_keep_their_place() {
    check(
        "FR",
        &[
            ("061234XXXX", masked("+3361234....")),
            ("06 12 34 ** **", masked("+3361234....")),
            ("0612.34.56..", masked("+336123456..")),
            ("06.12.34..", masked("+3361234....")),
            ("061234…", masked("+3361234....")),
            ("06 12 34 •• ••", masked("+3361234....")),
            ("06 12 34 -- --", masked("+3361234....")),
            ("061234##78", masked("+3361234..78")),
            ("0612****78", masked("+33612....78")),
            ("0612XXYYZZ", masked("+33612......")),
            ("+33 6 12 34 XX XX", masked("+3361234....")),
            ("+33 (0)6 12 34 XX XX", masked("+3361234....")),
            ("0033 6 12 34 XX XX", masked("+3361234....")),
            ("336 12 34 XX XX", masked("+3361234....")),
            ("** ** ** 56 78", masked("+33.....5678")),
            ("0690 12 XX XX", masked("+59069012....")),
            ("+33 692 12 XX XX", masked("+26269212....")),
            ("06 39 98 XX XX", masked("+3363998....")),
            ("06 39 XX XX XX", masked("+262639......")),
            ("00 44 7939 XXYYZZ", masked("+447939......")),
            ("36XX", masked("36..")),
        ],
    );
    check("GB", &[("07939 XXYYZZ", masked("+447939......")), ("020 7946 0xxx", masked("+442079460..."))]);
    check("DE", &[("030 1234 XXX", masked("+49301234...")), ("030 1234...", masked("+49301234..."))]);
    check("US", &[("(808) 555-XXXX", masked("+1808555....")), ("1 808 555 XXXX", masked("+1808555...."))]);
    check("IT", &[("02 1234 XXXX", masked("+39021234...."))]);
}

#[test]
fn short_and_service_codes() {
    for code in [
        "15",
        "17",
        "18",
        "112",
        "114",
        "115",
        "119",
        "196",
        "123",
        "666",
        "888",
        "1014",
        "1023",
        "3179",
        "3639",
        "3919",
        "31001",
        "38000",
        "118218",
        "116000",
        "116117",
        "#123#",
        "*123#",
        "*21",
        "*#06#",
        "**21*0639981234#",
        "##002#",
        "123#",
    ] {
        assert_eq!(read(code, "FR"), short(code), "{code:?}");
    }
    check(
        "FR",
        &[
            ("36 39", short("3639")),
            ("118 218", short("118218")),
            ("+33 3179", short("3179")),
            ("0033 3179", short("3179")),
        ],
    );
    check("US", &[("911", short("911")), ("74454", short("74454"))]);
    check("DE", &[("112", short("112")), ("22922", short("22922"))]);
}

#[test]
fn overseas_numbers_have_their_own_codes() {
    check(
        "FR",
        &[
            ("0590 81 12 34", valid("+590590811234")),
            ("0690 35 12 34", valid("+590690351234")),
            ("0594 30 12 34", valid("+594594301234")),
            ("0694 20 12 34", valid("+594694201234")),
            ("0596 60 12 34", valid("+596596601234")),
            ("0696 25 12 34", valid("+596696251234")),
            ("0262 20 12 34", valid("+262262201234")),
            ("0692 12 34 56", valid("+262692123456")),
            ("0269 61 12 34", valid("+262269611234")),
            ("0639 69 12 34", valid("+262639691234")),
            ("+33 590 81 12 34", valid("+590590811234")),
            ("0033 692 12 34 56", valid("+262692123456")),
            ("+33 (0)692 12 34 56", valid("+262692123456")),
            ("+262 692 12 34 56", valid("+262692123456")),
            ("262692123456", valid("+262692123456")),
            ("06 39 98 00 00", valid("+33639980000")),
        ],
    );
    check("RE", &[("0262 20 12 34", valid("+262262201234")), ("0639981234", valid("+33639981234"))]);
    check("re", &[("0939 92 02 72", valid("+262939920272")), ("+33 976 07 26 02", valid("+33976072602"))]);
    check("GP", &[("0976 07 26 02", valid("+590976072602")), ("0801 25 38 10", valid("+33801253810"))]);
    check("GP", &[("0690351234", valid("+590690351234")), ("15", short("15"))]);
}

#[test]
fn fiction_and_special_numbers_are_valid() {
    check(
        "FR",
        &[
            ("01 99 00 12 34", valid("+33199001234")),
            ("02 61 91 12 34", valid("+33261911234")),
            ("03 53 01 12 34", valid("+33353011234")),
            ("04 65 71 12 34", valid("+33465711234")),
            ("05 36 49 12 34", valid("+33536491234")),
            ("0899 12 34 56", valid("+33899123456")),
            ("0800 000 000", valid("+33800000000")),
            ("+33 809 12 34 56", valid("+33809123456")),
            ("09 72 10 00 00", valid("+33972100000")),
            ("+44 7700 900123", valid("+447700900123")),
        ],
    );
}

#[test]
fn numbers_of_other_plans() {
    check("US", &[("(808) 555-0123", valid("+18085550123")), ("12025550110", valid("+12025550110"))]);
    check("US", &[("0033639981234", valid("+33639981234")), ("011 44 20 7946 0958", valid("+442079460958"))]);
    check("GB", &[("020 7946 0958", valid("+442079460958"))]);
    check("DE", &[("030 23125 123", valid("+493023125123")), ("0049 30 23125123", valid("+493023125123"))]);
    check("CH", &[("021 234 56 78", valid("+41212345678"))]);
    check("IT", &[("02 1234 5678", valid("+390212345678"))]);
    check("FR", &[("0041212345678", valid("+41212345678")), ("442079460958", valid("+442079460958"))]);
    check("", &[("+33639981234", valid("+33639981234")), ("0639981234", invalid("0639981234"))]);
}

#[test]
fn letters_never_become_digits() {
    for name in ["AMELI", "FREE MOBILE", "38000 Info", "1-800-FLOWERS", "someone@example.org", "Y2K", "INFO6112345"] {
        assert_eq!(read(name, "FR"), Number::Name(name.to_owned()), "{name:?}");
    }
    check("FR", &[("0639981234 ou 0639985678", invalid("06399812340639985678"))]);
}

#[test]
fn digits_of_no_plan_are_invalid() {
    check(
        "FR",
        &[
            ("0000000000", invalid("+00000000")),
            ("0612", invalid("0612")),
            ("06123456", invalid("06123456")),
            ("06399812345", invalid("06399812345")),
            ("+999 123 456", invalid("+999123456")),
            ("123456789012345678901234567890", invalid("123456789012345678901234567890")),
        ],
    );
}

#[test]
fn keys_and_kinds() {
    let key = |raw: &str| read(raw, "FR").key(raw);
    assert_eq!(key("06 39 98 12 34"), key("+33639981234"));
    assert_eq!(key("Numéro masqué"), key("anonymous"));
    assert_eq!(key("Free  Mobile"), Some("FREE MOBILE".to_owned()));
    assert_eq!(key(""), None);
    let kinds = ["", "-1", "061234XXXX", "3179", "0639981234", "0612", "AMELI"].map(|raw| read(raw, "FR").kind_code());
    assert_eq!(kinds, ["none", "withheld", "masked", "short", "valid", "invalid", "name"]);
}

#[test]
fn the_line_tells_its_region() {
    let region = |e164| region_of_line(e164);
    assert_eq!(region("+33639981234").as_deref(), Some("FR"));
    assert_eq!(region("+262692123456").as_deref(), Some("RE"));
    assert_eq!(region("+493023125123").as_deref(), Some("DE"));
    assert_eq!(region("+12025550123").as_deref(), Some("US"));
    assert_eq!(region("97911585"), None);
}

proptest! {
    #[test]
    fn any_text_is_read(raw in "\\PC{0,120}", region in "(FR|RE|US|DE|IT|)") {
        let number = read(&raw, &region);
        let _ = number.key(&raw);
    }

    #[test]
    fn anything_like_a_number_is_read(raw in "[-+0-9xX*#. ()/…,;poste]{0,40}", region in "(FR|RE|US|DE|IT|)") {
        if let Number::Valid(e164) = read(&raw, &region) {
            prop_assert!(e164.starts_with('+') && e164[1..].bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(read(&e164, "FR"), Number::Valid(e164));
        }
    }
}
