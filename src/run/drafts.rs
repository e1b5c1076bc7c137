//! Query texts kept while they are written: by a thread, whole and atomically, at most four times a second.
//!
//! Each instance on a tenant has a file of its own, under a lock that ends with its process: nobody writes over what another
//! one writes. What an instance left behind is taken over by the next one that reads.

use crate::config::file;
use crate::model::draft::{Draft, Drafts};
use crate::msg::{Event, Level, News};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Between two writes.
const PACE: Duration = Duration::from_millis(250);
/// A file larger than this is not ours.
const MOST: u64 = 64 << 20;
/// Instances side by side that have files of their own.
const SEATS: usize = 16;

/// The file of the n-th instance.
fn name(seat: usize) -> String {
    match seat {
        0 => "drafts.json".into(),
        n => format!("drafts-{}.json", n + 1),
    }
}

/// A file of our own, for as long as this lives.
struct Seat {
    dir: PathBuf,
    seat: usize,
    _lock: Option<OwnedFd>,
}

impl Seat {
    /// The first that is free. Where locks do not work, all instances share the first.
    fn take(dir: &Path) -> Self {
        let _ = file::private_dir(dir);
        let mut last = 0;
        for seat in 0..SEATS {
            last = seat;
            match lock(dir, seat) {
                Ok(None) => {}
                Ok(lock) => {
                    return Self {
                        dir: dir.to_owned(),
                        seat,
                        _lock: lock,
                    };
                }
                Err(_) => {
                    last = 0;
                    break;
                }
            }
        }
        Self {
            dir: dir.to_owned(),
            seat: last,
            _lock: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.join(name(self.seat))
    }

    /// What we kept, with what instances that are gone left behind; the files to be removed once ours is written.
    fn read(&self) -> (Drafts, Vec<(PathBuf, OwnedFd)>, Vec<String>) {
        let (mut drafts, why) = read(&self.path());
        let mut wrong: Vec<String> = why.into_iter().collect();
        let mut taken = Vec::new();
        for seat in (0..SEATS).filter(|n| *n != self.seat) {
            let path = self.dir.join(name(seat));
            if !path.exists() {
                continue;
            }
            let Ok(Some(lock)) = lock(&self.dir, seat) else {
                continue;
            };
            let (left, why) = read(&path);
            wrong.extend(why);
            merge(&mut drafts, left);
            taken.push((path, lock));
        }
        (drafts, taken, wrong)
    }
}

/// The lock of a seat; none while somebody else has it.
fn lock(dir: &Path, seat: usize) -> std::io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let path = dir.join(format!("{}.lock", name(seat)));
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Tabs that say something and are not there yet come behind ours.
fn merge(ours: &mut Drafts, left: Drafts) {
    let new = |all: &[Arc<Draft>], d: &Draft| {
        !d.text.trim().is_empty() && !all.iter().any(|o| o.text == d.text)
    };
    for draft in left.tabs {
        if new(&ours.tabs, &draft) {
            ours.tabs.push(draft);
        }
    }
    for draft in left.closed {
        if new(&ours.closed, &draft) {
            ours.closed.push(draft);
        }
    }
    if ours.costs.is_null() {
        ours.costs = left.costs;
    }
}

/// Reads one file. One that cannot be read is set aside under another name, and said.
fn read(path: &Path) -> (Drafts, Option<String>) {
    let text = match file::read(path, MOST) {
        Ok(text) => text,
        Err(file::FileFault::Absent(_)) => return (Drafts::default(), None),
        Err(e) => return (Drafts::default(), Some(format!("kept queries: {e}"))),
    };
    match serde_json::from_str(&text) {
        Ok(drafts) => (drafts, None),
        Err(e) => {
            let aside = path.with_extension("broken.json");
            let moved = std::fs::rename(path, &aside).is_ok();
            let place = if moved { &*aside } else { path };
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
                let (mut told, mut seat) = (false, None);
                let say = |text: String| {
                    let level = Level::Warn;
                    events(Event::News(News::Notice { level, text }));
                };
                while let Ok(wish) = from.recv() {
                    // whoever hunts has a file of his own, and nobody else
                    let seat = seat.get_or_insert_with(|| Seat::take(&dir));
                    let Wish::Keep(mut newest) = wish else {
                        let (drafts, taken, wrong) = seat.read();
                        if !taken.is_empty() && write(seat, &drafts).is_ok() {
                            for (path, _lock) in taken {
                                let _ = std::fs::remove_file(path);
                            }
                        }
                        events(Event::Drafts(drafts));
                        wrong.into_iter().for_each(&say);
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
                    if let Err(why) = write(seat, &newest)
                        && !std::mem::replace(&mut told, true)
                    {
                        say(format!("query texts are not kept over a restart: {why}"));
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

fn write(seat: &Seat, drafts: &Drafts) -> Result<(), String> {
    let bytes = serde_json::to_vec(drafts).map_err(|e| e.to_string())?;
    file::write_atomic(&seat.path(), &bytes).map_err(|e| e.to_string())
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
    use std::sync::mpsc::Receiver;

    fn draft(text: &str) -> Drafts {
        Drafts {
            tabs: vec![Arc::new(Draft {
                text: text.into(),
                ..Draft::default()
            })],
            ..Drafts::default()
        }
    }

    /// A keeper and what it tells.
    fn keeper(dir: &Path) -> (Keeper, Receiver<Event>) {
        let (to, from) = channel();
        let to = std::sync::Mutex::new(to);
        let events: crate::jobs::Events = Arc::new(move |e| {
            let _ = to.lock().unwrap().send(e);
        });
        (Keeper::new(dir.into(), events), from)
    }

    fn texts(keeper: &Keeper, from: &Receiver<Event>) -> Vec<String> {
        keeper.ask();
        loop {
            if let Event::Drafts(drafts) = from.recv().unwrap() {
                return drafts.tabs.iter().map(|t| t.text.clone()).collect();
            }
        }
    }

    #[test]
    fn the_newest_text_is_there_after_a_restart_and_a_broken_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let (first, _events) = keeper(dir.path());
        for n in 0..50 {
            first.keep(draft(&format!("print {n}")));
        }
        drop(first);
        let (next, events) = keeper(dir.path());
        assert_eq!(texts(&next, &events), ["print 49"]);
        drop(next);
        file::write_atomic(&dir.path().join(name(0)), b"{").unwrap();
        let (drafts, why) = read(&dir.path().join(name(0)));
        assert_eq!(drafts, Drafts::default());
        assert!(why.unwrap().contains("drafts.broken.json"));
        assert!(dir.path().join("drafts.broken.json").exists());
    }

    #[test]
    fn two_instances_do_not_write_over_each_other_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (first, of_first) = keeper(dir.path());
        let (second, of_second) = keeper(dir.path());
        assert!(texts(&first, &of_first).is_empty());
        assert!(texts(&second, &of_second).is_empty());
        first.keep(draft("one"));
        second.keep(draft("two"));
        drop(second);
        // the second one is gone; a third sits where it sat, while the first goes on
        let (third, of_third) = keeper(dir.path());
        assert_eq!(texts(&third, &of_third), ["two"]);
        drop(third);
        drop(first);
        let (last, of_last) = keeper(dir.path());
        assert_eq!(texts(&last, &of_last), ["one", "two"]);
        drop(last);
        // what was taken over is taken over once
        let (again, of_again) = keeper(dir.path());
        assert_eq!(texts(&again, &of_again), ["one", "two"]);
        assert!(!dir.path().join(name(1)).exists());
    }
}
