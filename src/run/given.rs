//! What the screen's side is given at the start: settings, the person's keys and themes, the time zone. Files that are
//! not believed are said and left alone.

use super::keep;
use crate::app::Given;
use crate::config::guards::{POLICY, Policy};
use crate::config::{Config, Dirs, file};
use crate::term::Caps;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything read, the settings kept on screen (for the keeper), and what was wrong, one sentence each.
pub struct Read {
    pub given: Given,
    pub kept: BTreeMap<String, toml::Value>,
    /// The kept settings could be read, so that they may be written again.
    pub readable: bool,
    pub wrong: Vec<String>,
}

/// Reads `settings.toml`, `keymap.toml` and `themes/*.toml`; `config.toml` was read before.
pub fn read(dirs: &Dirs, config: &Config) -> Result<Read, file::FileFault> {
    let (kept, why) = keep::read(&dirs.config);
    let readable = why.is_none();
    let mut wrong: Vec<String> = config.warnings.iter().cloned().chain(why).collect();
    let mut settings = config.settings.clone();
    settings.extend(kept.clone());
    // a keymap that others could have written is refused like the configuration: it decides what keys do
    let keymap = match file::read(&dirs.config.join("keymap.toml"), 1 << 20) {
        Ok(text) => Some(text),
        Err(file::FileFault::Absent(_)) => None,
        Err(e) => return Err(e),
    };
    let mut themes = Vec::new();
    if let Ok(entries) = std::fs::read_dir(dirs.config.join("themes")) {
        for path in entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match file::read(&path, 1 << 20) {
                Ok(text) => themes.push((name, text)),
                Err(e) => wrong.push(e.to_string()),
            }
        }
    }
    themes.sort();
    let given = Given {
        settings,
        locked: Policy::load(Path::new(POLICY)).settings,
        keymap,
        themes,
        zone: jiff::tz::TimeZone::system(),
        letters: Caps::letters(|name| std::env::var(name).ok()),
        folder: dirs.data.join("packages").to_string_lossy().into_owned(),
    };
    Ok(Read {
        given,
        kept,
        readable,
        wrong,
    })
}
