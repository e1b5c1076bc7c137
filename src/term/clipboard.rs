//! Copying text out: through tmux, the terminal (OSC 52, write only) or the desktop.
//!
//! Inside tmux its own command reaches whichever terminal is attached, also with tmux's default
//! settings, which swallow OSC 52; over SSH the terminal is asked by OSC 52; at a desktop its
//! clipboard is set by a thread of its own, which stays alive because X11 asks the owner at each paste.

#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes of text that terminals take by OSC 52 (100,000 in base64).
pub const OSC52_CAP: usize = 74_994;

/// What a copy has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// Done as far as can be known, or refused: a sentence for the person.
    Said(String),
    /// Another thread is at it; it calls the closure that was given to [`Clipboard::new`].
    Later,
}

/// What the other thread has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A sentence for the person.
    Done(String),
    /// It did not work; hand `text` to [`Clipboard::by_terminal`].
    Failed { text: String, why: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Tmux,
    Terminal,
    Desktop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrap {
    None,
    Tmux,
    Screen,
}

type Notify = Box<dyn Fn(Outcome) + Send>;

/// The way out for copies, chosen once by the environment.
pub struct Clipboard {
    route: Route,
    wrap: Wrap,
    notify: Option<Notify>,
    worker: Option<Sender<String>>,
}

impl Clipboard {
    /// Chooses the way by environment variables read through `var`; `notify` is called by another thread.
    pub fn new(
        var: impl Fn(&str) -> Option<String>,
        notify: impl Fn(Outcome) + Send + 'static,
    ) -> Self {
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
        let desktop = cfg!(feature = "clipboard")
            && !set("SSH_CONNECTION")
            && !set("SSH_TTY")
            && (cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY"));
        let (route, wrap) = if set("TMUX") {
            (Route::Tmux, Wrap::Tmux)
        } else if desktop {
            (Route::Desktop, Wrap::None)
        } else if set("STY") {
            (Route::Terminal, Wrap::Screen)
        } else {
            (Route::Terminal, Wrap::None)
        };
        Self {
            route,
            wrap,
            notify: Some(Box::new(notify)),
            worker: None,
        }
    }

    /// Copies `text`, already in the form made for this sink. Bytes for the terminal, if any, are
    /// appended to `out`.
    pub fn copy(&mut self, text: String, out: &mut Vec<u8>) -> Copied {
        if self.route == Route::Terminal {
            return Copied::Said(self.by_terminal(&text, out));
        }
        if let (None, Some(notify)) = (&self.worker, self.notify.take()) {
            let (sender, jobs) = channel();
            let route = self.route;
            let started = std::thread::Builder::new()
                .name("clipboard".into())
                .spawn(move || serve(route, &jobs, &notify));
            self.worker = started.ok().map(|_| sender);
        }
        let text = match &self.worker {
            Some(worker) => match worker.send(text) {
                Ok(()) => return Copied::Later,
                Err(unsent) => unsent.0,
            },
            None => text,
        };
        Copied::Said(self.by_terminal(&text, out))
    }

    /// Appends the OSC 52 sequence; the sentence says what can be claimed, which is not much.
    pub fn by_terminal(&self, text: &str, out: &mut Vec<u8>) -> String {
        if text.len() > OSC52_CAP {
            return format!(
                "not copied: {} is more than the {} that terminals take (OSC 52); export it instead",
                size(text.len()),
                size(OSC52_CAP)
            );
        }
        let mut plain = b"\x1b]52;c;".to_vec();
        plain.extend_from_slice(STANDARD.encode(text).as_bytes());
        match self.wrap {
            Wrap::None => {
                plain.push(0x07);
                out.extend_from_slice(&plain);
            }
            // the plain form serves `set-clipboard on`, the wrapped one `allow-passthrough on`
            Wrap::Tmux => {
                plain.push(0x07);
                out.extend_from_slice(&plain);
                out.extend_from_slice(b"\x1bPtmux;\x1b");
                out.extend_from_slice(&plain);
                out.extend_from_slice(b"\x1b\\");
            }
            // screen cuts a string at 768 bytes, so the wrapping comes in pieces
            Wrap::Screen => {
                plain.push(0x07);
                for piece in plain.chunks(512) {
                    out.extend_from_slice(b"\x1bP");
                    out.extend_from_slice(piece);
                    out.extend_from_slice(b"\x1b\\");
                }
            }
        }
        format!(
            "{} sent to the terminal; whether it took them cannot be seen from here",
            size(text.len())
        )
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".into(),
        0..=9_999 => format!("{bytes} bytes"),
        _ => format!("{} kB", bytes / 1000),
    }
}

fn serve(route: Route, jobs: &Receiver<String>, notify: &Notify) {
    #[cfg(feature = "clipboard")]
    let mut desktop = None;
    for text in jobs {
        let bytes = size(text.len());
        let (result, place) = match route {
            Route::Tmux => (by_tmux(&text), "handed to tmux for the attached terminal"),
            #[cfg(feature = "clipboard")]
            Route::Desktop => (
                by_desktop(&mut desktop, &text),
                "copied to the desktop's clipboard",
            ),
            _ => (Err("no desktop clipboard in this build".into()), ""),
        };
        notify(match result {
            Ok(()) => Outcome::Done(format!("{bytes} {place}")),
            Err(why) => Outcome::Failed { text, why },
        });
    }
}

#[cfg(feature = "clipboard")]
fn by_desktop(kept: &mut Option<arboard::Clipboard>, text: &str) -> Result<(), String> {
    let mut clipboard = match kept.take() {
        Some(clipboard) => clipboard,
        None => arboard::Clipboard::new().map_err(|error| error.to_string())?,
    };
    // a clipboard that failed is not kept: the display may have been restarted
    clipboard
        .set_text(text)
        .map_err(|error| error.to_string())?;
    *kept = Some(clipboard);
    Ok(())
}

/// `load-buffer -w` (tmux 3.2) stores the text and passes it to the terminal.
fn by_tmux(text: &str) -> Result<(), String> {
    let mut command = Command::new("tmux");
    // nothing of our environment but what it needs to find its server: we may hold secrets there
    command.env_clear();
    for name in [
        "PATH",
        "HOME",
        "TERM",
        "LANG",
        "LC_ALL",
        "TMUX",
        "TMUX_TMPDIR",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let mut child = command
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("tmux: {error}"))?;
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(text.as_bytes()),
        None => Ok(()),
    };
    let status = child.wait().map_err(|error| format!("tmux: {error}"))?;
    if status.success() && written.is_ok() {
        Ok(())
    } else {
        Err("tmux refused it".into())
    }
}
