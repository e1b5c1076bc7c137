//! The terminal's modes: entered once, and left on every way out.
//!
//! What has been entered is kept in one place for the whole process, so that a panic on the screen's
//! thread and a second SIGTERM can leave too. Suspending stops the whole process group, as a shell
//! expects; `input` hears the signals.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};

use super::title::is_hidden;

/// Alternate screen, title kept by the terminal, bracketed paste, focus events, no cursor.
const ENTER: &[u8] = b"\x1b[22;2t\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l";
/// The reverse, with whatever the wire may have left behind: a frame begun, a link, colours, margins.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b]8;;\x1b\\\x1b[m\x1b[r\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[23;2t";
const MOUSE_ON: &[u8] = b"\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l";
/// Disambiguate escape codes; pushed on the alternate screen's own stack.
const KITTY_ON: &[u8] = b"\x1b[>1u";
const KITTY_OFF: &[u8] = b"\x1b[<u";
/// A stalled line must not keep us from ending.
const LEAVE_WAIT: Duration = Duration::from_millis(500);
const KEPT_PANICS: usize = 8;

/// Why the screen cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    #[error(
        "standard output is not a terminal; the screen needs one (see --help for the commands that print)"
    )]
    NotATerminal,
    #[error("there is no terminal to read keys from")]
    NoInput,
    #[error("TERM={0} cannot show a full screen")]
    Dumb(String),
    #[error("the screen is in use already")]
    InUse,
    #[error("cannot set up the terminal: {0}")]
    Io(#[from] io::Error),
}

/// Why suspending was refused.
#[derive(Debug, thiserror::Error)]
pub enum SuspendError {
    #[error("not suspended: no shell here could wake it again")]
    NoShell,
    #[error("not suspended: {0}")]
    Io(#[from] io::Error),
}

struct Entered {
    tty: File,
    before: Termios,
    owner: ThreadId,
    on: bool,
    mouse: bool,
    kitty: bool,
}

static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
/// Panics of other threads while the screen is up: printed after it is left.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The terminal as we need it, until this is dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, pastes and focus reported, cursor hidden.
    pub fn enter() -> Result<Self, GuardError> {
        if !io::stdout().is_terminal() {
            return Err(GuardError::NotATerminal);
        }
        if !io::stdin().is_terminal() && File::open("/dev/tty").is_err() {
            return Err(GuardError::NoInput);
        }
        if let Some(term) = std::env::var("TERM").ok().filter(|t| t == "dumb") {
            return Err(GuardError::Dumb(term));
        }
        let mut entered = lock(&ENTERED);
        if entered.is_some() {
            return Err(GuardError::InUse);
        }
        let tty = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let before = tcgetattr(&tty).map_err(io::Error::from)?;
        let new = entered.insert(Entered {
            tty,
            before,
            owner: std::thread::current().id(),
            on: false,
            mouse: false,
            kitty: false,
        });
        if let Err(error) = new.enter() {
            new.leave();
            *entered = None;
            return Err(error.into());
        }
        Ok(Self(()))
    }

    /// Writes to the terminal, a whole frame at a time.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        // a clone of the descriptor: a write may block, and leaving must not wait for the lock
        let tty = match &*lock(&ENTERED) {
            Some(entered) => entered.tty.try_clone()?,
            None => return Ok(()),
        };
        write_all(&tty, bytes)
    }

    /// Gives the terminal back for a while (an editor, another program); again is harmless.
    ///
    /// Pause the [`Source`](super::Source) first. Keys typed ahead and late replies are discarded.
    pub fn leave(&mut self) {
        if let Some(entered) = &mut *lock(&ENTERED) {
            entered.leave();
        }
        print_panics();
    }

    /// Takes the terminal again, after [`Guard::leave`] or [`Signal::Continue`](super::Signal);
    /// afterwards everything must be drawn anew.
    pub fn renew(&mut self) -> io::Result<()> {
        match &mut *lock(&ENTERED) {
            Some(entered) => entered.enter(),
            None => Ok(()),
        }
    }

    /// Switches mouse reports on or off.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        let mut entered = lock(&ENTERED);
        let Some(entered) = entered.as_mut().filter(|e| e.mouse != on) else {
            return Ok(());
        };
        entered.mouse = on;
        if entered.on {
            write_all(&entered.tty, if on { MOUSE_ON } else { MOUSE_OFF })?;
        }
        Ok(())
    }

    /// Switches the kitty keyboard protocol on, once the terminal has reported that it knows it.
    pub fn kitty(&mut self) -> io::Result<()> {
        let mut entered = lock(&ENTERED);
        let Some(entered) = entered.as_mut().filter(|e| !e.kitty) else {
            return Ok(());
        };
        entered.kitty = true;
        if entered.on {
            write_all(&entered.tty, KITTY_ON)?;
        }
        Ok(())
    }

    /// Ctrl-z: leaves, stops the process group, and takes the terminal again when the shell continues us.
    ///
    /// Returns after the continuation; the size may have changed, and everything must be drawn anew.
    pub fn suspend(&mut self) -> Result<(), SuspendError> {
        if !can_be_woken() {
            return Err(SuspendError::NoShell);
        }
        self.leave();
        *lock(&SUSPENDING) = true;
        // the group first (a wrapper script must stop too), then surely ourselves
        let stopped = kill_current_process_group(Signal::TSTP)
            .and_then(|()| kill_process(getpid(), Signal::STOP));
        // the stop may take effect an instant after the call, so wait for the continuation
        let suspending = lock(&SUSPENDING);
        let (mut suspending, _) = CONTINUED
            .wait_timeout_while(suspending, Duration::from_millis(500), |s| *s)
            .unwrap_or_else(PoisonError::into_inner);
        if stopped.is_err() {
            *suspending = false;
        }
        drop(suspending);
        self.renew()?;
        stopped.map_err(io::Error::from)?;
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.leave();
        *lock(&ENTERED) = None;
    }
}

impl Entered {
    fn enter(&mut self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        tcsetattr(&self.tty, OptionalActions::Now, &raw)?;
        let mut bytes = ENTER.to_vec();
        if self.mouse {
            bytes.extend_from_slice(MOUSE_ON);
        }
        if self.kitty && !self.on {
            bytes.extend_from_slice(KITTY_ON);
        }
        self.on = true;
        write_all(&self.tty, &bytes)
    }

    fn leave(&mut self) {
        if !std::mem::take(&mut self.on) {
            return;
        }
        let mut bytes = Vec::new();
        if self.kitty {
            bytes.extend_from_slice(KITTY_OFF);
        }
        if self.mouse {
            bytes.extend_from_slice(MOUSE_OFF);
        }
        bytes.extend_from_slice(LEAVE);
        // the terminal may be gone or the line stalled: the modes are restored in any case
        if writable(&self.tty) {
            let _ = (&self.tty).write_all(&bytes);
        }
        // replies that nobody reads any more would be typed into the shell
        let _ = tcflush(&self.tty, QueueSelector::IFlush);
        let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before);
    }
}

/// Leaves from any thread, for a way out that does not unwind.
pub fn leave_now() {
    if let Some(entered) = &mut *lock(&ENTERED) {
        entered.leave();
    }
}

/// Columns and rows of the terminal; 80x24 where it does not say, `None` without a terminal.
pub fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    match (size.ws_col, size.ws_row) {
        (0, _) | (_, 0) => Some((80, 24)),
        known => Some(known),
    }
}

static SUSPENDING: Mutex<bool> = Mutex::new(false);
static CONTINUED: Condvar = Condvar::new();

/// Stops where the program beside us that has the terminal was stopped, so that the shell has it back; both are continued.
pub(super) fn stop_too() {
    let _ = kill_process(getpid(), Signal::STOP);
}

/// Whether we are stopping ourselves, so that a stop signal is our own.
pub(super) fn suspending() -> bool {
    *lock(&SUSPENDING)
}

/// SIGCONT came: whether it ends a suspension of our own.
pub(super) fn continued() -> bool {
    let ours = std::mem::take(&mut *lock(&SUSPENDING));
    CONTINUED.notify_all();
    ours
}

/// Where a process stands in job control; 0 is a process that this namespace does not show.
#[derive(Clone, Copy)]
struct Job {
    parent: i32,
    group: i32,
    session: i32,
}

/// Whether somebody in our session but outside our process group waits for us, as a job-control shell does.
///
/// Without one, a stopped group is never continued: as the command of `ssh -t host`, or under `setsid`.
fn can_be_woken() -> bool {
    job_of("self").is_some_and(|own| is_watched(own, |pid| job_of(&pid.to_string())))
}

fn is_watched(own: Job, job_of: impl Fn(i32) -> Option<Job>) -> bool {
    let mut parent = own.parent;
    for _ in 0..16 {
        // in a container the parent, or a session's leader, may be outside and then has no number
        if parent <= 0 || own.session <= 0 {
            return false;
        }
        let Some(its) = job_of(parent) else {
            return false;
        };
        if its.session != own.session {
            return false;
        }
        if its.group != own.group {
            return true;
        }
        parent = its.parent;
    }
    false
}

/// Read from /proc, not asked by `getsid` and `getpgid`: those answer 0 for what is outside the
/// namespace, which the wrapper's own type for process ids cannot hold.
fn job_of(pid: &str) -> Option<Job> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything, so count from its end
    let (_, rest) = stat.rsplit_once(')')?;
    let mut numbers = rest
        .split_ascii_whitespace()
        .skip(1)
        .map_while(|n| n.parse().ok());
    Some(Job {
        parent: numbers.next()?,
        group: numbers.next()?,
        session: numbers.next()?,
    })
}

/// From now on a panic is printed after the screen is left, with everything in it that could act on
/// a terminal made visible. A panic of another thread leaves the screen alone: its text is printed later.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let text = panic_text(info);
            let (up, ours) = match &*lock(&ENTERED) {
                Some(entered) => (entered.on, entered.owner == std::thread::current().id()),
                None => (false, false),
            };
            tracing::error!("{text}");
            if up && !ours {
                let mut kept = lock(&PANICS);
                if kept.len() < KEPT_PANICS {
                    kept.push(text);
                }
                return;
            }
            leave_now();
            print_panics();
            // a closed stderr is no reason to panic again
            let _ = writeln!(io::stderr(), "{text}");
        }));
    });
}

fn panic_text(info: &std::panic::PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let trace = std::backtrace::Backtrace::capture();
    let mut text = format!("watchfloor: internal error at {place}: ");
    // messages of the standard library quote the text that they tripped over
    for c in message.chars().take(4096) {
        if is_hidden(c) {
            text.push_str(&format!("⟨{:04X}⟩", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    if trace.status() == std::backtrace::BacktraceStatus::Captured {
        text.push_str(&format!("\n{trace}"));
    }
    text
}

fn print_panics() {
    for text in std::mem::take(&mut *lock(&PANICS)) {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

fn writable(tty: &File) -> bool {
    let mut fds = [PollFd::new(tty, PollFlags::OUT)];
    let wait = Timespec {
        tv_sec: 0,
        tv_nsec: LEAVE_WAIT.subsec_nanos().into(),
    };
    matches!(poll(&mut fds, Some(&wait)), Ok(n) if n > 0)
}

fn write_all(mut tty: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match tty.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // somebody who shares our terminal may have made it non-blocking
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                poll(&mut [PollFd::new(tty, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // a panic elsewhere must not keep the terminal from being restored
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
