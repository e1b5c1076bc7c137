//! The archive on disk: folders as the streaming export lays them out, and a file that says how far each source is.
//!
//! Lines are only appended. What a cut left half written is taken away before more is appended, and what is there
//! already is not appended again, so that a run may be cut anywhere and repeated. `kql run --archive` reads it.

use crate::model::Ticks;
use crate::model::time::HOUR;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MANIFEST: &str = "watchfloor-archive.json";
const LOCK: &str = ".watchfloor-archive.lock";
/// Hours whose lines are remembered; windows go forward, so old ones are not asked for again.
const REMEMBERED: usize = 64;

/// Why the archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("another run is writing it")]
    Busy,
    #[error("it is of another tenant ({0})")]
    OtherTenant(String),
    #[error("{MANIFEST} cannot be understood: {0}")]
    Manifest(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// How far each source is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    version: u32,
    tenant_id: String,
    sources: BTreeMap<String, Progress>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    /// Everything before this instant is kept.
    until: Option<String>,
    rows: u64,
}

/// A row with its time.
#[derive(Clone, Debug)]
pub struct Row {
    pub time: Ticks,
    pub properties: Map<String, Value>,
}

/// An archive that this run alone may write.
#[derive(Debug)]
pub struct Keep {
    root: PathBuf,
    manifest: Manifest,
    // of each blob, what is in it
    known: HashMap<PathBuf, HashSet<[u8; 16]>>,
    _lock: File,
}

/// Takes the lock. A run that has just ended may still seem to hold it: a child that was begun meanwhile has a copy of
/// the descriptor until it becomes its own program.
fn take(lock: &File) -> Result<(), Unusable> {
    const TRIES: u32 = 25;
    for rest in (0..TRIES).rev() {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(fs::TryLockError::WouldBlock) if rest > 0 => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            Err(fs::TryLockError::WouldBlock) => break,
            Err(fs::TryLockError::Error(e)) => return Err(Unusable::Io(e)),
        }
    }
    Err(Unusable::Busy)
}

impl Keep {
    /// Opens or begins an archive.
    pub fn open(root: &Path, tenant_id: &str) -> Result<Self, Unusable> {
        make_dirs(root)?;
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(root.join(LOCK))?;
        take(&lock)?;
        let manifest = match fs::read(root.join(MANIFEST)) {
            Ok(bytes) => serde_json::from_slice::<Manifest>(&bytes)
                .map_err(|e| Unusable::Manifest(e.to_string()))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Manifest {
                version: 1,
                tenant_id: tenant_id.to_owned(),
                ..Manifest::default()
            },
            Err(e) => return Err(e.into()),
        };
        if manifest.version != 1 {
            return Err(Unusable::Manifest(format!("version {}", manifest.version)));
        }
        if !manifest.tenant_id.eq_ignore_ascii_case(tenant_id) {
            let shown = table::Txt::new(&manifest.tenant_id).shown().into_owned();
            return Err(Unusable::OtherTenant(shown));
        }
        Ok(Self {
            root: root.to_owned(),
            manifest,
            known: HashMap::new(),
            _lock: lock,
        })
    }

    /// Everything of the source before this instant is kept.
    pub fn until(&self, source: &str) -> Option<Ticks> {
        Ticks::parse(self.manifest.sources.get(source)?.until.as_deref()?)
    }

    /// Appends the rows that are not there yet; how many those were. On the disk when this returns.
    pub fn add(&mut self, source: &str, rows: Vec<Row>, now: Ticks) -> io::Result<u64> {
        let mut by_hour: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
        for row in rows {
            by_hour
                .entry(row.time.0.div_euclid(HOUR))
                .or_default()
                .push(row);
        }
        let mut added = 0;
        for (hour, rows) in by_hour {
            let path = self.blob(source, Ticks(hour * HOUR))?;
            added += self.append(source, &path, rows, now)?;
        }
        Ok(added)
    }

    /// The source is complete up to this instant.
    pub fn advance(&mut self, source: &str, until: Ticks, added: u64) -> io::Result<()> {
        let progress = self.manifest.sources.entry(source.to_owned()).or_default();
        progress.until = Some(until.literal());
        progress.rows += added;
        let text = serde_json::to_string_pretty(&self.manifest)?;
        let new = self.root.join(format!("{MANIFEST}.new"));
        let mut file =
            private(OpenOptions::new().create(true).truncate(true).write(true)).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.root.join(MANIFEST))?;
        File::open(&self.root)?.sync_all()
    }

    /// The blob of an hour, its folder made.
    fn blob(&self, source: &str, hour: Ticks) -> io::Result<PathBuf> {
        // 2026-02-03T04:00:00Z
        let at = hour.literal();
        let part = |from: usize, to: usize| at.get(from..to).unwrap_or("00").to_owned();
        let folder = self
            .root
            .join(format!(
                "{}{}",
                kql::load::CONTAINER,
                source.to_ascii_lowercase()
            ))
            .join(format!(
                "tenantId={}",
                crate::config::dirs::segment(&self.manifest.tenant_id)
            ))
            .join(format!("y={}", part(0, 4)))
            .join(format!("m={}", part(5, 7)))
            .join(format!("d={}", part(8, 10)))
            .join(format!("h={}", part(11, 13)))
            .join("m=00");
        make_dirs(&folder)?;
        Ok(folder.join("PT1H.json"))
    }

    fn append(&mut self, source: &str, path: &Path, rows: Vec<Row>, now: Ticks) -> io::Result<u64> {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        let mut file = private(
            OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true),
        )
        .open(path)?;
        if !self.known.contains_key(path) {
            let known = whole_lines(&mut file)?;
            self.known.insert(path.to_owned(), known);
        }
        let known = self.known.entry(path.to_owned()).or_default();
        let end = file.seek(SeekFrom::End(0))?;
        let mut added = 0;
        let mut to = BufWriter::new(&file);
        for row in rows {
            if !known.insert(key(&row.properties)) {
                continue;
            }
            added += 1;
            let line = json!({
                "time": now.literal(),
                "tenantId": self.manifest.tenant_id,
                "operationName": "Publish",
                "category": format!("AdvancedHunting-{source}"),
                "properties": row.properties,
            });
            serde_json::to_writer(&mut to, &line)?;
            to.write_all(b"\r\n")?;
        }
        let written = to.flush();
        drop(to);
        if let Err(e) = written.and_then(|()| if added > 0 { file.sync_all() } else { Ok(()) }) {
            // a full disk: what was written of these rows goes, so that lines stay whole
            let _ = file.set_len(end);
            self.known.remove(path);
            return Err(e);
        }
        Ok(added)
    }
}

/// What is in a blob; a last line that was cut is taken away.
fn whole_lines(file: &mut File) -> io::Result<HashSet<[u8; 16]>> {
    #[derive(Deserialize)]
    struct Line {
        properties: Map<String, Value>,
    }
    let mut known = HashSet::new();
    let mut whole = 0u64;
    file.seek(SeekFrom::Start(0))?;
    let mut from = BufReader::new(&mut *file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = from.read_until(b'\n', &mut line)?;
        if n == 0 || line.last() != Some(&b'\n') {
            break;
        }
        whole += n as u64;
        if let Ok(line) = serde_json::from_slice::<Line>(&line) {
            known.insert(key(&line.properties));
        }
    }
    drop(from);
    file.set_len(whole)?;
    Ok(known)
}

/// What tells one row from another: all that it says, in any order.
fn key(properties: &Map<String, Value>) -> [u8; 16] {
    let sorted: BTreeMap<&String, &Value> = properties.iter().collect();
    let text = serde_json::to_vec(&sorted).unwrap_or_default();
    let mut out = [0; 16];
    out.copy_from_slice(&digest(&SHA256, &text).as_ref()[..16]);
    out
}

fn make_dirs(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time: &str, id: u32) -> Row {
        let Value::Object(properties) = json!({"Timestamp": time, "ReportId": id}) else {
            unreachable!()
        };
        Row {
            time: Ticks::parse(time).unwrap(),
            properties,
        }
    }

    #[test]
    fn s1_22_a_row_is_kept_once_whatever_was_cut() {
        let dir = tempfile::tempdir().unwrap();
        let now = Ticks::parse("2026-02-03T06:00:00Z").unwrap();
        let rows = || {
            vec![
                row("2026-02-03T04:10:00Z", 1),
                row("2026-02-03T04:20:00Z", 2),
                row("2026-02-03T05:00:00Z", 3),
            ]
        };
        let mut keep = Keep::open(dir.path(), "t").unwrap();
        assert_eq!(keep.add("AlertInfo", rows(), now).unwrap(), 3);
        assert_eq!(keep.add("AlertInfo", rows(), now).unwrap(), 0);
        assert!(matches!(Keep::open(dir.path(), "t"), Err(Unusable::Busy)));
        drop(keep);
        // cut in the middle of a line, before anything was said to be complete
        let blob = dir.path().join("insights-logs-advancedhunting-alertinfo/tenantId=t/y=2026/m=02/d=03/h=04/m=00/PT1H.json");
        let bytes = fs::read(&blob).unwrap();
        assert!(bytes.ends_with(b"}\r\n"));
        fs::write(&blob, &bytes[..bytes.len() - 10]).unwrap();
        let mut keep = Keep::open(dir.path(), "t").unwrap();
        assert_eq!(keep.until("AlertInfo"), None);
        assert_eq!(keep.add("AlertInfo", rows(), now).unwrap(), 1);
        assert_eq!(fs::read(&blob).unwrap(), bytes);
        keep.advance("AlertInfo", now, 3).unwrap();
        drop(keep);
        let keep = Keep::open(dir.path(), "T").unwrap();
        assert_eq!(keep.until("AlertInfo"), Some(now));
        drop(keep);
        assert!(matches!(
            Keep::open(dir.path(), "other"),
            Err(Unusable::OtherTenant(_))
        ));
        fs::write(dir.path().join(MANIFEST), "{").unwrap();
        assert!(matches!(
            Keep::open(dir.path(), "t"),
            Err(Unusable::Manifest(_))
        ));
    }

    #[test]
    fn the_query_engine_reads_what_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut keep = Keep::open(dir.path(), "t").unwrap();
        keep.add("AlertInfo", vec![row("2026-02-03T04:10:00Z", 7)], Ticks(0))
            .unwrap();
        let schema = kql::schema::Schema::builtin(kql::schema::Which::Unified);
        let archive = kql::load::Archive::open(dir.path(), &schema, 1).unwrap();
        assert_eq!(
            archive
                .read("AlertInfo", None, None, None)
                .unwrap()
                .table
                .rows(),
            1
        );
        assert!(archive.take_notes().is_empty());
    }
}
