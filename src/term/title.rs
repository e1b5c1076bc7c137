//! The window title (OSC 2) and links (OSC 8), from text that may be hostile.

/// Characters of a title that are kept.
const TITLE_CAP: usize = 120;
/// Bytes of a link's address that are allowed.
const URL_CAP: usize = 2048;

/// Appends the sequence that sets the window title.
pub fn set_title(title: &str, out: &mut Vec<u8>) {
    let clean: String = title
        .chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .take(TITLE_CAP)
        .collect();
    out.extend_from_slice(b"\x1b]2;");
    out.extend_from_slice(clean.as_bytes());
    out.extend_from_slice(b"\x1b\\");
}

/// Whether an address may become a link: https, printable ASCII, not overlong.
pub fn may_link(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= URL_CAP && url.bytes().all(|b| b.is_ascii_graphic())
}

/// Appends what begins a link to an https address that we built; false and nothing if it may not be one.
pub fn begin_link(url: &str, out: &mut Vec<u8>) -> bool {
    let may = may_link(url);
    if may {
        out.extend_from_slice(b"\x1b]8;;");
        out.extend_from_slice(url.as_bytes());
        out.extend_from_slice(b"\x1b\\");
    }
    may
}

/// Appends what ends a link.
pub fn end_link(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b]8;;\x1b\\");
}

/// Controls, bidi controls, and characters that hide others.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_itself_or_hide_anything() {
        let mut out = Vec::new();
        set_title("contoso\x1b]52;c;AA\x07\u{9c}\u{202e}evil\n", &mut out);
        let text = String::from_utf8(out).unwrap();
        let inner = text
            .strip_prefix("\x1b]2;")
            .and_then(|t| t.strip_suffix("\x1b\\"))
            .unwrap();
        assert!(!inner.chars().any(is_hidden), "{inner:?}");
        assert!(inner.contains("contoso") && inner.contains("evil"));
    }

    #[test]
    fn a_title_has_an_end() {
        let mut out = Vec::new();
        set_title(&"x".repeat(10_000), &mut out);
        assert!(out.len() < 200);
    }

    #[test]
    fn only_https_becomes_a_link() {
        let mut out = Vec::new();
        assert!(begin_link(
            "https://security.microsoft.com/incidents/1",
            &mut out
        ));
        assert_eq!(
            out,
            b"\x1b]8;;https://security.microsoft.com/incidents/1\x1b\\"
        );
        for bad in [
            "http://x/",
            "file:///etc/passwd",
            "https://x/\x1b\\",
            "https://x/ y",
            "https://x/\u{202e}",
            "javascript:alert(1)",
        ] {
            out.clear();
            assert!(!begin_link(bad, &mut out), "{bad:?}");
            assert!(out.is_empty());
        }
    }
}
