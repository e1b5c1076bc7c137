//! For tests: an app without a backend, pages made by hand, keys from text, the screen as text.

use super::{App, keys};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{Grants, Guards, Kind, Mode, Service, Session, Ticks};
use crate::msg::{
    Body, Effect, Event, KeyPress, News, Now, Origin, Page, Progress, Reply, Slot, Ticket,
};
use crate::resource::{self, Shape};
use std::sync::Arc;
use std::time::Duration;
use table::{Chunk, ChunkBuilder, Text};

/// Everything happens at 12:04:05Z on this day.
pub const NOW: &str = "2026-08-01T12:04:05Z";

pub fn at(secs: u64) -> Now {
    let wall = Ticks::parse(NOW).unwrap();
    Now {
        mono: Duration::from_secs(secs),
        wall: Ticks(wall.0 + secs as i64 * crate::model::time::SECOND),
    }
}

pub fn session() -> Session {
    Session {
        tenant: "contoso-prod".into(),
        tenant_id: "t".into(),
        mode: Mode::Delegated,
        principal: Text::from("p"),
        writer: None,
        me: Some(Text::from("ana@contoso.com")),
        demo: false,
        read_only: None,
        guards: Arc::new(Guards {
            isolation: true,
            quarantine: true,
            ..Guards::default()
        }),
    }
}

/// All permissions of both services.
pub fn grants() -> Grants {
    let mut grants = Grants::default();
    for service in Service::ALL {
        grants.token(*service, None);
    }
    grants
}

/// A started app, signed in, with nothing loaded yet.
pub fn app(width: u16, height: u16) -> App {
    let mut app = App::new(at(0), (width, height));
    app.start();
    app.update(at(0), Event::News(News::Session(session(), grants())));
    app
}

/// Rows as (column, value) pairs. Lists are parted by `|`, times are ISO or ages like `-12m`.
pub fn chunk(kind: Kind, rows: &[Vec<(&str, String)>]) -> Arc<Chunk> {
    let spec = resource::spec(kind);
    let mut build = ChunkBuilder::new(spec.schema());
    for row in rows {
        for (name, value) in row {
            let col = spec
                .column(name)
                .unwrap_or_else(|| panic!("{kind:?} has no column {name}"));
            match spec.columns[col].shape {
                Shape::Words(_) => build.list(col, value.split('|').filter(|w| !w.is_empty())),
                Shape::Text(_) | Shape::Ranked(_) => {
                    build.text(col, Some(value.as_str()).filter(|v| !v.is_empty()))
                }
                Shape::Int => build.int(col, value.parse().ok()),
                Shape::Real => build.real(col, value.parse().ok()),
                Shape::Bool => build.bool(col, value.parse().ok()),
                Shape::Time => build.time(col, time(value).map(|t| t.0)),
            }
        }
        build.end_row();
    }
    Arc::new(build.finish())
}

fn time(text: &str) -> Option<Ticks> {
    let Some(age) = text.strip_prefix('-') else {
        return Ticks::parse(text);
    };
    let n: i64 = age[..age.len() - 1].parse().ok()?;
    let unit = match age.as_bytes().last()? {
        b'm' => MINUTE,
        b'h' => HOUR,
        _ => DAY,
    };
    Some(Ticks(Ticks::parse(NOW)?.0 - n * unit))
}

/// One incident: number, severity, status, owner, title, age.
pub fn incident(
    id: u32,
    severity: &str,
    status: &str,
    owner: &str,
    title: &str,
    age: &str,
) -> Vec<(&'static str, String)> {
    vec![
        ("id", id.to_string()),
        ("severity", severity.into()),
        ("status", status.into()),
        ("assignedTo", owner.into()),
        ("displayName", title.into()),
        ("createdDateTime", age.into()),
        ("lastUpdateDateTime", age.into()),
    ]
}

/// Thirty incidents like those of a small tenant, newest first; the first ones by hand.
pub fn incidents() -> Vec<Vec<(&'static str, String)>> {
    let mut rows = vec![
        incident(
            4711,
            "high",
            "active",
            "",
            "Multi-stage incident involving initial access & lateral movement",
            "-12m",
        ),
        incident(
            4709,
            "high",
            "active",
            "ana@contoso.com",
            "Credential dumping on 2 endpoints",
            "-31m",
        ),
        incident(
            4702,
            "medium",
            "inProgress",
            "raj@contoso.com",
            "Suspicious inbox rule",
            "-2h",
        ),
        incident(
            4700,
            "low",
            "resolved",
            "ana@contoso.com",
            "Password spray from one address",
            "-5h",
        ),
        incident(
            4698,
            "brandNew",
            "paused",
            "",
            "A severity and a status nobody has heard of",
            "-9h",
        ),
        incident(
            4695,
            "medium",
            "active",
            "",
            "\u{202e}evil\u{1b}[31m title",
            "-26h",
        ),
    ];
    for n in 0..24 {
        let severity = ["low", "medium", "informational"][n % 3];
        let status = ["active", "resolved"][n % 2];
        rows.push(incident(
            4600 - n as u32,
            severity,
            status,
            "",
            &format!("Sample incident {n}"),
            &format!("-{}d", n + 2),
        ));
    }
    rows
}

pub fn page(
    kind: Kind,
    rows: &[Vec<(&str, String)>],
    origin: Origin,
    loaded: u64,
    total: u64,
) -> Page {
    Page {
        kind,
        chunk: (!rows.is_empty()).then(|| chunk(kind, rows)),
        origin,
        progress: Progress {
            loaded,
            total: Some(total),
            complete: loaded >= total,
            as_of: (origin != Origin::Cache || loaded > 0).then(|| at(0).wall),
        },
        bad: 0,
        bad_why: None,
        removed: Vec::new(),
    }
}

/// Gives a page to the task that fills and polls its list.
pub fn give(app: &mut App, now: Now, page: Page) -> Vec<Effect> {
    let slot = Slot::Sync(page.kind);
    let ticket = app
        .tickets
        .current(&slot)
        .unwrap_or_else(|| app.tickets.issue(slot));
    app.update(
        now,
        Event::Reply(Reply {
            ticket,
            last: false,
            body: Body::Page(page),
        }),
    )
}

/// An app with the thirty incidents, all loaded.
pub fn filled(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    let rows = incidents();
    let n = rows.len() as u64;
    give(
        &mut app,
        at(0),
        page(Kind::Incident, &rows, Origin::Fill, n, n),
    );
    app
}

pub fn key(app: &mut App, now: Now, text: &str) -> Vec<Effect> {
    let mut all = Vec::new();
    for key in keys::parse(text).unwrap() {
        all.extend(app.update(now, Event::Key(KeyPress { key, in_read: 1 })));
    }
    all
}

/// Presses keys: words are keys, `'…'` types text.
pub fn press(app: &mut App, text: &str) -> Vec<Effect> {
    let mut all = Vec::new();
    for (n, part) in text.split('\'').enumerate() {
        if n % 2 == 1 {
            for c in part.chars() {
                let word = if c == ' ' {
                    "Space".to_owned()
                } else {
                    c.to_string()
                };
                all.extend(key(app, at(1), &word));
            }
        } else {
            for word in part.split_whitespace() {
                all.extend(key(app, at(1), word));
            }
        }
    }
    all
}

/// Answers all jobs that these effects ask for, as the compute threads would.
pub fn compute(app: &mut App, fx: Vec<Effect>) {
    for effect in fx {
        if let Effect::Compute(ticket, job) = effect {
            answer(app, ticket, job.run().map_or(Body::Dropped, Body::Computed));
        }
    }
}

pub fn answer(app: &mut App, ticket: Ticket, body: Body) -> Vec<Effect> {
    app.update(
        at(2),
        Event::Reply(Reply {
            ticket,
            last: true,
            body,
        }),
    )
}

/// Does the work on results that these effects ask for, as the compute threads would; what it leads to as well.
pub fn work(app: &mut App, fx: Vec<Effect>) -> Vec<Effect> {
    let mut rest = Vec::new();
    for effect in fx {
        match effect {
            Effect::Work(ticket, work) => {
                let body = work.run().map_or(Body::Dropped, Body::Worked);
                let more = answer(app, ticket, body);
                rest.extend(self::work(app, more));
            }
            other => rest.push(other),
        }
    }
    rest
}

/// The hunt pane with a query, and this answer of the service to it.
pub fn hunted(app: &mut App, query: &str, json: &str, partial: Option<&str>) {
    let (read, _) = resource::hunt_answer::read(json).unwrap();
    press(app, "5");
    app.update(at(1), Event::Paste(Text::from(query)));
    let fx = press(app, "F5");
    let asked = fx.into_iter().find_map(|e| match e {
        Effect::Ask(ticket, crate::msg::Request::Hunt { .. }) => Some(ticket),
        _ => None,
    });
    let body = Body::Hunted(crate::msg::Hunted {
        answer: read,
        partial: partial.map(str::to_owned),
    });
    let fx = answer(app, asked.expect("the query was sent"), body);
    work(app, fx);
}

/// An answer with a row an hour: instants, names, numbers, JSON, and a text nobody should print.
pub fn events(rows: usize) -> String {
    let row = |n: usize| {
        format!(
            r#"{{"Timestamp":"2026-07-{:02}T{:02}:00:00Z","DeviceName":"wks-{}.contoso.com","ActionType":"{}","Bytes":{},"AdditionalFields":{{"Port":{},"Tags":["a","b"]}},"Note":"{}"}}"#,
            n / 24 % 28 + 1,
            n % 24,
            n % 5,
            ["ProcessCreated", "FileCreated", "LogonFailed"][n % 3],
            n * n % 97 * 1000,
            n % 7 + 400,
            [
                "",
                "=cmd|' /C calc'!A0",
                "\\u001b[2J\\u202egnp.exe",
                "plain"
            ][n % 4],
        )
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        r#"{{"schema":[{{"name":"Timestamp","type":"DateTime"}},{{"name":"DeviceName","type":"String"}},{{"name":"ActionType","type":"String"}},{{"name":"Bytes","type":"Int64"}},{{"name":"AdditionalFields","type":"Object"}},{{"name":"Note","type":"String"}}],"results":[{}]}}"#,
        rows.join(",")
    )
}
