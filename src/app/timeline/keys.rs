//! The keys of a timeline: one row each, from which what a key does, the line at the foot and the help are made.

use super::{Raw, Timeline, export, gather, sizes};
use crate::app::action::moving::Move;
use crate::app::help::{Help, Line as HelpLine};
use crate::app::hunt::record;
use crate::app::inspector::{self, Inspector};
use crate::app::overlay::{Overlay, Then};
use crate::app::{App, detail, keys};
use crate::model::Kind;
use crate::msg::{Effect, KeyPress, Level};
use crate::resource::timeline::{Ask, Event, REACH, Thing};
use serde_json::{Value, json};
use table::{Text, Txt};

/// What became of a key.
pub enum Did {
    Stay,
    /// It was none of these.
    Pass,
    /// Letters to look for are typed from now on.
    Type,
    Close,
    /// It closes, and then this happens.
    Then(Then),
    /// It stays, and then this happens.
    After(Then),
}

/// What a key is given.
pub struct Hand<'a> {
    pub app: &'a mut App,
    pub fx: &'a mut Vec<Effect>,
    /// Lines in sight.
    pub height: usize,
    /// Which of the row's keys it was.
    pub nth: usize,
}

/// A key of the timeline.
pub struct Row {
    pub name: &'static str,
    pub keys: &'static [&'static str],
    pub help: &'static str,
    /// The word beside its key at the foot; empty = not there.
    pub foot: &'static str,
    run: fn(&mut Timeline, &mut Hand<'_>) -> Did,
}

const fn row(
    name: &'static str,
    keys: &'static [&'static str],
    foot: &'static str,
    help: &'static str,
    run: fn(&mut Timeline, &mut Hand<'_>) -> Did,
) -> Row {
    Row {
        name,
        keys,
        help,
        foot,
        run,
    }
}

#[rustfmt::skip]
pub static ROWS: &[Row] = &[
    row("open", &["Enter"], "open", "open the alert, incident, record or action; else all that is known of the event; of a gap its whole sentence", enter),
    row("raw text", &["J"], "", "all that is known of the event, as a tree with search and copies", raw),
    row("closer", &["+", "="], "", "see half as much of the axis, around the cursor", |t, _| zoom(t, true)),
    row("wider", &["-"], "zoom", "see twice as much of the axis", |t, _| zoom(t, false)),
    row("all of it", &["0"], "", "see the whole axis", |t, _| { t.axis.all(); Did::Stay }),
    row("older part", &["H"], "", "move the axis back by half of what is in sight; the cursor goes along", |t, h| pan(t, h, -1)),
    row("newer part", &["L"], "", "move the axis on by half of what is in sight", |t, h| pan(t, h, 1)),
    row("older column", &["h", "Left"], "", "the next event before this column of the axis", |t, h| column(t, h, true)),
    row("newer column", &["l", "Right"], "", "the next event after this column of the axis", |t, h| column(t, h, false)),
    row("down", &["j", "Down"], "", "one line down, to what is older", |t, h| go(t, h, Move::Rows(1))),
    row("up", &["k", "Up"], "", "one line up, to what is newer", |t, h| go(t, h, Move::Rows(-1))),
    row("half page down", &["Ctrl-d"], "", "half a page down", |t, h| go(t, h, Move::Halves(1))),
    row("half page up", &["Ctrl-u"], "", "half a page up", |t, h| go(t, h, Move::Halves(-1))),
    row("page down", &["PgDn", "Ctrl-f"], "", "a page down", |t, h| go(t, h, Move::Pages(1))),
    row("page up", &["PgUp"], "", "a page up", |t, h| go(t, h, Move::Pages(-1))),
    row("newest", &["g g", "Home"], "", "to the newest", |t, h| go(t, h, Move::First)),
    row("oldest", &["G", "End"], "", "to the oldest", |t, h| go(t, h, Move::Last)),
    row("next of source", &["n"], "same", "the next older line of the source under the cursor", |t, h| same(t, h, true)),
    row("previous of source", &["N"], "", "the next newer line of the source under the cursor", |t, h| same(t, h, false)),
    row("next gap", &["!"], "gap", "the next line that tells what is missing, around the end", gap),
    row("source on or off", &["1", "2", "3", "4", "5", "6", "7", "8", "9"], "source", "show or hide the source of this number", toggle),
    row("only this source", &["o"], "only", "only the source under the cursor; again: all of them", only),
    row("filter", &["/"], "filter", "show only events with these letters; gaps stay", |_, _| Did::Type),
    row("other days", &["w"], "days", "read 7 days, 30 days or one", |t, _| { days(t); Did::After(Box::new(gather::ask)) }),
    row("read again", &["R"], "read", "take in what waits and ask every source again", |_, _| Did::After(Box::new(gather::ask))),
    row("follow", &["F"], "", "let new events of lists and logs come in by themselves, or wait", follow),
    row("copy", &["y"], "copy", "copy the line: time, source, sentence", copy),
    row("export", &["x"], "export", "write what is shown to a file, with its gaps", |t, h| export::ask(t, h.app)),
    row("help", &["?", "F1"], "help", "these keys", |t, h| { let help = help(t); h.app.push(Overlay::Help(help)); Did::Stay }),
    row("back", &["Esc", "q"], "", "first the filter, then back to where it was opened", back),
];

/// Finds the key's row and does it.
pub fn press(
    t: &mut Timeline,
    app: &mut App,
    press: KeyPress,
    height: usize,
    fx: &mut Vec<Effect>,
) -> Did {
    let mut pressed = keys::print(&[press.key]);
    if std::mem::take(&mut t.g) {
        pressed = format!("g {pressed}");
    } else if pressed == "g" {
        t.g = true;
        return Did::Stay;
    }
    let found = ROWS
        .iter()
        .find_map(|r| Some((r, r.keys.iter().position(|k| *k == pressed)?)));
    let Some((row, nth)) = found else {
        return Did::Pass;
    };
    let mut hand = Hand {
        app,
        fx,
        height,
        nth,
    };
    (row.run)(t, &mut hand)
}

/// The rows as help, and the sources under them.
fn help(t: &Timeline) -> Help {
    let mut lines = vec![HelpLine::Head("In the timeline".into())];
    lines.extend(ROWS.iter().map(|r| HelpLine::Key {
        keys: match r.keys {
            [first, .., last] if r.keys.len() > 4 => format!("{first}…{last}"),
            all => all.join("  "),
        },
        name: r.name,
        help: r.help.to_owned(),
        grey: None,
    }));
    lines.push(HelpLine::Blank);
    lines.push(HelpLine::Head("Sources".into()));
    for (n, lane) in t.story.lanes.iter().enumerate() {
        let s = lane.source;
        lines.push(HelpLine::Text(format!("{} {}: {}", n + 1, s.name, s.help)));
    }
    Help {
        title: "Help · timeline".into(),
        lines,
        top: 0,
    }
}

fn go(t: &mut Timeline, h: &mut Hand<'_>, to: Move) -> Did {
    let line = to.apply(t.cursor, t.story.len(), h.height);
    t.to(line, h.height);
    Did::Stay
}

fn zoom(t: &mut Timeline, closer: bool) -> Did {
    let at = t.at().filter(|at| t.axis.view.holds(*at));
    let around = at.unwrap_or_else(|| t.axis.view.middle());
    t.axis.zoom(closer, around);
    Did::Stay
}

fn pan(t: &mut Timeline, h: &mut Hand<'_>, halves: i64) -> Did {
    t.axis.pan(halves);
    let view = t.axis.view;
    let at = t.at();
    if !t.story.is_empty() && at.is_none_or(|at| !view.holds(at)) {
        let line = t.story.nearest(view.middle());
        let inside = t.story.place(line).and_then(|p| t.story.at(p));
        t.to(line, h.height);
        // where nothing is in sight the axis stays all the same
        if inside.is_none_or(|at| !view.holds(at)) {
            t.axis.view = view;
        }
    }
    Did::Stay
}

/// The next event outside the cursor's column.
fn column(t: &mut Timeline, h: &mut Hand<'_>, older: bool) -> Did {
    let size = h.app.size;
    let columns = sizes::of(size, t.story.lanes.len()).columns(size.0);
    let here = t.at().and_then(|at| t.axis.view.column(at, columns));
    let view = t.axis.view;
    let story = &t.story;
    let other = |p| {
        story
            .at(p)
            .is_some_and(|at| view.column(at, columns) != here)
    };
    if let Some(line) = t.story.seek(t.cursor, older, |p| !p.gap && other(p)) {
        t.to(line, h.height);
    }
    Did::Stay
}

fn same(t: &mut Timeline, h: &mut Hand<'_>, older: bool) -> Did {
    if let Some(here) = t.story.place(t.cursor) {
        match t.story.seek(t.cursor, older, |p| p.lane == here.lane) {
            Some(line) => t.to(line, h.height),
            None => say(h, "there is no other of this source that way"),
        }
    }
    Did::Stay
}

fn gap(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    let next = t.story.seek(t.cursor, true, |p| p.gap);
    let first = || t.story.place(0).filter(|p| p.gap).map(|_| 0);
    let around = || t.story.seek(0, true, |p| p.gap);
    match next.or_else(first).or_else(around) {
        Some(line) => t.to(line, h.height),
        None => say(h, "nothing is known to be missing"),
    }
    Did::Stay
}

fn toggle(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    if let Some(lane) = t.story.lanes.get_mut(h.nth) {
        lane.on = !lane.on;
        t.touched = true;
        t.arranged(h.height);
    }
    Did::Stay
}

fn only(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    let alone = t.story.lanes.iter().filter(|l| l.on).count() == 1;
    let here = t.story.place(t.cursor).map(|p| usize::from(p.lane));
    for (n, lane) in t.story.lanes.iter_mut().enumerate() {
        lane.on = alone || here.is_none_or(|h| h == n);
    }
    t.touched = true;
    t.arranged(h.height);
    Did::Stay
}

fn days(t: &mut Timeline) {
    let now = REACH.iter().position(|d| *d == t.days).unwrap_or(0);
    t.days = REACH[(now + 1) % REACH.len()];
    // the axis is another one
    t.axis.all();
}

fn follow(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    t.follow = !t.follow;
    if !t.follow {
        say(h, "not following: new events wait");
        return Did::Stay;
    }
    say(
        h,
        "following: new events of lists and logs come in by themselves",
    );
    t.touched = false;
    t.arranged(h.height);
    Did::After(Box::new(gather::ask))
}

fn copy(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    if let Some(text) = line_text(t, t.cursor) {
        h.fx.push(Effect::Copy {
            what: "line",
            text: Txt::new(&text).clipboard(),
        });
    }
    Did::Stay
}

/// A line as people copy it: instant, source, sentence.
fn line_text(t: &Timeline, line: usize) -> Option<String> {
    let place = t.story.place(line)?;
    let (lane, at) = (t.story.lane(place)?, t.story.at(place)?);
    let words = t.story.sentence(place)?.txt().exact();
    let gap = if place.gap { "GAP " } else { "" };
    Some(format!(
        "{} {} {gap}{words}",
        at.literal(),
        lane.source.name
    ))
}

fn back(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    if t.story.filter().is_empty() {
        return Did::Close;
    }
    t.look_for("", h.height);
    Did::Stay
}

fn enter(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    let Some(place) = t.story.place(t.cursor) else {
        return Did::Stay;
    };
    if let Some(gap) = t.story.gap(place) {
        let name = t.story.lane(place).map_or("", |l| l.source.name);
        let tree = json!({"source": name, "from": gap.span.from.literal(), "to": gap.span.to.literal(),
            "why": gap.why.txt().exact()});
        return tell(h, format!("what {name} lacks"), tree.clone(), &tree);
    }
    if let Some(deed) = t.story.event(place).and_then(|e| ours(h.app, e)) {
        return tell(h, "what we did".into(), deed.clone(), &deed);
    }
    match t.story.event(place).map(|e| e.thing.clone()) {
        Some(Thing::Key(key)) => Did::Then(Box::new(move |app, fx| {
            detail::open_in_tab(app, key, fx);
        })),
        _ => raw(t, h),
    }
}

/// What is known of the event as a tree.
fn raw(t: &mut Timeline, h: &mut Hand<'_>) -> Did {
    let Some(place) = t.story.place(t.cursor) else {
        return Did::Stay;
    };
    let Some((lane, event)) = t.story.lane(place).zip(t.story.event(place)) else {
        return enter(t, h);
    };
    let raws = t.raws.get(usize::from(place.lane));
    let (exact, shown) = match &event.thing {
        Thing::Raw(n, row) => match raws.and_then(|r| r.get(*n as usize)) {
            Some(Raw::Rows(table)) => {
                let columns: Vec<usize> = (0..table.schema().len()).collect();
                record::values(table, *row, &columns, &h.app.zone)
            }
            Some(Raw::Items(body)) => {
                let items = body.get("value").unwrap_or(body).as_array();
                let item = items.and_then(|i| i.get(*row as usize)).cloned();
                let item = item.unwrap_or(Value::Null);
                (item.clone(), item)
            }
            None => (Value::Null, Value::Null),
        },
        // the whole of it is its own entity's
        Thing::Key(key) => {
            let own = json!({"time": event.at.literal(), "source": lane.source.name, "id": key.id.txt().exact(),
                "sentence": event.sentence.txt().exact()});
            (own.clone(), own)
        }
    };
    let title = format!("{} at {}", lane.source.name, event.at.literal());
    tell(h, title, exact, &shown)
}

/// Opens a tree over the timeline.
fn tell(h: &mut Hand<'_>, title: String, exact: Value, shown: &Value) -> Did {
    let mut inspector = Inspector::of_value(title, exact, shown);
    inspector.fit(inspector::area(h.app));
    h.app.push(Overlay::Inspector(Box::new(inspector)));
    Did::Stay
}

/// A deed that the service has no action of its own for: all that the record has of it.
fn ours(app: &App, event: &Event) -> Option<Value> {
    let Thing::Key(key) = &event.thing else {
        return None;
    };
    let run = (key.kind == Kind::Action).then(|| key.id.txt().exact())?;
    let deed = app
        .deeds
        .newest()
        .find(|d| d.run == run && d.action.is_none())?;
    Some(
        json!({"time": deed.at.literal(), "verb": deed.verb, "sentence": deed.sentence, "state": deed.stand.word(),
        "detail": deed.detail, "by": deed.analyst.txt().exact(),
        "reason": deed.reason.as_ref().map(|r| r.txt().exact()), "target": deed.key.id.txt().exact(),
        "name": deed.name.txt().exact(), "before": deed.before, "undone": deed.undone, "run": deed.run}),
    )
}

fn say(h: &mut Hand<'_>, text: &str) {
    h.app.toasts.push(h.app.now, Level::Info, text.to_owned());
}

/// How a source is asked, for the export's provenance.
pub(super) fn engine(ask: &Ask) -> &'static str {
    match ask {
        Ask::Hunt(_) => "advanced hunting",
        Ask::Calls { .. } => "Microsoft Graph",
        Ask::List(_) => "lists on screen",
        Ask::Deeds => "our record",
    }
}

/// A text of one of the answers, for names of files.
pub(super) fn tidy(text: &Text) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.txt().exact().chars().map(plain).take(32).collect()
}
