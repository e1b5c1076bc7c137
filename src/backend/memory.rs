//! Ports that live in memory: a store, a record and a clock for tests and for tenants whose cache is off.

use super::core::lock;
use super::ports::{
    Clock, Entry, Past, Raw, Receipt, Record, Rows, Seen, Stage, Store, Sweep, Terms,
};
use crate::model::{Fault, FaultKind, Key, Kind, Ticks};
use crate::msg::Now;
use futures_util::future::{BoxFuture, FutureExt};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use table::{Chunk, Text};
use tokio::sync::{oneshot, watch};

/// Rows of this run only.
#[derive(Default)]
pub struct MemoryStore {
    inner: Mutex<HashMap<Kind, Kept>>,
    /// Rows taken, all in all.
    pub taken: AtomicU32,
}

#[derive(Default)]
struct Kept {
    chunks: Vec<Arc<Chunk>>,
    raws: BTreeMap<Text, Raw>,
    seen: Seen,
}

impl MemoryStore {
    /// What is known of a list.
    pub fn seen(&self, kind: Kind) -> Seen {
        lock(&self.inner)
            .get(&kind)
            .map(|k| k.seen)
            .unwrap_or_default()
    }

    /// Number of entities kept of a kind.
    pub fn entities(&self, kind: Kind) -> usize {
        lock(&self.inner).get(&kind).map_or(0, |k| k.raws.len())
    }
}

impl Store for MemoryStore {
    fn load(
        &self,
        kind: Kind,
        each: &mut dyn FnMut(Arc<Chunk>, Seen) -> bool,
    ) -> Result<Seen, Fault> {
        let (chunks, seen) = match lock(&self.inner).get(&kind) {
            Some(kept) => (kept.chunks.clone(), kept.seen),
            None => return Ok(Seen::default()),
        };
        for chunk in chunks {
            if !each(chunk, seen) {
                break;
            }
        }
        Ok(seen)
    }

    fn take(&self, rows: Rows) -> Result<(), Fault> {
        self.taken
            .fetch_add(rows.raws.len() as u32, Ordering::Relaxed);
        let mut inner = lock(&self.inner);
        let kept = inner.entry(rows.kind).or_default();
        for (row, text) in rows.raws.into_iter().enumerate() {
            if let Some(id) = rows.chunk.cell(row, 0).text() {
                let raw = Raw {
                    text,
                    as_of: rows.at,
                };
                kept.raws.insert(id.to_text(), raw);
            }
        }
        kept.chunks.push(rows.chunk);
        kept.seen.as_of = Some(rows.at);
        Ok(())
    }

    fn raw(&self, key: &Key) -> Result<Option<Raw>, Fault> {
        Ok(lock(&self.inner)
            .get(&key.kind)
            .and_then(|k| k.raws.get(&key.id).cloned()))
    }

    fn finish(&self, sweep: Sweep, listed: &dyn Fn(&str) -> bool) -> Result<Vec<Text>, Fault> {
        let mut inner = lock(&self.inner);
        let kept = inner.entry(sweep.kind).or_default();
        kept.seen = Seen {
            as_of: Some(sweep.began),
            watermark: sweep.watermark,
            complete: kept.seen.complete || sweep.whole,
            total: sweep.total,
        };
        if !sweep.whole {
            return Ok(Vec::new());
        }
        let gone: Vec<Text> = kept
            .raws
            .keys()
            .filter(|id| !listed(id.txt().exact()))
            .cloned()
            .collect();
        for id in &gone {
            kept.raws.remove(id);
        }
        Ok(gone)
    }
}

/// Entries in memory; can be told to fail.
#[derive(Default)]
pub struct MemoryRecord {
    entries: Mutex<Vec<Entry>>,
    broken: AtomicBool,
}

impl MemoryRecord {
    pub fn entries(&self) -> Vec<Entry> {
        lock(&self.entries).clone()
    }

    /// From now on every append fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

impl Record for MemoryRecord {
    fn append(&self, _: Ticks, entry: &Entry) -> Result<Receipt, Fault> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Fault::new(FaultKind::Disk, "the record cannot be written"));
        }
        let mut entries = lock(&self.entries);
        entries.push(entry.clone());
        Ok(Receipt {
            hash: format!("{:064x}", entries.len()),
        })
    }

    fn intend(&self, at: Ticks, entry: &Entry, terms: &Terms) -> Result<Receipt, Fault> {
        let others = self.count(&entry.set);
        if terms.rate.is_some_and(|r| others + r.own > r.most) {
            let why = format!("{others} others in the last ten minutes: together they are a set");
            return Err(Fault::new(FaultKind::Refused, why));
        }
        self.append(at, entry)
    }

    fn recent(&self, _: Ticks) -> Result<usize, Fault> {
        Ok(self.count(""))
    }

    fn adopt(&self, _: Ticks) -> Result<Vec<Past>, Fault> {
        Ok(Vec::new())
    }

    fn past(&self, _: Ticks) -> Result<Vec<Past>, Fault> {
        Ok(Vec::new())
    }
}

impl MemoryRecord {
    fn count(&self, set: &str) -> usize {
        let counts = |e: &&Entry| e.stage == Stage::Intent && e.tier >= 2 && e.set != set;
        lock(&self.entries).iter().filter(counts).count()
    }
}

/// The clocks of the machine, optionally faster: `scale` 60 lets an hour pass in a minute.
#[derive(Clone, Debug)]
pub struct SystemClock {
    start: Instant,
    wall: Ticks,
    scale: f64,
}

impl SystemClock {
    pub fn new(start: Instant, scale: f64) -> Self {
        let scale = if scale.is_finite() && scale > 0.0 {
            scale
        } else {
            1.0
        };
        Self {
            start,
            wall: Ticks::from_timestamp(jiff::Timestamp::now()),
            scale,
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let mono = self.start.elapsed().mul_f64(self.scale);
        let wall = if self.scale == 1.0 {
            Ticks::from_timestamp(jiff::Timestamp::now())
        } else {
            Ticks(self.wall.0 + (mono.as_nanos() / 100) as i64)
        };
        Now { mono, wall }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        // an unscaled `MAX` would overflow the timer's own arithmetic
        let time = time
            .min(Duration::from_secs(86_400 * 365))
            .div_f64(self.scale);
        tokio::time::sleep(time).boxed()
    }
}

/// A clock that stands still until it is told.
pub struct PausedClock {
    inner: Mutex<Paused>,
    start: Ticks,
    /// Moves whenever somebody goes to sleep.
    asleep: watch::Sender<u64>,
}

#[derive(Default)]
struct Paused {
    mono: Duration,
    sleepers: Vec<(Duration, oneshot::Sender<()>)>,
}

impl PausedClock {
    pub fn new(start: Ticks) -> Self {
        Self {
            inner: Mutex::default(),
            start,
            asleep: watch::Sender::new(0),
        }
    }

    /// Lets time pass; whoever is due wakes.
    pub fn advance(&self, time: Duration) {
        let mut inner = lock(&self.inner);
        inner.mono += time;
        let now = inner.mono;
        let (due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut inner.sleepers)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        inner.sleepers = rest;
        drop(inner);
        for (_, wake) in due {
            let _ = wake.send(());
        }
    }

    /// Whether somebody sleeps now.
    pub fn is_anyone_asleep(&self) -> bool {
        lock(&self.inner)
            .sleepers
            .iter()
            .any(|(_, wake)| !wake.is_closed())
    }

    /// For how long the first of those who sleep now will; none = nobody does.
    pub fn first_sleep(&self) -> Option<Duration> {
        let mut inner = lock(&self.inner);
        inner.sleepers.retain(|(_, wake)| !wake.is_closed());
        let first = inner.sleepers.iter().map(|(at, _)| *at).min()?;
        Some(first.saturating_sub(inner.mono))
    }

    /// Waits until somebody sleeps, and says for how long the first of them will.
    pub async fn next_sleep(&self) -> Duration {
        let mut asleep = self.asleep.subscribe();
        loop {
            asleep.borrow_and_update();
            {
                let mut inner = lock(&self.inner);
                inner.sleepers.retain(|(_, wake)| !wake.is_closed());
                let now = inner.mono;
                if let Some(first) = inner.sleepers.iter().map(|(at, _)| *at).min() {
                    return first.saturating_sub(now);
                }
            }
            if asleep.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until somebody sleeps and lets exactly that time pass.
    pub async fn leap(&self) -> Duration {
        let time = self.next_sleep().await;
        self.advance(time);
        time
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let mono = lock(&self.inner).mono;
        Now {
            mono,
            wall: Ticks(self.start.0 + (mono.as_nanos() / 100) as i64),
        }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        {
            let mut inner = lock(&self.inner);
            let at = inner.mono.saturating_add(time);
            if time.is_zero() {
                let _ = wake.send(());
            } else {
                inner.sleepers.push((at, wake));
            }
        }
        self.asleep.send_modify(|n| *n += 1);
        async move {
            let _ = woken.await;
        }
        .boxed()
    }
}
