//! HTML to plain text: what strangers wrote is never handed on as markup.
//!
//! Paragraphs and line breaks become line ends, references become characters, scripts and styles
//! nothing. No link, image or colour is kept.

use scraper::{Html, Node};

/// Elements that begin a line of their own.
const BLOCKS: [&str; 9] = ["p", "br", "div", "li", "blockquote", "pre", "h1", "h2", "h3"];
/// Elements whose text is not for people.
const HIDDEN: [&str; 3] = ["script", "style", "template"];

/// The text of a piece of HTML, without blanks around it; none when nothing is left.
pub fn of(html: &str) -> Option<String> {
    let mut text = String::new();
    // In document order, without recursion: how deep elements nest is the writer's choice.
    for node in Html::parse_fragment(html).root_element().descendants() {
        match node.value() {
            Node::Element(element) if BLOCKS.contains(&element.name()) => end_line(&mut text),
            Node::Text(words) => {
                let is_hidden = |parent: &Node| parent.as_element().is_some_and(|one| HIDDEN.contains(&one.name()));
                if !node.parent().is_some_and(|parent| is_hidden(parent.value())) {
                    text.push_str(words);
                }
            }
            _ => {}
        }
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn markup_becomes_lines_of_text() {
        let html =
            "<p>Bonjour&nbsp;<a href=\"https://example.org\">le <b>monde</b></a> &lt;3</p><p>à<br>bient&ocirc;t</p>";
        assert_eq!(of(html).as_deref(), Some("Bonjour\u{a0}le monde <3\nà\nbientôt"));
    }

    #[test]
    fn scripts_and_empty_markup_leave_nothing() {
        assert_eq!(of("<script>alert(1)</script><style>p{}</style><img src=x onerror=alert(1)>"), None);
        assert_eq!(of("<p>vu</p><script>alert(1)</script>").as_deref(), Some("vu"));
    }

    #[test]
    fn deep_nesting_is_only_deep() {
        let html = format!("{}fond{}", "<b>".repeat(20_000), "</b>".repeat(20_000));
        assert_eq!(of(&html).as_deref(), Some("fond"));
    }
}
