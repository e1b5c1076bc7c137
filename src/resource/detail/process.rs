//! The process tree of an alert, from its process evidence: parents by process id and creation time, cycles cut.

use super::evidence::Evidence;
use super::parts::verdict_tone;
use crate::model::{EntityRef, Json, Ticks};
use crate::resource::doc::{Doc, Form, Tone, Value};
use table::Text;

/// Deeper trees are drawn flat from here: a chain this long is an artefact.
const DEPTH: u8 = 24;

struct Node {
    pid: Option<i64>,
    at: Option<Ticks>,
    parent: Option<i64>,
    name: Option<Text>,
    line: Option<Text>,
    account: Option<Text>,
    verdict: Option<String>,
    device: Option<Text>,
    target: Option<EntityRef>,
    /// Known only as somebody's parent.
    implied: bool,
}

/// Adds the tree; nothing if the alert has no process evidence.
pub fn tree(doc: &mut Doc, alert: Json<'_>) {
    let mut nodes: Vec<Node> = Vec::new();
    for e in Evidence::of(alert).filter(|e| e.json.odata_type() == Some("processEvidence")) {
        let j = e.json;
        let node = Node {
            pid: j.int("processId"),
            at: j.time("processCreationDateTime"),
            parent: j.int("parentProcessId"),
            name: j.path("imageFile/fileName").as_text(),
            line: j.text("processCommandLine"),
            account: j.path("userAccount/accountName").as_text(),
            verdict: j.str("verdict").map(str::to_owned),
            device: j.text("mdeDeviceId"),
            target: e.entity(),
            implied: false,
        };
        let twin = nodes.iter().any(|n| {
            n.pid.is_some()
                && n.pid == node.pid
                && n.at == node.at
                && n.device == node.device
                && !n.implied
        });
        if !twin {
            nodes.push(node);
        }
    }
    if nodes.is_empty() {
        return;
    }
    // a parent that has no evidence of its own is still named by its child
    for e in Evidence::of(alert).filter(|e| e.json.odata_type() == Some("processEvidence")) {
        let j = e.json;
        let (Some(pid), Some(name)) = (
            j.int("parentProcessId"),
            j.path("parentProcessImageFile/fileName").as_text(),
        ) else {
            continue;
        };
        let device = j.text("mdeDeviceId");
        if !nodes
            .iter()
            .any(|n| n.pid == Some(pid) && n.device == device)
        {
            nodes.push(Node {
                pid: Some(pid),
                at: j.time("parentProcessCreationDateTime"),
                parent: None,
                name: Some(name),
                line: None,
                account: None,
                verdict: None,
                device,
                target: None,
                implied: true,
            });
        }
    }
    let parent_of = |n: &Node| -> Option<usize> {
        let pid = n.parent?;
        // ids are reused: of several, the newest that is not younger than the child
        nodes
            .iter()
            .enumerate()
            .filter(|(_, p)| p.pid == Some(pid) && p.device == n.device && !std::ptr::eq(*p, n))
            .filter(|(_, p)| p.at.is_none() || n.at.is_none() || p.at <= n.at)
            .max_by_key(|(_, p)| p.at)
            .map(|(i, _)| i)
    };
    let parents: Vec<Option<usize>> = nodes.iter().map(parent_of).collect();
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&i| (nodes[i].at, nodes[i].pid));
    doc.head("Process tree", Some(nodes.len()));
    let mut drawn = vec![false; nodes.len()];
    // roots first, then whatever a cycle kept from being reached
    for &i in &order {
        if parents[i].is_none() {
            draw(doc, &nodes, &parents, &order, i, &mut drawn);
        }
    }
    for &i in &order {
        if !drawn[i] {
            draw(doc, &nodes, &parents, &order, i, &mut drawn);
        }
    }
}

fn draw(
    doc: &mut Doc,
    nodes: &[Node],
    parents: &[Option<usize>],
    order: &[usize],
    root: usize,
    drawn: &mut [bool],
) {
    let mut stack = vec![(root, 0u8)];
    while let Some((i, depth)) = stack.pop() {
        if std::mem::replace(&mut drawn[i], true) {
            continue;
        }
        let n = &nodes[i];
        let mut values = Vec::new();
        match &n.name {
            Some(name) => values.push(Value::Text(name.clone())),
            None => values.push(Value::Own("process".into())),
        }
        if let Some(pid) = n.pid {
            values.push(Value::Word(Tone::Dim, format!("({pid})")));
        }
        if n.implied {
            values.push(Value::Word(Tone::Dim, "known as a parent only".into()));
        }
        if let Some(v) = n
            .verdict
            .as_deref()
            .filter(|v| !v.eq_ignore_ascii_case("unknown"))
        {
            values.push(Value::Word(
                verdict_tone(v),
                Text::from(v).txt().shown().into_owned(),
            ));
        }
        if let Some(account) = &n.account {
            values.push(Value::Word(Tone::Dim, "by".into()));
            values.push(Value::Text(account.clone()));
        }
        if let Some(at) = n.at {
            values.push(Value::Time(at));
        }
        let line = doc.push(depth, Form::Node(values));
        line.target = n.target.clone();
        if let Some(text) = &n.line {
            doc.push(depth + 1, Form::Prose(text.clone()));
        }
        for &c in order.iter().rev() {
            if parents[c] == Some(i) && !drawn[c] {
                stack.push((c, (depth + 1).min(DEPTH)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn process(pid: i64, parent: i64, name: &str, at: &str) -> serde_json::Value {
        json!({"@odata.type": "#microsoft.graph.security.processEvidence", "processId": pid, "parentProcessId": parent, "imageFile": {"fileName": name}, "processCreationDateTime": at,
            "parentProcessImageFile": {"fileName": format!("parent-of-{name}")}})
    }

    fn shape(evidence: Vec<serde_json::Value>) -> Vec<(u8, String)> {
        let alert = json!({"evidence": evidence});
        let mut doc = Doc::default();
        tree(&mut doc, Json(&alert));
        doc.lines
            .iter()
            .filter_map(|l| match &l.form {
                Form::Node(v) => match &v[0] {
                    Value::Text(t) => Some((l.indent, t.txt().exact().to_owned())),
                    _ => Some((l.indent, "?".into())),
                },
                _ => None,
            })
            .collect()
    }

    #[test]
    fn children_stand_below_their_parents() {
        let got = shape(vec![
            process(3, 2, "c.exe", "2026-08-01T00:00:03Z"),
            process(2, 1, "b.exe", "2026-08-01T00:00:02Z"),
        ]);
        let got: Vec<(u8, &str)> = got.iter().map(|(d, n)| (*d, n.as_str())).collect();
        assert_eq!(got, [(0, "parent-of-b.exe"), (1, "b.exe"), (2, "c.exe")]);
    }

    #[test]
    fn a_cycle_is_drawn_once_and_ends() {
        let got = shape(vec![
            process(1, 2, "a", "2026-08-01T00:00:00Z"),
            process(2, 1, "b", "2026-08-01T00:00:00Z"),
        ]);
        assert_eq!(got.len(), 2);
    }

    #[test]
    fn a_reused_id_belongs_to_the_process_that_was_there_before() {
        let got = shape(vec![
            process(7, 1, "old", "2026-08-01T00:00:01Z"),
            process(7, 1, "new", "2026-08-01T00:00:09Z"),
            process(8, 7, "child", "2026-08-01T00:00:05Z"),
        ]);
        let at = |n: &str| got.iter().position(|(_, x)| x == n).unwrap();
        assert_eq!(at("child"), at("old") + 1);
    }
}
