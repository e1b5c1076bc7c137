//! Questions and answers: what setting up asks (`Talk`), and plain lines for it, on a terminal or from a script. Questions go to
//! stderr, since stdout is data; a secret is read without being shown. The console's form is the other one who answers.

use super::paper;
use crate::cli::choose::Refusal;
use crate::msg::Question;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How often a script is asked the same: one that answers wrongly must come to an end.
const TRIES: usize = 5;

/// Says a line, from any thread.
pub type Say = Arc<dyn Fn(String) + Send + Sync>;

/// Whoever is asked and told.
pub trait Talk {
    /// A line or a page.
    fn say(&self, text: &str);
    /// The same for what happens on other threads.
    fn saying(&self) -> Say;
    /// Where an admin consents.
    fn link(&self, url: &str);
    /// Waits, saying what for and how long yet.
    fn rest(&self, pause: Duration, what: &str) -> Result<(), Refusal>;
    /// One answer, whatever it is.
    fn answer(&self, question: &Question) -> Result<Zeroizing<String>, Refusal>;
    /// The last answer is not usable.
    fn wrong(&self, why: &str);
    /// How often the same is asked.
    fn tries(&self) -> usize;
}

impl dyn Talk + '_ {
    fn asked<T>(
        &self,
        question: Question,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Refusal> {
        for _ in 0..self.tries() {
            let line = self.answer(&question)?;
            let text = match line.trim() {
                "" => &question.default,
                text => text,
            };
            match check(text) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.wrong(&why),
            }
        }
        let what = question.text;
        Err((2, format!("{what}: no usable answer; nothing was changed")))
    }

    /// Asks until the answer is right. Enter alone takes the default.
    pub fn ask<T>(
        &self,
        question: &str,
        default: &str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Refusal> {
        let question = Question {
            text: question.to_owned(),
            default: default.to_owned(),
            ..Question::default()
        };
        self.asked(question, check)
    }

    /// Asks for a secret; nothing of it is shown, and none of it stays in what was read.
    pub fn secret(
        &self,
        question: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<SecretString, Refusal> {
        let question = Question {
            text: question.to_owned(),
            secret: true,
            ..Question::default()
        };
        self.asked(question, |text| {
            check(text)?;
            Ok(SecretString::from(text))
        })
    }

    /// Yes or no; Enter alone is the default.
    pub fn yes(&self, question: &str, default: bool) -> Result<bool, Refusal> {
        let default = if default { "yes" } else { "no" };
        Ok(self.one_of(question, &["yes", "no"], default)? == "yes")
    }

    /// One of some words; a beginning that fits only one will do.
    pub fn one_of<'a>(
        &self,
        question: &str,
        words: &[&'a str],
        default: &str,
    ) -> Result<&'a str, Refusal> {
        let question = Question {
            text: question.to_owned(),
            default: default.to_owned(),
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            secret: false,
        };
        self.asked(question, |text| {
            let text = text.to_lowercase();
            if let Some(same) = words.iter().find(|w| **w == text) {
                return Ok(*same);
            }
            let mut fit = words.iter().filter(|w| w.starts_with(&text));
            match (fit.next(), fit.next()) {
                (Some(one), None) => Ok(*one),
                _ => Err(format!("one of {}", words.join(", "))),
            }
        })
    }
}

/// Lines of a terminal or a script.
pub struct Plain {
    terminal: bool,
    qr: bool,
}

/// The terminal shows what is typed again, on every way out.
struct Shown(rustix::termios::Termios);

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

impl Plain {
    /// `qr`: a code may be drawn where somebody looks on.
    pub fn new(qr: bool) -> Self {
        Self {
            terminal: std::io::stdin().is_terminal(),
            qr,
        }
    }

    /// Switches off what the terminal shows of typing; back when dropped.
    fn hide(&self) -> Option<Shown> {
        if !self.terminal {
            return None;
        }
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent).ok()?;
        Some(Shown(before))
    }
}

impl Talk for Plain {
    fn say(&self, text: &str) {
        eprintln!("{text}");
    }

    fn saying(&self) -> Say {
        Arc::new(|text| eprintln!("{text}"))
    }

    /// Text always, a link and a code only where somebody looks on.
    fn link(&self, url: &str) {
        self.say(&format!("  {url}"));
        let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
        if !std::io::stderr().is_terminal() || dumb {
            return;
        }
        self.say(&format!("  {}", paper::link(url)));
        if let Some(code) = paper::qr(url, !set("NO_COLOR")).filter(|_| self.qr) {
            self.say(&code);
        }
    }

    fn rest(&self, pause: Duration, what: &str) -> Result<(), Refusal> {
        for left in (1..=pause.as_secs()).rev() {
            eprint!("\r  {what}: again in {left} s \x1b[K");
            std::thread::sleep(Duration::from_secs(1));
        }
        eprint!("\r\x1b[K");
        Ok(())
    }

    fn answer(&self, question: &Question) -> Result<Zeroizing<String>, Refusal> {
        let default = match (question.words.as_slice(), question.default.as_str()) {
            ([yes, no], default) if yes == "yes" && no == "no" => match default {
                "yes" => "Y/n",
                _ => "y/N",
            },
            (_, default) => default,
        };
        match default.is_empty() {
            true => eprint!("{}: ", question.text),
            false => eprint!("{} [{default}]: ", question.text),
        }
        let _ = std::io::stderr().flush();
        let hidden = question.secret.then(|| self.hide());
        let mut line = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().read_line(&mut line);
        drop(hidden);
        if question.secret && self.terminal {
            eprintln!();
        }
        match read {
            Ok(0) => Err((
                2,
                "the answers came to their end; nothing was changed".into(),
            )),
            Ok(_) => Ok(line),
            Err(e) => Err((1, format!("stdin: {e}"))),
        }
    }

    fn wrong(&self, why: &str) {
        eprintln!("  {why}");
    }

    fn tries(&self) -> usize {
        TRIES
    }
}
