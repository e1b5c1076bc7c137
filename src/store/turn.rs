//! Who does what where several instances share a tenant's cache: one polls each list, the others read what it wrote; and
//! nobody takes the cache away while somebody uses it. Advisory locks on files beside the database, gone with their process.

use crate::model::Kind;
use crate::resource;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Held by everybody who uses the cache, alone by whoever removes it.
const USED: &str = "used.lock";

/// The locks of one instance on one cache folder.
#[derive(Debug)]
pub struct Turns {
    dir: PathBuf,
    held: Mutex<HashMap<Kind, OwnedFd>>,
}

impl Turns {
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            held: Mutex::default(),
        }
    }

    /// Whether this instance polls the list; takes the turn where it is free. Where locks do not work, everybody polls.
    pub fn take(&self, kind: Kind) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(&kind) {
            return true;
        }
        let name = format!("poll-{}.lock", resource::spec(kind).one);
        let Ok(file) = open(&self.dir.join(name)) else {
            return true;
        };
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                held.insert(kind, file);
                true
            }
            Err(e) => e != rustix::io::Errno::WOULDBLOCK,
        }
    }

    /// Lets another instance poll.
    pub fn give(&self, kind: Kind) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&kind);
    }
}

/// Says that the cache is in use, for as long as the answer lives; none where locks do not work or it is being removed.
pub fn using(dir: &Path) -> Option<OwnedFd> {
    let file = open(&dir.join(USED)).ok()?;
    flock(&file, FlockOperation::NonBlockingLockShared).ok()?;
    Some(file)
}

/// The cache for oneself; none while somebody uses it.
pub fn alone(dir: &Path) -> std::io::Result<Option<OwnedFd>> {
    let file = open(&dir.join(USED))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// What became of a cache that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purged {
    /// There was none.
    Nothing,
    /// An instance uses it; nothing was touched.
    Used,
    Gone {
        files: usize,
        bytes: u64,
    },
}

/// Removes a cache folder with everything in it, unless somebody uses it. A link is not followed.
pub fn purge(dir: &Path) -> std::io::Result<Purged> {
    match std::fs::symlink_metadata(dir) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => return Ok(Purged::Nothing),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Purged::Nothing),
        Err(e) => return Err(e),
    }
    let Some(_held) = alone(dir)? else {
        return Ok(Purged::Used);
    };
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(dir)?.flatten() {
        let lock = entry.path().extension().is_some_and(|e| e == "lock");
        if let Ok(meta) = entry.metadata()
            && !lock
        {
            files += 1;
            bytes += meta.len();
        }
    }
    std::fs::remove_dir_all(dir)?;
    Ok(Purged::Gone { files, bytes })
}

fn open(path: &Path) -> std::io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_polls_and_another_takes_over() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (Turns::new(dir.path()), Turns::new(dir.path()));
        assert!(one.take(Kind::Incident) && one.take(Kind::Incident));
        assert!(!two.take(Kind::Incident));
        assert!(two.take(Kind::User), "each list has its own turn");
        one.give(Kind::Incident);
        assert!(two.take(Kind::Incident) && !one.take(Kind::Incident));
        drop(two);
        assert!(
            one.take(Kind::Incident),
            "an instance that went holds nothing"
        );
    }

    #[test]
    fn a_used_cache_is_not_had_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (using(dir.path()).unwrap(), using(dir.path()).unwrap());
        assert!(alone(dir.path()).unwrap().is_none());
        drop(one);
        assert!(alone(dir.path()).unwrap().is_none());
        drop(two);
        let alone = alone(dir.path()).unwrap();
        assert!(alone.is_some() && using(dir.path()).is_none());
    }

    #[test]
    fn a_cache_is_purged_whole_and_not_while_it_is_used() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("contoso");
        assert_eq!(purge(&dir).unwrap(), Purged::Nothing);
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("cache.db"), [0; 100]).unwrap();
        let used = using(&dir).unwrap();
        assert_eq!(purge(&dir).unwrap(), Purged::Used);
        assert!(dir.join("cache.db").exists());
        drop(used);
        let (files, bytes) = (1, 100);
        assert_eq!(purge(&dir).unwrap(), Purged::Gone { files, bytes });
        assert!(!dir.exists());
        let elsewhere = home.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &dir).unwrap();
        assert_eq!(purge(&dir).unwrap(), Purged::Nothing);
        assert!(elsewhere.exists(), "a link leads to what is not ours");
    }
}
