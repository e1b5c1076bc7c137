//! Marked rows of a list: by id, so that polls and filters do not lose them. A verb on marks is about all of them, also
//! those that the filter does not show now, and says so.

use super::App;
use super::action::Place;
use super::pane::Pane;
use crate::model::{Key, Kind};
use crate::msg::Level;
use std::collections::BTreeSet;
use table::Text;

/// More marks than a frame can look through.
const MANY: usize = 2_000;

/// The marks of a list.
#[derive(Debug, Default)]
pub struct Marks {
    ids: BTreeSet<Text>,
    /// Where a range was begun; it reaches to the cursor.
    anchor: Option<Text>,
}

impl Marks {
    pub fn clear(&mut self) -> bool {
        let any = !self.ids.is_empty() || self.anchor.is_some();
        self.ids.clear();
        self.anchor = None;
        any
    }

    /// Marks exactly these.
    pub fn put(&mut self, ids: impl IntoIterator<Item = Text>) {
        self.clear();
        self.ids.extend(ids);
    }

    /// Marks these, and nothing else.
    pub fn set(&mut self, ids: impl Iterator<Item = Text>) {
        self.ids = ids.collect();
        self.anchor = None;
    }

    /// A row that is gone is no longer marked. True: it was.
    pub fn forget(&mut self, id: &Text) -> bool {
        if self.anchor.as_ref() == Some(id) {
            self.anchor = None;
        }
        self.ids.remove(id)
    }

    /// A range is open.
    pub fn ranging(&self) -> bool {
        self.anchor.is_some()
    }
}

impl Pane {
    /// The lines of the open range.
    fn range(&self) -> Option<std::ops::RangeInclusive<usize>> {
        let id = self.marks.anchor.as_ref()?;
        let row = self.rows.find(id.txt().exact())?;
        let from = self.shown.position_of(row)?;
        Some(from.min(self.cursor)..=from.max(self.cursor))
    }

    /// Whether the row at a line is marked, or within the open range.
    pub fn is_marked(&self, line: usize, row: u32) -> bool {
        let by_id =
            !self.marks.ids.is_empty() && (self.marks.ids).contains(&self.rows.key(row).to_text());
        by_id || self.range().is_some_and(|r| r.contains(&line))
    }

    /// These were done: what was chosen with them and left out stays marked.
    pub fn unmark<'a>(&mut self, ids: impl IntoIterator<Item = &'a Text>) {
        self.close_range();
        for id in ids {
            self.marks.forget(id);
        }
    }

    /// Makes an open range marks.
    fn close_range(&mut self) {
        if let Some(range) = self.range() {
            let rows = range.filter_map(|line| self.shown.row(line));
            let ids: Vec<Text> = rows.map(|r| self.rows.key(r).to_text()).collect();
            self.marks.ids.extend(ids);
        }
        self.marks.anchor = None;
    }

    /// How many are marked and how many of them are not shown; that is left out where counting would take a while.
    pub fn mark_count(&self) -> (usize, usize) {
        match self.marks.ids.len() {
            0 if self.marks.anchor.is_none() => (0, 0),
            n if n > MANY => (n, 0),
            _ => {
                let (all, hidden) = self.marked();
                (all.len(), hidden)
            }
        }
    }

    /// What is marked, in the order of the list, and how many of them are not shown.
    pub fn marked(&self) -> (Vec<Key>, usize) {
        let mut ids = self.marks.ids.clone();
        if let Some(range) = self.range() {
            let rows = range.filter_map(|line| self.shown.row(line));
            ids.extend(rows.map(|r| self.rows.key(r).to_text()));
        }
        if ids.is_empty() {
            return (Vec::new(), 0);
        }
        let key = |id: Text| Key::new(self.spec.kind, id);
        let mut out = Vec::with_capacity(ids.len());
        for row in self.shown.rows().iter() {
            if let Some(id) = ids.take(&self.rows.key(row).to_text()) {
                out.push(key(id));
            }
            if ids.is_empty() {
                break;
            }
        }
        let hidden = ids.len();
        out.extend(ids.into_iter().map(key));
        (out, hidden)
    }
}

impl App {
    /// What a verb is about: the marks of the list in front, else what is under the cursor.
    pub fn subjects(&self) -> Vec<Key> {
        let pane = self.pane();
        let mut marked = match self.here() {
            Place::Detail => Vec::new(),
            _ => pane.marked().0,
        };
        if pane.spec.kind == Kind::Exposed {
            // a device stands in many rows, and is one target
            let rows = marked
                .iter()
                .filter_map(|k| pane.rows.find(k.id.txt().exact()));
            let devices: BTreeSet<Key> = rows.map(|r| pane.about(r)).collect();
            marked = devices.into_iter().collect();
        }
        match marked.is_empty() {
            true => self.subject().into_iter().collect(),
            false => marked,
        }
    }
}

/// Space: marks or unmarks the row, and goes on to the next.
pub fn toggle(app: &mut App) {
    let height = app.list_height();
    let pane = app.pane_mut();
    if pane.marks.ranging() {
        return pane.close_range();
    }
    if let Some(row) = pane.row() {
        let id = pane.rows.key(row).to_text();
        if !pane.marks.ids.remove(&id) {
            pane.marks.ids.insert(id);
        }
    }
    pane.move_to(pane.cursor + 1, height);
}

/// V: begins a range at the row, or ends it where the cursor is now.
pub fn range(app: &mut App) {
    let pane = app.pane_mut();
    if pane.marks.ranging() {
        pane.close_range();
    } else if let Some(row) = pane.row() {
        pane.marks.anchor = Some(pane.rows.key(row).to_text());
    }
}

/// `*`: marks all that match, or takes the marks off where all are marked. Says what it does not reach.
pub fn all(app: &mut App) {
    let now = app.now;
    let pane = app.pane_mut();
    pane.marks.anchor = None;
    let ids = pane.shown.rows().iter().map(|r| pane.rows.key(r).to_text());
    let ids: BTreeSet<Text> = ids.collect();
    if !ids.is_empty() && ids.is_subset(&pane.marks.ids) {
        pane.marks.ids.retain(|id| !ids.contains(id));
        return;
    }
    let count = ids.len();
    pane.marks.ids.extend(ids);
    if let Some(text) = reach(pane) {
        let text = format!("{count} marked; {text}");
        app.toasts.push(now, Level::Warn, text);
    }
}

/// Why *all that match* may be fewer than there are.
pub fn reach(pane: &Pane) -> Option<String> {
    let progress = &pane.progress;
    let loaded = progress.loaded;
    let incomplete = match progress.total {
        Some(total) if !progress.complete => Some(format!(
            "this list is incomplete: loaded {loaded} of {total}"
        )),
        None if !progress.complete => Some(format!("this list is incomplete: loaded {loaded}")),
        _ => None,
    };
    let maybe =
        (pane.maybe > 0).then(|| format!("{} of them are not known to match yet", pane.maybe));
    let both: Vec<String> = incomplete.into_iter().chain(maybe).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

#[cfg(test)]
mod tests {
    use crate::app::fixture::*;

    fn ids(app: &crate::app::App) -> Vec<String> {
        let keys = app.subjects().into_iter();
        keys.map(|k| k.id.txt().exact().to_owned()).collect()
    }

    #[test]
    fn space_ranges_and_star_mark_and_esc_takes_the_marks_off() {
        let mut app = filled(80, 24);
        press(&mut app, "Space j Space");
        assert_eq!(ids(&app), ["4711", "4702"]);
        press(&mut app, "V j j V");
        assert_eq!(ids(&app).len(), 5);
        press(&mut app, "Esc");
        assert_eq!(ids(&app).len(), 1, "the row under the cursor");
        press(&mut app, "*");
        assert_eq!(app.pane().marked().0.len(), 30);
        press(&mut app, "*");
        assert_eq!(app.pane().marked().0.len(), 0);
    }

    #[test]
    fn marks_that_the_filter_hides_are_counted() {
        let mut app = filled(80, 24);
        press(&mut app, "* / 'st:resolved' Enter");
        let (marked, hidden) = app.pane().marked();
        assert_eq!(marked.len(), 30);
        assert!(hidden > 0 && hidden + app.pane().shown.len() == 30);
        press(&mut app, "Esc");
        assert_eq!(
            app.pane().marked().0.len(),
            30,
            "the filter's text goes first"
        );
        press(&mut app, "Esc");
        assert_eq!(app.pane().marked().0.len(), 0);
    }
}
