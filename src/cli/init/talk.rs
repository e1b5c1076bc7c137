//! Questions and answers, a line each: on a terminal or from a script. Questions go to stderr, since stdout is data; a secret
//! is read without being shown.

use crate::cli::choose::Refusal;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;
use std::io::{BufRead, IsTerminal, Write};
use zeroize::Zeroize;

/// How often the same question is asked before it is given up: a script that answers wrongly must come to an end.
const TRIES: usize = 5;

/// Where answers come from.
pub struct Talk {
    terminal: bool,
}

/// The terminal shows what is typed again, on every way out.
struct Shown(rustix::termios::Termios);

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

impl Talk {
    pub fn new() -> Self {
        Self {
            terminal: std::io::stdin().is_terminal(),
        }
    }

    /// A line of talk.
    pub fn say(&self, text: &str) {
        eprintln!("{text}");
    }

    fn line(&self) -> Result<String, Refusal> {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        match read {
            Ok(0) => Err((
                2,
                "the answers came to their end; nothing was changed".into(),
            )),
            Ok(_) => Ok(line),
            Err(e) => Err((1, format!("stdin: {e}"))),
        }
    }

    fn prompt(&self, question: &str, default: &str) {
        match default.is_empty() {
            true => eprint!("{question}: "),
            false => eprint!("{question} [{default}]: "),
        }
        let _ = std::io::stderr().flush();
    }

    /// Asks until the answer is right. Enter alone takes the default.
    pub fn ask<T>(
        &self,
        question: &str,
        default: &str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Refusal> {
        for _ in 0..TRIES {
            self.prompt(question, default);
            let line = self.line()?;
            let text = match line.trim() {
                "" => default,
                text => text,
            };
            match check(text) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.say(&format!("  {why}")),
            }
        }
        Err((
            2,
            format!("{question}: no usable answer; nothing was changed"),
        ))
    }

    /// Asks for a secret; nothing of it is shown, and none of it stays in what was read.
    pub fn secret(
        &self,
        question: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<SecretString, Refusal> {
        for _ in 0..TRIES {
            self.prompt(question, "");
            let hidden = self.hide();
            let read = self.line();
            drop(hidden);
            if self.terminal {
                eprintln!();
            }
            let mut line = read?;
            let checked = check(line.trim());
            let secret = SecretString::from(line.trim());
            line.zeroize();
            match checked {
                Ok(()) => return Ok(secret),
                Err(why) => self.say(&format!("  {why}")),
            }
        }
        Err((
            2,
            format!("{question}: no usable answer; nothing was changed"),
        ))
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

    /// Yes or no; Enter alone is the default.
    pub fn yes(&self, question: &str, default: bool) -> Result<bool, Refusal> {
        let word = if default { "Y/n" } else { "y/N" };
        self.ask(question, word, |text| match text.to_lowercase().as_str() {
            "y/n" => Ok(default),
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("y or n".into()),
        })
    }

    /// One of some words; a beginning that fits only one will do.
    pub fn one_of<'a>(
        &self,
        question: &str,
        words: &[&'a str],
        default: &str,
    ) -> Result<&'a str, Refusal> {
        self.ask(question, default, |text| {
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
