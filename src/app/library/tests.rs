//! Keys in, state and effects out: opening, saving, the history, the tree of tables.

use super::*;
use crate::app::fixture::*;
use crate::app::overlay::Overlay;
use crate::model::FaultKind;
use crate::msg::{Body, Event, Hunted, Request};
use crate::resource::hunt_answer;
use table::Text;

fn pane() -> App {
    let mut app = filled(100, 30);
    press(&mut app, "5");
    app
}

fn write(app: &mut App, text: &str) {
    let now = app.now;
    app.update(now, Event::Paste(Text::from(text)));
}

fn file(title: &str, text: &str, reaches: &[&'static str]) -> Kept {
    Kept {
        saved: Arc::new(Saved {
            title: title.into(),
            text: text.into(),
            ..Saved::default()
        }),
        place: Place::File {
            root: "/home/ana/queries".into(),
            below: format!("team/{}.kql", title.to_lowercase().replace(' ', "-")).into(),
        },
        reaches: reaches.to_vec(),
        wrong: None,
    }
}

fn tell(app: &mut App, shelved: Shelved) -> Vec<Effect> {
    let now = app.now;
    app.update(now, Event::Shelved(shelved))
}

fn text(app: &App) -> String {
    app.hunt.query().editor.text().to_string()
}

fn wish(fx: &[Effect]) -> Option<&Wish> {
    fx.iter().find_map(|e| match e {
        Effect::Shelf(w) if !matches!(w, Wish::Read { .. }) => Some(w),
        _ => None,
    })
}

fn shelf(app: &App) -> &Shelf {
    match app.overlays.last() {
        Some(Overlay::Shelf(s)) => s,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hunt_is_found_by_its_words_and_opened_without_being_run() {
    let mut app = pane();
    let fx = press(&mut app, "Ctrl-o");
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::Shelf(Wish::Read { .. })))
    );
    tell(
        &mut app,
        Shelved::Hunts(vec![file("Beacons", "print 'beacon'", &["externaldata"])]),
    );
    let rows = &shelf(&app).rows;
    assert_eq!(
        (rows[0].label.as_str(), rows[0].sign),
        ("Beacons", "↗"),
        "own ones first, marked"
    );
    assert_eq!(rows.len(), 1 + pack::all().len());
    let fx = press(&mut app, "'lsass' Enter");
    assert!(app.overlays.is_empty());
    assert!(text(&app).starts_with("// Something reads the memory of LSASS\nunion"));
    assert!(
        !fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Hunt { .. })))
    );
    press(&mut app, "Ctrl-o 'T1003.006' Enter");
    assert_eq!(app.hunt.tabs.len(), 2, "the first tab holds a text");
    assert!(text(&app).contains("replication"));
}

/// The template of the seed is there, runs on any value, can be changed, and comes back as it was.
#[test]
fn s4_4_the_union_over_all_tables_is_present_editable_and_resettable() {
    let mut app = pane();
    press(&mut app, "Ctrl-o 'anything, everywhere' Enter");
    let template = text(&app);
    assert!(
        template.contains("union withsource=Table isfuzzy=true"),
        "{template}"
    );
    for table in ["AlertEvidence", "DeviceProcessEvents", "UrlClickEvents"] {
        assert!(template.contains(table), "{table}");
    }
    assert!(template.contains("{{ENTITY}}"));
    // changed, and kept over the one of the pack
    let mut own = file("Anything, everywhere", "union AlertEvidence // mine", &[]);
    own.place = Place::File {
        root: "/q".into(),
        below: "anything-everywhere.kql".into(),
    };
    tell(&mut app, Shelved::Hunts(vec![own]));
    press(&mut app, "Ctrl-t Ctrl-o 'anything, everywhere' Enter");
    assert!(text(&app).contains("// mine"));
    // the file gone, it is as it was
    tell(&mut app, Shelved::Hunts(Vec::new()));
    press(&mut app, "Ctrl-t Ctrl-o 'anything, everywhere' Enter");
    assert_eq!(text(&app), template);
}

#[test]
fn a_hunt_of_the_pack_that_was_saved_over_is_hidden_by_the_file_and_comes_back() {
    let mut app = pane();
    let mut own = file("Timeline of a device", "print 'mine'", &[]);
    own.place = Place::File {
        root: "/q".into(),
        below: "device-timeline.kql".into(),
    };
    let all = pack::all().len();
    tell(&mut app, Shelved::Hunts(vec![own]));
    assert_eq!(app.library.hunts().len(), all);
    assert_eq!(app.library.hunts()[0].saved.text, "print 'mine'");
    tell(&mut app, Shelved::Hunts(Vec::new()));
    assert_eq!(app.library.hunts()[0].place, Place::Pack("device-timeline"));
}

#[test]
fn a_new_query_is_asked_for_its_title_and_one_from_a_file_goes_back_there_with_its_head() {
    let mut app = pane();
    assert!(wish(&press(&mut app, "F2")).is_none(), "there is no text");
    write(&mut app, "DeviceInfo\n| take 5");
    press(&mut app, "F2");
    let fx = press(&mut app, "Ctrl-u 'My devices' Enter");
    let Some(Wish::Save {
        saved,
        place: None,
        tab,
        over: false,
    }) = wish(&fx)
    else {
        panic!("{fx:?}");
    };
    assert_eq!(
        (saved.title.as_str(), saved.tables.as_slice()),
        ("My devices", &["DeviceInfo".to_owned()][..])
    );
    assert_eq!(saved.text, "DeviceInfo\n| take 5");
    let mut kept = file("My devices", &saved.text, &[]);
    kept.saved = Arc::new(Saved {
        description: "All of them".into(),
        ..(*kept.saved).clone()
    });
    let place = kept.place.clone();
    let tab = *tab;
    tell(
        &mut app,
        Shelved::Saved {
            place: place.clone(),
            tab,
        },
    );
    tell(&mut app, Shelved::Hunts(vec![kept]));
    write(&mut app, "\n| count");
    let fx = press(&mut app, "F2");
    let Some(Wish::Save {
        saved,
        place: Some(to),
        over: true,
        ..
    }) = wish(&fx)
    else {
        panic!("{fx:?}");
    };
    assert_eq!((to, saved.description.as_str()), (&place, "All of them"));
    assert!(saved.text.ends_with("| count"));
    let fx = press(&mut app, "Alt-S Ctrl-u 'Other' Enter");
    assert!(
        matches!(wish(&fx), Some(Wish::Save { saved, place: None, over: false, .. }) if saved.title == "Other")
    );
    tell(&mut app, Shelved::Exists { place, tab });
    let fx = press(&mut app, "n");
    assert!(wish(&fx).is_none() && app.overlays.is_empty());
}

#[test]
fn the_comment_that_names_a_tab_is_no_part_of_what_is_saved() {
    let mut app = pane();
    let kept = file("Beacons", "print 'a'", &[]);
    tell(&mut app, Shelved::Hunts(vec![kept]));
    press(&mut app, "Ctrl-o 'beacons' Enter Ctrl-End End ';' Esc");
    let fx = press(&mut app, "F2");
    let Some(Wish::Save { saved, .. }) = wish(&fx) else {
        panic!("{fx:?}");
    };
    let words = (saved.text.as_str(), saved.title.as_str());
    assert_eq!(words, ("print 'a';", "Beacons"));
}

#[test]
fn a_file_is_deleted_after_a_question_and_renamed_by_its_title() {
    let mut app = pane();
    tell(
        &mut app,
        Shelved::Hunts(vec![file("Beacons", "print 1", &[])]),
    );
    press(&mut app, "Ctrl-o 'beacons'");
    assert!(wish(&press(&mut app, "Alt-d n")).is_none());
    let fx = press(&mut app, "Alt-d y");
    assert!(matches!(
        wish(&fx),
        Some(Wish::Delete {
            place: Place::File { .. }
        })
    ));
    let fx = press(&mut app, "Alt-r Ctrl-u 'Signals' Enter");
    assert!(matches!(wish(&fx), Some(Wish::Rename { to, .. }) if to == "Signals"));
    press(&mut app, "Ctrl-u 'lsass'");
    press(&mut app, "Alt-d");
    assert!(
        matches!(app.overlays.last(), Some(Overlay::Shelf(_))),
        "of the pack"
    );
    let fx = press(&mut app, "Alt-i Ctrl-u '/tmp/rules' Enter");
    assert!(matches!(wish(&fx), Some(Wish::Import { from }) if from == "/tmp/rules"));
}

fn run(app: &mut App, body: Body) -> Vec<Effect> {
    let fx = press(app, "F5");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { .. }) => Some(t.clone()),
        _ => None,
    });
    answer(app, ticket.expect("asked"), body)
}

#[test]
fn every_run_is_kept_and_found_and_brought_back_into_a_tab() {
    let mut app = pane();
    write(&mut app, "DeviceInfo | take 1");
    let json = r#"{"schema":[{"name":"a","type":"String"}],"results":[{"a":"x"}]}"#;
    let (read, _) = hunt_answer::read(json).unwrap();
    let fx = run(
        &mut app,
        Body::Hunted(Hunted {
            answer: read,
            partial: None,
        }),
    );
    assert!(
        matches!(wish(&fx), Some(Wish::Ran(ran)) if ran.rows == Some(1) && ran.tables == ["DeviceInfo"])
    );
    let fault = Fault::new(FaultKind::BadRequest, "no such column");
    let fx = run(&mut app, Body::Fault(fault));
    assert!(
        matches!(wish(&fx), Some(Wish::Ran(ran)) if ran.rows.is_none() && ran.error.as_deref().unwrap().contains("no such column"))
    );
    let fx = press(&mut app, "F7");
    assert!(matches!(wish(&fx), Some(Wish::History)));
    assert_eq!(shelf(&app).rows.len(), 2);
    press(&mut app, "'failed'");
    assert_eq!(shelf(&app).rows.len(), 1);
    press(&mut app, "Ctrl-u 'table:DeviceInfo rows>0' Enter");
    assert_eq!(text(&app), "DeviceInfo | take 1");
    assert_eq!(app.hunt.tabs.len(), 2);
}

#[test]
fn a_column_is_looked_up_and_put_into_the_text() {
    let mut app = pane();
    write(&mut app, "DeviceProcessEvents | where ");
    press(&mut app, "F4 'deviceprocessevents' Right Down Down");
    assert_eq!(shelf(&app).rows[2].label, "DeviceId");
    press(&mut app, "Enter");
    assert_eq!(text(&app), "DeviceProcessEvents | where DeviceId");
    press(&mut app, "F4 'logonfai' Esc");
    assert!(app.overlays.is_empty());
}
