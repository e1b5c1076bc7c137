//! The cache on disk: what was last seen, so that the first frame has rows and everything seen stays readable offline.
//!
//! `Db` is the database; `Cached` gives it to the backend, one call at a time. `redact` keeps off the disk what must not
//! lie there.

pub mod db;
pub mod redact;

pub use db::{Db, DbFault, Kept};

use crate::backend::ports::{Raw, Rows, Seen, Store, Sweep};
use crate::model::{Fault, FaultKind, Key, Kind, Ticks};
use crate::msg::{Event, Level, News};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use table::{Chunk, Text};

/// Rows not read for this long are forgotten at the next start (`cache-days`).
pub const DAYS: i64 = 7;

/// A tenant's cache. The file is opened by the first call; calls wait for each other.
pub struct Cached {
    path: Option<PathBuf>,
    db: OnceLock<Result<Mutex<Db>, String>>,
    now: fn() -> Ticks,
    events: Option<crate::jobs::Events>,
}

impl Cached {
    /// A file, or memory for `None`.
    pub fn new(path: Option<PathBuf>, now: fn() -> Ticks) -> Self {
        Self {
            path,
            db: OnceLock::new(),
            now,
            events: None,
        }
    }

    /// Tells of a cache that was set aside.
    pub fn telling(self, events: crate::jobs::Events) -> Self {
        Self {
            events: Some(events),
            ..self
        }
    }

    fn db(&self) -> Result<MutexGuard<'_, Db>, Fault> {
        let opened = self.db.get_or_init(|| {
            let db = Db::open(self.path.as_deref()).map_err(|e| e.to_string())?;
            if let (Some(aside), Some(events)) = (&db.set_aside, &self.events) {
                let text = format!(
                    "the cache could not be read: it is kept as {} and a new one was begun",
                    aside.display()
                );
                events(Event::News(News::Notice {
                    level: Level::Warn,
                    text,
                }));
            }
            Ok(Mutex::new(db))
        });
        match opened {
            Ok(db) => Ok(db.lock().unwrap_or_else(PoisonError::into_inner)),
            Err(what) => {
                Err(Fault::new(FaultKind::Disk, what.clone()).next("rows are kept in memory only"))
            }
        }
    }

    /// Forgets what nobody read for `DAYS`.
    pub fn expire(&self) -> Result<(), Fault> {
        let before = Ticks((self.now)().0 - DAYS * crate::model::time::DAY);
        self.db()?.expire(before).map_err(disk)
    }
}

fn disk(e: DbFault) -> Fault {
    Fault::new(FaultKind::Disk, e.to_string()).next("rows on screen are not affected")
}

impl Store for Cached {
    fn load(
        &self,
        kind: Kind,
        each: &mut dyn FnMut(Arc<Chunk>, Seen) -> bool,
    ) -> Result<Seen, Fault> {
        let head = self.db()?.head(kind).map_err(disk)?;
        if let Some(head) = head {
            for chunk in head.chunks {
                if !each(chunk, head.seen) {
                    return Ok(head.seen);
                }
            }
        }
        let kept = self.db()?.list(kind).map_err(disk)?;
        for chunk in kept.chunks {
            if !each(chunk, kept.seen) {
                break;
            }
        }
        Ok(kept.seen)
    }

    fn take(&self, rows: Rows) -> Result<(), Fault> {
        self.db()?.take(&rows).map_err(disk)
    }

    fn raw(&self, key: &Key) -> Result<Option<Raw>, Fault> {
        let found = self
            .db()?
            .entity(key.kind, key.id.txt().exact())
            .map_err(disk)?;
        Ok(found.map(|(text, as_of)| Raw {
            text: text.into(),
            as_of,
        }))
    }

    fn finish(&self, sweep: Sweep, listed: &dyn Fn(&str) -> bool) -> Result<Vec<Text>, Fault> {
        let gone = self.db()?.finish(&sweep, listed).map_err(disk)?;
        Ok(gone.into_iter().map(Text::from).collect())
    }
}

/// No cache at all (`cache = "off"`).
pub struct Nothing;

impl Store for Nothing {
    fn load(&self, _: Kind, _: &mut dyn FnMut(Arc<Chunk>, Seen) -> bool) -> Result<Seen, Fault> {
        Ok(Seen::default())
    }

    fn take(&self, _: Rows) -> Result<(), Fault> {
        Ok(())
    }

    fn raw(&self, _: &Key) -> Result<Option<Raw>, Fault> {
        Ok(None)
    }

    fn finish(&self, _: Sweep, _: &dyn Fn(&str) -> bool) -> Result<Vec<Text>, Fault> {
        Ok(Vec::new())
    }
}
