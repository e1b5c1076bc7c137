//! What lists and record hold of a timeline, as events: alerts, their incidents, records of the logs, what we did. And what is
//! missing of them: a list that cannot be read, or is still loading, and windows of the logs.

use super::Timeline;
use crate::app::App;
use crate::app::known::Lists;
use crate::model::feed::{Content, Reach, Source, Standing};
use crate::model::time::{DAY, MINUTE};
use crate::model::{EntityRef, Key, Kind, Ticks};
use crate::resource::doc::Tone;
use crate::resource::timeline::{Ask, Event, Gap, Span, Thing, sentence};
use crate::resource::{Known, spec};
use std::collections::BTreeSet;
use table::Text;

/// The lanes that a list's rows change, with what the lists and the record have for them now.
pub(super) fn held_lanes(app: &App, kind: Kind) -> Vec<(usize, Vec<Event>, Vec<Gap>)> {
    let Some(t) = &app.timeline else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (n, lane) in t.story.lanes.iter().enumerate() {
        let span = t.axis.whole;
        let gaps = |kinds: &[Kind]| -> Vec<Gap> {
            let all = kinds.iter().filter_map(|k| list_gap(app, *k, span));
            all.collect()
        };
        match lane.source.ask {
            Ask::List(Kind::Alert) if kind == Kind::Alert => {
                out.push((n, alerts(app, t), gaps(&[Kind::Alert])));
            }
            Ask::List(Kind::Incident) if matches!(kind, Kind::Alert | Kind::Incident) => {
                let (events, missing) = incidents(app, t);
                let mut gaps = gaps(&[Kind::Alert, Kind::Incident]);
                if missing > 0 && gaps.is_empty() {
                    let why = format!("{missing} incidents of its alerts are not in the list");
                    gaps.push(Gap {
                        span,
                        why: why.into(),
                    });
                }
                out.push((n, events, gaps));
            }
            // what we did to alerts and incidents is known once those are
            Ask::Deeds if matches!(kind, Kind::Action | Kind::Alert) => {
                let listed: &[Kind] = match t.of {
                    EntityRef::Device { .. } => &[Kind::Action],
                    _ => &[],
                };
                out.push((n, actions(app, t), gaps(listed)));
            }
            _ => {}
        }
    }
    out
}

/// What a list lacks; none where it is whole.
fn list_gap(app: &App, kind: Kind, span: Span) -> Option<Gap> {
    let pane = app.panes.iter().find(|p| p.spec.kind == kind)?;
    let title = pane.spec.title;
    let progress = &pane.progress;
    let why = match app.usable_kind(kind) {
        Err(why) => why,
        Ok(()) => match (&pane.fault, progress.complete) {
            (Some(fault), _) => format!("the list {title} could not be read: {fault}"),
            (None, true) => return None,
            (None, false) => match progress.total {
                Some(all) => format!("{title} are still loading: {} of {all}", progress.loaded),
                None => format!("{title} are still loading: {} so far", progress.loaded),
            },
        },
    };
    Some(Gap {
        span,
        why: why.into(),
    })
}

/// A cell of a list's row as text.
fn word(app: &App, key: &Key, column: &str) -> Option<Text> {
    match Lists(app).cell(key, column)? {
        table::Value::Text(t) if !t.is_empty() => Some(t),
        _ => None,
    }
}

fn time(app: &App, key: &Key, column: &str) -> Option<Ticks> {
    match Lists(app).cell(key, column)? {
        table::Value::Time(t) => Some(Ticks(t)),
        _ => None,
    }
}

/// Pieces of a sentence: words of ours before a text, left out with it.
fn joined(parts: &[(&str, Option<Text>)]) -> Text {
    let mut out = String::new();
    for (before, text) in parts {
        if let Some(text) = text {
            if !out.is_empty() {
                out.push_str(before);
            }
            out.push_str(text.txt().exact());
        }
    }
    sentence(&out)
}

fn severity(word: Option<&Text>) -> Tone {
    match word.map(|w| w.txt().exact()) {
        Some("high") => Tone::High,
        Some("medium") => Tone::Medium,
        Some("low") => Tone::Low,
        _ => Tone::Plain,
    }
}

fn alerts(app: &App, t: &Timeline) -> Vec<Event> {
    let of_alert = |key: Key| {
        let at = time(app, &key, "createdDateTime")?;
        let text = |column: &str| word(app, &key, column);
        let began = time(app, &key, "firstActivityDateTime").filter(|f| at.0 - f.0 > MINUTE);
        let day = |t: Ticks| t.0.div_euclid(DAY);
        let began = began.map(|b| {
            let literal = b.literal();
            let clock = literal.get(11..16).map(|c| format!("{c}Z"));
            Text::from(clock.filter(|_| day(b) == day(at)).unwrap_or(literal))
        });
        Some(Event {
            at,
            sentence: joined(&[
                ("", text("severity")),
                (" ", text("title")),
                (" · ", text("serviceSource")),
                (" · ", text("status")),
                (" · active from ", began),
            ]),
            tone: severity(text("severity").as_ref()),
            thing: Thing::Key(key),
        })
    };
    let keys = Lists(app).alerts_of(&t.of);
    keys.into_iter().filter_map(of_alert).collect()
}

/// The incidents of its alerts, and how many of them the list does not have.
fn incidents(app: &App, t: &Timeline) -> (Vec<Event>, usize) {
    let alerts = Lists(app).alerts_of(&t.of);
    let ids: BTreeSet<Text> = (alerts.iter())
        .filter_map(|a| word(app, a, "incidentId"))
        .collect();
    let all = ids.len();
    let of_incident = |id: Text| {
        let key = Key::new(Kind::Incident, id.clone());
        let at = time(app, &key, "createdDateTime")?;
        let text = |column: &str| word(app, &key, column);
        Some(Event {
            at,
            sentence: joined(&[
                ("", text("severity")),
                (" ", Some(id)),
                (" ", text("displayName")),
                (" · ", text("status")),
                (" · ", text("assignedTo")),
            ]),
            tone: severity(text("severity").as_ref()),
            thing: Thing::Key(key),
        })
    };
    let events: Vec<Event> = ids.into_iter().filter_map(of_incident).collect();
    let missing = all - events.len();
    (events, missing)
}

/// What we did to it, to its alerts and to its incidents; and machine actions of everyone.
fn actions(app: &App, t: &Timeline) -> Vec<Event> {
    let alerts = Lists(app).alerts_of(&t.of);
    let incidents = alerts.iter().filter_map(|a| word(app, a, "incidentId"));
    let mut about: BTreeSet<Key> = incidents.map(|id| Key::new(Kind::Incident, id)).collect();
    about.extend(alerts.iter().cloned());
    about.extend(t.key.clone());
    let mut known: BTreeSet<Text> = BTreeSet::new();
    let mut events = Vec::new();
    for deed in app.deeds.newest().filter(|d| about.contains(&d.key)) {
        known.insert(Text::from(deed.run.as_str()));
        known.extend(deed.action.clone());
        let words = format!("{} · {}", deed.sentence, deed.stand.word());
        let id = deed
            .action
            .clone()
            .unwrap_or_else(|| deed.run.as_str().into());
        events.push(Event {
            at: deed.at,
            sentence: joined(&[
                ("", Some(words.into())),
                (
                    " · by ",
                    Some(deed.analyst.clone()).filter(|a| !a.is_empty()),
                ),
                (" · ", deed.reason.clone()),
            ]),
            tone: Tone::Info,
            thing: Thing::Key(Key::new(Kind::Action, id)),
        });
    }
    let EntityRef::Device {
        machine: Some(machine),
        ..
    } = &t.of
    else {
        return events;
    };
    for key in Lists(app).with(Kind::Action, "machineId", machine) {
        if known.contains(&key.id) {
            continue;
        }
        let Some(at) = time(app, &key, "creationDateTimeUtc") else {
            continue;
        };
        let text = |column: &str| word(app, &key, column);
        events.push(Event {
            at,
            sentence: joined(&[
                ("", text("type")),
                (" · ", text("status")),
                (" · by ", text("requestor")),
                (" · ", text("requestorComment")),
            ]),
            tone: Tone::Info,
            thing: Thing::Key(key),
        });
    }
    events
}

/// A record of the logs as an event; none where it has no time.
pub(super) fn of_record(table: &table::Table, row: u32) -> Option<Event> {
    let record = spec(Kind::Record);
    let cell = |name: &str| record.column(name).map(|c| table.cell(row, c));
    let at = cell("CreationTime")?.time()?;
    let text = |name: &str| {
        let text = cell(name)?.text()?;
        (!text.is_empty()).then(|| text.to_text())
    };
    let about = text("about");
    let grave = matches!(
        about.as_ref().map(|a| a.txt().exact()),
        Some("forwarding" | "rule" | "consent" | "role" | "permission" | "dlp")
    );
    Some(Event {
        at: Ticks(at),
        sentence: joined(&[
            ("", text("Operation")),
            (" ", text("ObjectId")),
            (" · ", text("changes")),
            (" · by ", text("UserId")),
            (" from ", text("ClientIP")),
            (" · ", text("ResultStatus")),
            (" · ", text("Workload")),
        ]),
        tone: if grave { Tone::Medium } else { Tone::Plain },
        thing: Thing::Key(Key::new(Kind::Record, text("id")?)),
    })
}

/// What is missing of the logs, type by type; neighbouring windows with one reason are one gap.
pub(super) fn feed_gaps(app: &App, span: Span) -> Vec<Gap> {
    let whole = |why: String| Gap {
        span,
        why: why.into(),
    };
    let pane = app.panes.iter().find(|p| p.spec.kind == Kind::Record);
    if let Some(fault) = pane.and_then(|p| p.fault.as_ref()) {
        return vec![whole(format!("the logs could not be read: {fault}"))];
    }
    if app.ledger.types.is_empty() {
        let key = app.keymap.key_named("logs").unwrap_or_default();
        let why =
            format!("the logs were not read in this session; the Logs tab ({key}) reads them");
        return vec![whole(why)];
    }
    let mut out: Vec<Gap> = Vec::new();
    // sign-ins and directory audits have lanes of their own
    let types = app.ledger.types.iter();
    for content in types.filter(|t| t.source == Source::Feed) {
        let name = content.short();
        let trouble = match content.standing {
            standing if standing.brings() => None,
            Standing::None => Some("not switched on".to_owned()),
            Standing::Disabled => Some("disabled at the service".to_owned()),
            Standing::Forbidden if content.trouble.is_empty() => Some("not permitted".to_owned()),
            Standing::Forbidden => Some(format!("not permitted: {}", content.trouble)),
            _ => Some(content.trouble.clone()),
        };
        if let Some(trouble) = trouble {
            out.push(whole(format!("{name}: {trouble}")));
            continue;
        }
        if content.windows.is_empty() {
            out.push(whole(format!("{name}: not read yet")));
            continue;
        }
        let first = out.len();
        // newest first
        for window in &content.windows {
            let why = match window.reach() {
                Reach::Complete | Reach::Settling => continue,
                Reach::Waiting | Reach::Reading => format!("{name}: still being read"),
                Reach::Gap => {
                    let why = window.broken.as_ref().or(window.why.as_ref());
                    let why = why.map_or("not read whole", String::as_str);
                    format!("{name}: {why}")
                }
            };
            let part = Span::new(window.from, window.to);
            if !part.meets(span) {
                continue;
            }
            let part = Span::new(part.from.max(span.from), part.to.min(span.to));
            let last = out.get_mut(first..).and_then(|new| new.last_mut());
            match last {
                Some(last) if last.why == why.as_str() && last.span.from == part.to => {
                    last.span.from = part.from;
                }
                _ => out.push(Gap {
                    span: part,
                    why: why.into(),
                }),
            }
        }
    }
    out
}

/// The logs are still being read: what comes is no news.
pub(super) fn feed_fills(app: &App) -> bool {
    let types = &app.ledger.types;
    let fills = |c: &Content| {
        let open = c.count(Reach::Waiting) + c.count(Reach::Reading);
        let own = c.source == Source::Feed && c.standing == Standing::Enabled;
        own && (c.windows.is_empty() || open > 0)
    };
    types.is_empty() || types.iter().any(fills)
}
