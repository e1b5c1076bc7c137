//! The tree: tokens in one vector, nodes in another in pre-order with the size of their
//! subtree. Lossless, nothing to free, and a child is found by adding sizes.

use super::kind::T;
use super::lexer::Token;

macro_rules! nodes {
    ($( $name:ident, )*) => {
        /// What a node is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum N { $( #[allow(missing_docs)] $name, )* }
    };
}

nodes! {
    Query, Skipped, Missing,
    // statements
    ExprStmt, Let, SetOption, OptionValue, QueryParams, Pattern, PatternDecl, PatternMatch, PatternPath, Alias, Restrict, RestrictWith,
    // functions
    FnDecl, FnParams, FnParam, DefaultValue, FnBody, Materialize, EntityGroup,
    // names and types
    NameDecl, NameRef, WildName, BracketWildName, Type, SchemaType, Column, RowSchema,
    // expressions
    Lit, CompoundStr, SignedLit, TokenLit, NullLit, TypeOf, Dynamic, JsonArray, JsonObject, JsonPair, JsonMinus,
    Paren, Call, Args, Star, At, Path, Bracket, Unary, StrOp, Mul, Add, Rel, Eq, And, Or, In, HasAny, Between, Couple,
    Named, CompoundNamed, RenameList, ToScalar, ToTable, DataTable, ExternalData, InlineExternalTable, ContextualTable, DataScope,
    MaterializedViewCombine,
    // pipeline and operators
    Pipe, BadOp, As, AssertSchema, Consume, Count, Distinct, Evaluate, ExecuteAndCache, Extend, Facet, Where, Find, Fork,
    GetSchema, Invoke, Join, Lookup, MakeSeries, MvApply, MvExpand, Parse, ParseWhere, ParseKv, PartitionBy, Partition,
    Project, ProjectAway, ProjectKeep, ProjectRename, ProjectReorder, ProjectByNames, Range, Reduce, Render, Sample,
    SampleDistinct, Scan, Search, Serialize, Sort, Summarize, Take, Top, TopHitters, TopNested, Union, MacroExpand, Print,
    MakeGraph, GraphMatch, GraphShortestPaths, GraphToTable, GraphMarkComponents, GraphWhereNodes, GraphWhereEdges,
    // clauses
    Param, NameList, By, ByBin, On, JoinWhere, With, InClause, ProjectClause, WhereClause, Ordered, Default, MakeSeriesItem, MakeSeriesOn,
    FromToStep, InRange, From, To, Step, ExpandItem, ToType, RowLimit, Id, Subquery, ParsePattern, TypedColumn, PackExpr,
    ForkItem, FacetWith, EvaluateSchema, ScanOrder, ScanPartition, ScanDeclare, ScanStep, ScanAssign, ScanOutput, ScanCompute, TopNestedClause,
    WithOthers, AsClause, GraphClause, GraphPattern, PartitionScope,
}

/// Names a node: its place in pre-order.
pub type Id = u32;

/// A node; its tokens are `first .. first + count`.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it is.
    pub kind: N,
    /// First token; for an empty node the token it stands before.
    pub first: u32,
    /// How many tokens it spans.
    pub count: u32,
    /// Nodes in its subtree, itself included.
    pub size: u32,
}

/// A parsed text.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The text.
    pub text: String,
    /// Its tokens; the last is [`T::Eof`].
    pub tokens: Vec<Token>,
    /// Its nodes; the first is [`N::Query`].
    pub nodes: Vec<Node>,
}

/// Walks the children of a node in order.
#[derive(Clone)]
pub struct Children<'a> {
    nodes: &'a [Node],
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = Id;
    fn next(&mut self) -> Option<Id> {
        if self.at >= self.end {
            return None;
        }
        let id = self.at;
        self.at += self.nodes[id as usize].size;
        Some(id)
    }
}

impl Tree {
    /// The node.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }
    /// What the node is.
    pub fn kind(&self, id: Id) -> N {
        self.nodes[id as usize].kind
    }
    /// Its children in order.
    pub fn children(&self, id: Id) -> Children<'_> {
        Children {
            nodes: &self.nodes,
            at: id + 1,
            end: id + self.node(id).size,
        }
    }
    /// Its child number `n`.
    pub fn child(&self, id: Id, n: usize) -> Option<Id> {
        self.children(id).nth(n)
    }
    /// Its first child of this kind.
    pub fn child_of(&self, id: Id, kind: N) -> Option<Id> {
        self.children(id).find(|c| self.kind(*c) == kind)
    }
    /// The node itself or, for a parenthesis, what is inside, through any number of them.
    pub fn unparen(&self, mut id: Id) -> Id {
        while self.kind(id) == N::Paren {
            match self.child(id, 0) {
                Some(c) => id = c,
                None => break,
            }
        }
        id
    }
    /// Token number `i`; the end of the text beyond the last.
    pub fn token(&self, i: u32) -> Token {
        let end = self.text.len() as u32;
        self.tokens.get(i as usize).copied().unwrap_or(Token {
            kind: T::Eof,
            start: end,
            end,
        })
    }
    /// The first token of a node; none if it is empty.
    pub fn first_token(&self, id: Id) -> Option<Token> {
        let n = self.node(id);
        (n.count > 0).then(|| self.token(n.first))
    }
    /// The kind of the node's first token, [`T::Eof`] if it is empty.
    pub fn head(&self, id: Id) -> T {
        self.first_token(id).map_or(T::Eof, |t| t.kind)
    }
    /// The kind of the token right before the node.
    pub fn before(&self, id: Id) -> T {
        let f = self.node(id).first;
        if f == 0 {
            T::Eof
        } else {
            self.token(f - 1).kind
        }
    }
    /// Text of a token.
    pub fn token_text(&self, t: Token) -> &str {
        self.text
            .get(t.start as usize..t.end as usize)
            .unwrap_or("")
    }
    /// The bytes a node covers, without the blanks around it.
    pub fn span(&self, id: Id) -> (u32, u32) {
        let n = self.node(id);
        if n.count == 0 {
            let at = if n.first == 0 {
                0
            } else {
                self.token(n.first - 1).end
            };
            return (at, at);
        }
        (
            self.token(n.first).start,
            self.token(n.first + n.count - 1).end,
        )
    }
    /// The node's text.
    pub fn text_of(&self, id: Id) -> &str {
        let (a, b) = self.span(id);
        self.text.get(a as usize..b as usize).unwrap_or("")
    }
    /// Tokens of a node.
    pub fn tokens_of(&self, id: Id) -> &[Token] {
        let n = self.node(id);
        &self.tokens[n.first as usize..(n.first + n.count) as usize]
    }
    /// Whether the node has a token of this kind directly, not inside a child.
    pub fn has_token(&self, id: Id, kind: T) -> bool {
        self.own_token(id, kind).is_some()
    }
    /// The first token of this kind that belongs to the node itself.
    pub fn own_token(&self, id: Id, kind: T) -> Option<u32> {
        let n = self.node(id);
        let mut at = n.first;
        for c in self.children(id) {
            let child = self.node(c);
            while at < child.first {
                if self.token(at).kind == kind {
                    return Some(at);
                }
                at += 1;
            }
            at = child.first + child.count;
        }
        (at..n.first + n.count).find(|t| self.token(*t).kind == kind)
    }
    /// The node's parent chain from the root down to the innermost node around a token.
    pub fn path_to_token(&self, token: u32) -> Vec<Id> {
        let mut out = Vec::new();
        let mut at = 0;
        'down: while (at as usize) < self.nodes.len() {
            out.push(at);
            for c in self.children(at) {
                let n = self.node(c);
                if n.first <= token && token < n.first + n.count {
                    at = c;
                    continue 'down;
                }
            }
            break;
        }
        out
    }
    /// An indented listing, for tests and for people.
    pub fn outline(&self) -> String {
        let mut out = String::new();
        let mut ends: Vec<u32> = Vec::new();
        for id in 0..self.nodes.len() as u32 {
            while ends.last().is_some_and(|e| *e <= id) {
                ends.pop();
            }
            out.push_str(&"  ".repeat(ends.len()));
            out.push_str(&format!("{:?} {:?}\n", self.kind(id), self.text_of(id)));
            ends.push(id + self.node(id).size);
        }
        out
    }
}
