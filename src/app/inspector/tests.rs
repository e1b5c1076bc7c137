//! The inspector: order, folds, search, copies, and entities of every size.

use super::*;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key, press};
use crate::app::places::Spot;
use crate::msg::Event;
use serde_json::json;

fn top(app: &App) -> &Inspector {
    match app.overlays.last() {
        Some(Overlay::Inspector(i)) => i,
        other => panic!("no inspector but {other:?}"),
    }
}

fn rows(app: &App) -> Vec<String> {
    let row = |r: &Row| {
        let words: String = r.pieces.iter().map(|(_, s)| s.as_str()).collect();
        format!("{}{words}", " ".repeat(r.indent.into()))
    };
    top(app).rows.iter().map(row).collect()
}

fn copied(effects: &[Effect]) -> (&'static str, String) {
    match effects.iter().find(|e| matches!(e, Effect::Copy { .. })) {
        Some(Effect::Copy { what, text }) => (what, text.clone()),
        _ => panic!("nothing was copied"),
    }
}

/// An inspector over any JSON.
fn over(json: serde_json::Value, width: u16, height: u16) -> App {
    let mut app = full(width, height);
    let fx = key(&mut app, at(1), "J");
    let mut json = json;
    json["id"] = "4711".into();
    answer(
        &mut app,
        at(1),
        ticket(&fx, SLOT),
        entity(Kind::Incident, json, false),
    );
    app
}

#[test]
fn from_a_list_the_service_is_asked_and_from_a_detail_nobody_is() {
    let mut app = full(80, 24);
    let fx = key(&mut app, at(1), "J");
    assert_eq!(asked(&fx), ["Incident 4711 json fresh"]);
    assert!(top(&app).loading());
    assert!(app.pane().detail.is_none(), "the list is left as it was");
    let ask = ticket(&fx, SLOT);
    answer(
        &mut app,
        at(1),
        ask,
        entity(Kind::Incident, incident(), false),
    );
    assert!(
        rows(&app)
            .iter()
            .any(|r| r.contains("\"Multi-stage incident"))
    );
    press(&mut app, "Esc");
    assert!(app.overlays.is_empty() && matches!(app.spot(), Spot::List { .. }));
    // a failed reading says why; one that was seen before stays
    let fx = key(&mut app, at(1), "J");
    let fault = crate::model::Fault::new(crate::model::FaultKind::Timeout, "no answer in time");
    answer(&mut app, at(1), ticket(&fx, SLOT), Body::Fault(fault));
    assert!(
        top(&app)
            .fault
            .as_ref()
            .unwrap()
            .contains("no answer in time")
    );
    press(&mut app, "Esc");
    // closed before it came: let go
    key(&mut app, at(1), "J");
    let fx = key(&mut app, at(1), "q");
    assert_eq!(asked(&fx), ["drop Incident 4711 json"]);
    let mut service = Service::all();
    service.press(&mut app, "Enter");
    let before = service.asked.len();
    service.press(&mut app, "J");
    assert_eq!(service.asked.len(), before);
    assert!(!top(&app).loading());
}

#[test]
fn keys_stand_in_the_order_they_came_and_annotations_are_dim() {
    let mut app = over(
        json!({"zeta": 1, "@odata.etag": "x", "alpha": {"b": null, "a": true}, "list": [1, "two"]}),
        100,
        40,
    );
    press(&mut app, "+");
    assert_eq!(
        rows(&app),
        [
            "▾ entity {5}",
            "  zeta 1",
            "  @odata.etag \"x\"",
            "▾ alpha {2}",
            "    b null",
            "    a true",
            "▾ list [2]",
            "    0 1",
            "    1 \"two\"",
            "  id \"4711\"",
        ]
    );
    let note = &top(&app).rows[2];
    let dim = |(ink, text): &(super::super::doc::Ink, String)| {
        matches!(
            ink,
            super::super::doc::Ink::Tone(crate::resource::doc::Tone::Dim)
        ) || text.trim().is_empty()
    };
    assert!(note.pieces.iter().all(dim), "{note:?}");
}

#[test]
fn folds_open_and_close_and_the_cursor_stays_on_what_it_was() {
    let mut app = over(json!({"a": {"b": {"c": 1, "d": 2}}, "z": 9}), 80, 24);
    press(&mut app, "+ j j j");
    assert_eq!(top(&app).path(), "a.b.c");
    // h goes to what holds it, h again folds that
    press(&mut app, "h");
    assert_eq!(top(&app).path(), "a.b");
    press(&mut app, "h");
    assert_eq!(
        rows(&app),
        [
            "▾ entity {3}",
            "▾ a {1}",
            "  ▸ b {2}",
            "  z 9",
            "  id \"4711\""
        ]
    );
    press(&mut app, "l l");
    assert_eq!(top(&app).path(), "a.b.c");
    press(&mut app, "-");
    assert_eq!(top(&app).path(), "a", "what hides it");
    assert_eq!(rows(&app).len(), 4);
    press(&mut app, "z j");
    assert_eq!(top(&app).path(), "a.b");
    press(&mut app, "G");
    assert_eq!(top(&app).path(), "id");
    press(&mut app, "g g");
    assert_eq!(top(&app).path(), "");
}

#[test]
fn search_shows_the_first_hit_while_typing_and_unfolds_what_hides_it() {
    let mut app = over(incident(), 80, 24);
    press(&mut app, "- / 'POWERSHELL.EXE'");
    assert_eq!(top(&app).path(), "alerts[1].evidence[2].processCommandLine");
    let (at_hit, all) = top(&app).found().unwrap();
    assert!(at_hit == 1 && all >= 2, "{at_hit} of {all}");
    press(&mut app, "Enter n");
    assert_eq!(top(&app).path(), "alerts[1].evidence[2].imageFile.fileName");
    press(&mut app, "N");
    assert_eq!(top(&app).path(), "alerts[1].evidence[2].processCommandLine");
    // round the end, and names are found too
    press(&mut app, "g g / 'remediationstatus' Enter");
    let first = top(&app).path();
    let all = top(&app).found().unwrap().1;
    for _ in 0..all {
        press(&mut app, "n");
    }
    assert_eq!(top(&app).path(), first);
    // Esc gives the place back
    press(&mut app, "g g / 'lookin' Esc");
    assert_eq!(top(&app).path(), "");
    press(&mut app, "/ 'nowhere at all' Enter n");
    assert_eq!(top(&app).found(), Some((0, 0)));
    assert!(
        app.toasts
            .log
            .last()
            .unwrap()
            .text
            .contains("nothing here has")
    );
    // a paste is searched, not pressed
    press(&mut app, "/");
    app.update(at(1), Event::Paste(Text::from("203.0.113.7")));
    assert_eq!(top(&app).path(), "alerts[1].evidence[3].ipAddress");
}

#[test]
fn a_value_or_a_subtree_is_copied() {
    let mut app = over(
        json!({"url": "https://evil.example/a", "odd": "x\u{202e}y\u{1b}[31m", "n": 12, "o": {"k": "v\u{200b}"}}),
        80,
        24,
    );
    press(&mut app, "j");
    assert_eq!(
        copied(&press(&mut app, "y")),
        ("value", "https://evil.example/a".to_owned())
    );
    assert_eq!(copied(&press(&mut app, "d")).1, "hxxps://evil[.]example/a");
    let (_, odd) = copied(&press(&mut app, "j y"));
    assert!(!odd.contains('\u{202e}') && !odd.contains('\u{1b}'));
    assert_eq!(copied(&press(&mut app, "j y")).1, "12");
    let (what, tree) = copied(&press(&mut app, "j y"));
    assert_eq!(what, "JSON");
    assert!(!tree.contains('\u{200b}') && !tree.ends_with('\n'));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&tree).unwrap(),
        json!({"k": "v\u{200b}"})
    );
    let (_, all) = copied(&press(&mut app, "g g y"));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&all).unwrap()["n"],
        12
    );
}

#[test]
fn hostile_names_and_values_are_shown_as_what_they_are() {
    let marks: String = std::iter::once('e')
        .chain(std::iter::repeat_n('\u{301}', 500))
        .collect();
    let mut app = over(
        json!({"\u{1b}[2Jkey\u{202e}": "\u{1b}]52;c;x\u{7}", "marks": marks, "long": "x".repeat(100_000)}),
        80,
        24,
    );
    press(&mut app, "+");
    for row in rows(&app) {
        assert!(
            !row.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{row:?}"
        );
        assert!(row.chars().count() <= 90, "{row:?}");
        assert!(unicode_width::UnicodeWidthStr::width(row.as_str()) <= 80);
    }
    assert!(
        rows(&app).iter().any(|r| r.contains("bytes more")),
        "what is left out is said"
    );
}

#[test]
fn ten_thousand_lines_are_walked_folded_and_searched() {
    let rows_of: Vec<serde_json::Value> = (0..2_500)
        .map(|n| json!({"n": n, "name": format!("row {n}"), "flag": n % 2 == 0}))
        .collect();
    let mut app = over(json!({"rows": rows_of}), 80, 24);
    press(&mut app, "+");
    assert!(rows(&app).len() > 10_000);
    press(&mut app, "/ 'row 2499' Enter");
    assert_eq!(top(&app).path(), "rows[2499].name");
    press(&mut app, "G PgUp Ctrl-u - + g g G");
    assert_eq!(top(&app).path(), "id");
    app.update(at(1), Event::Resize(40, 12));
    assert!(rows(&app).iter().all(|r| r.chars().count() <= 40));
}

#[test]
fn deep_nesting_stays_on_the_screen() {
    let mut deep = json!("end");
    for _ in 0..100 {
        deep = json!({ "d": deep });
    }
    let mut app = over(json!({ "top": deep }), 40, 12);
    press(&mut app, "+ / 'end' Enter");
    assert!(top(&app).path().ends_with("d.d"));
    assert!(rows(&app).iter().all(|r| r.chars().count() <= 60));
    let _ = fixture::at(0);
}
