//! The sign-in box: what to open and type elsewhere, or where to paste what came of it.

use super::popup::{Caret, frame, put};
use super::theme::Theme;
use super::time;
use crate::app::App;
use crate::app::doc::{Ink, wrap};
use crate::app::sign_in::SignIn;
use crate::msg::SignInPrompt;
use crate::resource::doc::Tone;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use table::Txt;

/// A line of the box.
struct Line(Style, String);

pub fn draw(app: &App, buf: &mut Buffer, theme: &Theme, open: &SignIn) -> Caret {
    let width = buf.area.width.saturating_sub(4).min(84);
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |style: Style, text: &str| {
        let mut rows = Vec::new();
        wrap(
            &mut rows,
            0,
            0,
            0,
            usize::from(width.saturating_sub(2)),
            &[(Ink::Text, text.to_owned())],
        );
        for row in rows {
            lines.push(Line(
                style,
                row.pieces.into_iter().map(|(_, s)| s).collect(),
            ));
        }
    };
    let shown = |text: &str| Txt::new(text).clipboard();
    let mut keys = "r try again · Tab in a browser · Esc later";
    let mut field = false;
    match &app.status.sign_in {
        Some(SignInPrompt::DeviceCode { url, code, until }) => {
            add(theme.text, "Open this page on any device:");
            add(theme.accent, &shown(url));
            add(theme.text, "and type this code:");
            add(theme.head.patch(theme.accent), &shown(code));
            if app.now.wall >= *until {
                add(
                    theme.tone(Tone::Medium),
                    "! the code has expired: r asks for a new one",
                );
            } else {
                add(
                    theme.dim,
                    &format!(
                        "until {} · this box closes when you are signed in",
                        time::clock(*until)
                    ),
                );
            }
            keys = "c copy code · u copy address · r new code · Tab in a browser · Esc later";
        }
        Some(SignInPrompt::Browser { url, redirect }) => {
            add(theme.text, "Open this address in a browser anywhere:");
            add(theme.accent, &shown(url));
            let text = format!(
                "A browser of this computer comes back by itself. Any other ends on a page of {} that cannot be shown: copy its address and paste it here.",
                shown(redirect)
            );
            add(theme.text, &text);
            field = true;
            keys = "Ctrl-o copy address · Enter hand over · Tab by code · Esc later";
        }
        None if app.status.sign_in_failed.is_none() => add(theme.text, "Nobody is signed in."),
        None => {}
    }
    if let Some(fault) = &app.status.sign_in_failed {
        add(theme.tone(Tone::Bad), &format!("! {fault}"));
    }
    if !open.note.is_empty() {
        add(theme.tone(Tone::Bad), &format!("! {}", open.note));
    }
    if open.busy {
        add(theme.dim, "asking …");
    }
    let extra = 1 + u16::from(field);
    let most = buf.area.height.saturating_sub(4);
    let inside = frame(
        buf,
        theme,
        "Sign in",
        width,
        (lines.len() as u16 + extra).min(most),
    );
    if inside.height < extra {
        return None;
    }
    let room = usize::from(inside.height - extra);
    // on a low screen the end matters: code, field, what went wrong
    let skip = lines.len().saturating_sub(room);
    for (n, Line(style, text)) in lines.iter().skip(skip).enumerate() {
        put(
            buf,
            inside.x + 1,
            inside.y + n as u16,
            text,
            inside.width.saturating_sub(2),
            *style,
        );
    }
    let mut caret = None;
    if field {
        let y = inside.bottom() - 2;
        let at = put(buf, inside.x + 1, y, "› ", 2, theme.accent);
        let at = put(
            buf,
            at,
            y,
            &open.echo(),
            inside.right().saturating_sub(at + 1),
            theme.text,
        );
        caret = Some((at.min(inside.right().saturating_sub(1)), y));
    }
    put(
        buf,
        inside.x + 1,
        inside.bottom() - 1,
        keys,
        inside.width.saturating_sub(2),
        theme.dim,
    );
    caret
}
