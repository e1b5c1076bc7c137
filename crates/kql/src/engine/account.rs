//! Who holds what while a query runs: the tables that wait for an operator, those that `let` names, and
//! what the operator itself makes. Columns are shared between tables, so each counts once.

use super::catalog::Stored;
use super::guard::Stop;
use super::rel::{Part, Rel, SHARED_FROM};
use super::run::{ErrorKind, RunError};
use super::session::{Res, Session};
use super::vector::Vector;
use crate::syntax::Id;
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// What an operator that runs holds besides what it makes.
#[derive(Debug, Default)]
struct Frame {
    name: String,
    at: Option<(usize, Id)>,
    bytes: usize,
    columns: Vec<usize>,
    /// Bytes held when it began, and how many of them `let` names held.
    before: usize,
    kept: usize,
}

/// The columns that are counted.
#[derive(Debug, Default)]
pub(super) struct Account {
    frames: Vec<Frame>,
    /// How many tables hold a column, by its address.
    holders: HashMap<usize, u32>,
    /// Columns of tables in memory: the query does not pay for them.
    stored: HashSet<usize>,
    /// Bytes that `let` names hold.
    kept: usize,
}

/// The columns of a part, each by its address and with its bytes.
pub(super) fn columns(p: &Part, mut f: impl FnMut(usize, usize)) {
    for c in &p.cols {
        if let Vector::Data(col, rows) = c {
            f(Arc::as_ptr(col) as usize, col.heap_bytes());
            if let Some(rows) = rows {
                f(rows.as_ptr() as usize, rows.len() * 4);
            }
        }
    }
}

/// Bytes of what is made of a part.
pub(super) trait Weigh {
    /// Those that the part does not hold already.
    fn weigh(&self, from: &Part) -> usize;
}

impl Weigh for Part {
    fn weigh(&self, from: &Part) -> usize {
        let mut known = HashSet::new();
        columns(from, |at, _| {
            known.insert(at);
        });
        let mut sum = 0;
        columns(self, |at, bytes| {
            if known.insert(at) {
                sum += bytes;
            }
        });
        sum
    }
}
impl Weigh for Vector {
    fn weigh(&self, _: &Part) -> usize {
        self.heap_bytes()
    }
}
impl Weigh for super::group::Local {
    fn weigh(&self, _: &Part) -> usize {
        (self.codes.len() + self.first.len()) * 4
    }
}
impl Weigh for u32 {
    fn weigh(&self, _: &Part) -> usize {
        4
    }
}
impl Weigh for u64 {
    fn weigh(&self, _: &Part) -> usize {
        8
    }
}
impl Weigh for () {
    fn weigh(&self, _: &Part) -> usize {
        0
    }
}
impl<T: Weigh> Weigh for Vec<T> {
    fn weigh(&self, from: &Part) -> usize {
        self.iter().map(|x| x.weigh(from)).sum()
    }
}
impl<T: Weigh> Weigh for Option<T> {
    fn weigh(&self, from: &Part) -> usize {
        self.as_ref().map_or(0, |x| x.weigh(from))
    }
}
impl<A: Weigh, B: Weigh> Weigh for (A, B) {
    fn weigh(&self, from: &Part) -> usize {
        self.0.weigh(from) + self.1.weigh(from)
    }
}

impl Session<'_> {
    /// Runs an operator: what it holds is counted while it runs, and its error bears its name.
    pub(super) fn counted(
        &mut self,
        node: Id,
        input: Option<Rel>,
        f: impl FnOnce(&mut Self, Option<Rel>) -> Res<Rel>,
    ) -> Res<Rel> {
        let t = self.t();
        let name = t
            .first_token(node)
            .map_or(String::new(), |k| t.token_text(k).to_owned());
        self.account.frames.push(Frame {
            name,
            at: Some((self.b.tree_no, node)),
            before: self.guard.used(),
            kept: self.account.kept,
            ..Frame::default()
        });
        if let Some(rel) = &input {
            self.hold(rel);
        }
        let out = match self.check() {
            Ok(()) => f(self, input),
            Err(e) => Err(e),
        };
        let out = out.and_then(|rel| self.check().map(|()| rel.cut()));
        if let Some(frame) = self.account.frames.pop() {
            for at in &frame.columns {
                if let Some(n) = self.account.holders.get_mut(at) {
                    *n -= 1;
                    if *n == 0 {
                        self.account.holders.remove(at);
                    }
                }
            }
            let kept = self.account.kept.saturating_sub(frame.kept);
            self.guard.settle(frame.before + kept);
        }
        out
    }

    /// Counts a table until the operator that runs has ended.
    pub(super) fn hold(&mut self, rel: &Rel) {
        let (mut fresh, mut list) = (0, Vec::new());
        let account = &mut self.account;
        for p in &rel.parts {
            columns(p, |at, bytes| {
                if account.stored.contains(&at) {
                    return;
                }
                let n = account.holders.entry(at).or_insert(0);
                if *n == 0 {
                    fresh += bytes;
                }
                *n += 1;
                list.push(at);
            });
        }
        if let Some(frame) = account.frames.last_mut() {
            frame.bytes += fresh;
            frame.columns.extend(list);
        }
        self.guard.charge(fresh);
    }

    /// Counts a table until the end of the query.
    pub(super) fn keep(&mut self, rel: &Rel) {
        let mut fresh = 0;
        let account = &mut self.account;
        for p in &rel.parts {
            columns(p, |at, bytes| {
                if !account.stored.contains(&at) {
                    let n = account.holders.entry(at).or_insert(0);
                    if *n == 0 {
                        fresh += bytes;
                    }
                    *n += 1;
                }
            });
        }
        account.kept += fresh;
        self.guard.charge(fresh);
    }

    /// Columns that others hold too are not what the query pays for.
    pub(super) fn lent(&mut self, stored: &Arc<Stored>) {
        let all = Arc::strong_count(stored) > 1;
        for chunk in &stored.chunks {
            if all || Arc::strong_count(chunk) > 1 {
                let columns = chunk.columns().iter();
                let at = columns.map(|c| Arc::as_ptr(c) as usize);
                self.account.stored.extend(at);
            }
        }
    }

    /// The error of a query that is lost.
    pub(super) fn check(&self) -> Res<()> {
        let frame = self.account.frames.last();
        let at = frame.and_then(|f| f.at);
        let span = at.and_then(|(tree, node)| (tree == 0).then(|| self.tree_of(0).span(node)));
        let message = match self.guard.stop() {
            None => return Ok(()),
            Some(Stop::Cancelled) => {
                return Err(RunError::new(ErrorKind::Cancelled, "cancelled"));
            }
            Some(Stop::Limit(why)) => why.clone(),
            Some(Stop::Memory) => self.over(),
        };
        Err(RunError {
            kind: ErrorKind::Limit,
            message,
            span,
        })
    }

    /// Who holds how much where it is too much.
    fn over(&self) -> String {
        let mb = |bytes: usize| bytes.div_ceil(1 << 20);
        let frames = &self.account.frames;
        let name = frames.last().map_or("the query", |f| f.name.as_str());
        let mut out = format!(
            "`{name}` needs more than the memory limit of {} MB",
            mb(self.guard.limit())
        );
        let mut held: Vec<(usize, String)> = frames
            .iter()
            .map(|f| (f.bytes, format!("what flows into `{}`", f.name)))
            .collect();
        held.push((self.account.kept, "tables of `let`".to_owned()));
        held.retain(|h| h.0 >= 1 << 20);
        held.sort_by_key(|h| std::cmp::Reverse(h.0));
        for (i, (bytes, what)) in held.iter().take(3).enumerate() {
            out.push_str(if i == 0 { "; of these hold " } else { ", " });
            out.push_str(&format!("{what} {} MB", mb(*bytes)));
        }
        out
    }

    /// All rows of a table in one part, its columns put together by several threads.
    pub(super) fn whole(&mut self, rel: &Rel) -> Res<Part> {
        let threads = if rel.rows() < SHARED_FROM {
            1
        } else {
            self.options.threads
        };
        let w = rel.whole_by(Some(&self.guard), threads);
        self.check()?;
        Ok(w)
    }
}
