//! The two top lines: who and where with the continuing facts, and the tabs.
//!
//! The tenant and DEMO are drawn in styles that no theme reaches and are the last to go on a narrow screen.

use super::popup::put;
use super::theme::Theme;
use super::time;
use crate::app::{App, mouse};
use crate::model::Mode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use table::Txt;
use unicode_width::UnicodeWidthStr;

/// A piece of the header; the highest rank goes first where there is no room.
struct Piece {
    text: String,
    style: Style,
    rank: u8,
}

pub fn draw(app: &App, theme: &Theme, header: Rect, tabs: Rect, buf: &mut Buffer) {
    if header.height > 0 {
        line(app, theme, header, buf);
    }
    for (tab, title, area) in mouse::tabs(app, tabs) {
        let (digit, _) = tab.words(app);
        let usable = tab.usable(app).is_ok();
        let style = match (usable, tab.is_front(app)) {
            (false, _) => theme.dim,
            (true, true) => theme.tab_on,
            (true, false) => theme.tab,
        };
        // a tab that cannot be read is told by a cross too, not by its colour alone
        let text = format!("{digit}{}{title}", if usable { ' ' } else { '×' });
        put(buf, area.x, area.y, &text, area.width, style);
    }
}

/// The tenant as it is told from others: its name, its label, its colour.
fn tenant(app: &App, name: &str) -> Piece {
    let own = &app.tenants.own;
    let words = match &own.label {
        Some(label) => format!("{name} {label}"),
        None => name.to_owned(),
    };
    let words = Txt::new(&words).shown().into_owned();
    match own.hue {
        Some(hue) => Piece {
            text: format!(" {words} "),
            style: Theme::hue(hue),
            rank: 0,
        },
        None => Piece {
            text: words,
            style: Theme::TENANT,
            rank: 0,
        },
    }
}

/// The tenant before anybody is signed in, where it could be another one.
fn named(app: &App) -> Option<Piece> {
    let own = &app.tenants.own;
    own.hue.map(|_| tenant(app, &own.name))
}

/// A bar in the tenant's colour at the left edge: it is there on every screen, whatever lies in the middle.
pub fn edge(app: &App, buf: &mut Buffer, lines: &[Rect]) {
    let Some(hue) = app.tenants.own.hue else {
        return;
    };
    for area in lines.iter().filter(|a| a.height > 0) {
        put(buf, area.x, area.y, "▌", 1, Theme::hue_text(hue));
    }
}

fn line(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let piece = |text: String, style: Style, rank: u8| Piece { text, style, rank };
    let (mut left, mut right) = (vec![piece("watchfloor".into(), theme.dim, 9)], Vec::new());
    match &app.session {
        Some(s) => {
            if s.demo {
                left.push(piece(" DEMO ".into(), Theme::DEMO, 0));
            }
            left.push(tenant(app, &s.tenant));
            let who = match (s.mode, &s.me) {
                (Mode::Delegated, Some(me)) => Some(me.txt().shown().into_owned()),
                (Mode::AppOnly, Some(me)) => Some(format!("as {}", me.txt().shown())),
                (_, None) => None,
            };
            left.extend(who.map(|w| piece(w, theme.text, 6)));
            left.push(piece(s.mode.word().into(), theme.dim, 7));
            if s.me.is_none() {
                left.push(piece("no analyst".into(), theme.stale, 5));
            }
            if s.read_only.is_some() {
                left.push(piece("read-only".into(), theme.stale, 2));
            }
        }
        None if app.status.sign_in.is_some() => {
            left.extend(named(app));
            left.push(piece("waiting for your sign-in".into(), theme.stale, 0))
        }
        None if app.status.sign_in_failed.is_some() => {
            left.extend(named(app));
            left.push(piece("not signed in".into(), theme.stale, 0))
        }
        None => {
            left.extend(named(app));
            left.push(piece("signing in …".into(), theme.dim, 0));
        }
    }
    if app.session.is_some() && app.status.sign_in_failed.is_some() {
        right.push(piece("sign-in failed".into(), theme.stale, 1));
    }
    if !app.deeds.overdue.is_empty() {
        let n = app.deeds.overdue.len();
        right.push(piece(format!("{n} still in force"), theme.stale, 3));
    }
    if let Some(text) = crate::app::health::badge(app) {
        right.push(piece(text, theme.stale, 4));
    }
    if let Some(text) = crate::app::posture::badge(app) {
        right.push(piece(text, theme.stale, 8));
    }
    if let Some(counts) = app.counts() {
        right.push(piece(counts, theme.accent, 3));
    }
    if let Some((service, until)) = app.waiting_for() {
        right.push(piece(
            format!(
                "{} asks to wait until {}",
                service.name(),
                time::clock(until)
            ),
            theme.stale,
            4,
        ));
    }
    if let Some(words) = crate::app::consent::words(app) {
        right.push(piece(words, theme.stale, 3));
    }
    let (utc, local) = time::header(app);
    let clock = utc.width();
    right.push(piece(utc, theme.text, 2));
    if !local.is_empty() {
        right.push(piece(local, theme.dim, 8));
    }

    let gap = 2;
    let wide = |list: &[Piece]| -> usize { list.iter().map(|p| p.text.width() + gap).sum() };
    while wide(&left) + wide(&right) > usize::from(area.width) {
        let worst = left.iter().chain(&right).map(|p| p.rank).max().unwrap_or(0);
        if worst == 0 {
            break;
        }
        left.retain(|p| p.rank < worst);
        right.retain(|p| p.rank < worst);
    }
    let mut x = area.x + 1;
    for p in &left {
        let room = area.right().saturating_sub(x);
        let mut fit = String::new();
        Txt::new(&p.text).shown_fit(&mut fit, usize::from(room));
        x = put(buf, x, area.y, &fit, room, p.style) + gap as u16;
    }
    let mut x = area
        .right()
        .saturating_sub(wide(&right).saturating_sub(1) as u16);
    for (n, p) in right.iter().enumerate() {
        // the local time belongs to the clock
        if n > 0 && p.text.starts_with(" (") && clock > 0 {
            x = x.saturating_sub(gap as u16);
        }
        x = put(
            buf,
            x,
            area.y,
            &p.text,
            area.right().saturating_sub(x),
            p.style,
        ) + gap as u16;
    }
}
