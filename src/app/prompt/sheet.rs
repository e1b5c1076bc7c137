//! The words of a question, line by line: made here, so that what has to be read can be counted. `view` draws them.
//!
//! Where a screen is too small for all that must be in sight, the head scrolls with the rest, and the answer waits until
//! the last of these lines was in sight.

use super::{Asked, Phase};
use crate::app::{App, words};
use crate::confirm::{Challenge, Prompt};
use crate::verb::Weight;
use std::time::Duration;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Plain,
    Strong,
    Dim,
    Warn,
    Grave,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub text: String,
    pub ink: Ink,
}

/// A question in lines.
#[derive(Debug)]
pub struct Sheet {
    /// In the frame: what kind of question this is.
    pub title: String,
    pub tier: u8,
    pub head: Vec<Row>,
    /// May be longer than there is room for, beyond its first `must` lines.
    pub body: Vec<Row>,
    pub must: usize,
    /// Label of the reason's line; none = no such line.
    pub reason: Option<String>,
    /// Label of the answer's line.
    pub answer: Option<String>,
    pub foot: Vec<Row>,
}

/// Cells between the borders at most, and at least.
const WIDE: u16 = 76;
const NARROW: u16 = 34;
/// Lines of the body at least.
const LEAST: usize = 3;
/// Targets named in a set.
const NAMED: usize = 4;

/// Cells between the borders and their margins.
pub fn width(screen: u16) -> u16 {
    screen.saturating_sub(4).min(WIDE)
}

/// The lines of a question on this screen.
pub fn sheet(app: &App, asked: &Asked) -> Sheet {
    let width = usize::from(width(app.size.0));
    match &asked.phase {
        Phase::Open(prompt) => open(asked, prompt, app.size),
        Phase::Grace(grace) => {
            let left = grace.until().saturating_sub(app.now.mono);
            let seconds = left.as_millis().div_ceil(1000);
            let command = grace.command();
            let mut head = Vec::new();
            wrap(&mut head, &asked.facts.tenant, Ink::Strong, width);
            wrap(&mut head, &command.sentence, Ink::Strong, width);
            let mut foot = Vec::new();
            wrap(
                &mut foot,
                &format!("Sending in {seconds} s."),
                Ink::Grave,
                width,
            );
            wrap(
                &mut foot,
                "Any key but Enter takes it back.",
                Ink::Plain,
                width,
            );
            Sheet {
                title: "CONFIRMED · not sent yet".into(),
                tier: command.tier,
                head,
                body: Vec::new(),
                must: 0,
                reason: None,
                answer: None,
                foot,
            }
        }
        Phase::Reading { targets, .. } => {
            let what = match targets.as_slice() {
                [one] => crate::app::act::called(&one.target),
                several => format!("{} targets", several.len()),
            };
            let mut head = Vec::new();
            wrap(
                &mut head,
                &format!("{}: reading {what} …", asked.verb.name),
                Ink::Plain,
                width,
            );
            wrap(&mut head, "Esc leaves", Ink::Dim, width);
            Sheet {
                title: "Reading afresh".into(),
                tier: 0,
                head,
                body: Vec::new(),
                must: 0,
                reason: None,
                answer: None,
                foot: Vec::new(),
            }
        }
        Phase::Gone => Sheet {
            title: String::new(),
            tier: 0,
            head: Vec::new(),
            body: Vec::new(),
            must: 0,
            reason: None,
            answer: None,
            foot: Vec::new(),
        },
    }
}

fn open(asked: &Asked, prompt: &Prompt, size: (u16, u16)) -> Sheet {
    telling(asked, prompt, asked.requests, size)
}

fn telling(asked: &Asked, prompt: &Prompt, with_requests: bool, (cols, rows): (u16, u16)) -> Sheet {
    let width = usize::from(width(cols));
    let command = prompt.command();
    let verb = command.verb;
    let mut head = Vec::new();
    wrap(&mut head, &asked.facts.tenant, Ink::Strong, width);
    wrap(&mut head, &command.sentence, Ink::Strong, width);
    match command.targets.as_slice() {
        [one] => {
            let (id, handle) = (one.key.id.txt().shown(), one.handle.txt().shown());
            let text = match handle == one.name.txt().shown() {
                true => format!("id {id}"),
                false => format!("{handle} · id {id}"),
            };
            wrap(&mut head, &text, Ink::Dim, width);
        }
        several => {
            let mut names: Vec<String> = (several.iter().take(NAMED))
                .map(crate::app::act::called)
                .collect();
            if several.len() > NAMED {
                names.push(format!("and {} more", several.len() - NAMED));
            }
            wrap(&mut head, &names.join(", "), Ink::Dim, width);
        }
    }
    if asked.facts.not_shown > 0 {
        let marked = command.targets.len() + asked.facts.left_out.len();
        let text = format!(
            "{marked} marked, {} of them not shown",
            asked.facts.not_shown
        );
        wrap(&mut head, &text, Ink::Warn, width);
    }
    if let Some(reach) = &asked.facts.reach {
        wrap(&mut head, reach, Ink::Warn, width);
    }
    let (body, must) = match with_requests {
        true => (requests(asked, width), 1),
        false => body(asked, prompt, width),
    };
    let mut foot = Vec::new();
    let keys = match prompt.challenge() {
        Challenge::Y => "Y confirms · Esc leaves · Tab words · F2 requests",
        _ => "Enter answers · Esc leaves · Tab reason · F2 requests",
    };
    let short = match prompt.challenge() {
        Challenge::Y => "Y · Esc leaves · Tab words · F2",
        _ => "Enter · Esc leaves · Tab reason · F2",
    };
    let room = keys.chars().count() <= width;
    wrap(&mut foot, if room { keys } else { short }, Ink::Dim, width);
    let reason = match (verb.comments, prompt.reason_wanted()) {
        (true, _) => "comment",
        (_, true) => "reason (wanted)",
        _ => "reason",
    };
    let mut sheet = Sheet {
        title: title(prompt, width.saturating_sub(4)),
        tier: prompt.tier(),
        head,
        body,
        must,
        reason: Some(reason.to_owned()),
        answer: Some(prompt.challenge().asks()),
        foot,
    };
    // a line for a hint, and one that says how much there is more
    if fixed(&sheet) + sheet.must + 2 > usize::from(rows) {
        let mut head = std::mem::take(&mut sheet.head);
        sheet.must += head.len();
        head.append(&mut sheet.body);
        sheet.body = head;
    }
    if !asked.hint.is_empty() {
        let mut foot = Vec::new();
        wrap(&mut foot, &asked.hint, Ink::Grave, width);
        foot.append(&mut sheet.foot);
        sheet.foot = foot;
    }
    sheet
}

/// Tiers differ in words too.
fn title(prompt: &Prompt, width: usize) -> String {
    let (long, short) = match prompt.tier() {
        0 | 1 => ("Confirm · tier 1", ""),
        2 => ("RESPONSE ACTION · tier 2", ""),
        _ => (
            "RESPONSE ACTION · LARGE OR CAREFUL · tier 3",
            "LARGE OR CAREFUL · tier 3",
        ),
    };
    match long.chars().count() <= width || short.is_empty() {
        true => long.to_owned(),
        false => short.to_owned(),
    }
}

fn requests(asked: &Asked, width: usize) -> Vec<Row> {
    let mut out = Vec::new();
    wrap(
        &mut out,
        "Exactly this is sent, with a token:",
        Ink::Dim,
        width,
    );
    for request in &asked.facts.requests {
        wrap(&mut out, request, Ink::Plain, width);
    }
    out
}

/// What follows from it, gravest first; the lines that must be in sight are counted.
fn body(asked: &Asked, prompt: &Prompt, width: usize) -> (Vec<Row>, usize) {
    let command = prompt.command();
    let mut out = Vec::new();
    // of several targets the head has told already
    for why in prompt.raised().iter().filter(|_| prompt.tier() > 1) {
        wrap(
            &mut out,
            &format!("tier {}: {why}", prompt.tier()),
            Ink::Warn,
            width,
        );
    }
    // the same sentence about several targets is said once, with their number
    let mut said: Vec<(Weight, &str, usize)> = Vec::new();
    for (_, c) in prompt.consequences() {
        match said
            .iter_mut()
            .find(|(w, t, _)| *w == c.weight && *t == c.text)
        {
            Some((.., n)) => *n += 1,
            None => said.push((c.weight, &c.text, 1)),
        }
    }
    let said: Vec<_> = said
        .into_iter()
        .filter(|(_, t, _)| !prompt.raised().iter().any(|r| r == t))
        .collect();
    let mut line = |(weight, text, n): &(Weight, &str, usize)| {
        let (sign, ink) = match weight {
            Weight::Grave => ("‼ ", Ink::Grave),
            Weight::Unchecked => ("? not checked: ", Ink::Warn),
            Weight::Warn => ("! ", Ink::Warn),
            Weight::Note => ("· ", Ink::Plain),
        };
        let times = if *n > 1 {
            format!(" ({n} targets)")
        } else {
            String::new()
        };
        wrap(&mut out, &format!("{sign}{text}{times}"), ink, width);
    };
    let (first, rest): (Vec<_>, Vec<_>) = said
        .iter()
        .partition(|(w, ..)| matches!(w, Weight::Grave | Weight::Unchecked));
    first.into_iter().for_each(&mut line);
    let undo = match command.verb.inverse {
        Some(verb) if command.undoes.is_empty() => format!("Can be undone: {verb}"),
        Some(_) => "This takes something back.".to_owned(),
        None => "Cannot be undone.".to_owned(),
    };
    wrap(&mut out, &undo, Ink::Plain, width);
    if command.targets.len() > 1 {
        let text = format!(
            "One after the other; the confirmation lives {}.",
            minutes(prompt.life())
        );
        wrap(&mut out, &text, Ink::Plain, width);
    }
    let must = out.len();
    for (field, before, after, n) in &asked.facts.changes {
        let times = if command.targets.len() > 1 {
            format!(" ({n})")
        } else {
            String::new()
        };
        wrap(
            &mut out,
            &format!("{field}: {before} → {after}{times}"),
            Ink::Plain,
            width,
        );
    }
    let mut line = |(weight, text, n): &(Weight, &str, usize)| {
        let (sign, ink) = match weight {
            Weight::Warn => ("! ", Ink::Warn),
            _ => ("· ", Ink::Plain),
        };
        let times = if *n > 1 {
            format!(" ({n} targets)")
        } else {
            String::new()
        };
        wrap(&mut out, &format!("{sign}{text}{times}"), ink, width);
    };
    rest.into_iter().for_each(&mut line);
    if !asked.facts.left_out.is_empty() {
        wrap(
            &mut out,
            &format!("Left out: {}", asked.facts.left_out.len()),
            Ink::Warn,
            width,
        );
        for (name, why) in &asked.facts.left_out {
            wrap(&mut out, &format!("  {name}: {why}"), Ink::Dim, width);
        }
    }
    (out, must)
}

fn minutes(time: Duration) -> String {
    match time.as_secs() {
        s if s % 60 == 0 => format!("{} min", s / 60),
        s if s > 120 => format!("{} min", s.div_ceil(60)),
        s => format!("{s} s"),
    }
}

/// Lines of the screen that a sheet takes beside its body: two borders, head, inputs, foot.
fn fixed(sheet: &Sheet) -> usize {
    let inputs = usize::from(sheet.reason.is_some()) + usize::from(sheet.answer.is_some());
    2 + sheet.head.len() + inputs + sheet.foot.len()
}

/// Lines for the body on a screen of this height.
pub fn room(sheet: &Sheet, height: u16) -> usize {
    usize::from(height).saturating_sub(fixed(sheet))
}

/// Lines of the body in sight from this one on; the last of the room tells how much there is more.
pub fn in_sight(sheet: &Sheet, height: u16, top: usize) -> usize {
    let (room, left) = (room(sheet, height), sheet.body.len().saturating_sub(top));
    match left > room {
        true => room.saturating_sub(1),
        false => left,
    }
}

/// Whether it can be read on this screen at all.
pub fn fits(asked: &Asked, (cols, rows): (u16, u16)) -> Result<(), String> {
    let Phase::Open(prompt) = &asked.phase else {
        return Ok(());
    };
    let sheet = open(asked, prompt, (cols, rows));
    let most = sheet.body.len().min(LEAST);
    match width(cols) >= NARROW && room(&sheet, rows) >= most {
        true => Ok(()),
        false => Err(format!(
            "the prompt does not fit this screen of {cols}x{rows}: it needs {} columns and {} lines",
            NARROW + 4,
            fixed(&sheet) + most
        )),
    }
}

/// Lines that must have been in sight and were not yet: the answer waits for them.
pub fn unread(asked: &Asked, prompt: &Prompt, size: (u16, u16)) -> usize {
    let whole = telling(asked, prompt, false, size);
    let seen = match asked.requests {
        // what follows from it is not in sight now
        true => 0,
        false => asked.top + in_sight(&whole, size.1, asked.top),
    };
    whole.must.saturating_sub(seen.max(asked.read))
}

/// Lines in sight now.
pub fn page(asked: &Asked, prompt: &Prompt, size: (u16, u16)) -> usize {
    let sheet = open(asked, prompt, size);
    in_sight(&sheet, size.1, asked.top).max(1)
}

/// The last place the body can be scrolled to.
pub fn most(asked: &Asked, prompt: &Prompt, size: (u16, u16)) -> usize {
    let sheet = open(asked, prompt, size);
    let room = room(&sheet, size.1);
    sheet.body.len().saturating_sub(room)
}

/// Lines of a text; an indent is kept.
fn wrap(out: &mut Vec<Row>, text: &str, ink: Ink, width: usize) {
    let bare = text.trim_start();
    let indent = &text[..text.len() - bare.len()];
    let lines = words::wrap(bare, width.saturating_sub(indent.len()).max(8));
    out.extend(lines.into_iter().map(|line| Row {
        text: format!("{indent}{line}"),
        ink,
    }));
}
