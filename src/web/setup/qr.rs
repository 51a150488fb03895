//! QR codes, for pages and for terminals.

use qrcodegen::{QrCode, QrCodeEcc};

use super::html::{Element, tag};

/// Light modules around the code (ISO/IEC 18004 §6.3.8).
const MARGIN: i32 = 4;

/// A picture; `None` when the text is too long for any code.
pub(super) fn picture(text: &str, label: &str) -> Option<Element> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * MARGIN;
    let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let squares: Vec<String> = dark
        .filter(|(x, y)| code.get_module(*x, *y))
        .map(|(x, y)| format!("M{},{}h1v1h-1z", x + MARGIN, y + MARGIN))
        .collect();
    let picture = tag("svg").is("class", "qr").is("viewBox", format!("0 0 {size} {size}"));
    let picture = picture.is("role", "img").is("aria-label", label).is("shape-rendering", "crispEdges");
    let paper = tag("rect").is("width", size.to_string()).is("height", size.to_string()).is("fill", "#fff");
    Some(picture.with(paper).with(tag("path").is("d", squares.concat()).is("fill", "#000")))
}

/// Half blocks, two rows a line, dark on light whatever the terminal's colours are.
pub fn blocks(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let range = -MARGIN..code.size() + MARGIN;
    let line = |y: i32| {
        let signs: String = range.clone().map(|x| block(code.get_module(x, y), code.get_module(x, y + 1))).collect();
        format!("\u{1b}[30;107m{signs}\u{1b}[0m\n")
    };
    Some(range.clone().step_by(2).map(line).collect())
}

fn block(is_upper_dark: bool, is_lower_dark: bool) -> char {
    match (is_upper_dark, is_lower_dark) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_its_margin() {
        let text = "davx5://moisson:abcd@dav.example.org/dav/";
        let picture = picture(text, "a code").expect("a picture").write();
        assert!(picture.contains("M4,4h1v1h-1z") && !picture.contains("M3,"), "{picture}");
        let blocks = blocks(text).expect("a code");
        let lines: Vec<&str> = blocks.lines().collect();
        assert!(lines.len() > 15 && lines[0].contains("      ") && !lines[0].contains('█'));
        assert!(lines[2].contains("    █▀▀▀▀▀█"), "{blocks}");
        assert!(super::blocks(&"x".repeat(5_000)).is_none());
    }
}
