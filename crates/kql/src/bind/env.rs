//! What the binder carries about: names as numbers, columns, tables, results, variables.

use crate::functions::Function;
use crate::schema::{Schema, ServiceFunction};
use crate::syntax::{Id, Tree};
use crate::types::Ty;
use hashbrown::HashMap;
use std::sync::Arc;

/// A name as a number; equal names have equal numbers within one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Name(pub u32);

/// A column. `id` tells two columns of one name apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: Name,
    pub ty: Ty,
    pub id: u32,
}

/// A table as far as it is known.
#[derive(Clone, Debug)]
pub struct Table {
    pub cols: Arc<[Column]>,
    /// It may have more columns than these.
    pub open: bool,
    pub id: u32,
}
pub type TableRef = Arc<Table>;

/// What an expression gives.
#[derive(Clone, Debug)]
pub enum R {
    /// Nothing is known, not even that it is wrong.
    None,
    Ty(Ty),
    Table(TableRef),
    /// Several named values; the table they belong to, if any.
    Tuple(Arc<[Column]>, Option<TableRef>),
    /// Several tables.
    Group(Arc<Vec<TableRef>>),
    Function(FnRef),
    Database {
        known: bool,
    },
    Cluster,
    /// A graph, with the shape of its edges and nodes.
    Graph(Arc<(TableRef, Option<TableRef>)>),
    /// Something that is neither a value nor a table.
    Other,
}

impl R {
    pub const ERROR: R = R::Ty(Ty::ERROR);
    pub fn is_error(&self) -> bool {
        matches!(self, R::Ty(Ty::ERROR))
    }
    pub fn is_scalar(&self) -> bool {
        match self {
            R::Ty(t) => t.is_scalar(),
            R::Tuple(..) => true,
            _ => false,
        }
    }
    pub fn is_tabular(&self) -> bool {
        matches!(self, R::Table(_) | R::Group(_))
    }
    pub fn table(&self) -> Option<&TableRef> {
        match self {
            R::Table(t) => Some(t),
            _ => None,
        }
    }
    /// The type of the value; error where there is none.
    pub fn ty(&self) -> Ty {
        match self {
            R::Ty(t) => *t,
            R::Tuple(c, _) if c.len() == 1 => c[0].ty,
            _ => Ty::ERROR,
        }
    }
    pub fn is_unknown_or_error(&self) -> bool {
        matches!(self, R::Ty(Ty::UNKNOWN | Ty::ERROR) | R::None)
    }
}

/// What a name refers to.
#[derive(Clone, Debug, Default)]
pub enum Sym {
    #[default]
    None,
    Column(Column),
    Columns(Arc<Vec<Column>>),
    Function(FnRef),
    Local(u32),
    Table,
    Database,
    /// The type a `typeof` names.
    Type(Ty),
    Schema(TableRef),
}

/// A function of any origin.
#[derive(Clone, Debug)]
pub enum FnRef {
    Builtin(&'static Function),
    User(Arc<UserFn>),
    Service(Arc<ServiceFunction>),
}

/// A function that a `let` made.
#[derive(Debug)]
pub struct UserFn {
    pub name: Name,
    /// Which tree its body is in: 0 the text, others functions a person defined.
    pub tree: usize,
    pub decl: Id,
    pub body: Option<Id>,
    pub params: Vec<UserParam>,
    pub view: bool,
    /// The names in scope where it was made.
    pub scope: Arc<Vec<(Name, u32)>>,
    /// Its result where that depends on nothing.
    pub fixed: std::sync::OnceLock<R>,
    pub id: u32,
}

#[derive(Clone, Debug)]
pub struct UserParam {
    pub name: Name,
    pub takes: R,
    pub optional: bool,
}

/// What kind of thing a local name is.
#[derive(Clone, Debug)]
pub enum LocalKind {
    Variable,
    Parameter,
    Column(Column),
    Function(FnRef),
}

/// A local name: of `let`, a parameter, `as`, a step.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Name,
    pub kind: LocalKind,
    pub r: R,
    pub constant: bool,
    /// Where it is declared.
    pub decl: Id,
}

/// What is known of an expression.
#[derive(Clone, Debug)]
pub struct Info {
    pub r: R,
    pub sym: Sym,
    pub constant: bool,
    /// The column that the expression amounts to, also through brackets and idle conversions.
    pub col: Option<Column>,
}

impl Info {
    pub fn of(r: R) -> Info {
        Info {
            r,
            sym: Sym::None,
            constant: false,
            col: None,
        }
    }
    pub fn ty(t: Ty) -> Info {
        Info::of(R::Ty(t))
    }
    pub fn literal(t: Ty) -> Info {
        Info {
            r: R::Ty(t),
            sym: Sym::None,
            constant: true,
            col: None,
        }
    }
    pub fn error() -> Info {
        Info::of(R::ERROR)
    }
    pub fn column(c: Column) -> Info {
        Info {
            r: R::Ty(c.ty),
            sym: Sym::Column(c),
            constant: false,
            col: Some(c),
        }
    }
    pub fn table(t: TableRef) -> Info {
        Info::of(R::Table(t))
    }
}

/// An argument: its node and what is known of it.
#[derive(Clone, Debug)]
pub struct Arg {
    pub node: Id,
    pub info: Info,
}

/// Names to numbers: those of the schema first, then those of the text.
#[derive(Debug, Default)]
pub struct Names {
    base: Option<Arc<BaseNames>>,
    extra: Vec<Box<str>>,
    ids: HashMap<Box<str>, u32>,
}

/// Names and tables of a schema, numbered once.
#[derive(Debug, Default)]
pub struct BaseNames {
    names: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, u32>,
    tables: Vec<Arc<[Column]>>,
}

impl BaseNames {
    pub fn of(schema: &Schema) -> BaseNames {
        let mut b = BaseNames::default();
        let mut tables = Vec::new();
        for (t, def) in schema.tables().enumerate() {
            let cols: Arc<[Column]> = def
                .columns
                .iter()
                .enumerate()
                .map(|(i, c)| Column {
                    name: b.add(&c.name),
                    ty: c.ty,
                    id: ((t as u32 + 1) << 12) | i as u32 & 0xfff,
                })
                .collect();
            tables.push(cols);
        }
        b.tables = tables;
        b
    }
    fn add(&mut self, name: &Arc<str>) -> Name {
        if let Some(i) = self.ids.get(name) {
            return Name(*i);
        }
        self.names.push(name.clone());
        self.ids.insert(name.clone(), self.names.len() as u32 - 1);
        Name(self.names.len() as u32 - 1)
    }
    pub fn table(&self, index: u32) -> Option<&Arc<[Column]>> {
        self.tables.get(index as usize)
    }
}

impl Names {
    pub fn new(base: Arc<BaseNames>) -> Names {
        Names {
            base: Some(base),
            ..Names::default()
        }
    }
    fn base_len(&self) -> u32 {
        self.base.as_ref().map_or(0, |b| b.names.len() as u32)
    }
    pub fn id(&mut self, text: &str) -> Name {
        if let Some(i) = self.base.as_ref().and_then(|b| b.ids.get(text)) {
            return Name(*i);
        }
        if let Some(i) = self.ids.get(text) {
            return Name(*i);
        }
        let i = self.base_len() + self.extra.len() as u32;
        self.extra.push(text.into());
        self.ids.insert(text.into(), i);
        Name(i)
    }
    pub fn text(&self, n: Name) -> &str {
        let base = self.base_len();
        if n.0 < base {
            self.base.as_ref().map_or("", |b| &b.names[n.0 as usize])
        } else {
            self.extra.get((n.0 - base) as usize).map_or("", |s| s)
        }
    }
}

/// The value of a string literal token.
pub fn string_value(raw: &str) -> String {
    let s = raw.strip_prefix(['h', 'H']).unwrap_or(raw);
    if let Some(v) = s.strip_prefix('@') {
        let q = v.chars().next().unwrap_or('"');
        let inner = v.get(1..).unwrap_or("");
        let inner = inner.strip_suffix(q).unwrap_or(inner);
        return inner.replace(&format!("{q}{q}"), &q.to_string());
    }
    for fence in ["```", "~~~"] {
        if let Some(v) = s.strip_prefix(fence) {
            return v.strip_suffix(fence).unwrap_or(v).to_owned();
        }
    }
    let q = s.chars().next().unwrap_or('"');
    let inner = s.get(1..).unwrap_or("");
    let inner = inner.strip_suffix(q).unwrap_or(inner);
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut out = String::with_capacity(inner.len());
    let mut it = inner.chars().peekable();
    while let Some(c) = it.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(e) = it.next() else { break };
        out.push(match e {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            'u' | 'U' | 'x' => {
                let n = match e {
                    'u' => 4,
                    'U' => 8,
                    _ => 2,
                };
                let mut v = 0u32;
                for _ in 0..n {
                    v = v
                        .wrapping_mul(16)
                        .wrapping_add(it.next().and_then(|d| d.to_digit(16)).unwrap_or(0));
                }
                char::from_u32(v).unwrap_or('\u{fffd}')
            }
            d @ '0'..='7' => {
                let mut v = d as u32 - '0' as u32;
                for _ in 0..2 {
                    match it.peek().and_then(|c| c.to_digit(8)) {
                        Some(o) if v * 8 + o < 256 => {
                            v = v * 8 + o;
                            it.next();
                        }
                        _ => break,
                    }
                }
                char::from_u32(v).unwrap_or('\u{fffd}')
            }
            other => other,
        });
    }
    out
}

/// The plain name that a name node spells, brackets and quotes taken off.
pub fn name_text(tree: &Tree, id: Id) -> std::borrow::Cow<'_, str> {
    use crate::syntax::{N, T};
    let n = tree.node(id);
    if n.count == 0 || n.kind == N::Missing {
        return "".into();
    }
    let first = tree.token(n.first);
    match first.kind {
        T::OpenBracket if n.count >= 3 && tree.token(n.first + 1).kind == T::StringLit => {
            let mut s = String::new();
            for i in n.first + 1..n.first + n.count - 1 {
                s.push_str(&string_value(tree.token_text(tree.token(i))));
            }
            s.into()
        }
        T::OpenBracket | T::OpenBrace => {
            let a = first.end as usize;
            let b = tree.token(n.first + n.count - 1).start as usize;
            tree.text.get(a..b.max(a)).unwrap_or("").into()
        }
        _ => tree.text_of(id).into(),
    }
}
