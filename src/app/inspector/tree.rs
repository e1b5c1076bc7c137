//! A JSON value as flat nodes in the order of the text: each knows its depth, its parent and where its subtree ends.

use crate::app::doc::{Ink, Row, long, wrap};
use crate::resource::doc::Tone;
use serde_json::Value;
use table::Txt;

/// Subtrees below this depth start folded where they are long.
const SHALLOW: u16 = 2;
/// Nodes of a subtree that is long.
const LONG: usize = 12;

/// One value.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: Name,
    pub inside: Inside,
    pub depth: u16,
    parent: u32,
    /// The node after its subtree.
    end: u32,
    folded: bool,
}

#[derive(Clone, Debug)]
pub enum Name {
    Root(&'static str),
    Key(Box<str>),
    Place(u32),
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Inside {
    Object(u32),
    Array(u32),
    Text(Box<str>),
    /// A number, `true`, `false` or `null`, as JSON writes it.
    Plain(Box<str>),
}

#[derive(Debug, Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
}

impl Tree {
    pub fn new(json: &Value, word: &'static str) -> Self {
        let mut tree = Self::default();
        tree.add(Name::Root(word), json, 0, 0);
        for n in 0..tree.nodes.len() {
            let node = &mut tree.nodes[n];
            node.folded = node.depth >= SHALLOW && node.end as usize - n > LONG;
        }
        tree
    }

    /// The parser refuses what is nested deeper than its limit, so that this may recurse.
    fn add(&mut self, name: Name, value: &Value, depth: u16, parent: u32) {
        let at = self.nodes.len();
        let inside = match value {
            Value::Object(o) => Inside::Object(o.len() as u32),
            Value::Array(a) => Inside::Array(a.len() as u32),
            Value::String(s) => Inside::Text(s.as_str().into()),
            other => Inside::Plain(other.to_string().into()),
        };
        self.nodes.push(Node {
            name,
            inside,
            depth,
            parent,
            end: 0,
            folded: false,
        });
        match value {
            Value::Object(o) => {
                for (key, v) in o {
                    self.add(Name::Key(key.as_str().into()), v, depth + 1, at as u32);
                }
            }
            Value::Array(a) => {
                for (n, v) in a.iter().enumerate() {
                    self.add(Name::Place(n as u32), v, depth + 1, at as u32);
                }
            }
            _ => {}
        }
        self.nodes[at].end = self.nodes.len() as u32;
    }

    /// The value of a node in the tree it was made from.
    pub fn value<'a>(&self, json: &'a Value, node: usize) -> Option<&'a Value> {
        let node = self.nodes.get(node)?;
        match &node.name {
            Name::Root(_) => Some(json),
            Name::Key(key) => self.value(json, node.parent as usize)?.get(&**key),
            Name::Place(n) => self.value(json, node.parent as usize)?.get(*n as usize),
        }
    }

    /// `alerts[0].evidence[3].ipAddress`, safe for the screen.
    pub fn path(&self, node: usize) -> String {
        let Some(n) = self.nodes.get(node) else {
            return String::new();
        };
        match &n.name {
            Name::Root(_) => String::new(),
            Name::Place(i) => format!("{}[{i}]", self.path(n.parent as usize)),
            Name::Key(key) => {
                let before = self.path(n.parent as usize);
                let dot = if before.is_empty() { "" } else { "." };
                format!("{before}{dot}{}", Txt::new(key).shown())
            }
        }
    }

    /// The keys and places that lead to a node.
    pub fn way(&self, node: usize) -> Vec<Value> {
        let mut out = Vec::new();
        let mut at = node;
        while let Some(n) = self.nodes.get(at) {
            match &n.name {
                Name::Root(_) => break,
                Name::Key(key) => out.push(Value::String(key.to_string())),
                Name::Place(place) => out.push((*place).into()),
            }
            at = n.parent as usize;
        }
        out.reverse();
        out
    }

    /// The node of the n-th member of the root.
    pub fn field(&self, place: usize) -> Option<usize> {
        let all = self.nodes.iter().enumerate();
        all.filter(|(_, n)| n.depth == 1).map(|(i, _)| i).nth(place)
    }

    /// Which member of the root a node belongs to.
    pub fn field_of(&self, node: usize) -> Option<usize> {
        let before = self.nodes.get(..=node)?;
        before
            .iter()
            .filter(|n| n.depth == 1)
            .count()
            .checked_sub(1)
    }

    pub fn parent(&self, node: usize) -> Option<usize> {
        let n = self.nodes.get(node)?;
        (!matches!(n.name, Name::Root(_))).then_some(n.parent as usize)
    }

    /// Folds or unfolds a node. False: there is nothing to fold, or it is so already.
    pub fn fold(&mut self, node: usize, fold: bool) -> bool {
        let Some(n) = self.nodes.get_mut(node) else {
            return false;
        };
        let holds = n.end as usize > node + 1;
        let changes = holds && n.folded != fold;
        n.folded = holds && fold;
        changes
    }

    /// Folds everything below the root, or nothing.
    pub fn fold_all(&mut self, fold: bool) {
        for n in 0..self.nodes.len() {
            let node = &mut self.nodes[n];
            node.folded = fold && node.depth > 0 && node.end as usize > n + 1;
        }
    }

    /// Unfolds whatever hides a node. True: something did.
    pub fn reveal(&mut self, node: usize) -> bool {
        let mut any = false;
        let mut at = node;
        while let Some(parent) = self.parent(at) {
            any |= std::mem::take(&mut self.nodes[parent].folded);
            at = parent;
        }
        any
    }

    /// The node itself, or the outermost folded one around it.
    pub fn visible(&self, node: usize) -> Option<usize> {
        let mut out = node;
        let mut at = node;
        while let Some(parent) = self.parent(at) {
            if self.nodes[parent].folded {
                out = parent;
            }
            at = parent;
        }
        (out < self.nodes.len()).then_some(out)
    }

    /// Nodes whose name or value has these words, lower case, in order.
    pub fn hits(&self, words: &str) -> Vec<usize> {
        let has = |text: &str| text.to_lowercase().contains(words);
        let hit = |n: &Node| {
            let name = matches!(&n.name, Name::Key(k) if has(k));
            name || match &n.inside {
                Inside::Text(t) | Inside::Plain(t) => has(t),
                Inside::Object(_) | Inside::Array(_) => false,
            }
        };
        let all = self.nodes.iter().enumerate();
        all.filter(|(_, n)| hit(n)).map(|(i, _)| i).collect()
    }

    /// The nodes that no fold hides, laid out.
    pub fn rows(&self, width: u16) -> Vec<Row> {
        let width = usize::from(width.max(12));
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            node.lay(at, width, &mut out);
            at = if node.folded {
                node.end as usize
            } else {
                at + 1
            };
        }
        out
    }
}

/// A text in JSON's form. What is longer than is ever shown is not escaped for nothing.
fn quoted(text: &str) -> String {
    const MOST: usize = 24 << 10;
    let upto = |text: &str| {
        let ends = (0..=MOST.min(text.len())).rev();
        ends.into_iter()
            .find(|n| text.is_char_boundary(*n))
            .unwrap_or(0)
    };
    let end = upto(text);
    // escapes are longer than what they stand for
    let json = Txt::new(&text[..end]).json();
    let cut = upto(&json);
    let shown = long(Txt::new(&json[..cut]));
    match end < text.len() || cut < json.len() {
        true => format!(
            "{shown} … bytes more, {} in all: copy it to have them",
            text.len()
        ),
        false => shown,
    }
}

impl Node {
    fn lay(&self, line: usize, width: usize, out: &mut Vec<Row>) {
        let indent = (usize::from(self.depth.saturating_sub(1)) * 2).min(width / 2);
        // annotations of the protocol, not data
        let note = matches!(&self.name, Name::Key(k) if k.contains('@'));
        let ink = |ink: Ink| if note { Ink::Tone(Tone::Dim) } else { ink };
        let holds = matches!(self.inside, Inside::Object(n) | Inside::Array(n) if n > 0);
        let mark = match (holds, self.folded) {
            (true, true) => "▸",
            (true, false) => "▾",
            _ => " ",
        };
        let name = match &self.name {
            Name::Root(word) => (*word).into(),
            Name::Key(key) => Txt::new(key).shown().into_owned(),
            Name::Place(n) => format!("{n}"),
        };
        let value = match &self.inside {
            Inside::Object(0) => (Ink::Text, "{}".to_owned()),
            Inside::Array(0) => (Ink::Text, "[]".to_owned()),
            Inside::Object(n) => (Ink::Tone(Tone::Dim), format!("{{{n}}}")),
            Inside::Array(n) => (Ink::Tone(Tone::Dim), format!("[{n}]")),
            // escaped as JSON first; then nothing is left for the screen but piles of marks
            Inside::Text(t) => (Ink::Text, quoted(t)),
            Inside::Plain(t) => (Ink::Tone(Tone::Info), t.to_string()),
        };
        let pieces = [
            (Ink::Name, mark.to_owned()),
            (ink(Ink::Link), name),
            (ink(value.0), value.1),
        ];
        wrap(out, line, indent, 4, width, &pieces);
    }
}
