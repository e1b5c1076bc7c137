//! What a name is: type, description, signature with the parameter the cursor is in; where
//! it is declared, where it is used, and what to change to give it another name.

use super::{Analysis, words};
use crate::bind::{Mark, World};
use crate::functions::{self, Kind};
use crate::syntax::{Id, N, T, Tree};

/// What there is to say about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// First byte of what it is about.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// The name with its type or signature.
    pub title: String,
    /// What it is or does; may be empty.
    pub text: String,
    /// How it is written; may be empty.
    pub example: String,
    /// For a call: which parameter the cursor is in, and its place in `title`.
    pub parameter: Option<(usize, usize)>,
}

fn token_at(t: &Tree, offset: usize) -> Option<u32> {
    let at = offset as u32;
    let i = t.tokens.partition_point(|x| x.end <= at);
    // at the end of a word the word is meant
    let inside = |i: usize| {
        t.tokens
            .get(i)
            .is_some_and(|x| x.start <= at && at <= x.end && x.kind != T::Eof)
    };
    if i > 0 && inside(i - 1) && !inside(i) {
        return Some(i as u32 - 1);
    }
    inside(i).then_some(i as u32)
}

/// What is at a byte offset.
pub fn hover(a: &Analysis, offset: usize, world: &World) -> Option<Hover> {
    let t = &a.parsed.tree;
    let token = token_at(t, offset)?;
    let path = t.path_to_token(token);
    let node = *path.last()?;
    let tok = t.token(token);
    let said = |title: String, text: &str, example: &str| {
        Some(Hover {
            start: tok.start,
            end: tok.end,
            title,
            text: text.into(),
            example: example.into(),
            parameter: None,
        })
    };
    let fact = a
        .bound
        .facts
        .get(node as usize)
        .copied()
        .unwrap_or_default();
    let name = crate::bind::env::name_text(t, node).into_owned();
    match (t.kind(node), fact.mark) {
        (N::NameRef | N::NameDecl, Mark::Column) => {
            let ty = fact.ty.map_or("unknown", |t| t.name());
            return said(format!("{name}: {ty}"), column_help(&name), "");
        }
        (N::NameRef, Mark::Table) => {
            let def = world.schema.table(&name);
            let about = def.map_or("", |d| &*d.about);
            let old = def
                .and_then(|d| d.replaced_by.as_ref())
                .map(|r| format!(" Use {r} instead."))
                .unwrap_or_default();
            let count = def.map_or(0, |d| d.columns.len());
            return said(
                format!("{name}: table of {count} columns"),
                &format!("{about}{old}"),
                "",
            );
        }
        (N::NameRef | N::NameDecl, Mark::Variable | Mark::Parameter) => {
            let decl = declaration(a, node)?;
            let l = a.bound.locals.iter().find(|l| l.decl == decl);
            let what = l.map_or("", |l| &l.what);
            return said(format!("{name}: {what}"), "", "");
        }
        (N::NameRef | N::NameDecl, Mark::Function) => {
            if let Some(f) = function(&name) {
                return said(signature(f).0, f.row.help, f.row.example);
            }
            if let Some(s) = world.schema.function(&name) {
                return said(format!("{name}(…)"), &s.about, "");
            }
            let l = a
                .bound
                .locals
                .iter()
                .find(|l| l.name == name && l.function)?;
            return said(
                format!("{name}{}", l.signature),
                "a function of this text",
                "",
            );
        }
        _ => {}
    }
    if tok.kind.is_word() {
        let text = t.token_text(tok);
        let all = [
            words::OPERATORS,
            words::STARTS,
            words::SOURCES,
            words::INFIX,
        ];
        if let Some(w) = all.iter().flat_map(|l| l.iter()).find(|w| w.name == text) {
            return said(w.name.to_owned(), w.help, &w.snippet.replace("$0", "…"));
        }
    }
    call_around(a, offset)
}

/// The call whose arguments the cursor is in, with the current parameter.
pub fn call_around(a: &Analysis, offset: usize) -> Option<Hover> {
    let t = &a.parsed.tree;
    let at = offset as u32;
    let token = t
        .tokens
        .partition_point(|x| x.end < at)
        .min(t.tokens.len().saturating_sub(1)) as u32;
    let args = t
        .path_to_token(token)
        .into_iter()
        .rev()
        .find(|n| t.kind(*n) == N::Args && t.first_token(*n).is_some_and(|f| f.end <= at))?;
    let call = args.checked_sub(2).filter(|c| t.kind(*c) == N::Call)?;
    let name_node = t.child(call, 0)?;
    let f = function(t.text_of(name_node))?;
    let n = t.node(args);
    let index = (n.first..n.first + n.count)
        .filter(|i| t.token(*i).kind == T::Comma && t.token(*i).end <= at)
        .filter(|i| {
            t.children(args)
                .all(|c| !(t.node(c).first..t.node(c).first + t.node(c).count).contains(i))
        })
        .count();
    let (title, spans) = signature(f);
    let parameter = spans.get(index.min(spans.len().saturating_sub(1))).copied();
    let (start, end) = t.span(name_node);
    Some(Hover {
        start,
        end,
        title,
        text: f.row.help.into(),
        example: f.row.example.into(),
        parameter,
    })
}

fn function(name: &str) -> Option<&'static functions::Function> {
    let all = functions::all();
    all.aggregate(name)
        .or_else(|| all.scalar(name))
        .or_else(|| all.plugin(name))
}

/// The longest signature as people read it, with the bytes of each parameter.
fn signature(f: &functions::Function) -> (String, Vec<(usize, usize)>) {
    let mut out = format!("{}(", f.row.name);
    let mut spans = Vec::new();
    if let Some(s) = f.signatures.iter().max_by_key(|s| s.params.len()) {
        for (i, p) in s.params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            let from = out.len();
            out.push_str(if p.min == 0 { "[" } else { "" });
            out.push_str(p.name);
            out.push_str(if p.max > 1 { ", …" } else { "" });
            out.push_str(if p.min == 0 { "]" } else { "" });
            spans.push((from, out.len()));
        }
    }
    out.push(')');
    out.push_str(match f.row.kind {
        Kind::Aggregate => " · aggregate",
        Kind::Plugin => " · plug-in",
        _ => "",
    });
    if let Some(old) = f.row.old.filter(|o| !o.is_empty()) {
        out.push_str(&format!(" · old name, use {old}"));
    }
    (out, spans)
}

/// What the columns of a name hold, in one line; empty where nobody said.
pub fn column_help(name: &str) -> &'static str {
    const DATA: &str = include_str!("../../data/columns.txt");
    DATA.lines()
        .find_map(|l| l.split_once('\t').filter(|(n, _)| *n == name))
        .map_or("", |(_, t)| t)
}

/// The node that declares the name at a node.
fn declaration(a: &Analysis, node: Id) -> Option<Id> {
    if a.parsed.tree.kind(node) == N::NameDecl && a.bound.locals.iter().any(|l| l.decl == node) {
        return Some(node);
    }
    a.bound
        .uses
        .iter()
        .find(|(u, _)| *u == node)
        .map(|(_, d)| *d)
}

fn node_at(a: &Analysis, offset: usize) -> Option<Id> {
    a.parsed
        .tree
        .path_to_token(token_at(&a.parsed.tree, offset)?)
        .last()
        .copied()
}

/// Bytes of the declaration of the name at an offset.
pub fn definition(a: &Analysis, offset: usize) -> Option<(u32, u32)> {
    let d = declaration(a, node_at(a, offset)?)?;
    Some(a.parsed.tree.span(d))
}

/// Bytes of every use of the name at an offset, its declaration among them, in order.
pub fn references(a: &Analysis, offset: usize) -> Vec<(u32, u32)> {
    let Some(d) = node_at(a, offset).and_then(|n| declaration(a, n)) else {
        return Vec::new();
    };
    let mut out: Vec<(u32, u32)> = a
        .bound
        .uses
        .iter()
        .filter(|(_, x)| *x == d)
        .map(|(u, _)| a.parsed.tree.span(*u))
        .collect();
    out.push(a.parsed.tree.span(d));
    out.sort_unstable();
    out.dedup();
    out
}

/// The text with the name at an offset changed everywhere; none if it is no declared name
/// or the new one cannot be a name.
pub fn rename(a: &Analysis, offset: usize, new: &str) -> Option<String> {
    let plain = !new.is_empty()
        && new.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !new.as_bytes()[0].is_ascii_digit()
        && crate::syntax::kind::word(new.as_bytes()).is_none_or(T::can_be_name);
    let places = references(a, offset);
    if !plain || places.is_empty() {
        return None;
    }
    let text = &a.parsed.tree.text;
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for (s, e) in places {
        out.push_str(text.get(at..s as usize)?);
        out.push_str(new);
        at = e as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
