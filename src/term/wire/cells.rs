//! Buffer cells packed into integers, so that comparing and hashing them costs next to nothing.

use hashbrown::HashMap;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ink::{Look, sgr};
use crate::term::caps::{Caps, Depth};
use crate::term::title::{begin_link, end_link, is_hidden};

/// One cell: glyph (32 bits), look (16), width (2: 0 is the right half of a wide glyph), and two flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Cell(u64);

const UNCERTAIN: u64 = 1 << 50;
const ERASED: u64 = 1 << 51;
/// Glyphs of several characters are numbered from here.
const CLUSTER: u32 = 1 << 31;
const MOST_CLUSTERS: usize = 1 << 14;
const MOST_LOOKS: usize = 1 << 12;

impl Cell {
    fn new(glyph: u32, look: u16, width: u64) -> Self {
        Self(u64::from(glyph) | u64::from(look) << 32 | width << 48)
    }

    pub(super) fn blank(look: u16) -> Self {
        Self(Self::new(0x20, look, 1).0 | ERASED)
    }

    pub(super) fn look(self) -> u16 {
        (self.0 >> 32) as u16
    }

    pub(super) fn width(self) -> usize {
        (self.0 >> 48 & 3) as usize
    }

    /// A space that shows nothing but its background, so erasing makes one.
    pub(super) fn is_blank(self) -> bool {
        self.0 & ERASED != 0
    }

    /// Terminals disagree on this glyph's width.
    pub(super) fn is_uncertain(self) -> bool {
        self.0 & UNCERTAIN != 0
    }

    pub(super) fn is_cluster(self) -> bool {
        self.glyph() & CLUSTER != 0
    }

    fn glyph(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn bits(self) -> u64 {
        self.0
    }
}

/// A stretch of cells that is a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub row: u16,
    pub cols: std::ops::Range<u16>,
    /// An https address that we built; any other is not linked.
    pub url: String,
}

/// Everything that packed cells refer to.
#[derive(Debug)]
pub(super) struct Tables {
    depth: Depth,
    /// The terminal measures clusters as we do.
    agreed: bool,
    looks: Vec<Look>,
    look_ids: HashMap<Look, u16>,
    clusters: Vec<Box<str>>,
    cluster_ids: HashMap<Box<str>, Cell>,
    links: Vec<String>,
    steps: HashMap<(u16, u16), Box<[u8]>>,
    /// Lengths of the steps between the first few looks, which are asked for at every gap; 0 if unknown.
    step_lens: Box<[u8; FEW * FEW]>,
}

const FEW: usize = 64;

impl Tables {
    pub(super) fn new(caps: &Caps) -> Self {
        let mut tables = Self {
            depth: caps.depth,
            agreed: caps.clusters,
            looks: Vec::new(),
            look_ids: HashMap::new(),
            clusters: Vec::new(),
            cluster_ids: HashMap::new(),
            links: vec![String::new()],
            steps: HashMap::new(),
            step_lens: Box::new([0; FEW * FEW]),
        };
        tables.look_id(Look::default());
        tables
    }

    /// Too many looks or clusters have been seen: start again with a repaint.
    pub(super) fn is_full(&self) -> bool {
        self.looks.len() >= MOST_LOOKS
            || self.clusters.len() >= MOST_CLUSTERS
            || self.links.len() >= MOST_LOOKS
    }

    pub(super) fn look(&self, id: u16) -> Look {
        self.looks.get(usize::from(id)).copied().unwrap_or_default()
    }

    pub(super) fn look_id(&mut self, look: Look) -> u16 {
        if let Some(id) = self.look_ids.get(&look) {
            return *id;
        }
        // a single frame with more looks than numbers shows the rest in the default look
        let Ok(id) = u16::try_from(self.looks.len()) else {
            return 0;
        };
        self.looks.push(look);
        self.look_ids.insert(look, id);
        id
    }

    /// The bytes that lead from one look to another.
    pub(super) fn step(&mut self, from: u16, to: u16) -> &[u8] {
        let (old, new) = (self.look(from), self.look(to));
        let links = &self.links;
        self.steps.entry((from, to)).or_insert_with(|| {
            let mut bytes = Vec::new();
            sgr(old, new, &mut bytes);
            if old.link != new.link {
                match links.get(usize::from(new.link)) {
                    Some(url) if begin_link(url, &mut bytes) => {}
                    _ => end_link(&mut bytes),
                }
            }
            bytes.into()
        })
    }

    pub(super) fn step_len(&mut self, from: u16, to: u16) -> usize {
        if from == to {
            return 0;
        }
        let (row, column) = (usize::from(from), usize::from(to));
        if row >= FEW || column >= FEW {
            return self.step(from, to).len();
        }
        let index = row * FEW + column;
        if self.step_lens[index] == 0 {
            let len = self.step(from, to).len();
            // an overlong one (a link) is only counted as long
            self.step_lens[index] = u8::try_from(len).unwrap_or(u8::MAX);
        }
        self.step_lens[index].into()
    }

    /// Bytes of a cell's glyph.
    pub(super) fn glyph_len(&self, cell: Cell) -> usize {
        match cell.glyph() {
            0..=0x7f => 1,
            0x80..=0x7ff => 2,
            0x800..=0xffff => 3,
            0x1_0000..CLUSTER => 4,
            _ => self.cluster(cell).len(),
        }
    }

    pub(super) fn write_glyph(&self, cell: Cell, out: &mut Vec<u8>) {
        let glyph = cell.glyph();
        if glyph < 0x80 {
            out.push(glyph as u8);
        } else if cell.is_cluster() {
            out.extend_from_slice(self.cluster(cell).as_bytes());
        } else {
            let c = char::from_u32(glyph).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn cluster(&self, cell: Cell) -> &str {
        let index = (cell.glyph() & !CLUSTER) as usize;
        self.clusters.get(index).map_or("\u{fffd}", |text| text)
    }

    /// Packs a whole buffer, row by row.
    pub(super) fn pack(&mut self, buffer: &Buffer, links: &[Link], out: &mut Vec<Cell>) {
        out.clear();
        let cols = usize::from(buffer.area.width);
        if cols == 0 {
            return;
        }
        // looks alternate between few: the last ones are remembered before the table is asked
        let mut memo = [(
            (Color::Reset, Color::Reset, Modifier::empty()),
            0,
            Cell::blank(0),
        ); 4];
        let mut oldest = 0;
        let (mut last, mut look, mut blank) = memo[0];
        for row in buffer.content.chunks(cols) {
            let mut right_half = None;
            for (x, cell) in row.iter().enumerate() {
                let symbol = cell.symbol();
                if let Some(half) = right_half.take() {
                    out.push(half);
                    continue;
                }
                if (cell.fg, cell.bg, cell.modifier) != last {
                    last = (cell.fg, cell.bg, cell.modifier);
                    if let Some(known) = memo.iter().find(|known| known.0 == last) {
                        (_, look, blank) = *known;
                    } else {
                        (look, blank) = self.look_of(cell);
                        memo[oldest] = (last, look, blank);
                        oldest = (oldest + 1) % memo.len();
                    }
                }
                let packed = match symbol.as_bytes() {
                    [b' '] | [] => blank,
                    [byte @ 0x21..=0x7e] => Cell::new(u32::from(*byte), look, 1),
                    _ => self.glyph(symbol, look),
                };
                if packed.width() == 2 {
                    // cut by the edge, or by something drawn over its right half
                    let free = row
                        .get(x + 1)
                        .is_some_and(|next| next.symbol().trim().is_empty());
                    if free {
                        right_half = Some(Cell::new(0, look, 0));
                    } else {
                        out.push(Cell::new(0x20, look, 1));
                        continue;
                    }
                }
                out.push(packed);
            }
        }
        for link in links {
            self.overlay(link, cols, out);
        }
    }

    /// The look of a cell, and the blank of that look.
    fn look_of(&mut self, cell: &ratatui::buffer::Cell) -> (u16, Cell) {
        let shown = Look::new(cell.fg, cell.bg, cell.modifier, self.depth);
        let (look, bare) = (self.look_id(shown), self.look_id(shown.of_blank()));
        let blank = if shown.is_plain() {
            Cell::blank(bare)
        } else {
            Cell::new(0x20, bare, 1)
        };
        (look, blank)
    }

    fn overlay(&mut self, link: &Link, cols: usize, cells: &mut [Cell]) {
        let number = match self.links.iter().position(|url| *url == link.url) {
            Some(number) => number,
            None => {
                self.links.push(link.url.clone());
                self.links.len() - 1
            }
        };
        let Ok(number) = u16::try_from(number) else {
            return;
        };
        let Some(row) = cells.chunks_mut(cols).nth(usize::from(link.row)) else {
            return;
        };
        let to = usize::from(link.cols.end).min(cols);
        let from = usize::from(link.cols.start).min(to);
        for cell in &mut row[from..to] {
            let mut look = self.look(cell.look());
            look.link = number;
            let id = self.look_id(look);
            cell.0 = cell.0 & !(0xffff << 32) & !ERASED | u64::from(id) << 32;
        }
    }

    /// A glyph beyond ASCII. What could act on the terminal, or has no width of its own, is never written.
    fn glyph(&mut self, symbol: &str, look: u16) -> Cell {
        let replaced = u32::from(char::REPLACEMENT_CHARACTER);
        let mut chars = symbol.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return match c.width() {
                Some(width @ 1..=2) if !is_hidden(c) => Cell::new(c.into(), look, width as u64),
                _ => Cell::new(replaced, look, 1),
            };
        }
        if let Some(known) = self.cluster_ids.get(symbol) {
            return Cell(known.0 | u64::from(look) << 32);
        }
        let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
        let bad = symbol.chars().any(|c| is_hidden(c) && !joins(c));
        let known = match symbol.width() {
            width @ 1..=2 if !bad => {
                let glyph = CLUSTER | self.clusters.len() as u32;
                self.clusters.push(symbol.into());
                let cell = Cell::new(glyph, 0, width as u64);
                if self.agreed || table::sinks::widths_agree(symbol) {
                    cell
                } else {
                    Cell(cell.0 | UNCERTAIN)
                }
            }
            _ => Cell::new(replaced, 0, 1),
        };
        if self.cluster_ids.len() < MOST_CLUSTERS {
            self.cluster_ids.insert(symbol.into(), known);
        }
        Cell(known.0 | u64::from(look) << 32)
    }
}
