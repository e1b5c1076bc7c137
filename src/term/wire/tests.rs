mod screen;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use self::screen::Screen;
use super::*;

fn caps() -> Caps {
    let mut caps = Caps::guess(|name| match name {
        "TERM" => Some("xterm-256color".into()),
        "COLORTERM" => Some("truecolor".into()),
        _ => None,
    });
    caps.rep = true;
    caps
}

fn cases(few: u32) -> u32 {
    if std::env::var_os("WF_SOAK").is_some() {
        few * 50
    } else {
        few
    }
}

fn buffer(cols: u16, rows: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, cols, rows))
}

fn lines(lines: &[&str]) -> Buffer {
    Buffer::with_lines(lines.iter().copied())
}

fn drawn(wire: &mut Wire, next: &Buffer) -> Vec<u8> {
    let mut out = Vec::new();
    wire.draw(next, None, &mut out);
    out
}

/// Draws frames one after another and compares the terminal with each.
fn shows(caps: Caps, narrow: bool, frames: &[Buffer]) -> Vec<usize> {
    let area = frames[0].area;
    let mut screen = Screen::new(area.width.into(), area.height.into(), caps.bce, narrow);
    let mut wire = Wire::new(caps);
    let mut sizes = Vec::new();
    for frame in frames {
        let out = drawn(&mut wire, frame);
        screen.feed(&out);
        screen.expect(frame);
        assert!(!screen.synced);
        sizes.push(out.len());
        assert!(drawn(&mut wire, frame).is_empty(), "nothing changed");
    }
    sizes
}

const STYLES: [Style; 9] = [
    Style::new(),
    Style::new().fg(Color::Red),
    Style::new()
        .fg(Color::Rgb(220, 60, 60))
        .add_modifier(Modifier::BOLD),
    Style::new().bg(Color::Rgb(30, 30, 46)),
    Style::new().fg(Color::LightCyan).bg(Color::Rgb(30, 30, 46)),
    Style::new().add_modifier(Modifier::REVERSED),
    Style::new()
        .fg(Color::Indexed(244))
        .add_modifier(Modifier::DIM.union(Modifier::ITALIC)),
    Style::new()
        .bg(Color::Blue)
        .add_modifier(Modifier::UNDERLINED),
    Style::new().add_modifier(Modifier::CROSSED_OUT.union(Modifier::SLOW_BLINK)),
];

const WORDS: [&str; 14] = [
    "high",
    "Credential dumping on 2 endpoints",
    " ",
    "          ",
    "──────────────",
    "xxxxxxxxxxxxxxxxxxxxxxx",
    "日本語の名前",
    "e\u{301}te\u{301}",
    "👩\u{200d}💻 ops",
    "❤\u{fe0f}!",
    "│▌",
    "Привет",
    "a",
    "한",
];

fn change(rng: &mut fastrand::Rng, frame: &mut Buffer) {
    let (cols, rows) = (frame.area.width, frame.area.height);
    let (x, y) = (rng.u16(..cols), rng.u16(..rows));
    let style = STYLES[rng.usize(..STYLES.len())];
    match rng.u8(..10) {
        0..=4 => {
            for _ in 0..rng.usize(1..6) {
                let word = WORDS[rng.usize(..WORDS.len())];
                let (x, y) = (rng.u16(..cols), rng.u16(..rows));
                frame.set_stringn(x, y, word, (cols - x).into(), style);
            }
        }
        5 => {
            for y in 0..rows {
                let words: String = (0..6).map(|_| WORDS[rng.usize(..WORDS.len())]).collect();
                frame.set_stringn(0, y, words, cols.into(), style);
            }
        }
        6 => frame.set_style(Rect::new(x, y, cols - x, 1), style),
        7 => {
            let area = Rect::new(x, y, rng.u16(1..=cols - x), rng.u16(1..=rows - y));
            for position in area.positions() {
                frame[position].reset();
                frame[position].set_style(style);
            }
        }
        _ => {
            // a region moves, whole rows or some columns of them
            let by = rng.u16(1..=rows.min(9));
            let (left, right) = if rng.bool() { (0, cols) } else { (x, cols) };
            let bottom = rng.u16(y..rows) + 1;
            let old = frame.clone();
            for row in y..bottom {
                let from = if rng.bool() || row + by < bottom {
                    row + by
                } else {
                    row
                };
                for col in left..right {
                    let cell = if from < bottom {
                        old[(col, from)].clone()
                    } else {
                        Default::default()
                    };
                    frame[(col, row)] = cell;
                }
            }
        }
    }
    mend(frame);
}

/// A view never leaves halves of wide glyphs behind, and neither may the test.
fn mend(frame: &mut Buffer) {
    let cols = frame.area.width;
    for y in 0..frame.area.height {
        let mut x = 0;
        while x < cols {
            let width = unicode_width::UnicodeWidthStr::width(frame[(x, y)].symbol());
            if width == 2 {
                if x + 1 == cols || frame[(x + 1, y)].symbol() != " " {
                    frame[(x, y)].set_symbol(" ");
                } else {
                    let style = frame[(x, y)].style();
                    frame[(x + 1, y)].set_style(Style::reset()).set_style(style);
                    x += 1;
                }
            }
            x += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the frames, the terminal shows each of them exactly.
    #[test]
    fn the_terminal_shows_every_frame(seed in any::<u64>(), cols in 1..=250_u16, rows in 1..=80_u16, small in any::<bool>(), bce in any::<bool>(), rep in any::<bool>(), scroll in any::<bool>(), narrow in any::<bool>()) {
        let (cols, rows) = if small { (cols % 30 + 1, rows % 12 + 1) } else { (cols, rows) };
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut caps = caps();
        (caps.bce, caps.rep, caps.scroll, caps.sync) = (bce, rep, scroll, true);
        let mut frame = buffer(cols, rows);
        let mut frames = vec![frame.clone()];
        for _ in 0..6 {
            for _ in 0..rng.usize(1..4) {
                change(&mut rng, &mut frame);
            }
            frames.push(frame.clone());
        }
        shows(caps, narrow, &frames);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), failure_persistence: None, ..ProptestConfig::default() })]

    /// The same by an emulator that nobody here wrote.
    #[test]
    fn vt100_shows_every_frame_too(seed in any::<u64>(), cols in 2..=120_u16, rows in 2..=40_u16) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut caps = caps();
        // it erases with the background, but scrolls without
        caps.bce = false;
        let mut wire = Wire::new(caps);
        let mut screen = vt100::Parser::new(size(rows), size(cols), 0);
        let mut frame = buffer(cols, rows);
        for _ in 0..6 {
            change(&mut rng, &mut frame);
            // clusters are a matter of taste between emulators
            for cell in &mut frame.content {
                if cell.symbol().chars().count() > 1 {
                    cell.set_symbol("c");
                }
            }
            mend(&mut frame);
            screen.process(&drawn(&mut wire, &frame));
            for (x, y) in (0..cols).flat_map(|x| (0..rows).map(move |y| (x, y))) {
                let (Some(shown), wanted) = (screen.screen().cell(y, x), &frame[(x, y)]) else {
                    panic!("no cell at {x},{y}")
                };
                if shown.is_wide_continuation() {
                    continue;
                }
                let text = match shown.contents() {
                    "" => " ",
                    text => text,
                };
                prop_assert_eq!(text, wanted.symbol(), "text at {},{}", x, y);
                prop_assert_eq!(shown.inverse(), wanted.modifier.contains(Modifier::REVERSED));
                prop_assert_eq!(shown.underline(), wanted.modifier.contains(Modifier::UNDERLINED));
                prop_assert_eq!(shown.bgcolor(), vt(wanted.bg), "background at {},{}", x, y);
                if text != " " {
                    prop_assert_eq!(shown.fgcolor(), vt(wanted.fg), "colour at {},{}", x, y);
                    // it knows one intensity at a time
                    if !wanted.modifier.contains(Modifier::DIM) {
                        prop_assert_eq!(shown.bold(), wanted.modifier.contains(Modifier::BOLD));
                    }
                }
            }
        }
    }
}

fn size(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).expect("a size")
}

fn vt(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Red => vt100::Color::Idx(1),
        Color::Blue => vt100::Color::Idx(4),
        Color::LightCyan => vt100::Color::Idx(14),
        other => panic!("{other:?} is not among the styles"),
    }
}

/// A list as ours: a frame, a gutter marker, rows that differ.
fn list(cols: u16, rows: u16, top: u16, selected: u16) -> Buffer {
    let mut frame = buffer(cols, rows);
    frame.set_string(
        0,
        0,
        " Incidents · sev>=med",
        Style::new().add_modifier(Modifier::BOLD),
    );
    for y in 1..rows - 1 {
        let n = top + y;
        let marker = if n == selected { "▌" } else { " " };
        frame.set_string(0, y, marker, Style::new().fg(Color::Cyan));
        frame.set_string(1, y, format!("{:05}", n.wrapping_mul(7919)), Style::new());
        frame.set_string(8, y, "high", STYLES[2]);
        let title = format!("Suspicious thing number {n} on host WKS-{:04}", n * 13);
        frame.set_stringn(15, y, title, usize::from(cols - 15), Style::new());
    }
    frame.set_string(0, rows - 1, " t take  c classify", STYLES[6]);
    frame
}

#[test]
fn moving_a_marker_costs_a_dozen_bytes() {
    let frames: Vec<Buffer> = (5..15).map(|selected| list(80, 24, 0, selected)).collect();
    for bytes in &shows(caps(), false, &frames)[2..] {
        assert!(*bytes <= 18, "{bytes} bytes");
    }
}

#[test]
fn scrolling_a_list_costs_its_new_row() {
    let frames: Vec<Buffer> = (0..10).map(|top| list(80, 24, top, top + 22)).collect();
    let sizes = shows(caps(), false, &frames);
    for bytes in &sizes[2..] {
        assert!(*bytes <= 115, "{sizes:?}");
    }
    // and back
    let frames: Vec<Buffer> = (0..10)
        .rev()
        .map(|top| list(80, 24, top, top + 1))
        .collect();
    let sizes = shows(caps(), false, &frames);
    for bytes in &sizes[2..] {
        assert!(*bytes <= 115, "{sizes:?}");
    }
    // a terminal without scroll regions is drawn row by row
    let mut caps = caps();
    caps.scroll = false;
    assert!(shows(caps, false, &frames)[2] > 300);
}

#[test]
fn a_row_is_rewritten_in_one_go() {
    let one = lines(&["alpha  beta   gamma  delta      "]);
    let two = lines(&["alphb  betb   gammb  deltb      "]);
    // three gaps, each crossed by the cheaper of rewriting and moving
    assert!(shows(caps(), false, &[one, two])[1] <= 4 + 4 + 3 * 5 + 3);
}

#[test]
fn a_cleared_line_is_erased_and_a_rule_repeated() {
    let full = lines(&["", &"x".repeat(80), ""]);
    let rule = lines(&["", &"─".repeat(80), ""]);
    let empty = lines(&[&" ".repeat(80), "", ""]);
    let sizes = shows(caps(), false, &[empty.clone(), full, empty, rule]);
    assert!(sizes[1] < 16 && sizes[2] < 16 && sizes[3] < 16, "{sizes:?}");
}

#[test]
fn long_frames_are_synchronized_where_reported_and_only_then() {
    let frames = [list(80, 24, 0, 1), list(80, 24, 50, 51)];
    for sync in [false, true] {
        let mut caps = caps();
        caps.sync = sync;
        let mut wire = Wire::new(caps);
        let out = drawn(&mut wire, &frames[0]);
        assert_eq!(out.starts_with(SYNC_BEGIN) && out.ends_with(SYNC_END), sync);
        drawn(&mut wire, &frames[1]);
        let short = drawn(&mut wire, &list(80, 24, 50, 52));
        assert!(!short.is_empty() && !short.starts_with(SYNC_BEGIN));
    }
}

#[test]
fn the_cursor_is_shown_where_asked_and_nothing_else_is_written() {
    let frame = list(80, 24, 0, 1);
    let mut screen = Screen::new(80, 24, true, false);
    let mut wire = Wire::new(caps());
    let mut draw = |cursor| {
        let mut out = Vec::new();
        wire.draw(&frame, cursor, &mut out);
        screen.feed(&out);
        (screen.cursor, screen.x, screen.y, out.len())
    };
    assert!(!draw(None).0);
    let (shown, x, y, _) = draw(Some((7, 3)));
    assert_eq!((shown, x, y), (true, 7, 3));
    assert_eq!(draw(Some((7, 3))).3, 0);
    let (shown, x, y, bytes) = draw(Some((8, 3)));
    assert_eq!((shown, x, y, bytes), (true, 8, 3, 3));
    assert!(!draw(None).0);
    assert_eq!(draw(None).3, 0);
}

#[test]
fn a_resize_or_repaint_trusts_nothing() {
    let mut wire = Wire::new(caps());
    let small = list(40, 12, 0, 1);
    let large = list(80, 24, 0, 1);
    drawn(&mut wire, &small);
    let mut screen = Screen::new(80, 24, true, false);
    screen.feed(&drawn(&mut wire, &large));
    screen.expect(&large);
    let mut screen = Screen::new(80, 24, true, false);
    wire.repaint();
    screen.feed(&drawn(&mut wire, &large));
    screen.expect(&large);
}

#[test]
fn no_control_character_leaves_whatever_a_cell_holds() {
    let mut frame = buffer(20, 2);
    let hostile = [
        "\x1b",
        "\x07",
        "\u{9b}",
        "\u{202e}",
        "\u{200b}",
        "a\x1b[31m",
        "\u{301}",
        "\n",
        "\x7f",
        "\u{feff}",
        "x\u{202e}",
        "\u{2066}",
        "ab",
        "\u{e0041}",
    ];
    for (x, symbol) in hostile.iter().enumerate() {
        frame[(x as u16, 0)].set_symbol(symbol);
    }
    let mut wire = Wire::new(caps());
    let out = String::from_utf8(drawn(&mut wire, &frame)).unwrap();
    let mut screen = Screen::new(20, 2, true, false);
    screen.feed(out.as_bytes());
    let replaced = screen
        .cells
        .iter()
        .filter(|cell| cell.text == "\u{fffd}")
        .count();
    assert_eq!(replaced, hostile.len() - 1, "{out:?}");
    assert!(
        !out.chars().any(|c| c != '\x1b' && is_trouble(c)),
        "{out:?}"
    );
}

fn is_trouble(c: char) -> bool {
    !matches!(c, '\n' | '\r' | '\u{8}') && crate::term::title::is_hidden(c)
}

#[test]
fn a_wide_glyph_cut_by_a_border_or_the_edge_becomes_blank() {
    let mut frame = buffer(6, 1);
    frame.set_string(0, 0, "日本語", Style::new());
    frame[(3, 0)].set_symbol("│");
    let mut wire = Wire::new(caps());
    let mut screen = Screen::new(6, 1, true, false);
    screen.feed(&drawn(&mut wire, &frame));
    let text: Vec<&str> = screen.cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(text, ["日", "", " ", "│", "語", ""]);
    frame[(5, 0)].set_symbol("語");
    screen.feed(&drawn(&mut wire, &frame));
    assert_eq!(screen.cells[5].text, " ");
}

#[test]
fn without_colours_nothing_but_modifiers_is_sent() {
    let mut caps = caps();
    caps.fix_depth(crate::term::Depth::None);
    let mut wire = Wire::new(caps);
    let mut frame = buffer(40, 2);
    frame.set_string(
        0,
        0,
        "red",
        Style::new().fg(Color::Red).bg(Color::Rgb(1, 2, 3)),
    );
    frame.set_string(
        0,
        1,
        "bold",
        Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
    );
    let out = String::from_utf8(drawn(&mut wire, &frame)).unwrap();
    assert!(out.contains("\x1b[1mbold"), "{out:?}");
    assert!(
        !out.contains("3;") && !out.contains("[3") && !out.contains("[4"),
        "{out:?}"
    );
}

#[test]
fn other_colours_mean_a_repaint() {
    let mut caps = caps();
    caps.depth = crate::term::Depth::Indexed;
    let mut wire = Wire::new(caps.clone());
    let mut frame = buffer(10, 1);
    frame.set_string(0, 0, "red", Style::new().fg(Color::Rgb(255, 0, 0)));
    let out = String::from_utf8(drawn(&mut wire, &frame)).unwrap();
    assert!(out.contains("38;5;196"), "{out:?}");
    caps.depth = crate::term::Depth::True;
    wire.set_caps(caps);
    let out = String::from_utf8(drawn(&mut wire, &frame)).unwrap();
    assert!(out.contains("38;2;255;0;0"), "{out:?}");
}

#[test]
fn links_are_written_around_their_cells_and_only_if_https() {
    let frame = lines(&["open the portal or the file"]);
    let link = |cols, url: &str| Link {
        row: 0,
        cols,
        url: url.into(),
    };
    let links = [
        link(9..15, "https://security.microsoft.com/incidents/1"),
        link(23..27, "file:///etc/passwd"),
        link(90..99, "https://x.example/"),
    ];
    let mut wire = Wire::new(caps());
    let mut screen = Screen::new(27, 1, true, false);
    let mut out = Vec::new();
    wire.draw_linked(&frame, None, &links, &mut out);
    screen.feed(&out);
    screen.expect(&frame);
    for (x, cell) in screen.cells.iter().enumerate() {
        let url = if (9..15).contains(&x) {
            links[0].url.as_str()
        } else {
            ""
        };
        assert_eq!(cell.link, url, "at {x}");
    }
    let mut out = Vec::new();
    wire.draw_linked(&frame, None, &[], &mut out);
    screen.feed(&out);
    assert!(screen.cells.iter().all(|cell| cell.link.is_empty()));
}

#[test]
fn more_looks_than_the_table_holds_are_survived() {
    let mut wire = Wire::new(caps());
    let mut screen = Screen::new(100, 30, true, false);
    for round in 0..6_u8 {
        let mut frame = buffer(100, 30);
        for (n, cell) in frame.content.iter_mut().enumerate() {
            let color = Color::Rgb(round, (n >> 8) as u8, n as u8);
            cell.set_symbol("x").set_fg(color);
        }
        screen.feed(&drawn(&mut wire, &frame));
        screen.expect(&frame);
    }
}

#[test]
fn an_empty_area_draws_nothing() {
    let mut wire = Wire::new(caps());
    assert!(drawn(&mut wire, &buffer(0, 0)).is_empty());
    assert!(drawn(&mut wire, &buffer(10, 0)).is_empty());
}
