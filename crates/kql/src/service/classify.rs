//! Colours: what each piece of a text is.

use super::Analysis;
use super::parents::Parents;
use crate::bind::{Mark, pipe_is_operator as is_operator};
use crate::syntax::lexer::is_line_break;
use crate::syntax::{Id, N, T, Tree};
use serde::Serialize;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum Colour {
    Comment,
    Punctuation,
    Directive,
    Literal,
    StringLiteral,
    Type,
    Column,
    Table,
    Database,
    Function,
    Parameter,
    Variable,
    Identifier,
    ClientParameter,
    QueryParameter,
    ScalarOperator,
    MathOperator,
    QueryOperator,
    Command,
    Keyword,
    MaterializedView,
    SchemaMember,
    SignatureParameter,
    Option,
}

/// A piece of text and its colour; `start` and `end` are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub colour: Colour,
}

/// The colours of a text, in order, neighbours of one colour joined.
pub fn classify(a: &Analysis) -> Vec<Piece> {
    let tree = &a.parsed.tree;
    let parents = Parents::of(tree);
    let mut out: Vec<Piece> = Vec::with_capacity(tree.tokens.len());
    let mut at = 0u32;
    let mut push = |start: u32, end: u32, colour: Colour| {
        if start == end {
            return;
        }
        if let Some(last) = out.last_mut()
            && last.end == start
            && last.colour == colour
        {
            last.end = end;
            return;
        }
        out.push(Piece { start, end, colour });
    };
    for (i, tok) in tree.tokens.iter().enumerate() {
        comments(&tree.text, at, tok.start, &mut push);
        at = tok.end;
        if tok.kind == T::Eof {
            break;
        }
        let owner = parents.owner[i];
        let text = tree.token_text(*tok);
        // `datetime(…)`: the word and the value
        if tok.kind.is_literal()
            && tok.kind != T::StringLit
            && let Some(open) = text.find('(')
            && open > 0
            && tree.kind(owner) != N::Skipped
        {
            push(tok.start, tok.start + open as u32, Colour::Keyword);
            push(tok.start + open as u32, tok.end, Colour::Literal);
            continue;
        }
        if let Some(c) = colour(a, tree, &parents, i as u32, owner) {
            push(tok.start, tok.end, c);
        }
    }
    out
}

fn comments(text: &str, from: u32, to: u32, push: &mut impl FnMut(u32, u32, Colour)) {
    let Some(gap) = text.get(from as usize..to as usize) else {
        return;
    };
    let mut rest = 0;
    while let Some(i) = gap[rest..].find("//") {
        let start = rest + i;
        let end = gap[start..]
            .find(is_line_break)
            .map_or(gap.len(), |e| start + e);
        push(from + start as u32, from + end as u32, Colour::Comment);
        rest = end;
    }
}

fn colour(a: &Analysis, tree: &Tree, parents: &Parents, token: u32, owner: Id) -> Option<Colour> {
    let kind = tree.token(token).kind;
    let node = tree.kind(owner);
    if node == N::Skipped {
        return None;
    }
    let name = matches!(
        node,
        N::NameRef | N::NameDecl | N::WildName | N::BracketWildName | N::BadOp
    );
    if node == N::NameRef && tree.head(owner) == T::OpenBrace {
        return Some(Colour::ClientParameter);
    }
    let named = |n: Id| tree.node(n).first == token || tree.node(n).count == 1;
    if kind == T::StringLit {
        return Some(Colour::StringLiteral);
    }
    if kind.is_literal() {
        return Some(Colour::Literal);
    }
    if kind == T::Directive {
        return Some(Colour::Directive);
    }
    if kind == T::Bad {
        return None;
    }
    if matches!(node, N::WildName | N::BracketWildName)
        && !matches!(kind, T::OpenBracket | T::CloseBracket)
    {
        return Some(name_colour(a, tree, parents, owner));
    }
    let parent = parents.parent[owner as usize];
    if node == N::NameDecl
        && tree.kind(parent) == N::Param
        && owner == parent + 1
        && !kind.is_punctuation()
    {
        return Some(Colour::QueryParameter);
    }
    if kind == T::Ident || (kind.is_word() && name && named(owner)) {
        if node == N::TokenLit {
            return Some(match name_colour(a, tree, parents, owner) {
                Colour::Identifier => Colour::Keyword,
                c => c,
            });
        }
        return Some(name_colour(a, tree, parents, owner));
    }
    if kind.is_word() {
        let first = tree.node(owner).first == token;
        return Some(match node {
            N::Type => Colour::Type,
            N::StrOp | N::And | N::Or => Colour::ScalarOperator,
            k if (is_operator(k) || k == N::TopNestedClause) && first => Colour::QueryOperator,
            _ => Colour::Keyword,
        });
    }
    Some(match kind {
        T::OpenParen
        | T::CloseParen
        | T::OpenBracket
        | T::CloseBracket
        | T::OpenBrace
        | T::CloseBrace
        | T::Bar
        | T::Comma
        | T::Semicolon
        | T::Colon
        | T::Dot
        | T::DotDot
        | T::At
        | T::Question
        | T::FatArrow
        | T::Equal
        | T::LessBar => Colour::Punctuation,
        _ => Colour::MathOperator,
    })
}

/// The colour of a name: its own, or that of the nearest call around it.
fn name_colour(a: &Analysis, tree: &Tree, parents: &Parents, node: Id) -> Colour {
    let mut at = node;
    loop {
        let fact = a.bound.facts.get(at as usize).copied().unwrap_or_default();
        match (tree.kind(at), fact.mark) {
            (_, Mark::Column) => return Colour::Column,
            (_, Mark::Table) => return Colour::Table,
            (_, Mark::Database) => return Colour::Database,
            (_, Mark::Function) => return Colour::Function,
            (_, Mark::Variable) => return Colour::Variable,
            (_, Mark::Parameter) => return Colour::Parameter,
            (_, Mark::Option) => return Colour::Option,
            (N::Call, Mark::None) => {
                if let Some(n) = tree.child(at, 0)
                    && a.bound
                        .facts
                        .get(n as usize)
                        .is_some_and(|f| f.mark == Mark::Function)
                {
                    return Colour::Function;
                }
            }
            (
                N::StrOp
                | N::Mul
                | N::Add
                | N::Rel
                | N::Eq
                | N::And
                | N::Or
                | N::In
                | N::HasAny
                | N::Between
                | N::Unary,
                _,
            ) => {
                return Colour::Identifier;
            }
            _ => {}
        }
        if at == 0 {
            return Colour::Identifier;
        }
        at = parents.parent[at as usize];
    }
}
