//! Work on the parts of a table by several threads.

use super::account::Weigh;
use super::expr::Cx;
use super::rel::{Part, SHARED_FROM};
use super::session::{Res, Session};
use std::sync::atomic::{AtomicUsize, Ordering};

impl Session<'_> {
    /// Does the same to each part, on as many threads as there may be; the order stays.
    pub fn each_part<T: Send + Weigh>(
        &mut self,
        parts: &[Part],
        f: impl Fn(&Part, &mut Cx) -> T + Sync,
    ) -> Res<Vec<T>> {
        self.each_numbered(parts, |_, p, cx| f(p, cx))
    }
    /// The same with the part's place. What is made of a part is counted, and where the query is lost
    /// no further part is begun.
    pub fn each_numbered<T: Send + Weigh>(
        &mut self,
        parts: &[Part],
        f: impl Fn(usize, &Part, &mut Cx) -> T + Sync,
    ) -> Res<Vec<T>> {
        let guard = &*self.guard;
        let one = |i: usize, p: &Part, cx: &mut Cx| -> Option<T> {
            if guard.step(p.rows as u64) {
                return None;
            }
            let made = f(i, p, cx);
            cx.end_part();
            (!guard.charge(made.weigh(p))).then_some(made)
        };
        let threads = self.options.threads.min(parts.len());
        if threads < 2 || parts.iter().map(|p| p.rows).sum::<usize>() < SHARED_FROM {
            let mut out = Vec::with_capacity(parts.len());
            for (i, p) in parts.iter().enumerate() {
                match one(i, p, &mut self.cx) {
                    Some(made) => out.push(made),
                    None => break,
                }
            }
            self.check()?;
            return Ok(out);
        }
        let next = AtomicUsize::new(0);
        let now = self.options.now;
        let work = || {
            let mut cx = Cx::new(now, self.guard.clone());
            let mut done = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(made) = parts.get(i).and_then(|p| one(i, p, &mut cx)) else {
                    break;
                };
                done.push((i, made));
            }
            done
        };
        let mut all: Vec<(usize, T)> = std::thread::scope(|s| {
            let others: Vec<_> = (1..threads).map(|_| s.spawn(work)).collect();
            let mut all = work();
            for o in others {
                // a panic of a helper is a panic of the query
                match o.join() {
                    Ok(done) => all.extend(done),
                    Err(p) => std::panic::resume_unwind(p),
                }
            }
            all
        });
        self.check()?;
        all.sort_by_key(|(i, _)| *i);
        Ok(all.into_iter().map(|(_, t)| t).collect())
    }
}
