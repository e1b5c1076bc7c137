//! Results that no simple rule gives: aggregates with several values, bags and arrays that
//! know their inside, series with their parts, plug-ins.

use super::Binder;
use super::env::{Arg, Column, Info, Name, R, Sym, TableRef};
use crate::functions::Function;
use crate::syntax::{Id, N};
use crate::types::{Conversion, Ty};

/// Parts of series functions: name and type after the prefix.
const SERIES: &[(&str, &[(&str, Ty)])] = &[
    (
        "series_stats",
        &[
            ("min", Ty::REAL),
            ("min_idx", Ty::LONG),
            ("max", Ty::REAL),
            ("max_idx", Ty::LONG),
            ("avg", Ty::REAL),
            ("stdev", Ty::REAL),
            ("variance", Ty::REAL),
        ],
    ),
    ("series_fft", &[("real", Ty::ARRAY), ("imag", Ty::ARRAY)]),
    ("series_ifft", &[("real", Ty::ARRAY), ("imag", Ty::ARRAY)]),
    (
        "series_fit_line",
        &[
            ("rsquare", Ty::REAL),
            ("slope", Ty::REAL),
            ("variance", Ty::REAL),
            ("rvariance", Ty::REAL),
            ("interception", Ty::REAL),
            ("line_fit", Ty::ARRAY),
        ],
    ),
    (
        "series_fit_2lines",
        &[
            ("rsquare", Ty::REAL),
            ("split_idx", Ty::LONG),
            ("variance", Ty::REAL),
            ("rvariance", Ty::REAL),
            ("line_fit", Ty::ARRAY),
            ("right_rsquare", Ty::REAL),
            ("right_slope", Ty::REAL),
            ("right_interception", Ty::REAL),
            ("right_variance", Ty::REAL),
            ("right_rvariance", Ty::REAL),
            ("left_rsquare", Ty::REAL),
            ("left_slope", Ty::REAL),
            ("left_interception", Ty::REAL),
            ("left_variance", Ty::REAL),
            ("left_rvariance", Ty::REAL),
        ],
    ),
    (
        "series_periods_detect",
        &[("periods", Ty::ARRAY), ("scores", Ty::ARRAY)],
    ),
    (
        "series_periods_validate",
        &[("periods", Ty::ARRAY), ("scores", Ty::ARRAY)],
    ),
    (
        "series_fit_poly",
        &[
            ("rsquare", Ty::REAL),
            ("coefficients", Ty::ARRAY),
            ("variance", Ty::REAL),
            ("rvariance", Ty::REAL),
            ("poly_fit", Ty::ARRAY),
        ],
    ),
    (
        "series_decompose",
        &[
            ("baseline", Ty::ARRAY),
            ("seasonal", Ty::ARRAY),
            ("trend", Ty::ARRAY),
            ("residual", Ty::ARRAY),
        ],
    ),
    (
        "series_decompose_forecast",
        &[
            ("baseline", Ty::ARRAY),
            ("seasonal", Ty::ARRAY),
            ("trend", Ty::ARRAY),
            ("residual", Ty::ARRAY),
        ],
    ),
    (
        "series_decompose_anomalies",
        &[
            ("ad_flag", Ty::ARRAY),
            ("ad_score", Ty::ARRAY),
            ("baseline", Ty::ARRAY),
        ],
    ),
];

impl Binder<'_> {
    pub(crate) fn custom(
        &mut self,
        f: Option<&'static Function>,
        args: &[Arg],
        types: &[Ty],
        node: Id,
    ) -> R {
        let Some(f) = f else {
            // unary plus and minus
            return R::Ty(types.first().copied().unwrap_or(Ty::ERROR).promoted());
        };
        let name = f.row.name;
        let first = types.first().copied().unwrap_or(Ty::ERROR);
        if let Some((_, parts)) = SERIES.iter().find(|(n, _)| *n == name) {
            let source = args
                .first()
                .map(|a| self.result_name(a.node, &a.info))
                .unwrap_or_default()
                .unwrap_or_default();
            let cols: Vec<Column> = parts
                .iter()
                .map(|(p, t)| self.named_column(&format!("{name}_{source}_{p}"), *t))
                .collect();
            return R::Tuple(cols.into(), None);
        }
        match name {
            "UnaryMinus" | "UnaryPlus" => R::Ty(first.promoted()),
            "arg_max" => self.arg_min_max(args, "max"),
            "arg_min" => self.arg_min_max(args, "min"),
            "argmax" | "argmin" => self.old_arg_min_max(args),
            "take_any" | "any" | "anyif" => {
                self.any_value(args, if name == "take_any" { "any_" } else { "" })
            }
            "percentile" | "percentiles" | "percentilew" | "percentilesw" => {
                self.percentiles(name, args, types)
            }
            "percentiles_array" | "percentilesw_array" => {
                let source = args
                    .first()
                    .map(|a| self.result_name(a.node, &a.info))
                    .unwrap_or_default()
                    .unwrap_or_default();
                let prefix = if name == "percentiles_array" {
                    "percentiles"
                } else {
                    "percentilesw"
                };
                let c = self.named_column(&format!("{prefix}_{source}"), Ty::ARRAY);
                R::Tuple(vec![c].into(), None)
            }
            "pack_array" => {
                let star = args
                    .first()
                    .is_some_and(|a| self.tree.kind(a.node) == N::Star);
                let all: Vec<Ty> = if star {
                    self.row_or_empty().cols.iter().map(|c| c.ty).collect()
                } else {
                    types.to_vec()
                };
                let e = self.types.common_of(all, Conversion::Promotable);
                R::Ty(e.map_or(Ty::ARRAY, |e| self.types.array_of(e)))
            }
            "array_concat" | "set_union" | "set_intersect" | "set_difference" => {
                let e = self
                    .types
                    .common_of(types.iter().copied(), Conversion::Promotable);
                R::Ty(e.filter(|t| self.types.is_array(*t)).unwrap_or(Ty::ARRAY))
            }
            "array_iff" | "array_iif" => {
                let e = self.types.common_of(
                    types.iter().skip(1).take(2).copied(),
                    Conversion::Promotable,
                );
                R::Ty(match e {
                    Some(t) if t.is_dynamic() => t,
                    Some(t) => self.types.array_of(t),
                    None => Ty::ARRAY,
                })
            }
            "array_sort_asc" | "array_sort_desc" => {
                let mut cols = Vec::new();
                for (i, a) in args.iter().enumerate() {
                    if !(types[i] == Ty::DYNAMIC || self.types.is_array(types[i])) {
                        break;
                    }
                    let n = self.result_name(a.node, &a.info).unwrap_or_default();
                    let n = if n.is_empty() {
                        format!("array{i}_sorted")
                    } else {
                        format!("{n}_sorted")
                    };
                    cols.push(self.named_column(&n, types[i]));
                }
                R::Tuple(cols.into(), None)
            }
            "pack" | "pack_dictionary" | "bag_pack" => {
                let mut props = Vec::new();
                for pair in args.chunks(2) {
                    if let Some(k) = self.const_string(pair[0].node) {
                        props.push((k, pair.get(1).map_or(Ty::UNKNOWN, |v| v.info.r.ty())));
                    }
                }
                R::Ty(self.types.bag_of(props))
            }
            "bag_pack_columns" => {
                let props = args
                    .iter()
                    .filter_map(|a| a.info.col)
                    .map(|c| (self.text(c.name).to_owned(), c.ty))
                    .collect();
                R::Ty(self.types.bag_of(props))
            }
            "bag_merge" => {
                let mut all: Vec<(String, Ty)> = Vec::new();
                for t in types {
                    for p in self.types.properties(*t) {
                        if all.iter().all(|a| a.0 != p.0) {
                            all.push(p);
                        }
                    }
                }
                R::Ty(if self.types.is_bag(first) {
                    self.types.bag_of(all)
                } else {
                    Ty::BAG
                })
            }
            "pack_all"
            | "bag_remove_keys"
            | "bag_set_key"
            | "series_stats_dynamic"
            | "series_fit_line_dynamic"
            | "series_fit_2lines_dynamic" => R::Ty(Ty::BAG),
            "map" => R::Ty(Ty::ARRAY),
            "inner_nodes" => R::Ty(Ty::ARRAY),
            _ => self.plugin(name, args, node),
        }
    }

    // ---- aggregates of several values
    fn arg_min_max(&mut self, args: &[Arg], prefix: &str) -> R {
        let mut cols: Vec<Column> = Vec::new();
        let mut done: Vec<u32> = Vec::new();
        let star = args.iter().any(|a| self.tree.kind(a.node) == N::Star);
        let primary = args
            .first()
            .map(|a| self.result_name(a.node, &a.info).unwrap_or_default())
            .unwrap_or_default();
        for (i, a) in args.iter().enumerate() {
            let taken = |b: &Self, done: &[u32], c: &Column| {
                i > 0 && star && (done.contains(&c.id) || b.by_columns.iter().any(|x| x.id == c.id))
            };
            match self.value_column(a) {
                Value::Star(all) => {
                    for c in all {
                        if !taken(self, &done, &c) {
                            done.push(c.id);
                            cols.push(c);
                        }
                    }
                }
                Value::Named(name, c) => {
                    if !taken(self, &done, &c) {
                        done.push(c.id);
                        let n = self.column(name, c.ty);
                        cols.push(n);
                    }
                }
                Value::Column(c) => {
                    if !taken(self, &done, &c) {
                        if done.contains(&c.id) || self.by_columns.iter().any(|x| x.id == c.id) {
                            let n = self.column(c.name, c.ty);
                            cols.push(n);
                        } else {
                            done.push(c.id);
                            cols.push(c);
                        }
                    }
                }
                Value::Other => {
                    let name = self.result_name(a.node, &a.info).unwrap_or_else(|| {
                        if i == 0 {
                            format!("{prefix}_")
                        } else {
                            format!("{prefix}_{primary}_arg{i}")
                        }
                    });
                    cols.push(self.named_column(&name, a.info.r.ty()));
                }
            }
        }
        R::Tuple(cols.into(), None)
    }

    fn old_arg_min_max(&mut self, args: &[Arg]) -> R {
        let mut cols: Vec<Column> = Vec::new();
        let mut done: Vec<u32> = Vec::new();
        let star = args.iter().any(|a| self.tree.kind(a.node) == N::Star);
        let Some(first) = args.first() else {
            return R::Tuple(cols.into(), None);
        };
        let primary = match first.info.col {
            Some(c) => {
                done.push(c.id);
                cols.push(c);
                self.text(c.name).to_owned()
            }
            None => {
                let n = self
                    .result_name(first.node, &first.info)
                    .unwrap_or_default();
                cols.push(self.named_column(&n, first.info.r.ty()));
                n
            }
        };
        for (i, a) in args.iter().enumerate().skip(1) {
            let taken = |b: &Self, done: &[u32], c: &Column| {
                star && (done.contains(&c.id) || b.by_columns.iter().any(|x| x.id == c.id))
            };
            match self.value_column(a) {
                Value::Star(all) => {
                    for c in all {
                        if Some(c.id) != first.info.col.map(|c| c.id) && !taken(self, &done, &c) {
                            done.push(c.id);
                            let n = format!("{primary}_{}", self.text(c.name));
                            cols.push(self.named_column(&n, c.ty));
                        }
                    }
                }
                Value::Named(name, c) => {
                    if !taken(self, &done, &c) {
                        done.push(c.id);
                        let n = format!("{primary}_{}", self.text(name));
                        cols.push(self.named_column(&n, c.ty));
                    }
                }
                Value::Column(c) => {
                    if !taken(self, &done, &c) {
                        done.push(c.id);
                        let n = format!("{primary}_{}", self.text(c.name));
                        cols.push(self.named_column(&n, c.ty));
                    }
                }
                Value::Other => {
                    let n = self
                        .result_name(a.node, &a.info)
                        .unwrap_or_else(|| format!("arg{i}"));
                    cols.push(self.named_column(&format!("{primary}_{n}"), a.info.r.ty()));
                }
            }
        }
        R::Tuple(cols.into(), None)
    }

    fn any_value(&mut self, args: &[Arg], prefix: &str) -> R {
        let mut cols: Vec<Column> = Vec::new();
        let mut done: Vec<u32> = self.by_columns.iter().map(|c| c.id).collect();
        let star = args.iter().any(|a| self.tree.kind(a.node) == N::Star);
        for (i, a) in args.iter().enumerate() {
            match self.value_column(a) {
                Value::Star(all) => {
                    for c in all {
                        if !done.contains(&c.id) {
                            done.push(c.id);
                            cols.push(c);
                        }
                    }
                }
                Value::Named(name, c) => {
                    if !star || !done.contains(&c.id) {
                        done.push(c.id);
                        let n = self.column(name, c.ty);
                        cols.push(n);
                    }
                }
                Value::Column(c) => {
                    if !star || !done.contains(&c.id) {
                        if done.contains(&c.id) {
                            let n = self.column(c.name, c.ty);
                            cols.push(n);
                        } else {
                            done.push(c.id);
                            cols.push(c);
                        }
                    }
                }
                Value::Other => {
                    let n = self.result_name(a.node, &a.info).filter(|n| !n.is_empty());
                    let n = n.unwrap_or_else(|| format!("{prefix}arg{i}"));
                    cols.push(self.named_column(&n, a.info.r.ty()));
                }
            }
        }
        R::Tuple(cols.into(), None)
    }

    fn percentiles(&mut self, name: &str, args: &[Arg], types: &[Ty]) -> R {
        let source = args
            .first()
            .map(|a| self.result_name(a.node, &a.info))
            .unwrap_or_default()
            .unwrap_or_default();
        let skip = if name.contains('w') { 2 } else { 1 };
        let ty = types.first().copied().unwrap_or(Ty::ERROR).promoted();
        let mut cols = Vec::new();
        for a in args.iter().skip(skip) {
            let value: String = self
                .tree
                .text_of(a.node)
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || c == '_' {
                        c
                    } else {
                        '_'
                    }
                })
                .collect();
            cols.push(self.named_column(&format!("percentile_{source}_{value}"), ty));
        }
        R::Tuple(cols.into(), None)
    }

    fn value_column(&mut self, a: &Arg) -> Value {
        match self.tree.kind(a.node) {
            N::Star => {
                let row = self.row_or_empty();
                Value::Star(self.all_columns(&row))
            }
            N::Named => match (self.tree.child(a.node, 0), a.info.col) {
                (Some(n), Some(c)) => Value::Named(self.name(n), c),
                _ => Value::Other,
            },
            _ => a.info.col.map_or(Value::Other, Value::Column),
        }
    }

    /// What an argument that is a type gives a plug-in for its result.
    pub(crate) fn schema_sym(&self, t: TableRef) -> Info {
        Info {
            r: R::Ty(Ty::TYPE),
            sym: Sym::Schema(t),
            constant: true,
            col: None,
        }
    }
}

enum Value {
    Star(Vec<Column>),
    Named(Name, Column),
    Column(Column),
    Other,
}
