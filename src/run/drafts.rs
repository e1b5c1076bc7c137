//! Query texts kept while they are written: by a thread, whole and atomically, at most every half second.

use crate::config::file;
use crate::model::draft::Drafts;
use crate::msg::{Event, Level, News};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The file's name in the tenant's state folder.
pub const FILE: &str = "drafts.json";
/// Between two writes.
const PACE: Duration = Duration::from_millis(400);
/// A file larger than this is not ours.
const MOST: u64 = 64 << 20;

/// Reads what was kept. A file that cannot be read is set aside under another name, and said.
pub fn read(dir: &std::path::Path) -> (Drafts, Option<String>) {
    let path = dir.join(FILE);
    let text = match file::read(&path, MOST) {
        Ok(text) => text,
        Err(file::FileFault::Absent(_)) => return (Drafts::default(), None),
        Err(e) => return (Drafts::default(), Some(format!("kept queries: {e}"))),
    };
    match serde_json::from_str(&text) {
        Ok(drafts) => (drafts, None),
        Err(e) => {
            let aside = dir.join("drafts.broken.json");
            let moved = std::fs::rename(&path, &aside).is_ok();
            let place = if moved { aside } else { path };
            let why = format!(
                "kept queries cannot be read ({e}); the file is {}",
                place.display()
            );
            (Drafts::default(), Some(why))
        }
    }
}

enum Wish {
    Read,
    Keep(Drafts),
}

/// Writes the newest state, skipping those that came in between.
pub struct Keeper {
    to: Option<Sender<Wish>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Keeper {
    pub fn new(dir: PathBuf, events: crate::jobs::Events) -> Self {
        let (to, from) = channel::<Wish>();
        let thread = std::thread::Builder::new()
            .name("drafts".into())
            .spawn(move || {
                let mut told = false;
                while let Ok(wish) = from.recv() {
                    let Wish::Keep(mut newest) = wish else {
                        let (drafts, why) = read(&dir);
                        events(Event::Drafts(drafts));
                        if let Some(text) = why {
                            let level = Level::Warn;
                            events(Event::News(News::Notice { level, text }));
                        }
                        continue;
                    };
                    let until = Instant::now() + PACE;
                    let over = loop {
                        match from.recv_timeout(until.saturating_duration_since(Instant::now())) {
                            Ok(Wish::Keep(newer)) => newest = newer,
                            // it was read already
                            Ok(Wish::Read) => {}
                            Err(RecvTimeoutError::Timeout) => break false,
                            Err(RecvTimeoutError::Disconnected) => break true,
                        }
                    };
                    let written = serde_json::to_vec(&newest)
                        .map_err(|e| e.to_string())
                        .and_then(|bytes| {
                            file::write_atomic(&dir.join(FILE), &bytes).map_err(|e| e.to_string())
                        });
                    if let Err(why) = written
                        && !std::mem::replace(&mut told, true)
                    {
                        events(Event::News(News::Notice {
                            level: Level::Warn,
                            text: format!("query texts are not kept over a restart: {why}"),
                        }));
                    }
                    if over {
                        return;
                    }
                }
            })
            .ok();
        Self {
            to: Some(to),
            thread,
        }
    }

    pub fn keep(&self, drafts: Drafts) {
        if let Some(to) = &self.to {
            let _ = to.send(Wish::Keep(drafts));
        }
    }

    /// What was kept comes as an event.
    pub fn ask(&self) {
        if let Some(to) = &self.to {
            let _ = to.send(Wish::Read);
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
    use crate::model::draft::Draft;
    use std::sync::Arc;

    #[test]
    fn the_newest_text_is_there_after_a_restart_and_a_broken_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let quiet: crate::jobs::Events = Arc::new(|_| {});
        let keeper = Keeper::new(dir.path().into(), quiet);
        for n in 0..50 {
            keeper.keep(Drafts {
                tabs: vec![Draft {
                    text: format!("print {n}"),
                    ..Draft::default()
                }],
                ..Drafts::default()
            });
        }
        drop(keeper);
        let (drafts, why) = read(dir.path());
        assert_eq!((drafts.tabs[0].text.as_str(), why), ("print 49", None));
        file::write_atomic(&dir.path().join(FILE), b"{").unwrap();
        let (drafts, why) = read(dir.path());
        assert_eq!(drafts, Drafts::default());
        assert!(why.unwrap().contains("drafts.broken.json"));
        assert!(dir.path().join("drafts.broken.json").exists());
    }
}
