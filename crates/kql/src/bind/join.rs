//! `join`, `lookup` and `union`.

use super::Binder;
use super::env::{Column, Info, R, Sym, TableRef};
use super::project::NameSet;
use crate::syntax::{Code, Id, N, T};
use crate::types::{Conversion, Ty};

impl Binder<'_> {
    fn right_side(&mut self, node: Id) -> (Option<Id>, Info) {
        let t = self.tree;
        let right = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::On | N::JoinWhere));
        let Some(r) = right else {
            return (None, Info::error());
        };
        let info = self.with_row(None, |b| {
            b.tabular = true;
            b.expr(r)
        });
        self.tabular = false;
        (right, info)
    }

    pub(crate) fn join(&mut self, node: Id, piped: bool) -> Info {
        let (right, info) = self.right_side(node);
        self.join_with(node, piped, right, info)
    }

    /// The join where the table on the right is bound already.
    pub(crate) fn join_with(
        &mut self,
        node: Id,
        piped: bool,
        right: Option<Id>,
        info: Info,
    ) -> Info {
        let t = self.tree;
        self.right = info.r.table().cloned();
        let on = t.child_of(node, N::On);
        let wh = t.child_of(node, N::JoinWhere);
        if let Some(on) = on {
            self.scope_at(on);
            self.not_first(node, piped);
            if let Some(r) = right {
                self.check_tabular(&info, r);
            }
            self.on_clause(on);
        } else {
            let cond = wh.and_then(|w| t.child(w, 0)).map(|c| (c, self.expr(c)));
            self.not_first(node, piped);
            if let Some(r) = right {
                self.check_tabular(&info, r);
            }
            match cond {
                Some((c, i)) => {
                    self.check_bool(&i, c);
                }
                None => self.diag(Code::MISSING, node, &["`on` and a column"]),
            }
        }
        let kind = self.word_param(node, "kind").unwrap_or_default().to_owned();
        let kind = kind.as_str();
        let mut cols: Vec<Column> = Vec::new();
        let mut open = false;
        let row = self.row_or_empty();
        if !matches!(kind, "rightanti" | "rightsemi" | "rightantisemi") {
            cols.extend(self.all_columns(&row));
            open |= row.open;
        }
        if let Some(table) = self.right.take()
            && !matches!(kind, "anti" | "leftanti" | "leftsemi" | "leftantisemi")
        {
            cols.extend(self.all_columns(&table));
            open |= table.open;
        }
        self.make_unique(&mut cols);
        Info::table(self.table(cols, open))
    }

    pub(crate) fn lookup(&mut self, node: Id, piped: bool) -> Info {
        let (right, info) = self.right_side(node);
        self.lookup_with(node, piped, right, info).0
    }

    /// The lookup where the table on the right is bound already; with the pairs of keys.
    pub(crate) fn lookup_with(
        &mut self,
        node: Id,
        piped: bool,
        right: Option<Id>,
        info: Info,
    ) -> (Info, Vec<(Column, Column)>) {
        let t = self.tree;
        self.right = info.r.table().cloned();
        let mut pairs = Vec::new();
        self.not_first(node, piped);
        if let Some(r) = right {
            self.check_tabular(&info, r);
        }
        if let Some(on) = t.child_of(node, N::On) {
            self.scope_at(on);
            pairs = self.on_clause(on);
        }
        let row = self.row_or_empty();
        let mut cols = self.all_columns(&row);
        let mut open = row.open;
        for c in &mut cols {
            if pairs.iter().any(|(l, _)| l.id == c.id) {
                c.id = self.fresh();
            }
        }
        if let Some(table) = self.right.take() {
            cols.extend(
                self.all_columns(&table)
                    .into_iter()
                    .filter(|c| pairs.iter().all(|(_, r)| r.id != c.id)),
            );
            open |= table.open;
        }
        self.make_unique(&mut cols);
        (Info::table(self.table(cols, open)), pairs)
    }

    /// The word a parameter of the operator has.
    pub(crate) fn word_param(&self, node: Id, name: &str) -> Option<&str> {
        let t = self.tree;
        let p = t
            .children(node)
            .filter(|c| t.kind(*c) == N::Param)
            .find(|p| t.child(*p, 0).is_some_and(|n| t.text_of(n) == name))?;
        t.child(p, 1).map(|v| t.text_of(v))
    }

    fn on_clause(&mut self, on: Id) -> Vec<(Column, Column)> {
        let t = self.tree;
        let mut pairs = Vec::new();
        let conditions: Vec<Id> = t.children(on).collect();
        for c in conditions {
            self.on_condition(c, &mut pairs);
        }
        pairs
    }

    fn on_condition(&mut self, node: Id, pairs: &mut Vec<(Column, Column)>) {
        let t = self.tree;
        let inner = t.unparen(node);
        match t.kind(inner) {
            N::And => {
                let parts: Vec<Id> = t.children(inner).collect();
                for p in parts {
                    self.on_condition(p, pairs);
                }
            }
            N::Eq
                if t.child(inner, 1).is_some_and(|r| {
                    t.token(t.node(r).first.saturating_sub(1)).kind == T::EqualEqual
                }) =>
            {
                let (Some(l), Some(r)) = (t.child(inner, 0), t.child(inner, 1)) else {
                    return;
                };
                self.common_only = true;
                let li = self.expr(l);
                let ri = self.expr(r);
                self.common_only = false;
                let lc = self.operand(l, &li, "$left");
                let rc = self.operand(r, &ri, "$right");
                if let (Some(lc), Some(rc)) = (lc, rc)
                    && self.keys_fit(l, lc.ty, r, rc.ty)
                {
                    pairs.push((lc, rc));
                }
            }
            N::NameRef => {
                self.common_only = true;
                let i = self.expr(inner);
                self.common_only = false;
                if !self.check_column(&i, inner) {
                    return;
                }
                let name = self.name(inner);
                let (left, right) = (self.row_or_empty(), self.right.clone());
                let l = self.column_in(&left, name);
                let r = right.and_then(|r| self.column_in(&r, name));
                match (l, r) {
                    (Some(l), Some(r)) => {
                        if l.ty != r.ty
                            && ![l.ty, r.ty]
                                .iter()
                                .any(|t| matches!(*t, Ty::UNKNOWN | Ty::ERROR))
                            && !(l.ty.is_dynamic() && r.ty.is_dynamic())
                        {
                            self.diag(Code::COMMON_TYPE, inner, &[t.text_of(inner)]);
                        } else {
                            pairs.push((l, r));
                        }
                    }
                    _ => self.diag(Code::JOIN_BOTH_SIDES, inner, &[t.text_of(inner)]),
                }
            }
            N::Missing => {}
            _ => {
                self.common_only = true;
                self.expr(inner);
                self.common_only = false;
                self.diag(Code::JOIN_CONDITION, inner, &[]);
            }
        }
    }

    fn operand(&mut self, node: Id, info: &Info, prefix: &str) -> Option<Column> {
        let t = self.tree;
        let inner = t.unparen(node);
        let right =
            t.kind(inner) == N::Path && t.child(inner, 0).is_some_and(|c| t.text_of(c) == prefix);
        if !right {
            self.diag(Code::JOIN_OPERAND, inner, &[prefix]);
            return None;
        }
        if !self.check_column(info, inner) {
            return None;
        }
        match info.sym {
            Sym::Column(c) => Some(c),
            _ => None,
        }
    }

    fn keys_fit(&mut self, l: Id, lt: Ty, r: Id, rt: Ty) -> bool {
        for (n, t) in [(l, lt), (r, rt)] {
            if t.is_dynamic() {
                self.diag(Code::JOIN_KEY_DYNAMIC, n, &[]);
                return false;
            }
        }
        if [lt, rt]
            .iter()
            .any(|t| matches!(*t, Ty::UNKNOWN | Ty::ERROR))
        {
            return true;
        }
        if lt.promoted() != rt.promoted() {
            let span = self.tree.span(l);
            self.diag_at(Code::JOIN_KEY_TYPES, span, &[lt.name(), rt.name()]);
            return false;
        }
        true
    }

    // ---- union
    pub(crate) fn union(&mut self, node: Id) -> Info {
        let t = self.tree;
        let row = self.row.take();
        let fuzzy = self.fuzzy;
        if let Some(f) = self.fuzzy_param(node) {
            self.fuzzy = f;
        }
        let mut tables: Vec<TableRef> = row.iter().cloned().collect();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        for c in kids {
            self.tabular = true;
            let i = self.expr(c);
            self.tabular = false;
            self.check_tabular(&i, c);
            match &i.r {
                R::Table(t) => tables.push(t.clone()),
                R::Group(g) => tables.extend(g.iter().cloned()),
                _ => {}
            }
        }
        self.fuzzy = fuzzy;
        self.row = row;
        let source = ["withsource", "with_source"]
            .iter()
            .find_map(|n| self.word_param(node, n))
            .map(str::to_owned);
        let mut cols = Vec::new();
        if let Some(s) = source {
            let s = s
                .trim_matches(|c| matches!(c, '[' | ']' | '\'' | '"'))
                .to_owned();
            cols.push(self.named_column(&s, Ty::STRING));
        }
        let inner = self.word_param(node, "kind") == Some("inner");
        let open = tables.iter().any(|t| t.open);
        let unified = self.unify_names_and_types(&tables);
        let _ = inner;
        cols.extend(unified);
        Info::table(self.table(cols, open))
    }

    /// The columns of all tables; where one name has two types it becomes two columns.
    pub(crate) fn unify_names_and_types(&mut self, tables: &[TableRef]) -> Vec<Column> {
        if let [one] = tables {
            return one.cols.to_vec();
        }
        let all: Vec<Column> = tables.iter().flat_map(|t| t.cols.iter().copied()).collect();
        let mut seen = NameSet::default();
        let mut taken = NameSet::default();
        // the columns of each name in order; names are few, tables are wide
        let mut by_name: hashbrown::HashMap<u32, Vec<Column>> =
            hashbrown::HashMap::with_capacity(all.len());
        for c in &all {
            let list = by_name.entry(c.name.0).or_default();
            if list.iter().all(|x| x.id != c.id) {
                list.push(*c);
            }
        }
        let mut out = Vec::with_capacity(all.len());
        for c in &all {
            if !seen.insert(c.name) {
                continue;
            }
            let Some(list) = by_name.get(&c.name.0) else {
                continue;
            };
            // Two columns of one type and then one of another stay one column, as the
            // official service has it; only an early difference splits the name.
            let kind = |t: Ty| if t.is_dynamic() { Ty::DYNAMIC } else { t };
            let first = kind(list[0].ty);
            if list.len() < 2 || kind(list[1].ty) == first {
                let mut col = *c;
                if list.len() > 1 {
                    let same = list.iter().map(|x| x.ty).filter(|t| kind(*t) == first);
                    let t = self
                        .types
                        .common_of(same, Conversion::None)
                        .unwrap_or(first);
                    col = self.column(c.name, t);
                }
                self.push_unique(&mut out, &mut taken, col);
                continue;
            }
            let mut kinds: Vec<Ty> = Vec::new();
            for x in list {
                if !kinds.contains(&kind(x.ty)) {
                    kinds.push(kind(x.ty));
                }
            }
            for t in kinds {
                let n = format!("{}_{}", self.text(c.name), t.name());
                let col = self.named_column(&n, t);
                self.push_unique(&mut out, &mut taken, col);
            }
        }
        out
    }
    fn push_unique(&mut self, out: &mut Vec<Column>, taken: &mut NameSet, mut c: Column) {
        if !taken.insert(c.name) {
            let base = self.text(c.name).to_owned();
            let mut n = 1;
            loop {
                let name = self.names.id(&format!("{base}{n}"));
                if taken.insert(name) {
                    c = self.column(name, c.ty);
                    break;
                }
                n += 1;
            }
        }
        out.push(c);
    }

    /// The columns of all tables, one for each name.
    pub(crate) fn unify_names(&mut self, tables: &[TableRef]) -> Vec<Column> {
        let mut at: hashbrown::HashMap<u32, usize> = hashbrown::HashMap::new();
        let mut out: Vec<Column> = Vec::new();
        for c in tables.iter().flat_map(|t| t.cols.iter()) {
            match at.get(&c.name.0) {
                None => {
                    at.insert(c.name.0, out.len());
                    out.push(*c);
                }
                Some(i) if out[*i].ty != c.ty => {
                    let t = self
                        .types
                        .common(Some(out[*i].ty), c.ty, Conversion::Promotable)
                        .unwrap_or(Ty::DYNAMIC);
                    out[*i].ty = t;
                }
                Some(_) => {}
            }
        }
        out
    }

    /// Tables by a name with `*`.
    pub(crate) fn wild_tables(&mut self, node: Id) -> Info {
        let pattern = self
            .tree
            .text_of(node)
            .trim_matches(|c| c == '[' || c == ']');
        let names: Vec<_> = self
            .world
            .schema
            .tables()
            .filter(|t| super::pipe::wild_match(pattern.as_bytes(), t.name.as_bytes()))
            .map(|t| t.name.clone())
            .collect();
        let mut tables: Vec<TableRef> = names.iter().filter_map(|n| self.schema_table(n)).collect();
        let views: Vec<TableRef> = self.views(Some(pattern));
        tables.extend(views);
        match tables.len() {
            0 => {
                self.diag(Code::UNKNOWN_NAME, node, &[pattern, "table"]);
                Info::error()
            }
            1 => {
                self.mark(node, super::Mark::Table, None);
                Info::table(tables.remove(0))
            }
            _ => {
                self.mark(node, super::Mark::None, None);
                Info::of(R::Group(tables.into()))
            }
        }
    }

    /// Views of the text, all or by a pattern.
    pub(crate) fn views(&mut self, pattern: Option<&str>) -> Vec<TableRef> {
        let found: Vec<_> = self
            .scope
            .iter()
            .filter_map(|(n, i)| match &self.locals[*i as usize].kind {
                super::env::LocalKind::Function(super::env::FnRef::User(u))
                    if u.view && u.params.is_empty() =>
                {
                    Some((*n, u.clone()))
                }
                _ => None,
            })
            .collect();
        let mut out = Vec::new();
        for (n, u) in found {
            if pattern
                .is_none_or(|p| super::pipe::wild_match(p.as_bytes(), self.text(n).as_bytes()))
                && let R::Table(t) = self.call_user(&u, &[])
            {
                out.push(t);
            }
        }
        out
    }
}
