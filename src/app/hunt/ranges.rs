//! Where a query runs and over which time: the lists to choose from, and instants as people type them.

use super::Hunt;
use crate::app::App;
use crate::app::ask::Ask;
use crate::app::overlay::Overlay;
use crate::app::pick::{Item, Pick, Value};
use crate::model::hunt::{DEFENDER_DAYS, short_span};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Engine, Range, Ticks};
use crate::msg::{Effect, Level};
use jiff::tz::TimeZone;

/// Ranges offered besides the query's own.
const SPANS: [i64; 7] = [HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY];

/// Asks where the tab's queries are to run.
pub fn choose_engine(app: &mut App) {
    let here = app.hunt.query().engine.clone();
    let items = app.hunt.engines.iter().enumerate().map(|(n, engine)| Item {
        label: engine.to_string(),
        note: about(engine).into(),
        on: *engine == here,
        value: Value::Index(n),
        ..Item::default()
    });
    let mut pick = Pick::new("engine", "run against", items.collect(), |app, item, fx| {
        if let Value::Index(n) = item.value
            && let Some(engine) = app.hunt.engines.get(n).cloned()
        {
            take_engine(app, engine, fx);
        }
    });
    if app.hunt.engines.len() <= 2 {
        pick.note =
            "more with [tenant.NAME.workspace.X], .adx.X or .archive.X in config.toml".into();
    }
    app.push(Overlay::Pick(pick));
}

fn about(engine: &Engine) -> &'static str {
    match engine {
        Engine::Defender => "30 days, 45 calls a minute for the whole tenant",
        Engine::Workspace(_) => "Log Analytics; as long as the workspace keeps",
        Engine::Explorer(_) => "Data Explorer; can be told to stop",
        Engine::Archive(_) => "files on this machine; no quota",
        Engine::Lists => "Incidents, Alerts, Devices, Users as loaded; no quota",
    }
}

fn take_engine(app: &mut App, engine: Engine, fx: &mut Vec<Effect>) {
    let query = app.hunt.query_mut();
    query.known = super::Understanding::of(&engine);
    query.engine = engine;
    if let Some(why) = query.range.beyond(&query.engine, app.now.wall) {
        app.toasts.push(app.now, Level::Warn, why);
    }
    app.hunted(fx);
    app.keep_drafts(fx);
}

/// Asks for the time of the tab's queries.
pub fn choose_range(app: &mut App) {
    let query = app.hunt.query();
    let (engine, here, now) = (query.engine.clone(), query.range, app.now.wall);
    let mut items = vec![Item {
        label: "the query's own".into(),
        note: "nothing is sent beside the query".into(),
        on: here == Range::Query,
        value: Value::Index(0),
        ..Item::default()
    }];
    for (n, span) in SPANS.into_iter().enumerate() {
        let range = Range::Last(span);
        let from = Ticks(now.0 - span);
        items.push(Item {
            label: format!("last {}", short_span(span)),
            note: format!("from {}", both(from, &app.zone)),
            on: here == range,
            grey: range.beyond(&engine, now),
            value: Value::Index(n + 1),
            ..Item::default()
        });
    }
    items.push(Item {
        label: "from … to …".into(),
        note: match here {
            Range::Between(from, to) => words(Range::Between(from, to), &app.zone),
            _ => "instants in UTC or local time".into(),
        },
        on: matches!(here, Range::Between(..)),
        value: Value::Index(SPANS.len() + 1),
        ..Item::default()
    });
    let title = format!("time of the query · now {}", both(now, &app.zone));
    let mut pick = Pick::new("range", title, items, |app, item, fx| match item.value {
        Value::Index(0) => take_range(app, Range::Query, fx),
        Value::Index(n) => match SPANS.get(n - 1) {
            Some(span) => take_range(app, Range::Last(*span), fx),
            None => ask_between(app),
        },
        _ => {}
    });
    pick.note = match &engine {
        Engine::Defender => format!(
            "Defender keeps {DEFENDER_DAYS} days for hunting, 180 of incidents and alerts; {}",
            longer(&app.hunt.engines)
        ),
        engine if engine.takes_range() => {
            "sent beside the query; the narrower of the two counts".into()
        }
        engine => {
            format!("{engine} takes no range: it fills {{{{FROM}}}} and {{{{TO}}}} of the query")
        }
    };
    app.push(Overlay::Pick(pick));
}

/// How far back an engine reaches, to be said where an instant is asked for.
pub fn keeps(engine: &Engine) -> String {
    match engine {
        Engine::Defender => format!("; {engine} keeps {DEFENDER_DAYS} days"),
        _ => String::new(),
    }
}

/// What keeps longer than Defender, of what is configured.
fn longer(engines: &[Engine]) -> String {
    let keeps = |e: &&Engine| {
        matches!(
            e,
            Engine::Workspace(_) | Engine::Explorer(_) | Engine::Archive(_)
        )
    };
    let names: Vec<String> = (engines.iter().filter(keeps))
        .map(|e| table::Txt::new(&e.to_string()).shown().into_owned())
        .collect();
    match names.is_empty() {
        true => "nothing that keeps longer is configured here".to_owned(),
        false => format!("longer (Alt-e): {}", names.join(", ")),
    }
}

fn ask_between(app: &mut App) {
    let now = match app.hunt.query().range {
        Range::Between(from, to) => format!("{} {}", Ticks(from).literal(), Ticks(to).literal()),
        _ => String::new(),
    };
    let keeps = keeps(&app.hunt.query().engine);
    let title = format!("from to: 2026-08-01T09:00Z, no Z local, 7d 1d{keeps}");
    app.push(Overlay::Ask(Ask::about(
        "",
        title,
        &now,
        |app, _, words, fx| match between(words, app.now.wall, &app.zone) {
            Ok(range) => take_range(app, range, fx),
            Err(why) => {
                app.toasts.push(app.now, Level::Warn, why);
                ask_between(app);
            }
        },
    )));
}

fn take_range(app: &mut App, range: Range, fx: &mut Vec<Effect>) {
    let query = app.hunt.query_mut();
    if let Some(why) = range.beyond(&query.engine, app.now.wall) {
        app.toasts.push(app.now, Level::Warn, why);
        return;
    }
    query.range = range;
    app.hunted(fx);
    app.keep_drafts(fx);
}

/// One or two instants; a single one reaches until now.
fn between(words: &str, now: Ticks, zone: &TimeZone) -> Result<Range, String> {
    let instants: Vec<&str> = words.split_whitespace().collect();
    let read = |word: &str| {
        instant(word, now, zone)
            .ok_or_else(|| format!("`{word}` is no instant: 2026-08-01T09:00Z, or 7d for ago"))
    };
    let (from, to) = match instants.as_slice() {
        [from] => (read(from)?, now),
        [from, to] => (read(from)?, read(to)?),
        _ => return Err("one or two instants, parted by a blank".into()),
    };
    if from >= to {
        return Err("the first instant is not before the second".into());
    }
    Ok(Range::Between(from.0, to.0))
}

/// An instant as typed: ISO 8601 with `Z` or an offset, the same without a zone in local time, a day, `7d` ago, `now`.
pub fn instant(word: &str, now: Ticks, zone: &TimeZone) -> Option<Ticks> {
    let word = word.trim();
    if word.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    let ago = word.strip_prefix('-').unwrap_or(word);
    let digits = ago.find(|c: char| !c.is_ascii_digit()).unwrap_or(ago.len());
    if digits > 0 && digits < 7 {
        let unit = match &ago[digits..] {
            "d" => Some(DAY),
            "h" => Some(HOUR),
            "m" | "min" => Some(MINUTE),
            "w" => Some(7 * DAY),
            _ => None,
        };
        if let (Some(unit), Ok(n)) = (unit, ago[..digits].parse::<i64>()) {
            return Some(Ticks(now.0.saturating_sub(n.saturating_mul(unit))));
        }
    }
    if let Some(at) = Ticks::parse(word) {
        return Some(at);
    }
    let (body, utc) = match word.strip_suffix(['Z', 'z']) {
        Some(body) => (body, true),
        None => (word, false),
    };
    let body = body.replace(' ', "T");
    let civil: jiff::civil::DateTime = match body.parse() {
        Ok(civil) => civil,
        Err(_) => body.parse::<jiff::civil::Date>().ok()?.into(),
    };
    let zone = if utc { &TimeZone::UTC } else { zone };
    let zoned = civil.to_zoned(zone.clone()).ok()?;
    Some(Ticks::from_timestamp(zoned.timestamp()))
}

/// An instant in both zones, to the minute: `2026-08-01 12:04Z (14:04 local)`.
pub fn both(at: Ticks, zone: &TimeZone) -> String {
    let Some(t) = at.timestamp() else {
        return "?".into();
    };
    let utc = t.to_zoned(TimeZone::UTC);
    let local = t.to_zoned(zone.clone());
    let day = utc.strftime("%Y-%m-%d %H:%MZ");
    if utc.datetime() == local.datetime() {
        return day.to_string();
    }
    let form = if utc.date() == local.date() {
        "%H:%M local"
    } else {
        "%m-%d %H:%M local"
    };
    format!("{day} ({})", local.strftime(form))
}

/// A range in words for the tab's header.
pub fn words(range: Range, zone: &TimeZone) -> String {
    match range {
        Range::Query => String::new(),
        Range::Last(span) => format!("last {}", short_span(span)),
        Range::Between(from, to) => {
            format!("{} – {}", both(Ticks(from), zone), both(Ticks(to), zone))
        }
    }
}

/// A span that a query asks for itself and that Defender does not have: the literal of an `ago(…)`.
pub fn too_long(hunt: &Hunt, text: &str) -> Option<String> {
    use kql::syntax::{T, lex};
    if hunt.query().engine != Engine::Defender {
        return None;
    }
    let tokens = lex(text, &mut Vec::new());
    let word = |t: &kql::syntax::Token| text.get(t.start as usize..t.end as usize);
    let long = tokens.windows(3).find_map(|w| {
        let [name, open, span] = w else { return None };
        let is =
            word(name) == Some("ago") && open.kind == T::OpenParen && span.kind == T::TimespanLit;
        let ticks = is.then(|| kql::engine::time::parse_span(word(span)?))??;
        (ticks > DEFENDER_DAYS * DAY).then(|| word(span).unwrap_or_default().to_owned())
    })?;
    Some(format!(
        "ago({long}): Defender has {DEFENDER_DAYS} days, Alt-e an archive"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Ticks {
        Ticks::parse("2026-08-01T12:00:00Z").unwrap()
    }

    #[test]
    fn s1_18_s1_19_what_keeps_longer_is_named_beside_the_limit() {
        let none = longer(&[Engine::Defender, Engine::Lists]);
        assert!(none.contains("nothing that keeps longer"), "{none}");
        let some = [
            Engine::Defender,
            Engine::Workspace("soc".into()),
            Engine::Archive("q3".into()),
        ];
        let some = longer(&some);
        assert!(some.contains("workspace soc, archive q3"), "{some}");
    }

    /// S1-18: the limit stands wherever an instant is asked for, and what lies beyond it is refused there.
    #[test]
    fn s1_18_the_limit_stands_beside_every_choice_of_a_time() {
        use crate::app::fixture::{app, press};
        let mut app = app(80, 24);
        press(&mut app, "5");
        choose_range(&mut app);
        let note = app.pick_mut("range").map(|p| p.note.clone()).unwrap();
        assert!(note.contains("30 days for hunting, 180"), "{note}");
        app.overlays.clear();
        ask_between(&mut app);
        let title = |app: &App| match app.overlays.last() {
            Some(Overlay::Ask(ask)) => ask.title.clone(),
            other => panic!("{other:?}"),
        };
        assert!(
            title(&app).ends_with("Defender keeps 30 days"),
            "{}",
            title(&app)
        );
        assert!(title(&app).len() <= 74, "it fits into 80 columns");
        app.overlays.clear();
        let text = "DeviceEvents | where Timestamp > {{FROM:datetime}}";
        crate::app::library::open_text(&mut app, text, None, &mut Vec::new());
        super::super::params::ask_all(&mut app, &mut Vec::new());
        assert!(
            title(&app).contains("Defender keeps 30 days"),
            "{}",
            title(&app)
        );
        assert!(title(&app).len() <= 74, "{}", title(&app));
        // an instant that Defender has nothing of is not put in
        press(&mut app, "Ctrl-u '45d' Enter");
        assert!(
            app.toasts.log.iter().any(|t| t.text.contains("30 days")),
            "{:?}",
            app.toasts.log
        );
        assert!(app.hunt.query().params.is_empty());
        press(&mut app, "Ctrl-u '7d' Enter");
        assert_eq!(app.hunt.query().params.len(), 1);
    }

    #[test]
    fn instants_are_read_in_utc_local_time_and_as_ago() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let read = |w: &str| instant(w, now(), &zone).map(Ticks::literal);
        for (word, is) in [
            ("2026-07-31T09:00:00Z", "2026-07-31T09:00:00Z"),
            ("2026-07-31T09:00Z", "2026-07-31T09:00:00Z"),
            ("2026-07-31T09:00", "2026-07-31T07:00:00Z"),
            ("2026-07-31", "2026-07-30T22:00:00Z"),
            ("2026-07-31T09:00+05:00", "2026-07-31T04:00:00Z"),
            ("7d", "2026-07-25T12:00:00Z"),
            ("-90m", "2026-08-01T10:30:00Z"),
            ("now", "2026-08-01T12:00:00Z"),
        ] {
            assert_eq!(read(word).as_deref(), Some(is), "{word}");
        }
        assert_eq!(
            (read("yesterday"), read("7x"), read("")),
            (None, None, None)
        );
        assert_eq!(both(now(), &zone), "2026-08-01 12:00Z (14:00 local)");
        assert_eq!(
            both(Ticks(now().0 + 11 * HOUR), &zone),
            "2026-08-01 23:00Z (08-02 01:00 local)"
        );
        assert_eq!(both(now(), &TimeZone::UTC), "2026-08-01 12:00Z");
    }

    #[test]
    fn two_instants_in_order_are_a_range() {
        let utc = TimeZone::UTC;
        assert!(
            matches!(between("7d 1d", now(), &utc), Ok(Range::Between(a, b)) if b - a == 6 * DAY)
        );
        assert!(matches!(between("7d", now(), &utc), Ok(Range::Between(_, b)) if b == now().0));
        for wrong in ["1d 7d", "", "a b", "1d 2d 3d"] {
            assert!(between(wrong, now(), &utc).is_err(), "{wrong}");
        }
    }
}
