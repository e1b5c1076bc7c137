//! `scan`: rows in order matched against steps, each with a state of its own.
//!
//! What a condition asks of the row alone is worked out for all rows at once; only what it asks
//! of the state is asked row by row.

use super::expr::{Cx, Expr, Node};
use super::named::{Named, What};
use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::{Build, Vector, of_ints};
use crate::syntax::{Id, N, T};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    All,
    Last,
    None,
}

struct Step {
    output: Output,
    /// The truth of what the condition asks of the row alone.
    row: Vec<bool>,
    /// What it asks of the state.
    state: Vec<Test>,
    /// Columns declared, by place among them, and their values.
    assigns: Vec<(usize, Test)>,
}

/// An expression with the columns it reads.
struct Test {
    expr: Expr,
    uses: Vec<usize>,
}

/// A row a step has matched: which, and what the declared columns held.
#[derive(Clone)]
struct Held {
    row: u32,
    declared: Vec<Val<'static>>,
}

/// The state of a step: the rows of it and of the steps before.
#[derive(Clone)]
struct State {
    rows: Vec<Option<Held>>,
    id: i64,
}

struct Run<'a> {
    whole: &'a Part,
    kinds: Vec<Kind>,
    /// Columns of the input; then the declared ones.
    inputs: usize,
    width: usize,
    defaults: &'a [Val<'static>],
    steps: &'a [Step],
    states: Vec<Option<State>>,
    pending: Vec<Option<(Held, i64)>>,
    next_id: i64,
    out: Vec<(Held, i64)>,
    scratch: Part,
}

impl Session<'_> {
    pub(super) fn scan(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        for c in t.children(node) {
            if matches!(t.kind(c), N::ScanOrder | N::ScanPartition) {
                return self.unsupported(c, "this clause");
            }
        }
        let inputs = input.table.cols.len();
        let with_id = self.b.word_param(node, "with_match_id").is_some();
        let width = table.cols.len() - usize::from(with_id);
        let mut row_cols = input.table.cols.to_vec();
        row_cols.extend(table.cols.iter().take(width).skip(inputs));
        let row = self.b.table(row_cols, input.table.open);
        let mut defaults = Vec::new();
        let params: Vec<Id> = t
            .child_of(node, N::ScanDeclare)
            .map(|d| t.children(d).collect())
            .unwrap_or_default();
        for (p, c) in params.iter().zip(row.cols.iter().skip(inputs)) {
            let v = match t.child_of(*p, N::DefaultValue).and_then(|v| t.child(v, 0)) {
                Some(v) => self.constant(v)?,
                None => Val::Null,
            };
            defaults.push(v.to(Kind::of(c.ty)));
        }
        let nodes: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::ScanStep)
            .collect();
        if nodes.is_empty() {
            return self.fail(ErrorKind::Semantic, node, "scan has no step");
        }
        let mut named = Vec::new();
        for (k, s) in nodes.iter().enumerate() {
            if let Some(n) = t.child(*s, 0) {
                named.push(Named {
                    name: self.node_name(n),
                    table: row.clone(),
                    what: What::Row(width * (k + 1)),
                });
            }
        }
        let whole = self.whole(&input)?;
        let old = std::mem::replace(&mut self.named, named);
        let steps = self.in_row(Some(row.clone()), |s| {
            nodes
                .iter()
                .map(|n| s.step(*n, &row, inputs, &whole))
                .collect::<Res<Vec<Step>>>()
        });
        self.named = old;
        let steps = steps?;
        let mut run = Run {
            whole: &whole,
            kinds: row.cols.iter().map(|c| Kind::of(c.ty)).collect(),
            inputs,
            width,
            defaults: &defaults,
            steps: &steps,
            states: vec![None; steps.len()],
            pending: vec![None; steps.len()],
            next_id: 0,
            out: Vec::new(),
            scratch: Part {
                rows: 1,
                cols: vec![Vector::constant(Val::Null, 1); width * (steps.len() + 1)],
            },
        };
        let mut segment = None;
        for r in 0..whole.rows {
            if r & 0xfff == 0 {
                self.check_cancel()?;
                if run.out.len() * (32 + 40 * (width - inputs)) > self.guard.room() {
                    return self.limit(node, "scan holds more than the memory limit");
                }
            }
            if input.segmented {
                let here = whole.cols.last().and_then(|c| c.int_at(r));
                if segment.is_some() && segment != Some(here) {
                    run.end();
                }
                segment = Some(here);
            }
            run.row(r as u32, &mut self.cx);
        }
        run.end();
        let out = run.out;
        let rows: Vec<u32> = out.iter().map(|(h, _)| h.row).collect();
        let mut part = whole.take(&rows);
        let hidden = if input.segmented {
            part.cols.pop()
        } else {
            None
        };
        for (d, c) in row.cols.iter().skip(inputs).enumerate() {
            let mut b = Build::new(Kind::of(c.ty));
            for (h, _) in &out {
                b.push(h.declared.get(d).map_or(Val::Null, Val::borrow));
            }
            part.cols.push(b.finish());
        }
        if with_id {
            part.cols
                .push(of_ints(out.iter().map(|(_, id)| *id).collect(), None));
        }
        part.cols.extend(hidden);
        Ok(Rel {
            serialized: true,
            segmented: input.segmented,
            ..Rel::one(table, part)
        })
    }

    fn step(
        &mut self,
        node: Id,
        row: &crate::bind::env::TableRef,
        inputs: usize,
        whole: &Part,
    ) -> Res<Step> {
        let t = self.t();
        if t.has_token(node, T::Optional) {
            return self.unsupported(node, "an optional step");
        }
        let mut step = Step {
            output: Output::All,
            row: vec![true; whole.rows],
            state: Vec::new(),
            assigns: Vec::new(),
        };
        let parts: Vec<Id> = t.children(node).skip(1).collect();
        for p in parts {
            match t.kind(p) {
                N::ScanOutput => {
                    let text = t.text_of(p);
                    step.output = match text.rsplit('=').next().map(str::trim) {
                        Some("last") => Output::Last,
                        Some("none") => Output::None,
                        _ => Output::All,
                    };
                }
                N::ScanCompute => {
                    let assigns: Vec<Id> = t.children(p).collect();
                    for a in assigns {
                        let (Some(n), Some(v)) = (t.child(a, 0), t.child(a, 1)) else {
                            return self.unsupported(a, "this");
                        };
                        let name = self.node_name(n);
                        let Some(at) = row.cols.iter().skip(inputs).position(|c| c.name == name)
                        else {
                            return self.fail(
                                ErrorKind::Semantic,
                                n,
                                "only declared columns are assigned",
                            );
                        };
                        let kind = row
                            .cols
                            .get(inputs + at)
                            .map_or(Kind::Dynamic, |c| Kind::of(c.ty));
                        let e = self.compile(v)?.cast(kind, &mut self.cx);
                        step.assigns.push((at, Test::of(e)));
                    }
                }
                _ => {
                    let e = self.compile(p)?;
                    let mut all = Vec::new();
                    super::ops::conjuncts(e, &mut all);
                    for e in all {
                        let test = Test::of(e);
                        if test.uses.iter().all(|c| *c < inputs) {
                            let truths = test.expr.truths(whole, &mut self.cx);
                            step.row
                                .iter_mut()
                                .zip(truths)
                                .for_each(|(r, t)| *r &= t == 1);
                        } else {
                            step.state.push(test);
                        }
                    }
                }
            }
        }
        Ok(step)
    }
}

impl Test {
    fn of(expr: Expr) -> Test {
        let mut uses = Vec::new();
        columns(&expr, &mut uses);
        uses.sort_unstable();
        uses.dedup();
        Test { expr, uses }
    }
}

/// The columns an expression reads.
fn columns(e: &Expr, out: &mut Vec<usize>) {
    match &e.node {
        Node::Col(i) => out.push(*i),
        Node::Const(_) => {}
        Node::Call { args, .. } | Node::Whole { args, .. } | Node::And(args) | Node::Or(args) => {
            args.iter().for_each(|a| columns(a, out));
        }
        Node::In(v, ..) => columns(v, out),
        Node::Case(arms, other) => {
            for (c, v) in arms {
                columns(c, out);
                columns(v, out);
            }
            columns(other, out);
        }
    }
}

impl Run<'_> {
    /// A row against all steps, the last first.
    fn row(&mut self, r: u32, cx: &mut Cx) {
        for k in (0..self.steps.len()).rev() {
            if self.steps[k].row.get(r as usize) != Some(&true) {
                continue;
            }
            if k > 0
                && let Some(before) = self.states[k - 1].clone()
                && self.holds(k, r, &before, cx)
            {
                let mut state = before;
                let held = self.extended(k, r, &state, cx);
                self.flush(k - 1);
                self.flush(k);
                self.states[k - 1] = None;
                state.rows.resize(k + 1, None);
                state.rows[k] = Some(held.clone());
                self.emit(k, held, state.id);
                self.states[k] = Some(state);
                continue;
            }
            let fresh = self.states[k].is_none();
            if fresh && k > 0 {
                continue;
            }
            let mut state = self.states[k].clone().unwrap_or(State {
                rows: vec![None],
                id: self.next_id,
            });
            if !self.holds(k, r, &state, cx) {
                continue;
            }
            let held = self.extended(k, r, &state, cx);
            if fresh {
                self.next_id += 1;
                self.flush(k);
            }
            state.rows[k] = Some(held.clone());
            self.emit(k, held, state.id);
            self.states[k] = Some(state);
        }
    }
    fn holds(&mut self, k: usize, r: u32, state: &State, cx: &mut Cx) -> bool {
        let steps = self.steps;
        steps[k].state.iter().all(|t| {
            self.fill(&t.uses, r, None, state);
            t.expr.truths(&self.scratch, cx).first() == Some(&1)
        })
    }
    /// The row with the step's assignments, each of which sees those before it.
    fn extended(&mut self, k: usize, r: u32, state: &State, cx: &mut Cx) -> Held {
        let mut declared = self.defaults.to_vec();
        let steps = self.steps;
        for (at, t) in &steps[k].assigns {
            self.fill(&t.uses, r, Some(&declared), state);
            let v = t.expr.eval(&self.scratch, cx).val(t.expr.kind, 0).owned();
            if let Some(slot) = declared.get_mut(*at) {
                *slot = v;
            }
        }
        Held { row: r, declared }
    }
    /// Puts the values of these columns into the row that expressions see.
    fn fill(&mut self, uses: &[usize], r: u32, declared: Option<&[Val<'static>]>, state: &State) {
        for c in uses {
            let (block, at) = (c / self.width, c % self.width);
            let held = match block {
                0 => None,
                b => state.rows.get(b - 1).and_then(Option::as_ref),
            };
            let v = if at < self.inputs {
                let row = match (block, held) {
                    (0, _) => Some(r),
                    (_, h) => h.map(|h| h.row),
                };
                let kind = self.kinds.get(at).copied().unwrap_or(Kind::Dynamic);
                match row {
                    Some(row) => self.whole.cols[at].val(kind, row as usize).owned(),
                    None => Val::Null.to(kind),
                }
            } else {
                let list = match (block, held) {
                    (0, _) => declared.unwrap_or(self.defaults),
                    (_, Some(h)) => &h.declared,
                    (_, None) => self.defaults,
                };
                list.get(at - self.inputs).cloned().unwrap_or(Val::Null)
            };
            self.scratch.cols[*c] = Vector::constant(v, 1);
        }
    }
    fn emit(&mut self, k: usize, held: Held, id: i64) {
        match self.steps[k].output {
            Output::All => self.out.push((held, id)),
            Output::Last => self.pending[k] = Some((held, id)),
            Output::None => {}
        }
    }
    /// The last of a series is out once the series has ended.
    fn flush(&mut self, k: usize) {
        if let Some(p) = self.pending[k].take() {
            self.out.push(p);
        }
    }
    /// The end of the rows or of a partition: every state is gone.
    fn end(&mut self) {
        for k in 0..self.steps.len() {
            self.flush(k);
            self.states[k] = None;
        }
        self.next_id = 0;
    }
}
