//! The cache on disk: what was last seen, so that the first frame has rows and everything seen stays readable offline.
//!
//! `Db` is the database; `Cached` gives it to the backend, one call at a time. `redact` keeps off the disk what must not
//! lie there. `turn` is for several instances on one cache.

pub mod db;
pub mod redact;
pub mod turn;

pub use db::{Db, DbFault, Kept};

use crate::backend::ports::{Place, Raw, Rows, Seen, Store, Sweep, Turn};
use crate::model::{Fault, FaultKind, Key, Kind, Ticks};
use crate::msg::{Event, Level, News};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use table::{Chunk, Text};
use turn::Turns;

/// A tenant's cache. The file is opened by the first call; calls wait for each other.
pub struct Cached {
    path: Option<PathBuf>,
    db: OnceLock<Result<Mutex<Db>, String>>,
    now: fn() -> Ticks,
    events: Option<crate::jobs::Events>,
    /// Who polls; none for memory.
    turns: Option<Turns>,
    used: OnceLock<Option<OwnedFd>>,
}

impl Cached {
    /// A file, or memory for `None`.
    pub fn new(path: Option<PathBuf>, now: fn() -> Ticks) -> Self {
        Self {
            turns: path.as_deref().and_then(Path::parent).map(Turns::new),
            path,
            db: OnceLock::new(),
            now,
            events: None,
            used: OnceLock::new(),
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
            // the folder is there now
            let dir = self.path.as_deref().and_then(Path::parent);
            self.used.get_or_init(|| dir.and_then(turn::using));
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

    /// Forgets what nobody read for so many days.
    pub fn expire(&self, days: u16) -> Result<(), Fault> {
        let before = Ticks((self.now)().0 - i64::from(days) * crate::model::time::DAY);
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

    fn turn(&self, kind: Kind, place: Option<Place>) -> Result<Turn, Fault> {
        let db = self.db()?;
        // first, or what is written between would be nobody's
        let mine = self.turns.as_ref().is_none_or(|t| t.take(kind));
        let turn = db.since(kind, place).map_err(disk)?;
        Ok(Turn { mine, ..turn })
    }

    fn give(&self, kind: Kind) {
        if let Some(turns) = &self.turns {
            turns.give(kind);
        }
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
