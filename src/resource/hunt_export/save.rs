//! An export as a file of one's own: mode 0600, never over another file unasked, nothing left behind when it fails.

use super::{Export, Failed};
use crate::config::file::private_dir;
use crate::resource::hunt_work::Done;
use rustix::fs::{Mode, OFlags, open};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use table::Txt;

/// An export with its file.
#[derive(Debug)]
pub struct Save {
    pub export: Export,
    /// As typed; `~/` is the home folder.
    pub path: String,
    /// Our own folder for exports: made if it is missing. Others are not.
    pub folder: PathBuf,
    /// The person wants a file of that name replaced.
    pub replace: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Saved {
    pub path: PathBuf,
    pub bytes: u64,
    /// `1,000 of at least 1,000`.
    pub rows: String,
    /// The file that tells where the rows come from, where the form has no place for it.
    pub beside: Option<PathBuf>,
}

/// A path as typed, from the root.
pub fn absolute(typed: &str) -> Result<PathBuf, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("a file's name is missing".into());
    }
    let path = match typed.strip_prefix("~/") {
        Some(rest) => match std::env::var_os("HOME") {
            Some(home) => PathBuf::from(home).join(rest),
            None => return Err("there is no home folder for ~".into()),
        },
        None => PathBuf::from(typed),
    };
    std::path::absolute(&path).map_err(|e| sentence(&path, &e))
}

impl Save {
    /// Writes the file; `None` when cancelled.
    pub(in crate::resource) fn run(&self) -> Option<Done> {
        let path = match absolute(&self.path) {
            Ok(path) => path,
            Err(why) => return Some(Done::Failed(why)),
        };
        if path.starts_with(&self.folder)
            && let Err(e) = private_dir(&self.folder)
        {
            return Some(Done::Failed(sentence(&self.folder, &e)));
        }
        match write(&self.export, &path, self.replace) {
            Ok(saved) => Some(Done::Saved(saved)),
            Err(Failed::Cancelled) => None,
            Err(Failed::Form(why)) => Some(Done::Failed(why)),
            Err(Failed::Io(e)) if e.kind() == io::ErrorKind::AlreadyExists => {
                Some(Done::Exists(self.path.clone()))
            }
            Err(Failed::Io(e)) => Some(Done::Failed(sentence(&path, &e))),
        }
    }
}

/// Writes an export to a file, and what tells of it beside it where the form cannot.
pub fn write(export: &Export, path: &Path, replace: bool) -> Result<Saved, Failed> {
    let beside = (!export.form.tells()).then(|| {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".provenance.json");
        path.with_file_name(name)
    });
    if let Ok(there) = std::fs::symlink_metadata(path)
        && replace
        && !there.is_file()
        && !there.is_symlink()
        && !there.is_dir()
    {
        // a new file in the place of a device would take it away from everybody
        let path = Txt::new(&path.to_string_lossy()).shown().into_owned();
        return Err(Failed::Form(format!(
            "{path} is no ordinary file and is not replaced; another name is wanted"
        )));
    }
    if !replace {
        // both or none
        for p in [Some(path), beside.as_deref()].into_iter().flatten() {
            if std::fs::symlink_metadata(p).is_ok() {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
            }
        }
    }
    let bytes = file(path, replace, |out| export.write(out))?;
    if let Some(beside) = &beside {
        let text = export.from.sidecar(export.rows.len());
        let told = file(beside, replace, |out| Ok(out.write_all(text.as_bytes())?));
        if let Err(e) = told {
            // rows without their provenance would be taken for something else some day
            if !replace {
                let _ = std::fs::remove_file(path);
            }
            return Err(e);
        }
    }
    Ok(Saved {
        path: path.to_owned(),
        bytes,
        rows: export.from.count(export.rows.len()),
        beside,
    })
}

/// Makes one file, whole or not at all; how many bytes.
fn file(
    path: &Path,
    replace: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), Failed>,
) -> Result<u64, Failed> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no file's name"))?;
    // a file that is replaced stays until the new one is whole
    let to = if replace {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}", uuid::Uuid::new_v4().simple()));
        path.with_file_name(beside)
    } else {
        path.to_owned()
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = open(&to, flags, Mode::RUSR | Mode::WUSR).map_err(io::Error::from)?;
    let done = fill_file(File::from(fd), fill).and_then(|n| {
        if replace {
            std::fs::rename(&to, path)?;
        }
        Ok(n)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&to);
    }
    done
}

fn fill_file(
    file: File,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), Failed>,
) -> Result<u64, Failed> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    fill(&mut out)?;
    out.flush()?;
    let file = out.into_inner().map_err(|e| e.into_error())?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Why a file could not be written, and what to do.
pub fn sentence(path: &Path, e: &io::Error) -> String {
    use io::ErrorKind as K;
    let path = Txt::new(&path.to_string_lossy()).shown().into_owned();
    match e.kind() {
        K::StorageFull | K::QuotaExceeded => format!(
            "the disk is full: {path} was not written and nothing is left of it; the result is still here"
        ),
        K::ReadOnlyFilesystem => {
            format!("{path} is on a disk that cannot be written; choose another folder")
        }
        K::PermissionDenied => {
            format!("{path} cannot be written by you; choose another folder")
        }
        K::NotFound => format!("there is no folder for {path}; it is not made unasked"),
        K::AlreadyExists => format!("{path} is there already"),
        K::NotADirectory => format!("a part of {path} is no folder"),
        K::IsADirectory => format!("{path} is a folder; a file's name is wanted"),
        _ => format!("{path} was not written: {e}"),
    }
}
