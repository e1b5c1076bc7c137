//! The question before a response action, and the report of a set. Tiers differ in the shape of their frame, which no
//! theme reaches: one line, two lines, a wall.

use super::popup::{Caret, clear, frame, input, put, put_cut};
use super::theme::Theme;
use crate::app::App;
use crate::app::prompt::{Asked, Ink, Phase, Sheet, in_sight, sheet};
use crate::app::runs::{Report, Run};
use crate::model::Stand;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// Corners and lines of a tier: top left, top right, bottom left, bottom right, across, down.
fn shape(tier: u8) -> [&'static str; 6] {
    match tier {
        0 | 1 => ["┌", "┐", "└", "┘", "─", "│"],
        2 => ["╔", "╗", "╚", "╝", "═", "║"],
        _ => ["█", "█", "█", "█", "█", "█"],
    }
}

pub fn draw(app: &App, buf: &mut Buffer, theme: &Theme, asked: &Asked) -> Caret {
    let lines = sheet(app, asked);
    let all = buf.area;
    let inputs = u16::from(lines.reason.is_some()) + u16::from(lines.answer.is_some());
    let fixed = lines.head.len() as u16 + lines.foot.len() as u16 + inputs;
    let body = (lines.body.len() as u16).min(all.height.saturating_sub(fixed + 2));
    let width = (all.width.saturating_sub(4)).min(76);
    let area = Rect {
        x: all.x + all.width.saturating_sub(width + 4) / 2,
        y: all.y + all.height.saturating_sub(fixed + body + 2) / 3,
        width: (width + 4).min(all.width),
        height: (fixed + body + 2).min(all.height),
    };
    let inside = walls(buf, theme, &lines, area);
    whose(app, buf, area);
    let style = |ink| match ink {
        Ink::Plain => theme.text,
        Ink::Strong => theme.text.add_modifier(Modifier::BOLD),
        Ink::Dim => theme.dim,
        Ink::Warn => theme.stale,
        Ink::Grave => theme.problem.add_modifier(Modifier::BOLD),
    };
    let mut y = inside.y;
    let mut line = |buf: &mut Buffer, text: &str, style: Style| {
        put(buf, inside.x, y, text, inside.width, style);
        y += 1;
    };
    for row in &lines.head {
        line(buf, &row.text, style(row.ink));
    }
    let top = asked.top.min(lines.body.len());
    let more = lines.body.len().saturating_sub(top) > usize::from(body);
    let shown = in_sight(&lines, all.height, top).min(usize::from(body));
    for row in lines.body.iter().skip(top).take(shown) {
        line(buf, &row.text, style(row.ink));
    }
    if more && body > 0 {
        let left = lines.body.len() - top - shown;
        line(buf, &format!("… {left} more lines: PgDn"), theme.accent);
    } else {
        // scrolled to the end
        for _ in lines.body.len().saturating_sub(top)..usize::from(body) {
            line(buf, "", theme.text);
        }
    }
    let mut caret = None;
    let row = |y: u16| Rect {
        y,
        height: 1,
        ..inside
    };
    if let Some(label) = &lines.reason {
        let sign = if asked.on_reason { "▸" } else { " " };
        let at = input(
            buf,
            theme,
            &asked.reason,
            row(y),
            &format!("{sign} {label} › "),
        );
        if asked.on_reason {
            caret = at;
        }
        y += 1;
    }
    if let (Some(label), Phase::Open(prompt)) = (&lines.answer, &asked.phase) {
        let sign = if asked.on_reason { " " } else { "▸" };
        let label = format!("{sign} {label} › ");
        let room = inside
            .width
            .saturating_sub(prompt.typed().width() as u16 + 1);
        let mut fit = String::new();
        table::Txt::new(&label).shown_fit(&mut fit, usize::from(room));
        let x = put(buf, inside.x, y, &fit, inside.width, theme.accent);
        let mut typed = String::new();
        table::Txt::new(prompt.typed()).shown_fit(&mut typed, usize::from(inside.right() - x));
        let end = put(buf, x, y, &typed, inside.right() - x, theme.text);
        if !asked.on_reason {
            caret = Some((end.min(inside.right() - 1), y));
        }
        y += 1;
    }
    for r in &lines.foot {
        put(buf, inside.x, y, &r.text, inside.width, style(r.ink));
        y += 1;
    }
    caret
}

/// Whose it is that the question is about, on the frame: in a colour that no theme reaches.
fn whose(app: &App, buf: &mut Buffer, area: Rect) {
    let own = &app.tenants.own;
    let area = area.intersection(buf.area);
    let Some(hue) = own.hue.filter(|_| area.width > 12 && area.height > 1) else {
        return;
    };
    let mut words = String::new();
    let room = usize::from(area.width) - 8;
    table::Txt::new(&own.words()).shown_fit(&mut words, room);
    let words = format!(" {words} ");
    let wide = words.width() as u16;
    let x = area.right().saturating_sub(wide + 2);
    put(buf, x, area.bottom() - 1, &words, wide, Theme::hue(hue));
}

/// The frame of a tier; answers its inside, a blank at either side.
fn walls(buf: &mut Buffer, theme: &Theme, sheet: &Sheet, area: Rect) -> Rect {
    let area = area.intersection(buf.area);
    clear(buf, theme, area);
    if area.width < 6 || area.height < 2 {
        return Rect {
            width: 0,
            height: 0,
            ..area
        };
    }
    let [tl, tr, bl, br, across, down] = shape(sheet.tier);
    let style = if sheet.tier < 2 {
        theme.border
    } else {
        Theme::PROMPT
    };
    let line = across.repeat(usize::from(area.width - 2));
    let (l, r, t, b) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    put(buf, l, t, &format!("{tl}{line}{tr}"), area.width, style);
    put(buf, l, b, &format!("{bl}{line}{br}"), area.width, style);
    for y in t + 1..b {
        put(buf, l, y, down, 1, style);
        put(buf, r, y, down, 1, style);
    }
    let title = format!(" {} ", sheet.title);
    put_cut(buf, l + 2, t, &title, area.width - 4, Theme::PROMPT);
    Rect {
        x: l + 2,
        y: t + 1,
        width: area.width - 4,
        height: area.height - 2,
    }
}

/// The report of a set: how far it is, how long it takes, and each target.
pub fn report(app: &App, buf: &mut Buffer, theme: &Theme, report: &Report) -> Caret {
    let run = app.verbs.running.get(&report.id)?;
    let height = (run.targets.len() as u16 + 2)
        .min(buf.area.height.saturating_sub(3))
        .max(3);
    let inside = frame(buf, theme, &run.sentence, buf.area.width.min(78), height);
    if inside.height == 0 {
        return None;
    }
    put_cut(
        buf,
        inside.x + 1,
        inside.y,
        &progress(app, run),
        inside.width.saturating_sub(2),
        theme.head,
    );
    let rows = usize::from(inside.height.saturating_sub(2));
    let top = report.top.min(run.targets.len().saturating_sub(rows));
    for (n, member) in run.targets.iter().skip(top).take(rows).enumerate() {
        let y = inside.y + 1 + n as u16;
        let stand = member.state.as_ref().map(|s| s.stand());
        let (word, style) = match stand {
            None => ("waits", theme.dim),
            Some(s @ Stand::Succeeded) => (s.word(), theme.tone(crate::resource::doc::Tone::Good)),
            Some(s @ (Stand::Failed | Stand::Unknown | Stand::NotSent)) => {
                (s.word(), theme.problem)
            }
            Some(s) => (s.word(), theme.accent),
        };
        let at = put(buf, inside.x + 1, y, &format!("{word:<12}"), 12, style);
        let why = member.state.as_ref().map_or(String::new(), |s| {
            let (_, text) = crate::app::runs::words(app, run.verb, s);
            if matches!(
                s.stand(),
                Stand::Succeeded
                    | Stand::Sent
                    | Stand::Accepted
                    | Stand::Pending
                    | Stand::InProgress
            ) {
                String::new()
            } else {
                format!(" · {text}")
            }
        });
        let text = format!("{}{why}", member.what);
        put_cut(
            buf,
            at,
            y,
            &text,
            inside.right().saturating_sub(at + 1),
            theme.text,
        );
    }
    let undo = crate::app::keymap::Bound::named("undo").and_then(|b| app.keymap.key_of(b));
    let undo = undo.filter(|_| run.verb.inverse.is_some() && run.count(Stand::Succeeded) > 0);
    let undo = undo.map_or(String::new(), |key| format!("{key} takes it back · "));
    let keys = match run.ended {
        None if run.stopping => {
            "stopping: the request in flight is finished · Esc leaves it".to_owned()
        }
        None => "Ctrl-c stops what is not sent · Esc leaves it going · g r shows it again".into(),
        Some(_) => format!("j k move · {undo}Esc closes"),
    };
    put_cut(
        buf,
        inside.x + 1,
        inside.bottom() - 1,
        &keys,
        inside.width.saturating_sub(2),
        theme.dim,
    );
    None
}

/// `12 of 20 done · 31/min · about 16 s left`
fn progress(app: &App, run: &Run) -> String {
    let (done, all) = (run.done(), run.targets.len());
    let mut text = format!("{done} of {all} done");
    let end = run.ended.unwrap_or(app.now.mono);
    let took = end.saturating_sub(run.began).as_secs_f64();
    if done > 0 && took > 0.0 {
        text.push_str(&format!(" · {:.0}/min", done as f64 * 60.0 / took));
    }
    if let Some(left) = run.left(app.now.mono).filter(|_| !run.stopping) {
        text.push_str(&format!(" · about {} s left", left.as_secs() + 1));
    }
    for stand in [Stand::Failed, Stand::Unknown, Stand::NotSent] {
        match run.count(stand) {
            0 => {}
            n => text.push_str(&format!(" · {n} {}", stand.word())),
        }
    }
    text
}
