//! Completion: what can stand at a place, what fits and is near first.
//!
//! The text before the cursor is parsed and bound; the operator it ends in says what can
//! follow. Order comes from counts over public hunts (`data/counts.txt`) and from what the
//! text has used already.

use super::place::{Place, features, in_comment, open_chain, place};
use super::rank::{Features, Model};
use super::{Analysis, analyse, words};
use crate::bind::nearest;
use crate::bind::{Scope, World, pipe_is_operator as is_operator};
use crate::functions::{self, Kind};
use crate::syntax::{CHARTS, Id, N, T, Tree, param_words, params_of};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Something that can be put in.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What is shown, and matched against what is typed.
    pub label: Cow<'static, str>,
    /// `table`, `column`, `function`, `operator`, `variable`, `keyword`, `value`, `parameter`.
    pub kind: &'static str,
    /// What is put in; `$0` is where the cursor goes.
    pub insert: String,
    /// Type, signature or one line of help.
    pub detail: Cow<'static, str>,
    score: f32,
}

/// What is typed of a table's name before the nearest is looked for where no name has it.
const LONG_ENOUGH: usize = 5;
/// Most items given.
const MOST: usize = 1000;

struct Offer<'a> {
    items: Vec<Item>,
    seen: HashMap<Cow<'static, str>, ()>,
    typed: &'a str,
    /// Nothing has it: what is nearest to it is offered.
    mistyped: bool,
    model: &'static Model,
    features: Features,
    used: HashMap<&'a str, u32>,
}

impl Offer<'_> {
    fn add(
        &mut self,
        label: Cow<'static, str>,
        kind: &'static str,
        insert: String,
        detail: Cow<'static, str>,
        base: f32,
    ) {
        let edits = match self.mistyped {
            false => matches(&label, self.typed).then_some(0),
            true => edits(&label, self.typed),
        };
        let Some(edits) = edits.filter(|_| !self.seen.contains_key(&label)) else {
            return;
        };
        let mut score = base + self.model.score(&self.features, &label) - edits as f32;
        if let Some(n) = self.used.get(&*label) {
            score += if kind == "column" || kind == "variable" {
                0.03 + 0.012 * (*n).min(5) as f32
            } else {
                0.004
            };
        }
        if !self.typed.is_empty() && label.starts_with(self.typed) {
            score += 1.0;
        }
        self.seen.insert(label.clone(), ());
        self.items.push(Item {
            label,
            kind,
            insert,
            detail,
            score,
        });
    }
}

/// Whether what is typed may stand for the label.
fn matches(label: &str, typed: &str) -> bool {
    if typed.is_empty() {
        return true;
    }
    let (l, t) = (label.as_bytes(), typed.as_bytes());
    l.windows(t.len()).any(|w| w.eq_ignore_ascii_case(t))
}

/// Edits between what is typed and the beginning of a label, if they are few.
fn edits(label: &str, typed: &str) -> Option<usize> {
    let most = nearest::most_edits(typed);
    let ends = typed.len().saturating_sub(1)..=typed.len() + 1;
    ends.filter_map(|end| nearest::distance(typed, label.get(..end)?, most + 1))
        .min()
}

/// Where the word under the cursor begins.
fn word_start(text: &str, offset: usize) -> usize {
    let b = text.as_bytes();
    let mut at = offset;
    while at > 0 && (b[at - 1].is_ascii_alphanumeric() || b[at - 1] == b'_' || b[at - 1] == b'$') {
        at -= 1;
    }
    // names of operators have dashes
    let mut dashed = at;
    while dashed > 0 && (b[dashed - 1].is_ascii_alphanumeric() || b[dashed - 1] == b'-') {
        dashed -= 1;
    }
    let piped = text[..dashed].trim_end().ends_with('|');
    if dashed < at && piped { dashed } else { at }
}

/// Completions at a byte offset of the text, best first.
pub fn complete(text: &str, offset: usize, world: &World) -> Vec<Item> {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = word_start(text, offset);
    let typed = &text[start..offset];
    let head = &text[..start];
    let a = analyse(head, world);
    let t = &a.parsed.tree;
    let count = t.tokens.len() - 1;
    if in_comment(head, t, count) {
        return Vec::new();
    }
    let last = count.checked_sub(1).map(|i| t.tokens[i]);
    let in_text = last.is_some_and(|l| {
        l.kind == T::StringLit
            && a.parsed
                .diags
                .iter()
                .any(|d| d.start == l.end && d.code.0 == 1)
    });
    let chain = open_chain(t);
    let scope = chain
        .iter()
        .rev()
        .find_map(|n| a.bound.scopes.iter().rev().find(|s| s.node == *n));
    let before = if in_text { count - 1 } else { count };
    let place = place(t, before, &chain, in_text);
    let features = features(t, before, &a, &chain);
    let mut used: HashMap<&str, u32> = HashMap::new();
    for tok in &t.tokens[..before] {
        if tok.kind == T::Ident {
            *used.entry(t.token_text(*tok)).or_default() += 1;
        }
    }
    let mut o = Offer {
        items: Vec::new(),
        seen: HashMap::new(),
        typed,
        mistyped: false,
        model: Model::get(),
        features,
        used,
    };
    if in_text && !(before > 0 && t.tokens[before - 1].kind == T::OpenBracket) {
        values(&mut o, t, before, false);
        return finish(o);
    }
    fill(&mut o, place, &a, &chain, scope, before, world);
    if o.items.is_empty() && typed.len() >= LONG_ENOUGH {
        o.mistyped = true;
        fill(&mut o, place, &a, &chain, scope, before, world);
        o.items.retain(|i| i.kind == "table");
    }
    finish(o)
}

fn finish(mut o: Offer) -> Vec<Item> {
    o.items.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.label.cmp(&b.label))
    });
    o.items.truncate(MOST);
    o.items
}

/// The features at a place, for making the counts.
pub fn training_features(head: &str, world: &World) -> Vec<String> {
    let a = analyse(head, world);
    let t = &a.parsed.tree;
    let chain = open_chain(t);
    features(t, t.tokens.len() - 1, &a, &chain).keys
}

fn fill(
    o: &mut Offer,
    place: Place,
    a: &Analysis,
    chain: &[Id],
    scope: Option<&Scope>,
    count: usize,
    world: &World,
) {
    let t = &a.parsed.tree;
    let op = chain
        .iter()
        .rev()
        .find(|c| is_operator(t.kind(**c)))
        .copied();
    match place {
        Place::Nothing => {
            if count > 0 && t.tokens[count - 1].kind == T::Dot {
                columns(o, a, scope, 0.0);
            } else if count > 0 && t.tokens[count - 1].kind == T::Colon {
                for name in [
                    "string", "long", "int", "datetime", "timespan", "bool", "real", "dynamic",
                    "guid", "decimal",
                ] {
                    o.add(name.into(), "keyword", name.into(), "type".into(), 0.0);
                }
            }
        }
        Place::Operator => list(o, words::OPERATORS, "operator", 0.0),
        Place::Start => {
            locals(o, a, true, 0.01);
            tables(o, world, 0.0);
            list(o, words::STARTS, "operator", 0.0);
            locals(o, a, false, -0.01);
            functions_of(o, Kind::Scalar, -0.02);
            columns(o, a, scope, -0.02);
            list(o, words::SOURCES, "keyword", -0.02);
        }
        Place::Table => {
            locals(o, a, true, 0.02);
            tables(o, world, 0.0);
            if let Some(op) = op {
                params(o, t, op);
            }
            list(o, words::STARTS, "operator", -0.01);
            list(o, words::SOURCES, "keyword", -0.01);
            locals(o, a, false, -0.02);
            columns(o, a, scope, -0.01);
            functions_of(o, Kind::Scalar, -0.03);
        }
        Place::Let => {
            tables(o, world, 0.0);
            locals(o, a, true, 0.0);
            locals(o, a, false, 0.0);
            list(o, words::SOURCES, "keyword", 0.0);
            functions_of(o, Kind::Scalar, 0.0);
            list(o, words::STARTS, "operator", 0.0);
            columns(o, a, scope, 0.0);
        }
        Place::Plugin => {
            functions_of(o, Kind::Plugin, 0.0);
            if let Some(op) = op {
                params(o, t, op);
            }
        }
        Place::Invoke => {
            for f in world.schema.functions() {
                o.add(
                    f.name.to_string().into(),
                    "function",
                    format!("{}($0)", f.name),
                    f.about.to_string().into(),
                    0.1,
                );
            }
            locals(o, a, false, 0.0);
            locals(o, a, true, 0.0);
        }
        Place::Column => {
            columns(o, a, scope, 0.0);
            locals(o, a, false, -0.02);
            functions_of(o, Kind::Scalar, -0.05);
            list(o, words::INFIX, "keyword", -0.05);
        }
        Place::Value | Place::After => {
            if let Some(op) = op {
                if count >= 2 && t.tokens[count - 1].kind == T::Equal {
                    let name = t.token_text(t.tokens[count - 2]);
                    for w in param_words(t.kind(op), name).unwrap_or(&[]) {
                        o.add((*w).into(), "value", (*w).to_owned(), "value".into(), 0.5);
                    }
                }
                if t.kind(op) == N::Render {
                    for c in CHARTS {
                        o.add((*c).into(), "value", (*c).to_owned(), "chart".into(), 0.3);
                    }
                }
                if t.node(op).count <= 1 {
                    params(o, t, op);
                }
            }
            values(o, t, count, true);
            if place == Place::After {
                list(o, words::INFIX, "keyword", 0.05);
                if chain.len() < 4 {
                    list(o, words::OPERATORS, "operator", -0.03);
                }
            }
            columns(o, a, scope, 0.0);
            locals(o, a, false, 0.0);
            let lookup = chain
                .iter()
                .rev()
                .find(|c| t.kind(**c) == N::Call)
                .and_then(|c| t.child(*c, 0))
                .is_some_and(|n| t.text_of(n).ends_with("_lookup"));
            if lookup {
                for l in &a.bound.locals {
                    for (n, ty) in &l.columns {
                        o.add(n.clone().into(), "column", quoted(n), ty.name().into(), 0.0);
                    }
                }
            }
            let aggregates = op.is_some_and(|c| {
                matches!(
                    t.kind(c),
                    N::Summarize | N::MakeSeries | N::TopNested | N::Evaluate
                )
            }) && !chain.iter().any(|c| t.kind(*c) == N::By);
            if aggregates {
                functions_of(o, Kind::Aggregate, 0.01);
            }
            functions_of(o, Kind::Scalar, 0.0);
            locals(o, a, true, -0.005);
            tables(o, world, -0.01);
            list(o, words::SOURCES, "keyword", -0.01);
            if !aggregates {
                list(o, words::INFIX, "keyword", -0.05);
            }
            if op.is_some_and(|c| {
                matches!(
                    t.kind(c),
                    N::Parse | N::ParseWhere | N::Extend | N::Evaluate
                )
            }) {
                // where a new name is made, names that other tables have are likely ones
                for def in world.schema.tables() {
                    for c in def.columns.iter() {
                        o.add(
                            c.name.to_string().into(),
                            "column",
                            quoted(&c.name),
                            "name of a column elsewhere".into(),
                            -0.2,
                        );
                    }
                }
            }
            if op.is_none() {
                functions_of(o, Kind::Aggregate, -0.05);
                list(o, words::STARTS, "operator", -0.02);
            }
        }
    }
}

fn list(o: &mut Offer, words: &'static [words::Word], kind: &'static str, base: f32) {
    for w in words {
        o.add(
            w.name.into(),
            kind,
            w.snippet.to_owned(),
            w.help.into(),
            base,
        );
    }
}
fn tables(o: &mut Offer, world: &World, base: f32) {
    for t in world.schema.tables() {
        let old = if t.replaced_by.is_some() { -0.001 } else { 0.0 };
        o.add(
            t.name.to_string().into(),
            "table",
            quoted(&t.name),
            t.about.to_string().into(),
            base + old,
        );
    }
    for f in world.schema.functions().filter(|f| !f.invoke) {
        o.add(
            f.name.to_string().into(),
            "function",
            format!("{}($0)", f.name),
            f.about.to_string().into(),
            base,
        );
    }
}
fn columns(o: &mut Offer, a: &Analysis, scope: Option<&Scope>, base: f32) {
    let Some(s) = scope else { return };
    for t in [&s.row, &s.right].into_iter().flatten() {
        for (name, ty) in a.bound.columns_of(t) {
            o.add(
                name.to_owned().into(),
                "column",
                quoted(name),
                ty.name().into(),
                base + 0.002,
            );
        }
    }
    if s.right.is_some() {
        for side in ["$left", "$right"] {
            o.add(
                side.into(),
                "keyword",
                format!("{side}."),
                "side of the join".into(),
                base + 0.05,
            );
        }
    }
}
fn locals(o: &mut Offer, a: &Analysis, tabular: bool, base: f32) {
    for l in a.bound.locals.iter().rev() {
        if l.tabular == tabular {
            let (kind, insert) = if l.function {
                ("function", format!("{}($0)", l.name))
            } else {
                ("variable", quoted(&l.name))
            };
            let detail = if l.function {
                l.signature.clone()
            } else {
                l.what.clone()
            };
            o.add(
                l.name.clone().into(),
                kind,
                insert,
                detail.into(),
                base + 0.01,
            );
        }
    }
}
fn functions_of(o: &mut Offer, kind: Kind, base: f32) {
    for f in functions::all().iter() {
        if f.row.kind == kind && !f.row.name.starts_with("__") {
            let old = if f.row.old.is_some() { -0.001 } else { 0.0 };
            o.add(
                f.row.name.into(),
                "function",
                format!("{}($0)", f.row.name),
                f.row.help.into(),
                base + old,
            );
        }
    }
}
fn params(o: &mut Offer, t: &Tree, op: Id) {
    for p in params_of(t.kind(op)) {
        o.add(
            p.name.into(),
            "parameter",
            format!("{}=", p.name),
            "parameter".into(),
            0.0,
        );
    }
}

/// Values that a column is known to take, after a comparison with it.
fn values(o: &mut Offer, t: &Tree, count: usize, quotes: bool) {
    let mut i = count;
    // back over `in ("a", "b", ` to the operator
    while i > 0 && matches!(t.tokens[i - 1].kind, T::StringLit | T::Comma | T::OpenParen) {
        i -= 1;
    }
    let Some(op) = i.checked_sub(1).map(|i| t.tokens[i].kind) else {
        return;
    };
    let compares = matches!(
        op,
        T::EqualEqual
            | T::BangEqual
            | T::EqualTilde
            | T::BangTilde
            | T::In
            | T::InCs
            | T::NotIn
            | T::NotInCs
            | T::Has
            | T::HasAny
    );
    let Some(column) = i
        .checked_sub(2)
        .filter(|_| compares)
        .map(|i| t.token_text(t.tokens[i]))
    else {
        return;
    };
    let list: Vec<&'static str> = match column {
        "ActionType" => action_types(t),
        "Severity" | "AlertSeverity" => vec!["High", "Medium", "Low", "Informational"],
        "DeliveryAction" => vec!["Delivered", "Blocked", "Junked", "Replaced"],
        "EmailDirection" => vec!["Inbound", "Outbound", "Intra-org"],
        "LogonType" => vec![
            "Interactive",
            "Network",
            "RemoteInteractive",
            "Batch",
            "Service",
        ],
        "OnboardingStatus" => vec![
            "Onboarded",
            "Can be onboarded",
            "Unsupported",
            "Insufficient info",
        ],
        _ => return,
    };
    for v in list {
        let insert = if quotes {
            format!("\"{v}\"")
        } else {
            v.to_owned()
        };
        let label = if quotes {
            format!("\"{v}\"").into()
        } else {
            v.into()
        };
        o.add(label, "value", insert, column_note(column), 0.2);
    }
}
fn column_note(column: &str) -> Cow<'static, str> {
    format!("value of {column}").into()
}

/// Action types of the tables the text names; of all tables if it names none.
fn action_types(t: &Tree) -> Vec<&'static str> {
    const DATA: &str = include_str!("../../data/actions.txt");
    let named: Vec<&str> = t
        .tokens
        .iter()
        .filter(|x| x.kind == T::Ident)
        .map(|x| t.token_text(*x))
        .collect();
    let mut out = Vec::new();
    for pass in 0..2 {
        for line in DATA.lines() {
            let mut f = line.split('\t');
            let table = f.next().unwrap_or("");
            if pass == 1 || named.contains(&table) {
                out.extend(f);
            }
        }
        if !out.is_empty() {
            break;
        }
    }
    out
}

/// The name as it has to be written.
fn quoted(name: &str) -> String {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
        && !name.bytes().next().is_none_or(|b| b.is_ascii_digit());
    if plain && crate::syntax::kind::word(name.as_bytes()).is_none_or(crate::syntax::T::can_be_name)
    {
        name.to_owned()
    } else {
        format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}
