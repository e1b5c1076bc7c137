//! Remediation texts as plain words: they come as HTML that anybody may have written. Nothing of it is interpreted: tags
//! go, what scripts and styles hold goes with them, blocks become lines, the five named entities and numbers become letters.
//!
//! Total for any input, linear in its length. What comes out is tenant text still: it passes a sink like any other.

/// Elements that begin a line.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "br",
    "ol",
    "ul",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "pre",
    "blockquote",
];
/// Elements of whose inside nothing is shown.
const HIDDEN: &[&str] = &[
    "script", "style", "head", "iframe", "object", "svg", "template",
];
/// Letters of an entity at most, between `&` and `;`.
const ENTITY: usize = 10;

/// The words of an HTML text, a line for a block. Links keep where they lead, in brackets: nobody can click them here.
pub fn of_html(html: &str) -> String {
    let mut out = Out::default();
    let mut links: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.text(&rest[..at]);
        let tag = &rest[at + 1..];
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let begins =
            tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some(end) = tag.find('>').filter(|_| begins) else {
            // a sign that begins no tag is a sign
            out.text("<");
            rest = tag;
            continue;
        };
        let (inside, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        let closes = inside.starts_with('/');
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if HIDDEN.contains(&name.as_str()) && !closes && !inside.ends_with('/') {
            rest = skip(after, &name);
            continue;
        }
        match name.as_str() {
            "li" if !closes => {
                out.line();
                out.text("- ");
            }
            "a" if !closes => links.push(href(inside).unwrap_or_default()),
            "a" => {
                if let Some(link) = links.pop().filter(|l| !l.is_empty()) {
                    out.text(&format!(" ({link})"));
                }
            }
            "td" | "th" if closes => out.text(" "),
            name if BLOCKS.contains(&name) => out.line(),
            _ => {}
        }
    }
    out.text(rest);
    out.done()
}

/// What comes after the end of a hidden element; nothing where it has no end.
fn skip<'a>(text: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|t| t.find("</")) {
        let here = from + at + 2;
        let tail = text.get(here..).unwrap_or_default();
        let same = tail
            .get(..name.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(name));
        if same {
            return tail.find('>').map_or("", |end| &tail[end + 1..]);
        }
        from = here;
    }
    ""
}

/// Where a link leads, if that is a page.
fn href(tag: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find("href")? + 4;
    let value = tag.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(q) => value.get(1..)?.split(q).next()?,
        None => value.split_ascii_whitespace().next()?,
    };
    let page = ["https://", "http://"].iter().any(|s| {
        value
            .get(..s.len())
            .is_some_and(|v| v.eq_ignore_ascii_case(s))
    });
    page.then(|| value.to_owned())
}

/// Lines that are being made: blanks are one blank, empty lines are left out.
#[derive(Default)]
struct Out {
    lines: Vec<String>,
    now: String,
}

impl Out {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            self.plain(&rest[..at]);
            let tail = &rest[at + 1..];
            let end = tail
                .char_indices()
                .take(ENTITY)
                .find(|(_, c)| *c == ';')
                .map(|(n, _)| n);
            match end.and_then(|n| Some((entity(tail.get(..n)?)?, n))) {
                Some((letter, n)) => {
                    self.push(letter);
                    rest = &tail[n + 1..];
                }
                None => {
                    self.push('&');
                    rest = tail;
                }
            }
        }
        self.plain(rest);
    }

    fn plain(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        let blank = c.is_whitespace();
        if !blank {
            self.now.push(c);
        } else if !self.now.is_empty() && !self.now.ends_with(' ') {
            self.now.push(' ');
        }
    }

    fn line(&mut self) {
        let line = std::mem::take(&mut self.now);
        let line = line.trim_end();
        if !line.is_empty() && line != "-" {
            self.lines.push(line.to_owned());
        }
    }

    fn done(mut self) -> String {
        self.line();
        self.lines.join("\n")
    }
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        number => {
            let digits = number.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s0_25_remediation_is_plain_words_whatever_is_in_it() {
        for (html, want) in [
            (
                "<p>Go to <a href=\"https://entra.microsoft.com\">Conditional Access</a> and <b>create a policy</b>.</p><ol><li>All users</li><li>All apps &amp; services</li></ol>",
                "Go to Conditional Access (https://entra.microsoft.com) and create a policy.\n- All users\n- All apps & services",
            ),
            (
                "<p>Block <i>legacy</i>.</p><script>alert(1)</script>",
                "Block legacy.",
            ),
            ("<SCRIPT >a<b</sCript x>after", "after"),
            ("<script>never ends", ""),
            ("a<style>p{}</style>b<!-- <p>no</p> -->c", "abc"),
            (
                "1 < 2 & 3 > 2 &lt;b&gt; &#65;&#x42; &bogus; &#xD800;",
                "1 < 2 & 3 > 2 <b> AB &bogus; &#xD800;",
            ),
            ("<a href=javascript:alert(1)>x</a>", "x"),
            (
                "<a href='http://evil.example/\u{202e}'>x</a>",
                "x (http://evil.example/\u{202e})",
            ),
            ("</a></p><p>   </p><li></li>", ""),
            ("no tags", "no tags"),
            ("<p", "<p"),
        ] {
            assert_eq!(of_html(html), want, "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_text_hurts(html in "(<|>|&|;|/|!|-|a|p|script|li|href=|\"| |é|\\PC){0,60}") {
            let out = of_html(&html);
            prop_assert!(!out.contains("\n\n") && out.len() <= html.len() * 2 + 8);
        }
    }
}
