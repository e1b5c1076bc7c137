//! Writes changed cells with the fewest bytes: cursor moves, erasing, repeating, joined gaps.

use super::cells::{Cell, Tables};

/// What the terminal's cursor, colours and margins are; `None` where we cannot be sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    pub x: Option<u16>,
    pub y: Option<u16>,
    pub look: u16,
    /// First and last row of the scroll region, if it is not the whole screen.
    pub margins: Option<(u16, u16)>,
}

impl Pen {
    pub(super) const HOME: Self = Self {
        x: Some(0),
        y: Some(0),
        look: 0,
        margins: None,
    };
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Means {
    pub bce: bool,
    pub rep: bool,
}

/// One attempt at a frame: the same changes may be written in several ways, of which the shortest is sent.
pub(super) struct Writer<'a> {
    pub tables: &'a mut Tables,
    pub means: Means,
    pub cols: usize,
    pub rows: usize,
    pub pen: Pen,
    pub out: &'a mut Vec<u8>,
}

/// How often the first cell is wanted in a row; cells at the end of the run that are right already do not count.
fn run_len(old: &[Cell], new: &[Cell]) -> usize {
    if new.get(1) != new.first() {
        return 1;
    }
    let run = new
        .iter()
        .take_while(|cell| Some(*cell) == new.first())
        .count();
    let needed = old
        .iter()
        .zip(new)
        .take(run)
        .rposition(|(old, new)| old != new);
    needed.map_or(1, |n| n + 1)
}

fn digits(n: usize) -> usize {
    match n {
        0..=9 => 1,
        10..=99 => 2,
        100..=999 => 3,
        _ => 5,
    }
}

/// Bytes of `CSI n X`, where 1 need not be said.
fn csi_len(n: usize) -> usize {
    if n == 1 { 3 } else { 3 + digits(n) }
}

#[derive(Clone, Copy)]
enum Across {
    Stay,
    Return,
    Backspaces(usize),
    Left(usize),
    Right(usize),
    Column,
}

#[derive(Clone, Copy)]
enum Along {
    Stay,
    Feeds(usize),
    Down(usize),
    Reverse,
    Up(usize),
    Row,
}

impl Writer<'_> {
    fn csi(&mut self, n: usize, last: u8) {
        self.out.extend_from_slice(b"\x1b[");
        if n != 1 {
            self.number(n);
        }
        self.out.push(last);
    }

    fn number(&mut self, n: usize) {
        let mut digits = [0; 8];
        let mut start = digits.len();
        let mut n = n;
        loop {
            start -= 1;
            digits[start] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 || start == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[start..]);
    }

    /// Moves the cursor.
    pub(super) fn move_to(&mut self, y: usize, x: usize) {
        let (across, across_len) = self.across(x);
        let (down, down_len) = self.down(y);
        let absolute = self.absolute_len(y, x);
        if across_len + down_len <= absolute {
            match down {
                Along::Stay => {}
                Along::Feeds(n) => self.out.extend(std::iter::repeat_n(b'\n', n)),
                Along::Down(n) => self.csi(n, b'B'),
                Along::Reverse => self.out.extend_from_slice(b"\x1bM"),
                Along::Up(n) => self.csi(n, b'A'),
                Along::Row => self.csi(y + 1, b'd'),
            }
            match across {
                Across::Stay => {}
                Across::Return => self.out.push(b'\r'),
                Across::Backspaces(n) => self.out.extend(std::iter::repeat_n(8, n)),
                Across::Left(n) => self.csi(n, b'D'),
                Across::Right(n) => self.csi(n, b'C'),
                Across::Column => self.csi(x + 1, b'G'),
            }
        } else {
            self.out.extend_from_slice(b"\x1b[");
            if y > 0 {
                self.number(y + 1);
            }
            if x > 0 {
                self.out.push(b';');
                self.number(x + 1);
            }
            self.out.push(b'H');
        }
        self.pen.x = Some(x as u16);
        self.pen.y = Some(y as u16);
    }

    fn move_len(&self, y: usize, x: usize) -> usize {
        (self.across(x).1 + self.down(y).1).min(self.absolute_len(y, x))
    }

    fn absolute_len(&self, y: usize, x: usize) -> usize {
        let row = if y > 0 { digits(y + 1) } else { 0 };
        let column = if x > 0 { 1 + digits(x + 1) } else { 0 };
        3 + row + column
    }

    fn across(&self, x: usize) -> (Across, usize) {
        let column = (Across::Column, csi_len(x + 1));
        let mut best = if x == 0 { (Across::Return, 1) } else { column };
        if let Some(at) = self.pen.x.map(usize::from) {
            let way = if at == x {
                (Across::Stay, 0)
            } else if at < x {
                (Across::Right(x - at), csi_len(x - at))
            } else if at - x < csi_len(at - x) {
                (Across::Backspaces(at - x), at - x)
            } else {
                (Across::Left(at - x), csi_len(at - x))
            };
            if way.1 < best.1 {
                best = way;
            }
        }
        best
    }

    fn down(&self, y: usize) -> (Along, usize) {
        let row = (Along::Row, csi_len(y + 1));
        let Some(at) = self.pen.y.map(usize::from) else {
            return row;
        };
        if at == y {
            return (Along::Stay, 0);
        }
        // relative moves stop, and line feeds scroll, at the margins
        let last = self.rows.saturating_sub(1);
        let (top, bottom) = self
            .pen
            .margins
            .map_or((0, last), |(t, b)| (usize::from(t), usize::from(b)));
        let crosses = (at <= bottom && y > bottom) || (at >= top && y < top);
        if crosses {
            return row;
        }
        let n = at.abs_diff(y);
        let way = if at > y {
            if n == 1 {
                (Along::Reverse, 2)
            } else {
                (Along::Up(n), csi_len(n))
            }
        } else if n <= csi_len(n) {
            (Along::Feeds(n), n)
        } else {
            (Along::Down(n), csi_len(n))
        };
        if way.1 <= row.1 { way } else { row }
    }

    pub(super) fn set_look(&mut self, look: u16) {
        if self.pen.look != look {
            let step = self.tables.step(self.pen.look, look);
            self.out.extend_from_slice(step);
            self.pen.look = look;
        }
    }

    /// Whether a space written in this look is the blank cell wanted.
    fn blank_fits(&self, look: u16, wanted: u16) -> bool {
        let look = self.tables.look(look);
        look.is_plain() && look.bg == self.tables.look(wanted).bg
    }

    /// The look to be in for writing `cell` when in `look`.
    fn look_for(&self, look: u16, cell: Cell) -> u16 {
        if look != cell.look() && cell.is_blank() && self.blank_fits(look, cell.look()) {
            look
        } else {
            cell.look()
        }
    }

    fn can_erase(&self, cell: Cell) -> bool {
        cell.is_blank()
            && (self.means.bce || self.tables.look(cell.look()) == super::ink::Look::default())
    }

    /// Brings every row from `old` to `new`; stops early, with too many bytes, beyond `most`.
    pub(super) fn rows(&mut self, old: &[Cell], new: &[Cell], most: usize) {
        let rows = old.chunks(self.cols).zip(new.chunks(self.cols));
        for (y, (old, new)) in rows.enumerate() {
            if old != new {
                self.row(y, old, new);
                if self.out.len() > most {
                    return;
                }
            }
        }
    }

    fn row(&mut self, y: usize, old: &[Cell], new: &[Cell]) {
        let cols = new.len();
        if old.len() != cols {
            return;
        }
        let differs = |x: &usize| old[*x] != new[*x];
        let Some(last) = (0..cols).rev().find(differs) else {
            return;
        };
        let (tail, erase_from) = self.tail(old, new, last);
        // the changed cells before the tail are written, the tail is erased
        let mut next = (0..tail.min(last + 1)).find(differs);
        while let Some(x) = next {
            self.reach(y, x, new);
            let mut x = x;
            loop {
                x = self.put(y, x, tail, old, new);
                if x < tail && differs(&x) {
                    continue;
                }
                next = (x..tail.min(last + 1)).find(differs);
                match next {
                    Some(to) if self.pays_to_join(y, x, to, new) => x = to,
                    _ => break,
                }
            }
        }
        if let Some(from) = erase_from {
            let blank = new[cols - 1];
            self.move_to(y, from);
            let look = self.look_for(self.pen.look, blank);
            self.set_look(look);
            self.out.extend_from_slice(b"\x1b[K");
        }
    }

    /// Where writing ends, and from where to erase, if erasing to the end of the line pays.
    fn tail(&mut self, old: &[Cell], new: &[Cell], last: usize) -> (usize, Option<usize>) {
        let cols = new.len();
        let Some(&blank) = new.last().filter(|cell| self.can_erase(**cell)) else {
            return (cols, None);
        };
        let start = cols - new.iter().rev().take_while(|cell| **cell == blank).count();
        if last < start {
            return (cols, None);
        }
        let from = (start..cols)
            .find(|x| old.get(*x) != new.get(*x))
            .unwrap_or(last);
        if last + 1 - from < 3 {
            return (cols, None);
        }
        (start, Some(from))
    }

    /// Moves to the next cell to write, or rewrites the cells between if that is shorter.
    fn reach(&mut self, y: usize, x: usize, new: &[Cell]) {
        let at = self.pen.x.map(usize::from);
        if let Some(at) = at
            && self.pen.y == Some(y as u16)
            && at < x
            && self.through_len(at, x, new) < self.move_len(y, x)
        {
            for cell in &new[at..x] {
                self.write(*cell);
            }
            self.pen.x = Some(x as u16);
            return;
        }
        self.move_to(y, x);
    }

    /// Bytes to rewrite the unchanged cells in between, the change of look for `to` included and that
    /// of jumping there taken off; very much where it cannot be done.
    fn through_len(&mut self, from: usize, to: usize, new: &[Cell]) -> usize {
        const NEVER: usize = 1 << 20;
        let most = csi_len(to - from) + 16;
        let mut look = self.pen.look;
        let mut len = 0;
        for cell in &new[from..to] {
            if cell.is_uncertain() || cell.width() != 1 {
                return NEVER;
            }
            let wanted = self.look_for(look, *cell);
            len += self.tables.step_len(look, wanted) + self.tables.glyph_len(*cell);
            look = wanted;
            if len > most {
                return NEVER;
            }
        }
        let Some(&target) = new.get(to) else {
            return NEVER;
        };
        let after = self.look_for(look, target);
        let direct = self.look_for(self.pen.look, target);
        len += self.tables.step_len(look, after);
        len.saturating_sub(self.tables.step_len(self.pen.look, direct))
    }

    fn pays_to_join(&mut self, y: usize, x: usize, to: usize, new: &[Cell]) -> bool {
        if self.pen.x != Some(x as u16) || self.pen.y != Some(y as u16) {
            return false;
        }
        if self.through_len(x, to, new) >= self.move_len(y, to) {
            return false;
        }
        for cell in &new[x..to] {
            self.write(*cell);
        }
        self.pen.x = Some(to as u16);
        true
    }

    /// Writes the cell at `x`, or a run of equal cells from there; where to go on.
    fn put(&mut self, y: usize, x: usize, end: usize, old: &[Cell], new: &[Cell]) -> usize {
        // a run that was broken off (an erased one) leaves the cursor behind
        if self.pen.x != Some(x as u16) || self.pen.y != Some(y as u16) {
            self.move_to(y, x);
        }
        let Some(&cell) = new.get(x) else {
            return end;
        };
        let run = run_len(&old[x..end], &new[x..end]);
        if run > 4 && cell.width() == 1 && !cell.is_uncertain() && !cell.is_cluster() {
            let glyph = self.tables.glyph_len(cell);
            let plain = run * glyph;
            let repeated = if self.means.rep {
                glyph + csi_len(run - 1)
            } else {
                usize::MAX
            };
            let more = old[x + run..end] != new[x + run..end];
            let erased = if self.can_erase(cell) {
                csi_len(run) + if more { csi_len(run) } else { 0 }
            } else {
                usize::MAX
            };
            if erased < plain.min(repeated) {
                let look = self.look_for(self.pen.look, cell);
                self.set_look(look);
                self.csi(run, b'X');
                return x + run;
            }
            if repeated < plain {
                self.write(cell);
                self.csi(run - 1, b'b');
                self.advance(x + run);
                return x + run;
            }
        }
        if cell.is_uncertain() {
            // whatever width the terminal gives it, no old glyph shows through and the cursor is right after it
            self.set_look(cell.look());
            self.out.extend(std::iter::repeat_n(b' ', cell.width()));
            self.pen.x = None;
            self.move_to(y, x);
            self.write(cell);
            self.pen.x = None;
            let after = x + cell.width();
            if after < self.cols {
                self.move_to(y, after);
            }
            return after;
        }
        self.write(cell);
        let after = x + cell.width().max(1);
        self.advance(after);
        after
    }

    fn write(&mut self, cell: Cell) {
        let look = self.look_for(self.pen.look, cell);
        self.set_look(look);
        self.tables.write_glyph(cell, self.out);
    }

    /// In the last column terminals differ about where the cursor is.
    fn advance(&mut self, x: usize) {
        self.pen.x = (x < self.cols).then_some(x as u16);
    }

    /// Scrolls rows `top..=bottom` up by `by` rows, or down if negative; the rows laid bare are blank
    /// in the returned look.
    pub(super) fn scroll(&mut self, top: usize, bottom: usize, by: isize) -> u16 {
        let whole = top == 0 && bottom + 1 == self.rows;
        let wanted = (!whole).then_some((top as u16, bottom as u16));
        if self.pen.margins != wanted {
            self.out.extend_from_slice(b"\x1b[");
            if !whole {
                if top > 0 {
                    self.number(top + 1);
                }
                if bottom + 1 < self.rows {
                    self.out.push(b';');
                    self.number(bottom + 1);
                }
            }
            self.out.push(b'r');
            self.pen.margins = wanted;
            // home by the standard, but not in every emulator
            (self.pen.x, self.pen.y) = (None, None);
        }
        let bare = self.tables.look(self.pen.look).of_blank();
        let plain = bare.is_plain() && (self.means.bce || bare == super::ink::Look::default());
        let bare = if plain {
            self.tables.look_id(bare)
        } else {
            self.set_look(0);
            0
        };
        self.csi(by.unsigned_abs(), if by > 0 { b'S' } else { b'T' });
        bare
    }
}
