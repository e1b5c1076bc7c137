//! Lists of hunts, runs and tables, and the pivot menu, at both sizes.

use super::tests::screen;
use crate::app::App;
use crate::app::entities::{Service, full};
use crate::app::fixture::{at, filled, press};
use crate::model::Ticks;
use crate::model::saved::{Kept, Mapping, Place, Ran, Saved};
use crate::model::time::{DAY, HOUR};
use crate::msg::{Event, Shelved};
use std::sync::Arc;

fn sizes(name: &str, make: impl Fn(u16, u16) -> App) {
    for (w, h) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&make(w, h)));
    }
}

fn pane(w: u16, h: u16) -> App {
    let mut app = filled(w, h);
    press(&mut app, "5");
    app
}

#[test]
fn saved_queries_with_their_preview() {
    sizes("library", |w, h| {
        let mut app = pane(w, h);
        press(&mut app, "Ctrl-o 'lsass'");
        app
    });
}

#[test]
fn a_query_that_reaches_out_and_one_that_is_wrong_are_marked() {
    sizes("library_own", |w, h| {
        let mut app = pane(w, h);
        let kept = |title: &str, below: &str, reaches: &[&'static str], wrong: Option<&str>| {
            Kept {
            saved: Arc::new(Saved {
                title: title.into(),
                description: "Names of a list that somebody keeps on the web, looked for in connections".into(),
                techniques: vec!["T1071".into()],
                tables: vec!["DeviceNetworkEvents".into()],
                mappings: vec![Mapping {
                    entity: "Host".into(),
                    identifier: "HostName".into(),
                    column: "DeviceName".into(),
                }],
                text: "let Names = externaldata (Name: string) ['https://lists.example/names.csv'];\nDeviceNetworkEvents\n| where RemoteUrl in~ (Names)".into(),
                ..Saved::default()
            }),
            place: Place::File {
                root: "/home/ana/queries".into(),
                below: below.into(),
            },
            reaches: reaches.to_vec(),
            wrong: wrong.map(Into::into),
        }
        };
        let hunts = vec![
            kept(
                "Names of \u{202e}a list",
                "imported/names.kql",
                &["externaldata"],
                None,
            ),
            kept(
                "Half a head",
                "half.kql",
                &[],
                Some("line 3: a line of the head is `key: value`"),
            ),
        ];
        let now = app.now;
        app.update(now, Event::Shelved(Shelved::Hunts(hunts)));
        press(&mut app, "Ctrl-o");
        app
    });
}

#[test]
fn the_history_of_runs() {
    sizes("history", |w, h| {
        let mut app = pane(w, h);
        let ran = |ago: i64, text: &str, rows: Option<u64>, error: Option<&str>| Ran {
            at: Ticks(at(0).wall.0 - ago),
            text: text.into(),
            engine: "Defender".into(),
            ms: 840,
            rows,
            partial: rows == Some(100_000),
            error: error.map(Into::into),
            tables: vec!["DeviceEvents".into()],
        };
        let runs = vec![
            ran(
                9 * DAY,
                "DeviceEvents\n| summarize count() by ActionType",
                Some(41),
                None,
            ),
            ran(2 * DAY, "// everything\nDeviceEvents", Some(100_000), None),
            ran(
                HOUR,
                "DeviceEvents\n| where ActionTyp == 'x'",
                None,
                Some("Failed to resolve column named 'ActionTyp'"),
            ),
        ];
        press(&mut app, "F7");
        let now = app.now;
        app.update(now, Event::Shelved(Shelved::History(runs)));
        app
    });
    let mut app = pane(80, 24);
    press(&mut app, "F7 'tabel:x rows>0'");
    let screen = screen(&app);
    assert!(screen.contains("did you mean table?"), "{screen}");
}

#[test]
fn tables_and_columns() {
    sizes("tables", |w, h| {
        let mut app = pane(w, h);
        press(&mut app, "F4 'deviceprocess' Right Down Down Down");
        app
    });
}

#[test]
fn the_pivot_menu_of_a_device() {
    sizes("pivot", |w, h| {
        let mut app = full(w, h);
        Service::all().press(&mut app, "3 p");
        app
    });
}
