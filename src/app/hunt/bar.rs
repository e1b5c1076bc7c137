//! The line at the foot of a result: filter and search (every letter in force at once), a refinement with completion, a
//! file's name, the columns of a comparison.

use super::export;
use super::local::{self, Against};
use super::values::{self, Held};
use crate::app::App;
use crate::app::line::{Edit, Line};
use crate::app::overlay::{Overlay, Step};
use crate::msg::{Effect, KeyPress};
use crate::resource::hunt_export::Form;
use crate::resource::hunt_work::{compare, refine};
use crossterm::event::{KeyCode, KeyModifiers};
use kql::bind::World;
use std::ops::Range;
use std::sync::Arc;
use table::{Text, Txt};

/// Choices shown at most.
pub const LINES: usize = 8;
/// Choices made at most.
pub(super) const OFFERS: usize = 40;

/// An open line.
#[derive(Debug)]
pub struct Bar {
    pub what: What,
    pub line: Line,
    /// What can stand at the cursor.
    pub items: Vec<Choice>,
    pub at: usize,
    /// A sentence above the line; `true`: something is wrong.
    pub say: Option<(bool, String)>,
    before: String,
    world: Option<Arc<World>>,
    /// The values of the column that was asked for last.
    pub(super) held: Option<Held>,
}

#[derive(Clone, Debug)]
pub enum What {
    Filter,
    Search,
    Refine,
    /// A local file to be read as a table.
    File,
    /// Columns that tell a row, for a comparison.
    Keys(Against),
    Export(export::Wish),
}

/// Something that can stand at the cursor.
#[derive(Clone, Debug)]
pub struct Choice {
    pub label: String,
    pub detail: String,
    pub(super) insert: String,
    pub(super) span: Range<usize>,
}

impl Bar {
    fn new(what: What, text: &str) -> Self {
        Self {
            what,
            line: Line::new(text),
            items: Vec::new(),
            at: 0,
            say: None,
            before: text.to_owned(),
            world: None,
            held: None,
        }
    }

    pub fn refine(world: World) -> Self {
        Self {
            world: Some(Arc::new(world)),
            say: Some((
                false,
                "LOCAL: a query over the rows on screen, without quota: where, summarize, join, render …"
                    .into(),
            )),
            ..Self::new(What::Refine, "")
        }
    }

    /// What stands before the line.
    pub fn prompt(&self) -> &'static str {
        match &self.what {
            What::Filter => "/",
            What::Search => "find: ",
            What::Refine => "LOCAL | ",
            What::File => "file: ",
            What::Keys(_) => "by: ",
            What::Export(_) => "to: ",
        }
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = press.key.modifiers.contains(KeyModifiers::ALT);
        if !self.items.is_empty() {
            let last = self.items.len() - 1;
            match press.key.code {
                KeyCode::Down => self.at = if self.at == last { 0 } else { self.at + 1 },
                KeyCode::Char('n') if ctrl => {
                    self.at = if self.at == last { 0 } else { self.at + 1 };
                }
                KeyCode::Up => self.at = self.at.checked_sub(1).unwrap_or(last),
                KeyCode::Char('p') if ctrl => self.at = self.at.checked_sub(1).unwrap_or(last),
                KeyCode::Tab => self.accept(app, fx),
                KeyCode::Esc => self.items.clear(),
                _ => return self.typed(app, press, fx),
            }
            return Step::Stay(Overlay::Bar(self));
        }
        match press.key.code {
            KeyCode::Char('s') if alt => {
                if let What::Export(wish) = &mut self.what {
                    wish.all = !wish.all;
                    self.say = Some((false, export::about(app, wish)));
                }
                Step::Stay(Overlay::Bar(self))
            }
            KeyCode::Char('r') if alt => {
                if let What::Export(wish) = &mut self.what {
                    wish.replace = !wish.replace;
                    self.say = Some((wish.replace, export::about(app, wish)));
                }
                Step::Stay(Overlay::Bar(self))
            }
            KeyCode::Tab => {
                self.offer(app, true, fx);
                if let [_] = self.items.as_slice() {
                    self.accept(app, fx);
                }
                Step::Stay(Overlay::Bar(self))
            }
            KeyCode::Char('c') if ctrl && self.line.is_empty() => self.leave(app, fx),
            KeyCode::Esc => self.leave(app, fx),
            _ => self.typed(app, press, fx),
        }
    }

    /// What was before is in force again.
    fn leave(self, app: &mut App, fx: &mut Vec<Effect>) -> Step {
        let before = self.before.clone();
        self.apply(app, &before, fx);
        Step::Close
    }

    fn typed(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        if press.key.code == KeyCode::Enter {
            let Self { what, line, .. } = self;
            return Step::Then(Box::new(move |app, fx| done(app, what, line.text(), fx)));
        }
        match self.line.key(press.key) {
            Edit::Ignored => return Step::Pass(Overlay::Bar(self)),
            Edit::Moved => self.items.clear(),
            Edit::Changed => self.changed(app, fx),
        }
        Step::Stay(Overlay::Bar(self))
    }

    pub fn paste(mut self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        self.line.insert(text.txt().exact());
        self.changed(app, fx);
        Step::Stay(Overlay::Bar(self))
    }

    fn changed(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        let text = self.line.text().to_owned();
        self.apply(app, &text, fx);
        if matches!(self.what, What::Refine) {
            self.offer(app, false, fx);
            self.check();
        } else if !self.items.is_empty() {
            // a list that was asked for is narrowed by what is typed
            self.offer(app, true, fx);
        }
    }

    /// Filter and search are in force while they are typed.
    fn apply(&self, app: &mut App, text: &str, fx: &mut Vec<Effect>) {
        let now = app.now.wall;
        let job = match (&self.what, app.hunt.grid_mut()) {
            (What::Filter, Some(g)) if g.filter != text => g.filter_by(text, now),
            (What::Search, Some(g)) if g.search != text => g.search_for(text, now),
            _ => return,
        };
        local::arrange(app, Some(job), fx);
    }

    /// What can stand at the cursor; `asked`: also where nothing was begun.
    fn offer(&mut self, app: &mut App, asked: bool, fx: &mut Vec<Effect>) {
        self.at = 0;
        if matches!(self.what, What::Filter | What::Search) && values::offer(self, app, fx) {
            return;
        }
        self.items = match (&self.what, &self.world) {
            (What::Refine, Some(world)) => completions(world, &self.line, asked),
            (What::Filter | What::Search, _) => columns(app, &self.line, ":"),
            (What::Keys(_), _) => columns(app, &self.line, ""),
            _ => Vec::new(),
        };
    }

    fn accept(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        let Some(choice) = self.items.get(self.at).cloned() else {
            return;
        };
        self.line.replace(choice.span, &choice.insert);
        self.items.clear();
        let text = self.line.text().to_owned();
        self.apply(app, &text, fx);
        self.check();
    }

    /// What is wrong with a refinement so far.
    fn check(&mut self) {
        let (What::Refine, Some(world)) = (&self.what, &self.world) else {
            return;
        };
        let (text, _) = refine::query(self.line.text());
        let checked = kql::service::check(&kql::service::analyse(&text, world));
        let wrong = checked
            .findings
            .iter()
            .find(|f| f.severity == kql::syntax::Severity::Error);
        self.say = match wrong {
            // what ends where the text ends is likely being typed
            Some(f) if (f.end as usize) < text.trim_end().len() => {
                Some((true, Txt::new(&f.message).shown().into_owned()))
            }
            _ => {
                let names: Vec<&str> = checked.columns.iter().map(|(n, _)| n.as_str()).collect();
                let names = names.join(", ");
                Some((false, format!("→ {}", Txt::new(&names).shown())))
            }
        };
    }
}

/// The word at the cursor and where it begins.
fn word(line: &Line) -> Range<usize> {
    let head = line.text().get(..line.cursor()).unwrap_or_default();
    let start = head
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '_')
        .last()
        .map_or(head.len(), |(i, _)| i);
    start..head.len()
}

fn completions(world: &World, line: &Line, asked: bool) -> Vec<Choice> {
    let head = line.text().get(..line.cursor()).unwrap_or_default();
    let span = word(line);
    let begun = !span.is_empty() && !head[span.clone()].starts_with(|c: char| c.is_ascii_digit());
    if !asked && !begun && !head.trim_end().ends_with('|') {
        return Vec::new();
    }
    let (text, before) = refine::query(head);
    let items = kql::service::complete::complete(&text, text.len(), world);
    let typed = &head[span.clone()];
    if !asked && items.first().is_some_and(|i| i.label == typed) {
        return Vec::new();
    }
    let _ = before;
    items
        .into_iter()
        .take(OFFERS)
        .map(|item| {
            let mut span = span.clone();
            let insert = item.insert.replacen("$0", "", 1);
            // an operator of several parts was begun before what counts as a word here
            let dash = insert.char_indices().rev().map(|(n, _)| n).find(|n| {
                let part = insert.get(..*n).unwrap_or_default();
                part.ends_with('-') && head[..span.start].ends_with(part)
            });
            span.start -= dash.unwrap_or(0);
            Choice {
                label: Txt::new(&item.label).shown().into_owned(),
                detail: Txt::new(&item.detail).shown().into_owned(),
                insert,
                span,
            }
        })
        .collect()
}

/// Columns of the result that begin with the word at the cursor.
fn columns(app: &App, line: &Line, behind: &str) -> Vec<Choice> {
    let Some(grid) = app.hunt.grid() else {
        return Vec::new();
    };
    let span = word(line);
    let typed = line.text().get(span.clone()).unwrap_or_default();
    let all = grid.table.schema().columns();
    let mut seen = std::collections::HashSet::new();
    all.filter(|(n, _)| {
        let name = n.exact();
        let head = name.get(..typed.len());
        !name.is_empty() && head.is_some_and(|h| h.eq_ignore_ascii_case(typed))
    })
    .filter(|(n, _)| seen.insert(n.exact().to_owned()))
    .take(OFFERS)
    .map(|(n, kind)| Choice {
        label: n.shown().into_owned(),
        detail: format!("{kind:?}").to_lowercase(),
        insert: format!("{}{behind}", n.exact()),
        span: span.clone(),
    })
    .collect()
}

fn done(app: &mut App, what: What, text: &str, fx: &mut Vec<Effect>) {
    match what {
        // in force already
        What::Filter | What::Search => {}
        What::Refine => local::refine(app, text, fx),
        What::File => local::add_file(app, text, fx),
        What::Keys(against) => local::compare(app, &against, text, fx),
        What::Export(wish) => export::to_file(app, &wish, text, fx),
    }
}

/// `/`.
pub fn filter(app: &mut App) {
    let now = app.hunt.grid().map_or(String::new(), |g| g.filter.clone());
    app.push(Overlay::Bar(Bar::new(What::Filter, &now)));
}

/// `g /`.
pub fn search(app: &mut App) {
    let mut bar = Bar::new(What::Search, "");
    bar.before = app.hunt.grid().map_or(String::new(), |g| g.search.clone());
    app.push(Overlay::Bar(bar));
}

/// `+`.
pub fn file(app: &mut App) {
    let mut bar = Bar::new(What::File, "");
    let names: Vec<&str> = app.hunt.files.iter().map(|f| f.name.as_str()).collect();
    let there = match names.is_empty() {
        true => String::new(),
        false => format!("; there are {}", names.join(", ")),
    };
    bar.say = Some((
        false,
        format!("CSV, NDJSON, JSON or gzip of these becomes a table that | can join{there}"),
    ));
    app.push(Overlay::Bar(bar));
}

/// Asks by which columns rows are told.
pub fn keys(app: &mut App, against: Against, words: &str) {
    let Some(grid) = app.hunt.grid() else { return };
    let guess = compare::guess(grid.table.schema()).join(", ");
    let mut bar = Bar::new(What::Keys(against), &guess);
    bar.say = Some((
        false,
        format!("compare with {words}: columns that tell a row; none: whole rows"),
    ));
    app.push(Overlay::Bar(bar));
}

/// Asks where an export goes.
pub fn export(app: &mut App, form: Form, path: &str) {
    let wish = export::Wish {
        form,
        all: true,
        replace: false,
    };
    let mut bar = Bar::new(What::Export(wish.clone()), path);
    bar.say = Some((false, export::about(app, &wish)));
    app.push(Overlay::Bar(bar));
}

/// Asks again: a file of that name is there.
pub fn export_again(app: &mut App, wish: export::Wish, path: &str) {
    let shown = Txt::new(path).shown().into_owned();
    let mut bar = Bar::new(What::Export(wish), path);
    bar.say = Some((
        true,
        format!("{shown} is there already: another name, or Alt-r and Enter replaces it"),
    ));
    app.push(Overlay::Bar(bar));
}
