//! Who still lives: each run of the program holds a lock file for its life, so that an intent is orphaned only when that
//! lock can be taken. The kernel lets go of a lock however a program ends.

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The folder of lock files inside a record's folder.
const DIR: &str = "runs";

/// A lock file, held until dropped, and then removed.
#[derive(Debug)]
pub struct Alive {
    path: PathBuf,
    _file: File,
}

impl Alive {
    /// Takes the lock of our own run.
    pub fn begin(dir: &Path, session: &str) -> io::Result<Self> {
        let dir = dir.join(DIR);
        crate::config::file::private_dir(&dir)?;
        let path = dir.join(name(session));
        let fd = open(
            &path,
            OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )?;
        flock(&fd, FlockOperation::NonBlockingLockExclusive)?;
        let mut file = File::from(fd);
        // for the eyes of whoever is kept waiting; a full disk does not stop a lock
        let _ = file
            .set_len(0)
            .and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { path, _file: file })
    }

    /// Takes over the lock of a run that is gone. `None`: it lives. A run without a lock file ended and cleaned up.
    pub fn take_over(dir: &Path, session: &str) -> io::Result<Option<Self>> {
        let path = dir.join(DIR).join(name(session));
        loop {
            let mut taken = match Self::begin(dir, session) {
                Ok(taken) => taken,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(e) => return Err(e),
            };
            // whoever held it before may have removed the file between our opening and our locking it
            let (ours, there) = (taken._file.metadata()?, std::fs::symlink_metadata(&path));
            if there.is_ok_and(|m| m.ino() == ours.ino()) {
                return Ok(Some(taken));
            }
            // the name belongs to another file now: not ours to remove
            taken.path = PathBuf::new();
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The process that holds a run's lock, as it wrote it there itself.
pub fn process(dir: &Path, session: &str) -> Option<u32> {
    let file = super::read::open(&dir.join(DIR).join(name(session))).ok()?;
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.parse().ok()
}

/// Sessions are our own ids; what is not is made into one safe name.
fn name(session: &str) -> String {
    format!("{}.lock", crate::config::dirs::segment(session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_gone_only_when_its_lock_can_be_taken() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Alive::begin(dir.path(), "one").unwrap();
        assert_eq!(process(dir.path(), "one"), Some(std::process::id()));
        assert_eq!(process(dir.path(), "two"), None);
        assert!(Alive::take_over(dir.path(), "one").unwrap().is_none());
        drop(alive);
        let taken = Alive::take_over(dir.path(), "one").unwrap().unwrap();
        assert!(
            Alive::take_over(dir.path(), "one").unwrap().is_none(),
            "only one takes it over"
        );
        drop(taken);
        assert!(
            std::fs::read_dir(dir.path().join(DIR)).unwrap().count() == 0,
            "nothing is left behind"
        );
    }
}
