//! What a frame of 120x40 costs to encode: a list with a detail beside it, moved in, scrolled and paged.

use divan::{Bencher, black_box};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use watchfloor::term::{Caps, Depth, Wire};

const COLS: u16 = 120;
const ROWS: u16 = 40;
const LIST: u16 = 80;
const TITLES: [&str; 5] = [
    "Suspicious PowerShell download cradle",
    "Credential dumping on 2 endpoints",
    "Impossible travel activity",
    "Phishing mail delivered, then removed",
    "Multi-stage incident: initial access & lateral movement",
];
const SEVERITIES: [(&str, Color); 3] = [
    ("low", Color::Rgb(120, 160, 220)),
    ("med", Color::Rgb(230, 180, 80)),
    ("high", Color::Rgb(235, 90, 90)),
];

fn main() {
    divan::main();
}

fn frame(top: usize, selected: usize) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, COLS, ROWS));
    let strong = Style::new().add_modifier(Modifier::BOLD);
    let quiet = Style::new().fg(Color::Rgb(140, 150, 170));
    buffer.set_string(0, 0, " Incidents · sev>=med · 1,987", strong);
    for y in 1..ROWS - 1 {
        let n = top + usize::from(y);
        let (severity, color) = SEVERITIES[n % 3];
        if n == selected {
            buffer.set_string(0, y, "▌", Style::new().fg(Color::Cyan));
        }
        buffer.set_string(1, y, format!("{:05}", n * 7919 % 100_000), Style::new());
        buffer.set_string(8, y, severity, Style::new().fg(color));
        buffer.set_string(14, y, format!("WKS-{:04}", n * 31 % 10_000), Style::new());
        let title = TITLES[n * 7 % TITLES.len()];
        buffer.set_stringn(24, y, title, usize::from(LIST - 32), Style::new());
        buffer.set_string(LIST - 7, y, format!("{}m", n % 60), quiet);
        buffer.set_string(LIST, y, "│", quiet);
    }
    let detail = [
        format!("Incident {selected}"),
        TITLES[selected * 7 % TITLES.len()].to_owned(),
        format!("WKS-{:04} opened an attachment", selected * 31 % 10_000),
    ];
    for (y, line) in (2..).zip(detail) {
        buffer.set_stringn(LIST + 2, y, line, 38, Style::new());
    }
    buffer
}

fn caps() -> Caps {
    let mut caps = Caps::guess(|name| (name == "TERM").then(|| "xterm-256color".to_owned()));
    caps.fix_depth(Depth::True);
    caps
}

/// Draws the frames round and round.
fn drawn(bencher: Bencher, frames: Vec<Buffer>) {
    let mut wire = Wire::new(caps());
    let mut out = Vec::new();
    let mut next = 0;
    bencher.bench_local(move || {
        out.clear();
        wire.draw(black_box(&frames[next]), None, &mut out);
        next = (next + 1) % frames.len();
        black_box(out.len())
    });
}

#[divan::bench]
fn nothing_changed(bencher: Bencher) {
    drawn(bencher, vec![frame(0, 1)]);
}

#[divan::bench]
fn one_row_down(bencher: Bencher) {
    drawn(bencher, (1..30).map(|n| frame(0, n)).collect());
}

#[divan::bench]
fn scrolled_by_one(bencher: Bencher) {
    drawn(bencher, (0..200).map(|n| frame(n, n + 38)).collect());
}

#[divan::bench]
fn next_page(bencher: Bencher) {
    drawn(
        bencher,
        (0..50).map(|n| frame(n * 38, n * 38 + 1)).collect(),
    );
}

#[divan::bench]
fn whole_screen(bencher: Bencher) {
    let buffer = frame(0, 1);
    let mut wire = Wire::new(caps());
    let mut out = Vec::new();
    bencher.bench_local(move || {
        out.clear();
        wire.repaint();
        wire.draw(black_box(&buffer), None, &mut out);
        black_box(out.len())
    });
}
