//! Names and types through every operator to the result columns.
//!
//! One walk over the tree. Facts go into a vector beside the nodes; errors carry the codes
//! and places the official binder gives them. Bodies of functions are walked again for
//! each call that needs it, quietly, under a budget.

mod call;
mod check;
mod custom;
pub mod env;
pub(crate) use expr::literal_type;
pub(crate) use pipe::is_operator as pipe_is_operator;
pub(crate) use pipe::wild_match;
mod expr;
mod hints;
mod join;
mod matching;
mod names;
pub(crate) mod nearest;
mod path;
mod patterns;
mod pipe;
mod plugins;
mod project;
mod rare;
mod search;
mod shape;
mod sources;
mod statement;

use crate::schema::Schema;
use crate::syntax::diag::MOST_NOTED;
use crate::syntax::{Code, Diag, Id, Phase, Severity, Tree};
use crate::types::{Ty, Types};
use env::{BaseNames, Column, Local, Name, Names, R, Table, TableRef};
use hashbrown::HashMap;
use std::sync::Arc;

/// What a name node turned out to be; the colour and the hover follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing known.
    #[default]
    None,
    /// A column.
    Column,
    /// A table.
    Table,
    /// A database.
    Database,
    /// A function.
    Function,
    /// A variable: `let`, `as`, a step.
    Variable,
    /// A parameter of a function.
    Parameter,
    /// An option of `set`.
    Option,
}

/// What is known of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// What the name is.
    pub mark: Mark,
    /// The type of the value; [`Ty::UNKNOWN`] where none is known.
    pub ty: Option<Ty>,
}

/// A place in the text and what is in scope there.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The operator or clause.
    pub node: Id,
    /// The table it works on.
    pub row: Option<TableRef>,
    /// The table on the right of a join.
    pub right: Option<TableRef>,
}

/// A local name with the place it is declared.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Where.
    pub decl: Id,
    /// The type, or `table`, `function`, shown to people.
    pub what: String,
    /// Whether it stands for a table.
    pub tabular: bool,
    /// Whether it is called with arguments.
    pub function: bool,
    /// The columns, if it is a table.
    pub columns: Vec<(String, Ty)>,
    /// For a function its parameters as written.
    pub signature: String,
}

/// What binding a text gave.
#[derive(Debug, Default)]
pub struct Bound {
    /// Facts beside the nodes.
    pub facts: Vec<Fact>,
    /// Errors and hints.
    pub diags: Vec<Diag>,
    /// Columns of the last statement's result; none if it is no table.
    pub columns: Option<Vec<(String, Ty)>>,
    /// What is in scope at each operator.
    pub scopes: Vec<Scope>,
    /// Names declared in the text, in order.
    pub locals: Vec<Declared>,
    /// Uses of declared names: node of the use, node of the declaration.
    pub uses: Vec<(Id, Id)>,
    names: Names,
}

impl Bound {
    /// The columns of a table in scope, by name and type.
    pub fn columns_of(&self, t: &TableRef) -> Vec<(&str, Ty)> {
        t.cols
            .iter()
            .map(|c| (self.names.text(c.name), c.ty))
            .collect()
    }
}

/// How the rows of names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Normal,
    Aggregate,
    Plugin,
}

/// Calls into function bodies allowed in one text; a text that needs more gets open results.
const MOST_EXPANSIONS: u32 = 400;
/// How deep function bodies may call each other.
const MOST_NESTED: u32 = 24;

/// A schema made ready for binding. Make it once and share it; a clone shares all it knows.
#[derive(Clone, Debug)]
pub struct World {
    /// The tables and functions.
    pub schema: Arc<Schema>,
    base: Arc<BaseNames>,
    pub(crate) user: Arc<[Tree]>,
}

impl World {
    /// Numbers the names of the schema and parses its user functions.
    pub fn new(schema: Arc<Schema>) -> World {
        let base = Arc::new(BaseNames::of(&schema));
        let user = schema
            .user_functions
            .iter()
            .map(|(_, t)| crate::syntax::parse(t).tree)
            .collect();
        World { schema, base, user }
    }
}

pub(crate) struct Binder<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) main: &'a Tree,
    pub(crate) tree_no: usize,
    pub(crate) world: &'a World,
    pub(crate) names: Names,
    pub(crate) types: Types,
    pub(crate) out: Bound,
    pub(crate) quiet: u32,
    pub(crate) row: Option<TableRef>,
    pub(crate) right: Option<TableRef>,
    pub(crate) common_only: bool,
    pub(crate) path: Option<R>,
    pub(crate) scope_kind: ScopeKind,
    pub(crate) fuzzy: bool,
    /// The next expression stands where a table is expected.
    pub(crate) tabular: bool,
    /// It is the name of a called function.
    pub(crate) callee: bool,
    pub(crate) in_dynamic: bool,
    /// The next pipeline begins with an operator that is fed from outside it.
    pub(crate) sub_pipe: bool,
    /// What flows into the operator being bound.
    pub(crate) left: env::Info,
    /// The table that flows into `invoke`.
    pub(crate) implicit: Option<TableRef>,
    pub(crate) suffix: u32,
    pub(crate) locals: Vec<Local>,
    pub(crate) scope: Vec<(Name, u32)>,
    /// Where the names of this block begin in `scope`.
    pub(crate) block: usize,
    pub(crate) inferred: HashMap<u32, Vec<Column>>,
    pub(crate) loaded: HashMap<u32, TableRef>,
    pub(crate) by_columns: Vec<Column>,
    pub(crate) next: u32,
    pub(crate) expansions: u32,
    pub(crate) nested: u32,
    pub(crate) expanding: Vec<u32>,
    pub(crate) empty: TableRef,
    /// What operators give for operands of which one is wrong already.
    pub(crate) wrong_operands: HashMap<(&'static str, Ty, Option<Ty>, bool), Ty>,
    pub(crate) live: Option<Live>,
    /// Patterns declared, by name.
    patterns: HashMap<Name, Arc<Vec<patterns::Line>>>,
}

/// What the engine reads after each step it has bound.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Types beside the nodes, one vector a tree.
    pub types: Vec<Vec<Option<Ty>>>,
    /// Which expression a column of the operator just bound comes from, and which of its values.
    pub origins: HashMap<(u32, Name), (Id, usize)>,
    at: Option<(Id, usize)>,
}

/// Binds a parsed text.
pub fn bind(tree: &Tree, world: &World) -> Bound {
    let empty: TableRef = Arc::new(Table {
        cols: Arc::from([]),
        open: false,
        id: 0,
    });
    let mut b = Binder::new(tree, world, empty);
    b.user_functions();
    b.query();
    b.hints();
    let mut out = b.out;
    out.names = b.names;
    out.diags.sort_by_key(|d| (d.start, d.end));
    out.diags
        .dedup_by(|b, a| (a.code, a.start, a.end, &a.args) == (b.code, b.start, b.end, &b.args));
    out
}

impl<'a> Binder<'a> {
    /// A binder that the engine drives, one statement or operator at a time.
    pub(crate) fn live(tree: &'a Tree, world: &'a World) -> Binder<'a> {
        let empty: TableRef = Arc::new(Table {
            cols: Arc::from([]),
            open: false,
            id: 0,
        });
        let mut b = Binder::new(tree, world, empty);
        let mut types = vec![vec![None; tree.nodes.len()]];
        types.extend(world.user.iter().map(|t| vec![None; t.nodes.len()]));
        b.live = Some(Live {
            types,
            ..Live::default()
        });
        b.user_functions();
        b
    }

    fn new(tree: &'a Tree, world: &'a World, empty: TableRef) -> Binder<'a> {
        Binder {
            tree,
            main: tree,
            tree_no: 0,
            world,
            names: Names::new(world.base.clone()),
            types: Types::default(),
            out: Bound {
                facts: vec![Fact::default(); tree.nodes.len()],
                ..Bound::default()
            },
            quiet: 0,
            row: None,
            right: None,
            common_only: false,
            path: None,
            scope_kind: ScopeKind::Normal,
            fuzzy: false,
            tabular: false,
            callee: false,
            in_dynamic: false,
            sub_pipe: false,
            left: env::Info::error(),
            implicit: None,
            suffix: 1,
            locals: Vec::new(),
            scope: Vec::new(),
            block: 0,
            inferred: HashMap::new(),
            loaded: HashMap::new(),
            by_columns: Vec::new(),
            next: 1,
            expansions: 0,
            nested: 0,
            expanding: Vec::new(),
            empty,
            wrong_operands: HashMap::new(),
            live: None,
            patterns: HashMap::new(),
        }
    }
    pub(crate) fn name(&mut self, node: Id) -> Name {
        let t = self.tree;
        self.names.id(&env::name_text(t, node))
    }
    pub(crate) fn text(&self, n: Name) -> &str {
        self.names.text(n)
    }
    pub(crate) fn fresh(&mut self) -> u32 {
        self.next += 1;
        // table columns of the schema have their own numbers above this
        0x8000_0000 | self.next
    }
    pub(crate) fn column(&mut self, name: Name, ty: Ty) -> Column {
        Column {
            name,
            ty,
            id: self.fresh(),
        }
    }
    pub(crate) fn named_column(&mut self, name: &str, ty: Ty) -> Column {
        let name = self.names.id(name);
        self.column(name, ty)
    }
    pub(crate) fn table(&mut self, cols: Vec<Column>, open: bool) -> TableRef {
        let id = self.fresh();
        Arc::new(Table {
            cols: cols.into(),
            open,
            id,
        })
    }
    fn open_table(&mut self) -> TableRef {
        self.table(Vec::new(), true)
    }
    /// The columns of a table with those that uses have shown it to have.
    pub(crate) fn all_columns(&self, t: &TableRef) -> Vec<Column> {
        let mut cols = t.cols.to_vec();
        if t.open
            && let Some(more) = self.inferred.get(&t.id)
        {
            cols.extend(more);
        }
        cols
    }
    pub(crate) fn row_or_empty(&self) -> TableRef {
        self.row.clone().unwrap_or_else(|| self.empty.clone())
    }
    /// A table of these columns, open if what flows in is.
    fn like_row(&mut self, cols: Vec<Column>) -> TableRef {
        let open = self.row.as_ref().is_some_and(|r| r.open);
        self.table(cols, open)
    }
    /// The table that flows on where nothing changes its columns.
    fn same_row(&mut self) -> TableRef {
        let row = self.row_or_empty();
        if row.open && self.inferred.contains_key(&row.id) {
            let cols = self.all_columns(&row);
            return self.table(cols, true);
        }
        row
    }

    fn mark(&mut self, node: Id, mark: Mark, ty: Option<Ty>) {
        if self.quiet == 0
            && self.tree_no == 0
            && let Some(f) = self.out.facts.get_mut(node as usize)
        {
            *f = Fact { mark, ty };
        }
    }
    fn typed(&mut self, node: Id, r: &R) {
        if let Some(live) = &mut self.live
            && let Some(slot) = live
                .types
                .get_mut(self.tree_no)
                .and_then(|t| t.get_mut(node as usize))
        {
            *slot = match r {
                R::Ty(t) => Some(*t),
                R::Tuple(c, _) => c.first().map(|c| c.ty),
                _ => None,
            };
        }
        if self.quiet == 0
            && self.tree_no == 0
            && let R::Ty(t) = r
            && let Some(f) = self.out.facts.get_mut(node as usize)
        {
            f.ty = Some(*t);
        }
    }
    fn used(&mut self, node: Id, decl: Id) {
        if self.quiet == 0 && self.tree_no == 0 {
            self.out.uses.push((node, decl));
        }
    }
    fn scope_at(&mut self, node: Id) {
        if self.quiet == 0 && self.tree_no == 0 {
            self.out.scopes.push(Scope {
                node,
                row: self.row.clone(),
                right: self.right.clone(),
            });
        }
    }

    fn diag_at(&mut self, code: Code, span: (u32, u32), args: &[&str]) {
        if self.quiet > 0 || self.tree_no != 0 || self.out.diags.len() >= MOST_NOTED {
            return;
        }
        let mut d = Diag::new(code, span.0 as usize, span.1 as usize);
        d.phase = Phase::Semantic;
        d.args = args.iter().map(|a| (*a).to_owned()).collect();
        self.out.diags.push(d);
    }
    fn diag(&mut self, code: Code, node: Id, args: &[&str]) {
        if self.quiet == 0 {
            let span = self.tree.span(node);
            self.diag_at(code, span, args);
        }
    }
    fn warn(&mut self, code: Code, node: Id, args: &[&str]) {
        let n = self.out.diags.len();
        self.diag(code, node, args);
        if let Some(d) = self.out.diags.get_mut(n) {
            d.severity = Severity::Warning;
        }
    }
    fn suggest(&mut self, suggestion: Option<String>) {
        if let Some(d) = self.out.diags.last_mut() {
            d.suggestion = suggestion;
        }
    }
    fn diag_token(&mut self, code: Code, token: u32, args: &[&str]) {
        let t = self.tree.token(token);
        self.diag_at(code, (t.start, t.end), args);
    }

    // ---- doing something in another scope
    pub(crate) fn with_row<X>(
        &mut self,
        row: Option<TableRef>,
        f: impl FnOnce(&mut Self) -> X,
    ) -> X {
        let old = std::mem::replace(&mut self.row, row);
        let x = f(self);
        self.row = old;
        x
    }
    pub(crate) fn with_kind<X>(&mut self, kind: ScopeKind, f: impl FnOnce(&mut Self) -> X) -> X {
        let old = std::mem::replace(&mut self.scope_kind, kind);
        let x = f(self);
        self.scope_kind = old;
        x
    }
    pub(crate) fn quietly<X>(&mut self, f: impl FnOnce(&mut Self) -> X) -> X {
        self.quiet += 1;
        let x = f(self);
        self.quiet -= 1;
        x
    }
    /// Names declared inside `f` are gone after it.
    pub(crate) fn in_block<X>(&mut self, f: impl FnOnce(&mut Self) -> X) -> X {
        let (len, block) = (self.scope.len(), self.block);
        self.block = len;
        let x = f(self);
        self.scope.truncate(len);
        self.block = block;
        x
    }
    pub(crate) fn declare(&mut self, local: Local) -> u32 {
        let i = self.locals.len() as u32;
        self.scope.push((local.name, i));
        self.locals.push(local);
        i
    }
    pub(crate) fn local(&self, name: Name) -> Option<u32> {
        self.scope
            .iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, i)| *i)
    }
}
