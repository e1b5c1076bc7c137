//! The forms for machines: the exact text, through the one escaper of each language.

use std::fmt::Write;

use super::classes::{Class, class};
use crate::text::Txt;

/// Why a text cannot be one segment of a URL path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSegment {
    #[error("an id is empty")]
    Empty,
    #[error("an id is a dot or two, which a path reads as a folder")]
    Dots,
    #[error("an id holds a slash, a backslash or a control character")]
    Character,
}

impl Txt<'_> {
    /// A JSON string literal; what a screen would not show as itself is escaped as `\uXXXX`.
    pub fn json(self) -> String {
        let mut out = String::with_capacity(self.exact().len() + 2);
        out.push('"');
        for c in self.exact().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                ' '..='~' => out.push(c),
                c if is_visible(c) => out.push(c),
                c => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(out, "\\u{unit:04x}");
                    }
                }
            }
        }
        out.push('"');
        out
    }

    /// A quoted CSV field. Unless `raw`, a text that a spreadsheet would take for a formula gets a leading
    /// apostrophe. Numbers of ours do not come this way.
    pub fn csv_cell(self, raw: bool) -> String {
        let text = self.exact();
        let mut out = String::with_capacity(text.len() + 3);
        out.push('"');
        if !raw && is_formula(text) {
            out.push('\'');
        }
        for c in text.chars() {
            if c == '"' {
                out.push('"');
            }
            out.push(c);
        }
        out.push('"');
        out
    }

    /// A KQL string literal with its quotes.
    pub fn kql_literal(self) -> String {
        let mut out = String::with_capacity(self.exact().len() + 2);
        out.push('"');
        for c in self.exact().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                ' '..='~' => out.push(c),
                c if is_visible(c) => out.push(c),
                // the literal is read by people before it is run: what hides is written out
                c if u32::from(c) > 0xFFFF => {
                    let _ = write!(out, "\\U{:08x}", u32::from(c));
                }
                c => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
            }
        }
        out.push('"');
        out
    }

    /// An OData string literal with its quotes, not yet percent-encoded.
    pub fn odata_literal(self) -> String {
        format!("'{}'", self.exact().replace('\'', "''"))
    }

    /// One percent-encoded segment of a URL path.
    pub fn path_segment(self) -> Result<String, BadSegment> {
        let text = self.exact();
        if text.is_empty() {
            return Err(BadSegment::Empty);
        }
        if text == "." || text == ".." {
            return Err(BadSegment::Dots);
        }
        if text
            .chars()
            .any(|c| c.is_control() || c == '/' || c == '\\')
        {
            return Err(BadSegment::Character);
        }
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    out.push(char::from(byte))
                }
                _ => {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
        Ok(out)
    }

    /// The clipboard form with addresses that nothing will open: `hxxps://evil[.]example`, `ana[@]b[.]c`.
    pub fn defanged(self) -> String {
        let text = self.clipboard();
        let mut out = String::with_capacity(text.len() + 16);
        let mut before = None;
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let after = rest.as_str();
            match c {
                '.' | '。' | '．' | '｡'
                    if before.is_some_and(is_wordy)
                        && after.chars().next().is_some_and(is_wordy) =>
                {
                    out.extend(['[', c, ']']);
                }
                '@' | '＠' => out.extend(['[', c, ']']),
                'h' | 'H' if is_scheme(before, after) => {
                    out.push(c);
                    out.push_str("xx");
                    rest.next();
                    rest.next();
                    before = Some('t');
                    continue;
                }
                _ => out.push(c),
            }
            before = Some(c);
        }
        out
    }
}

/// Shown as itself on any screen, joiners and marks left aside.
fn is_visible(c: char) -> bool {
    c == '\u{27E8}' || !matches!(class(c), Class::Hidden | Class::Joiner) || matches!(c, '\u{FE0F}')
}

/// Whether a spreadsheet would compute this cell.
fn is_formula(text: &str) -> bool {
    for c in text.chars() {
        match c {
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '−' => {
                return true;
            }
            // importers trim these, so the sign behind them would stand first
            c if c.is_whitespace() || c.is_control() || class(c) != Class::Plain => {}
            _ => return false,
        }
    }
    false
}

fn is_wordy(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | ']' | '[' | '⟩')
}

/// Whether `h` begins `http:` or `https:` as a scheme.
fn is_scheme(before: Option<char>, after: &str) -> bool {
    let starts = |word: &str| {
        after
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    !before.is_some_and(char::is_alphanumeric) && (starts("ttp:") || starts("ttps:"))
}
