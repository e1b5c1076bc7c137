//! Detection rules and hunting queries of Sentinel, as YAML: name, description, query, tactics, techniques and entity
//! mappings become a kept hunt. Nothing else of a rule is taken, and nothing of it runs.
//!
//! The files are other people's: anchors are refused (a few of them unfold to gigabytes), depth and size are bounded, and
//! every fault names its line.

use crate::model::saved::{About, Mapping, Saved};
use saphyr_parser::{Event, Parser};

/// A rule larger than this is none.
pub const MOST: usize = 1 << 20;
const DEEP: usize = 32;

/// Why a file is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadRule {
    pub line: usize,
    pub why: String,
}

impl BadRule {
    fn new(line: usize, why: impl Into<String>) -> Self {
        Self {
            line,
            why: why.into(),
        }
    }
}

/// A value with the line it begins on.
#[derive(Debug)]
struct Node {
    line: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Reads one rule.
pub fn read(text: &str) -> Result<Saved, BadRule> {
    if text.len() > MOST {
        return Err(BadRule::new(1, format!("longer than {MOST} bytes")));
    }
    let rule = tree(text.trim_start_matches('\u{feff}'))?;
    let What::Map(_) = rule.what else {
        return Err(BadRule::new(
            rule.line,
            "a rule is a map of `name`, `query` and more",
        ));
    };
    let want = |key: &str| {
        rule.text(key)?
            .filter(|t| !t.trim().is_empty())
            .ok_or_else(|| BadRule::new(rule.line, format!("`{key}` is missing")))
    };
    let query = want("query")?;
    let mut saved = Saved {
        title: one_line(&want("name")?),
        description: one_line(&rule.text("description")?.unwrap_or_default()),
        tactics: rule.texts("tactics")?,
        techniques: rule.texts("relevantTechniques")?,
        tables: super::touches::tables(&query),
        text: query.trim().to_owned(),
        ..Saved::default()
    };
    for (key, ours) in [
        ("id", "rule"),
        ("severity", "severity"),
        ("version", "version"),
    ] {
        if let Some(value) = rule.text(key)?.filter(|v| !v.is_empty()) {
            saved.other.push((ours.to_owned(), one_line(&value)));
        }
    }
    if let Some(mappings) = rule.get("entityMappings")
        && !mappings.is_empty()
    {
        for mapping in mappings.list("entityMappings")? {
            map(mapping, &mut saved)?;
        }
    }
    Ok(saved)
}

fn map(node: &Node, saved: &mut Saved) -> Result<(), BadRule> {
    let entity = node
        .text("entityType")?
        .ok_or_else(|| BadRule::new(node.line, "`entityType` is missing"))?;
    let Some(fields) = node.get("fieldMappings") else {
        return Err(BadRule::new(node.line, "`fieldMappings` is missing"));
    };
    for field in fields.list("fieldMappings")? {
        let word = |key: &str| {
            let missing = || BadRule::new(field.line, format!("`{key}` is missing"));
            field.text(key)?.ok_or_else(missing)
        };
        saved.mappings.push(Mapping {
            entity: entity.clone(),
            identifier: word("identifier")?,
            column: word("columnName")?,
        });
    }
    if let Some(about) = about(&entity)
        && !saved.entities.contains(&about)
        && saved.text.contains("{{")
    {
        saved.entities.push(about);
    }
    Ok(())
}

/// What Sentinel's word for a kind of entity is here.
fn about(entity: &str) -> Option<About> {
    Some(match entity {
        "Account" => About::User,
        "Host" => About::Device,
        "IP" => About::Ip,
        "URL" => About::Url,
        "DNS" => About::Domain,
        "File" | "FileHash" => About::File,
        "MailMessage" => About::Message,
        "Mailbox" => About::Mailbox,
        _ => return None,
    })
}

fn one_line(text: &str) -> String {
    // descriptions come in quotes within a block, and over several lines
    let text = text.trim().trim_matches(['\'', '"']);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Node {
    fn get(&self, key: &str) -> Option<&Node> {
        let What::Map(pairs) = &self.what else {
            return None;
        };
        let is = |node: &Node| matches!(&node.what, What::Text(t) if t == key);
        pairs.iter().find(|(k, _)| is(k)).map(|(_, v)| v)
    }

    fn is_empty(&self) -> bool {
        matches!(&self.what, What::Text(t) if t.is_empty() || t == "null" || t == "~")
    }

    fn text(&self, key: &str) -> Result<Option<String>, BadRule> {
        match self.get(key) {
            None => Ok(None),
            Some(Node {
                what: What::Text(t),
                ..
            }) => Ok(Some(t.clone())),
            Some(other) => Err(BadRule::new(other.line, format!("`{key}` is to be text"))),
        }
    }

    fn list(&self, key: &str) -> Result<&[Node], BadRule> {
        match &self.what {
            What::List(items) => Ok(items),
            _ => Err(BadRule::new(self.line, format!("`{key}` is to be a list"))),
        }
    }

    /// A list of words; one word alone is a list too, and null is none.
    fn texts(&self, key: &str) -> Result<Vec<String>, BadRule> {
        let Some(node) = self.get(key).filter(|n| !n.is_empty()) else {
            return Ok(Vec::new());
        };
        if let What::Text(word) = &node.what {
            return Ok(vec![word.clone()]);
        }
        node.list(key)?
            .iter()
            .map(|n| match &n.what {
                What::Text(t) => Ok(t.clone()),
                _ => Err(BadRule::new(
                    n.line,
                    format!("`{key}` is to be a list of words"),
                )),
            })
            .collect()
    }
}

/// The first document of a text.
fn tree(text: &str) -> Result<Node, BadRule> {
    // containers that are open; of a map, the key that waits for its value
    let mut open: Vec<(Node, Option<Node>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| BadRule::new(e.marker().line(), e.info()))?;
        let line = span.start.line();
        let done = match event {
            Event::Alias(_) => {
                return Err(BadRule::new(line, "references (`*name`) are not read"));
            }
            Event::Scalar(text, ..) => Node {
                line,
                what: What::Text(text.into_owned()),
            },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= DEEP {
                    return Err(BadRule::new(line, "nested too deeply"));
                }
                let what = match event {
                    Event::SequenceStart(..) => What::List(Vec::new()),
                    _ => What::Map(Vec::new()),
                };
                open.push((Node { line, what }, None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some((node, _)) => node,
                None => continue,
            },
            _ => continue,
        };
        let Some((parent, key)) = open.last_mut() else {
            return Ok(done);
        };
        match &mut parent.what {
            What::List(items) => items.push(done),
            What::Map(pairs) => match key.take() {
                Some(key) => pairs.push((key, done)),
                None => *key = Some(done),
            },
            What::Text(_) => {}
        }
    }
    Err(BadRule::new(1, "there is nothing in it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::library::front;

    const RULE: &str = "id: 3f0c0b0e-0000-4000-8000-000000000001
name: Logon by a rarely seen account
description: |
  'Accounts that logged on
  for the first time.'
severity: Medium
requiredDataConnectors:
  - connectorId: MicrosoftThreatProtection
    dataTypes:
      - DeviceLogonEvents
queryFrequency: 1d
tactics:
  - InitialAccess
relevantTechniques: [T1078, 'T1021.001']
query: |
  // all of them
  DeviceLogonEvents
  | where ActionType == 'LogonSuccess'
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: AccountUpn
  - entityType: Host
    fieldMappings:
      - identifier: HostName
        columnName: DeviceName
version: 1.0.2
kind: Scheduled
";

    #[test]
    fn a_rule_becomes_a_hunt_and_stays_one_when_it_is_kept() {
        let saved = read(RULE).unwrap();
        assert_eq!(saved.title, "Logon by a rarely seen account");
        assert_eq!(
            saved.description,
            "Accounts that logged on for the first time."
        );
        assert_eq!(saved.tactics, ["InitialAccess"]);
        assert_eq!(saved.techniques, ["T1078", "T1021.001"]);
        assert_eq!(saved.tables, ["DeviceLogonEvents"]);
        assert_eq!(saved.mappings.len(), 2);
        assert!(saved.text.starts_with("// all of them\nDeviceLogonEvents"));
        assert_eq!(front::read(&front::write(&saved), "n"), (saved, None));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, words) in [
            ("", 1, "nothing"),
            ("- a\n- b", 1, "a map"),
            ("name: x\n", 1, "`query` is missing"),
            ("query: T\n", 1, "`name` is missing"),
            ("name: x\nquery:\n  - a\n", 3, "`query` is to be text"),
            (
                "name: x\nquery: T\ntactics:\n  a: b\n",
                4,
                "`tactics` is to be a list",
            ),
            (
                "name: x\nquery: T\nentityMappings:\n  - fieldMappings: []\n",
                4,
                "`entityType`",
            ),
            (
                "name: x\nquery: T\nentityMappings:\n  - entityType: IP\n    fieldMappings:\n      - columnName: a\n",
                6,
                "`identifier`",
            ),
            ("name: &a x\nquery: *a\n", 2, "references"),
            ("name: x\nquery: 'T\n", 2, ""),
            ("name: x\n\tquery: T\n", 2, ""),
        ] {
            let bad = read(text).expect_err(text);
            assert!(bad.why.contains(words), "{text:?}: {bad}");
            assert!(bad.line.abs_diff(line) <= 1, "{text:?}: {bad}, not {line}");
        }
        let deep = "[".repeat(5000);
        assert!(read(&deep).is_err());
        assert!(
            read(&"a".repeat(MOST + 1))
                .unwrap_err()
                .why
                .contains("longer")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(name: |query: |- |  |\\[|\\{|&a |\\*a|'|\"|\\||\\n|\\PC){0,40}") {
            let _ = read(&text);
        }
    }
}
