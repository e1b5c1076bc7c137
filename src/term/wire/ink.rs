//! Colours as the terminal has them, and the fewest bytes from one style to another.

use ratatui::style::{Color, Modifier};

use crate::term::caps::Depth;

/// A colour of the terminal's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Ink {
    #[default]
    Default,
    Index(u8),
    Rgb(u8, u8, u8),
}

/// How a cell looks, apart from its glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Look {
    pub fg: Ink,
    pub bg: Ink,
    pub modifier: Modifier,
    /// Number of the link in the wire's table, 0 for none.
    pub link: u16,
}

/// Modifiers that show on an empty cell.
const ON_BLANK: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

const ON: [(Modifier, &str); 8] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

const INTENSITY: Modifier = Modifier::BOLD.union(Modifier::DIM);

impl Look {
    pub(super) fn new(fg: Color, bg: Color, modifier: Modifier, depth: Depth) -> Self {
        let mut modifier = modifier;
        if modifier.contains(Modifier::RAPID_BLINK) {
            modifier -= Modifier::RAPID_BLINK;
            modifier |= Modifier::SLOW_BLINK;
        }
        Self {
            fg: map(fg, depth),
            bg: map(bg, depth),
            modifier,
            link: 0,
        }
    }

    /// The look of a space of this look: all that shows is the background, unless a line or reverse does.
    pub(super) fn of_blank(self) -> Self {
        if self.is_plain() {
            Self {
                bg: self.bg,
                ..Self::default()
            }
        } else {
            self
        }
    }

    /// Whether a space written, or a cell erased, in this look shows nothing but the background.
    pub(super) fn is_plain(self) -> bool {
        !self.modifier.intersects(ON_BLANK) && self.link == 0
    }
}

/// Appends the shortest SGR sequence that leads from one look to another; links are not its business.
pub(super) fn sgr(from: Look, to: Look, out: &mut Vec<u8>) {
    if (from.fg, from.bg, from.modifier) == (to.fg, to.bg, to.modifier) {
        return;
    }
    let whole = from_nothing(to);
    let step = from_look(from, to);
    out.extend_from_slice(b"\x1b[");
    let shorter = if whole.len() <= step.len() {
        whole
    } else {
        step
    };
    out.extend_from_slice(shorter.as_bytes());
    out.push(b'm');
}

/// Parameters that begin with a reset: `` alone, or `;1;…`.
fn from_nothing(to: Look) -> String {
    let mut parameters = Parameters(String::new());
    for (modifier, on) in ON {
        if to.modifier.contains(modifier) {
            parameters.add(on);
        }
    }
    if to.fg != Ink::Default {
        parameters.add(&colour(to.fg, 30));
    }
    if to.bg != Ink::Default {
        parameters.add(&colour(to.bg, 40));
    }
    match parameters.0 {
        empty if empty.is_empty() => empty,
        rest => format!(";{rest}"),
    }
}

fn from_look(from: Look, to: Look) -> String {
    let mut parameters = Parameters(String::new());
    let lost = from.modifier - to.modifier;
    let mut got = to.modifier - from.modifier;
    if lost.intersects(INTENSITY) {
        // one number ends both
        parameters.add("22");
        got |= to.modifier & INTENSITY;
    }
    for (modifier, on) in ON {
        if lost.contains(modifier) && !INTENSITY.contains(modifier) {
            parameters.add(&format!("2{on}"));
        }
    }
    for (modifier, on) in ON {
        if got.contains(modifier) {
            parameters.add(on);
        }
    }
    if from.fg != to.fg {
        parameters.add(&colour(to.fg, 30));
    }
    if from.bg != to.bg {
        parameters.add(&colour(to.bg, 40));
    }
    parameters.0
}

struct Parameters(String);

impl Parameters {
    fn add(&mut self, parameter: &str) {
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(parameter);
    }
}

fn colour(ink: Ink, base: u8) -> String {
    match ink {
        Ink::Default => (base + 9).to_string(),
        Ink::Index(n @ 0..=7) => (base + n).to_string(),
        Ink::Index(n @ 8..=15) => (base + 52 + n).to_string(),
        Ink::Index(n) => format!("{};5;{n}", base + 8),
        Ink::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

fn map(color: Color, depth: Depth) -> Ink {
    let ink = match color {
        Color::Reset => Ink::Default,
        Color::Black => Ink::Index(0),
        Color::Red => Ink::Index(1),
        Color::Green => Ink::Index(2),
        Color::Yellow => Ink::Index(3),
        Color::Blue => Ink::Index(4),
        Color::Magenta => Ink::Index(5),
        Color::Cyan => Ink::Index(6),
        Color::Gray => Ink::Index(7),
        Color::DarkGray => Ink::Index(8),
        Color::LightRed => Ink::Index(9),
        Color::LightGreen => Ink::Index(10),
        Color::LightYellow => Ink::Index(11),
        Color::LightBlue => Ink::Index(12),
        Color::LightMagenta => Ink::Index(13),
        Color::LightCyan => Ink::Index(14),
        Color::White => Ink::Index(15),
        Color::Indexed(n) => Ink::Index(n),
        Color::Rgb(r, g, b) => Ink::Rgb(r, g, b),
    };
    match (depth, ink) {
        (_, Ink::Default) | (Depth::None, _) => Ink::Default,
        (Depth::True, _) | (_, Ink::Index(0..=15)) => ink,
        (Depth::Indexed, Ink::Rgb(r, g, b)) => Ink::Index(nearest_of_256((r, g, b))),
        (Depth::Indexed, _) => ink,
        (Depth::Sixteen, Ink::Index(n)) => Ink::Index(nearest_of_16(rgb_of(n))),
        (Depth::Sixteen, Ink::Rgb(r, g, b)) => Ink::Index(nearest_of_16((r, g, b))),
    }
}

type Triple = (u8, u8, u8);

const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
/// What terminals commonly show for the first sixteen; nobody can know what this one does.
const BASIC: [Triple; 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

fn rgb_of(index: u8) -> Triple {
    match index {
        0..=15 => BASIC[usize::from(index)],
        16..=231 => {
            let n = usize::from(index - 16);
            (LEVELS[n / 36], LEVELS[n / 6 % 6], LEVELS[n % 6])
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// Weighted by what the eye notices ("redmean").
fn distance(a: Triple, b: Triple) -> i32 {
    let mean = (i32::from(a.0) + i32::from(b.0)) / 2;
    let (r, g, b) = (
        i32::from(a.0) - i32::from(b.0),
        i32::from(a.1) - i32::from(b.1),
        i32::from(a.2) - i32::from(b.2),
    );
    (((512 + mean) * r * r) >> 8) + 4 * g * g + (((767 - mean) * b * b) >> 8)
}

fn nearest(rgb: Triple, among: impl Iterator<Item = u8>) -> u8 {
    among
        .min_by_key(|index| distance(rgb, rgb_of(*index)))
        .unwrap_or(7)
}

fn nearest_of_256(rgb: Triple) -> u8 {
    // not the first sixteen: users choose those themselves
    nearest(rgb, 16..=255)
}

fn nearest_of_16(rgb: Triple) -> u8 {
    nearest(rgb, 0..=15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: Look, to: Look) -> String {
        let mut out = Vec::new();
        sgr(from, to, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn look(fg: Color, bg: Color, modifier: Modifier) -> Look {
        Look::new(fg, bg, modifier, Depth::True)
    }

    #[test]
    fn the_shorter_of_step_and_reset_is_taken() {
        let plain = Look::default();
        let red = look(Color::Red, Color::Reset, Modifier::empty());
        let bold = look(Color::Red, Color::Reset, Modifier::BOLD);
        let loud = look(Color::Rgb(1, 2, 3), Color::Rgb(4, 5, 6), Modifier::BOLD);
        assert_eq!(step(plain, plain), "");
        assert_eq!(step(plain, red), "\x1b[31m");
        assert_eq!(step(red, bold), "\x1b[1m");
        assert_eq!(step(bold, red), "\x1b[22m");
        assert_eq!(step(loud, plain), "\x1b[m");
        assert_eq!(step(loud, red), "\x1b[;31m");
        let dim = look(Color::Red, Color::Reset, Modifier::DIM);
        assert_eq!(step(bold, dim), "\x1b[22;2m");
    }

    #[test]
    fn colours_are_mapped_to_what_there_is() {
        let at = |depth| Look::new(Color::Rgb(255, 0, 0), Color::Reset, Modifier::BOLD, depth);
        assert_eq!(at(Depth::True).fg, Ink::Rgb(255, 0, 0));
        assert_eq!(at(Depth::Indexed).fg, Ink::Index(196));
        assert_eq!(at(Depth::Sixteen).fg, Ink::Index(9));
        assert_eq!(at(Depth::None).fg, Ink::Default);
        assert_eq!(at(Depth::None).modifier, Modifier::BOLD);
        assert_eq!(nearest_of_256((8, 8, 8)), 232);
        assert_eq!(
            Look::new(
                Color::LightBlue,
                Color::Black,
                Modifier::empty(),
                Depth::Sixteen
            ),
            look(Color::LightBlue, Color::Black, Modifier::empty())
        );
    }
}
