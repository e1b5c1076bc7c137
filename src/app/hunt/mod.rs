//! The hunt pane: query texts, what is known of them, what came of running them.
//!
//! `editor` the text, `blocks` where one query ends, `understand` colours and errors, `popup` completion, `params` what a
//! query is run on, `ranges` where and over which time, `running` asks and takes answers, `placing` puts complaints into the
//! text, `costs` remembers, `grid` a result, `keys` what a key means in the editor. Nothing here draws.
//! Of the result: `bar` the line at its foot, `values` what a filter can be completed with, `local` refinements and comparisons, `record` one row, `figures` a column,
//! `fields` which columns, `export`.

pub mod across;
pub mod bar;
pub mod blocks;
pub mod costs;
pub mod editor;
pub mod export;
pub mod fields;
pub mod figures;
pub mod grid;
pub mod keys;
pub mod local;
pub mod params;
mod placing;
pub mod popup;
pub mod ranges;
pub mod record;
pub mod running;
pub mod search;
pub mod strip;
pub mod tips;
pub mod understand;
mod values;
pub mod vim;
mod vim_words;

#[cfg(test)]
mod result_tests;
#[cfg(test)]
mod tests;

use super::App;
use super::action::moving::Move;
use crate::model::draft::{Draft, Drafts};
use crate::model::{Engine, Fault, Range, Ticks};
use crate::msg::{Effect, Slot, Think};
use crate::resource::hunt_work::refine::File;
use editor::Editor;
use grid::Grid;
use popup::Popup;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use table::Cancel;
use understand::Understanding;

pub use params::{Subject, bind};

/// Tabs of queries at most.
const MOST: usize = 20;
/// Closed tabs that can be had again.
const REOPEN: usize = 20;

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Editor,
    Results,
}

/// The pane.
#[derive(Debug)]
pub struct Hunt {
    pub tabs: Vec<Query>,
    pub at: usize,
    pub focus: Focus,
    pub popup: Option<Popup>,
    pub search: Option<search::Search>,
    pub tip: Option<tips::Tip>,
    /// Used where the person chose vim's manners.
    pub vim: vim::Vim,
    /// What was looked for last, and put in its place.
    sought: (String, String),
    closed: Vec<Arc<Draft>>,
    last: u64,
    /// The tabs of the last run were asked for.
    asked: bool,
    /// Where queries can run in this tenant.
    pub engines: Vec<Engine>,
    pub costs: costs::Costs,
    /// The same as they are kept.
    costs_kept: Arc<serde_json::Value>,
    /// A run that waits for values.
    binding: Option<params::Binding>,
    /// A query whose cost was said; the same key again runs it.
    warned: Option<Arc<str>>,
    /// When this instance sent queries to Defender in the last minute.
    sent: VecDeque<Duration>,
    /// Local files that refinements can name.
    pub files: Vec<Arc<File>>,
    /// Where exports are offered to be written to.
    pub folder: PathBuf,
    /// The export that was begun last, for when its file is there already.
    pub wished: Option<export::Wish>,
}

/// A query tab.
#[derive(Debug)]
pub struct Query {
    pub id: u64,
    pub editor: Editor,
    pub known: Understanding,
    pub running: Option<Running>,
    pub outcome: Option<Outcome>,
    pub engine: Engine,
    pub range: Range,
    pub params: params::Given,
    refused: Option<running::Refused>,
    /// Tenants that its queries are asked of; empty: the one in front.
    pub across: Vec<String>,
    /// The run before this one, to be compared with.
    pub past: Option<local::Past>,
    /// The draft as it was given last, and of which revision of the text.
    kept: RefCell<Option<(u64, Arc<Draft>)>>,
}

/// A question under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// As it was sent, with values in the places of parameters.
    pub text: Arc<str>,
    /// As it stands in the tab, and from which byte on.
    pub template: Arc<str>,
    pub start: usize,
    pub since: Duration,
    pub engine: Engine,
    /// Tenants that it was asked of; empty: the one in front.
    pub across: Vec<String>,
    /// Of a query that is answered on this machine.
    pub cancel: Option<Cancel>,
}

/// What came of a run; the text is the one that was run.
#[derive(Debug)]
pub struct Outcome {
    pub text: Arc<str>,
    pub at: Ticks,
    pub took: Duration,
    pub result: Result<Grid, Fault>,
    /// What is not as it should be with the rows: cut short, odd cells.
    pub notes: Vec<String>,
    pub engine: Engine,
    /// What was made of the rows here.
    pub side: local::Side,
}

impl Default for Hunt {
    fn default() -> Self {
        let mut hunt = Self {
            tabs: Vec::new(),
            at: 0,
            focus: Focus::Editor,
            popup: None,
            search: None,
            tip: None,
            vim: vim::Vim::default(),
            sought: Default::default(),
            closed: Vec::new(),
            last: 0,
            asked: false,
            engines: vec![Engine::Defender, Engine::Lists],
            costs: costs::Costs::default(),
            costs_kept: Arc::default(),
            binding: None,
            warned: None,
            sent: VecDeque::new(),
            files: Vec::new(),
            folder: PathBuf::new(),
            wished: None,
        };
        hunt.add(&Draft::default());
        hunt
    }
}

impl Hunt {
    /// The tabs of the last run, before those that were begun in this one.
    pub fn resume(&mut self, drafts: &Drafts) {
        let begun = std::mem::take(&mut self.tabs);
        for draft in drafts.tabs.iter().take(MOST) {
            self.add(draft);
        }
        let kept = self.tabs.len();
        let empty = |q: &Query| q.editor.text().is_empty() && q.running.is_none();
        self.tabs.extend(begun.into_iter().filter(|q| !empty(q)));
        if self.tabs.is_empty() {
            self.add(&Draft::default());
        }
        let last = self.tabs.len() - 1;
        self.at = if kept <= last {
            last
        } else {
            drafts.at.min(last)
        };
        let later = std::mem::take(&mut self.closed);
        self.closed.clone_from(&drafts.closed);
        if let Ok(costs) = serde::Deserialize::deserialize(&*drafts.costs) {
            self.costs = costs;
            self.costs_kept = drafts.costs.clone();
        }
        self.closed.extend(later);
        self.shut();
    }

    /// The tabs as they are to be kept.
    pub fn drafts(&self) -> Drafts {
        Drafts {
            tabs: self.tabs.iter().map(Query::draft).collect(),
            at: self.at,
            closed: self.closed.clone(),
            costs: self.costs_kept.clone(),
        }
    }

    pub fn query(&self) -> &Query {
        &self.tabs[self.at]
    }

    pub fn query_mut(&mut self) -> &mut Query {
        &mut self.tabs[self.at]
    }

    pub fn grid_mut(&mut self) -> Option<&mut Grid> {
        self.query_mut().outcome.as_mut()?.grid_mut()
    }

    pub fn grid(&self) -> Option<&Grid> {
        self.query().outcome.as_ref()?.grid()
    }

    fn add(&mut self, draft: &Draft) {
        self.last += 1;
        self.tabs.push(Query {
            id: self.last,
            editor: Editor::with_past(
                &draft.text,
                draft.cursor,
                draft.past.clone(),
                draft.taken_back.clone(),
            ),
            known: Understanding::of(&draft.engine),
            running: None,
            outcome: None,
            engine: draft.engine.clone(),
            range: draft.range,
            params: draft.params.clone(),
            refused: None,
            across: Vec::new(),
            past: None,
            kept: RefCell::default(),
        });
    }

    /// A further tab with a text, in front.
    pub fn open(&mut self, text: &str) -> Result<(), String> {
        if self.tabs.len() >= MOST {
            return Err(format!("{MOST} queries are open; close one first"));
        }
        self.add(&Draft {
            text: text.to_owned(),
            cursor: text.len(),
            ..Draft::default()
        });
        self.at = self.tabs.len() - 1;
        self.shut();
        self.focus = Focus::Editor;
        Ok(())
    }

    /// Closes the tab in front; its text can be had again.
    pub fn close(&mut self) -> u64 {
        let gone = self.tabs.remove(self.at);
        if let Some(running) = &gone.running {
            running.stop();
        }
        if !gone.editor.text().trim().is_empty() {
            self.closed.push(gone.draft());
            if self.closed.len() > REOPEN {
                self.closed.remove(0);
            }
        }
        if self.tabs.is_empty() {
            self.add(&Draft::default());
        }
        self.at = self.at.min(self.tabs.len() - 1);
        self.shut();
        gone.id
    }

    /// The tab that was closed last.
    pub fn reopen(&mut self) -> bool {
        let Some(draft) = self.closed.pop() else {
            return false;
        };
        self.add(&draft);
        self.at = self.tabs.len() - 1;
        true
    }

    pub fn turn(&mut self, by: isize) {
        let n = self.tabs.len() as isize;
        self.at = (self.at as isize + by).rem_euclid(n) as usize;
        self.shut();
    }

    /// What stands beside the text of one tab goes with it.
    fn shut(&mut self) {
        self.popup = None;
        self.search = None;
        self.tip = None;
    }
}

impl Query {
    /// As it is kept; the same one while nothing of it changed.
    fn draft(&self) -> Arc<Draft> {
        let mut kept = self.kept.borrow_mut();
        if let Some((revision, draft)) = &*kept
            && *revision == self.editor.revision
            && draft.cursor == self.editor.cursor()
            && draft.engine == self.engine
            && draft.range == self.range
            && draft.params == self.params
        {
            return draft.clone();
        }
        let draft = Arc::new(Draft {
            text: self.editor.text().to_string(),
            cursor: self.editor.cursor(),
            past: self.editor.past().to_vec(),
            taken_back: self.editor.taken_back().to_vec(),
            engine: self.engine.clone(),
            range: self.range,
            params: self.params.clone(),
        });
        *kept = Some((self.editor.revision, draft.clone()));
        draft
    }

    /// What a tab is called: the first line that says something.
    pub fn name(&self) -> &str {
        let lines = self.editor.lines().iter().map(|l| l.trim());
        lines
            .map(|l| l.trim_start_matches('/').trim())
            .find(|l| !l.is_empty())
            .unwrap_or("empty")
    }
}

/// The parts of the pane on a screen: editor above, results below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Lines of text in sight.
    pub editor: usize,
    /// Rows of the result in sight.
    pub rows: usize,
    /// Lines of the pane: a line of tabs, the editor, what is said of the cursor, the result's title, its heads, its rows.
    pub height: usize,
}

/// How the pane's height is shared: a text takes what it needs up to a half while there is a result.
pub fn parts(hunt: &Hunt, height: u16) -> Parts {
    let height = usize::from(height);
    let lines = hunt.query().editor.lines().len();
    let result = hunt.query().outcome.is_some() || hunt.query().running.is_some();
    // the line of tabs and the line about the cursor
    let room = height.saturating_sub(2);
    let editor = match (result, hunt.focus) {
        (false, _) => room,
        (true, Focus::Editor) => (lines + 1).clamp(room.min(5), (room / 2).max(room.min(5))),
        (true, Focus::Results) => lines.clamp(room.min(3), (room / 3).max(room.min(3))),
    };
    Parts {
        editor,
        rows: room.saturating_sub(editor + 2),
        height,
    }
}

impl App {
    /// The pane's own part of the screen.
    pub fn hunt_area(&self) -> ratatui::layout::Rect {
        let l = self.layout();
        ratatui::layout::Rect {
            x: 0,
            y: l.tabs.bottom().min(self.size.1),
            width: self.size.0,
            height: l.footer.y.saturating_sub(l.tabs.bottom()),
        }
    }

    pub fn hunt_parts(&self) -> Parts {
        parts(&self.hunt, self.hunt_area().height)
    }

    /// Brings the hunt pane to the front.
    pub fn to_hunt(&mut self, fx: &mut Vec<Effect>) {
        self.overlays.clear();
        self.chord.clear();
        self.hunting = true;
        if !std::mem::replace(&mut self.hunt.asked, true) {
            fx.push(Effect::ReadDrafts);
        }
        self.hunted(fx);
    }

    /// What every key in the pane ends with: the cursor in sight, the text understood, the drafts kept.
    pub(super) fn hunted(&mut self, fx: &mut Vec<Effect>) {
        let parts = self.hunt_parts();
        let width = usize::from(self.size.0.saturating_sub(GUTTER));
        let query = self.hunt.query_mut();
        let (row, within) = query.editor.place();
        let e = &mut query.editor;
        e.top = e
            .top
            .min(row)
            .max((row + 1).saturating_sub(parts.editor.max(1)));
        let cell = cells(&e.lines()[row][..within]);
        e.left = e
            .left
            .min(cell)
            .max((cell + 1).saturating_sub(width.max(1)));
        let id = query.id;
        self.think(id, fx);
    }

    /// Understands what is in sight of a text; what takes longer than a key may is asked of a job, one at a time.
    pub(super) fn think(&mut self, id: u64, fx: &mut Vec<Effect>) {
        let height = self.hunt_parts().editor;
        let Some(query) = self.hunt.tabs.iter_mut().find(|q| q.id == id) else {
            return;
        };
        let e = &query.editor;
        let last = (e.top + height).min(e.lines().len()).saturating_sub(1);
        let view = e.line(e.top).start..e.line(last).end;
        let (text, revision, cursor) = (e.text().clone(), e.revision, e.cursor());
        if let Some(text) = query.known.read(&text, revision, cursor, view) {
            let slot = Slot::Think(id);
            let world = query.known.world().clone();
            let ticket = self.tickets.issue(slot);
            fx.push(Effect::Think(ticket, Think { text, world }));
        }
    }

    /// A move in the result.
    pub(super) fn move_in_result(&mut self, to: Move) {
        let (height, width) = (self.hunt_parts().rows, self.size.0.saturating_sub(2));
        let Some(grid) = self.hunt.grid_mut() else {
            return;
        };
        if let Some(chart) = &grid.chart {
            let last = chart.lines().saturating_sub(1);
            grid.chart_top = to.apply(grid.chart_top.min(last), last + 1, height);
            return;
        }
        match to {
            Move::Left => grid.across(-1, width),
            Move::Right => grid.across(1, width),
            _ => {
                grid.at = to.apply(grid.at, grid.rows.len(), height);
                grid.show(height);
            }
        }
    }

    /// From the result back to the text, one level a press: the chart, the filter, the marks, then the result is left.
    pub(super) fn back_to_text(&mut self, fx: &mut Vec<Effect>) {
        let now = self.now.wall;
        if let Some(grid) = self.hunt.grid_mut() {
            if grid.chart.take().is_some() {
                grid.plot = None;
                return;
            }
            if !grid.filter.is_empty() {
                let job = grid.filter_by("", now);
                return local::arrange(self, Some(job), fx);
            }
            if !grid.marks.is_empty() || grid.range.is_some() {
                grid.marks.clear();
                grid.range = None;
                return;
            }
        }
        self.hunt.focus = Focus::Editor;
        self.hunted(fx);
    }

    /// The tabs changed: they are to be kept.
    pub(super) fn keep_drafts(&self, fx: &mut Vec<Effect>) {
        fx.push(Effect::Drafts(self.hunt.drafts()));
    }
}

/// Cells left of the text: the line's number.
pub const GUTTER: u16 = 5;

/// Cells a piece of a line takes on screen; a tab is four.
pub fn cells(text: &str) -> usize {
    use unicode_segmentation::UnicodeSegmentation;
    text.graphemes(true).map(cluster_width).sum()
}

/// Cells of one cluster as the editor draws it: what cannot be shown is its code point.
pub fn cluster_width(cluster: &str) -> usize {
    use unicode_width::UnicodeWidthStr;
    if cluster == "\t" {
        return 4;
    }
    table::Txt::new(cluster).shown().width()
}

/// The byte of a line at a cell of it.
pub fn byte_at(line: &str, cell: usize) -> usize {
    use unicode_segmentation::UnicodeSegmentation;
    let mut at = 0;
    for (i, cluster) in line.grapheme_indices(true) {
        let width = cluster_width(cluster);
        if at + width > cell {
            return i;
        }
        at += width;
    }
    line.len()
}
