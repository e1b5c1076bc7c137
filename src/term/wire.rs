//! Frames to bytes, thriftily: only what changed, in the shortest of several ways.
//!
//! The wire keeps what the terminal shows (cells, colours, cursor, scroll margins) and writes the
//! difference. Rows that moved together are scrolled if that is shorter. It is the last line of
//! defence too: no control character leaves it, whatever a cell holds. Underline colours are not
//! carried: too many terminals misread them.

mod cells;
mod ink;
mod pen;
mod shift;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;

pub use self::cells::Link;
use self::cells::{Cell, Tables};
use self::ink::Look;
use self::pen::{Means, Pen, Writer};
use self::shift::Shift;
use super::caps::Caps;

/// Frames from here on are wrapped in a synchronized update: shorter ones arrive in one piece anyway.
const SYNC_FROM: usize = 512;
/// Frames from here on are tried with a scroll.
const SCROLL_FROM: usize = 40;
const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";

/// The encoder of one terminal.
#[derive(Debug)]
pub struct Wire {
    caps: Caps,
    tables: Tables,
    /// What the terminal shows.
    shown: Vec<Cell>,
    cols: usize,
    rows: usize,
    pen: Pen,
    cursor_shown: bool,
    fresh: bool,
    next: Vec<Cell>,
    moved: Vec<Cell>,
    best: Vec<u8>,
    attempt: Vec<u8>,
}

impl Wire {
    /// A wire to a terminal whose contents are unknown; the guard has hidden the cursor.
    pub fn new(caps: Caps) -> Self {
        Self {
            tables: Tables::new(&caps),
            caps,
            shown: Vec::new(),
            cols: 0,
            rows: 0,
            pen: Pen::HOME,
            cursor_shown: false,
            fresh: true,
            next: Vec::new(),
            moved: Vec::new(),
            best: Vec::new(),
            attempt: Vec::new(),
        }
    }

    /// The next frame is drawn whole; the cursor is taken as hidden.
    pub fn repaint(&mut self) {
        self.fresh = true;
        self.cursor_shown = false;
    }

    /// Takes what the terminal has answered into account; other colours mean a repaint.
    pub fn set_caps(&mut self, caps: Caps) {
        if (caps.depth, caps.clusters) != (self.caps.depth, self.caps.clusters) {
            self.tables = Tables::new(&caps);
            self.fresh = true;
        }
        // what cannot be measured alike is written out as code points
        table::sinks::agree_on_clusters(caps.clusters);
        self.caps = caps;
    }

    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// Appends what brings the terminal from what it shows to `next`, with the cursor shown at
    /// (column, row) or hidden. Nothing is appended if nothing changed.
    pub fn draw(&mut self, next: &Buffer, cursor: Option<(u16, u16)>, out: &mut Vec<u8>) {
        self.draw_linked(next, cursor, &[], out);
    }

    /// The same with links; those that may not be links are text.
    pub fn draw_linked(
        &mut self,
        next: &Buffer,
        cursor: Option<(u16, u16)>,
        links: &[Link],
        out: &mut Vec<u8>,
    ) {
        let (cols, rows) = (usize::from(next.area.width), usize::from(next.area.height));
        if cols == 0 || rows == 0 || next.content.len() != cols * rows {
            return;
        }
        if self.tables.is_full() {
            self.tables = Tables::new(&self.caps);
            self.fresh = true;
        }
        let links = if self.caps.links { links } else { &[] };
        let mut wanted = std::mem::take(&mut self.next);
        self.tables.pack(next, links, &mut wanted);
        self.best.clear();
        let mut pen = self.pen;
        if self.fresh || (cols, rows) != (self.cols, self.rows) {
            (self.cols, self.rows) = (cols, rows);
            pen = self.whole(&wanted);
        } else if wanted != self.shown {
            pen = self.changes(&wanted);
        }
        pen = self.finish(cursor, pen);
        self.pen = pen;
        self.fresh = false;
        self.next = std::mem::replace(&mut self.shown, wanted);
        let synced = self.caps.sync && self.best.len() >= SYNC_FROM;
        if synced {
            out.extend_from_slice(SYNC_BEGIN);
        }
        out.append(&mut self.best);
        if synced {
            out.extend_from_slice(SYNC_END);
        }
    }

    fn means(&self) -> Means {
        Means {
            bce: self.caps.bce,
            rep: self.caps.rep,
        }
    }

    /// Encodes the way from `shown`, after a shift if there is one, into `attempt`; gives up beyond `most` bytes.
    fn attempt(&mut self, wanted: &[Cell], shift: Option<Shift>, pen: Pen, most: usize) -> Pen {
        self.attempt.clear();
        let means = self.means();
        let mut writer = Writer {
            tables: &mut self.tables,
            means,
            cols: self.cols,
            rows: self.rows,
            pen,
            out: &mut self.attempt,
        };
        match shift {
            Some(shift) => {
                let bare = writer.scroll(shift.top, shift.bottom, shift.by);
                shift::apply(
                    shift,
                    &self.shown,
                    self.cols,
                    Cell::blank(bare),
                    &mut self.moved,
                );
                writer.rows(&self.moved, wanted, most);
            }
            None => writer.rows(&self.shown, wanted, most),
        }
        writer.pen
    }

    fn changes(&mut self, wanted: &[Cell]) -> Pen {
        let mut pen = self.attempt(wanted, None, self.pen, usize::MAX);
        std::mem::swap(&mut self.best, &mut self.attempt);
        if !self.caps.scroll || self.best.len() < SCROLL_FROM {
            return pen;
        }
        // trying costs time: not for a few bytes in a hundred
        let least = self.best.len() / 32;
        for shift in shift::candidates(&self.shown, wanted, self.cols, least) {
            // margins that are set already cost nothing, even if they are a little too wide
            let kept = self.pen.margins.map(|(top, bottom)| Shift {
                top: top.into(),
                bottom: bottom.into(),
                by: shift.by,
            });
            let kept = kept.filter(|kept| {
                *kept != shift && kept.top <= shift.top && kept.bottom >= shift.bottom
            });
            for shift in [Some(shift), kept].into_iter().flatten() {
                let after = self.attempt(wanted, Some(shift), self.pen, self.best.len());
                if self.attempt.len() < self.best.len() {
                    std::mem::swap(&mut self.best, &mut self.attempt);
                    pen = after;
                }
            }
        }
        pen
    }

    /// Clears and draws everything, trusting nothing.
    fn whole(&mut self, wanted: &[Cell]) -> Pen {
        let mut counts = std::collections::HashMap::new();
        for cell in wanted.iter().filter(|cell| cell.is_blank()) {
            *counts.entry(*cell).or_insert(0_usize) += 1;
        }
        let plain = Cell::blank(0);
        let ground = counts
            .into_iter()
            .filter(|_| self.caps.bce)
            .max_by_key(|(cell, count)| (*count, cell.bits()))
            .map_or(plain, |(cell, _)| cell);
        let mut best = std::mem::take(&mut self.best);
        best.extend_from_slice(b"\x1b[m");
        if self.caps.scroll {
            best.extend_from_slice(b"\x1b[r");
        }
        best.extend_from_slice(b"\x1b[H");
        best.extend_from_slice(self.tables.step(0, ground.look()));
        best.extend_from_slice(b"\x1b[2J");
        self.shown.clear();
        self.shown.resize(wanted.len(), ground);
        let pen = Pen {
            look: ground.look(),
            ..Pen::HOME
        };
        let pen = self.attempt(wanted, None, pen, usize::MAX);
        best.extend_from_slice(&self.attempt);
        self.best = best;
        pen
    }

    /// Ends a link that was left open, and places the cursor.
    fn finish(&mut self, cursor: Option<(u16, u16)>, pen: Pen) -> Pen {
        let unlinked = Look {
            link: 0,
            ..self.tables.look(pen.look)
        };
        let unlinked = self.tables.look_id(unlinked);
        let (cols, rows) = (self.cols, self.rows);
        let means = self.means();
        let mut writer = Writer {
            tables: &mut self.tables,
            means,
            cols,
            rows,
            pen,
            out: &mut self.best,
        };
        writer.set_look(unlinked);
        match cursor {
            Some((x, y)) => {
                let (x, y) = (usize::from(x).min(cols - 1), usize::from(y).min(rows - 1));
                if (pen.x, pen.y) != (Some(x as u16), Some(y as u16)) {
                    writer.move_to(y, x);
                }
                if !self.cursor_shown {
                    writer.out.extend_from_slice(b"\x1b[?25h");
                }
            }
            None if self.cursor_shown => writer.out.extend_from_slice(b"\x1b[?25l"),
            None => {}
        }
        self.cursor_shown = cursor.is_some();
        writer.pen
    }
}
