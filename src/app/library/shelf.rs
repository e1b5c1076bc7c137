//! A list with a line to narrow it and a preview of what is under the cursor: kept hunts, runs, or tables.

use super::runs;
use super::schema::{self, Branch};
use super::{in_tab, keep, open_text};
use crate::app::App;
use crate::app::line::{Edit, Line};
use crate::app::overlay::{Overlay, Step};
use crate::app::pick::rank;
use crate::config::settings::TimeShown;
use crate::model::Ticks;
use crate::model::saved::{Kept, Place};
use crate::msg::{Effect, KeyPress};
use crate::resource::library::tables::{event_type, streaming};
use crate::resource::library::touches;
use crossterm::event::{KeyCode, KeyModifiers};
use kql::service::hover::column_help;
use std::collections::BTreeSet;
use std::sync::Arc;
use table::{Table, Text};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Hunts,
    Runs,
    Tables,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Steps to the right.
    pub depth: u16,
    /// One sign in front: it reaches out, it failed, it is unfolded.
    pub sign: &'static str,
    pub label: String,
    /// Dim words at the right.
    pub note: String,
    pub item: Item,
}

/// What a line stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Hunt(Place),
    /// A place in the history.
    Run(usize),
    Branch(Branch),
}

/// A line of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Head(String),
    /// A fact: its name and what it is.
    Fact(&'static str, String),
    Bad(String),
    /// Query text, drawn in its colours.
    Query(String),
}

/// The list, open.
#[derive(Debug)]
pub struct Shelf {
    pub what: What,
    pub line: Line,
    pub rows: Vec<Row>,
    pub at: usize,
    pub top: usize,
    /// First line of the preview.
    pub scrolled: usize,
    /// What is wrong with the words.
    pub problem: Option<String>,
    unfolded: BTreeSet<Arc<str>>,
    /// The history as a table, made when it is first filtered.
    table: Option<Table>,
}

impl Shelf {
    pub fn open(app: &mut App, what: What) {
        let mut shelf = Self {
            what,
            line: Line::default(),
            rows: Vec::new(),
            at: 0,
            top: 0,
            scrolled: 0,
            problem: None,
            unfolded: BTreeSet::new(),
            table: None,
        };
        shelf.fill(app);
        app.push(Overlay::Shelf(Box::new(shelf)));
    }

    pub fn title(&self) -> &'static str {
        match self.what {
            What::Hunts => "Saved queries",
            What::Runs => "History of runs",
            What::Tables => "Tables and columns",
        }
    }

    /// The keys, for the lowest line.
    pub fn keys(&self) -> &'static str {
        match self.what {
            What::Hunts => {
                "Enter opens · Alt-r title · Alt-d delete · Alt-i import · PgDn more · Esc"
            }
            What::Runs => "Enter opens · table:T rows>0 failed age<7d \"word\" · PgDn more · Esc",
            What::Tables => "Enter inserts · Right Left fold · words look in all · Esc",
        }
    }

    pub fn chosen(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    /// Makes the lines for the words typed. The cursor stays on what it was on.
    fn fill(&mut self, app: &App) {
        let was = self.chosen().map(|r| r.item.clone());
        let words = self.line.text().to_owned();
        let words = words.as_str();
        self.problem = None;
        self.rows = match self.what {
            What::Hunts => hunts(app, words),
            What::Runs => {
                let all = &app.library.runs;
                let table = self.table.get_or_insert_with(|| runs::table_of(all));
                let (found, problem) = runs::find(table, words, app.now.wall);
                self.problem = problem;
                let rows = found.into_iter().filter_map(|n| Some((n, all.get(n)?)));
                rows.map(|(n, ran)| run(app, n, ran)).collect()
            }
            What::Tables => {
                let branches = schema::branches(words, &self.unfolded);
                branches.into_iter().map(branch).collect()
            }
        };
        self.at = was
            .and_then(|item| self.rows.iter().position(|r| r.item == item))
            .unwrap_or(self.at.min(self.rows.len().saturating_sub(1)));
    }

    /// Keeps the cursor in sight; `height` lines are.
    fn scroll(&mut self, height: usize) {
        self.at = self.at.min(self.rows.len().saturating_sub(1));
        let least = (self.at + 1).saturating_sub(height.max(1));
        self.top = self.top.min(self.at).max(least);
    }

    fn go(&mut self, to: usize, app: &App) {
        self.at = to;
        self.scrolled = 0;
        self.scroll(parts(app.size).0);
    }

    pub fn key(mut self: Box<Self>, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let (height, preview) = parts(app.size);
        let mods = press.key.modifiers;
        let (ctrl, alt) = (
            mods.contains(KeyModifiers::CONTROL),
            mods.contains(KeyModifiers::ALT),
        );
        match press.key.code {
            KeyCode::Esc => return Step::Close,
            KeyCode::Char('c') if ctrl && self.line.is_empty() => return Step::Close,
            KeyCode::Down => self.go(self.at + 1, app),
            KeyCode::Up => self.go(self.at.saturating_sub(1), app),
            KeyCode::Char('n') if ctrl => self.go(self.at + 1, app),
            KeyCode::Char('p') if ctrl => self.go(self.at.saturating_sub(1), app),
            KeyCode::PageDown if self.what == What::Tables => self.go(self.at + height, app),
            KeyCode::PageUp if self.what == What::Tables => {
                self.go(self.at.saturating_sub(height), app)
            }
            // what is long is the preview
            KeyCode::PageDown => {
                let last = self.preview(app).len().saturating_sub(preview);
                self.scrolled = (self.scrolled + preview.max(2) - 1).min(last);
            }
            KeyCode::PageUp => {
                self.scrolled = self.scrolled.saturating_sub(preview.max(2) - 1);
            }
            KeyCode::Enter => {
                let Some(row) = self.chosen().cloned() else {
                    return Step::Stay(Overlay::Shelf(self));
                };
                return Step::Then(Box::new(move |app, fx| enter(app, row.item, fx)));
            }
            KeyCode::Right if self.what == What::Tables => self.fold(app, true),
            KeyCode::Left if self.what == What::Tables => self.fold(app, false),
            KeyCode::Char('r' | 'd') if alt => self.change(app, press.key.code),
            KeyCode::Char('i') if alt && self.what == What::Hunts => keep::import(app),
            _ => match self.line.key(press.key) {
                Edit::Changed => self.typed(app),
                Edit::Moved => {}
                Edit::Ignored => return Step::Pass(Overlay::Shelf(self)),
            },
        }
        let _ = fx;
        Step::Stay(Overlay::Shelf(self))
    }

    pub fn paste(mut self: Box<Self>, app: &mut App, text: &Text) -> Step {
        self.line.insert(text.txt().exact());
        self.typed(app);
        Step::Stay(Overlay::Shelf(self))
    }

    /// Other words: the best of what they find is under the cursor.
    fn typed(&mut self, app: &App) {
        self.rows.clear();
        self.at = 0;
        self.fill(app);
        self.go(0, app);
    }

    fn change(&self, app: &mut App, key: KeyCode) {
        let Some(Item::Hunt(place)) = self.chosen().map(|r| &r.item) else {
            return;
        };
        let title = app.library.at(place).map(|k| k.saved.title.clone());
        let title = title.unwrap_or_default();
        match key {
            KeyCode::Char('r') => keep::rename(app, place.clone(), &title),
            _ => keep::delete(app, place.clone(), &title),
        }
    }

    fn fold(&mut self, app: &App, open: bool) {
        let Some(Item::Branch(branch)) = self.chosen().map(|r| r.item.clone()) else {
            return;
        };
        let table = branch.table.clone();
        if open {
            self.unfolded.insert(table.clone());
        } else {
            self.unfolded.remove(&table);
        }
        self.fill(app);
        let own =
            |r: &Row| matches!(&r.item, Item::Branch(b) if b.table == table && b.column.is_none());
        if let Some(place) = self.rows.iter().position(own).filter(|_| !open) {
            self.at = place;
        }
        self.scroll(parts(app.size).0);
    }

    /// What is said of the line under the cursor.
    pub fn preview(&self, app: &App) -> Vec<Said> {
        match self.chosen().map(|r| &r.item) {
            Some(Item::Hunt(place)) => app.library.at(place).map(of_hunt).unwrap_or_default(),
            Some(Item::Run(n)) => of_run(app, *n),
            Some(Item::Branch(branch)) => of_branch(branch),
            None => Vec::new(),
        }
    }
}

/// Lines of the list and of the preview in sight: beside each other where there is room, else one above the other.
pub fn parts(size: (u16, u16)) -> (usize, usize) {
    // header, tabs, frame, the line to type in, the keys
    let room = usize::from(size.1.saturating_sub(7));
    match is_wide(size) {
        true => (room, room),
        false => {
            let list = room.div_ceil(2);
            (list, room.saturating_sub(list + 1))
        }
    }
}

/// List and preview stand side by side.
pub fn is_wide(size: (u16, u16)) -> bool {
    size.0 >= 100
}

/// Files, runs or the time changed: open lists are made again.
pub fn again(app: &mut App) {
    let mut overlays = std::mem::take(&mut app.overlays);
    for overlay in &mut overlays {
        if let Overlay::Shelf(shelf) = overlay {
            shelf.table = None;
            shelf.fill(app);
            shelf.scroll(parts(app.size).0);
        }
    }
    app.overlays = overlays;
}

fn enter(app: &mut App, item: Item, fx: &mut Vec<Effect>) {
    match item {
        Item::Hunt(place) => {
            if let Some(kept) = app.library.at(&place).cloned() {
                open_text(app, &in_tab(&kept), Some(place), fx);
            }
        }
        Item::Run(n) => {
            if let Some(ran) = app.library.runs.get(n).cloned() {
                open_text(app, &ran.text, None, fx);
            }
        }
        Item::Branch(branch) => {
            let name = branch.column.unwrap_or(branch.table);
            app.to_hunt(fx);
            app.hunt.focus = crate::app::hunt::Focus::Editor;
            app.edit(|e| e.insert(&name), fx);
        }
    }
}

/// Hunts in the order in which they fit: what is called so before what only mentions it.
fn hunts(app: &App, words: &str) -> Vec<Row> {
    let all = app.library.hunts();
    let order: Vec<usize> = if words.trim().is_empty() {
        (0..all.len()).collect()
    } else {
        let by_name = rank(words, all.iter().map(|k| k.saved.title.clone()));
        let by_all = rank(words, all.iter().map(|k| about(k)));
        let mut order: Vec<usize> = by_name.into_iter().map(|(n, _)| n).collect();
        let more = by_all.into_iter().map(|(n, _)| n);
        order.extend(more.collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        order.retain(|n| seen.insert(*n));
        // where something has the words as they stand, letters in order are no finding
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let has = |n: &usize| {
            let text = all
                .get(*n)
                .map_or(String::new(), |k| about(k).to_lowercase());
            words.iter().all(|w| text.contains(w.as_str()))
        };
        if order.iter().any(has) {
            order.retain(has);
        }
        order
    };
    let rows = order.into_iter().filter_map(|n| all.get(n));
    rows.map(|kept| hunt(kept)).collect()
}

/// Everything a hunt is found by.
fn about(kept: &Kept) -> String {
    let s = &kept.saved;
    let entities: Vec<&str> = s.entities.iter().map(|a| a.word()).collect();
    format!(
        "{} {} {} {} {} {}",
        s.title,
        s.techniques.join(" "),
        s.tactics.join(" "),
        entities.join(" "),
        s.tables.join(" "),
        s.description
    )
}

fn hunt(kept: &Kept) -> Row {
    let s = &kept.saved;
    let entities: Vec<&str> = s.entities.iter().map(|a| a.word()).collect();
    let from = match &kept.place {
        Place::Pack(_) => String::new(),
        Place::File { below, .. } => match below.parent().filter(|p| !p.as_os_str().is_empty()) {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => "own".to_owned(),
        },
    };
    let words = [entities.join(" "), s.techniques.join(" "), from];
    let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
    Row {
        depth: 0,
        sign: match (kept.wrong.is_some(), kept.reaches.is_empty()) {
            (true, _) => "!",
            (false, false) => "↗",
            (false, true) => " ",
        },
        label: s.title.clone(),
        note: words.join(" · "),
        item: Item::Hunt(kept.place.clone()),
    }
}

fn run(app: &App, n: usize, ran: &crate::model::saved::Ran) -> Row {
    let rows = match (ran.rows, ran.partial) {
        (Some(n), true) => format!("{n}+"),
        (Some(n), false) => n.to_string(),
        (None, _) => "–".to_owned(),
    };
    Row {
        depth: 0,
        sign: if ran.rows.is_some() { " " } else { "✗" },
        label: in_one(&ran.text),
        note: format!("{rows} · {}", ran.at.age(app.now.wall)),
        item: Item::Run(n),
    }
}

/// A query in one line, without its comments where it has more than those.
fn in_one(text: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty());
    let code: Vec<&str> = lines().filter(|l| !l.starts_with("//")).collect();
    let all = match code.is_empty() {
        true => lines().collect(),
        false => code,
    };
    all.join(" ").chars().take(200).collect()
}

fn branch(branch: Branch) -> Row {
    let (depth, sign, label, note) = match &branch.column {
        None => {
            let about =
                schema::table(&branch.table).map_or(String::new(), |(t, _)| t.about.to_string());
            let sign = if branch.open { "▾" } else { "▸" };
            (0, sign, &branch.table, about)
        }
        Some(column) => (2, " ", column, type_of(&branch.table, column)),
    };
    Row {
        depth,
        sign,
        label: label.to_string(),
        note,
        item: Item::Branch(branch),
    }
}

fn type_of(table: &str, column: &str) -> String {
    let found = schema::table(table)
        .and_then(|(t, _)| t.columns.iter().find(|c| *c.name == *column).map(|c| c.ty));
    found.map_or(String::new(), |ty| ty.name().to_owned())
}

fn fact(out: &mut Vec<Said>, name: &'static str, words: String) {
    if !words.is_empty() {
        out.push(Said::Fact(name, words));
    }
}

fn query(out: &mut Vec<Said>, text: &str) {
    out.push(Said::Head(String::new()));
    out.extend(text.lines().map(|l| Said::Query(l.to_owned())));
}

fn of_hunt(kept: &Kept) -> Vec<Said> {
    let s = &kept.saved;
    let mut out = vec![Said::Head(s.title.clone())];
    fact(&mut out, "", s.description.clone());
    if let Some(wrong) = &kept.wrong {
        out.push(Said::Bad(wrong.clone()));
    }
    if !kept.reaches.is_empty() {
        let ways = kept.reaches.join(", ");
        out.push(Said::Bad(format!(
            "reaches out of the tenant: {ways}; it asks before it runs"
        )));
    }
    let entities: Vec<&str> = s.entities.iter().map(|a| a.word()).collect();
    fact(&mut out, "about", entities.join(", "));
    fact(
        &mut out,
        "asks for",
        touches::parameters(&s.text).join(", "),
    );
    fact(&mut out, "tactics", s.tactics.join(", "));
    fact(&mut out, "techniques", s.techniques.join(", "));
    fact(&mut out, "tables", s.tables.join(", "));
    let mappings = s
        .mappings
        .iter()
        .map(|m| format!("{}.{} = {}", m.entity, m.identifier, m.column));
    fact(&mut out, "names", mappings.collect::<Vec<_>>().join(", "));
    match kept.place.path() {
        Some(path) => fact(&mut out, "file", path.display().to_string()),
        None => fact(&mut out, "from", "the starter pack".to_owned()),
    }
    query(&mut out, &s.text);
    out
}

fn of_run(app: &App, n: usize) -> Vec<Said> {
    let Some(ran) = app.library.runs.get(n) else {
        return Vec::new();
    };
    let rows = match (ran.rows, ran.partial) {
        (Some(n), true) => format!("{n} of at least {n}"),
        (Some(n), false) => n.to_string(),
        (None, _) => String::new(),
    };
    let mut out = vec![Said::Head(times(app, ran.at))];
    fact(&mut out, "rows", rows);
    if let Some(error) = &ran.error {
        out.push(Said::Bad(error.clone()));
    }
    fact(&mut out, "took", format!("{} ms", ran.ms));
    fact(&mut out, "sent to", ran.engine.clone());
    fact(&mut out, "tables", ran.tables.join(", "));
    query(&mut out, &ran.text);
    out
}

fn of_branch(branch: &Branch) -> Vec<Said> {
    let Some((t, own)) = schema::table(&branch.table) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if let Some(column) = &branch.column {
        out.push(Said::Head(column.to_string()));
        fact(&mut out, "", column_help(column).to_owned());
        fact(&mut out, "type", type_of(&t.name, column));
        out.push(Said::Head(String::new()));
    }
    out.push(Said::Head(t.name.to_string()));
    fact(&mut out, "", t.about.to_string());
    let whose = if own { "Defender XDR" } else { "Sentinel" };
    fact(&mut out, "of", whose.to_owned());
    fact(&mut out, "columns", t.columns.len().to_string());
    fact(&mut out, "streaming", streaming(&t.name).says().to_owned());
    fact(
        &mut out,
        "event type",
        event_type(&t.name).unwrap_or_default(),
    );
    if let Some(new) = &t.replaced_by {
        out.push(Said::Bad(format!("is being retired; use {new}")));
    }
    if branch.column.is_none() {
        out.push(Said::Head(String::new()));
        let names = t
            .columns
            .iter()
            .map(|c| format!("{}: {}", c.name, c.ty.name()));
        out.extend(names.map(|n| Said::Fact("", n)));
    }
    out
}

/// An instant in the zones that the person has chosen to see.
fn times(app: &App, at: Ticks) -> String {
    let utc = at.literal().replace('T', " ");
    let local = at.timestamp().map(|t| t.to_zoned(app.zone.clone()));
    let local = local.map_or(String::new(), |z| z.strftime("%H:%M %Z").to_string());
    match app.settings.time {
        TimeShown::Utc => utc,
        _ => format!("{utc} ({local})"),
    }
}
