//! What lists get from other lists.

use super::*;
use crate::app::fixture::*;
use crate::model::Kind;
use crate::msg::{Event, Origin};

fn alert(id: &str, incident: &str, source: &str, technique: &str) -> Vec<(&'static str, String)> {
    vec![
        ("id", id.into()),
        ("incidentId", incident.into()),
        ("serviceSource", source.into()),
        ("mitreTechniques", technique.into()),
        ("title", "an alert".into()),
    ]
}

fn cell(app: &App, id: &str, column: &str) -> Option<String> {
    let pane = app
        .panes
        .iter()
        .find(|p| p.spec.kind == Kind::Incident)
        .unwrap();
    let (row, col) = (
        pane.rows.find(id).unwrap(),
        pane.spec.column(column).unwrap(),
    );
    match pane.rows.cell(row, col) {
        _ if pane.rows.table().is_unknown(row, col) => Some("…".into()),
        table::Cell::List(words) => Some(
            words
                .iter()
                .map(|w| w.exact().to_owned())
                .collect::<Vec<_>>()
                .join(" "),
        ),
        table::Cell::Int(n) => Some(n.to_string()),
        _ => None,
    }
}

const MDE: &str = "microsoftDefenderForEndpoint";

const MDO: &str = "microsoftDefenderForOffice365";

#[test]
fn incidents_get_their_sources_when_the_alerts_are_complete_s0_13() {
    let mut app = filled(80, 24);
    press(&mut app, "j j");
    give(
        &mut app,
        at(0),
        page(
            Kind::Alert,
            &[alert("a1", "4711", MDE, "T1566")],
            Origin::Fill,
            1,
            3,
        ),
    );
    assert_eq!(
        cell(&app, "4711", "src").as_deref(),
        Some("…"),
        "half of the sources would be a wrong answer"
    );
    press(&mut app, "/ 'src:mdo' Enter");
    assert_eq!(
        (shown(&app).len(), app.pane().maybe),
        (30, 30),
        "what is not known yet hides nothing"
    );
    press(&mut app, "Esc");
    give(
        &mut app,
        at(0),
        page(
            Kind::Alert,
            &[
                alert("a2", "4711", MDO, "T1566|T1078"),
                alert("a3", "4702", MDO, ""),
            ],
            Origin::Fill,
            3,
            3,
        ),
    );
    assert_eq!(cell(&app, "4711", "src").unwrap(), format!("{MDE} {MDO}"));
    assert_eq!(
        (
            cell(&app, "4711", "alerts").as_deref(),
            cell(&app, "4711", "mitre").as_deref()
        ),
        (Some("2"), Some("T1078 T1566"))
    );
    assert_eq!(
        cell(&app, "4600", "src"),
        None,
        "no alerts, and that is known"
    );
    assert_eq!(
        (under(&app).as_str(), app.pane().cursor),
        ("4702", 2),
        "the cursor stayed"
    );
    press(&mut app, "/ 'src:mdo' Enter");
    assert_eq!(shown(&app), ["4711", "4702"]);
    // a poll of the incident keeps what is joined, and a further alert changes it
    give(
        &mut app,
        at(1),
        page(
            Kind::Incident,
            &[incident(
                4702,
                "medium",
                "inProgress",
                "raj@contoso.com",
                "Suspicious inbox rule",
                "-2h",
            )],
            Origin::Poll,
            30,
            30,
        ),
    );
    assert_eq!(cell(&app, "4702", "alerts").as_deref(), Some("1"));
    give(
        &mut app,
        at(2),
        page(
            Kind::Alert,
            &[alert("a4", "4702", MDE, "")],
            Origin::Poll,
            4,
            4,
        ),
    );
    assert_eq!(cell(&app, "4702", "alerts").as_deref(), Some("2"));
}

#[test]
fn a_filter_on_sources_is_made_again_when_they_become_known() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'src:mdo' Enter");
    assert_eq!(shown(&app).len(), 30);
    give(
        &mut app,
        at(1),
        page(
            Kind::Alert,
            &[alert("a", "4702", MDO, "")],
            Origin::Fill,
            1,
            1,
        ),
    );
    app.update(at(3), Event::Wake);
    assert_eq!(
        (shown(&app), app.pane().maybe),
        (vec!["4702".to_owned()], 0)
    );
}

#[test]
fn large_joins_are_made_in_portions_so_that_no_key_waits() {
    let mut app = app(80, 24);
    let rows: Vec<_> = (0..2_000)
        .map(|n| incident(n, "low", "active", "", "x", "-1d"))
        .collect();
    give(
        &mut app,
        at(0),
        page(Kind::Incident, &rows, Origin::Fill, 2_000, 2_000),
    );
    let alerts: Vec<_> = (0..2_000)
        .map(|n| alert(&format!("a{n}"), &n.to_string(), MDE, ""))
        .collect();
    let mut fx = give(
        &mut app,
        at(0),
        page(Kind::Alert, &alerts, Origin::Fill, 2_000, 2_000),
    );
    let mut events = 1;
    while app.joins_wait() {
        assert!(
            fx.iter()
                .any(|e| matches!(e, Effect::WakeAt(d) if *d <= app.now.mono)),
            "the next portion asks for its event"
        );
        fx = app.update(at(0), Event::Wake);
        events += 1;
    }
    assert_eq!(events, 4);
    assert!((0..2_000).all(|n| cell(&app, &n.to_string(), "alerts").as_deref() == Some("1")));
}

#[test]
fn risk_of_users_comes_from_beside_the_list() {
    let mut app = app(80, 24);
    press(&mut app, "4");
    let user = |id: &str, name: &str| vec![("id", id.to_owned()), ("displayName", name.to_owned())];
    give(
        &mut app,
        at(0),
        page(
            Kind::User,
            &[user("u1", "Ana"), user("u2", "Raj")],
            Origin::Fill,
            2,
            2,
        ),
    );
    let spec = crate::resource::spec(Kind::User);
    let joined: Vec<&str> = spec
        .columns
        .iter()
        .filter(|c| c.source == crate::resource::Source::Joined)
        .map(|c| c.name)
        .collect();
    let level = *joined
        .iter()
        .find(|n| n.contains("Level"))
        .expect("users have a joined level of risk");
    let beside = vec![("id", "u2".to_owned()), (level, "high".to_owned())];
    let mut p = page(Kind::User, &[beside], Origin::Beside, 1, 1);
    give(&mut app, at(0), p.clone());
    let read = |app: &App, id: &str| {
        let pane = app.pane();
        let row = pane.rows.find(id).unwrap();
        pane.rows
            .table()
            .text(row, pane.spec.column(level).unwrap())
            .map(|t| t.exact().to_owned())
    };
    assert_eq!(
        (read(&app, "u2").as_deref(), read(&app, "u1")),
        (Some("high"), None)
    );
    assert_eq!(shown(&app).len(), 2);
    // who is not in it is unknown until the listing ends
    let unknown = |app: &App| {
        let pane = app.pane();
        let row = pane.rows.find("u1").unwrap();
        pane.rows
            .table()
            .is_unknown(row, pane.spec.column(level).unwrap())
    };
    assert!(unknown(&app));
    let mut end = page(Kind::User, &[], Origin::BesideDone, 1, 1);
    end.chunk = None;
    give(&mut app, at(0), end);
    assert!(!unknown(&app));
    // the list read again keeps it
    p = page(
        Kind::User,
        &[user("u1", "Ana"), user("u2", "Raj the Second")],
        Origin::Poll,
        2,
        2,
    );
    give(&mut app, at(1), p);
    assert_eq!(read(&app, "u2").as_deref(), Some("high"));
    assert_eq!(
        app.pane().progress.loaded,
        2,
        "the listing beside says nothing about this one"
    );
}
