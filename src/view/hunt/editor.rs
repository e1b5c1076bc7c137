//! The query's text: numbers, colours, wrong places underlined, the mark, and the list of completions.

use super::super::popup::{cursor_bar, frame_at, put, put_cut, wrap};
use super::super::theme::Theme;
use crate::app::App;
use crate::app::hunt::popup::LINES;
use crate::app::hunt::search::matches;
use crate::app::hunt::{Focus, GUTTER, cells, cluster_width};
use crate::resource::doc::Tone;
use kql::service::Colour;
use kql::syntax::Severity;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;
use table::Txt;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The style of a colour: few of them, so that a query can be read at a glance.
fn style(colour: Colour, theme: &Theme) -> Style {
    match colour {
        Colour::Comment => theme.dim,
        Colour::Table | Colour::Database | Colour::MaterializedView => theme.tone(Tone::Good),
        Colour::QueryOperator | Colour::Keyword | Colour::Command | Colour::Directive => theme.key,
        Colour::Function | Colour::Type => theme.tone(Tone::Low),
        Colour::Literal | Colour::StringLiteral => theme.tone(Tone::Medium),
        Colour::Variable | Colour::Parameter | Colour::ClientParameter | Colour::QueryParameter => {
            theme.accent
        }
        _ => theme.text,
    }
}

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let query = app.hunt.query();
    let e = &query.editor;
    let text = e.text();
    let (row, within) = e.place();
    let mark = e.selection().unwrap_or(0..0);
    let here = query.known.at(text, e.cursor()).map(|(b, _)| b);
    let sought = app.hunt.search.as_ref();
    let found = sought.map_or_else(Vec::new, |s| matches(text, s.find.text()));
    let pair = query.known.brackets(text, e.cursor());
    let mut caret = None;
    for line in 0..area.height {
        let n = e.top + usize::from(line);
        let y = area.y + line;
        if n >= e.lines().len() {
            put(buf, area.x + 2, y, "~", 1, theme.dim);
            continue;
        }
        let bytes = e.line(n);
        // which lines a run means is seen beside them
        let inside = here
            .as_ref()
            .is_some_and(|b| bytes.start < b.end && bytes.end >= b.start);
        let number = format!("{:>3}", n + 1);
        let style = if n == row { theme.accent } else { theme.dim };
        put(buf, area.x, y, &number, GUTTER, style);
        if inside {
            put(buf, area.x + GUTTER - 1, y, "│", 1, theme.border);
        }
        let mut painter = Painter {
            x: area.x + GUTTER,
            from: e.left,
            right: area.right(),
            y,
        };
        let mut at = bytes.start;
        query.known.colours(text, bytes.clone(), |range, colour| {
            painter.put(buf, &text[at..range.start], theme.text);
            painter.put(
                buf,
                &text[range.clone()],
                super::editor::style(colour, theme),
            );
            at = range.end;
        });
        painter.put(buf, &text[at.min(bytes.end)..bytes.end], theme.text);
        let place = |range: Range<usize>| {
            let from = cells(&text[bytes.start..range.start.clamp(bytes.start, bytes.end)]);
            let to = cells(&text[bytes.start..range.end.clamp(bytes.start, bytes.end)]);
            let x = |cell: usize| {
                (area.x + GUTTER)
                    .saturating_add(cell.saturating_sub(e.left) as u16)
                    .min(area.right())
            };
            (x(from), x(to.max(from + 1)))
        };
        let mut paint = |range: Range<usize>, style: Style| {
            if range.start < bytes.end && range.end > bytes.start {
                let (x, to) = place(range);
                let one = Rect {
                    x,
                    y,
                    width: to - x,
                    height: 1,
                };
                buf.set_style(one, style);
            }
        };
        for found in &found {
            paint(found.clone(), theme.found);
        }
        if let Some((a, b)) = pair {
            for at in [a, b] {
                let bold = Style::new().add_modifier(Modifier::BOLD);
                paint(at..at + 1, theme.key.patch(bold));
            }
        }
        if let Some(refused) = query.refused()
            && refused.place.start <= bytes.end
            && refused.place.end >= bytes.start
        {
            let (x, to) = place(refused.place.clone());
            let under = Style::new().add_modifier(Modifier::UNDERLINED);
            let one = Rect {
                x,
                y,
                width: to - x,
                height: 1,
            };
            buf.set_style(one, under.patch(theme.problem));
        }
        for (range, finding) in query.known.findings(text, bytes.clone()) {
            if finding.severity != Severity::Error && finding.severity != Severity::Warning {
                continue;
            }
            if range.start > bytes.end || range.end < bytes.start {
                continue;
            }
            let (x, to) = place(range);
            let under = Style::new().add_modifier(Modifier::UNDERLINED);
            let under = if finding.severity == Severity::Error {
                under.patch(theme.problem)
            } else {
                under
            };
            buf.set_style(
                Rect {
                    x,
                    y,
                    width: to - x,
                    height: 1,
                },
                under,
            );
        }
        if mark.start < bytes.end.max(bytes.start + 1) && mark.end > bytes.start && !mark.is_empty()
        {
            let (x, to) = place(mark.clone());
            let marked = Style::new().add_modifier(Modifier::REVERSED);
            buf.set_style(
                Rect {
                    x,
                    y,
                    width: to - x,
                    height: 1,
                },
                marked,
            );
        }
        if n == row {
            let cell = cells(&e.lines()[n][..within]);
            let x = area.x + GUTTER + cell.saturating_sub(e.left) as u16;
            caret = Some((x.min(area.right().saturating_sub(1)), y));
        }
    }
    if app.hunt.focus == Focus::Results {
        buf.set_style(area, theme.dim);
    }
    if text.is_empty() && area.height > 0 {
        let words = "write a query; Ctrl-Space completes, F5 runs, F1 tells the keys";
        let x = area.x + GUTTER;
        put_cut(buf, x, area.y, words, area.width - GUTTER, theme.dim);
    }
    caret
}

/// One line of a query elsewhere than in the editor, in its colours. `start` is its first byte in the text of `pieces`.
pub fn coloured(
    buf: &mut Buffer,
    theme: &Theme,
    area: Rect,
    line: &str,
    start: usize,
    pieces: &[kql::service::Piece],
) {
    let mut painter = Painter {
        x: area.x,
        from: 0,
        right: area.right(),
        y: area.y,
    };
    let mut at = 0;
    let first = pieces.partition_point(|p| (p.end as usize) <= start);
    for piece in &pieces[first..] {
        let from = (piece.start as usize).saturating_sub(start).max(at);
        let to = (piece.end as usize).saturating_sub(start).min(line.len());
        if from >= line.len() {
            break;
        }
        let (Some(before), Some(inside)) = (line.get(at..from), line.get(from..to)) else {
            break;
        };
        painter.put(buf, before, theme.text);
        painter.put(buf, inside, style(piece.colour, theme));
        at = to;
    }
    painter.put(buf, line.get(at..).unwrap_or_default(), theme.text);
}

/// Puts clusters side by side from a cell of the line on.
struct Painter {
    x: u16,
    /// Cells still left of what is in sight.
    from: usize,
    right: u16,
    y: u16,
}

impl Painter {
    fn put(&mut self, buf: &mut Buffer, text: &str, style: Style) {
        for cluster in text.graphemes(true) {
            let width = cluster_width(cluster);
            if self.from >= width && width > 0 {
                self.from -= width;
                continue;
            }
            let cut = std::mem::take(&mut self.from);
            let room = self.right.saturating_sub(self.x);
            let width = (width - cut) as u16;
            if width > room {
                self.x = self.right;
                return;
            }
            if cut == 0 && cluster != "\t" {
                put(buf, self.x, self.y, &Txt::new(cluster).shown(), room, style);
            }
            self.x += width;
        }
    }
}

/// The list of completions under the cursor, or above where there is no room.
pub fn popup(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(popup) = &app.hunt.popup else { return };
    let e = &app.hunt.query().editor;
    let row = e.line_of(popup.word.start);
    let cell = cells(&e.text()[e.line(row).start..popup.word.start]);
    let (x, y) = (
        area.x + GUTTER + cell.saturating_sub(e.left) as u16,
        area.y + row.saturating_sub(e.top) as u16,
    );
    let height = popup.items.len().min(LINES) as u16 + 2;
    let widest = popup.items.iter().skip(popup.top).take(LINES);
    let width = widest
        .map(|i| i.label.width() + i.kind.len() + 3)
        .max()
        .unwrap_or(0)
        .clamp(20, 60) as u16
        + 2;
    let x = x
        .saturating_sub(1)
        .min(buf.area.right().saturating_sub(width));
    let below = y + 1 + height <= buf.area.bottom();
    let y = if below {
        y + 1
    } else {
        y.saturating_sub(height)
    };
    let area = Rect {
        x,
        y,
        width,
        height,
    }
    .intersection(buf.area);
    let inner = frame_at(buf, theme, "", area);
    for (n, item) in popup.items.iter().enumerate().skip(popup.top).take(LINES) {
        let y = inner.y + (n - popup.top) as u16;
        if y >= inner.bottom() {
            break;
        }
        let here = n == popup.at;
        let style = if here { theme.cursor } else { theme.popup };
        cursor_bar(buf, theme, inner.x, y, here);
        let room = inner.width.saturating_sub(item.kind.len() as u16 + 2);
        let label = Txt::new(&item.label).shown().into_owned();
        put_cut(buf, inner.x + 1, y, &label, room, style);
        let x = inner.right().saturating_sub(item.kind.len() as u16);
        put(buf, x, y, item.kind, inner.right() - x, theme.dim);
    }
}

/// The box about a name or a call: above its line, or below where there is no room.
pub fn tip(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(tip) = &app.hunt.tip else { return };
    let e = &app.hunt.query().editor;
    let row = e.line_of(tip.at);
    let Some(line) = row.checked_sub(e.top) else {
        return;
    };
    let cell = cells(&e.text()[e.line(row).start..tip.at.min(e.line(row).end)]);
    let width = area.width.saturating_sub(2).min(72);
    let inside = usize::from(width.saturating_sub(4)).max(1);
    let safe = |t: &str| Txt::new(t).shown().into_owned();
    let title = safe(&tip.about.title);
    let mut lines: Vec<(String, Style)> = wrap(&title, inside)
        .into_iter()
        .map(|l| (l.to_owned(), theme.head))
        .collect();
    let heads = lines.len();
    for text in [&tip.about.text, &tip.about.example] {
        let text = safe(text);
        let style = if text == safe(&tip.about.example) {
            theme.dim
        } else {
            theme.text
        };
        lines.extend(
            wrap(&text, inside)
                .into_iter()
                .filter(|l| !l.is_empty())
                .map(|l| (l.to_owned(), style)),
        );
    }
    lines.truncate(8);
    let height = lines.len() as u16 + 2;
    let widest = lines.iter().map(|(l, _)| l.width()).max().unwrap_or(0) as u16;
    let width = (widest + 4).min(width);
    let y = area.y + line as u16;
    let y = if y >= area.y + height {
        y.saturating_sub(height)
    } else {
        y + 1
    };
    let x = (area.x + GUTTER + cell.saturating_sub(e.left) as u16)
        .min(buf.area.right().saturating_sub(width));
    let frame = Rect {
        x,
        y,
        width,
        height,
    }
    .intersection(buf.area);
    let inner = frame_at(buf, theme, "", frame);
    for (n, (text, style)) in lines.iter().enumerate() {
        let y = inner.y + n as u16;
        if y >= inner.bottom() {
            break;
        }
        put_cut(
            buf,
            inner.x + 1,
            y,
            text,
            inner.width.saturating_sub(1),
            *style,
        );
    }
    // the parameter that is being written, where the title is one line
    if let Some((from, to)) = tip.about.parameter
        && heads == 1
        && let (Some(before), Some(word)) = (title.get(..from), title.get(from..to))
    {
        let x = inner.x + 1 + before.width() as u16;
        put_cut(
            buf,
            x,
            inner.y,
            word,
            inner.right().saturating_sub(x),
            theme.key,
        );
    }
}
