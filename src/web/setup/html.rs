//! Elements, written as HTML or XML. Whatever is put in as text or value is escaped.

/// An element with everything in it.
#[derive(Debug, Clone)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Element(Element),
    Text(String),
    /// What the program itself says, where escapes are not understood (HTML §13.1.2.6).
    Style(&'static str),
}

/// Elements of HTML that never have an end tag.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

/// Elements of property lists, which close themselves.
const EMPTY: [&str; 2] = ["true", "false"];

/// An element with nothing in it.
pub fn tag(name: &'static str) -> Element {
    Element { name, attributes: Vec::new(), nodes: Vec::new() }
}

impl Element {
    /// With an attribute.
    pub fn is(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// With a text behind what is in it.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.nodes.push(Node::Text(text.into()));
        self
    }

    /// With an element behind what is in it.
    pub fn with(mut self, element: Element) -> Self {
        self.nodes.push(Node::Element(element));
        self
    }

    /// The same with several.
    pub fn all(mut self, elements: impl IntoIterator<Item = Element>) -> Self {
        self.nodes.extend(elements.into_iter().map(Node::Element));
        self
    }

    /// With rules for looks.
    pub fn style(mut self, rules: &'static str) -> Self {
        self.nodes.push(Node::Style(rules));
        self
    }

    pub fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if EMPTY.contains(&self.name) {
            out.push_str("/>");
            return;
        }
        out.push('>');
        if VOID.contains(&self.name) {
            return;
        }
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.write_to(out),
                Node::Text(text) => escape(text, out),
                Node::Style(rules) => out.push_str(rules),
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no place for these.
            c if c.is_control() && !matches!(c, '\n' | '\t' | '\r') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_put_in_becomes_markup() {
        let evil = "\"'><script>alert(1)</script>&\0";
        let text = tag("p").is("title", evil).text(evil).with(tag("br")).write();
        let safe = "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\u{fffd}";
        assert_eq!(text, format!("<p title=\"{safe}\">{safe}<br></p>"));
    }
}
