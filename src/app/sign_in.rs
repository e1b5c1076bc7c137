//! Signing in as a person: a code to type elsewhere, or an address to open elsewhere whose last address is pasted back.
//!
//! What happened stands in `app.status`; this box shows it and takes the steps. Lists and details stay behind it and can
//! be read meanwhile. A pasted address carries a code that is as good as a password: it is never shown, logged or kept.

use super::App;
use super::overlay::{Overlay, Step};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, SignInPrompt, SignInStep, Slot};
use crossterm::event::{KeyCode, KeyModifiers};
use secrecy::SecretString;
use std::fmt;
use table::{Text, Txt};
use zeroize::Zeroizing;

/// More than any final address has.
const LONGEST: usize = 16 << 10;

/// The box, open.
#[derive(Default)]
pub struct SignIn {
    /// What was pasted or typed; wiped when it goes.
    address: Zeroizing<String>,
    /// Why the last step did not work.
    pub note: String,
    /// A step is on its way.
    pub busy: bool,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignIn({} bytes pasted)", self.address.len())
    }
}

/// Opens the box, by key or because the person must act. Not over something that is being typed.
pub fn open(app: &mut App) {
    if top(app).is_none() {
        app.push(Overlay::SignIn(SignIn::default()));
    }
}

/// A sign-in waits for the person, or failed.
pub fn offer(app: &mut App) {
    if let Some(open) = top(app) {
        open.busy = false;
        return;
    }
    if app.overlays.is_empty() {
        return open(app);
    }
    let key = app.keymap.key_named("sign in");
    let key = key.map_or(String::new(), |k| format!(": {k}"));
    app.toasts.push(
        app.now,
        Level::Warn,
        format!("the sign-in waits for you{key}"),
    );
}

/// Signed in: the box goes.
pub fn done(app: &mut App) {
    app.overlays.retain(|o| !matches!(o, Overlay::SignIn(_)));
}

/// Whether there is anything to sign in for.
pub fn able(app: &App) -> Result<(), String> {
    let status = &app.status;
    if app.session.is_some() && status.sign_in.is_none() && status.sign_in_failed.is_none() {
        return Err("you are signed in".into());
    }
    Ok(())
}

fn top(app: &mut App) -> Option<&mut SignIn> {
    app.overlays.iter_mut().rev().find_map(|o| match o {
        Overlay::SignIn(s) => Some(s),
        _ => None,
    })
}

fn step(app: &mut App, step: SignInStep, fx: &mut Vec<Effect>) {
    let ticket = app.tickets.issue(Slot::SignIn);
    fx.push(Effect::Ask(ticket, Request::SignIn(step)));
}

/// What became of a step; success comes as news.
pub fn reply(app: &mut App, reply: &Reply) {
    let why = match &reply.body {
        Body::Fault(fault) => fault.to_string(),
        _ => String::new(),
    };
    match top(app) {
        Some(open) => {
            open.busy = false;
            open.note = why;
        }
        None if !why.is_empty() => app.toasts.push(app.now, Level::Error, why),
        None => {}
    }
}

impl SignIn {
    /// What of the pasted address may be seen: its host and how long it is.
    pub fn echo(&self) -> String {
        if self.address.is_empty() {
            return String::new();
        }
        let host = url::Url::parse(self.address.trim()).ok();
        let host = host.and_then(|u| u.host_str().map(|h| Txt::new(h).shown().into_owned()));
        let host = host.unwrap_or_else(|| "no address yet".into());
        format!(
            "{host} · {} characters, not shown",
            self.address.chars().count()
        )
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        let prompt = app.status.sign_in.clone();
        match (press.key.code, &prompt) {
            (KeyCode::Esc, _) => return Step::Close,
            (KeyCode::Tab, Some(SignInPrompt::Browser { .. })) => {
                self.begin(app, SignInStep::DeviceCode, fx)
            }
            (KeyCode::Tab, _) => self.begin(app, SignInStep::Browser, fx),
            (KeyCode::Char('o'), Some(SignInPrompt::Browser { url, .. })) if ctrl => {
                fx.push(copy("address", url))
            }
            (KeyCode::Enter, Some(SignInPrompt::Browser { .. })) => {
                if self.address.trim().is_empty() {
                    self.note = "paste the address that the browser ended on, then Enter".into();
                } else {
                    let address = SecretString::from(self.address.trim().to_owned());
                    self.begin(app, SignInStep::FinalUrl(address), fx);
                }
            }
            (KeyCode::Char('c'), _) if ctrl => {
                if self.address.is_empty() {
                    return Step::Close;
                }
                self.address = Zeroizing::default();
            }
            (KeyCode::Backspace, Some(SignInPrompt::Browser { .. })) => {
                self.address.pop();
            }
            (KeyCode::Char(c), Some(SignInPrompt::Browser { .. })) if !ctrl => {
                self.put(c.encode_utf8(&mut [0; 4]))
            }
            (KeyCode::Char('c'), Some(SignInPrompt::DeviceCode { code, .. })) => {
                fx.push(copy("code", code))
            }
            (KeyCode::Char('u'), Some(SignInPrompt::DeviceCode { url, .. })) => {
                fx.push(copy("address", url))
            }
            (KeyCode::Char('r') | KeyCode::Enter, _) if !ctrl => {
                self.begin(app, SignInStep::DeviceCode, fx)
            }
            (KeyCode::Char('q'), _) if !ctrl => return Step::Close,
            _ => return Step::Pass(Overlay::SignIn(self)),
        }
        Step::Stay(Overlay::SignIn(self))
    }

    pub fn paste(mut self, app: &App, text: &Text) -> Step {
        if matches!(app.status.sign_in, Some(SignInPrompt::Browser { .. })) {
            self.address = Zeroizing::default();
            self.put(text.txt().exact().trim());
            self.note.clear();
        }
        Step::Stay(Overlay::SignIn(self))
    }

    fn put(&mut self, text: &str) {
        if self.address.len() + text.len() <= LONGEST {
            // growing in place would leave copies behind
            let mut grown = Zeroizing::new(String::with_capacity(self.address.len() + text.len()));
            grown.push_str(&self.address);
            grown.extend(text.chars().filter(|c| !c.is_control()));
            self.address = grown;
        }
    }

    fn begin(&mut self, app: &mut App, wanted: SignInStep, fx: &mut Vec<Effect>) {
        self.address = Zeroizing::default();
        self.note.clear();
        self.busy = true;
        step(app, wanted, fx);
    }
}

fn copy(what: &'static str, text: &str) -> Effect {
    Effect::Copy {
        what,
        text: Txt::new(text).clipboard(),
    }
}

#[cfg(test)]
mod tests;
