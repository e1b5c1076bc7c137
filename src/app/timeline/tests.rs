//! A timeline from the key that opens it to its export, with sources that answer, refuse, and are cut.

use super::*;
use crate::app::entities::{USER, full};
use crate::app::fixture::{answer, at, compute, give, page, press};
use crate::app::logs::tests::{ledger, row};
use crate::model::feed::Ledger;
use crate::model::time::MINUTE;
use crate::model::{Fault, FaultKind, Service, Stand as DeedStand};
use crate::msg::{Body, Event as Happens, Hunted, News, Origin, Request, Slot, Ticket};
use crate::resource::Answer;
use crate::resource::hunt_answer;
use crate::resource::timeline::Stand;
use crate::verb::Deed;
use serde_json::json;
use table::{ChunkBuilder, Schema, Table, Type};

/// A hunting answer: the minutes before noon of each row, and its other columns.
pub fn table(columns: &[&str], rows: &[(i64, &[&str])]) -> Table {
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

pub fn hunted(table: Table, partial: Option<&str>) -> Body {
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

pub fn sign_ins() -> Body {
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
        "who" => {
            let one = json!({"id": USER, "userPrincipalName": "raj.patel@contoso.com", "onPremisesSamAccountName": "raj.patel"});
            Body::Part(vec![Answer::Got {
                body: Arc::new(json!({ "value": [one] })),
                more: false,
            }])
        }
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
pub fn serve(app: &mut App, fx: Vec<Effect>) {
    let mut jobs = Vec::new();
    for effect in fx {
        match effect {
            Effect::Ask(ticket, _) if matches!(ticket.slot, Slot::Timeline(_)) => {
                let Slot::Timeline(name) = ticket.slot else {
                    continue;
                };
                let more = answer(app, ticket, says(name));
                serve(app, more);
            }
            Effect::Compute(..) => jobs.push(effect),
            _ => {}
        }
    }
    compute(app, jobs);
}

pub fn deed() -> Deed {
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
pub fn tenant(width: u16, height: u16) -> App {
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

pub fn t(app: &App) -> &Timeline {
    app.timeline.as_ref().unwrap()
}

/// The lines as `source: sentence`.
pub fn lines(app: &App) -> Vec<String> {
    let story = &t(app).story;
    let all = (0..story.len()).filter_map(|n| story.place(n));
    all.map(|p| {
        let gap = if p.gap { "GAP " } else { "" };
        let words = story.sentence(p).unwrap().txt().exact();
        format!("{}: {gap}{words}", story.lane(p).unwrap().source.name)
    })
    .collect()
}

pub fn of_lane<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
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
        ["Consent to application by raj.patel@contoso.com · Mail Backup Pro · success"]
    );
    assert!(of_lane(&all, "sign-ins")[0].contains("from 203.0.113.7 (Lagos, NG) · risk:high"));
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
