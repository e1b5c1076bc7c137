//! What is known of a text: colours, errors, result columns, a query at a time.
//!
//! The query at the cursor and those in view are understood in the key's own frame while they are short; a long one keeps
//! its old colours, moved along with the edit, until a job answers. What was understood once is kept by its text.

use super::blocks;
use crate::model::Engine;
use crate::msg::Thought;
use crate::resource::hunt_lists;
use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::{Colour, Finding, Piece, hover};
use kql::syntax::Severity;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Bytes that are understood in the key's own frame: 2 ms of work.
const AT_ONCE: usize = 24_000;
/// Queries kept by their text.
const KEPT: usize = 64;

/// The schema and functions, made ready when the first text is shown.
pub fn world() -> &'static Arc<World> {
    static WORLD: OnceLock<Arc<World>> = OnceLock::new();
    WORLD.get_or_init(|| Arc::new(World::new(Schema::builtin(Which::Unified))))
}

/// What there is over the lists on screen.
fn lists() -> &'static Arc<World> {
    static WORLD: OnceLock<Arc<World>> = OnceLock::new();
    WORLD.get_or_init(|| Arc::new(World::new(Arc::new(hunt_lists::schema()))))
}

/// What is known of the queries of one text.
#[derive(Debug, Default)]
pub struct Understanding {
    /// Over the lists on screen, which have tables of their own.
    lists: bool,
    revision: Option<u64>,
    blocks: Vec<Range<usize>>,
    known: VecDeque<Arc<Thought>>,
    /// The text a job was asked about and has not answered.
    asked: Option<Arc<str>>,
    /// The text has changed since a job was asked.
    stale: bool,
    /// Colours of a long query from before the last edits, moved along: byte range in the whole text.
    old: Vec<(Range<usize>, Colour)>,
}

impl Understanding {
    /// For queries that run there.
    pub fn of(engine: &Engine) -> Self {
        Self {
            lists: *engine == Engine::Lists,
            ..Self::default()
        }
    }

    /// Tables and functions that are known.
    pub fn world(&self) -> &'static Arc<World> {
        if self.lists { lists() } else { world() }
    }

    /// Takes a text as it is now. `view`: the bytes in sight. Answers with the text a job is to think about, if any.
    pub fn read(
        &mut self,
        text: &str,
        revision: u64,
        cursor: usize,
        view: Range<usize>,
    ) -> Option<Arc<str>> {
        if self.revision != Some(revision) {
            self.revision = Some(revision);
            self.stale = true;
            self.blocks = blocks::blocks(text);
        }
        let mut budget = AT_ONCE;
        let mut job = None;
        let here = blocks::at(&self.blocks, cursor);
        let seen = self
            .blocks
            .iter()
            .filter(|b| b.start < view.end && b.end > view.start)
            .cloned();
        let wanted: Vec<Range<usize>> = here.into_iter().chain(seen).collect();
        for block in wanted {
            let Some(part) = text.get(block) else {
                continue;
            };
            if self.find(part).is_some() {
                continue;
            }
            if part.len() <= budget {
                budget -= part.len();
                self.keep(Arc::new(Thought::about(part.into(), self.world())));
            } else if self.asked.is_none() {
                // one at a time: were each key's text asked about, they would queue behind each other
                let part: Arc<str> = part.into();
                self.asked = Some(part.clone());
                self.stale = false;
                job = Some(part);
            }
        }
        job
    }

    /// Moves what is known of long queries along with an edit, until more is known.
    pub fn edited(&mut self, old: &str, new: &str) {
        let head = old
            .bytes()
            .zip(new.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let tail =
            old[head.min(old.len())..].bytes_rev_common(&new.as_bytes()[head.min(new.len())..]);
        let (gone, shift) = (
            head..old.len() - tail,
            new.len() as isize - old.len() as isize,
        );
        let colours: Vec<(Range<usize>, Colour)> = self
            .blocks
            .iter()
            .filter(|b| b.len() > AT_ONCE)
            .filter_map(|b| Some((b.start, self.find(old.get(b.clone())?)?)))
            .flat_map(|(start, known)| {
                let place =
                    move |p: &Piece| (start + p.start as usize..start + p.end as usize, p.colour);
                known.colours.iter().map(place).collect::<Vec<_>>()
            })
            .collect();
        if !colours.is_empty() {
            self.old = colours;
        }
        self.old.retain_mut(|(range, _)| {
            if range.start >= gone.end {
                *range = range.start.saturating_add_signed(shift)
                    ..range.end.saturating_add_signed(shift);
                return true;
            }
            range.end <= gone.start
        });
    }

    /// A job's answer, perhaps about a text that has changed since.
    pub fn take(&mut self, thought: Arc<Thought>) {
        let newest = self.asked.take().is_some_and(|text| text == thought.text) && !self.stale;
        if newest {
            self.old.clear();
        }
        self.keep(thought);
    }

    /// A job that ended without an answer: the next change asks again.
    pub fn not_understood(&mut self) {
        self.asked = None;
    }

    fn find(&self, text: &str) -> Option<&Arc<Thought>> {
        self.known.iter().find(|k| *k.text == *text)
    }

    fn keep(&mut self, thought: Arc<Thought>) {
        self.known.push_front(thought);
        self.known.truncate(KEPT);
    }

    /// The query at a byte, and what is known of it.
    pub fn at(&self, text: &str, offset: usize) -> Option<(Range<usize>, Option<&Arc<Thought>>)> {
        let block = blocks::at(&self.blocks, offset)?;
        let known = self.find(text.get(block.clone())?);
        Some((block, known))
    }

    /// Colours of the bytes in a range, in order; what has none is plain.
    pub fn colours(
        &self,
        text: &str,
        range: Range<usize>,
        mut each: impl FnMut(Range<usize>, Colour),
    ) {
        for block in &self.blocks {
            if block.end <= range.start || block.start >= range.end {
                continue;
            }
            let Some(known) = text.get(block.clone()).and_then(|t| self.find(t)) else {
                let from = self.old.partition_point(|(r, _)| r.end <= range.start);
                for (r, colour) in &self.old[from..] {
                    if r.start >= range.end {
                        break;
                    }
                    each(r.start.max(range.start)..r.end.min(range.end), *colour);
                }
                continue;
            };
            let place = |at: u32| block.start + at as usize;
            let from = known
                .colours
                .partition_point(|p| place(p.end) <= range.start);
            for p in &known.colours[from..] {
                if place(p.start) >= range.end {
                    break;
                }
                each(
                    place(p.start).max(range.start)..place(p.end).min(range.end),
                    p.colour,
                );
            }
        }
    }

    /// Errors and hints whose place touches a range of the text.
    pub fn findings<'a>(
        &'a self,
        text: &'a str,
        range: Range<usize>,
    ) -> impl Iterator<Item = (Range<usize>, &'a Finding)> + 'a {
        self.blocks
            .iter()
            .filter(move |b| b.start <= range.end && b.end >= range.start)
            .filter_map(move |b| Some((b.start, self.find(text.get(b.clone())?)?)))
            .flat_map(|(start, known)| {
                known
                    .findings
                    .iter()
                    .map(move |f| (start + f.start as usize..start + f.end as usize, f))
            })
    }

    /// How many errors the whole text has, as far as it was looked at.
    pub fn errors(&self, text: &str) -> usize {
        self.blocks
            .iter()
            .filter_map(|b| self.find(text.get(b.clone())?))
            .map(|k| k.errors)
            .sum()
    }

    /// What there is to say of the place of the cursor: what is wrong there, and the call it is in or the name.
    pub fn say(&self, text: &str, offset: usize) -> Said {
        let mut said = Said::default();
        let Some((block, Some(known))) = self.at(text, offset) else {
            return said;
        };
        let within = offset.saturating_sub(block.start);
        let touches = |f: &&Finding| f.start as usize <= within && within <= f.end as usize;
        // errors stand before warnings, and those before hints
        let worst = known
            .findings
            .iter()
            .filter(touches)
            .min_by_key(|f| match f.severity {
                Severity::Error => 0,
                Severity::Warning => 1,
                _ => 2,
            });
        said.wrong = worst.map(|f| {
            let hint = f.suggestion.as_ref();
            let hint = hint.map_or(String::new(), |s| format!(" Did you mean {s}?"));
            (f.severity, format!("{}{hint}", f.message))
        });
        let analysis = &known.analysis;
        said.about = hover::call_around(analysis, within)
            .or_else(|| hover::hover(analysis, within, self.world()));
        said
    }
}

/// A line or two about the place of the cursor.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub wrong: Option<(Severity, String)>,
    pub about: Option<hover::Hover>,
}

/// How many bytes two texts share at their ends.
trait Tail {
    fn bytes_rev_common(&self, other: &[u8]) -> usize;
}

impl Tail for str {
    fn bytes_rev_common(&self, other: &[u8]) -> usize {
        self.bytes()
            .rev()
            .zip(other.iter().rev())
            .take_while(|(a, b)| a == *b)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(u: &Understanding, text: &str) -> Vec<(String, Colour)> {
        let mut out = Vec::new();
        u.colours(text, 0..text.len(), |r, c| {
            out.push((text[r].to_owned(), c))
        });
        out
    }

    #[test]
    fn colours_and_errors_stand_where_the_text_is() {
        let text = "DeviceInfo | take 1\n\nAlertInfo\n| where Titel == 'x'";
        let mut u = Understanding::default();
        assert_eq!(u.read(text, 1, 0, 0..text.len()), None);
        assert!(painted(&u, text).contains(&("AlertInfo".into(), Colour::Table)));
        let (place, finding) = u
            .findings(text, 0..text.len())
            .find(|(_, f)| f.severity == Severity::Error)
            .expect("an error");
        assert_eq!(&text[place], "Titel");
        assert_eq!(finding.suggestion.as_deref(), Some("Title"));
        assert_eq!(u.errors(text), 1);
        let at = text.find("Titel").unwrap();
        assert!(matches!(u.say(text, at).wrong, Some((Severity::Error, _))));
        let about = u.say(text, 3).about.expect("the table");
        assert!(about.title.starts_with("DeviceInfo"), "{}", about.title);
    }

    #[test]
    fn a_long_query_keeps_its_colours_until_a_job_answers() {
        let mut text = String::from("DeviceInfo\n");
        while text.len() < 2 * AT_ONCE {
            text.push_str("| where DeviceName == 'x'\n");
        }
        let mut u = Understanding::default();
        let asked = u.read(&text, 1, 0, 0..400).expect("a job");
        assert!(painted(&u, &text).is_empty());
        assert_eq!(u.read(&text, 1, 0, 0..400), None, "asked once");
        u.take(Arc::new(Thought::about(asked, world())));
        let before = painted(&u, &text).len();
        assert!(before > 1000);
        let new = text.replacen("DeviceInfo\n", "DeviceInfo\n// a\n", 1);
        u.edited(&text, &new);
        let second = u.read(&new, 2, 0, 0..400).expect("a second job");
        let after = painted(&u, &new);
        assert!(after.len() >= before - 2);
        assert!(after.contains(&("DeviceName".into(), Colour::Column)));
        // typed on: the job is waited for, and then the newest text is asked about
        let newest = new.replacen("// a", "// ab", 1);
        u.edited(&new, &newest);
        assert_eq!(u.read(&newest, 3, 0, 0..400), None);
        u.take(Arc::new(Thought::about(second, world())));
        assert!(
            painted(&u, &newest).len() >= before - 2,
            "colours of before stay"
        );
        let third = u.read(&newest, 3, 0, 0..400).expect("a third job");
        assert!(third.contains("// ab"));
        u.take(Arc::new(Thought::about(third, world())));
        assert_eq!(u.read(&newest, 3, 0, 0..400), None);
        assert!(painted(&u, &newest).len() >= before);
    }
}
