//! A timeline from the key that opens it to its export, with sources that answer, refuse, and are cut.

use super::*;
use crate::app::entities::{DEVICE, USER, full};
use crate::app::fixture::{answer, at, compute, give, page, press};
use crate::app::logs::tests::{ledger, row};
use crate::model::feed::Ledger;
use crate::model::time::MINUTE;
use crate::model::{Fault, FaultKind, Service, Stand as DeedStand};
use crate::msg::{Body, Event as Happens, Hunted, News, Origin, Request, Slot, Ticket};
use crate::resource::Answer;
use crate::resource::hunt_answer;
use crate::resource::hunt_export::Form;
use crate::resource::timeline::{Stand, Thing};
use crate::verb::Deed;
use serde_json::json;
use table::{ChunkBuilder, Schema, Table, Type};

/// A hunting answer: the minutes before noon of each row, and its other columns.
fn table(columns: &[&str], rows: &[(i64, &[&str])]) -> Table {
    let mut all = vec![("Timestamp", Type::Time)];
    all.extend(columns.iter().map(|c| (*c, Type::Text)));
    let schema = Arc::new(Schema::new(all));
    let mut build = ChunkBuilder::new(schema.clone());
    for (minutes, cells) in rows {
        build.time(0, Some(at(0).wall.0 - minutes * MINUTE));
        for (n, cell) in cells.iter().enumerate() {
            build.text(n + 1, Some(*cell).filter(|c| !c.is_empty()));
        }
        build.end_row();
    }
    let mut table = Table::new(schema);
    table.append(Arc::new(build.finish()));
    table
}

fn hunted(table: Table, partial: Option<&str>) -> Body {
    Body::Hunted(Hunted {
        answer: hunt_answer::Answer {
            table,
            odd: 0,
            first_odd: None,
            bad_rows: 0,
            strangers: 0,
        },
        partial: partial.map(Into::into),
    })
}

fn sign_ins() -> Body {
    let one = |id: &str, minutes: i64, city: &str, risk: &str, code: i64| {
        let when = Ticks(at(0).wall.0 - minutes * MINUTE).literal();
        json!({"id": id, "createdDateTime": when, "appDisplayName": "Office 365 Exchange Online", "ipAddress": "203.0.113.7",
            "location": {"city": city, "countryOrRegion": "NG"}, "status": {"errorCode": code, "failureReason": "Invalid password"},
            "riskLevelDuringSignIn": risk})
    };
    let value = [
        one("s1", 31, "Lagos", "high", 0),
        one("s2", 33, "Lagos", "medium", 50126),
        one("s3", 3_000, "Leeds\u{202e}", "none", 0),
    ];
    Body::Part(vec![Answer::Got {
        body: Arc::new(json!({ "value": value })),
        more: true,
    }])
}

fn refused() -> Fault {
    Fault::new(FaultKind::Forbidden, "the report was refused")
        .on(Service::Graph)
        .status(403)
}

/// What each source says.
fn says(slot: &str) -> Body {
    match slot {
        "sign-ins" => sign_ins(),
        "audits" => {
            let one = json!({"id": "a1", "activityDateTime": "2026-08-01T11:36:00Z", "activityDisplayName": "Consent to application",
                "initiatedBy": {"user": {"userPrincipalName": "raj.patel@contoso.com"}}, "result": "success",
                "targetResources": [{"displayName": "Mail Backup Pro"}]});
            let got = |value: serde_json::Value| Answer::Got {
                body: Arc::new(json!({ "value": value })),
                more: false,
            };
            // done to oneself, it is in both answers
            Body::Part(vec![got(json!([one])), got(json!([one]))])
        }
        "mail" => hunted(
            table(
                &[
                    "What",
                    "SenderFromAddress",
                    "RecipientEmailAddress",
                    "Subject",
                    "Done",
                    "ThreatTypes",
                ],
                &[(
                    26,
                    &[
                        "Inbound",
                        "billing@evil.example",
                        "raj.patel@contoso.com",
                        "Invoice \u{202e}fdp.exe",
                        "Delivered",
                        "Phish",
                    ],
                )],
            ),
            None,
        ),
        "clicks" => Body::Fault(
            Fault::new(
                FaultKind::BadRequest,
                "'UrlClickEvents' is no table of this tenant",
            )
            .on(Service::Graph)
            .status(400),
        ),
        "logons" => hunted(
            table(
                &[
                    "ActionType",
                    "LogonType",
                    "AccountName",
                    "DeviceName",
                    "RemoteIP",
                ],
                &[
                    (
                        14,
                        &[
                            "LogonSuccess",
                            "RemoteInteractive",
                            "raj.patel",
                            "ws-042",
                            "203.0.113.7",
                        ],
                    ),
                    (
                        15,
                        &[
                            "LogonFailed",
                            "RemoteInteractive",
                            "raj.patel",
                            "ws-042",
                            "203.0.113.7",
                        ],
                    ),
                ],
            ),
            Some("the connection broke off"),
        ),
        "processes" => hunted(
            table(
                &[
                    "FileName",
                    "ProcessCommandLine",
                    "InitiatingProcessFileName",
                    "AccountName",
                    "SHA256",
                ],
                &[
                    (
                        13,
                        &[
                            "powershell.exe",
                            "powershell -enc SQBFAFgA",
                            "winword.exe",
                            "raj.patel",
                            "aa11",
                        ],
                    ),
                    (
                        12,
                        &[
                            "whoami.exe",
                            "whoami /all",
                            "powershell.exe",
                            "raj.patel",
                            "bb22",
                        ],
                    ),
                ],
            ),
            None,
        ),
        _ => hunted(table(&["ActionType"], &[]), None),
    }
}

/// Answers what is asked, and does what is to be computed.
fn serve(app: &mut App, fx: Vec<Effect>) {
    let mut jobs = Vec::new();
    for effect in fx {
        match effect {
            Effect::Ask(ticket, _) if matches!(ticket.slot, Slot::Timeline(_)) => {
                let Slot::Timeline(name) = ticket.slot else {
                    continue;
                };
                answer(app, ticket, says(name));
            }
            Effect::Compute(..) => jobs.push(effect),
            _ => {}
        }
    }
    compute(app, jobs);
}

fn deed() -> Deed {
    Deed {
        run: "r-1".into(),
        set: "r-1".into(),
        at: Ticks(at(0).wall.0 - 2 * MINUTE),
        verb: "disable".into(),
        key: Key::new(Kind::User, USER),
        name: "raj.patel@contoso.com".into(),
        sentence: "disable user raj.patel@contoso.com".into(),
        reason: Some("stolen session".into()),
        before: json!({"accountEnabled": true}),
        stand: DeedStand::Succeeded,
        detail: String::new(),
        action: None,
        analyst: "ana@contoso.com".into(),
        undone: None,
    }
}

/// Lists, logs and record filled; the users in front.
fn tenant(width: u16, height: u16) -> App {
    let mut app = full(width, height);
    let rows = [
        row(
            "r-1",
            "New-InboxRule",
            "raj.patel@contoso.com",
            "forwarding",
            "-24m",
        ),
        row(
            "r-2",
            "FileDownloaded",
            "ana@contoso.com",
            "download",
            "-9m",
        ),
        row(
            "r-3",
            "UserLoggedIn",
            "Raj.Patel@contoso.com",
            "signin",
            "-31m",
        ),
    ];
    give(
        &mut app,
        at(0),
        page(Kind::Record, &rows, Origin::Fill, 3, 3),
    );
    let told = News::Feed(Arc::new(ledger(1)));
    app.update(at(0), Happens::News(told));
    app.update(at(0), Happens::News(News::Deeds(vec![deed()])));
    app
}

/// The timeline of the user of the story, all sources having answered.
pub fn of_user(width: u16, height: u16) -> App {
    let mut app = tenant(width, height);
    let fx = press(&mut app, "4 / 'raj' Enter W");
    serve(&mut app, fx);
    app.toasts.seen();
    app
}

pub fn of_device(width: u16, height: u16) -> App {
    let mut app = tenant(width, height);
    let mut fx = press(&mut app, "3 / 'ws-042' Enter");
    compute(&mut app, std::mem::take(&mut fx));
    let fx = press(&mut app, "W");
    serve(&mut app, fx);
    app.toasts.seen();
    app
}

fn t(app: &App) -> &Timeline {
    app.timeline.as_ref().unwrap()
}

/// The lines as `source: sentence`.
fn lines(app: &App) -> Vec<String> {
    let story = &t(app).story;
    let all = (0..story.len()).filter_map(|n| story.place(n));
    all.map(|p| {
        let gap = if p.gap { "GAP " } else { "" };
        let words = story.sentence(p).unwrap().txt().exact();
        format!("{}: {gap}{words}", story.lane(p).unwrap().source.name)
    })
    .collect()
}

fn of_lane<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    let own = lines
        .iter()
        .filter_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
    own.collect()
}

#[test]
fn s0_6_one_key_on_a_user_asks_every_source_and_puts_all_in_one_order() {
    let mut app = tenant(120, 40);
    press(&mut app, "4 / 'raj' Enter");
    let fx = press(&mut app, "W");
    let mut asked: Vec<&str> = Vec::new();
    for effect in &fx {
        if let Effect::Ask(
            Ticket {
                slot: Slot::Timeline(name),
                ..
            },
            request,
        ) = effect
        {
            asked.push(name);
            let text = format!("{request:?}");
            assert!(
                text.contains(USER) || text.contains("raj.patel@contoso.com"),
                "{text}"
            );
        }
    }
    assert_eq!(asked, ["sign-ins", "audits", "mail", "clicks", "logons"]);
    assert!(
        t(&app)
            .story
            .lanes
            .iter()
            .any(|l| l.stand == Stand::Reading)
    );
    serve(&mut app, fx);
    assert!(t(&app).story.lanes.iter().all(|l| l.stand == Stand::Here));
    let all = lines(&app);
    let story = &t(&app).story;
    let times: Vec<_> = (0..story.len())
        .filter_map(|n| story.at(story.place(n)?))
        .collect();
    assert!(times.windows(2).all(|w| w[0] >= w[1]));
    assert_eq!(
        of_lane(&all, "audits"),
        ["Consent to application by raj.patel@contoso.com on Mail Backup Pro · success"]
    );
    assert!(of_lane(&all, "sign-ins")[0].contains("from 203.0.113.7 (Lagos, NG) · risk high"));
    assert_eq!(
        of_lane(&all, "actions"),
        ["disable user raj.patel@contoso.com · succeeded · by ana@contoso.com · stolen session"]
    );
    let logs = of_lane(&all, "logs");
    assert!(
        logs.iter().any(|l| l.starts_with("New-InboxRule")),
        "{logs:?}"
    );
    assert!(
        logs.iter().any(|l| l.starts_with("UserLoggedIn")),
        "a name in another case is the same"
    );
    assert!(
        !logs.iter().any(|l| l.contains("ana@")),
        "others' records are not"
    );
    assert_eq!(of_lane(&all, "alerts").len(), 2);
    assert_eq!(of_lane(&all, "incidents").len(), 1);
}

/// A source that fails, was cut, is not switched on or not permitted is a line and a mark, never silence.
#[test]
fn what_is_missing_is_marked_with_its_sentence() {
    let app = of_user(120, 40);
    let all = lines(&app);
    let gaps: Vec<&String> = all.iter().filter(|l| l.contains(": GAP ")).collect();
    let has = |lane: &str, words: &str| {
        let found = gaps
            .iter()
            .any(|l| l.starts_with(lane) && l.contains(words));
        assert!(found, "{lane} {words}: {gaps:#?}");
    };
    has("clicks", "is no table of this tenant");
    has("logons", "not whole: the connection broke off");
    has("sign-ins", "cut: the service has more");
    has(
        "logs",
        "Exchange: the answer of manage.office.com is not JSON",
    );
    has("logs", "General: disabled");
    has("logs", "DLP: not permitted");
    // a cut reaches from the beginning to the oldest event that came
    let t = t(&app);
    let sign_ins = &t.story.lanes[0];
    assert_eq!(sign_ins.gaps[0].span.from, t.axis.whole.from);
    assert_eq!(
        Some(sign_ins.gaps[0].span.to),
        sign_ins.events().last().map(|e| e.at)
    );
    // nothing was answered by audits but what it had: no gap
    assert!(!gaps.iter().any(|l| l.starts_with("audits")));
}

#[test]
fn a_refusal_a_missing_permission_and_a_list_that_loads_are_gaps() {
    let mut app = tenant(120, 40);
    // alerts begin anew
    let rows: [Vec<(&str, String)>; 0] = [];
    give(
        &mut app,
        at(0),
        page(Kind::Alert, &rows, Origin::Fill, 1_400, 1_987),
    );
    app.update(
        at(0),
        Happens::News(News::Feed(Arc::new(Ledger::default()))),
    );
    let mut grants = crate::app::fixture::grants();
    grants.deny(Service::Graph, "ThreatHunting.Read.All");
    let session = crate::app::fixture::session();
    app.update(at(0), Happens::News(News::Session(session, grants)));
    press(&mut app, "4 / 'raj' Enter");
    let fx = press(&mut app, "W");
    for effect in fx {
        match effect {
            Effect::Ask(ticket, Request::Pick { .. })
                if ticket.slot == Slot::Timeline("sign-ins") =>
            {
                answer(
                    &mut app,
                    ticket,
                    Body::Part(vec![Answer::Failed(refused())]),
                );
            }
            Effect::Ask(ticket, Request::Pick { .. })
                if ticket.slot == Slot::Timeline("audits") =>
            {
                let withheld = Answer::Withheld(&["AuditLog.Read.All"]);
                answer(&mut app, ticket, Body::Part(vec![withheld, Answer::None]));
            }
            Effect::Ask(_, Request::Hunt { query, .. }) => panic!("not permitted: {query}"),
            Effect::Compute(..) => compute(&mut app, vec![effect]),
            _ => {}
        }
    }
    let all = lines(&app);
    let lane = |name: &str| of_lane(&all, name).join("|");
    assert!(
        lane("sign-ins").contains("the report was refused (403)"),
        "{all:#?}"
    );
    assert!(lane("audits").contains("not permitted: needs AuditLog.Read.All"));
    assert!(lane("mail").contains("needs ThreatHunting.Read.All"));
    assert!(lane("alerts").contains("still loading: 1400 of 1987"));
    assert!(lane("logs").contains("not read in this session"));
}

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
    for kind in [Kind::Alert, Kind::Incident, Kind::Record, Kind::Action] {
        let line = find(&app, kind).unwrap_or_else(|| panic!("{kind:?}"));
        app.timeline.as_mut().unwrap().to(line, 20);
        press(&mut app, "Enter");
        assert_eq!(app.subject().map(|k| k.kind), Some(kind));
        assert!(!is_open(&app));
        press(&mut app, "g W");
        assert_eq!(t(&app).cursor, line, "the cursor is where it was");
    }
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
    assert!(of_lane(&all, "processes")[0].contains("whoami.exe: whoami /all · by powershell.exe"));
}

/// New rows wait as in lists; following takes them in; the cursor stays on its line until then and after.
#[test]
fn new_events_wait_or_follow() {
    let mut app = of_user(120, 40);
    press(&mut app, "j j j");
    let here = t(&app).here();
    let newer = Deed {
        run: "r-2".into(),
        at: at(0).wall,
        sentence: "revoke sessions of raj.patel@contoso.com".into(),
        ..deed()
    };
    app.update(at(3), Happens::News(News::Deeds(vec![newer])));
    assert_eq!(t(&app).waiting.iter().sum::<usize>(), 1);
    assert!(!lines(&app).iter().any(|l| l.contains("revoke sessions")));
    let fx = press(&mut app, "R");
    serve(&mut app, fx);
    assert!(t(&app).waiting.iter().all(|n| *n == 0));
    assert!(lines(&app).iter().any(|l| l.contains("revoke sessions")));
    assert_eq!(t(&app).here(), here, "the cursor stays on its line");
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
