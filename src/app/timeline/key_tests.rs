//! The keys of a timeline: zooming, seeking, sources, letters, opening, waiting and following, export, help.

use super::tests::{deed, lines, of_lane, of_user, serve, sign_ins, t, tenant};
use super::*;
use crate::app::entities::DEVICE;
use crate::app::fixture::{answer, at, compute, give, page, press};
use crate::app::logs::tests::row;
use crate::msg::{Body, Event as Happens, News, Origin, Request, Slot};
use crate::resource::Answer;
use crate::resource::hunt_export::Form;
use crate::resource::timeline::Thing;
use crate::verb::Deed;

#[test]
fn zooming_keeps_the_cursor_and_columns_seeking_and_sources_work() {
    let mut app = of_user(120, 40);
    press(&mut app, "G");
    let last = t(&app).cursor;
    assert_eq!(last, t(&app).story.len() - 1);
    press(&mut app, "g g j j");
    let (before, at) = (t(&app).cursor, t(&app).at());
    let whole = t(&app).axis.whole.len();
    press(&mut app, "+ + + +");
    assert_eq!(t(&app).axis.view.len(), whole / 16);
    assert!(t(&app).axis.view.holds(at.unwrap()));
    assert_eq!(t(&app).cursor, before);
    press(&mut app, "-");
    assert_eq!(t(&app).axis.view.len() / 2, whole / 16);
    press(&mut app, "0");
    assert_eq!(t(&app).axis.view, t(&app).axis.whole);
    // the next of this source, and the next gap
    let lane = |app: &App| t(app).story.place(t(app).cursor).unwrap().lane;
    let here = lane(&app);
    press(&mut app, "n");
    assert_eq!(lane(&app), here);
    press(&mut app, "!");
    assert!(t(&app).story.place(t(&app).cursor).unwrap().gap);
    // its whole sentence, where a line is too short for it
    press(&mut app, "Enter");
    assert!(
        matches!(app.overlays.last(), Some(Overlay::Inspector(i)) if i.title.contains("lacks"))
    );
    press(&mut app, "Esc");
    // sources off and on, only one
    let all = t(&app).story.len();
    press(&mut app, "1");
    assert!(lines(&app).iter().all(|l| !l.starts_with("sign-ins")));
    press(&mut app, "1");
    assert_eq!(t(&app).story.len(), all);
    press(&mut app, "g g o");
    let only = lane(&app);
    assert!((0..t(&app).story.len()).all(|n| t(&app).story.place(n).unwrap().lane == only));
    press(&mut app, "o");
    assert_eq!(t(&app).story.len(), all);
    // panning moves what is in sight, also where nothing happened
    press(&mut app, "+ + +");
    let view = t(&app).axis.view;
    press(&mut app, "H");
    assert!(t(&app).axis.view.from < view.from);
    press(&mut app, "g g 0");
    let first = t(&app).at().unwrap();
    press(&mut app, "h");
    assert!(t(&app).at().unwrap() < first);
}

#[test]
fn letters_find_events_esc_takes_them_back_one_level_a_press() {
    let mut app = of_user(80, 24);
    press(&mut app, "/ 'LAGOS' Enter");
    let events: Vec<String> = lines(&app)
        .into_iter()
        .filter(|l| !l.contains("GAP"))
        .collect();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(
        lines(&app).iter().any(|l| l.contains("GAP")),
        "what is missing may have had it"
    );
    press(&mut app, "Esc");
    assert!(is_open(&app) && t(&app).story.filter().is_empty());
    press(&mut app, "Esc");
    assert!(!is_open(&app));
    // it is there as it was
    press(&mut app, "g W");
    assert!(is_open(&app));
}

#[test]
fn enter_opens_the_thing_itself_and_the_way_back_is_kept() {
    let mut app = of_user(120, 40);
    let find = |app: &App, kind: Kind| {
        let story = &t(app).story;
        (0..story.len()).find(|n| {
            let event = story.place(*n).and_then(|p| story.event(p));
            matches!(event.map(|e| &e.thing), Some(Thing::Key(k)) if k.kind == kind)
        })
    };
    for kind in [Kind::Alert, Kind::Incident, Kind::Record] {
        let line = find(&app, kind).unwrap_or_else(|| panic!("{kind:?}"));
        app.timeline.as_mut().unwrap().to(line, 20);
        press(&mut app, "Enter");
        assert_eq!(app.subject().map(|k| k.kind), Some(kind));
        assert!(!is_open(&app));
        press(&mut app, "g W");
        assert_eq!(t(&app).cursor, line, "the cursor is where it was");
    }
    // what we did to a user is no action of the service's: the record tells it
    let line = find(&app, Kind::Action).unwrap();
    app.timeline.as_mut().unwrap().to(line, 20);
    press(&mut app, "Enter");
    let Some(Overlay::Inspector(i)) = app.overlays.last() else {
        panic!()
    };
    let text: String = (i.rows.iter())
        .flat_map(|r| r.pieces.iter().map(|(_, s)| s.as_str()))
        .collect();
    assert!(
        text.contains("stolen session") && text.contains("succeeded"),
        "{text}"
    );
    press(&mut app, "Esc");
    // what has no list shows all that is known of it
    let raw = lines(&app)
        .iter()
        .position(|l| l.starts_with("mail: Inbound"))
        .unwrap();
    app.timeline.as_mut().unwrap().to(raw, 20);
    press(&mut app, "Enter");
    let Some(Overlay::Inspector(i)) = app.overlays.last() else {
        panic!()
    };
    assert!(!i.loading());
    let text: String = i
        .rows
        .iter()
        .flat_map(|r| r.pieces.iter().map(|(_, s)| s.as_str()))
        .collect();
    assert!(
        text.contains("billing@evil.example") && !text.contains('\u{202e}'),
        "{text}"
    );
    press(&mut app, "Esc");
    assert!(is_open(&app), "one level a press");
    let fx = press(&mut app, "y");
    let Some(Effect::Copy { text, .. }) = fx.iter().find(|e| matches!(e, Effect::Copy { .. }))
    else {
        panic!()
    };
    assert!(
        text.starts_with("2026-08-01T11:38:05Z mail Inbound") && text.contains("⟨202E⟩"),
        "{text}"
    );
}

#[test]
fn an_alert_leads_to_the_timelines_of_whom_it_names() {
    let mut app = tenant(120, 40);
    press(&mut app, "2 W");
    match app.overlays.last() {
        Some(Overlay::Pick(pick)) => assert!(pick.total() >= 2),
        Some(Overlay::Timeline(_)) => {}
        other => panic!("{other:?}"),
    }
    let mut app = tenant(120, 40);
    press(&mut app, "4 / 'raj' Enter a w");
    assert!(is_open(&app), "the actions menu has it");
    let mut app = tenant(120, 40);
    press(&mut app, "4 / 'raj' Enter : 'timeline' Enter");
    assert!(is_open(&app), "the palette has it");
}

#[test]
fn a_device_is_asked_by_its_id_for_the_tables_of_devices() {
    let mut app = tenant(120, 40);
    let fx = press(&mut app, "3 / 'ws-042' Enter");
    compute(&mut app, fx);
    let fx = press(&mut app, "W");
    let queries: Vec<String> = (fx.iter())
        .filter_map(|e| match e {
            Effect::Ask(_, Request::Hunt { query, .. }) => Some(query.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(queries.len(), 6);
    assert!(
        queries
            .iter()
            .all(|q| q.contains(DEVICE) && q.contains("top 10000 by Timestamp desc"))
    );
    serve(&mut app, fx);
    let all = lines(&app);
    assert!(of_lane(&all, "processes")[0].contains("whoami /all · by powershell.exe"));
}

/// New rows wait as in lists; following takes them in; the cursor stays on its line until then and after.
#[test]
fn new_events_wait_or_follow() {
    let mut app = of_user(120, 40);
    press(&mut app, "j j j");
    let here = t(&app).here();
    let newer = Deed {
        run: "r-2".into(),
        at: at(3).wall,
        sentence: "revoke sessions of raj.patel@contoso.com".into(),
        ..deed()
    };
    app.update(at(3), Happens::News(News::Deeds(vec![newer])));
    assert_eq!(t(&app).waiting.iter().sum::<usize>(), 1);
    assert!(!lines(&app).iter().any(|l| l.contains("revoke sessions")));
    let fx = crate::app::fixture::key(&mut app, at(4), "R");
    serve(&mut app, fx);
    assert!(t(&app).waiting.iter().all(|n| *n == 0));
    assert!(lines(&app).iter().any(|l| l.contains("revoke sessions")));
    assert_eq!(t(&app).here(), here, "the cursor stays on its line");
    // another state of the same deed is told at once: it moves nothing
    let mut failed = deed();
    failed.stand = crate::model::Stand::Failed;
    app.update(at(4), Happens::News(News::Deeds(vec![failed])));
    assert!(
        lines(&app)
            .iter()
            .any(|l| l.contains("disable user") && l.contains("failed"))
    );
    assert!(t(&app).waiting.iter().all(|n| *n == 0));
    // the logs
    let rows = [row(
        "r-9",
        "Set-Mailbox",
        "raj.patel@contoso.com",
        "forwarding",
        "-1m",
    )];
    let fx = give(
        &mut app,
        at(4),
        page(Kind::Record, &rows, Origin::Poll, 4, 4),
    );
    serve(&mut app, fx);
    assert!(!lines(&app).iter().any(|l| l.contains("Set-Mailbox")));
    assert_eq!(t(&app).waiting.iter().sum::<usize>(), 1);
    // following takes it in, and what comes then goes in by itself
    let fx = press(&mut app, "F");
    serve(&mut app, fx);
    assert!(lines(&app).iter().any(|l| l.contains("Set-Mailbox")));
    let granted = "Add-MailboxPermission";
    let rows = [row(
        "r-10",
        granted,
        "raj.patel@contoso.com",
        "permission",
        "-1m",
    )];
    let fx = give(
        &mut app,
        at(5),
        page(Kind::Record, &rows, Origin::Poll, 5, 5),
    );
    serve(&mut app, fx);
    assert!(lines(&app).iter().any(|l| l.contains(granted)));
}

#[test]
fn other_days_are_asked_for_and_late_answers_of_another_timeline_are_strangers() {
    let mut app = of_user(120, 40);
    assert_eq!(t(&app).days, 7);
    let fx = press(&mut app, "w");
    assert_eq!(t(&app).days, 30);
    let late = fx.iter().find_map(|e| match e {
        Effect::Ask(ticket, _) if ticket.slot == Slot::Timeline("sign-ins") => Some(ticket.clone()),
        _ => None,
    });
    let logs = &t(&app).story.lanes[2];
    assert_eq!(logs.source.name, "logs");
    press(&mut app, "Esc 3 W");
    let before = lines(&app);
    answer(&mut app, late.unwrap(), sign_ins());
    assert_eq!(lines(&app), before, "an answer for somebody else");
}

#[test]
fn s1_18_beyond_what_the_feed_keeps_is_a_gap() {
    let mut app = of_user(120, 40);
    let fx = press(&mut app, "w");
    serve(&mut app, fx);
    let all = lines(&app);
    assert!(
        of_lane(&all, "logs")
            .iter()
            .any(|l| l.contains("keeps 7 days")),
        "{all:#?}"
    );
}

#[test]
fn an_export_has_the_lines_and_tells_every_gap() {
    let app = of_user(120, 40);
    let made = super::export::export(t(&app), &app, Form::Csv);
    assert_eq!(made.rows.len(), t(&app).story.len());
    let gaps = t(&app).story.gaps().count();
    assert_eq!(
        made.from
            .notes
            .iter()
            .filter(|n| n.starts_with("gap in "))
            .count(),
        gaps
    );
    assert!(
        made.from
            .partial
            .as_deref()
            .is_some_and(|p| p.contains("gaps"))
    );
    let mut app = app;
    press(&mut app, "x c");
    let fx = press(&mut app, "Enter");
    assert!(fx.iter().any(|e| matches!(e, Effect::Work(..))), "{fx:?}");
    assert!(is_open(&app));
}

#[test]
fn help_is_made_of_the_rows_and_every_row_has_a_key_of_its_own() {
    let mut app = of_user(120, 40);
    press(&mut app, "?");
    let Some(Overlay::Help(help)) = app.overlays.last() else {
        panic!()
    };
    for row in ROWS {
        let listed = help
            .lines
            .iter()
            .any(|l| matches!(l, crate::app::help::Line::Key { name, .. } if *name == row.name));
        assert!(listed, "{}", row.name);
    }
    let mut keys: Vec<&str> = ROWS.iter().flat_map(|r| r.keys.iter().copied()).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    for key in keys {
        assert_eq!(
            crate::app::keys::print(&crate::app::keys::parse(key).unwrap()),
            key
        );
    }
}

/// Any keys on any timeline: no panic, the cursor is on a line, nothing is written.
#[test]
fn any_keys_leave_the_cursor_on_a_line_and_write_nothing() {
    let mut app = of_user(80, 24);
    let keys: Vec<&str> = ROWS.iter().flat_map(|r| r.keys.iter().copied()).collect();
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..600 {
        if !is_open(&app) || app.overlays.len() > 3 {
            app.overlays.clear();
            press(&mut app, "g W");
        }
        let fx = press(&mut app, keys[rng.usize(..keys.len())]);
        assert!(
            !fx.iter()
                .any(|e| matches!(e, Effect::Ask(_, Request::Run(_)) | Effect::Quit))
        );
        if rng.u8(..4) == 0 {
            serve(&mut app, fx);
        }
        if rng.u8(..9) == 0 {
            let (w, h) = (rng.u16(1..200), rng.u16(1..60));
            app.update(at(2), Happens::Resize(w, h));
        }
        let t = t(&app);
        assert!(t.cursor < t.story.len().max(1) && t.top <= t.cursor);
    }
}

/// An alert knows a person by name alone; what was done to them is on record under an id.
#[test]
fn who_it_is_is_asked_first_and_where_nobody_tells_that_is_a_gap() {
    let of = || EntityRef::User {
        id: None,
        upn: Some("raj.patel@contoso.com".into()),
        sid: None,
        name: None,
    };
    let asked = |fx: &[Effect]| -> Vec<String> {
        let slots = fx.iter().filter_map(|e| match e {
            Effect::Ask(ticket, _) => Some(format!("{:?}", ticket.slot)),
            _ => None,
        });
        slots.collect()
    };
    let mut app = tenant(120, 40);
    let mut fx = Vec::new();
    show(&mut app, of(), &mut fx);
    assert_eq!(asked(&fx), ["Timeline(\"who\")"]);
    serve(&mut app, fx);
    assert_eq!(
        t(&app).key,
        Some(Key::new(Kind::User, crate::app::entities::USER))
    );
    let all = lines(&app);
    assert_eq!(of_lane(&all, "actions").len(), 1, "{all:#?}");
    // nobody can be asked
    let mut app = tenant(120, 40);
    let mut fx = Vec::new();
    show(&mut app, of(), &mut fx);
    for effect in fx {
        if let Effect::Ask(ticket, _) = effect {
            let body = Body::Part(vec![Answer::Withheld(&["User.Read.All"])]);
            let more = answer(&mut app, ticket, body);
            serve(&mut app, more);
        }
    }
    let all = lines(&app);
    for lane in ["audits", "actions"] {
        let own = of_lane(&all, lane);
        assert!(
            own.iter()
                .any(|l| l.starts_with("GAP") && l.contains("User.Read.All")),
            "{own:?}"
        );
    }
    assert!(
        !of_lane(&all, "sign-ins").is_empty(),
        "a name is enough for these"
    );
}
