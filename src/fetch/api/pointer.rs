//! JSON pointers (RFC 6901) in which `*` is any one step, and `*[name=text]` any one that has that
//! member. Pure.

use serde_json::Value;

/// What lies at a pointer, in order: several only where it has a `*`. Where a step without a `*`
/// before it is not there, that place. After a `*`, what is missing in one of many is left out.
pub fn find<'a>(value: &'a Value, pointer: &str) -> Result<Vec<&'a Value>, Missing> {
    let mut found = vec![value];
    let mut is_many = false;
    let mut place = String::new();
    for step in pointer.split('/').skip(1) {
        place.push('/');
        place.push_str(step);
        let next: Vec<&Value> = found.iter().flat_map(|value| children(value, step)).collect();
        let is_container = found.iter().any(|value| value.is_array() || value.is_object());
        if next.is_empty() && !is_many && !(step.starts_with('*') && is_container) {
            return Err(Missing { place, seen: keys(found.first().copied()) });
        }
        is_many |= step.starts_with('*');
        found = next;
    }
    Ok(found)
}

/// The first of them, unless it is `null` or nothing.
pub fn first<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    find(value, pointer).ok()?.into_iter().find(|found| !found.is_null())
}

/// As text: a text itself, a number, yes or no. Nothing for what is neither.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// How many rows lie at a pointer: the members of lists, and what is no list as one.
pub fn count(value: &Value, pointer: &str) -> Result<usize, Missing> {
    let rows = |found: &Value| match found {
        Value::Array(rows) => rows.len(),
        Value::Null => 0,
        _ => 1,
    };
    Ok(find(value, pointer)?.into_iter().map(rows).sum())
}

/// A place that is not there.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    pub place: String,
    /// What is there instead: the first names beside it.
    pub seen: String,
}

fn children<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    let condition = step.strip_prefix("*[").and_then(|condition| condition.strip_suffix(']')?.split_once('='));
    if let Some((name, wanted)) = condition {
        let fits = |child: &&Value| child.get(name).and_then(Value::as_str) == Some(wanted);
        return children(value, "*").into_iter().filter(fits).collect();
    }
    match value {
        Value::Array(values) if step == "*" => values.iter().collect(),
        Value::Object(values) if step == "*" => values.values().collect(),
        Value::Array(values) => step.parse().ok().and_then(|at: usize| values.get(at)).into_iter().collect(),
        Value::Object(values) => values.get(&step.replace("~1", "/").replace("~0", "~")).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A few short names of an object; what else it is. Values are never told.
fn keys(value: Option<&Value>) -> String {
    match value {
        Some(Value::Object(members)) if members.is_empty() => "an object without members".to_owned(),
        Some(Value::Object(members)) => {
            let short = members.keys().filter(|key| key.len() <= 30 && !key.chars().any(|c| c.is_ascii_digit()));
            short.take(5).cloned().collect::<Vec<_>>().join(", ")
        }
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Null) | None => "nothing".to_owned(),
        Some(_) => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_is_any_step_and_may_find_nothing() {
        let value = json!({"accounts": [{"id": "a", "rows": [1, 2]}, {"id": "b"}], "none": [], "a/b": 1});
        let ids: Vec<_> = find(&value, "/accounts/*/id").expect("there").into_iter().filter_map(text).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(count(&value, "/accounts/*/rows"), Ok(2));
        assert_eq!(find(&value, "/none/*/id"), Ok(vec![]));
        assert_eq!(find(&value, "/a~1b").map(|found| found.len()), Ok(1));
        assert_eq!(count(&json!([]), ""), Ok(0));
    }

    #[test]
    fn what_is_missing_is_named_with_its_place_and_what_is_there_instead() {
        let missing = find(&json!({"errors": [], "data": {"x": 1}}), "/data/rows/0").expect_err("missing");
        assert_eq!(missing, Missing { place: "/data/rows".to_owned(), seen: "x".to_owned() });
        let missing = find(&json!("text"), "/rows").expect_err("missing");
        assert_eq!(missing.seen, "a value");
    }
}
