//! Columns from expressions, and Kusto's rules for what they are called.

use super::Binder;
use super::env::{Arg, Column, FnRef, Info, Name, R, Sym};
use crate::functions::{self, Naming, Row};
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;

/// A set of names.
#[derive(Default)]
pub(crate) struct NameSet(Vec<u64>);
impl NameSet {
    /// True if it was not in the set before.
    pub fn insert(&mut self, n: Name) -> bool {
        let (w, b) = (n.0 as usize / 64, n.0 % 64);
        if w >= self.0.len() {
            self.0.resize(w + 1, 0);
        }
        let new = self.0[w] & (1 << b) == 0;
        self.0[w] |= 1 << b;
        new
    }
    pub fn contains(&self, n: Name) -> bool {
        self.0
            .get(n.0 as usize / 64)
            .is_some_and(|w| w & (1 << (n.0 % 64)) != 0)
    }
}

/// What kind of projection is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Extend,
    Replace,
    Summarize,
    Print,
    Rename,
    Reorder,
    Graph,
}

/// Columns being put together.
#[derive(Default)]
pub(crate) struct Builder {
    pub cols: Vec<Column>,
    taken: NameSet,
    declared: Vec<Name>,
    skip: Vec<u32>,
}

impl Builder {
    pub fn do_not_add(&mut self, c: Column) {
        self.skip.push(c.id);
    }
    fn at(&self, n: Name) -> Option<usize> {
        if !self.taken.contains(n) {
            return None;
        }
        self.cols.iter().position(|c| c.name == n)
    }
}

impl Binder<'_> {
    /// Begins with the columns of a table; where two have one name the later gets a number.
    pub(crate) fn builder(&mut self, t: &super::TableRef) -> Builder {
        let mut b = Builder::default();
        let cols = self.all_columns(t);
        if cols.iter().all(|c| b.taken.insert(c.name)) {
            b.skip = cols.iter().map(|c| c.id).collect();
            b.cols = cols;
            return b;
        }
        let mut b = Builder::default();
        for c in cols {
            self.add(&mut b, c, None, false, true);
        }
        b
    }
    /// Notes which value the column comes from, for the engine.
    fn came(&mut self, c: Column) {
        if let Some(live) = &mut self.live
            && let Some(at) = live.at
        {
            live.origins.insert((c.id, c.name), at);
        }
    }
    fn coming(&mut self, at: Option<(Id, usize)>) {
        if let Some(live) = &mut self.live {
            live.at = at;
        }
    }
    pub(crate) fn add(
        &mut self,
        b: &mut Builder,
        mut c: Column,
        base: Option<&str>,
        replace: bool,
        once: bool,
    ) -> Name {
        if self.text(c.name).is_empty() || b.skip.contains(&c.id) {
            return c.name;
        }
        let id = c.id;
        match (replace, b.at(c.name)) {
            (true, Some(i)) => b.cols[i] = c,
            _ => {
                if !b.taken.insert(c.name) {
                    let base = base.map_or_else(|| self.text(c.name).to_owned(), str::to_owned);
                    let mut n = 1;
                    loop {
                        let name = self.names.id(&format!("{base}{n}"));
                        if b.taken.insert(name) {
                            c = self.column(name, c.ty);
                            break;
                        }
                        n += 1;
                    }
                }
                b.cols.push(c);
            }
        }
        self.came(c);
        if once {
            b.skip.push(id);
        }
        c.name
    }
    pub(crate) fn declare_column(&mut self, b: &mut Builder, c: Column, node: Id, replace: bool) {
        if b.declared.contains(&c.name) {
            let text = self.text(c.name).to_owned();
            self.diag(Code::DUPLICATE_COLUMN, node, &[&text]);
            return;
        }
        match (replace, b.at(c.name)) {
            (true, Some(i)) => {
                b.cols[i] = c;
                self.came(c);
                b.declared.push(c.name);
            }
            _ => {
                let name = self.add(b, c, None, false, false);
                b.declared.push(name);
            }
        }
    }
    fn rename(&mut self, b: &mut Builder, old: Name, new: Name, node: Id) -> bool {
        let Some(i) = b.at(old) else { return false };
        if b.declared.contains(&new) {
            let text = self.text(new).to_owned();
            self.diag(Code::DUPLICATE_COLUMN, node, &[&text]);
            return false;
        }
        let c = self.column(new, b.cols[i].ty);
        b.cols[i] = c;
        self.came(c);
        b.declared.push(new);
        b.taken.insert(new);
        true
    }

    pub(crate) fn project_all(&mut self, items: &[Arg], b: &mut Builder, style: Style, once: bool) {
        for a in items {
            self.project_one(a, b, style, once, None, None);
        }
    }

    /// Adds the column or columns of one expression.
    pub(crate) fn project_one(
        &mut self,
        a: &Arg,
        b: &mut Builder,
        style: Style,
        once: bool,
        ty: Option<Ty>,
        print_name: Option<&str>,
    ) {
        self.coming(Some((a.node, 0)));
        self.project_item(a, b, style, once, ty, print_name);
        self.coming(None);
    }

    fn project_item(
        &mut self,
        a: &Arg,
        b: &mut Builder,
        style: Style,
        once: bool,
        ty: Option<Ty>,
        print_name: Option<&str>,
    ) {
        let t = self.tree;
        let mut node = a.node;
        let ordered = t.kind(node) == N::Ordered;
        let order_node = node;
        if ordered {
            node = t.child(node, 0).unwrap_or(node);
        }
        let info = &a.info;
        let replaces = matches!(style, Style::Replace | Style::Extend);
        if style == Style::Rename {
            let (N::Named, Some(name), Some(value)) =
                (t.kind(node), t.child(node, 0), t.child(node, 1))
            else {
                self.diag(Code::RENAME_EXPECTED, node, &[]);
                return;
            };
            match info.col {
                Some(c) if t.kind(value) == N::NameRef => {
                    let new = self.name(name);
                    if self.rename(b, c.name, new, name) {
                        self.mark(name, super::Mark::Column, Some(c.ty));
                    }
                }
                _ => self.diag(Code::COLUMN_EXPECTED, value, &[]),
            }
            return;
        }
        match t.kind(node) {
            N::Named => {
                let (Some(name_node), Some(value)) = (t.child(node, 0), t.child(node, 1)) else {
                    return;
                };
                let name = self.name(name_node);
                if let R::Tuple(cols, _) = &info.r
                    && t.kind(value) == N::Call
                {
                    let Some(first) = cols.first() else { return };
                    let c = self.column(name, ty.unwrap_or(first.ty));
                    self.declare_column(b, c, name_node, true);
                    self.mark(name_node, super::Mark::Column, Some(c.ty));
                    if once {
                        b.do_not_add(*first);
                    }
                    if style != Style::Print {
                        for (i, c) in cols.iter().enumerate().skip(1) {
                            self.coming(Some((a.node, i)));
                            self.tuple_column(value, *c, b, once);
                        }
                    }
                    return;
                }
                let (c, replace) = match info.col.filter(|_| self.is_reference(value)) {
                    Some(of) => {
                        if once {
                            b.do_not_add(of);
                        }
                        (self.column(name, ty.unwrap_or(of.ty)), true)
                    }
                    None => (
                        self.column(name, ty.unwrap_or_else(|| value_type(&info.r))),
                        replaces,
                    ),
                };
                self.declare_column(b, c, name_node, replace);
                self.mark(name_node, super::Mark::Column, Some(c.ty));
            }
            N::CompoundNamed => self.project_compound(node, info, b, style, once, ty),
            N::Star => {
                let row = self.row_or_empty();
                for (i, c) in self.all_columns(&row).into_iter().enumerate() {
                    self.coming(Some((a.node, i)));
                    self.add(b, c, None, true, once);
                }
            }
            kind => {
                if let R::Tuple(cols, _) = &info.r
                    && kind == N::Call
                {
                    if style == Style::Print
                        && let Some(p) = print_name
                        && cols.len() == 1
                    {
                        let c = self.named_column(p, ty.unwrap_or(cols[0].ty));
                        self.add(b, c, Some(p), false, false);
                        return;
                    }
                    for (i, c) in cols.iter().enumerate() {
                        self.coming(Some((a.node, i)));
                        self.tuple_column(node, *c, b, once);
                    }
                    return;
                }
                if let Some(c) = info.col.filter(|_| style != Style::Graph) {
                    let with = Column {
                        ty: ty.unwrap_or(c.ty),
                        ..c
                    };
                    self.declare_column(b, with, node, style == Style::Replace);
                    if once {
                        b.do_not_add(c);
                    }
                    return;
                }
                if let Sym::Columns(list) = &info.sym
                    && style == Style::Reorder
                {
                    let mut list = (**list).clone();
                    if ordered {
                        self.order_columns(&mut list, order_node);
                    }
                    for c in list {
                        self.add(b, c, None, false, true);
                    }
                    return;
                }
                if let Sym::Columns(_) = &info.sym {
                    self.diag(Code::MANY_COLUMNS, node, &[]);
                    return;
                }
                let mut value = value_type(&info.r);
                if !info.r.is_error() && !info.r.is_scalar() && kind != N::Call {
                    self.diag(Code::SCALAR_EXPECTED, node, &[]);
                    value = Ty::UNKNOWN;
                }
                let value = ty.unwrap_or(value);
                if style == Style::Print
                    && let Some(p) = print_name
                {
                    let c = self.named_column(p, value);
                    self.add(b, c, Some(p), false, false);
                    return;
                }
                let name = match self.result_name(node, info) {
                    Some(n) => n,
                    None => self.default_name(style == Style::Extend),
                };
                let c = self.named_column(&name, value);
                self.add(b, c, None, replaces, false);
            }
        }
    }

    fn project_compound(
        &mut self,
        node: Id,
        info: &Info,
        b: &mut Builder,
        style: Style,
        once: bool,
        ty: Option<Ty>,
    ) {
        let t = self.tree;
        let (Some(list), Some(value)) = (t.child(node, 0), t.child(node, 1)) else {
            return;
        };
        let names: Vec<Id> = t.children(list).collect();
        let replaces = matches!(style, Style::Replace | Style::Extend);
        match &info.r {
            R::Tuple(cols, _) => {
                for (i, c) in cols.iter().enumerate() {
                    self.coming(Some((node, i)));
                    match names.get(i) {
                        Some(n) => {
                            let name = self.name(*n);
                            let col = self.column(name, ty.unwrap_or(c.ty));
                            self.declare_column(b, col, *n, replaces);
                            self.mark(*n, super::Mark::Column, Some(col.ty));
                            if once {
                                b.do_not_add(*c);
                            }
                        }
                        None if style != Style::Print => self.tuple_column(value, *c, b, once),
                        None => {}
                    }
                }
                for n in names.iter().skip(cols.len()) {
                    self.diag(Code::NAME_WITHOUT_VALUE, *n, &[]);
                }
            }
            r if names.len() == 1 => {
                let name = self.name(names[0]);
                let col = self.column(name, ty.unwrap_or_else(|| value_type(r)));
                self.declare_column(b, col, names[0], replaces || info.col.is_some());
                self.mark(names[0], super::Mark::Column, Some(col.ty));
            }
            _ => self.diag(Code::NOT_MULTI_VALUED, list, &[]),
        }
    }

    fn tuple_column(&mut self, call: Id, c: Column, b: &mut Builder, once: bool) {
        let prefix = self.row_of(call).and_then(|r| r.prefix());
        let c = match prefix {
            Some(p) => {
                let n = format!("{p}_{}", self.text(c.name));
                let name = self.names.id(&n);
                self.column(name, c.ty)
            }
            None => c,
        };
        self.add(b, c, None, false, once);
    }

    fn is_reference(&self, value: Id) -> bool {
        matches!(self.tree.kind(value), N::NameRef | N::Path)
    }

    /// Orders the columns of a wildcard as `asc`, `desc` and their grannies say.
    fn order_columns(&self, cols: &mut [Column], node: Id) {
        let t = self.tree;
        let n = t.node(node);
        let key = t.token(n.first + n.count.saturating_sub(1)).kind;
        let text = |c: &Column| self.text(c.name).to_owned();
        // a granny reads runs of digits as numbers
        let granny = |c: &Column| {
            let s = self.text(c.name);
            let digits: String = s.chars().filter(char::is_ascii_digit).collect();
            let rest: String = s.chars().filter(|c| !c.is_ascii_digit()).collect();
            (rest, digits.parse::<u64>().unwrap_or(0))
        };
        match key {
            T::Asc => cols.sort_by_key(text),
            T::Desc => cols.sort_by_key(|c| std::cmp::Reverse(text(c))),
            T::GrannyAsc => cols.sort_by_key(granny),
            T::GrannyDesc => cols.sort_by_key(|c| std::cmp::Reverse(granny(c))),
            _ => {}
        }
    }

    /// Gives columns of one name numbers, the first keeping its name.
    pub(crate) fn make_unique(&mut self, cols: &mut [Column]) {
        let mut taken = NameSet::default();
        let mut again = Vec::new();
        for (i, c) in cols.iter().enumerate() {
            if !taken.insert(c.name) {
                again.push(i);
            }
        }
        for i in again {
            let base = self.text(cols[i].name).to_owned();
            let mut n = 1;
            loop {
                let name = self.names.id(&format!("{base}{n}"));
                if taken.insert(name) {
                    cols[i] = self.column(name, cols[i].ty);
                    break;
                }
                n += 1;
            }
        }
    }

    // ---- names
    /// `Column1` and on, the first that means nothing yet.
    fn default_name(&mut self, include_row: bool) -> String {
        loop {
            let text = format!("Column{}", self.suffix);
            self.suffix += 1;
            let name = self.names.id(&text);
            let used = (include_row
                && self
                    .row
                    .as_ref()
                    .is_some_and(|r| r.cols.iter().any(|c| c.name == name)))
                || self.local(name).is_some()
                || self.world.schema.index(&text).is_some();
            if !used {
                return text;
            }
        }
    }

    /// The row of the function that a call names.
    pub(crate) fn row_of(&self, call: Id) -> Option<&'static Row> {
        let name = self.tree.text_of(self.tree.child(call, 0)?);
        let all = functions::all();
        // names of both kinds are aggregates where they give columns names
        all.aggregate(name)
            .or_else(|| all.scalar(name))
            .map(|f| f.row)
    }

    /// What the expression's column is called; none if nothing follows from it.
    pub(crate) fn result_name(&mut self, node: Id, info: &Info) -> Option<String> {
        let t = self.tree;
        match t.kind(node) {
            N::Paren => self.result_name(t.child(node, 0)?, info),
            N::Call => {
                let row = match &info.sym {
                    Sym::Function(FnRef::Builtin(f)) => Some(f.row),
                    Sym::Function(_) | Sym::Local(_) => None,
                    _ => self.row_of(node),
                };
                self.call_name(node, row)
            }
            _ => self.node_name(node),
        }
    }

    fn node_name(&mut self, node: Id) -> Option<String> {
        let t = self.tree;
        match t.kind(node) {
            N::Paren | N::Ordered => self.node_name(t.child(node, 0)?),
            N::NameRef => Some(super::env::name_text(t, node).into_owned()),
            N::Named => Some(super::env::name_text(t, t.child(node, 0)?).into_owned()),
            N::Bracket => self.bracket_name(node),
            N::Call => {
                let row = self.row_of(node);
                self.call_name(node, row)
            }
            N::Path => {
                let kids: Vec<Id> = t.children(node).collect();
                let tuple = t.text_of(*kids.first()?).starts_with('$');
                let mut name = self.node_name(*kids.first()?);
                for c in &kids[1..] {
                    let right = match t.kind(*c) {
                        N::Bracket => self.bracket_name(*c),
                        N::Call => {
                            let row = self.row_of(*c);
                            self.call_name(*c, row)
                        }
                        _ => self.node_name(*c),
                    };
                    name = match name.filter(|n| !tuple && !n.trim().is_empty()) {
                        Some(left) => Some(format!("{left}_{}", right.unwrap_or_default())),
                        None => right,
                    };
                }
                name
            }
            _ => None,
        }
    }

    fn bracket_name(&self, node: Id) -> Option<String> {
        let t = self.tree;
        let c = t.child(node, 0)?;
        match t.kind(c) {
            N::Lit if matches!(t.head(c), T::LongLit | T::IntLit) => Some(t.text_of(c).to_owned()),
            N::SignedLit => Some(t.text_of(c).to_owned()),
            _ => self.const_string(c),
        }
    }

    fn call_name(&mut self, call: Id, row: Option<&'static Row>) -> Option<String> {
        let t = self.tree;
        let row = row?;
        let args: Vec<Id> = t
            .child_of(call, N::Args)
            .map(|l| t.children(l).collect())
            .unwrap_or_default();
        let first = |b: &mut Self| args.first().and_then(|a| b.node_name(*a));
        match row.naming {
            Naming::None => None,
            Naming::FunctionAndFirst => Some(match args.is_empty() {
                true => format!("{}_", row.name),
                false => format!("{}_{}", row.name, first(self).unwrap_or_default()),
            }),
            Naming::PrefixAndFirst(p) => Some(match args.is_empty() {
                true => format!("{p}_"),
                false => format!("{p}_{}", first(self).unwrap_or_default()),
            }),
            Naming::FunctionAndOnly if args.len() == 1 => {
                Some(format!("{}_{}", row.name, first(self).unwrap_or_default()))
            }
            Naming::PrefixAndOnly(p) if args.len() == 1 => {
                Some(format!("{p}_{}", first(self).unwrap_or_default()))
            }
            Naming::FirstIfColumn => {
                let v = self.const_string(*args.first()?)?;
                let name = self.names.id(&v);
                self.row
                    .as_ref()
                    .is_some_and(|r| r.cols.iter().any(|c| c.name == name))
                    .then_some(v)
            }
            Naming::Prefix(p) => Some(p.to_owned()),
            Naming::First => first(self),
            Naming::Only if args.len() == 1 => first(self),
            _ => None,
        }
    }
}

/// The type a value's column has; what is no value has none that is known.
pub(crate) fn value_type(r: &R) -> Ty {
    match r {
        R::Ty(t) => *t,
        R::Tuple(c, _) => c.first().map_or(Ty::UNKNOWN, |c| c.ty),
        _ => Ty::UNKNOWN,
    }
}
