//! A terminal that understands exactly what the wire may send, written from the standards and not
//! from the wire; anything else fails the test.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar as _;

#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub text: String,
    /// 0 for the right half of a wide glyph.
    pub width: usize,
    pub fg: Color,
    pub bg: Color,
    pub modifier: Modifier,
    pub link: String,
}

impl Shown {
    fn blank(bg: Color) -> Self {
        Self {
            text: " ".into(),
            width: 1,
            fg: Color::Reset,
            bg,
            modifier: Modifier::empty(),
            link: String::new(),
        }
    }
}

pub struct Screen {
    pub cols: usize,
    pub rows: usize,
    pub cells: Vec<Shown>,
    pub x: usize,
    pub y: usize,
    pub cursor: bool,
    pub synced: bool,
    pub scrolled: usize,
    pen: Shown,
    margins: (usize, usize),
    pending: bool,
    last: Option<char>,
    bce: bool,
    /// Emoji made wide by a selector stay narrow, as in some terminals.
    narrow: bool,
}

impl Screen {
    pub fn new(cols: usize, rows: usize, bce: bool, narrow: bool) -> Self {
        // what was there before must not matter
        let mut rubbish = Shown::blank(Color::Red);
        rubbish.text = "#".into();
        Self {
            cols,
            rows,
            cells: vec![rubbish; cols * rows],
            x: cols / 2,
            y: rows / 2,
            cursor: false,
            synced: false,
            scrolled: 0,
            pen: Shown::blank(Color::Reset),
            margins: (0, rows - 1),
            pending: false,
            last: None,
            bce,
            narrow,
        }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).expect("the wire writes UTF-8");
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\u{8}' => {
                    assert!(!self.pending, "backspace where terminals differ");
                    self.x = self.x.saturating_sub(1);
                }
                '\n' => self.feed_line(),
                '\r' => (self.x, self.pending) = (0, false),
                '\x1b' => match chars.next() {
                    Some('[') => {
                        let mut body = String::new();
                        let last = loop {
                            match chars.next() {
                                Some(c @ '\x40'..='\x7e') => break c,
                                Some(c @ ' '..='?') => body.push(c),
                                other => panic!("{other:?} inside CSI {body:?}"),
                            }
                        };
                        self.csi(&body, last);
                    }
                    Some(']') => {
                        let body: String = chars.by_ref().take_while(|c| *c != '\x1b').collect();
                        assert_eq!(chars.next(), Some('\\'));
                        let url = body.strip_prefix("8;;").expect("only links");
                        self.pen.link = url.into();
                    }
                    Some('M') => {
                        if self.y == self.margins.0 {
                            self.scroll(-1);
                        } else {
                            self.y = self.y.saturating_sub(1);
                        }
                    }
                    other => panic!("ESC {other:?}"),
                },
                c if c.is_control() => panic!("control {c:?}"),
                c => self.put(c),
            }
        }
    }

    fn feed_line(&mut self) {
        if self.y == self.margins.1 {
            self.scroll(1);
        } else if self.y + 1 < self.rows {
            self.y += 1;
        }
    }

    fn at(&mut self, x: usize) -> &mut Shown {
        let index = self.y * self.cols + x;
        &mut self.cells[index]
    }

    /// Half of a wide glyph is gone: the other half goes too.
    fn split(&mut self, x: usize) {
        if self.at(x).width == 0 && x > 0 {
            *self.at(x - 1) = Shown::blank(Color::Magenta);
        }
        if self.at(x).width == 2 && x + 1 < self.cols {
            *self.at(x + 1) = Shown::blank(Color::Magenta);
        }
    }

    fn put(&mut self, c: char) {
        let before = if self.pending {
            self.x
        } else {
            self.x.saturating_sub(1)
        };
        let before = if self.at(before).width == 0 && before > 0 {
            before - 1
        } else {
            before
        };
        let joined = self.at(before).text.ends_with('\u{200d}');
        let width = c.width().expect("no control");
        if width == 0 || joined {
            self.at(before).text.push(c);
            if c == '\u{fe0f}'
                && !self.narrow
                && self.at(before).width == 1
                && before + 1 < self.cols
            {
                self.at(before).width = 2;
                let mut half = self.pen.clone();
                (half.text, half.width) = (String::new(), 0);
                *self.at(before + 1) = half;
                self.x = (before + 2).min(self.cols - 1);
                self.pending = before + 2 >= self.cols;
            }
            return;
        }
        assert!(!self.pending, "text wraps at {},{}", self.x, self.y);
        assert!(self.x + width <= self.cols, "wide glyph at the edge");
        for x in self.x..self.x + width {
            self.split(x);
        }
        let mut cell = self.pen.clone();
        (cell.text, cell.width) = (c.into(), width);
        *self.at(self.x) = cell;
        if width == 2 {
            let mut half = self.pen.clone();
            (half.text, half.width) = (String::new(), 0);
            let x = self.x + 1;
            *self.at(x) = half;
        }
        self.last = Some(c);
        self.x += width;
        if self.x == self.cols {
            self.x -= 1;
            self.pending = true;
        }
    }

    fn erased(&self) -> Shown {
        let shows = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
        assert!(
            !self.pen.modifier.intersects(shows),
            "terminals differ about erasing with lines"
        );
        Shown::blank(if self.bce { self.pen.bg } else { Color::Reset })
    }

    fn scroll(&mut self, by: isize) {
        self.scrolled += 1;
        let (top, bottom) = self.margins;
        let bare = self.erased();
        for _ in 0..by.unsigned_abs().min(bottom - top + 1) {
            let rows = top * self.cols..(bottom + 1) * self.cols;
            let region = &mut self.cells[rows];
            if by > 0 {
                region.rotate_left(self.cols);
                let from = region.len() - self.cols;
                region[from..].fill(bare.clone());
            } else {
                region.rotate_right(self.cols);
                region[..self.cols].fill(bare.clone());
            }
        }
    }

    fn erase(&mut self, from: usize, to: usize) {
        let bare = self.erased();
        for x in from..to.min(self.cols) {
            self.split(x);
            *self.at(x) = bare.clone();
        }
    }

    fn csi(&mut self, body: &str, last: char) {
        if last == 'm' {
            return self.sgr(body);
        }
        if let Some(mode) = body.strip_prefix('?') {
            match (mode, last) {
                ("25", 'h' | 'l') => self.cursor = last == 'h',
                ("2026", 'h' | 'l') => self.synced = last == 'h',
                _ => panic!("mode {body} {last}"),
            }
            return;
        }
        let numbers: Vec<usize> = body.split(';').map(|n| n.parse().unwrap_or(0)).collect();
        let number = |index: usize| numbers.get(index).copied().filter(|n| *n > 0);
        let n = number(0).unwrap_or(1);
        let (top, bottom) = self.margins;
        let was_pending = std::mem::take(&mut self.pending);
        match last {
            'A' => {
                let stop = if self.y >= top { top } else { 0 };
                self.y = self.y.saturating_sub(n).max(stop);
                self.pending = was_pending;
            }
            'B' => {
                let stop = if self.y <= bottom {
                    bottom
                } else {
                    self.rows - 1
                };
                self.y = (self.y + n).min(stop);
                self.pending = was_pending;
            }
            'd' => {
                self.y = n.min(self.rows) - 1;
                self.pending = was_pending;
            }
            'C' | 'D' => {
                assert!(!was_pending, "relative move where terminals differ");
                self.x = if last == 'C' {
                    (self.x + n).min(self.cols - 1)
                } else {
                    self.x.saturating_sub(n)
                };
            }
            'G' => self.x = n.min(self.cols) - 1,
            'H' => {
                self.y = n.min(self.rows) - 1;
                self.x = number(1).unwrap_or(1).min(self.cols) - 1;
            }
            'K' => {
                assert!(!was_pending && body.is_empty());
                self.erase(self.x, self.cols);
            }
            'X' => {
                assert!(!was_pending);
                self.erase(self.x, self.x + n);
            }
            'J' => {
                assert_eq!(body, "2");
                let bare = self.erased();
                self.cells.fill(bare);
            }
            'b' => {
                let c = self.last.expect("something to repeat");
                for _ in 0..n {
                    self.put(c);
                }
            }
            'S' => self.scroll(n as isize),
            'T' => self.scroll(-(n as isize)),
            'r' => {
                let bottom = number(1).unwrap_or(self.rows).min(self.rows);
                assert!(
                    n < bottom || self.rows == 1,
                    "a region has two rows: {body}"
                );
                self.margins = (n - 1, bottom - 1);
                (self.x, self.y) = (0, 0);
            }
            _ => panic!("CSI {body} {last}"),
        }
    }

    fn sgr(&mut self, body: &str) {
        let mut numbers = body.split(';').map(|n| n.parse::<u8>().unwrap_or(0));
        while let Some(n) = numbers.next() {
            let basic = |n: u8, bright: bool| Color::Indexed(n % 10 + if bright { 8 } else { 0 });
            let modifier = |n: u8| match n {
                1 => Modifier::BOLD,
                2 => Modifier::DIM,
                3 => Modifier::ITALIC,
                4 => Modifier::UNDERLINED,
                5 => Modifier::SLOW_BLINK,
                7 => Modifier::REVERSED,
                8 => Modifier::HIDDEN,
                _ => Modifier::CROSSED_OUT,
            };
            match n {
                0 => {
                    let link = std::mem::take(&mut self.pen.link);
                    self.pen = Shown::blank(Color::Reset);
                    self.pen.link = link;
                }
                1..=5 | 7..=9 => self.pen.modifier |= modifier(n),
                22 => self.pen.modifier -= Modifier::BOLD | Modifier::DIM,
                23..=25 | 27..=29 => self.pen.modifier -= modifier(n - 20),
                30..=37 => self.pen.fg = basic(n, false),
                39 => self.pen.fg = Color::Reset,
                40..=47 => self.pen.bg = basic(n, false),
                49 => self.pen.bg = Color::Reset,
                90..=97 => self.pen.fg = basic(n, true),
                100..=107 => self.pen.bg = basic(n, true),
                38 | 48 => {
                    let mut next = || numbers.next().expect("a colour's parts");
                    let color = match next() {
                        5 => Color::Indexed(next()),
                        2 => Color::Rgb(next(), next(), next()),
                        other => panic!("colour kind {other}"),
                    };
                    if n == 38 {
                        self.pen.fg = color;
                    } else {
                        self.pen.bg = color;
                    }
                }
                _ => panic!("SGR {body}"),
            }
        }
    }

    /// What the person must see of a buffer drawn in true colour.
    pub fn expect(&self, buffer: &Buffer) {
        let visible = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
        let mut half_of: Option<usize> = None;
        for (index, cell) in buffer.content.iter().enumerate() {
            let shown = &self.cells[index];
            let place = (index % self.cols, index / self.cols);
            if half_of.take() == Some(index) {
                assert_eq!(shown.text, "", "right half at {place:?}");
                continue;
            }
            let symbol = if cell.symbol().is_empty() {
                " "
            } else {
                cell.symbol()
            };
            assert_eq!(shown.text, symbol, "text at {place:?}");
            assert_eq!(shown.bg, numbered(cell.bg), "background at {place:?}");
            let lines = cell.modifier & visible;
            assert_eq!(shown.modifier & visible, lines, "lines at {place:?}");
            if symbol != " " || lines.contains(Modifier::REVERSED) {
                assert_eq!(shown.fg, numbered(cell.fg), "colour at {place:?}");
            }
            if symbol != " " {
                assert_eq!(shown.modifier, cell.modifier, "modifier at {place:?}");
            }
            if shown.width == 2 {
                half_of = Some(index + 1);
            }
        }
    }
}

/// The sixteen by name and by number are the same.
fn numbered(color: Color) -> Color {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    let number = NAMED.iter().position(|named| *named == color);
    number.map_or(color, |n| Color::Indexed(n as u8))
}
