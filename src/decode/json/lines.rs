//! JSON documents one after another (JSON Lines): the list of them.

use serde_json::value::RawValue;

/// One document whose elements are the documents of a text; none when the text is one document, or
/// is no JSON.
pub fn joined(text: &str) -> Option<String> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let values: Vec<&str> = values.map(|value| value.map(RawValue::get)).collect::<Result<_, _>>().ok()?;
    (values.len() > 1).then(|| format!("[{}]", values.join(",")))
}
