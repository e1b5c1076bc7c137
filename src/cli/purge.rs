//! `watchfloor purge`: removes what was cached of a tenant, or of all of them, and says how much that was.

use super::choose::{Refusal, dirs};
use crate::config::Dirs;
use crate::store::turn::{Purged, purge};
use std::path::PathBuf;
use std::process::ExitCode;

/// Removes the cache of the named tenant, or every cache there is. Settings and the record stay.
pub fn run(name: Option<&str>) -> Result<ExitCode, Refusal> {
    let dirs = dirs()?;
    let folders = match name {
        Some(name) => vec![(name.to_owned(), dirs.tenant_cache(name))],
        None => all(&dirs)?,
    };
    let mut used = Vec::new();
    let mut any = false;
    for (name, folder) in folders {
        let gone = purge(&folder).map_err(|e| (1, format!("{}: {e}", folder.display())))?;
        match gone {
            Purged::Nothing => {}
            Purged::Used => used.push(name),
            Purged::Gone { files, bytes } => {
                any = true;
                let (name, size) = (table::Txt::new(&name).shown().into_owned(), size(bytes));
                println!(
                    "{name}: {files} {}, {size} removed from {}",
                    if files == 1 { "file" } else { "files" },
                    folder.display()
                );
            }
        }
    }
    if !used.is_empty() {
        let names = used.join(", ");
        let names = table::Txt::new(&names).shown().into_owned();
        return Err((
            1,
            format!("in use by another instance, left as it is: {names}; quit that one first"),
        ));
    }
    if !any {
        println!("nothing is cached");
    }
    Ok(ExitCode::SUCCESS)
}

fn all(dirs: &Dirs) -> Result<Vec<(String, PathBuf)>, Refusal> {
    let entries = match std::fs::read_dir(&dirs.cache) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err((1, format!("{}: {e}", dirs.cache.display()))),
    };
    let mut out: Vec<(String, PathBuf)> = entries
        .flatten()
        .map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()))
        .collect();
    out.sort();
    Ok(out)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
