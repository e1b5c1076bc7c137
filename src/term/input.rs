//! The input thread: sleeps in `poll` until the terminal, a signal or the owner has something.
//!
//! No timer runs unless an undecided ESC is pending, so an idle program is never woken.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::signal::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;

use super::event::{Input, Signal};
use super::guard;
use super::reader::Parser;

const READ: usize = 64 << 10;

enum Order {
    Pause(Sender<()>),
    Resume,
    EscWait(Duration),
    End,
}

/// The running input thread; dropping it ends the thread.
pub struct Source {
    orders: Sender<Order>,
    wake: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Source {
    /// Starts reading the terminal. `sink` is called on the input thread, in order; it returns
    /// false to end it. An error means that there is no terminal to read.
    pub fn start(
        parser: Parser,
        sink: impl FnMut(Input) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        Self::start_on(terminal()?, parser, sink)
    }

    /// The same on a terminal of the caller's choice.
    pub fn start_on(
        terminal: OwnedFd,
        parser: Parser,
        sink: impl FnMut(Input) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        let (read, write) = UnixStream::pair()?;
        let signals = SignalDelivery::with_pipe(
            read,
            write,
            SignalOnly,
            [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGCONT, SIGTSTP],
        )?;
        let (orders, received) = channel();
        let worker = Worker {
            terminal: Some(File::from(terminal)),
            parser,
            sink,
            signals,
            woken,
            orders: received,
            paused: false,
            quitting: None,
        };
        let thread = std::thread::Builder::new()
            .name("input".into())
            .spawn(move || worker.run())?;
        Ok(Self {
            orders,
            wake,
            thread: Some(thread),
        })
    }

    /// Stops reading, for as long as another program has the terminal; returns when that is sure.
    pub fn pause(&self) {
        let (done, sure) = channel();
        if self.order(Order::Pause(done)) {
            // an error means that the thread has ended: it does not read either
            let _ = sure.recv();
        }
    }

    pub fn resume(&self) {
        self.order(Order::Resume);
    }

    /// Changes the silence after which a lone ESC is a key.
    pub fn set_esc_wait(&self, wait: Duration) {
        self.order(Order::EscWait(wait));
    }

    fn order(&self, order: Order) -> bool {
        use std::io::Write as _;
        self.orders.send(order).is_ok() && (&self.wake).write_all(&[1]).is_ok()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.order(Order::End);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// Standard input if it is a terminal, else the controlling terminal.
fn terminal() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return stdin.as_fd().try_clone_to_owned();
    }
    Ok(File::open("/dev/tty")?.into())
}

struct Worker<S> {
    terminal: Option<File>,
    parser: Parser,
    sink: S,
    signals: SignalDelivery<UnixStream, SignalOnly>,
    woken: UnixStream,
    orders: Receiver<Order>,
    paused: bool,
    /// When the first signal to end came, and which.
    quitting: Option<(i32, Instant)>,
}

#[derive(Default)]
struct Ready {
    terminal: bool,
    signal: bool,
    order: bool,
}

impl<S: FnMut(Input) -> bool> Worker<S> {
    fn run(mut self) {
        let mut buffer = vec![0; READ];
        let mut inputs = Vec::new();
        loop {
            let Ok(ready) = self.wait() else { return };
            if ready.signal {
                self.take_signals(&mut inputs);
            }
            if ready.order && !self.take_orders() {
                return;
            }
            if ready.terminal && !self.paused {
                self.read(&mut buffer, &mut inputs);
            } else {
                self.parser.expire(Instant::now(), &mut inputs);
            }
            for input in inputs.drain(..) {
                if !(self.sink)(input) {
                    return;
                }
            }
        }
    }

    fn wait(&self) -> io::Result<Ready> {
        let timeout = self.parser.deadline().map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(0),
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        let watched = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
        let mut fds = vec![
            watched(self.woken.as_fd()),
            watched(self.signals.get_read().as_fd()),
        ];
        if let Some(terminal) = self.terminal.as_ref().filter(|_| !self.paused) {
            fds.push(watched(terminal.as_fd()));
        }
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let is_ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
        Ok(Ready {
            order: is_ready(0),
            signal: is_ready(1),
            terminal: is_ready(2),
        })
    }

    fn read(&mut self, buffer: &mut [u8], inputs: &mut Vec<Input>) {
        let Some(terminal) = &mut self.terminal else {
            return;
        };
        match terminal.read(buffer) {
            Ok(0) => {}
            Ok(n) => {
                self.parser.feed(&buffer[..n], Instant::now(), inputs);
                return;
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) =>
            {
                return;
            }
            Err(_) => {}
        }
        // the end of input and an error (EIO after a hang-up) are the same to us
        self.terminal = None;
        inputs.push(Input::Gone);
    }

    fn take_orders(&mut self) -> bool {
        let mut marks = [0; 64];
        while matches!(self.woken.read(&mut marks), Ok(n) if n > 0) {}
        loop {
            match self.orders.try_recv() {
                Ok(Order::Pause(done)) => {
                    self.paused = true;
                    let _ = done.send(());
                }
                Ok(Order::Resume) => self.paused = false,
                Ok(Order::EscWait(wait)) => self.parser.set_esc_wait(wait),
                Ok(Order::End) => return false,
                Err(std::sync::mpsc::TryRecvError::Empty) => return true,
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn take_signals(&mut self, inputs: &mut Vec<Input>) {
        let mut pending: Vec<i32> = self.signals.pending().collect();
        // they come by number, not in the order they were sent: a stop of our own that is looked at only after the
        // continuation would be taken for one from outside, and stop us again
        pending.sort_by_key(|s| *s != SIGTSTP);
        for signal in pending {
            let signal = match signal {
                SIGWINCH => {
                    if let Some((cols, rows)) = guard::size() {
                        inputs.push(Input::Resize { cols, rows });
                    }
                    continue;
                }
                // meant for the program that has the terminal now
                SIGINT if self.paused => continue,
                SIGTSTP if self.paused && !guard::suspending() => {
                    guard::stop_too();
                    continue;
                }
                SIGTERM | SIGINT => {
                    self.insist(signal);
                    if signal == SIGTERM {
                        Signal::Terminate
                    } else {
                        Signal::Interrupt
                    }
                }
                SIGHUP => Signal::Hangup,
                SIGTSTP if guard::suspending() => continue,
                SIGTSTP => Signal::Stop,
                SIGCONT if guard::continued() => continue,
                SIGCONT => Signal::Continue,
                _ => continue,
            };
            inputs.push(Input::Signal(signal));
        }
    }

    /// The same signal again a second later: whoever should have acted is stuck, so leave at once.
    fn insist(&mut self, signal: i32) {
        match self.quitting {
            Some((first, at)) if first == signal => {
                if at.elapsed() >= Duration::from_secs(1) {
                    guard::leave_now();
                    std::process::exit(128 + signal);
                }
            }
            _ => self.quitting = Some((signal, Instant::now())),
        }
    }
}

#[cfg(test)]
mod tests;
