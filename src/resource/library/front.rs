//! The head of a kept hunt: comment lines at the top, so that the file stays a query that any tool runs as it is.
//!
//! ```text
//! // ---
//! // title: Who logged on to a device
//! // techniques: T1021, T1078
//! //   (a line that goes on is set in)
//! // ---
//! DeviceLogonEvents …
//! ```
//!
//! A file without a head is a hunt too: its name is its title, the comment it begins with its description.

use crate::model::saved::{About, Mapping, Saved};

const FENCE: &str = "---";

/// What could not be read of a head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadHead {
    pub line: usize,
    pub why: String,
}

/// Reads a file's text. `name` is the title where the head gives none. What is wrong with a head is said; the query
/// is there all the same.
pub fn read(text: &str, name: &str) -> (Saved, Option<BadHead>) {
    let text = text.trim_start_matches('\u{feff}');
    let mut saved = Saved {
        title: name.to_owned(),
        ..Saved::default()
    };
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|l| said(l) == Some(FENCE)) else {
        saved.description = spoken(text);
        saved.text = text.trim_end().to_owned();
        return (saved, None);
    };
    let mut at = first.len();
    let mut rows: Vec<(usize, String, String)> = Vec::new();
    let mut wrong: Option<BadHead> = None;
    let mut closed = false;
    for (n, line) in lines.enumerate() {
        let Some(words) = said(line) else { break };
        at += line.len();
        if words == FENCE {
            closed = true;
            break;
        }
        let goes_on = words.starts_with("  ");
        match (words.split_once(':'), rows.last_mut()) {
            (_, Some((.., value))) if goes_on => {
                value.push(' ');
                value.push_str(words.trim());
            }
            (Some((key, value)), _) if is_key(key.trim()) => {
                let key = key.trim().to_ascii_lowercase();
                rows.push((n + 2, key, value.trim().to_owned()));
            }
            _ if words.trim().is_empty() => {}
            _ => {
                wrong.get_or_insert(BadHead {
                    line: n + 2,
                    why: "a line of the head is `key: value`".to_owned(),
                });
            }
        }
    }
    if !closed {
        wrong = Some(BadHead {
            line: 1,
            why: "the head that begins here does not end; `// ---` closes it".to_owned(),
        });
    }
    for (line, key, value) in rows {
        if let Err(why) = put(&mut saved, &key, &value) {
            wrong.get_or_insert(BadHead { line, why });
        }
    }
    saved.text = text[at..].trim().to_owned();
    (saved, wrong)
}

/// What a comment line says, without its marks and its end; none for a line that is no comment.
fn said(line: &str) -> Option<&str> {
    let words = line.trim_end().strip_prefix("//")?;
    Some(words.strip_prefix(' ').unwrap_or(words))
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 40
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b))
}

/// The comment that a text begins with.
fn spoken(text: &str) -> String {
    let lines = text.lines().map_while(said);
    lines
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

fn put(saved: &mut Saved, key: &str, value: &str) -> Result<(), String> {
    match key {
        "title" if value.is_empty() => return Err("the title is empty".to_owned()),
        "title" => saved.title = value.to_owned(),
        "description" => saved.description = value.to_owned(),
        "tactics" => saved.tactics = list(value),
        "techniques" => saved.techniques = list(value),
        "tables" => saved.tables = list(value),
        "entities" => {
            for word in list(value) {
                match About::parse(&word) {
                    Some(about) => saved.entities.push(about),
                    None => {
                        let all: Vec<&str> = About::ALL.iter().map(|(_, w)| *w).collect();
                        return Err(format!(
                            "`{word}` is no kind of entity; there are {}",
                            all.join(", ")
                        ));
                    }
                }
            }
        }
        "mappings" => {
            for word in list(value) {
                match mapping(&word) {
                    Some(mapping) => saved.mappings.push(mapping),
                    None => return Err(format!("`{word}` is no Entity.Identifier=Column")),
                }
            }
        }
        // it says what the text's own placeholders say
        "parameters" => {}
        _ => saved.other.push((key.to_owned(), value.to_owned())),
    }
    Ok(())
}

fn list(value: &str) -> Vec<String> {
    let words = value
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(',');
    let words = words.map(|w| w.trim().trim_matches(['"', '\'']));
    words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn mapping(word: &str) -> Option<Mapping> {
    let (left, column) = word.split_once('=')?;
    let (entity, identifier) = left.split_once('.')?;
    Some(Mapping {
        entity: entity.trim().to_owned(),
        identifier: identifier.trim().to_owned(),
        column: column.trim().to_owned(),
    })
}

/// The file's text: head and query.
pub fn write(saved: &Saved) -> String {
    let mut out = String::from("// ---\n");
    let mut row = |key: &str, value: &str| {
        // a value is one line, whatever was pasted into it
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            out.push_str(&format!("// {key}: {value}\n"));
        }
    };
    row("title", &saved.title);
    row("description", &saved.description);
    row("tactics", &saved.tactics.join(", "));
    row("techniques", &saved.techniques.join(", "));
    row("tables", &saved.tables.join(", "));
    let entities: Vec<&str> = saved.entities.iter().map(|a| a.word()).collect();
    row("entities", &entities.join(", "));
    row(
        "parameters",
        &super::touches::parameters(&saved.text).join(", "),
    );
    let mappings: Vec<String> = saved
        .mappings
        .iter()
        .map(|m| format!("{}.{}={}", m.entity, m.identifier, m.column))
        .collect();
    row("mappings", &mappings.join(", "));
    for (key, value) in &saved.other {
        row(key, value);
    }
    out.push_str("// ---\n");
    out.push_str(saved.text.trim_end());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}// ---\r\n// title: Logons: all of them\r\n// description: Who logged on,\r\n//   and from where.\r\n\
        // techniques: [T1021, \"T1078\"]\r\n// entities: device, user\r\n// owner: blue team\r\n\
        // mappings: Account.FullName=AccountUpn, Host.HostName=DeviceName\r\n// ---\r\n\r\nDeviceLogonEvents\r\n| take 5\r\n";

    #[test]
    fn a_head_is_read_and_written_again_with_what_is_not_known() {
        let (saved, wrong) = read(FILE, "x");
        assert_eq!(wrong, None);
        assert_eq!(saved.title, "Logons: all of them");
        assert_eq!(saved.description, "Who logged on, and from where.");
        assert_eq!(saved.techniques, ["T1021", "T1078"]);
        assert_eq!(saved.entities, [About::Device, About::User]);
        assert_eq!(saved.other, [("owner".to_owned(), "blue team".to_owned())]);
        assert_eq!(saved.mappings[1].column, "DeviceName");
        assert_eq!(saved.text, "DeviceLogonEvents\r\n| take 5");
        let (again, wrong) = read(&write(&saved), "y");
        assert_eq!((again, wrong), (saved, None));
    }

    #[test]
    fn a_file_without_a_head_is_a_hunt_too() {
        let (saved, wrong) = read(
            "// Logons of a day\n// by device\nDeviceLogonEvents\n",
            "logons",
        );
        assert_eq!(wrong, None);
        assert_eq!(saved.title, "logons");
        assert_eq!(saved.description, "Logons of a day by device");
        assert!(saved.text.starts_with("// Logons"));
    }

    #[test]
    fn what_is_wrong_with_a_head_is_named_with_its_line_and_the_query_stays() {
        for (text, line, words) in [
            ("// ---\n// title: a\nprint 1", 1, "does not end"),
            (
                "// ---\n// title: a\n// nonsense\n// ---\nprint 1",
                3,
                "key: value",
            ),
            (
                "// ---\n// entities: device, plant\n// ---\nprint 1",
                2,
                "`plant`",
            ),
            (
                "// ---\n// mappings: Account=x\n// ---\nprint 1",
                2,
                "Entity.Identifier",
            ),
            ("// ---\n// title:\n// ---\nprint 1", 2, "empty"),
        ] {
            let (saved, wrong) = read(text, "n");
            let wrong = wrong.expect(text);
            assert_eq!(wrong.line, line, "{text}");
            assert!(wrong.why.contains(words), "{wrong}");
            assert_eq!(saved.text, "print 1", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_what_was_written_reads_back_the_same(
            title in "[^\\s]\\PC{0,30}", description in "\\PC{0,60}", text in "[A-Za-z|{} '\\n]{0,60}", junk in "\\PC{0,80}",
        ) {
            let _ = read(&junk, "n");
            let saved = Saved { title, description, text, ..Saved::default() };
            let once = read(&write(&saved), "n");
            proptest::prop_assert_eq!(&once.1, &None);
            proptest::prop_assert_eq!(&read(&write(&once.0), "n"), &once);
        }
    }
}
