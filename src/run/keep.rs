//! Settings changed on screen, kept in `settings.toml` beside `config.toml`: written by a thread, whole and atomically.
//!
//! The person's `config.toml` is theirs and is never written. What is set on screen stands above it.

use crate::config::file;
use crate::msg::{Event, Level, News, Setting};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use toml::Value;

/// The file's name in the config folder.
pub const FILE: &str = "settings.toml";

/// Reads what was kept; a broken file is left alone and reported, defaults stay.
pub fn read(dir: &std::path::Path) -> (BTreeMap<String, Value>, Option<String>) {
    let path = dir.join(FILE);
    match file::read(&path, 1 << 20) {
        Ok(text) => match text.parse::<toml::Table>() {
            Ok(table) => (table.into_iter().collect(), None),
            Err(e) => (
                BTreeMap::new(),
                Some(format!(
                    "{} cannot be read ({}); defaults are in force",
                    path.display(),
                    e.message()
                )),
            ),
        },
        Err(file::FileFault::Absent(_)) => (BTreeMap::new(), None),
        Err(e) => (BTreeMap::new(), Some(format!("{e}; defaults are in force"))),
    }
}

/// Keeps settings one after the other, off the screen's thread.
pub struct Keeper {
    to: Option<Sender<Setting>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Keeper {
    pub fn new(
        dir: PathBuf,
        mut all: BTreeMap<String, Value>,
        readable: bool,
        events: crate::jobs::Events,
    ) -> Self {
        let (to, from) = channel::<Setting>();
        let thread = std::thread::Builder::new()
            .name("settings".into())
            .spawn(move || {
                for setting in from {
                    all.insert(setting.key.to_owned(), setting.value);
                    let done = if readable {
                        let table: toml::Table = all.clone().into_iter().collect();
                        toml::to_string(&table)
                            .map_err(|e| e.to_string())
                            .and_then(|text| {
                                file::write_atomic(&dir.join(FILE), text.as_bytes())
                                    .map_err(|e| e.to_string())
                            })
                    } else {
                        Err("the file there cannot be read and is left alone".to_owned())
                    };
                    if let Err(why) = done {
                        events(Event::News(News::Notice {
                            level: Level::Warn,
                            text: format!("the setting is in force but was not kept: {why}"),
                        }));
                    }
                }
            })
            .ok();
        Self {
            to: Some(to),
            thread,
        }
    }

    pub fn keep(&self, setting: Setting) {
        if let Some(to) = &self.to {
            let _ = to.send(setting);
        }
    }
}

impl Drop for Keeper {
    /// Waits for what was still to be written.
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn settings_survive_and_a_broken_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let events: crate::jobs::Events = {
            let said = said.clone();
            Arc::new(move |e| said.lock().unwrap().push(format!("{e:?}")))
        };
        let (kept, why) = read(dir.path());
        assert!(kept.is_empty() && why.is_none());
        let keeper = Keeper::new(dir.path().into(), kept, true, events.clone());
        keeper.keep(Setting {
            key: "theme",
            value: "light".into(),
        });
        keeper.keep(Setting {
            key: "mouse",
            value: true.into(),
        });
        drop(keeper);
        let (kept, _) = read(dir.path());
        assert_eq!(kept.len(), 2);
        assert_eq!(kept["theme"].as_str(), Some("light"));
        file::write_atomic(&dir.path().join(FILE), b"theme = \n").unwrap();
        let (kept, why) = read(dir.path());
        assert!(why.unwrap().contains("defaults"));
        let keeper = Keeper::new(dir.path().into(), kept, false, events);
        keeper.keep(Setting {
            key: "theme",
            value: "dark".into(),
        });
        drop(keeper);
        assert_eq!(std::fs::read(dir.path().join(FILE)).unwrap(), b"theme = \n");
        assert!(said.lock().unwrap()[0].contains("not kept"));
    }
}
