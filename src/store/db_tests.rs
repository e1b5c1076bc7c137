//! The cache database: what is put comes back, garbage is set aside, a changed shape is decoded again.

use super::*;
use serde_json::json;

#[path = "posture_tests.rs"]
mod posture_tests;

const T: Ticks = Ticks(17_000_000_000_000_000);

fn rows(ids: std::ops::Range<u32>, at: Ticks) -> Rows {
    let spec = resource::spec(Kind::Incident);
    let mut builder = ChunkBuilder::new(spec.schema());
    let mut raws = Vec::new();
    for id in ids {
        let v = json!({"id": id.to_string(), "severity": "high", "status": "active", "displayName": format!("incident {id}"),
            "lastUpdateDateTime": format!("2026-08-01T12:{:02}:00Z", id % 60)});
        (spec.decode)(
            crate::model::Json(&v),
            &mut Sink::new(spec.columns, &mut builder),
        )
        .unwrap();
        builder.end_row();
        raws.push(v.to_string().into());
    }
    Rows {
        kind: Kind::Incident,
        chunk: Arc::new(builder.finish()),
        raws,
        at,
    }
}

fn sweep(n: u64, began: Ticks, whole: bool) -> Sweep {
    Sweep {
        kind: Kind::Incident,
        began,
        whole,
        watermark: Some(T),
        total: Some(n),
    }
}

fn seen(n: u64) -> Seen {
    Seen {
        as_of: Some(T),
        total: Some(n),
        complete: false,
        watermark: Some(T),
    }
}

#[test]
fn what_is_put_comes_back_with_its_instant() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t/cache.db");
    let mut db = Db::open(Some(&path)).unwrap();
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 0);
    db.take(&rows(0..300, T)).unwrap();
    db.finish(&sweep(300, T, false), &|_| false).unwrap();
    db.tidy(Kind::Incident, true).unwrap();
    drop(db);
    let mut db = Db::open(Some(&path)).unwrap();
    let head = db.head(Kind::Incident).unwrap().unwrap();
    assert_eq!(
        (head.rows, head.chunks[0].rows(), head.seen),
        (300, HEAD, seen(300))
    );
    let kept = db.list(Kind::Incident).unwrap();
    assert_eq!(kept.rows, 300);
    let (raw, at) = db.entity(Kind::Incident, "7").unwrap().unwrap();
    assert!(raw.contains("incident 7") && at == T);
    assert_eq!(db.entity(Kind::Alert, "7").unwrap(), None);
    use std::os::unix::fs::MetadataExt;
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(
        std::fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777,
        0o700
    );
}

#[test]
fn many_small_pages_are_written_together_and_removed_rows_stay_gone() {
    let mut db = Db::open(None).unwrap();
    for n in 0..60 {
        db.take(&rows(n * 2..n * 2 + 3, T)).unwrap();
        db.finish(&sweep(121, T, false), &|_| false).unwrap();
    }
    let kept = db.list(Kind::Incident).unwrap();
    assert!(kept.chunks.len() < 60, "{}", kept.chunks.len());
    db.remove(Kind::Incident, &["5".to_owned()]).unwrap();
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 120);
    assert_eq!(db.entity(Kind::Incident, "5").unwrap(), None);
}

#[test]
fn after_a_whole_sweep_what_was_not_seen_is_gone() {
    let mut db = Db::open(None).unwrap();
    db.take(&rows(0..10, T)).unwrap();
    let later = Ticks(T.0 + 1000);
    db.take(&rows(0..8, later)).unwrap();
    assert_eq!(
        db.finish(&sweep(8, later, false), &|_| false).unwrap(),
        Vec::<String>::new(),
        "a poll proves nothing about the rest"
    );
    let mut gone = db
        .finish(&sweep(8, T, true), &|id| id.parse::<u32>().unwrap() < 8)
        .unwrap();
    gone.sort();
    assert_eq!(gone, ["8", "9"]);
    let kept = db.list(Kind::Incident).unwrap();
    assert_eq!((kept.rows, kept.seen.complete), (8, true));
}

#[test]
fn a_cache_of_garbage_is_set_aside_and_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache.db");
    std::fs::write(
        &path,
        b"this is no database, and it is long enough to be looked at as one".repeat(40),
    )
    .unwrap();
    let mut db = Db::open(Some(&path)).unwrap();
    let aside = db.set_aside.clone().unwrap();
    assert!(
        std::fs::read(aside)
            .unwrap()
            .starts_with(b"this is no database")
    );
    db.take(&rows(0..3, T)).unwrap();
    db.finish(&sweep(3, T, false), &|_| false).unwrap();
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 3);
}

#[test]
fn a_chunk_that_cannot_be_read_hides_only_itself() {
    let mut db = Db::open(None).unwrap();
    for n in 0..2 {
        db.take(&rows(n * 10..n * 10 + 10, T)).unwrap();
        db.finish(&sweep(20, T, false), &|_| false).unwrap();
    }
    db.conn
        .execute("UPDATE chunk SET body = x'00ff' WHERE seq = 1", [])
        .unwrap();
    let kept = db.list(Kind::Incident).unwrap();
    assert_eq!((kept.rows, kept.seen.complete), (10, false));
}

#[test]
fn rows_of_another_shape_are_decoded_again_from_their_text() {
    let mut db = Db::open(None).unwrap();
    db.take(&rows(0..4, T)).unwrap();
    db.finish(&sweep(4, T, false), &|_| false).unwrap();
    db.conn
        .execute("UPDATE seen SET shape = 'older'", [])
        .unwrap();
    db.conn
        .execute("UPDATE chunk SET body = x'00'", [])
        .unwrap();
    let kept = db.list(Kind::Incident).unwrap();
    assert_eq!((kept.rows, kept.seen), (4, seen(4)));
}

#[test]
fn what_is_older_than_asked_is_forgotten() {
    let mut db = Db::open(None).unwrap();
    db.take(&rows(0..4, T)).unwrap();
    db.finish(&sweep(4, T, false), &|_| false).unwrap();
    db.expire(Ticks(T.0 + 1)).unwrap();
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 0);
    assert_eq!(db.entity(Kind::Incident, "1").unwrap(), None);
}

#[test]
fn another_connection_reads_along_through_pages_removals_and_rewriting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache.db");
    let mut writer = Db::open(Some(&path)).unwrap();
    let reader = Db::open(Some(&path)).unwrap();
    let kind = Kind::Incident;
    writer.take(&rows(0..5, T)).unwrap();
    let first = reader.since(kind, None).unwrap();
    assert!(first.chunks.is_empty() && first.place.is_some());
    let count = |turn: &crate::backend::ports::Turn| -> usize {
        turn.chunks.iter().map(|c| c.rows()).sum()
    };
    assert_eq!(count(&reader.since(kind, first.place).unwrap()), 0);
    writer.take(&rows(5..7, T)).unwrap();
    let second = reader.since(kind, first.place).unwrap();
    assert_eq!(count(&second), 2);
    // a whole sweep writes the rows together, under new numbers, and tells what went
    let gone = writer.finish(&sweep(6, T, true), &|id| id != "3").unwrap();
    assert_eq!(gone, ["3"]);
    let third = reader.since(kind, second.place).unwrap();
    assert_eq!(count(&third), 6);
    assert_eq!(third.gone, [table::Text::from("3")]);
    assert!(third.seen.complete && third.seen.as_of == Some(T));
    let fourth = reader.since(kind, third.place).unwrap();
    assert_eq!((count(&fourth), fourth.gone.len()), (0, 0));
}

/// The texts of rows that did not change are forgotten after some days; the rows are still found to be gone.
#[test]
fn a_row_without_its_text_is_missed_when_it_goes() {
    let mut db = Db::open(None).unwrap();
    db.take(&rows(0..3, T)).unwrap();
    db.finish(&sweep(3, Ticks(T.0 + 9), true), &|_| true)
        .unwrap();
    db.expire(Ticks(T.0 + 1)).unwrap();
    assert_eq!(db.entity(Kind::Incident, "1").unwrap(), None);
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 3);
    let gone = db
        .finish(&sweep(2, Ticks(T.0 + 9), true), &|id| id != "1")
        .unwrap();
    assert_eq!(gone, ["1"]);
}

#[test]
fn a_cache_of_version_1_is_made_over_with_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache.db");
    let mut db = Db::open(Some(&path)).unwrap();
    db.take(&rows(0..3, Ticks(5))).unwrap();
    db.finish(&sweep(3, Ticks(5), true), &|_| true).unwrap();
    // as version 1 made it
    db.conn
        .execute_batch(
            "DROP INDEX raw_age;
             ALTER TABLE chunk RENAME TO a; ALTER TABLE head RENAME TO b; ALTER TABLE raw RENAME TO c;
             CREATE TABLE chunk (kind TEXT NOT NULL, seq INTEGER NOT NULL, rows INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, seq)) WITHOUT ROWID;
             CREATE TABLE head (kind TEXT PRIMARY KEY, rows INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
             CREATE TABLE raw (kind TEXT NOT NULL, id TEXT NOT NULL, as_of INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
             INSERT INTO chunk SELECT * FROM a; INSERT INTO head SELECT * FROM b; INSERT INTO raw SELECT * FROM c;
             DROP TABLE a; DROP TABLE b; DROP TABLE c;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(db);
    let mut db = Db::open(Some(&path)).unwrap();
    assert!(db.set_aside.is_none());
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 3);
    assert!(db.head(Kind::Incident).unwrap().is_some());
    db.expire(Ticks(6)).unwrap();
    assert_eq!(db.list(Kind::Incident).unwrap().rows, 0);
}

#[test]
fn opening_a_cache_in_order_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cache.db");
    let mut db = Db::open(Some(&path)).unwrap();
    db.take(&rows(0..3, Ticks(5))).unwrap();
    drop(db);
    let db = Db::open(Some(&path)).unwrap();
    assert_eq!(db.conn.total_changes(), 0);
    let journal = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |m| m.len());
    assert_eq!(journal, 0, "the journal has a page that opening wrote");
}
