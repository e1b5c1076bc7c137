//! Questions at three sizes: each tier has its own shape and words.

use super::tests::screen;
use crate::app::App;
use crate::app::fixture::*;
use crate::model::{Json, Key, Kind};
use crate::msg::{Body, Effect, Event, Preview, Previewed, Reply, Request, RunState};
use crate::verb::{self, Consequence};
use serde_json::json;
use std::sync::Arc;

fn sizes(name: &str, prepare: impl Fn(&mut App)) {
    for (w, h) in [(80, 24), (120, 40), (40, 12)] {
        let mut app = filled(w, h);
        prepare(&mut app);
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&app));
    }
}

static ISOLATE: verb::Verb = verb::Verb {
    name: "isolate",
    kinds: &[Kind::Incident],
    tier: 2,
    inverse: Some("release"),
    sentence: |_, _, _| "isolate device srv-web-01.contoso.com fully".into(),
    consequences: |about| {
        let mut out = vec![
            Consequence::note("raj@contoso.com is logged on since 09:12Z"),
            Consequence::warn("2 other incidents are open on it"),
            Consequence::unchecked("whether it is a Hyper-V host (needs Machine.Read.All)"),
        ];
        if about.entity.bool("server") == Some(true) {
            out.push(Consequence::grave("it is a server (WindowsServer2022)").raises(3));
        }
        out
    },
    plan: |key, _, _, _, _| {
        let path = crate::model::Path::new("/machines")
            .id(key.id.txt())
            .map_err(|e| e.to_string())?;
        let body = json!({"Comment": "by ana", "IsolationType": "Full"});
        Ok(vec![crate::model::Call::write(
            crate::model::Service::Defender,
            crate::model::Method::Post,
            path.then("/isolate"),
            body,
        )])
    },
    stamp: Some(verb::Stamp {
        comment: "Comment",
        external: "ExternalId",
    }),
    ..verb::BASE
};

/// Opens the question about the row under the cursor.
fn isolate(app: &mut App, server: bool) {
    let mut fx = Vec::new();
    crate::app::act::begin(app, &ISOLATE, &mut fx);
    let ticket = fx.into_iter().find_map(|e| match e {
        Effect::Ask(ticket, Request::Preview { .. }) => Some(ticket),
        _ => None,
    });
    let entity = json!({"id": "4711", "displayName": "srv-web-01.contoso.com", "server": server});
    assert!(Json(&entity).bool("server").is_some());
    let body = Body::Preview(Preview {
        targets: vec![Previewed {
            key: Key::new(Kind::Incident, "4711"),
            entity: Ok(Arc::new(entity)),
            answers: Vec::new(),
        }],
        recent: 0,
        read_at: app.now.wall,
    });
    answer(app, ticket.unwrap(), body);
    app.update(at(2), Event::FrameFlushed(9));
    app.update(at(2), Event::FrameSeen(9));
}

/// Goes on to the end of what is to be read, each page having been on the screen.
fn read(app: &mut App) {
    for frame in 10..20 {
        press(app, "PgDn");
        app.update(at(2), Event::FrameFlushed(frame));
        app.update(at(2), Event::FrameSeen(frame));
    }
}

#[test]
fn a_set_of_triage_is_tier_one() {
    sizes("prompt_set", |app| {
        press(app, "* / 'st:active' Enter d f");
    });
    sizes("prompt_few", |app| {
        press(app, "Space Space Space t");
    });
}

#[test]
fn tiers_two_and_three_look_different() {
    sizes("prompt_tier2", |app| isolate(app, false));
    sizes("prompt_tier3", |app| isolate(app, true));
    let mut app = filled(40, 12);
    isolate(&mut app, false);
    press(&mut app, "'4711' Enter");
    insta::assert_snapshot!("prompt_unread_40x12", screen(&app));
}

#[test]
fn a_wrong_answer_the_requests_and_the_seconds_of_grace() {
    sizes("prompt_wrong", |app| {
        isolate(app, false);
        read(app);
        press(app, "'4712' Enter");
    });
    sizes("prompt_requests", |app| {
        isolate(app, false);
        press(app, "F2");
    });
    sizes("prompt_grace", |app| {
        isolate(app, false);
        read(app);
        press(app, "'4711' Enter");
    });
}

#[test]
fn marks_in_a_list_and_the_report_of_a_set() {
    sizes("marks", |app| {
        press(app, "Space j Space V j j");
    });
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = filled(w, h);
        let app = &mut app;
        press(app, "/ 'sample st:active' Enter * T");
        app.update(at(1), Event::FrameFlushed(1));
        app.update(at(1), Event::FrameSeen(1));
        let fx = press(app, "'12' Enter");
        let ticket = fx.into_iter().find_map(|e| match e {
            Effect::Ask(ticket, Request::Run(_)) => Some(ticket),
            _ => None,
        });
        let ticket = ticket.unwrap();
        let states = [
            RunState::Succeeded,
            RunState::Changed(vec![("status".into(), "active".into(), "resolved".into())]),
            RunState::Succeeded,
            RunState::Sent,
        ];
        for (target, state) in states.into_iter().enumerate() {
            app.update(
                at(4),
                Event::Reply(Reply {
                    ticket: ticket.clone(),
                    last: false,
                    body: Body::Ran { target, state },
                }),
            );
        }
        insta::assert_snapshot!(format!("report_{w}x{h}"), screen(app));
    }
}
