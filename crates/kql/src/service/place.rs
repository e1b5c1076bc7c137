//! Where the cursor stands: the nodes that are open there, what may follow, and the features
//! that the order of completion is counted by.

use super::Analysis;
use super::rank::Features;
use crate::bind::pipe_is_operator as is_operator;
use crate::syntax::{Id, N, T, Tree};

/// Where the cursor is, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Operator,
    Start,
    Table,
    Value,
    Let,
    Column,
    Plugin,
    Invoke,
    After,
    Nothing,
}

pub fn in_comment(head: &str, t: &Tree, count: usize) -> bool {
    let from = count.checked_sub(1).map_or(0, |i| t.tokens[i].end as usize);
    let gap = head.get(from..).unwrap_or("");
    let line = gap.rsplit(['\n', '\r']).next().unwrap_or("");
    line.contains("//")
}

/// The nodes that the text ends inside of, from the root down.
pub fn open_chain(t: &Tree) -> Vec<Id> {
    let end = t.tokens.len() as u32 - 1;
    let mut out = Vec::new();
    let mut at = 0;
    while (at as usize) < t.nodes.len() {
        out.push(at);
        // what is missing at the end stands behind what is still open
        let kids: Vec<Id> = t.children(at).collect();
        let touches = |c: &Id| t.node(*c).first + t.node(*c).count >= end;
        let full = kids
            .iter()
            .rev()
            .take_while(|c| touches(c))
            .find(|c| t.node(**c).count > 0 && !is_closed(t, **c));
        match full.or_else(|| kids.last().filter(|c| touches(c))) {
            Some(c) => at = *c,
            None => break,
        }
    }
    out
}

/// Whether a bracket of the node's own ends it.
pub fn is_closed(t: &Tree, id: Id) -> bool {
    let n = t.node(id);
    let last = t.token(n.first + n.count - 1).kind;
    matches!(
        t.kind(id),
        N::Paren
            | N::Args
            | N::Call
            | N::Subquery
            | N::RowSchema
            | N::DataTable
            | N::FnBody
            | N::NameRef
            | N::Lit
    ) && (matches!(last, T::CloseParen | T::CloseBracket | T::CloseBrace)
        || matches!(t.kind(id), N::NameRef | N::Lit))
}

pub fn place(t: &Tree, count: usize, chain: &[Id], in_text: bool) -> Place {
    let tok = |back: usize| {
        count
            .checked_sub(back)
            .and_then(|i| t.tokens.get(i))
            .map_or(T::Eof, |x| x.kind)
    };
    let prev = tok(1);
    let has = |k: N| chain.iter().any(|c| t.kind(*c) == k);
    let op = chain
        .iter()
        .rev()
        .find(|c| is_operator(t.kind(**c)))
        .map(|c| t.kind(*c));
    if in_text {
        return Place::Column;
    }
    match prev {
        T::Eof | T::Semicolon | T::OpenBrace | T::Directive => Place::Start,
        T::Bar => Place::Operator,
        T::Dot | T::Let | T::As | T::Colon => Place::Nothing,
        T::Evaluate => Place::Plugin,
        T::Invoke => Place::Invoke,
        T::Equal if has(N::Let) && matches!(tok(3), T::Let) => Place::Let,
        T::Equal => {
            let name = count
                .checked_sub(2)
                .map_or("", |i| t.token_text(t.tokens[i]));
            if matches!(op, Some(N::Union | N::Join))
                && !has(N::On)
                && name != "kind"
                && !name.starts_with("hint")
            {
                Place::Table
            } else {
                Place::Value
            }
        }
        T::Join | T::Lookup | T::Union => Place::Table,
        T::On => Place::Column,
        T::ProjectAway | T::ProjectKeep | T::ProjectReorder | T::Distinct => Place::Column,
        T::OpenParen => match tok(2) {
            T::Join | T::Lookup | T::Union | T::Materialize | T::ToScalar | T::In
                if tok(2) != T::In =>
            {
                Place::Table
            }
            T::Equal => Place::Let,
            _ if matches!(op, Some(N::Join | N::Lookup | N::Union))
                && !has(N::On)
                && !has(N::Args) =>
            {
                Place::Table
            }
            T::Eof | T::Semicolon | T::Bar => Place::Table,
            T::On if has(N::MvApply) => Place::Operator,
            T::Fork => Place::Operator,
            _ if matches!(op, Some(N::Partition)) && !has(N::Args) => Place::Operator,
            _ => Place::Value,
        },
        T::Comma => match op {
            Some(N::Union) if !has(N::Args) => Place::Table,
            Some(N::ProjectAway | N::ProjectKeep | N::ProjectReorder) => Place::Column,
            _ => Place::Value,
        },
        T::Ident | T::CloseParen | T::CloseBracket | T::StringLit | T::LongLit => {
            // after `kind=inner` a table follows; after a whole expression its continuation
            if matches!(op, Some(N::Join | N::Lookup | N::Union))
                && !has(N::On)
                && tok(2) == T::Equal
            {
                Place::Table
            } else if tok(1) == T::CloseParen && has(N::FnParams) {
                Place::Nothing
            } else {
                Place::After
            }
        }
        k if k.is_literal() => {
            if matches!(op, Some(N::Union)) && tok(2) == T::Equal {
                Place::Table
            } else {
                Place::After
            }
        }
        _ => Place::Value,
    }
}

/// What the ranking looks at.
pub(super) fn features(t: &Tree, count: usize, a: &Analysis, chain: &[Id]) -> Features {
    let text = |back: usize| -> &str {
        match count.checked_sub(back).and_then(|i| t.tokens.get(i)) {
            None => "^",
            Some(x) if x.kind == T::StringLit => "<s>",
            Some(x) if x.kind.is_literal() => "<n>",
            Some(x) => t.token_text(*x),
        }
    };
    let op = chain.iter().rev().find(|c| is_operator(t.kind(**c)));
    let op_name = op
        .and_then(|c| t.first_token(*c))
        .map_or("^", |x| t.token_text(x));
    // the operator before this one in the same pipeline
    let pipe = chain.iter().rev().find(|c| t.kind(**c) == N::Pipe);
    let earlier = pipe
        .map(|p| {
            let kids: Vec<Id> = t.children(*p).collect();
            let n = kids.len();
            kids.get(n.wrapping_sub(2))
                .and_then(|c| t.first_token(*c))
                .map_or("^", |x| t.token_text(x))
        })
        .unwrap_or("^");
    let table = a
        .bound
        .facts
        .iter()
        .enumerate()
        .rev()
        .find(|(_, f)| f.mark == crate::bind::Mark::Table)
        .map_or("^", |(i, _)| t.text_of(i as Id));
    let call = chain
        .iter()
        .rev()
        .find(|c| t.kind(**c) == N::Call)
        .and_then(|c| t.child(*c, 0))
        .map_or("^", |n| t.text_of(n));
    Features::new(&[
        ("", "", ""),
        ("a", text(1), ""),
        ("b", text(2), text(1)),
        ("c", text(3), &format!("{} {}", text(2), text(1))),
        ("o", op_name, text(1)),
        ("t", table, text(1)),
        ("u", table, op_name),
        ("p", earlier, text(1)),
        ("f", call, text(1)),
    ])
}
