//! Where things stand on the screen: pure arithmetic used by `app` (how many rows fit) and `view` (where to draw).

use ratatui::layout::Rect;

/// The parts of the screen for a size and for whether a detail is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Tenant, principal, news.
    pub header: Rect,
    pub tabs: Rect,
    /// What stands above the list; empty for most.
    pub strip: Rect,
    /// The list's title line, or nothing when the detail covers it.
    pub list: Rect,
    /// The detail; empty when closed.
    pub detail: Rect,
    /// Sentences below the list's rows: what is hidden, what went wrong.
    pub notes: Rect,
    /// Keys of this place, or the line being typed.
    pub footer: Rect,
}

/// Whether a detail is open, and which side has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    No,
    /// The list has the focus: the detail is looked at without leaving the list.
    Peek,
    Focus,
}

/// Lays out a screen. Total for any size, also 0x0. `side_by_side`: from this width on list and detail share the body;
/// below it a detail that is only peeked at lies under the list. `notes`: lines below the list's rows.
pub fn layout(width: u16, height: u16, open: Open, side_by_side: u16, notes: u16) -> Layout {
    let line = |y: u16| Rect {
        x: 0,
        y: y.min(height),
        width,
        height: u16::from(y < height),
    };
    let footer_y = height.saturating_sub(1);
    let body = Rect {
        x: 0,
        y: 2.min(height),
        width,
        height: height.saturating_sub(3),
    };
    let none = Rect {
        x: 0,
        y: body.y,
        width: 0,
        height: 0,
    };
    let (list, detail) = match (open, width >= side_by_side) {
        (Open::No, _) => (body, none),
        (Open::Focus, false) => (none, body),
        (Open::Peek, false) => {
            // title, headings and a few rows around the cursor; the rest is the detail's
            let above = (body.height * 2 / 5).clamp(body.height.min(4), 12);
            let list = Rect {
                height: above,
                ..body
            };
            let detail = Rect {
                y: list.bottom(),
                height: body.height - above,
                ..body
            };
            (list, detail)
        }
        (_, true) => {
            // the list keeps what its columns need; the detail gets a little less than half
            let right = (u32::from(width) * 9 / 20).max(48).min(u32::from(width)) as u16;
            (
                Rect {
                    width: width - right,
                    ..body
                },
                Rect {
                    x: width - right,
                    width: right,
                    ..body
                },
            )
        }
    };
    // a list keeps a few rows, whatever there is to say
    let notes = if list.width > 0 {
        notes.min(list.height.saturating_sub(5))
    } else {
        0
    };
    let rows = Rect {
        height: list.height - notes,
        ..list
    };
    Layout {
        header: line(0),
        tabs: line(1),
        strip: none,
        list: rows,
        notes: Rect {
            y: rows.bottom(),
            height: notes,
            ..list
        },
        detail,
        footer: if footer_y > 1 {
            line(footer_y)
        } else {
            line(height)
        },
    }
}

impl Layout {
    /// Gives lines above the list to what stands there. A list keeps at least six lines; where even that is too much,
    /// nothing stands above it.
    pub fn with_strip(self, lines: u16) -> Self {
        let room = self.list.height.saturating_sub(6);
        let lines = lines.min(room);
        if self.list.width == 0 || lines == 0 {
            return self;
        }
        Self {
            strip: Rect {
                height: lines,
                ..self.list
            },
            list: Rect {
                y: self.list.y + lines,
                height: self.list.height - lines,
                ..self.list
            },
            ..self
        }
    }

    /// Rows of entities that fit below the list's title and heading lines.
    pub fn list_rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_inside_the_screen_at_any_size() {
        for w in 0..260 {
            for h in 0..90 {
                for (open, notes) in [
                    (Open::No, 0),
                    (Open::Peek, 2),
                    (Open::No, 2),
                    (Open::Focus, 0),
                ] {
                    let l = layout(w, h, open, 110, notes);
                    for r in [l.header, l.tabs, l.list, l.detail, l.footer, l.notes] {
                        assert!(r.right() <= w && r.bottom() <= h, "{w}x{h} {r:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn eighty_columns_give_the_detail_the_whole_body() {
        assert_eq!(layout(80, 24, Open::Focus, 110, 0).detail.width, 80);
        assert_eq!(layout(80, 24, Open::Focus, 110, 0).list.width, 0);
        let wide = layout(120, 40, Open::Focus, 110, 1);
        assert!(wide.list.width > 50 && wide.detail.width >= 48);
        let peek = layout(80, 24, Open::Peek, 110, 0);
        assert!(peek.list_rows() >= 5 && peek.detail.height >= 10);
        assert_eq!(peek.list.bottom(), peek.detail.y);
    }
}
