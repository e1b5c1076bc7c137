//! The cache database of one tenant: columns of each list as a log of chunks, and the raw text of each entity.
//!
//! One thread owns the connection (`store::Store`). The cache may be lost at any time: what cannot be read is set aside
//! under another name and made anew, never a crash.

use crate::backend::ports::{Place, Rows, Seen, Sweep, Turn};
use crate::model::{Kind, Ticks};
use crate::resource::{self, Sink};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use table::{Chunk, ChunkBuilder, Keyed, Text};

/// Moves with every change of the tables below.
const VERSION: i64 = 2;
/// Bytes of a page of the file: bodies are long, and each page is a read of its own.
const PAGE: i64 = 16_384;
/// What SQLite keeps in memory for all databases of the program: one tenant never comes near, forty would want ten times that.
const MEMORY: i64 = 12 << 20;
/// Tables of long bodies have row numbers: in a table that is its own index SQLite reads a whole body to compare a key.
const TABLES: &str = "
    CREATE TABLE chunk (kind TEXT NOT NULL, seq INTEGER NOT NULL, rows INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, seq));
    CREATE TABLE head (kind TEXT PRIMARY KEY, rows INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE seen (kind TEXT PRIMARY KEY, shape TEXT NOT NULL, as_of INTEGER, total INTEGER, complete INTEGER NOT NULL, watermark INTEGER) WITHOUT ROWID;
    CREATE TABLE raw (kind TEXT NOT NULL, id TEXT NOT NULL, as_of INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id));
    CREATE INDEX raw_age ON raw (as_of);
    CREATE TABLE gone (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL);";
/// The tables of version 1 made over into those above, their rows kept.
const FROM_1: &str = "
    DROP TABLE gone;
    ALTER TABLE chunk RENAME TO chunk_1; ALTER TABLE head RENAME TO head_1; ALTER TABLE seen RENAME TO seen_1; ALTER TABLE raw RENAME TO raw_1;";
const KEPT_1: &str = "
    INSERT INTO chunk SELECT * FROM chunk_1; INSERT INTO head SELECT * FROM head_1; INSERT INTO seen SELECT * FROM seen_1; INSERT INTO raw SELECT * FROM raw_1;
    DROP TABLE chunk_1; DROP TABLE head_1; DROP TABLE seen_1; DROP TABLE raw_1;";
/// Rows kept ready for the first frame.
const HEAD: usize = 256;
/// Removed ids remembered for other instances.
const GONE: i64 = 10_000;
/// Chunks of one list before they are written together.
const LOG: i64 = 48;

#[derive(Debug, thiserror::Error)]
pub enum DbFault {
    #[error("the cache {path}: {what}")]
    Sql { path: PathBuf, what: String },
    #[error("the cache folder {path}: {what}")]
    Folder { path: PathBuf, what: String },
}

/// A list as it was last seen.
#[derive(Debug, Default)]
pub struct Kept {
    pub chunks: Vec<Arc<Chunk>>,
    pub rows: u64,
    pub seen: Seen,
}

#[derive(Debug)]
pub struct Db {
    conn: Connection,
    path: PathBuf,
    /// Set when an unreadable file was put aside: where it is now.
    pub set_aside: Option<PathBuf>,
}

impl Db {
    /// Opens or makes the database. `None` keeps it in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, DbFault> {
        let Some(path) = path else {
            let conn = Connection::open_in_memory().map_err(|e| sql(Path::new(":memory:"), &e))?;
            return Self::ready(conn, Path::new(":memory:"));
        };
        if let Some(dir) = path.parent() {
            crate::config::file::private_dir(dir).map_err(|e| DbFault::Folder {
                path: dir.to_owned(),
                what: e.to_string(),
            })?;
        }
        match Self::open_file(path) {
            Ok(db) => Ok(db),
            Err(first) => {
                // garbage, or made by something newer: keep it for whoever wants to look, and begin again
                let aside =
                    path.with_extension(format!("bad-{}", jiff::Timestamp::now().as_second()));
                std::fs::rename(path, &aside).map_err(|_| first)?;
                for tail in ["-wal", "-shm"] {
                    let mut side = path.as_os_str().to_owned();
                    side.push(tail);
                    let _ = std::fs::remove_file(side);
                }
                let mut db = Self::open_file(path)?;
                db.set_aside = Some(aside);
                Ok(db)
            }
        }
    }

    fn open_file(path: &Path) -> Result<Self, DbFault> {
        if !path.exists() {
            // made by us with 0600 before SQLite sees it, so that it never stands open to others
            let flags = rustix::fs::OFlags::RDWR
                | rustix::fs::OFlags::CREATE
                | rustix::fs::OFlags::NOFOLLOW
                | rustix::fs::OFlags::CLOEXEC;
            rustix::fs::open(path, flags, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
                .map_err(|e| DbFault::Folder {
                    path: path.to_owned(),
                    what: e.to_string(),
                })?;
        }
        let conn = Connection::open(path).map_err(|e| sql(path, &e))?;
        Self::ready(conn, path)
    }

    fn ready(conn: Connection, path: &Path) -> Result<Self, DbFault> {
        let fault = |e: rusqlite::Error| sql(path, &e);
        conn.busy_timeout(std::time::Duration::from_secs(5))
            .map_err(fault)?;
        // says nothing in a file that has tables already; before the journal's mode, which fixes it
        conn.pragma_update(None, "page_size", PAGE).map_err(fault)?;
        conn.pragma_update(None, "journal_mode", "WAL")
            .map_err(fault)?;
        conn.pragma_update(None, "synchronous", "NORMAL")
            .map_err(fault)?;
        let version = |conn: &Connection| -> rusqlite::Result<i64> {
            conn.query_row("PRAGMA user_version", [], |r| r.get(0))
        };
        conn.pragma_update(None, "soft_heap_limit", MEMORY)
            .map_err(fault)?;
        // a file that is in order is not written to: a write waits for the disk, before the first frame
        if version(&conn).map_err(fault)? != VERSION {
            let tx =
                Transaction::new_unchecked(&conn, TransactionBehavior::Immediate).map_err(fault)?;
            // again, now that no other instance can be at it
            let steps: &[&str] = match version(&tx).map_err(fault)? {
                VERSION => &[],
                0 => &[TABLES],
                1 => &[FROM_1, TABLES, KEPT_1],
                other => {
                    return Err(DbFault::Sql {
                        path: path.to_owned(),
                        what: format!("made by a newer version ({other})"),
                    });
                }
            };
            for step in steps {
                tx.execute_batch(step).map_err(fault)?;
            }
            tx.pragma_update(None, "user_version", VERSION)
                .map_err(fault)?;
            tx.commit().map_err(fault)?;
        }
        Ok(Self {
            conn,
            path: path.to_owned(),
            set_aside: None,
        })
    }

    fn fault(&self, e: &rusqlite::Error) -> DbFault {
        sql(&self.path, e)
    }

    /// What the first frame needs: the top rows of a list and how much of it is kept.
    pub fn head(&self, kind: Kind) -> Result<Option<Kept>, DbFault> {
        let Some(seen) = self.seen(kind)? else {
            return Ok(None);
        };
        let row = self
            .conn
            .prepare_cached("SELECT rows, body FROM head WHERE kind = ?1")
            .and_then(|mut s| {
                s.query_row([name(kind)], |r| {
                    Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?))
                })
                .optional()
            })
            .map_err(|e| self.fault(&e))?;
        Ok(row.and_then(|(rows, body)| {
            Chunk::from_bytes(&body).ok().map(|c| Kept {
                chunks: vec![Arc::new(c)],
                rows: rows.max(0) as u64,
                seen,
            })
        }))
    }

    /// The whole list as last seen. Chunks that cannot be read are left out; if the columns changed since, rows are
    /// decoded again from their raw text.
    pub fn list(&mut self, kind: Kind) -> Result<Kept, DbFault> {
        let Some(seen) = self.seen(kind)? else {
            if self.migrate(kind)? {
                return self.list(kind);
            }
            return Ok(Kept::default());
        };
        let mut statement = self
            .conn
            .prepare_cached("SELECT body FROM chunk WHERE kind = ?1 ORDER BY seq")
            .map_err(|e| self.fault(&e))?;
        let mut rows = statement.query([name(kind)]).map_err(|e| self.fault(&e))?;
        let mut kept = Kept {
            seen,
            ..Kept::default()
        };
        while let Some(row) = rows.next().map_err(|e| self.fault(&e))? {
            let Ok(body) = row.get_ref(0).and_then(|v| v.as_blob().map_err(Into::into)) else {
                continue;
            };
            match Chunk::from_bytes(body) {
                Ok(chunk) => {
                    kept.rows += chunk.rows() as u64;
                    kept.chunks.push(Arc::new(chunk));
                }
                Err(_) => kept.seen.complete = false,
            }
        }
        Ok(kept)
    }

    /// How far a list was read, if its columns are still the ones stored.
    pub fn seen(&self, kind: Kind) -> Result<Option<Seen>, DbFault> {
        let row = self
            .conn
            .prepare_cached(
                "SELECT shape, as_of, total, complete, watermark FROM seen WHERE kind = ?1",
            )
            .and_then(|mut s| {
                s.query_row([name(kind)], |r| {
                    Ok((
                        r.get::<_, String>(0)?,
                        Seen {
                            as_of: r.get::<_, Option<i64>>(1)?.map(Ticks),
                            total: r.get::<_, Option<i64>>(2)?.map(|n| n.max(0) as u64),
                            complete: r.get::<_, i64>(3)? != 0,
                            watermark: r.get::<_, Option<i64>>(4)?.map(Ticks),
                        },
                    ))
                })
                .optional()
            })
            .map_err(|e| self.fault(&e))?;
        Ok(row.and_then(|(stored, seen)| (stored == shape(kind)).then_some(seen)))
    }

    /// What was written since a place; without one only where the cache stands.
    pub fn since(&self, kind: Kind, place: Option<Place>) -> Result<Turn, DbFault> {
        let read = || -> rusqlite::Result<Turn> {
            // one snapshot of the three tables
            let tx = self.conn.unchecked_transaction()?;
            let last = |sql: &str| -> rusqlite::Result<i64> {
                tx.prepare_cached(sql)?.query_row([name(kind)], |r| {
                    Ok(r.get::<_, Option<i64>>(0)?.unwrap_or(0))
                })
            };
            let now = Place {
                chunk: last("SELECT MAX(seq) FROM chunk WHERE kind = ?1")?,
                gone: last("SELECT MAX(seq) FROM gone WHERE kind = ?1")?,
            };
            let mut turn = Turn {
                place: Some(now),
                ..Turn::default()
            };
            let Some(mut from) = place else {
                return Ok(turn);
            };
            if from.chunk > now.chunk {
                // it was emptied and began again
                from.chunk = 0;
            }
            let mut chunks = tx.prepare_cached(
                "SELECT body FROM chunk WHERE kind = ?1 AND seq > ?2 ORDER BY seq",
            )?;
            let mut rows = chunks.query(params![name(kind), from.chunk])?;
            while let Some(row) = rows.next()? {
                let body = row.get_ref(0)?.as_blob().ok();
                turn.chunks
                    .extend(body.and_then(|b| Chunk::from_bytes(b).ok()).map(Arc::new));
            }
            let mut gone = tx.prepare_cached("SELECT id FROM gone WHERE kind = ?1 AND seq > ?2")?;
            let mut rows = gone.query(params![name(kind), from.gone])?;
            while let Some(row) = rows.next()? {
                turn.gone.push(Text::from(row.get::<_, String>(0)?));
            }
            Ok(turn)
        };
        let turn = read().map_err(|e| self.fault(&e))?;
        Ok(Turn {
            seen: self.seen(kind)?.unwrap_or_default(),
            ..turn
        })
    }

    /// Takes a page: its columns and the raw text of its entities, in one transaction.
    pub fn take(&mut self, rows: &Rows) -> Result<(), DbFault> {
        let kind = rows.kind;
        let before = self.seen(kind)?.unwrap_or_default();
        let path = self.path.clone();
        let fault = |e: rusqlite::Error| sql(&path, &e);
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fault)?;
        tx.prepare_cached("INSERT INTO chunk (kind, seq, rows, body) VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM chunk WHERE kind = ?1), ?2, ?3)")
            .and_then(|mut s| s.execute(params![name(kind), rows.chunk.rows() as i64, rows.chunk.to_bytes()]))
            .map_err(fault)?;
        {
            let mut statement = tx
                .prepare_cached(
                    "INSERT OR REPLACE INTO raw (kind, id, as_of, body) VALUES (?1, ?2, ?3, ?4)",
                )
                .map_err(fault)?;
            for (row, body) in rows.raws.iter().enumerate() {
                let Some(id) = rows.chunk.cell(row, 0).text() else {
                    continue;
                };
                if let Some(body) = super::redact::redact(body) {
                    statement
                        .execute(params![name(kind), id.exact(), rows.at.0, body])
                        .map_err(fault)?;
                }
            }
        }
        put_seen(
            &tx,
            kind,
            Seen {
                as_of: Some(rows.at),
                ..before
            },
        )
        .map_err(fault)?;
        tx.commit().map_err(fault)
    }

    /// Ends a sweep. After a whole one, rows for whose id `listed` answers no are deleted; their ids are the answer.
    pub fn finish(
        &mut self,
        sweep: &Sweep,
        listed: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<String>, DbFault> {
        let kind = sweep.kind;
        let before = self.seen(kind)?.unwrap_or_default();
        let mut gone = Vec::new();
        if sweep.whole {
            // by the rows, not by the texts: those of what did not change for days are forgotten before it goes
            let kept = self.keyed(kind)?;
            let ids = kept.live();
            gone.extend(
                ids.iter()
                    .map(|row| kept.key(row).exact().to_owned())
                    .filter(|id| !listed(id)),
            );
        }
        let seen = Seen {
            as_of: Some(sweep.began),
            watermark: sweep.watermark.or(before.watermark),
            complete: sweep.whole || before.complete,
            total: sweep.total.or(before.total),
        };
        put_seen(&self.conn, kind, seen).map_err(|e| self.fault(&e))?;
        if !gone.is_empty() {
            self.remove(kind, &gone)?;
        } else {
            self.tidy(kind, sweep.whole)?;
        }
        Ok(gone)
    }

    /// Takes ids out that the service says are gone, and the raw text with them.
    fn remove(&mut self, kind: Kind, ids: &[String]) -> Result<(), DbFault> {
        let path = self.path.clone();
        let fault = |e: rusqlite::Error| sql(&path, &e);
        let mut kept = self.keyed(kind)?;
        for id in ids {
            kept.remove(id);
            self.conn
                .execute(
                    "DELETE FROM raw WHERE kind = ?1 AND id = ?2",
                    params![name(kind), id],
                )
                .map_err(fault)?;
            // for whoever reads along
            self.conn
                .execute(
                    "INSERT INTO gone (kind, id) VALUES (?1, ?2)",
                    params![name(kind), id],
                )
                .map_err(fault)?;
        }
        self.conn
            .execute(
                "DELETE FROM gone WHERE seq <= (SELECT MAX(seq) FROM gone) - ?1",
                [GONE],
            )
            .map_err(fault)?;
        self.rewrite(kind, &kept)
    }

    /// The raw text of one entity and when it was read.
    pub fn entity(&self, kind: Kind, id: &str) -> Result<Option<(String, Ticks)>, DbFault> {
        self.conn
            .prepare_cached("SELECT body, as_of FROM raw WHERE kind = ?1 AND id = ?2")
            .and_then(|mut s| {
                s.query_row(params![name(kind), id], |r| {
                    Ok((r.get(0)?, Ticks(r.get(1)?)))
                })
                .optional()
            })
            .map_err(|e| self.fault(&e))
    }

    /// Writes a list's chunks together and its head anew. Called after a fill, and when the log has grown long.
    fn tidy(&mut self, kind: Kind, always: bool) -> Result<(), DbFault> {
        let chunks: i64 = self
            .conn
            .query_row(
                "SELECT COUNT(*) FROM chunk WHERE kind = ?1",
                [name(kind)],
                |r| r.get(0),
            )
            .map_err(|e| self.fault(&e))?;
        if !always && chunks < LOG {
            return Ok(());
        }
        let kept = self.keyed(kind)?;
        self.rewrite(kind, &kept)
    }

    fn keyed(&mut self, kind: Kind) -> Result<Keyed, DbFault> {
        let mut keyed = Keyed::new(resource::spec(kind).schema());
        for chunk in self.list(kind)?.chunks {
            keyed.upsert(chunk);
        }
        Ok(keyed)
    }

    fn rewrite(&mut self, kind: Kind, kept: &Keyed) -> Result<(), DbFault> {
        let spec = resource::spec(kind);
        let live = kept.live();
        let sort = spec.sort_keys(spec.sort);
        let sorted = table::sort(kept.table(), &live, &sort, &table::Cancel::default())
            .unwrap_or_else(|| live.clone());
        let head = gather(kept, &sorted.iter().take(HEAD).collect::<Vec<u32>>());
        let path = self.path.clone();
        let fault = |e: rusqlite::Error| sql(&path, &e);
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fault)?;
        // numbers go on: whoever reads along knows by them what is new
        let last: i64 = tx
            .query_row(
                "SELECT COALESCE(MAX(seq), 0) FROM chunk WHERE kind = ?1",
                [name(kind)],
                |r| r.get(0),
            )
            .map_err(fault)?;
        tx.execute("DELETE FROM chunk WHERE kind = ?1", [name(kind)])
            .map_err(fault)?;
        for (seq, part) in live.iter().collect::<Vec<u32>>().chunks(65_536).enumerate() {
            let chunk = gather(kept, part);
            tx.execute(
                "INSERT INTO chunk (kind, seq, rows, body) VALUES (?1, ?2, ?3, ?4)",
                params![
                    name(kind),
                    last + seq as i64 + 1,
                    chunk.rows() as i64,
                    chunk.to_bytes()
                ],
            )
            .map_err(fault)?;
        }
        tx.execute(
            "INSERT OR REPLACE INTO head (kind, rows, body) VALUES (?1, ?2, ?3)",
            params![name(kind), live.len() as i64, head.to_bytes()],
        )
        .map_err(fault)?;
        tx.commit().map_err(fault)
    }

    /// Columns changed since the rows were stored: decode them again. True if there was something to decode.
    fn migrate(&mut self, kind: Kind) -> Result<bool, DbFault> {
        let old: Option<Seen> = self
            .conn
            .query_row(
                "SELECT as_of, total, complete, watermark FROM seen WHERE kind = ?1",
                [name(kind)],
                |r| {
                    Ok(Seen {
                        as_of: r.get::<_, Option<i64>>(0)?.map(Ticks),
                        total: r.get::<_, Option<i64>>(1)?.map(|n| n.max(0) as u64),
                        complete: r.get::<_, i64>(2)? != 0,
                        watermark: r.get::<_, Option<i64>>(3)?.map(Ticks),
                    })
                },
            )
            .optional()
            .map_err(|e| self.fault(&e))?;
        let Some(old) = old else { return Ok(false) };
        let spec = resource::spec(kind);
        let mut keyed = Keyed::new(spec.schema());
        {
            let mut statement = self
                .conn
                .prepare("SELECT body FROM raw WHERE kind = ?1")
                .map_err(|e| self.fault(&e))?;
            let mut rows = statement.query([name(kind)]).map_err(|e| self.fault(&e))?;
            let mut builder = ChunkBuilder::new(spec.schema());
            while let Some(row) = rows.next().map_err(|e| self.fault(&e))? {
                let Ok(body) = row.get::<_, String>(0) else {
                    continue;
                };
                let Ok(value) = serde_json::from_str::<serde_json::Value>(&body) else {
                    continue;
                };
                if (spec.decode)(
                    crate::model::Json(&value),
                    &mut Sink::new(spec.columns, &mut builder),
                )
                .is_ok()
                {
                    builder.end_row();
                } else {
                    builder.drop_row();
                }
            }
            keyed.upsert(Arc::new(builder.finish()));
        }
        put_seen(&self.conn, kind, old).map_err(|e| self.fault(&e))?;
        self.rewrite(kind, &keyed)?;
        Ok(true)
    }

    /// Forgets entities and rows older than `before`, and everything of a list nobody read since.
    pub fn expire(&mut self, before: Ticks) -> Result<(), DbFault> {
        for spec in resource::ALL.iter().filter(|s| !s.keeps()) {
            let sql = "DELETE FROM raw WHERE as_of < ?1 AND kind = ?2";
            self.conn
                .execute(sql, params![before.0, name(spec.kind)])
                .map_err(|e| self.fault(&e))?;
            let seen = self.seen(spec.kind)?;
            if seen.is_some_and(|s| s.as_of.is_none_or(|t| t < before)) {
                for sql in [
                    "DELETE FROM chunk WHERE kind = ?1",
                    "DELETE FROM head WHERE kind = ?1",
                    "DELETE FROM seen WHERE kind = ?1",
                ] {
                    self.conn
                        .execute(sql, [name(spec.kind)])
                        .map_err(|e| self.fault(&e))?;
                }
            }
        }
        Ok(())
    }
}

fn gather(kept: &Keyed, rows: &[u32]) -> Chunk {
    kept.table()
        .take(rows)
        .unwrap_or_else(|| Chunk::empty(kept.schema().clone()))
}

fn put_seen(conn: &Connection, kind: Kind, seen: Seen) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO seen (kind, shape, as_of, total, complete, watermark) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            name(kind),
            shape(kind),
            seen.as_of.map(|t| t.0),
            seen.total.map(|n| n as i64),
            seen.complete,
            seen.watermark.map(|t| t.0)
        ])
        .map(|_| ())
}

fn sql(path: &Path, e: &rusqlite::Error) -> DbFault {
    DbFault::Sql {
        path: path.to_owned(),
        what: e.to_string(),
    }
}

fn name(kind: Kind) -> &'static str {
    resource::spec(kind).one
}

/// The columns by name and type: rows stored under another shape are decoded again.
fn shape(kind: Kind) -> String {
    resource::spec(kind)
        .columns
        .iter()
        .map(|c| format!("{}:{:?};", c.name, c.shape.storage()))
        .collect()
}

#[cfg(test)]
#[path = "db_tests.rs"]
mod tests;
