//! Tables: by name, written in the text, external, made by functions.

use super::catalog::Stored;
use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::{Build, Vector};
use crate::bind::env::{Column, FnRef, R, TableRef, UserFn};
use crate::functions;
use crate::syntax::{Id, N};
use crate::types::Ty;
use std::sync::Arc;

impl Session<'_> {
    /// Works out a table.
    pub fn tabular(&mut self, node: Id) -> Res<Rel> {
        self.check_cancel()?;
        let t = self.t();
        match t.kind(node) {
            N::NameRef | N::WildName => self.named_table(node),
            N::Paren | N::DataScope => match t.child(node, 0) {
                Some(c) => self.tabular(c),
                None => self.unsupported(node, "this"),
            },
            N::Materialize => match t.children(node).find(|c| t.kind(*c) != N::Param) {
                Some(c) => self.tabular(c),
                None => self.unsupported(node, "this"),
            },
            N::ToTable => match t.children(node).filter(|c| t.kind(*c) != N::Param).last() {
                Some(c) => self.tabular(c),
                None => self.unsupported(node, "this"),
            },
            N::Call => self.table_call(node, None),
            N::Path => {
                let kids: Vec<Id> = t.children(node).collect();
                if let [call, member] = kids[..]
                    && let Some(chosen) = self.b.pattern_call(call, Some(member))
                {
                    return self.pattern_table(node, chosen);
                }
                // `cluster(…).database(…).Table`
                match t.children(node).last() {
                    Some(c) => self.tabular(c),
                    None => self.unsupported(node, "this"),
                }
            }
            N::Pipe => self.pipe(node),
            N::DataTable => self.data_table(node),
            N::ExternalData => self.external(node),
            N::ContextualTable | N::InlineExternalTable | N::MaterializedViewCombine => {
                self.unsupported(node, "this table")
            }
            N::Union => self.operator(node, None),
            k if crate::bind::pipe_is_operator(k) => {
                // these look at all columns; of what they read, only a search is told the time
                let mut want = std::mem::take(&mut self.want);
                if matches!(k, N::Search | N::Find) {
                    (self.want.from, self.want.to) = (want.from, want.to);
                }
                let rel = self.operator(node, None);
                std::mem::swap(&mut self.want, &mut want);
                rel
            }
            _ => self.fail(ErrorKind::Semantic, node, "a table is expected"),
        }
    }

    /// What the chosen line of a pattern gives.
    fn pattern_table(&mut self, node: Id, chosen: Option<Arc<UserFn>>) -> Res<Rel> {
        match chosen {
            Some(u) => self.call_table(node, &u, Vec::new()),
            None => {
                let text = self.t().text_of(node).to_owned();
                self.fail(
                    ErrorKind::Semantic,
                    node,
                    format!("the pattern has no line for `{text}`"),
                )
            }
        }
    }

    fn pipe(&mut self, node: Id) -> Res<Rel> {
        let t = self.t();
        let kids: Vec<Id> = t.children(node).collect();
        let Some((first, rest)) = kids.split_first() else {
            return self.unsupported(node, "this");
        };
        let wanted = self.wanted(rest);
        let consumer = std::mem::replace(&mut self.want, wanted);
        let row = self.b.row.take();
        let rel = self.tabular(*first);
        // what the operators read besides is not narrowed by those after them
        self.want = Default::default();
        let rel = rel.and_then(|rel| {
            let mut ops = rest.iter();
            ops.try_fold(rel, |rel, op| self.operator(*op, Some(rel)))
        });
        self.want = consumer;
        self.b.row = row;
        rel
    }

    /// A pipeline of operators that something flows into.
    pub fn fed(&mut self, node: Id, mut rel: Rel) -> Res<Rel> {
        let t = self.t();
        if t.kind(node) != N::Pipe {
            return self.operator(node, Some(rel));
        }
        let kids: Vec<Id> = t.children(node).collect();
        for op in kids {
            rel = self.operator(op, Some(rel))?;
        }
        Ok(rel)
    }

    fn named_table(&mut self, node: Id) -> Res<Rel> {
        let name = self.node_name(node);
        if let Some(i) = self.local_of(name) {
            return self.local_table(node, i);
        }
        let text = self.b.text(name).to_owned();
        self.stored_table(node, &text)
    }

    /// A table of the catalog, with the columns the schema says it has.
    pub fn stored_table(&mut self, node: Id, text: &str) -> Res<Rel> {
        let Some(table) = self.b.schema_table(text) else {
            if self.b.fuzzy {
                let t = self.b.table(Vec::new(), true);
                return Ok(Rel::empty(t));
            }
            return self.fail(
                ErrorKind::Semantic,
                node,
                format!("there is no table `{text}`"),
            );
        };
        let mut names = vec![text.to_owned()];
        // an alias reads the table it stands for
        if let Some(def) = self.world.schema.table(text)
            && *def.name != *text
        {
            names.push(def.name.to_string());
        }
        let mut want = self.want.clone();
        want.columns = self.named_columns(&table, &want);
        for n in names {
            match self.catalog.read(&n, &want) {
                Some(Ok(stored)) => {
                    self.lent(&stored);
                    return Ok(self.rel_of(&stored, table));
                }
                Some(Err(why)) => {
                    return self.fail(ErrorKind::Source, node, format!("{n}: {why}"));
                }
                None => {}
            }
        }
        // a table of the schema that holds nothing here
        Ok(Rel::empty(table))
    }

    /// Stored rows under a table's columns, found by name.
    pub fn rel_of(&mut self, stored: &Stored, table: TableRef) -> Rel {
        let from: Vec<Option<(usize, Kind)>> = table
            .cols
            .iter()
            .map(|c| {
                let name = self.b.text(c.name);
                stored
                    .columns
                    .iter()
                    .position(|(n, _)| n == name)
                    .map(|i| (i, Kind::of(stored.columns[i].1)))
            })
            .collect();
        let kinds: Vec<Kind> = table.cols.iter().map(|c| Kind::of(c.ty)).collect();
        let parts = stored
            .chunks
            .iter()
            .filter(|c| c.rows() > 0)
            .map(|chunk| {
                let cols = from
                    .iter()
                    .zip(&kinds)
                    .map(|(f, want)| {
                        let Some((i, have)) = f else {
                            return Vector::constant(Val::Null.to(*want), chunk.rows());
                        };
                        let Some(col) = chunk.shared(*i) else {
                            return Vector::constant(Val::Null.to(*want), chunk.rows());
                        };
                        let v = Vector::Data(col, None);
                        convert(v, *have, *want)
                    })
                    .collect();
                Part {
                    rows: chunk.rows(),
                    cols,
                }
            })
            .collect();
        let rel = Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        };
        rel.cut()
    }

    fn data_table(&mut self, node: Id) -> Res<Rel> {
        let t = self.t();
        let from = self.b.out.diags.len();
        let info = self.b.expr(node);
        self.bound_well(from)?;
        let R::Table(table) = info.r else {
            return self.fail(ErrorKind::Semantic, node, "a table is expected");
        };
        let mut builds: Vec<Build> = table
            .cols
            .iter()
            .map(|c| Build::new(Kind::of(c.ty)))
            .collect();
        let n = builds.len();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| !matches!(t.kind(*c), N::RowSchema | N::Param))
            .collect();
        if n == 0 {
            return Ok(Rel::empty(table));
        }
        for (i, k) in kids.iter().enumerate() {
            let v = match super::literal::node(t, *k) {
                Some(v) => v,
                None => {
                    let e = self.in_row(None, |s| s.compile(*k))?;
                    e.value().cloned().unwrap_or(Val::Null)
                }
            };
            if let Some(b) = builds.get_mut(i % n) {
                b.push(v);
            }
        }
        let rows = kids.len() / n;
        let cols = builds.into_iter().map(Build::finish).collect();
        Ok(Rel {
            serialized: true,
            ..Rel::one(table, Part { rows, cols })
        })
    }

    fn external(&mut self, node: Id) -> Res<Rel> {
        let t = self.t();
        let from = self.b.out.diags.len();
        let info = self.b.expr(node);
        self.bound_well(from)?;
        let R::Table(table) = info.r else {
            return self.fail(ErrorKind::Semantic, node, "a table is expected");
        };
        let uris: Vec<Id> = t
            .children(node)
            .filter(|c| !matches!(t.kind(*c), N::RowSchema | N::With | N::Param))
            .collect();
        let mut format = None;
        let mut skip = false;
        let with: Vec<Id> = t
            .child_of(node, N::With)
            .map(|w| t.children(w).collect())
            .unwrap_or_default();
        for p in with {
            let (Some(n), Some(v)) = (t.child(p, 0), t.child(p, 1)) else {
                continue;
            };
            let value = super::literal::node(t, v)
                .map(|v| v.text().into_owned())
                .unwrap_or_else(|| t.text_of(v).to_owned());
            match t.text_of(n).to_ascii_lowercase().as_str() {
                "format" => format = Some(value),
                "ignorefirstrecord" => skip = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        let columns: Vec<(String, Ty)> = table
            .cols
            .iter()
            .map(|c| (self.b.text(c.name).to_owned(), c.ty))
            .collect();
        let mut rel = Rel::empty(table.clone());
        for u in uris {
            let url = self.constant(u)?.text().into_owned();
            let Some(ext) = self.catalog.externals.clone() else {
                return self.fail(
                    ErrorKind::Source,
                    u,
                    format!("externaldata reads nothing from the network; name a folder with files for it (--external): {url}"),
                );
            };
            match ext.fetch(&url, &columns, format.as_deref(), skip) {
                Ok(stored) => {
                    let r = self.rel_of(&stored, table.clone());
                    rel.parts.extend(r.parts);
                }
                Err(why) => return self.fail(ErrorKind::Source, u, format!("{url}: {why}")),
            }
        }
        Ok(rel)
    }

    /// A call that gives a table; `input` flows in after `invoke`.
    pub fn table_call(&mut self, node: Id, input: Option<Rel>) -> Res<Rel> {
        let t = self.t();
        let (Some(name_node), Some(list)) = (t.child(node, 0), t.child_of(node, N::Args)) else {
            return self.unsupported(node, "this");
        };
        if let Some(chosen) = self.b.pattern_call(node, None) {
            return self.pattern_table(node, chosen);
        }
        let text = crate::bind::env::name_text(t, name_node).into_owned();
        let args: Vec<Id> = t.children(list).collect();
        let name = self.node_name(name_node);
        let user = self.local_of(name).and_then(|i| self.user(i)).or_else(|| {
            match self.b.quietly(|b| b.bind_callee(name_node, true)).r {
                R::Function(FnRef::User(u)) => Some(u),
                _ => None,
            }
        });
        if let Some(u) = user {
            // what the function does with its tables is not known here
            let want = std::mem::take(&mut self.want);
            // scalar arguments are bound where the call stands
            let row = self.b.row.take();
            for a in &args {
                if !self.is_table(*a) {
                    self.b.expr(*a);
                }
            }
            let given = self.given(&u, &args, input);
            self.b.row = row;
            self.want = want;
            return self.call_table(node, &u, given?);
        }
        if functions::all().scalar(&text).is_some() {
            match text.as_str() {
                "table" | "materialized_view" | "external_table" | "stored_query_result" => {
                    let name = match args.first() {
                        Some(a) => self.constant(*a)?.text().into_owned(),
                        None => String::new(),
                    };
                    let n = self.b.names.id(&name);
                    if let Some(i) = self.local_of(n) {
                        return self.local_table(node, i);
                    }
                    return self.stored_table(node, &name);
                }
                "materialize" => {
                    if let Some(a) = args.first() {
                        return self.tabular(*a);
                    }
                }
                _ => {}
            }
        }
        if self.world.schema.function(&text).is_some() {
            return self.service_function(node, &text, &args, input);
        }
        if self.b.fuzzy {
            let t = self.b.table(Vec::new(), true);
            return Ok(Rel::empty(t));
        }
        self.unsupported(name_node, &format!("`{text}`"))
    }

    /// `FileProfile`, `DeviceFromIP` and their like: from a local table of that name, if there is one.
    fn service_function(
        &mut self,
        node: Id,
        name: &str,
        args: &[Id],
        input: Option<Rel>,
    ) -> Res<Rel> {
        let Some(f) = self.world.schema.function(name).cloned() else {
            return self.unsupported(node, &format!("`{name}`"));
        };
        let key_text = args
            .first()
            .map(|a| self.t().text_of(*a).trim_matches(['"', '\'']).to_owned());
        let local = match self.catalog.read(name, &Default::default()) {
            Some(Ok(s)) => Some(s),
            Some(Err(why)) => return self.fail(ErrorKind::Source, node, why),
            None => None,
        };
        let mut cols: Vec<Column> = Vec::new();
        for c in f.columns.iter() {
            let n = self.b.names.id(&c.name);
            let col = self.b.column(n, c.ty);
            cols.push(col);
        }
        let Some(input) = input.filter(|_| f.invoke) else {
            let table = self.b.table(cols, false);
            return Ok(match local {
                Some(s) => self.rel_of(&s, table),
                None => Rel::empty(table),
            });
        };
        // columns the table has not yet are added
        let mut all = input.table.cols.to_vec();
        let fresh: Vec<Column> = cols
            .into_iter()
            .filter(|c| all.iter().all(|x| x.name != c.name))
            .collect();
        all.extend(fresh.iter().copied());
        let out = self.b.table(all, input.table.open);
        let key = key_text.unwrap_or_else(|| "SHA1".to_owned());
        let key_name = self.b.names.id(&key);
        let key_at = input.table.cols.iter().position(|c| c.name == key_name);
        let found = match (&local, key_at) {
            (Some(s), Some(_)) => {
                let table = self.b.table(fresh.clone(), false);
                let rel = self.rel_of(s, table);
                let key_cols = ["SHA1", "SHA256", "MD5"]
                    .iter()
                    .chain([&key.as_str()])
                    .filter_map(|n| s.columns.iter().position(|(c, _)| c == n))
                    .collect::<Vec<_>>();
                let mut at = hashbrown::HashMap::new();
                let mut row = 0u32;
                for chunk in &s.chunks {
                    for i in 0..chunk.rows() {
                        for k in &key_cols {
                            if let Some(x) = chunk.column(*k).and_then(|c| c.text(i))
                                && !x.is_empty()
                            {
                                at.entry(x.to_ascii_lowercase()).or_insert(row);
                            }
                        }
                        row += 1;
                    }
                }
                Some((self.whole(&rel)?, at))
            }
            _ => None,
        };
        let parts = input
            .parts
            .iter()
            .map(|p| {
                let mut cols = p.cols.clone();
                match (&found, key_at) {
                    (Some((whole, at)), Some(k)) => {
                        let rows: Vec<u32> = (0..p.rows)
                            .map(|i| {
                                let key = p.cols.get(k).and_then(|c| c.str_at(i)).unwrap_or("");
                                at.get(&key.to_ascii_lowercase())
                                    .copied()
                                    .unwrap_or(super::vector::NO_ROW)
                            })
                            .collect();
                        cols.extend(whole.take(&rows).cols);
                    }
                    _ => cols.extend(
                        fresh
                            .iter()
                            .map(|c| Vector::constant(Val::Null.to(Kind::of(c.ty)), p.rows)),
                    ),
                }
                Part { rows: p.rows, cols }
            })
            .collect();
        Ok(Rel {
            table: out,
            parts,
            serialized: input.serialized,
            segmented: false,
        })
    }
}

/// Values of one kind as those of another.
pub fn convert(v: Vector, have: Kind, want: Kind) -> Vector {
    if have == want
        || (have.is_int() && want.is_int() && have != Kind::Timespan && want != Kind::Timespan)
            && !matches!((have, want), (Kind::Datetime, _) | (_, Kind::Datetime))
    {
        return v;
    }
    match &v {
        Vector::Const(c, n) => Vector::constant((**c).clone().to(want), *n),
        Vector::Data(..) => {
            let n = v.len();
            let mut b = Build::new(want);
            for i in 0..n {
                b.push(v.val(have, i).to(want));
            }
            b.finish()
        }
    }
}
