//! Files that are ours: made private, opened without following links, believed only when nobody else can write them.

use rustix::fs::{Mode, OFlags, open};
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Why a file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    #[error("{0} is not there")]
    Absent(PathBuf),
    #[error("{path} cannot be read: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{path} {why}; it must be a regular file of yours or root's that nobody else can write"
    )]
    Untrusted { path: PathBuf, why: &'static str },
    #[error("{path} is larger than {limit} bytes")]
    TooLarge { path: PathBuf, limit: u64 },
}

/// Makes a folder (and those above it) with mode 0700; tightens one of ours that is looser.
pub fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let meta = std::fs::symlink_metadata(path)?;
    if !meta.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            format!("{} is not a folder", path.display()),
        ));
    }
    if meta.uid() == rustix::process::getuid().as_raw() && meta.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Whether an open file is regular, ours or root's, and not writable by others.
pub fn trusted(file: &File) -> io::Result<()> {
    let meta = file.metadata()?;
    match doubt(&meta) {
        None => Ok(()),
        Some(why) => Err(io::Error::new(io::ErrorKind::PermissionDenied, why)),
    }
}

fn doubt(meta: &Metadata) -> Option<&'static str> {
    let me = rustix::process::getuid().as_raw();
    if !meta.is_file() {
        Some("is not a regular file")
    } else if meta.uid() != me && meta.uid() != 0 {
        Some("belongs to somebody else")
    } else if meta.mode() & 0o022 != 0 {
        Some("can be written by others")
    } else {
        None
    }
}

/// Reads a small file of ours whole, without following a link at its end.
pub fn read(path: &Path, limit: u64) -> Result<String, FileFault> {
    let io = |source: io::Error| FileFault::Io {
        path: path.to_owned(),
        source,
    };
    let fd = match open(
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK,
        Mode::empty(),
    ) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::NOENT) => return Err(FileFault::Absent(path.to_owned())),
        Err(rustix::io::Errno::LOOP) => {
            return Err(FileFault::Untrusted {
                path: path.to_owned(),
                why: "is a link",
            });
        }
        Err(e) => return Err(io(e.into())),
    };
    let file = File::from(fd);
    if let Some(why) = doubt(&file.metadata().map_err(io)?) {
        return Err(FileFault::Untrusted {
            path: path.to_owned(),
            why,
        });
    }
    let mut text = String::new();
    file.take(limit + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > limit {
        return Err(FileFault::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(text)
}

/// Replaces a file in one step: written beside it with mode 0600, synced, renamed. Its folder becomes private.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private_dir(folder(path)?)?;
    replace(path, bytes)
}

fn folder(path: &Path) -> io::Result<&Path> {
    let none = || io::Error::new(io::ErrorKind::InvalidInput, "no folder");
    path.parent().ok_or_else(none)
}

/// The same in a folder that is not ours to change.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = folder(path)?;
    let beside = dir.join(format!(
        ".{}.{}",
        path.file_name().unwrap_or_default().to_string_lossy(),
        uuid::Uuid::new_v4().simple()
    ));
    let fd = open(
        &beside,
        OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::RUSR | Mode::WUSR,
    )?;
    let mut file = File::from(fd);
    let done = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&beside, path));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_others_could_have_written_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        assert!(matches!(read(&path, 10), Err(FileFault::Absent(_))));
        write_atomic(&path, b"a = 1\n").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read(&path, 10).unwrap(), "a = 1\n");
        assert!(matches!(read(&path, 3), Err(FileFault::TooLarge { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(read(&path, 10), Err(FileFault::Untrusted { .. })));
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(read(&link, 10), Err(FileFault::Untrusted { .. })));
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/x");
        write_atomic(&path, b"one").unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(write_atomic(&path, b"two").is_err());
        assert_eq!(
            std::fs::read_dir(dir.path().join("sub")).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }
}
