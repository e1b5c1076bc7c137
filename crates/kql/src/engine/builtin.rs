//! Calls of functions in expressions: those of the language, and those the query defines.

use super::expr::{Expr, Node};
use super::kernels::Kernel;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use crate::bind::env::FnRef;
use crate::functions::{self, Eval, Row};
use crate::syntax::{Id, N};

impl Session<'_> {
    pub fn call_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let (Some(name_node), Some(list)) = (t.child(node, 0), t.child_of(node, N::Args)) else {
            return self.unsupported(node, "this");
        };
        let text = crate::bind::env::name_text(t, name_node).into_owned();
        let args: Vec<Id> = t.children(list).collect();
        if self.matches.is_some()
            && let Some(e) = self.pattern_call(&text, &args)?
        {
            return Ok(e);
        }
        let all = functions::all();
        if self.aggs.is_some()
            && let Some(f) = all.aggregate(&text)
        {
            return self.aggregate_call(node, f.row, &args);
        }
        if let Some(f) = all.scalar(&text) {
            return self.built_in(node, f.row, &args);
        }
        let name = self.node_name(name_node);
        if let Some(i) = self.local_of(name)
            && let Some(u) = self.user(i)
        {
            let given = self.given(&u, &args, None)?;
            return self.call_scalar(node, &u, given);
        }
        if let Some(crate::bind::env::Info {
            r: crate::bind::env::R::Function(FnRef::User(u)),
            ..
        }) = Some(self.b.quietly(|b| b.bind_callee(name_node, false)))
        {
            let given = self.given(&u, &args, None)?;
            return self.call_scalar(node, &u, given);
        }
        self.unsupported(name_node, &format!("`{text}`"))
    }

    /// The arguments of a built-in function, compiled; `*` is all columns.
    pub fn arguments(&mut self, args: &[Id]) -> Res<Vec<Expr>> {
        let t = self.t();
        let mut out = Vec::new();
        for a in args {
            if t.kind(*a) == N::Star {
                let row = self.b.row_or_empty();
                out.extend(
                    row.cols
                        .iter()
                        .enumerate()
                        .map(|(i, c)| Expr::col(i, Kind::of(c.ty))),
                );
                continue;
            }
            out.push(self.compile(*a)?);
        }
        Ok(out)
    }

    fn built_in(&mut self, node: Id, row: &'static Row, args: &[Id]) -> Res<Expr> {
        let t = self.t();
        match row.name {
            "iff" | "iif" | "case" => {
                let list = self.arguments(args)?;
                return self.choice(node, list);
            }
            "column_ifexists" | "columnifexists" => {
                let name = match args.first() {
                    Some(a) => self.compile(*a)?,
                    None => return self.unsupported(node, "this"),
                };
                let text = name
                    .value()
                    .map(|v| v.text().into_owned())
                    .unwrap_or_default();
                let n = self.b.names.id(&text);
                if let Some(r) = self.b.row.clone()
                    && let Some(i) = r.cols.iter().position(|c| c.name == n)
                {
                    return Ok(Expr::col(i, Kind::of(r.cols[i].ty)));
                }
                return match args.get(1) {
                    Some(a) => self.compile(*a),
                    None => self.unsupported(node, "this"),
                };
            }
            "bag_pack_columns" => {
                let mut list = vec![Expr::constant(Val::Bool(false), Kind::Bool)];
                for a in args {
                    let name = crate::bind::env::name_text(t, *a).into_owned();
                    list.push(Expr::constant(super::value::text(name), Kind::String));
                    list.push(self.compile(*a)?);
                }
                return Ok(Expr::call(
                    super::eval::bags::pack_named,
                    list,
                    Kind::Dynamic,
                ));
            }
            "iscolumnexists" => {
                let name = match args.first() {
                    Some(a) => self.compile(*a)?,
                    None => return self.unsupported(node, "this"),
                };
                let text = name.value().map(|v| v.text().into_owned());
                let n = self.b.names.id(&text.unwrap_or_default());
                let row = self.b.row_or_empty();
                let there = row.cols.iter().any(|c| c.name == n);
                return Ok(Expr::constant(Val::Bool(there), Kind::Bool));
            }
            "pack_all" => return self.pack_all(node, args),
            "materialize" | "toscalar" => return self.outer_scalar(node),
            "column_names_of" => {
                let names = self.names_of(node)?.unwrap_or_default();
                let parts: Vec<String> = names.iter().map(|n| super::json::quote(n)).collect();
                return Ok(Expr::constant(
                    super::value::dynamic(format!("[{}]", parts.join(","))).owned(),
                    Kind::Dynamic,
                ));
            }
            _ => {}
        }
        let Some(eval) = row.eval else {
            let place = t.child(node, 0).unwrap_or(node);
            return self.unsupported(place, &format!("the function `{}`", row.name));
        };
        let list = self.arguments(args)?;
        let kind = self.kind_or(node, Kind::Dynamic);
        // a binder's guess from a wrapped type is worse than the function's own result
        let e = match eval {
            Eval::Scalar(f) => Expr {
                node: Node::Call {
                    f,
                    kernel: (row.name == "bin" || row.name == "floor").then_some(Kernel::Bin),
                    args: list,
                    pure: true,
                },
                kind,
            },
            Eval::Impure(f) => Expr {
                node: Node::Call {
                    f,
                    args: list,
                    kernel: None,
                    pure: false,
                },
                kind,
            },
            Eval::Whole(f) => Expr {
                node: Node::Whole { f, args: list },
                kind,
            },
            Eval::Aggregate(_) | Eval::Built => {
                return self.unsupported(node, &format!("`{}` here", row.name));
            }
        };
        Ok(e)
    }

    fn choice(&mut self, node: Id, mut list: Vec<Expr>) -> Res<Expr> {
        let kind = self.kind_or(node, list.last().map_or(Kind::Dynamic, |e| e.kind));
        let Some(other) = list.pop() else {
            return self.unsupported(node, "this");
        };
        let mut arms = Vec::new();
        let mut it = list.into_iter();
        while let (Some(c), Some(v)) = (it.next(), it.next()) {
            arms.push((c, v));
        }
        Ok(Expr {
            node: Node::Case(arms, Box::new(other)),
            kind,
        })
    }

    fn pack_all(&mut self, node: Id, args: &[Id]) -> Res<Expr> {
        let row = self.b.row_or_empty();
        let skip_null = match args.first() {
            Some(a) => self.compile(*a)?.value().and_then(|v| v.truth()) == Some(true),
            None => false,
        };
        let mut list = vec![Expr::constant(Val::Bool(skip_null), Kind::Bool)];
        for (i, c) in row.cols.iter().enumerate() {
            let n = self.b.text(c.name).to_owned();
            list.push(Expr::constant(super::value::text(n), Kind::String));
            list.push(Expr::col(i, Kind::of(c.ty)));
        }
        let _ = node;
        Ok(Expr::call(
            super::eval::bags::pack_named,
            list,
            Kind::Dynamic,
        ))
    }
}
