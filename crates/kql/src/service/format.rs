//! A tidy form of a query: one operator a line, four blanks inside brackets that are too
//! long for a line, single blanks elsewhere.
//!
//! Only the blanks between tokens change. The tokens and comments stay as they are and in
//! their order, so the meaning does; a text that does not parse is given back unchanged.

use super::parents::Parents;
use crate::syntax::lexer::{Token, is_line_break};
use crate::syntax::{Id, N, T, Tree, lex, parse};

/// Lines are broken inside brackets beyond this many characters.
const WIDTH: usize = 110;

/// The tidy form of a text.
pub fn format(text: &str) -> String {
    let p = parse(text);
    if !p.diags.is_empty() {
        return text.to_owned();
    }
    let out = write(&p.tree);
    // the promise is checked, not believed
    if same_tokens(text, &p.tree.tokens, &out) {
        out
    } else {
        text.to_owned()
    }
}

fn same_tokens(old_text: &str, old: &[Token], new_text: &str) -> bool {
    let mut diags = Vec::new();
    let new = lex(new_text, &mut diags);
    old.len() == new.len()
        && old.iter().zip(&new).all(|(a, b)| {
            a.kind == b.kind
                && old_text.get(a.start as usize..a.end as usize)
                    == new_text.get(b.start as usize..b.end as usize)
        })
}

struct Writer<'a> {
    tree: &'a Tree,
    parents: Parents,
    /// For each token: the bracket it opens is written over several lines.
    broken: Vec<bool>,
    /// Running sum of the tokens' lengths, with a blank each.
    width: Vec<usize>,
    /// For an opening bracket its closing one, and the other way round.
    pair: Vec<usize>,
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Blank,
    Line,
    Empty,
}

fn write(tree: &Tree) -> String {
    let n = tree.tokens.len();
    let mut w = Writer {
        tree,
        parents: Parents::of(tree),
        broken: vec![false; n],
        width: Vec::new(),
        pair: vec![usize::MAX; n],
    };
    w.match_brackets();
    w.break_brackets();
    w.run()
}

impl Writer<'_> {
    fn kind(&self, i: usize) -> T {
        self.tree.tokens[i].kind
    }
    fn owner(&self, i: usize) -> Id {
        self.parents.owner[i]
    }

    fn match_brackets(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for i in 0..self.tree.tokens.len() {
            match self.kind(i) {
                T::OpenParen | T::OpenBracket | T::OpenBrace => open.push(i),
                T::CloseParen | T::CloseBracket | T::CloseBrace => {
                    if let Some(o) = open.pop() {
                        self.pair[o] = i;
                        self.pair[i] = o;
                    }
                }
                _ => {}
            }
        }
    }

    /// Brackets are broken that hold a pipe, a comment or a statement, or that are too long.
    fn break_brackets(&mut self) {
        let n = self.tree.tokens.len();
        // running sums make each bracket's question cheap
        let mut width = vec![0usize; n + 1];
        let mut hard = vec![0usize; n + 1];
        for i in 0..n {
            let t = self.tree.tokens[i];
            let text = self.tree.token_text(t);
            let from = if i == 0 {
                0
            } else {
                self.tree.tokens[i - 1].end
            };
            let comment = self
                .tree
                .text
                .get(from as usize..t.start as usize)
                .is_some_and(|g| g.contains("//"));
            width[i + 1] = width[i] + text.len() + 1;
            hard[i + 1] = hard[i]
                + usize::from(
                    comment
                        || matches!(t.kind, T::Bar | T::Semicolon)
                        || text.contains(is_line_break),
                );
        }
        for i in 0..n {
            let close = self.pair[i];
            if close == usize::MAX
                || close < i
                || self.kind(i) == T::OpenBracket && self.is_name_bracket(i)
            {
                continue;
            }
            self.broken[i] = hard[close + 1] > hard[i + 1] || width[close] - width[i] > WIDTH;
        }
        self.width = width;
    }
    /// `['name']` and `x[0]`, which never break.
    fn is_name_bracket(&self, i: usize) -> bool {
        matches!(
            self.tree.kind(self.owner(i)),
            N::NameRef | N::NameDecl | N::Bracket | N::BracketWildName
        )
    }

    fn run(&self) -> String {
        let tree = self.tree;
        let mut out = String::with_capacity(tree.text.len() + 64);
        let mut depth: Vec<usize> = Vec::new();
        let mut prev: Option<usize> = None;
        for i in 0..tree.tokens.len() {
            let t = tree.tokens[i];
            let from = prev.map_or(0, |p| tree.tokens[p].end);
            let gap_text = tree.text.get(from as usize..t.start as usize).unwrap_or("");
            if matches!(t.kind, T::CloseParen | T::CloseBracket | T::CloseBrace)
                && depth.last().is_some_and(|o| *o == self.pair[i])
            {
                depth.pop();
            }
            let indent = depth.len() * 4;
            let gap = prev.map_or(Gap::None, |p| self.gap(p, i, &depth, gap_text));
            self.write_gap(
                &mut out,
                gap_text,
                gap,
                indent + self.extra(i, gap),
                prev.is_none(),
                t.kind == T::Eof,
            );
            out.push_str(tree.token_text(t));
            if self.broken[i] {
                depth.push(i);
            }
            prev = Some(i);
        }
        while out.ends_with([' ', '\n']) {
            out.pop();
        }
        out.push('\n');
        out
    }

    /// Lines that go on are set in.
    fn extra(&self, i: usize, gap: Gap) -> usize {
        let continues = matches!(self.kind(i), T::And | T::Or);
        if gap == Gap::Line && continues { 4 } else { 0 }
    }

    fn gap(&self, p: usize, i: usize, depth: &[usize], text: &str) -> Gap {
        let (a, b) = (self.kind(p), self.kind(i));
        let broken_here = depth.last().copied();
        if a == T::Directive {
            return Gap::Line;
        }
        if b == T::Eof {
            return Gap::None;
        }
        if self.broken[p] {
            return Gap::Line;
        }
        if matches!(b, T::CloseParen | T::CloseBracket | T::CloseBrace)
            && self.pair[i] != usize::MAX
            && self.broken[self.pair[i]]
        {
            return Gap::Line;
        }
        match a {
            T::Semicolon if self.tree.kind(self.owner(p)) != N::ScanStep => {
                let blank = text.matches('\n').count() > 1;
                return if blank { Gap::Empty } else { Gap::Line };
            }
            T::Semicolon => return Gap::Line,
            T::Comma if broken_here.is_some_and(|o| self.lists_over_lines(o, p)) => {
                return Gap::Line;
            }
            _ => {}
        }
        if b == T::Bar {
            // a pipe inside a bracket that fits stays on its line
            return if depth.is_empty() || broken_here.is_some() {
                Gap::Line
            } else {
                Gap::Blank
            };
        }
        if matches!(b, T::And | T::Or) && self.long_condition(i) {
            return Gap::Line;
        }
        if self.tight(p, i, text) {
            Gap::None
        } else {
            Gap::Blank
        }
    }

    /// Whether commas of this bracket end lines: those directly inside it.
    fn lists_over_lines(&self, open: usize, comma: usize) -> bool {
        self.owner(open) == self.owner(comma) && self.tree.kind(self.owner(open)) != N::NameRef
    }

    fn long_condition(&self, i: usize) -> bool {
        let n = self.tree.node(self.owner(i));
        // by its tokens: blanks are what formatting changes
        let (first, last) = (n.first as usize, (n.first + n.count) as usize);
        self.width[last] - self.width[first] > WIDTH
    }

    fn tight(&self, p: usize, i: usize, text: &str) -> bool {
        let (a, b) = (self.kind(p), self.kind(i));
        let (na, nb) = (self.tree.kind(self.owner(p)), self.tree.kind(self.owner(i)));
        let adjacent = text.is_empty();
        if matches!(
            nb,
            N::WildName | N::BracketWildName | N::GraphClause | N::Skipped
        ) || na == N::GraphClause
        {
            return adjacent;
        }
        match (a, b) {
            (_, T::Comma | T::Semicolon) => true,
            (T::OpenParen | T::OpenBracket, _) => true,
            (_, T::CloseParen | T::CloseBracket) => true,
            (T::Dot, _) | (_, T::Dot) => adjacent || na == N::Path || nb == N::Path,
            (_, T::Colon) => !matches!(nb, N::StrOp | N::EvaluateSchema | N::ScanStep),
            (T::Minus | T::Plus, _)
                if na == N::Unary || na == N::SignedLit || na == N::JsonMinus =>
            {
                adjacent
            }
            (_, T::OpenParen) => {
                matches!(nb, N::Args)
                    && self.tree.kind(self.parents.parent[self.owner(i) as usize]) == N::Call
                    || matches!(
                        nb,
                        N::TypeOf | N::Dynamic | N::ToScalar | N::ToTable | N::Materialize
                    )
                    || matches!(a, T::DataTable | T::ExternalData | T::Materialize)
                    || (nb == N::With && adjacent)
            }
            (_, T::OpenBracket) => {
                matches!(nb, N::Bracket) || (matches!(nb, N::NameRef) && adjacent)
            }
            (T::OpenBrace, _) | (_, T::CloseBrace) => {
                adjacent
                    && matches!(
                        self.tree
                            .kind(self.owner(if a == T::OpenBrace { p } else { i })),
                        N::NameRef | N::NameDecl
                    )
            }
            (_, T::Equal) | (T::Equal, _) => adjacent && (na == N::Param || nb == N::Param),
            // a number and the dots of a range would run together
            (T::DotDot, _) | (_, T::DotDot) => false,
            (T::At, _) => adjacent,
            // pieces of one name
            _ if adjacent
                && self.owner(p) == self.owner(i)
                && matches!(na, N::NameDecl | N::TokenLit) =>
            {
                true
            }
            _ => false,
        }
    }

    fn write_gap(
        &self,
        out: &mut String,
        text: &str,
        gap: Gap,
        indent: usize,
        first: bool,
        last: bool,
    ) {
        let comments: Vec<&str> = comments_of(text);
        if comments.is_empty() {
            match gap {
                Gap::None => {}
                Gap::Blank => out.push(' '),
                Gap::Line => new_line(out, indent),
                Gap::Empty => {
                    out.push('\n');
                    new_line(out, indent);
                }
            }
            return;
        }
        let mut rest = text;
        for (k, c) in comments.iter().enumerate() {
            let at = rest.find(c).unwrap_or(0);
            let before = &rest[..at];
            rest = &rest[at + c.len()..];
            if before.contains(is_line_break) || (first && k == 0) {
                if !(first && k == 0) {
                    if before.matches('\n').count() > 1 {
                        out.push('\n');
                    }
                    new_line(out, indent);
                }
            } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
            out.push_str(c.trim_end());
        }
        // a comment ends its line, whatever follows
        if !last {
            if gap == Gap::Empty || rest.matches('\n').count() > 1 && first {
                out.push('\n');
            }
            new_line(out, indent);
        }
    }
}

fn new_line(out: &mut String, indent: usize) {
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn comments_of(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(i) = rest.find("//") {
        let end = rest[i..].find(is_line_break).map_or(rest.len(), |e| i + e);
        out.push(&rest[i..end]);
        rest = &rest[end..];
    }
    out
}
