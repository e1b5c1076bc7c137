//! The form that sets up a tenant: the questions and pages of `watchfloor init` over the whole screen. What is asked, what is
//! refused and what is written is decided there; here is what a person sees of it and types.
//!
//! What is typed may be a secret: it is held so that it is wiped, and never drawn, logged or kept.

use super::App;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::tenants;
use super::words::wrap;
use crate::model::{Health, Standing};
use crate::msg::{Effect, KeyPress, Level, Question, SetUp as Wish, SettingUp, Typed};
use crossterm::event::{KeyCode, KeyModifiers};
use std::fmt;
use table::Text;
use zeroize::Zeroizing;

/// More than any secret has.
const LONGEST: usize = 16 << 10;
/// Lines that are none of the page: title, answers so far, a rule, the question, what is typed, what is wrong.
pub const AROUND: usize = 6;

/// The form, open.
#[derive(Default)]
pub struct SetUp {
    /// What was said since the last answer.
    page: Vec<String>,
    /// The first line of the page in sight.
    pub top: usize,
    pub question: Option<Question>,
    /// What is typed, where it may be seen.
    pub line: Line,
    /// What is typed, where it may not.
    secret: Zeroizing<String>,
    /// Why the last answer is not usable.
    pub wrong: String,
    /// How a wait goes on.
    pub counting: String,
    /// Answers so far, as they may be shown.
    pub answers: Vec<String>,
    /// Where an admin consents.
    pub link: Option<String>,
    /// The same as a code, a line each.
    pub code: Vec<String>,
    /// The code covers the screen.
    pub code_shown: bool,
    /// The name of what was saved, or why nothing was.
    pub done: Option<Result<String, String>>,
    /// Esc was pressed once with answers given.
    pub leaving: bool,
    /// An answer was handed over and nothing came of it yet.
    turning: bool,
}

impl fmt::Debug for SetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetUp({} answers)", self.answers.len())
    }
}

/// Opens it with its first question.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    if form(app).is_none() {
        app.push(Overlay::SetUp(Box::default()));
        fx.push(Effect::SetUp(Wish::Begin));
    }
}

fn form(app: &mut App) -> Option<&mut SetUp> {
    app.overlays.iter_mut().rev().find_map(|o| match o {
        Overlay::SetUp(s) => Some(&mut **s),
        _ => None,
    })
}

/// Something was said or asked.
pub fn told(app: &mut App, what: SettingUp) {
    app.dirty = true;
    let Some(form) = form(app) else { return };
    if !matches!(what, SettingUp::Wrong(_)) {
        form.turn();
    }
    match what {
        SettingUp::Anew => *form = SetUp::default(),
        SettingUp::Say(text) => {
            form.page.extend(text.split('\n').map(str::to_owned));
        }
        SettingUp::Link { url, code } => {
            form.page.push(format!("  {url}"));
            form.link = Some(url);
            form.code = code.map_or_else(Vec::new, |c| c.lines().map(str::to_owned).collect());
        }
        SettingUp::Counting(text) => form.counting = text,
        SettingUp::Wrong(why) => {
            // the page and what was typed stand as they were, so that it can be mended
            form.answers.pop();
            (form.wrong, form.turning) = (why, false);
        }
        SettingUp::Ask(question) => form.question = Some(question),
        SettingUp::Answered(question, text) => {
            form.answered(&question, &text);
            form.turning = true;
        }
        SettingUp::Done(done) => form.done = Some(done),
    }
}

/// Goes to what was saved. One that is open goes on as it was opened.
fn open_saved(app: &mut App, name: &str, fx: &mut Vec<Effect>) {
    let all = app.tenants.all.iter();
    let is_open = |s: &Standing| s.health != Health::Closed && s.identity.name == name;
    if app.tenants.own.name == name || all.into_iter().any(is_open) {
        let text = "that tenant is open: what was changed is in force from the next start";
        app.toasts.push(app.now, Level::Info, text.into());
        return;
    }
    tenants::switch(app, name, None, fx);
}

impl SetUp {
    /// The page as lines of so many cells.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for line in &self.page {
            let safe = table::Txt::new(line).shown().into_owned();
            let indent = safe.len() - safe.trim_start().len();
            let rows = wrap(safe.trim_start(), width.saturating_sub(indent).max(8));
            out.extend(rows.iter().map(|r| format!("{:indent$}{r}", "")));
        }
        while out.first().is_some_and(|l| l.trim().is_empty()) {
            out.remove(0);
        }
        out
    }

    /// What may be seen of what is typed.
    pub fn echo(&self) -> String {
        match self.secret.chars().count() {
            0 => String::new(),
            n => format!("{n} characters, not shown"),
        }
    }

    fn answered(&mut self, question: &Question, text: &str) {
        let shown = match (question.secret, text.trim()) {
            (true, _) => "•••".to_owned(),
            (false, "") if question.default.is_empty() => "·".to_owned(),
            (false, "") => question.default.clone(),
            (false, text) => text.to_owned(),
        };
        let shown = table::Txt::new(&shown).shown().into_owned();
        self.answers.push(shown);
    }

    /// An answer was taken: the page that led to it goes.
    fn turn(&mut self) {
        if std::mem::take(&mut self.turning) {
            self.page.clear();
            self.code.clear();
            self.line.set("");
            self.wrong.clear();
            (self.top, self.link) = (0, None);
        }
    }

    /// Hands over what is typed.
    fn answer(&mut self, fx: &mut Vec<Effect>) {
        let Some(question) = self.question.take() else {
            return;
        };
        let (text, shown) = match question.secret {
            true => (std::mem::take(&mut self.secret), String::new()),
            false => {
                let text = self.line.text().to_owned();
                (Zeroizing::new(text.clone()), text)
            }
        };
        self.answered(&question, &shown);
        (self.turning, self.leaving) = (true, false);
        fx.push(Effect::SetUp(Wish::Answer(Typed(text))));
    }

    /// The next of the words that may be answered.
    fn cycle(&mut self, back: bool) {
        let words = self.question.as_ref().map_or(&[][..], |q| &q.words);
        let typed = match (self.line.text(), &self.question) {
            ("", Some(q)) => q.default.as_str(),
            (text, _) => text,
        };
        let n = words.len();
        let at = words.iter().position(|w| w == typed);
        let next = match (at, back) {
            (None, _) => 0,
            (Some(at), false) => (at + 1) % n.max(1),
            (Some(at), true) => (at + n.saturating_sub(1)) % n.max(1),
        };
        if let Some(word) = words.get(next).cloned() {
            self.line.set(&word);
        }
    }

    fn take_in(&mut self, text: &str) {
        match self.question.as_ref().is_some_and(|q| q.secret) {
            true => {
                let room = LONGEST.saturating_sub(self.secret.len());
                let fit = text.chars().scan(0, |used, c| {
                    *used += c.len_utf8();
                    (*used <= room).then_some(c)
                });
                self.secret.extend(fit);
            }
            false => self.line.insert(text),
        }
    }

    fn go_back(&mut self, fx: &mut Vec<Effect>) {
        if !self.answers.is_empty() && !matches!(self.done, Some(Ok(_))) {
            fx.push(Effect::SetUp(Wish::Back));
        }
    }

    pub fn key(mut self: Box<Self>, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        let shift = press.key.modifiers.contains(KeyModifiers::SHIFT);
        let height = usize::from(app.size.1).saturating_sub(AROUND + 2).max(1);
        if std::mem::take(&mut self.code_shown) {
            return Step::Stay(Overlay::SetUp(self));
        }
        let last = self.lines(usize::from(app.size.0).saturating_sub(2)).len();
        let last = last.saturating_sub(height);
        match press.key.code {
            KeyCode::Esc => {
                let saved = matches!(self.done, Some(Ok(_)));
                if !saved && !self.answers.is_empty() && !self.leaving {
                    self.leaving = true;
                } else {
                    fx.push(Effect::SetUp(Wish::Stop));
                    return Step::Close;
                }
            }
            KeyCode::Enter => match &self.done {
                Some(Ok(name)) => {
                    let name = name.clone();
                    return Step::Then(Box::new(move |app, fx| open_saved(app, &name, fx)));
                }
                Some(Err(_)) => {}
                None => self.answer(fx),
            },
            KeyCode::BackTab => self.go_back(fx),
            KeyCode::Tab if shift => self.go_back(fx),
            KeyCode::Tab | KeyCode::Down => self.cycle(false),
            KeyCode::Up => self.cycle(true),
            KeyCode::PageDown => self.top = (self.top + height).min(last),
            KeyCode::PageUp => self.top = self.top.saturating_sub(height),
            KeyCode::F(2) => self.code_shown = !self.code.is_empty(),
            KeyCode::Char('o') if ctrl => {
                if let Some(url) = self.link.clone() {
                    fx.push(Effect::Copy {
                        what: "address",
                        text: url,
                    });
                }
            }
            _ if self.question.as_ref().is_some_and(|q| q.secret) => match press.key.code {
                KeyCode::Char('u') if ctrl => *self.secret = String::new(),
                KeyCode::Char(c) if !ctrl => self.take_in(c.encode_utf8(&mut [0; 4])),
                KeyCode::Backspace => drop(self.secret.pop()),
                _ => {}
            },
            _ => {
                self.leaving = false;
                if self.line.key(press.key) == Edit::Ignored {
                    return Step::Pass(Overlay::SetUp(self));
                }
            }
        }
        Step::Stay(Overlay::SetUp(self))
    }

    /// What is pasted is taken without the line's end that came with it.
    pub fn paste(mut self: Box<Self>, text: &Text) -> Step {
        self.take_in(text.txt().exact().trim());
        Step::Stay(Overlay::SetUp(self))
    }
}
