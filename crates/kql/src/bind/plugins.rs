//! What the plug-ins of `evaluate` give.

use super::Binder;
use super::env::{Arg, Column, Name, R, Sym};
use crate::syntax::{Id, N};
use crate::types::Ty;

impl Binder<'_> {
    fn referenced(&self, args: &[Arg], from: usize) -> Vec<Column> {
        args.iter()
            .skip(from)
            .filter_map(|a| {
                if let Sym::Column(c) = a.info.sym {
                    Some(c)
                } else {
                    None
                }
            })
            .collect()
    }

    pub(crate) fn plugin(&mut self, name: &str, args: &[Arg], _node: Id) -> R {
        let row = self.row_or_empty();
        let open = row.open;
        let mut cols: Vec<Column> = Vec::new();
        let timeline = args.get(1).and_then(|a| a.info.col);
        let add = |b: &mut Self, cols: &mut Vec<Column>, list: &[(&str, Ty)]| {
            for (n, t) in list {
                let c = b.named_column(n, *t);
                cols.push(c);
            }
        };
        match name {
            "bag_unpack" => {
                let gone = args.first().and_then(|a| a.info.col).map(|c| c.id);
                cols = self
                    .all_columns(&row)
                    .into_iter()
                    .filter(|c| Some(c.id) != gone)
                    .collect();
                return R::Table(self.table(cols, true));
            }
            "pivot" => {
                cols = self.referenced(args, 2);
                if cols.is_empty() {
                    let pivot = args.first().and_then(|a| a.info.col).map(|c| c.id);
                    let agg = args
                        .get(1)
                        .and_then(|a| self.tree.child_of(a.node, N::Args))
                        .and_then(|l| self.tree.child(l, 0))
                        .filter(|n| self.tree.kind(*n) == N::NameRef)
                        .map(|n| self.name(n));
                    cols = row
                        .cols
                        .iter()
                        .copied()
                        .filter(|c| Some(c.id) != pivot && Some(c.name) != agg)
                        .collect();
                }
                return R::Table(self.table(cols, true));
            }
            "autocluster" | "basket" => {
                add(
                    self,
                    &mut cols,
                    &[
                        ("SegmentId", Ty::LONG),
                        ("Count", Ty::LONG),
                        ("Percent", Ty::REAL),
                    ],
                );
                cols.extend(row.cols.iter());
            }
            "diffpatterns" => {
                let parts = [
                    ("SegmentId", Ty::LONG),
                    ("CountA", Ty::LONG),
                    ("CountB", Ty::LONG),
                    ("PercentA", Ty::REAL),
                    ("PercentB", Ty::REAL),
                    ("PercentDiffAB", Ty::REAL),
                ];
                add(self, &mut cols, &parts);
                cols.extend(row.cols.iter());
            }
            "dcount_intersect" => {
                cols.extend(row.cols.iter());
                for i in 0..args.len() {
                    cols.push(self.named_column(&format!("s{i}"), Ty::LONG));
                }
            }
            "identity" | "identity_v3" | "rows_near" => return R::Table(row),
            "preview" => {
                add(self, &mut cols, &[("Count", Ty::LONG)]);
                let count = self.table(cols, false);
                return R::Group(vec![row, count].into());
            }
            "estimate_rows_count" => add(self, &mut cols, &[("EstimatedRowsCount", Ty::LONG)]),
            "ipv4_lookup" | "ipv6_lookup" | "geo_polygon_lookup" | "geo_line_lookup" => {
                let Some(lookup) = args.first().and_then(|a| a.info.r.table().cloned()) else {
                    return R::Table(row);
                };
                let keys: Vec<Name> = if name == "ipv4_lookup" {
                    self.referenced(args, 3).iter().map(|c| c.name).collect()
                } else {
                    Vec::new()
                };
                cols = self.all_columns(&row);
                cols.extend(
                    self.all_columns(&lookup)
                        .into_iter()
                        .filter(|c| !keys.contains(&c.name)),
                );
                self.make_unique(&mut cols);
                let open = open || lookup.open;
                return R::Table(self.table(cols, open));
            }
            "python" | "csharp" | "r" => {
                return match args.first().map(|a| &a.info.sym) {
                    Some(Sym::Schema(t)) => R::Table(t.clone()),
                    _ => R::Table(self.open_table()),
                };
            }
            "active_users_count" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 7));
                add(self, &mut cols, &[("dcount", Ty::LONG)]);
            }
            "session_count" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 6));
                add(self, &mut cols, &[("count_sessions", Ty::LONG)]);
            }
            "sliding_window_counts" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 6));
                add(
                    self,
                    &mut cols,
                    &[("Count", Ty::LONG), ("Dcount", Ty::LONG)],
                );
            }
            "activity_counts_metrics" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 5));
                let parts = [
                    ("count", Ty::LONG),
                    ("dcount", Ty::LONG),
                    ("new_dcount", Ty::LONG),
                    ("aggregated_dcount", Ty::LONG),
                ];
                add(self, &mut cols, &parts);
            }
            "activity_engagement" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 4));
                let parts = [
                    ("dcount_activities_inner", Ty::LONG),
                    ("dcount_activities_outer", Ty::LONG),
                    ("activity_ratio", Ty::REAL),
                ];
                add(self, &mut cols, &parts);
            }
            "activity_metrics" => {
                cols.extend(timeline);
                cols.extend(self.referenced(args, 5));
                let parts = [
                    ("dcount_values", Ty::LONG),
                    ("dcount_newvalues", Ty::LONG),
                    ("retention_rate", Ty::REAL),
                    ("churn_rate", Ty::REAL),
                ];
                add(self, &mut cols, &parts);
            }
            "new_activity_metrics" => {
                if let Some(a) = args.get(1) {
                    let n = self.result_name(a.node, &a.info).unwrap_or_default();
                    cols.push(self.named_column(&format!("from_{n}"), a.info.r.ty()));
                    cols.push(self.named_column(&format!("to_{n}"), a.info.r.ty()));
                }
                cols.extend(self.referenced(args, 5));
                let parts = [
                    ("dcount_new_values", Ty::LONG),
                    ("dcount_retained_values", Ty::LONG),
                    ("dcount_churn_values", Ty::LONG),
                    ("retention_rate", Ty::REAL),
                    ("churn_rate", Ty::REAL),
                ];
                add(self, &mut cols, &parts);
            }
            "funnel_sequence" | "funnel_sequence_completion" => {
                cols.extend(timeline);
                let state = args
                    .get(5)
                    .or_else(|| args.get(4))
                    .map(|a| a.info.r.ty())
                    .unwrap_or(Ty::STRING);
                if name == "funnel_sequence" {
                    add(
                        self,
                        &mut cols,
                        &[
                            ("prev", state),
                            ("next", state),
                            ("dcount", Ty::LONG),
                            ("samples", Ty::ARRAY),
                        ],
                    );
                } else {
                    add(
                        self,
                        &mut cols,
                        &[("Period", Ty::TIMESPAN), ("dcount", Ty::LONG)],
                    );
                }
            }
            "sequence_detect" => {
                cols.extend(
                    args.iter()
                        .skip(3)
                        .filter(|a| self.tree.kind(a.node) != N::Named)
                        .filter_map(|a| a.info.col),
                );
                let stamp = args
                    .first()
                    .and_then(|a| a.info.col)
                    .map(|c| self.text(c.name).to_owned())
                    .unwrap_or_default();
                for a in args.iter().skip(3) {
                    if self.tree.kind(a.node) == N::Named
                        && let Some(n) = self.tree.child(a.node, 0)
                    {
                        let n = format!("{}_{stamp}", super::env::name_text(self.tree, n));
                        cols.push(self.named_column(&n, Ty::DATETIME));
                    }
                }
                add(self, &mut cols, &[("Duration", Ty::TIMESPAN)]);
            }
            "rolling_percentile" => {
                cols.extend(args.get(2).and_then(|a| a.info.col));
                cols.extend(self.referenced(args, 5));
                let of = args
                    .first()
                    .map(|a| self.result_name(a.node, &a.info))
                    .unwrap_or_default()
                    .unwrap_or_default();
                let (n, p) = (
                    args.get(4).map_or("", |a| self.tree.text_of(a.node)),
                    args.get(1).map_or("", |a| self.tree.text_of(a.node)),
                );
                let name = format!("rolling_{n}_percentile_{of}_{p}");
                cols.push(self.named_column(&name, Ty::LONG));
            }
            n if n.starts_with("ai_") => {
                cols.extend(row.cols.iter());
                let of = args
                    .first()
                    .map(|a| self.result_name(a.node, &a.info))
                    .unwrap_or_default()
                    .unwrap_or_default();
                if n.starts_with("ai_embed") {
                    cols.push(self.named_column(&format!("{of}_embeddings"), Ty::DYNAMIC));
                } else {
                    cols.push(self.named_column(&format!("{of}_completion"), Ty::STRING));
                }
            }
            _ => return R::Table(self.open_table()),
        }
        R::Table(self.table(cols, open))
    }
}
