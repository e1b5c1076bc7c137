//! The guard in a real PTY: this test binary starts itself there, as `child`.

use std::io::Read as _;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use crossterm::event::{KeyCode, KeyModifiers};
use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};
use rustix::process::Pid;

use super::*;
use crate::term::{Input, Parser, Source};

const CHILD: &str = "WF_TERM_CHILD";
const PATIENCE: Duration = Duration::from_secs(30);

/// A program in a terminal; what it is asked to do comes as keys.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    install_panic_hook();
    let mut guard = Guard::enter().unwrap();
    let (sender, inputs) = channel();
    let source = Source::start(Parser::default(), move |input| sender.send(input).is_ok()).unwrap();
    let say = |guard: &Guard, what: &str| {
        guard.write(format!("\r\n{what}\r\n").as_bytes()).unwrap();
    };
    say(&guard, "ready");
    for input in inputs {
        match input {
            Input::Key(key) => match key.event.code {
                KeyCode::Char('z') if key.event.modifiers == KeyModifiers::CONTROL => {
                    match guard.suspend() {
                        Ok(()) => say(&guard, "resumed"),
                        Err(error) => say(&guard, &error.to_string()),
                    }
                }
                KeyCode::Char('m') => guard.mouse(true).unwrap(),
                KeyCode::Char('l') => {
                    source.pause();
                    guard.leave();
                    guard.leave();
                    println!("\nleft for a while");
                    guard.renew().unwrap();
                    source.resume();
                    say(&guard, "renewed");
                }
                KeyCode::Char('p') => panic!("broken \u{202e}\x1b[31m on purpose"),
                KeyCode::Char('t') => {
                    let thread = std::thread::spawn(|| panic!("a worker broke"));
                    assert!(thread.join().is_err());
                    say(&guard, "still here");
                }
                KeyCode::Char('q') => break,
                _ => say(&guard, &format!("{:?}", key.event.code)),
            },
            Input::Signal(
                signal @ (super::super::Signal::Terminate | super::super::Signal::Hangup),
            ) => {
                drop(guard);
                println!("\nended by {signal:?}");
                std::process::exit(3);
            }
            Input::Resize { cols, rows } => say(&guard, &format!("{cols}x{rows}")),
            _ => {}
        }
    }
}

struct Terminal {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn io::Write + Send>,
    screen: vt100::Parser,
    before: String,
    all: Vec<u8>,
}

impl Terminal {
    fn start(wrap: Option<&str>) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let exe = std::env::current_exe().unwrap();
        let mut command = match wrap {
            Some(script) => {
                let mut command = CommandBuilder::new("sh");
                command.args(["-c", script]);
                command.arg(exe);
                command
            }
            None => CommandBuilder::new(exe),
        };
        command.args(["--exact", "term::guard::tests::child", "--nocapture"]);
        command.env(CHILD, "1");
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let before = modes(&pair);
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            keys: pair.master.take_writer().unwrap(),
            pair,
            child,
            output,
            screen: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0),
            before,
            all: Vec::new(),
        }
    }

    /// Reads until the screen shows these words.
    fn until(&mut self, words: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(words) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.all.extend_from_slice(&bytes);
                }
                Err(_) => panic!("no {words:?} in:\n{}", self.screen.screen().contents()),
            }
        }
    }

    fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().unwrap();
        kill_process(Pid::from_raw(pid as i32).unwrap(), signal).unwrap();
    }

    fn entered(&self) {
        let screen = self.screen.screen();
        assert!(screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor());
        assert_ne!(modes(&self.pair), self.before, "raw");
    }

    fn left(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(modes(&self.pair), self.before, "as it was before");
    }
}

/// The line's modes, as text that can be compared.
fn modes(pair: &PtyPair) -> String {
    format!("{:?}", pair.master.get_termios().unwrap())
}

#[test]
fn leaving_restores_everything() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    terminal.entered();
    terminal.press(b"mx");
    terminal.until("Char('x')");
    assert_ne!(
        terminal.screen.screen().mouse_protocol_mode(),
        vt100::MouseProtocolMode::None
    );
    terminal.press(b"q");
    terminal.until("test result");
    terminal.left();
    assert!(terminal.child.wait().unwrap().success());
}

#[test]
fn another_program_may_have_the_terminal_for_a_while() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    terminal.press(b"l");
    terminal.until("renewed");
    terminal.entered();
    terminal.press(b"q");
    terminal.until("left for a while");
    terminal.until("test result");
    terminal.left();
}

#[test]
fn a_panic_is_told_after_the_screen_is_left_and_cannot_act_on_it() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    terminal.press(b"p");
    terminal.until("internal error at src/term/guard/tests.rs");
    terminal.until("broken ⟨202E⟩⟨001B⟩[31m on purpose");
    terminal.until("test result: FAILED");
    terminal.left();
    let text = String::from_utf8_lossy(&terminal.all).into_owned();
    assert!(
        !text.contains('\u{202e}') && !text.contains("\x1b[31m"),
        "{text:?}"
    );
}

#[test]
fn a_panic_of_a_worker_leaves_the_screen_alone() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    terminal.press(b"t");
    terminal.until("still here");
    terminal.entered();
    assert!(
        !terminal
            .screen
            .screen()
            .contents()
            .contains("a worker broke")
    );
    terminal.press(b"q");
    terminal.until("a worker broke");
    terminal.left();
}

#[test]
fn a_signal_to_end_restores_the_terminal() {
    for (signal, words) in [
        (Signal::TERM, "ended by Terminate"),
        (Signal::HUP, "ended by Hangup"),
    ] {
        let mut terminal = Terminal::start(None);
        terminal.until("ready");
        terminal.signal(signal);
        terminal.until(words);
        terminal.left();
        assert_eq!(terminal.child.wait().unwrap().exit_code(), 3);
    }
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_brings_everything_back() {
    let mut terminal = Terminal::start(Some(
        r#"set -m; "$0" "$@"; echo STOP"PED"; fg; echo FIN"ISHED""#,
    ));
    terminal.until("ready");
    terminal.entered();
    terminal.press(b"\x1a");
    // the shell goes on as soon as we have stopped, and continues us at once
    terminal.until("resumed");
    terminal.entered();
    terminal.press(b"q");
    terminal.until("FINISHED");
    assert!(terminal.screen.screen().contents().contains("STOPPED"));
    terminal.left();
}

#[test]
fn without_a_shell_ctrl_z_says_why_not() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    terminal.press(b"\x1a");
    terminal.until("no shell here could wake it again");
    terminal.entered();
    terminal.press(b"q");
    terminal.until("test result");
}

#[test]
fn who_could_wake_us_is_found_by_session_and_group() {
    let job = |parent, group, session| super::Job {
        parent,
        group,
        session,
    };
    let own = job(20, 30, 10);
    let among = |jobs: &[(i32, super::Job)]| {
        let jobs = jobs.to_vec();
        super::is_watched(own, move |pid| {
            jobs.iter().find(|(its, _)| *its == pid).map(|(_, j)| *j)
        })
    };
    assert!(among(&[(20, job(1, 20, 10))]), "a shell");
    assert!(
        among(&[(20, job(10, 30, 10)), (10, job(1, 10, 10))]),
        "a shell above a wrapper of our own group"
    );
    assert!(!among(&[(20, job(1, 20, 9))]), "another session");
    assert!(!among(&[(20, job(0, 0, 0))]), "outside the namespace");
    assert!(!among(&[(20, job(0, 30, 10))]), "nobody further up");
    assert!(!among(&[]), "gone");
    assert!(!super::is_watched(job(20, 30, 0), |_| Some(job(1, 20, 0))));
}

#[test]
fn a_resize_is_told() {
    let mut terminal = Terminal::start(None);
    terminal.until("ready");
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    terminal.pair.master.resize(size).unwrap();
    terminal.until("120x40");
    terminal.press(b"q");
}

#[test]
fn without_a_terminal_there_is_a_plain_error() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "term::guard::tests::child", "--nocapture"])
        .env(CHILD, "1")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("NotATerminal"), "{text}");
    assert!(!output.stdout.contains(&0x1b));
}
