//! The question before anything that tier 0 does not cover: reads afresh what it is about, shows what follows from it,
//! takes the answer of somebody who saw it, and counts down. The rules are `confirm`'s; here are its keys and its time.

mod build;
#[cfg(test)]
mod key_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod rows_tests;
mod sheet;
#[cfg(test)]
mod target_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;

pub use sheet::{Ink, Row, Sheet, in_sight, sheet};

use super::act::{Frozen, Pending, refuse};
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::{App, runs};
use crate::confirm::{Elapsed, Grace, Prompt, Took, Wrong};
use crate::model::Key;
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, Slot};
use crate::verb::{Args, Verb};
use build::Ready;
use crossterm::event::{KeyCode, KeyModifiers};
use std::time::Duration;
use table::Text;

/// A question on screen.
#[derive(Debug)]
pub struct Asked {
    /// Its `Slot::Preview`.
    pub number: u64,
    pub verb: &'static Verb,
    pub phase: Phase,
    /// What the person says to it.
    pub reason: Line,
    /// Typing goes to the reason, not to the answer.
    pub on_reason: bool,
    /// Why the last key did nothing.
    pub hint: String,
    pub facts: Facts,
    /// The requests are shown in place of the consequences.
    pub requests: bool,
    /// First line of the body in sight.
    pub top: usize,
    /// Lines of it that were in sight, from the first on.
    pub read: usize,
}

/// Where the question stands.
#[derive(Debug)]
pub enum Phase {
    /// Asked for: the targets are read afresh.
    Reading {
        args: Args,
        targets: Vec<Frozen>,
        undoes: Vec<String>,
    },
    Open(Prompt),
    Grace(Grace),
    /// It is being taken apart: nothing is seen of this.
    Gone,
}

/// What is said of it beside the prompt's own words.
#[derive(Debug, Default)]
pub struct Facts {
    /// Where and as whom it is done.
    pub tenant: String,
    /// What was chosen and cannot have it, and why.
    pub left_out: Vec<(String, String)>,
    pub not_shown: usize,
    pub reach: Option<String>,
    /// Field, before, after, and how many of the targets change so.
    pub changes: Vec<(String, String, String, usize)>,
    /// The exact requests, without a token.
    pub requests: Vec<String>,
}

/// Asks about what is pending: on a fresh read, or on the listing for a set of triage.
pub fn begin(
    app: &mut App,
    pending: Pending,
    args: Args,
    undoes: Vec<String>,
    fx: &mut Vec<Effect>,
) {
    let Pending {
        verb,
        targets,
        left_out,
        not_shown,
        reach,
    } = pending;
    app.verbs.next += 1;
    let number = app.verbs.next;
    let mut asked = Asked {
        number,
        verb,
        phase: Phase::Gone,
        reason: Line::default(),
        on_reason: false,
        hint: String::new(),
        facts: Facts {
            left_out,
            not_shown,
            reach,
            ..Facts::default()
        },
        requests: false,
        top: 0,
        read: 0,
    };
    let seen = targets.iter().all(|t| !t.entity.is_null());
    if verb.tier_with(&args) == 0 && undoes.is_empty() && seen {
        // a set of triage: every target is read again right before its own write
        let kind = targets.first().map(|t| t.target.key.kind);
        let pane = app.panes.iter().find(|p| Some(p.spec.kind) == kind);
        if pane.is_none_or(|p| p.cached) {
            let why = "this list is that of the last run: wait until it was read";
            return refuse(app, verb, why);
        }
        let ready = targets.into_iter().map(Ready::seen).collect();
        return match build::open(app, &mut asked, args, ready, 0, None, Vec::new()) {
            Ok(()) => app.push(Overlay::Prompt(Box::new(asked))),
            Err(why) => refuse(app, verb, &why),
        };
    }
    let keys: Vec<Key> = targets.iter().map(|t| t.target.key.clone()).collect();
    asked.phase = Phase::Reading {
        args: args.clone(),
        targets,
        undoes,
    };
    app.push(Overlay::Prompt(Box::new(asked)));
    let ticket = app.tickets.issue(Slot::Preview(number));
    fx.push(Effect::Ask(ticket, Request::Preview { verb, args, keys }));
}

/// The answer to a `Preview`.
pub fn reply(app: &mut App, reply: Reply) {
    let Slot::Preview(number) = reply.ticket.slot else {
        return;
    };
    let place =
        (app.overlays.iter()).position(|o| matches!(o, Overlay::Prompt(p) if p.number == number));
    let Some(place) = place else { return };
    let Overlay::Prompt(mut asked) = app.overlays.remove(place) else {
        return;
    };
    let verb = asked.verb;
    let phase = std::mem::replace(&mut asked.phase, Phase::Gone);
    let opened = match (phase, reply.body) {
        (
            Phase::Reading {
                args,
                targets,
                undoes,
            },
            Body::Preview(preview),
        ) => {
            let (recent, read_at) = (preview.recent, Some(preview.read_at));
            let ready = build::fresh(app, &mut asked, &args, targets, preview.targets);
            ready.and_then(|r| build::open(app, &mut asked, args, r, recent, read_at, undoes))
        }
        (Phase::Reading { .. }, Body::Fault(fault)) => Err(fault.to_string()),
        (Phase::Reading { .. }, _) => Err("reading it ended early".to_owned()),
        (phase, _) => {
            asked.phase = phase;
            Ok(())
        }
    };
    match opened {
        Ok(()) => app
            .overlays
            .insert(place.min(app.overlays.len()), Overlay::Prompt(asked)),
        Err(why) => refuse(app, verb, &why),
    }
}

impl App {
    /// The question on top of everything, if there is one.
    fn asked(&mut self) -> Option<&mut Asked> {
        match self.overlays.last_mut() {
            Some(Overlay::Prompt(asked)) => Some(asked),
            _ => None,
        }
    }

    /// A prompt is open: every frame asks the terminal whether it was seen.
    pub fn prompting(&self) -> bool {
        self.overlays
            .iter()
            .any(|o| matches!(o, Overlay::Prompt(_)))
    }

    /// A frame was written.
    pub(super) fn frame_flushed(&mut self, frame: u64) {
        self.dirty = false;
        let mono = self.now.mono;
        let top = self.overlays.len().saturating_sub(1);
        for (place, overlay) in self.overlays.iter_mut().enumerate() {
            let Overlay::Prompt(asked) = overlay else {
                continue;
            };
            if let Phase::Open(prompt) = &mut asked.phase {
                match place == top {
                    true => prompt.watch().flushed(frame, mono),
                    // something lies over it
                    false => prompt.reshaped(),
                }
            }
        }
    }

    /// The terminal answered for a frame.
    pub(super) fn frame_seen(&mut self, frame: u64) {
        (self.dirty, self.answers) = (false, true);
        if let Some(asked) = self.asked()
            && let Phase::Open(prompt) = &mut asked.phase
        {
            prompt.watch().acked(frame);
        }
    }
}

/// Another size: what was seen is another prompt, and one that does not fit goes.
pub fn resized(app: &mut App) {
    let size = app.size;
    let mut gone = false;
    app.overlays.retain_mut(|overlay| match overlay {
        Overlay::Prompt(asked) => {
            let fits = !matches!(asked.phase, Phase::Open(_)) || sheet::fits(asked, size).is_ok();
            if let Phase::Open(prompt) = &mut asked.phase {
                prompt.reshaped();
            }
            (asked.top, asked.read) = (0, 0);
            gone |= !fits;
            fits
        }
        _ => true,
    });
    if gone {
        let text = "the prompt does not fit the screen any more; it was closed, nothing was sent";
        app.toasts.push(app.now, Level::Warn, text.into());
    }
}

/// Time passed: counts down, sends, or lets an old question go. True: something on screen changed.
pub fn woken(app: &mut App, fx: &mut Vec<Effect>) -> bool {
    let mono = app.now.mono;
    let place = (app.overlays.iter()).position(|o| matches!(o, Overlay::Prompt(_)));
    let Some(place) = place else { return false };
    let Overlay::Prompt(mut asked) = app.overlays.remove(place) else {
        return false;
    };
    let mut changed = false;
    let verb = asked.verb;
    match std::mem::replace(&mut asked.phase, Phase::Gone) {
        Phase::Grace(grace) => {
            changed = true;
            match grace.elapse(mono) {
                Elapsed::Waiting(grace) => asked.phase = Phase::Grace(grace),
                Elapsed::Confirmed(confirmed) => {
                    runs::launch(app, confirmed, fx);
                    return true;
                }
                Elapsed::Late(cancelled) => {
                    cancelled_because(app, cancelled, fx);
                    return true;
                }
            }
        }
        Phase::Open(prompt) if prompt.is_late(mono) => {
            refuse(app, verb, &Wrong::Late.to_string());
            return true;
        }
        phase => asked.phase = phase,
    }
    app.overlays
        .insert(place.min(app.overlays.len()), Overlay::Prompt(asked));
    changed
}

/// When time next matters to a question.
pub fn next(app: &App) -> Option<Duration> {
    let mono = app.now.mono;
    let asked = app.overlays.iter().find_map(|o| match o {
        Overlay::Prompt(asked) => Some(asked),
        _ => None,
    })?;
    match &asked.phase {
        Phase::Open(prompt) => Some(prompt.due().max(mono + Duration::from_millis(1))),
        Phase::Grace(grace) => {
            // the next full second of what is left
            let left = grace.until().saturating_sub(mono);
            let part = Duration::from_nanos(u64::from(left.subsec_nanos()));
            let step = if part.is_zero() {
                Duration::from_secs(1)
            } else {
                part
            };
            Some((mono + step).min(grace.until()).max(mono))
        }
        _ => None,
    }
}

/// Takes back whatever is asked or counted down: the program is left or suspended, or somebody else signed in.
pub fn cancel_all(app: &mut App, why: &'static str, fx: &mut Vec<Effect>) {
    let overlays = std::mem::take(&mut app.overlays);
    for overlay in overlays {
        match overlay {
            Overlay::Prompt(asked) => match asked.phase {
                Phase::Grace(grace) => cancelled_because(app, grace.cancel(why), fx),
                Phase::Open(_) | Phase::Reading { .. } => {
                    app.tickets.close(&Slot::Preview(asked.number));
                    refuse(app, asked.verb, &format!("not sent: {why}"));
                }
                Phase::Gone => {}
            },
            other => app.overlays.push(other),
        }
    }
}

fn cancelled_because(app: &mut App, cancelled: crate::confirm::Cancelled, fx: &mut Vec<Effect>) {
    let text = format!("{}: not sent: {}", cancelled.verb, cancelled.why);
    app.toasts.push(app.now, Level::Warn, text);
    app.verbs.next += 1;
    let ticket = app.tickets.issue(Slot::Run(app.verbs.next));
    fx.push(Effect::Ask(ticket, Request::Cancelled(cancelled)));
}

impl Asked {
    pub fn key(mut self: Box<Self>, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        self.hint.clear();
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        let leaves =
            press.key.code == KeyCode::Esc || (press.key.code == KeyCode::Char('c') && ctrl);
        match std::mem::replace(&mut self.phase, Phase::Gone) {
            Phase::Reading { .. } if leaves => {
                let slot = Slot::Preview(self.number);
                app.tickets.close(&slot);
                fx.push(Effect::Drop(slot));
                Step::Close
            }
            Phase::Grace(grace) if press.key.code != KeyCode::Enter => {
                // Enter may be the second half of a bounce; anything else is a person who wants it back
                cancelled_because(app, grace.cancel("you took it back"), fx);
                Step::Close
            }
            Phase::Open(_) if press.key.code == KeyCode::Esc => Step::Close,
            Phase::Open(prompt) => self.open_key(app, prompt, press, fx),
            phase => {
                self.phase = phase;
                Step::Stay(Overlay::Prompt(self))
            }
        }
    }

    fn open_key(
        mut self: Box<Self>,
        app: &mut App,
        mut prompt: Prompt,
        press: KeyPress,
        fx: &mut Vec<Effect>,
    ) -> Step {
        let key = press.key;
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let unread = sheet::unread(&self, &prompt, app.size);
        let page = sheet::page(&self, &prompt, app.size);
        if !self.requests {
            self.read = self.read.max(self.top + page);
        }
        match key.code {
            KeyCode::Char('c') if ctrl => {
                if self.on_reason && !self.reason.is_empty() {
                    self.reason.set("");
                } else {
                    return Step::Close;
                }
            }
            KeyCode::Tab | KeyCode::BackTab => self.on_reason = !self.on_reason,
            KeyCode::PageDown | KeyCode::Down => {
                let by = if key.code == KeyCode::Down { 1 } else { page };
                self.top = (self.top + by).min(sheet::most(&self, &prompt, app.size));
                if unread > 0 {
                    // what counts is an answer to the lines that come now
                    prompt.reshaped();
                }
            }
            KeyCode::PageUp => self.top = self.top.saturating_sub(page),
            KeyCode::Up => self.top = self.top.saturating_sub(1),
            KeyCode::F(2) => {
                self.requests = !self.requests;
                self.top = 0;
                prompt.reshaped();
            }
            KeyCode::Enter if self.on_reason => self.on_reason = false,
            _ if !self.on_reason && unread > 0 => {
                self.hint = format!("read on first (PgDn): {unread} more lines");
            }
            _ if self.on_reason => {
                if self.reason.key(key) == Edit::Ignored {
                    self.phase = Phase::Open(prompt);
                    return Step::Stay(Overlay::Prompt(self));
                }
            }
            _ => match prompt.key(press, app.now.mono) {
                Took::Answer => return self.answer(app, prompt, fx),
                Took::Unseen => {
                    self.hint =
                        "that key came before this was on the screen; it does not count".into()
                }
                Took::Pasted => self.hint = "an answer is typed, not pasted".into(),
                Took::Changed | Took::Ignored => {}
            },
        }
        self.phase = Phase::Open(prompt);
        Step::Stay(Overlay::Prompt(self))
    }

    fn answer(mut self: Box<Self>, app: &mut App, prompt: Prompt, fx: &mut Vec<Effect>) -> Step {
        let reason = (!self.reason.is_empty()).then(|| Text::from(self.reason.text()));
        match prompt.answer(reason, app.now) {
            Ok(grace) => match grace.elapse(app.now.mono) {
                Elapsed::Confirmed(confirmed) => {
                    let _ = fx;
                    Step::Then(Box::new(move |app, fx| runs::launch(app, confirmed, fx)))
                }
                Elapsed::Waiting(grace) => {
                    self.phase = Phase::Grace(grace);
                    Step::Stay(Overlay::Prompt(self))
                }
                Elapsed::Late(cancelled) => {
                    cancelled_because(app, cancelled, fx);
                    Step::Close
                }
            },
            Err(back) => {
                let (prompt, why) = *back;
                if why == Wrong::Late {
                    refuse(app, self.verb, &why.to_string());
                    return Step::Close;
                }
                self.on_reason = why == Wrong::NoReason;
                self.hint = why.to_string();
                self.phase = Phase::Open(prompt);
                Step::Stay(Overlay::Prompt(self))
            }
        }
    }

    /// A paste may be a reason; an answer it is never.
    pub fn paste(mut self: Box<Self>, text: &Text) -> Step {
        match &self.phase {
            Phase::Open(_) if self.on_reason => self.reason.insert(text.txt().exact()),
            Phase::Open(_) => self.hint = "an answer is typed, not pasted".into(),
            _ => {}
        }
        Step::Stay(Overlay::Prompt(self))
    }
}
