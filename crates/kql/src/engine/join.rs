//! `join` and `lookup`: keys of both sides are numbered together, then rows are paired by number.

use super::expr::{Cx, Expr};
use super::group::{Groups, Local, group, local};
use super::rel::{PART_ROWS, Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::{NO_ROW, Vector};
use crate::bind::env::{Info, TableRef};
use crate::syntax::{Id, N};

/// What a pair of rows takes, at least: its place on either side.
const ROW_BYTES: u64 = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum JoinKind {
    Inner,
    InnerUnique,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    RightSemi,
    LeftAnti,
    RightAnti,
}

/// Rows of one side by the number of their key.
struct Index {
    from: Vec<u32>,
    rows: Vec<u32>,
}

impl Index {
    fn of(ids: &[u32], count: usize) -> Index {
        let mut from = vec![0u32; count + 1];
        for id in ids.iter().filter(|i| **i != NO_ROW) {
            from[*id as usize + 1] += 1;
        }
        for i in 1..from.len() {
            from[i] += from[i - 1];
        }
        let mut at = from.clone();
        let mut rows = vec![0u32; from.last().copied().unwrap_or(0) as usize];
        for (r, id) in ids.iter().enumerate() {
            if *id != NO_ROW {
                let slot = &mut at[*id as usize];
                rows[*slot as usize] = r as u32;
                *slot += 1;
            }
        }
        Index { from, rows }
    }
    /// How many pairs there are with rows of these keys.
    fn pairs(&self, ids: &[u32]) -> u64 {
        ids.iter()
            .filter(|i| **i != NO_ROW)
            .map(|i| self.get(*i).len() as u64)
            .sum()
    }
    #[inline]
    fn get(&self, id: u32) -> &[u32] {
        if id == NO_ROW {
            return &[];
        }
        match (self.from.get(id as usize), self.from.get(id as usize + 1)) {
            (Some(a), Some(b)) => &self.rows[*a as usize..*b as usize],
            _ => &[],
        }
    }
}

impl Session<'_> {
    fn right_table(&mut self, node: Id) -> Res<(Id, Rel)> {
        let t = self.t();
        let Some(r) = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::On | N::JoinWhere))
        else {
            return self.unsupported(node, "this");
        };
        let row = self.b.row.take();
        let right = self.b.right.take();
        let rel = self.tabular(r);
        self.b.row = row;
        self.b.right = right;
        Ok((r, rel?))
    }

    /// The columns of an `on`, as places on the left and on the right.
    fn on_keys(&mut self, on: Id, left: &TableRef, right: &TableRef) -> Res<Vec<(usize, usize)>> {
        let t = self.t();
        let mut out = Vec::new();
        let mut todo: Vec<Id> = t.children(on).collect();
        todo.reverse();
        while let Some(c) = todo.pop() {
            let c = t.unparen(c);
            match t.kind(c) {
                N::And => {
                    let mut parts: Vec<Id> = t.children(c).collect();
                    parts.reverse();
                    todo.extend(parts);
                }
                N::Eq => {
                    let (Some(a), Some(b)) = (t.child(c, 0), t.child(c, 1)) else {
                        continue;
                    };
                    let mut pair = (None, None);
                    for side in [a, b] {
                        let side = t.unparen(side);
                        let (Some(head), Some(name)) = (t.child(side, 0), t.child(side, 1)) else {
                            continue;
                        };
                        let name = self.node_name(name);
                        if t.text_of(head) == "$right" {
                            pair.1 = right.cols.iter().position(|c| c.name == name);
                        } else {
                            pair.0 = left.cols.iter().position(|c| c.name == name);
                        }
                    }
                    match pair {
                        (Some(a), Some(b)) => out.push((a, b)),
                        _ => return self.fail(ErrorKind::Semantic, c, "there is no such column"),
                    }
                }
                _ => {
                    let name = self.node_name(c);
                    let a = left.cols.iter().position(|c| c.name == name);
                    let b = right.cols.iter().position(|c| c.name == name);
                    match (a, b) {
                        (Some(a), Some(b)) => out.push((a, b)),
                        _ => {
                            return self.fail(
                                ErrorKind::Semantic,
                                c,
                                "the column is not on both sides",
                            );
                        }
                    }
                }
            }
        }
        Ok(out)
    }

    /// The number of each row's key, on the left and on the right; no number where a key is null.
    fn key_ids(
        &mut self,
        left: &Rel,
        right: &Rel,
        pairs: &[(usize, usize)],
    ) -> Res<(Groups, usize)> {
        if let [(l, r)] = pairs
            && left.kind(*l).is_int()
            && left.kind(*l) == right.kind(*r)
        {
            return self.number_ids(left, right, *l, *r);
        }
        let kinds: Vec<Kind> = pairs
            .iter()
            .map(|(l, r)| match (left.kind(*l), right.kind(*r)) {
                (Kind::Dynamic, k) | (k, Kind::Dynamic) => k,
                (Kind::Int, Kind::Long) | (Kind::Long, Kind::Int) => Kind::Long,
                (k, _) => k,
            })
            .collect();
        let side = |rel: &Rel, left: bool| -> Vec<Expr> {
            pairs
                .iter()
                .zip(&kinds)
                .map(|((l, r), k)| {
                    let i = if left { *l } else { *r };
                    let e = Expr::col(i, rel.kind(i));
                    if rel.kind(i) == *k || (rel.kind(i).is_int() && k.is_int()) {
                        e
                    } else {
                        Expr::call(super::eval::convert::cast_to(*k), vec![e], *k)
                    }
                })
                .collect()
        };
        let mut keys: Vec<Vec<Vector>> = Vec::new();
        let mut locals: Vec<Vec<Local>> = Vec::new();
        for (rel, is_left) in [(left, true), (right, false)] {
            let exprs = side(rel, is_left);
            let done = self.each_part(&rel.parts, |p, cx| {
                let vals: Vec<Vector> = exprs.iter().map(|k| k.eval(p, cx)).collect();
                let l: Vec<Local> = vals
                    .iter()
                    .zip(&kinds)
                    .map(|(v, k)| local(v, *k, p.rows))
                    .collect();
                (vals, l)
            })?;
            for (v, l) in done {
                keys.push(v);
                locals.push(l);
            }
        }
        let n = left.parts.len();
        if keys.is_empty() {
            return Ok((
                Groups {
                    ids: Vec::new(),
                    count: 0,
                    keys: Vec::new(),
                },
                0,
            ));
        }
        let mut groups = group(&keys, locals, &kinds, &self.guard);
        self.check()?;
        // a null key is equal to none
        for (k, kind) in kinds.iter().enumerate() {
            if *kind == Kind::String {
                continue;
            }
            for (ids, vals) in groups.ids.iter_mut().zip(&keys) {
                if vals[k].has_nulls() {
                    for (i, id) in ids.iter_mut().enumerate() {
                        if vals[k].val(*kind, i).is_null() {
                            *id = NO_ROW;
                        }
                    }
                }
            }
        }
        Ok((groups, n))
    }

    /// The same for one key of whole numbers: only those of the right are numbered, in an array
    /// where they lie close together.
    fn number_ids(&mut self, left: &Rel, right: &Rel, l: usize, r: usize) -> Res<(Groups, usize)> {
        use super::kernels::ints;
        let mut known: hashbrown::HashMap<i64, u32> = hashbrown::HashMap::new();
        let mut array: Vec<u32> = Vec::new();
        let (mut low, mut high, mut n) = (i64::MAX, i64::MIN, 0usize);
        let mut columns = Vec::new();
        for p in &right.parts {
            let Some(c) = p.cols.get(r).and_then(|c| ints(c, p.rows)) else {
                continue;
            };
            for (i, x) in c.0.iter().enumerate() {
                if c.1.as_ref().is_none_or(|v| v.get(i)) {
                    low = low.min(*x);
                    high = high.max(*x);
                    n += 1;
                }
            }
            columns.push((c.0.into_owned(), c.1));
        }
        let range = i128::from(high) - i128::from(low);
        let close = n > 0 && range < (n as i128 * 8).clamp(1 << 20, 1 << 24);
        if close {
            array = vec![NO_ROW; range as usize + 1];
        }
        let mut count = 0u32;
        let right_ids: Vec<Vec<u32>> = columns
            .into_iter()
            .map(|(vals, valid)| {
                vals.iter()
                    .enumerate()
                    .map(|(i, x)| {
                        if valid.as_ref().is_some_and(|v| !v.get(i)) {
                            return NO_ROW;
                        }
                        let slot = if close {
                            &mut array[(*x - low) as usize]
                        } else {
                            known.entry(*x).or_insert(NO_ROW)
                        };
                        if *slot == NO_ROW {
                            *slot = count;
                            count += 1;
                        }
                        *slot
                    })
                    .collect()
            })
            .collect();
        let mut ids = self.each_part(&left.parts, |p, _| {
            let Some((vals, valid)) = p.cols.get(l).and_then(|c| ints(c, p.rows)) else {
                return vec![NO_ROW; p.rows];
            };
            vals.iter()
                .enumerate()
                .map(|(i, x)| {
                    if valid.as_ref().is_some_and(|v| !v.get(i)) {
                        NO_ROW
                    } else if close {
                        match usize::try_from(i128::from(*x) - i128::from(low)) {
                            Ok(at) => array.get(at).copied().unwrap_or(NO_ROW),
                            Err(_) => NO_ROW,
                        }
                    } else {
                        known.get(x).copied().unwrap_or(NO_ROW)
                    }
                })
                .collect()
        })?;
        let lefts = ids.len();
        ids.extend(right_ids);
        Ok((
            Groups {
                ids,
                count: count as usize,
                keys: Vec::new(),
            },
            lefts,
        ))
    }

    pub(super) fn join(&mut self, node: Id, left: Rel) -> Res<Rel> {
        let t = self.t();
        let (r, right) = self.right_table(node)?;
        let from = self.b.out.diags.len();
        self.b.row = Some(left.table.clone());
        self.hold(&right);
        let info = self
            .b
            .join_with(node, true, Some(r), Info::table(right.table.clone()));
        self.b.right = None;
        self.bound_well(from)?;
        let Some(table) = info.r.table().cloned() else {
            return self.unsupported(node, "this");
        };
        let kind = match self.b.word_param(node, "kind") {
            None | Some("innerunique") => JoinKind::InnerUnique,
            Some("inner") => JoinKind::Inner,
            Some("leftouter") => JoinKind::LeftOuter,
            Some("rightouter") => JoinKind::RightOuter,
            Some("fullouter") => JoinKind::FullOuter,
            Some("leftsemi") => JoinKind::LeftSemi,
            Some("rightsemi") => JoinKind::RightSemi,
            Some("leftanti" | "anti" | "leftantisemi") => JoinKind::LeftAnti,
            Some("rightanti" | "rightantisemi") => JoinKind::RightAnti,
            Some(k) => {
                let k = k.to_owned();
                return self.unsupported(node, &format!("the join kind `{k}`"));
            }
        };
        let Some(on) = t.child_of(node, N::On) else {
            return self.unsupported(node, "a join without `on`");
        };
        let pairs = self.on_keys(on, &left.table, &right.table)?;
        if left.segmented || right.segmented {
            return self.unsupported(node, "a join inside mv-apply");
        }
        let parts = self.paired(node, &left, &right, &pairs, kind, None)?;
        Ok(Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        })
    }

    pub(super) fn lookup(&mut self, node: Id, left: Rel) -> Res<Rel> {
        let (r, right) = self.right_table(node)?;
        let from = self.b.out.diags.len();
        self.b.row = Some(left.table.clone());
        self.hold(&right);
        let (info, _) = self
            .b
            .lookup_with(node, true, Some(r), Info::table(right.table.clone()));
        self.b.right = None;
        self.bound_well(from)?;
        let Some(table) = info.r.table().cloned() else {
            return self.unsupported(node, "this");
        };
        let kind = match self.b.word_param(node, "kind") {
            Some("inner") => JoinKind::Inner,
            _ => JoinKind::LeftOuter,
        };
        let t = self.t();
        let Some(on) = t.child_of(node, N::On) else {
            return self.unsupported(node, "a lookup without `on`");
        };
        let pairs = self.on_keys(on, &left.table, &right.table)?;
        let keep: Vec<usize> = (0..right.table.cols.len())
            .filter(|i| pairs.iter().all(|(_, r)| r != i))
            .collect();
        let parts = self.paired(node, &left, &right, &pairs, kind, Some(&keep))?;
        Ok(Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        })
    }

    fn paired(
        &mut self,
        node: Id,
        left: &Rel,
        right: &Rel,
        pairs: &[(usize, usize)],
        kind: JoinKind,
        keep: Option<&[usize]>,
    ) -> Res<Vec<Part>> {
        use JoinKind::*;
        let (mut groups, n) = self.key_ids(left, right, pairs)?;
        let count = groups.count;
        let (left_ids, right_ids) = groups.ids.split_at_mut(n);
        let right_all: Vec<u32> = right_ids.iter().flatten().copied().collect();
        if matches!(kind, LeftSemi | LeftAnti) {
            let has = met(&[right_all], count);
            return self.keep_rows(&left.parts, left_ids, &has, kind == LeftSemi);
        }
        if matches!(kind, RightSemi | RightAnti) {
            let has = met(left_ids, count);
            return self.keep_rows(&right.parts, right_ids, &has, kind == RightSemi);
        }
        let index = Index::of(&right_all, count);
        if kind == InnerUnique {
            once(left_ids, &index, count);
        }
        let left_ids = &*left_ids;
        // how many rows it would give, before any is made
        let totals = self.each_numbered(&left.parts, |n, _, _| {
            left_ids.get(n).map_or(0, |ids| index.pairs(ids))
        })?;
        let total = totals.iter().fold(0u64, |a, b| a.saturating_add(*b));
        let room = self.guard.room();
        if total.saturating_mul(ROW_BYTES) > room as u64 {
            return self.limit(
                node,
                &format!("the join would give {total} rows, more than the memory limit allows"),
            );
        }
        let mut whole = self.whole(right)?;
        if let Some(keep) = keep {
            whole.cols = keep
                .iter()
                .filter_map(|i| whole.cols.get(*i).cloned())
                .collect();
        }
        let outer = matches!(kind, LeftOuter | FullOuter);
        let made = self.each_numbered(&left.parts, |n, p, cx| {
            let mut out = Paired::new(p, &whole, cx);
            for (i, id) in left_ids.get(n).into_iter().flatten().enumerate() {
                match index.get(*id) {
                    [] if outer => out.add(i as u32, &[NO_ROW]),
                    [] => {}
                    found => out.add(i as u32, found),
                }
            }
            out.finish()
        })?;
        let mut out: Vec<Part> = made.into_iter().flatten().collect();
        if matches!(kind, RightOuter | FullOuter) {
            let met = met(left_ids, count);
            let rows: Vec<u32> = right_all
                .iter()
                .enumerate()
                .filter(|(_, id)| **id == NO_ROW || !met[**id as usize])
                .map(|(i, _)| i as u32)
                .collect();
            if !rows.is_empty() {
                let mut part = Part {
                    rows: rows.len(),
                    cols: (0..left.table.cols.len())
                        .map(|c| Vector::constant(Val::Null.to(left.kind(c)), rows.len()))
                        .collect(),
                };
                part.cols.extend(whole.take(&rows).cols);
                out.push(part);
            }
        }
        Ok(out)
    }

    /// The rows whose key is there, or those whose key is not.
    fn keep_rows(
        &mut self,
        parts: &[Part],
        ids: &[Vec<u32>],
        has: &[bool],
        want: bool,
    ) -> Res<Vec<Part>> {
        let kept = self.each_numbered(parts, |n, p, _| {
            let rows: Vec<u32> = ids
                .get(n)
                .into_iter()
                .flatten()
                .enumerate()
                .filter(|(_, id)| (**id != NO_ROW && has[**id as usize]) == want)
                .map(|(i, _)| i as u32)
                .collect();
            p.take(&rows)
        })?;
        Ok(kept.into_iter().filter(|p| p.rows > 0).collect())
    }
}

/// Which keys occur.
fn met(ids: &[Vec<u32>], count: usize) -> Vec<bool> {
    let mut out = vec![false; count];
    for id in ids.iter().flatten() {
        if *id != NO_ROW {
            out[*id as usize] = true;
        }
    }
    out
}

/// Leaves each key that is on the right to the first row that has it.
fn once(ids: &mut [Vec<u32>], index: &Index, count: usize) {
    let mut used = vec![false; count];
    for id in ids.iter_mut().flatten() {
        let again = *id != NO_ROW && std::mem::replace(&mut used[*id as usize], true);
        if again || index.get(*id).is_empty() {
            *id = NO_ROW;
        }
    }
}

/// Pairs of a left part's rows and rows of the right, put into parts.
struct Paired<'a> {
    cx: &'a Cx,
    left: &'a Part,
    right: &'a Part,
    l: Vec<u32>,
    r: Vec<u32>,
    out: Vec<Part>,
}

impl<'a> Paired<'a> {
    fn new(left: &'a Part, right: &'a Part, cx: &'a Cx) -> Paired<'a> {
        Paired {
            cx,
            left,
            right,
            l: Vec::new(),
            r: Vec::new(),
            out: Vec::new(),
        }
    }
    #[inline]
    fn add(&mut self, row: u32, mut found: &[u32]) {
        while !found.is_empty() && self.l.len() < PART_ROWS {
            let (now, later) = found.split_at(found.len().min(PART_ROWS - self.l.len()));
            self.l.extend(std::iter::repeat_n(row, now.len()));
            self.r.extend_from_slice(now);
            found = later;
            if self.l.len() == PART_ROWS {
                if self.cx.guard.step(PART_ROWS as u64) {
                    return;
                }
                self.end_part();
            }
        }
    }
    fn end_part(&mut self) {
        if self.l.is_empty() {
            return;
        }
        let all = self.l.len() == self.left.rows
            && self.l.iter().enumerate().all(|(i, x)| i as u32 == *x);
        let mut part = if all {
            self.left.clone()
        } else {
            self.left.take(&self.l)
        };
        part.cols.extend(self.right.take(&self.r).cols);
        self.out.push(part);
        self.l.clear();
        self.r.clear();
    }
    fn finish(mut self) -> Vec<Part> {
        self.end_part();
        self.out
    }
}
