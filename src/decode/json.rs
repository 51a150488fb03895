//! stand-in
use super::row::{DecodeError, NamedRow};
pub fn rows(_: &[u8], _: &str, _: &[String], _: &mut dyn FnMut(NamedRow)) -> Result<(), DecodeError> {
    Err(DecodeError::Unsupported { what: "json".into(), detail: String::new() })
}
