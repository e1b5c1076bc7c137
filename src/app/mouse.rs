//! The mouse, where it is switched on: a click selects or opens, the wheel scrolls, tabs can be clicked.

use super::App;
use super::able::HUNTING;
use super::action::moving::{self, Move};
use super::overlay::{Overlay, Step};
use super::posture;
use crate::msg::Effect;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

/// Lines a notch of the wheel moves.
const NOTCH: isize = 3;

/// A tab of the tab line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    List(usize),
    Hunt,
}

impl Tab {
    /// Its number and title.
    pub fn words(self, app: &App) -> (char, &'static str) {
        match self {
            Self::List(n) => app.panes.get(n).map_or((' ', ""), |p| match p.spec.digit {
                posture::DIGIT => (p.spec.digit, posture::TITLE),
                digit => (digit, p.spec.title),
            }),
            Self::Hunt => ('5', "Hunt"),
        }
    }

    /// Its title where the line has no room for all of them.
    fn short(self, app: &App) -> &'static str {
        match self.words(app).1 {
            "Indicators" => "IoCs",
            title => title,
        }
    }

    /// Whether it is in front.
    pub fn is_front(self, app: &App) -> bool {
        match self {
            // several lists may stand under one number
            Self::List(n) => {
                let digit = app.panes.get(n).map(|p| p.spec.digit);
                !app.hunting && digit == Some(app.pane().spec.digit)
            }
            Self::Hunt => app.hunting,
        }
    }

    /// Why it cannot be read.
    pub fn usable(self, app: &App) -> Result<(), String> {
        match self {
            Self::List(_) if self.words(app).0 == posture::DIGIT => posture::able(app),
            Self::List(n) => app.usable(n),
            Self::Hunt => app.hunt_blocked().map_or(Ok(()), Err),
        }
    }
}

/// Where each tab stands in the tab line, and the title it has there: the same for drawing and clicking.
pub fn tabs(app: &App, area: Rect) -> Vec<(Tab, &'static str, Rect)> {
    let lists = 0..app.panes.len();
    let mut all: Vec<Tab> = lists
        .filter(|n| !app.panes.get(*n).is_some_and(|p| app.is_list_off(p.spec)))
        .map(Tab::List)
        .collect();
    // what is gone to by name has no place in the line
    all.retain(|t| t.words(app).0 != ' ');
    if !app.is_off(HUNTING) {
        all.push(Tab::Hunt);
    }
    all.sort_by_key(|t| t.words(app).0);
    all.dedup_by_key(|t| t.words(app).0);
    let full = |gap: u16| -> bool {
        let width = |t: &Tab| t.words(app).1.len() as u16 + 2 + gap;
        // the line begins with a blank, and the last title needs none after it
        all.iter().map(width).sum::<u16>() <= area.width
    };
    let (roomy, fits) = (full(2), full(1));
    let mut x = area.x + 1;
    let mut out = Vec::new();
    for tab in all.iter().copied() {
        let title = match fits {
            true => tab.words(app).1,
            false => tab.short(app),
        };
        let width = (title.len() as u16 + 2).min(area.right().saturating_sub(x));
        if width == 0 || area.height == 0 {
            break;
        }
        out.push((
            tab,
            title,
            Rect {
                x,
                y: area.y,
                width,
                height: 1,
            },
        ));
        x += width + if roomy { 2 } else { 1 };
    }
    out
}

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent, fx: &mut Vec<Effect>) {
        let at = Position {
            x: event.column,
            y: event.row,
        };
        match event.kind {
            MouseEventKind::ScrollDown => self.wheel(NOTCH, at, fx),
            MouseEventKind::ScrollUp => self.wheel(-NOTCH, at, fx),
            MouseEventKind::Down(MouseButton::Left) => self.click(at, fx),
            MouseEventKind::Drag(MouseButton::Left) if self.hunting => {
                self.hunt_click(at, true, fx);
            }
            _ => self.dirty = false,
        }
    }

    fn wheel(&mut self, by: isize, at: Position, fx: &mut Vec<Effect>) {
        if !self.overlays.is_empty() {
            self.top(
                |o, _, _| match o {
                    Overlay::Pick(mut p) => {
                        p.scroll_by(by);
                        Step::Stay(Overlay::Pick(p))
                    }
                    Overlay::Help(mut h) => {
                        h.top = h
                            .top
                            .saturating_add_signed(by)
                            .min(h.lines.len().saturating_sub(1));
                        Step::Stay(Overlay::Help(h))
                    }
                    other => Step::Stay(other),
                },
                fx,
            );
            return;
        }
        if self.hunting {
            self.hunt_wheel(by, at, fx);
            return;
        }
        self.focus_at(at);
        moving::go(self, Move::Rows(by), fx);
    }

    fn click(&mut self, at: Position, fx: &mut Vec<Effect>) {
        // boxes are worked with keys; a click beside them must not reach what lies under them
        if !self.overlays.is_empty() {
            self.dirty = false;
            return;
        }
        let layout = self.layout();
        if let Some((tab, _, _)) = tabs(self, layout.tabs)
            .into_iter()
            .find(|(_, _, r)| r.contains(at))
        {
            match (tab.usable(self), tab) {
                (_, Tab::Hunt) => self.to_hunt(fx),
                (Err(why), _) => self.toasts.push(self.now, crate::msg::Level::Warn, why),
                (Ok(()), Tab::List(_)) if tab.words(self).0 == posture::DIGIT => {
                    posture::open(self, fx);
                }
                (Ok(()), Tab::List(n)) => self.tab(n, fx),
            }
            return;
        }
        if self.hunting {
            self.hunt_click(at, false, fx);
            return;
        }
        self.focus_at(at);
        if layout.list.contains(at) && at.y >= layout.list.y + 2 {
            let height = self.list_height();
            let pane = self.pane_mut();
            let place = pane.top + usize::from(at.y - layout.list.y - 2);
            if place >= pane.shown.len() {
                return;
            }
            if place == pane.cursor {
                moving::open(self, fx);
            } else {
                pane.move_to(place, height);
            }
        }
    }

    fn focus_at(&mut self, at: Position) {
        let layout = self.layout();
        let there = layout.detail.contains(at);
        if there != self.pane().in_detail && (there || layout.list.contains(at)) {
            super::detail::other_side(self);
        }
    }
}
