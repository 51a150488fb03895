//! What answers tell later steps: the names of `tells`, and what a `for_each` runs over. Pure.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::fields::Fields;
use super::pointer::{self, Missing};
use super::values::{Value, Values};
use crate::connector::fetch::{ForEach, Step};

/// One answer of a step, with the names that were known when it was asked.
#[derive(Debug, Clone)]
pub struct Told {
    pub values: Values,
    /// What it ran over, `account/pot`; empty when it ran once.
    pub item: String,
    pub pages: Vec<Json>,
}

/// The answers so far, by step.
pub type Answers = BTreeMap<String, Vec<Told>>;

/// One time that a step is asked.
#[derive(Debug, Clone)]
pub struct Turn {
    pub values: Values,
    /// See [`Told::item`].
    pub item: String,
}

/// How often a step is asked, and with which names. What its `for_each` runs over must be there,
/// though there may be none of it; the same one twice counts once.
pub fn turns(step: &Step, globals: &Values, fields: &Fields, answers: &Answers) -> Result<Vec<Turn>, Missing> {
    let Some(each) = &step.for_each else {
        return Ok(vec![Turn { values: globals.clone(), item: String::new() }]);
    };
    let Some(of) = &each.of else {
        let list = fields.lists.get(&each.at).map(Vec::as_slice).unwrap_or_default();
        return Ok(apart(list.iter().map(|text| turn(globals, "", each, text)).collect()));
    };
    let mut turns = Vec::new();
    for told in answers.get(of).into_iter().flatten() {
        let mut values = globals.clone();
        values.extend(told.values.clone());
        for page in &told.pages {
            let found = pointer::find(page, &each.at)?;
            turns
                .extend(found.into_iter().filter_map(pointer::text).map(|text| turn(&values, &told.item, each, &text)));
        }
    }
    Ok(apart(turns))
}

/// Adds what an answer tells to the names. What it does not hold has no value from then on.
pub fn tell(step: &Step, pages: &[Json], body: &[u8], values: &mut Values) -> Result<(), Missing> {
    for (name, at) in &step.tells {
        let text = match at.strip_prefix('<') {
            Some(element) => element_text(body, element.trim_end_matches('>')),
            // Not every account has a consent that ends.
            None if name.starts_with("consent_") => first_text(pages, at).unwrap_or_default(),
            None => first_text(pages, at)?,
        };
        match text {
            Some(text) => values.insert(name.clone(), Value::open(text)),
            None => values.remove(name),
        };
    }
    Ok(())
}

/// All texts that the answers of a step hold under a name of `tells`, in order.
pub fn all_texts(step: &Step, pages: &[Json], name: &str) -> Vec<String> {
    let Some(at) = step.tells.get(name).filter(|at| !at.starts_with('<')) else { return Vec::new() };
    let found = pages.iter().filter_map(|page| pointer::find(page, at).ok()).flatten();
    found.filter_map(pointer::text).collect()
}

fn first_text(pages: &[Json], at: &str) -> Result<Option<String>, Missing> {
    let Some(page) = pages.first() else { return Ok(None) };
    Ok(pointer::find(page, at)?.into_iter().find_map(pointer::text))
}

fn turn(values: &Values, before: &str, each: &ForEach, text: &str) -> Turn {
    let mut values = values.clone();
    values.insert(each.name.clone(), Value::open(text));
    let item = if before.is_empty() { text.to_owned() } else { format!("{before}/{text}") };
    Turn { values, item }
}

fn apart(turns: Vec<Turn>) -> Vec<Turn> {
    let mut seen = std::collections::BTreeSet::new();
    turns.into_iter().filter(|turn| seen.insert(turn.item.clone())).collect()
}

/// The text of the first element of that local name.
fn element_text(body: &[u8], element: &str) -> Option<String> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut found: Option<String> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return None,
            Event::Start(start) if start.local_name().as_ref() == element => found = Some(String::new()),
            Event::End(end) if end.local_name().as_ref() == element => return found.map(|text| text.trim().to_owned()),
            Event::Text(piece) => found.iter_mut().for_each(|found| found.push_str(&piece.xml10_content())),
            Event::GeneralRef(reference) => found.iter_mut().for_each(|found| found.push_str(&resolved(&reference))),
            _ => {}
        }
    }
}

/// A character that was written as a reference; only those that XML itself names (XML 1.0 §4.6).
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    quick_xml::escape::resolve_xml_entity(reference).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(text: &str) -> Step {
        toml::from_str(text).expect("a step")
    }

    fn items(turns: Vec<Turn>) -> Vec<String> {
        turns.into_iter().map(|turn| turn.item).collect()
    }

    #[test]
    fn a_step_runs_over_what_an_earlier_one_told_and_over_what_that_ran_over() {
        let mut answers = Answers::new();
        let told = |item: &str, page: Json| Told {
            values: [("user".to_owned(), Value::open(item))].into(),
            item: item.to_owned(),
            pages: vec![page],
        };
        answers.insert(
            "users".to_owned(),
            vec![told("u1", json!({"a": [{"id": 1}, {"id": 2}, {"id": 1}]})), told("u2", json!({"a": []}))],
        );
        let step =
            step("name = \"rows\"\npath = \"/\"\nfor_each = { of = \"users\", at = \"/a/*/id\", name = \"account\" }");
        let turns = turns(&step, &Values::new(), &Fields::default(), &answers).expect("turns");
        assert_eq!(turns[1].values["user"], Value::open("u1"));
        assert_eq!(turns[1].values["account"], Value::open("2"));
        assert_eq!(items(turns), ["u1/1", "u1/2"]);
    }

    #[test]
    fn a_list_that_is_not_there_is_told_with_its_place() {
        let answers =
            [("a".to_owned(), vec![Told { values: Values::new(), item: String::new(), pages: vec![json!({"b": 1})] }])]
                .into();
        let step =
            step("name = \"rows\"\npath = \"/\"\nfor_each = { of = \"a\", at = \"/accounts/*\", name = \"account\" }");
        let missing = turns(&step, &Values::new(), &Fields::default(), &answers).expect_err("missing");
        assert_eq!(missing.place, "/accounts");
    }

    #[test]
    fn fields_of_several_texts_are_run_over_too() {
        let fields = Fields {
            lists: [("meters".to_owned(), vec!["m1".to_owned(), "m2".to_owned()])].into(),
            ..Fields::default()
        };
        let step = step("name = \"rows\"\npath = \"/\"\nfor_each = { at = \"meters\", name = \"meter\" }");
        assert_eq!(items(turns(&step, &Values::new(), &fields, &Answers::new()).expect("turns")), ["m1", "m2"]);
    }

    #[test]
    fn answers_tell_names_from_json_and_from_xml() {
        let step = step("name = \"a\"\npath = \"/\"\ntells = { url = \"<NewUrl>\", none = \"<Other>\" }");
        let mut values = Values::new();
        let xml = b"<s:Envelope><u:Answer><NewUrl>http://h/l?a=1&amp;b=&#50;</NewUrl></u:Answer></s:Envelope>";
        tell(&step, &[], xml, &mut values).expect("told");
        assert_eq!(values["url"], Value::open("http://h/l?a=1&b=2"));
        assert!(!values.contains_key("none"));
    }
}
