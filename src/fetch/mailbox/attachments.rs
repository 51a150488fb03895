//! What hangs on a message (RFC 2045, 2047, 2183, 2231), also on messages forwarded inside it.

use jiff::Timestamp;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::matching::Matching;

/// Most files of one message.
const MAX_FILES: usize = 100;
/// Messages in messages are followed this far.
const MAX_DEPTH: u8 = 4;
/// Longest name, in characters.
const NAME_LIMIT: usize = 150;

/// What a message brings.
#[derive(Debug, Default)]
pub struct Found {
    pub sent_at: Option<Timestamp>,
    pub files: Vec<File>,
}

/// An attachment, as it was before it was packed for the mail.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The addresses that a message is from, and its subject, out of its header.
pub fn sender_and_subject(header: &[u8]) -> (Vec<String>, String) {
    let Some(message) = MessageParser::default().parse_headers(header) else { return Default::default() };
    let from = message.from().into_iter().flat_map(mail_parser::Address::iter);
    let senders = from.filter_map(|address| address.address().map(str::to_owned)).collect();
    (senders, message.subject().unwrap_or_default().to_owned())
}

/// The files that are wanted of a message. Bytes that no parser understands bring none.
pub fn of(message: &[u8], matching: &Matching) -> Found {
    let Some(parsed) = MessageParser::default().parse(message) else { return Found::default() };
    let sent_at = parsed.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    let mut files = Vec::new();
    gather(&parsed, message, 0, matching, &mut files);
    Found { sent_at, files }
}

fn gather(message: &Message<'_>, raw: &[u8], depth: u8, matching: &Matching, files: &mut Vec<File>) {
    for part in &message.parts {
        match &part.body {
            PartType::Message(inner) if depth < MAX_DEPTH => {
                // One that was packed has bytes of its own; any other lies in those around it.
                let raw = if inner.raw_message.is_empty() { raw } else { &inner.raw_message };
                gather(inner, raw, depth + 1, matching, files);
            }
            PartType::Multipart(_) | PartType::Message(_) => {}
            _ => files.extend(file(part, raw, files.len()).filter(|file| matching.takes_file(&file.name))),
        }
        // The same file under a second part, such as an invitation, is one document.
        if let Some(last) = files.pop().filter(|last| !files.contains(last) && files.len() < MAX_FILES) {
            files.push(last);
        }
    }
}

/// A part that is a file: it has a name, says that it is attached, or is of a kind that no
/// letter is written in.
fn file(part: &MessagePart<'_>, raw: &[u8], n: usize) -> Option<File> {
    let kind = part.content_type();
    let main = kind.map_or("text", |kind| kind.c_type.as_ref()).to_ascii_lowercase();
    let sub = kind.and_then(|kind| kind.c_subtype.as_deref()).unwrap_or("plain").to_ascii_lowercase();
    let name = part.attachment_name().and_then(tidy);
    let is_attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    let is_letter = (main == "text" && matches!(sub.as_str(), "plain" | "html")) || main == "image";
    if name.is_none() && !is_attached && is_letter {
        return None;
    }
    let name = name.unwrap_or_else(|| format!("attachment-{}.{}", n + 1, ending(&sub)));
    Some(File { name, bytes: bytes(part, raw) })
}

/// Texts are taken as they were, not as their parser reads them: what they are written in is
/// found out later, from all of their bytes.
fn bytes(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    let packed = raw.get(part.offset_body as usize..part.offset_end as usize);
    let (PartType::Text(_) | PartType::Html(_), Some(packed)) = (&part.body, packed) else {
        return part.contents().to_vec();
    };
    match part.encoding {
        Encoding::None => Some(packed.to_vec()),
        Encoding::Base64 => base64_decode(packed),
        Encoding::QuotedPrintable => quoted_printable_decode(packed),
    }
    .unwrap_or_else(|| part.contents().to_vec())
}

/// A name without folders and without what cannot be printed.
fn tidy(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !c.is_control()).collect();
    let shown: String = shown.trim().trim_start_matches('.').chars().take(NAME_LIMIT).collect();
    (!shown.is_empty()).then_some(shown)
}

fn ending(sub: &str) -> &str {
    match sub {
        "plain" => "txt",
        "calendar" => "ics",
        "x-vcard" | "vcard" | "directory" => "vcf",
        "octet-stream" => "bin",
        _ if sub.chars().all(|c| c.is_ascii_alphanumeric()) => sub,
        _ => "bin",
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
