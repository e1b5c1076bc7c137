//! Where one query of a text ends and the next begins.
//!
//! Queries are parted by blank lines, as hunters write them. A blank line does not part after `;`, `|`, `,` or an open
//! bracket, nor before `|` or a closing one, nor inside a string of several lines, so that `let`s belong to what uses them.

use std::ops::Range;

/// The byte ranges of the queries, in order, without blank lines around them.
pub fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut open = State::default();
    // the block being read, and whether blank lines came after its last line
    let mut now: Option<Range<usize>> = None;
    let mut gap = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        if body.is_empty() && !open.in_string {
            gap = true;
            continue;
        }
        let ends = gap && now.is_some() && !open.goes_on && !continues(body);
        if ends && let Some(done) = now.take() {
            out.push(done);
            open = State::default();
        }
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        match &mut now {
            Some(block) => block.end = end,
            None => now = Some(start..end),
        }
        open.take(line);
        gap = false;
    }
    out.extend(now);
    out
}

/// The query a byte is in; on a blank line the one above it.
pub fn at(blocks: &[Range<usize>], offset: usize) -> Option<Range<usize>> {
    let after = blocks.partition_point(|b| b.start <= offset);
    blocks.get(after.saturating_sub(1)).cloned()
}

fn continues(line: &str) -> bool {
    line.starts_with(['|', ')', ']', '}'])
}

/// What is open at a line's end.
#[derive(Default)]
struct State {
    /// Inside of ``` or ~~~.
    in_string: bool,
    fence: &'static str,
    brackets: i32,
    /// The last letter that counts asks for more.
    goes_on: bool,
}

impl State {
    fn take(&mut self, line: &str) {
        // by bytes: every mark that counts is ASCII, and a text of 5,000 lines is read with every key
        let bytes = line.as_bytes();
        let (mut at, mut last) = (0, None);
        while let Some(&b) = bytes.get(at) {
            if self.in_string {
                match line.get(at..).and_then(|rest| rest.find(self.fence)) {
                    Some(i) => {
                        at += i + 3;
                        self.in_string = false;
                        last = Some(b'`');
                        continue;
                    }
                    None => break,
                }
            }
            match b {
                b'/' if bytes.get(at + 1) == Some(&b'/') => break,
                b'`' | b'~' if bytes[at..].starts_with(&[b; 3]) => {
                    self.in_string = true;
                    self.fence = if b == b'`' { "```" } else { "~~~" };
                    at += 3;
                    continue;
                }
                b'"' | b'\'' => {
                    let raw = last == Some(b'@');
                    at += 1 + string_end(&bytes[at + 1..], b, raw);
                    last = Some(b);
                    continue;
                }
                b'(' | b'[' | b'{' => self.brackets += 1,
                b')' | b']' | b'}' => self.brackets = (self.brackets - 1).max(0),
                _ => {}
            }
            if !b.is_ascii_whitespace() {
                last = Some(b);
            }
            at += 1;
        }
        if self.in_string {
            return;
        }
        match last {
            // a comment alone changes nothing
            None => {}
            Some(b) => self.goes_on = self.brackets > 0 || matches!(b, b';' | b'|' | b',' | b'='),
        }
    }
}

/// How many bytes belong to a string of one line, its closing quote included.
fn string_end(rest: &[u8], quote: u8, raw: bool) -> usize {
    let mut escaped = false;
    for (i, &b) in rest.iter().enumerate() {
        if escaped {
            escaped = false;
        } else if b == b'\\' && !raw {
            escaped = true;
        } else if b == quote {
            return i + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<&str> {
        blocks(text).into_iter().map(|b| &text[b]).collect()
    }

    #[test]
    fn blank_lines_part_queries_but_not_what_belongs_together() {
        assert_eq!(
            parts("// one\nA\n| take 1\n\n\nB\n| count\n"),
            ["// one\nA\n| take 1", "B\n| count"]
        );
        assert_eq!(
            parts("let x = 1;\n\nA | where b == x\n\n| count"),
            ["let x = 1;\n\nA | where b == x\n\n| count"]
        );
        assert_eq!(
            parts("A | where b in (\n\n 1)\n\nB"),
            ["A | where b in (\n\n 1)", "B"]
        );
        assert_eq!(
            parts("print '(' // ;\n\nprint \"a\\\"(\"\n\nprint @'\\'\n\nprint ```\n\n```\n\nB"),
            [
                "print '(' // ;",
                "print \"a\\\"(\"",
                "print @'\\'",
                "print ```\n\n```",
                "B"
            ]
        );
        assert_eq!(parts(""), Vec::<&str>::new());
    }

    #[test]
    fn on_a_blank_line_the_query_above_is_meant() {
        let text = "A\n\n\nB";
        let all = blocks(text);
        assert_eq!(at(&all, 0), Some(0..1));
        assert_eq!(at(&all, 3), Some(0..1));
        assert_eq!(at(&all, 4), Some(4..5));
        assert_eq!(at(&[], 0), None);
    }

    proptest! {
        #[test]
        fn every_letter_is_in_one_block(text in "[a-c|;()'\"`/\\n ö]{0,80}") {
            let all = blocks(&text);
            let mut end = 0;
            for b in &all {
                prop_assert!(b.start >= end && b.end > b.start);
                prop_assert!(text[end..b.start].trim().is_empty());
                end = b.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
