//! The screen at three sizes, with a fixed clock and rows made by hand.

use super::draw;
use crate::app::App;
use crate::app::fixture::*;
use crate::model::{Fault, FaultKind, Kind, Service};
use crate::msg::{Body, Event, Level, News, Origin, Reply, Slot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

fn screen(app: &App) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    let caret = draw(app, &app.theme, &mut buf);
    let mut out = text(&buf);
    if let Some((x, y)) = caret {
        out.push_str(&format!("cursor at {x},{y}\n"));
    }
    out
}

/// The buffer as text, a line a row, blanks at the ends of lines removed.
fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn the_list_at_three_sizes() {
    for (w, h) in [(80, 24), (120, 40), (40, 12)] {
        insta::assert_snapshot!(format!("list_{w}x{h}"), screen(&filled(w, h)));
    }
}
