//! Targets that are not any more what was marked: merged into another, folded, switched off, gone. The prompt says so of each,
//! and nothing is lost: what was left out stays marked, what left the list is named.

use super::tests::{asked, runs, seen, told, words_of};
use super::*;
use crate::app::entities::*;
use crate::app::fixture::{answer, at, chunk, filled, give, incident, incidents, press};
use crate::model::Kind;
use crate::msg::{Event, Origin, Page, RunState};

const THIRD: &str = "00112233445566778899aabbccddeeff00112233";

fn consequences(app: &App) -> String {
    match &asked(app).phase {
        Phase::Open(prompt) => prompt
            .consequences()
            .iter()
            .map(|(_, c)| c.text.clone() + "\n")
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// Three devices are marked: one is off, one was folded into another record, one is gone.
#[test]
fn a_device_that_is_off_is_warned_of_and_those_that_went_are_left_out_with_the_reason() {
    let (mut app, mut service) = (full(100, 40), Service::all());
    let mut off = device();
    off["healthStatus"] = "Inactive".into();
    off["lastSeen"] = "2026-07-20T09:00:00Z".into();
    service.set(&format!("/machines/{DEVICE}"), off);
    service
        .known
        .retain(|(p, _)| *p != format!("/machines/{OTHER}"));
    let mut third = device();
    third["id"] = THIRD.into();
    third["computerDnsName"] = "ws-077.corp.contoso.com".into();
    fill(&mut app, Kind::Device, &[third.clone()], true);
    third["mergedIntoMachineId"] = DEVICE.into();
    service.set(&format!("/machines/{THIRD}"), third);
    service.press(&mut app, "3 *");
    assert_eq!(app.pane().marked().0.len(), 3);
    service.press(&mut app, "a s");
    let left = &asked(&app).facts.left_out;
    assert_eq!(left.len(), 2, "{left:?}");
    let why = |name: &str, words: &str| {
        assert!(
            left.iter()
                .any(|(n, w)| n.contains(name) && w.contains(words)),
            "{words}: {left:?}"
        );
    };
    why("ws-042", "it is not there any more");
    why("ws-077", &format!("folded into {DEVICE}"));
    let said = consequences(&app);
    assert!(said.contains("its sensor is Inactive"), "{said}");
    assert!(said.contains("waits until it reports"), "{said}");
    let shown = words_of(&app);
    for words in ["not there any more", "folded into", "sensor is Inactive"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // the rest is done; what was left out is still marked
    seen(&mut app, 1);
    let mut sent = runs(service.press(&mut app, "Y"));
    let (ticket, confirmed) = sent.remove(0);
    assert_eq!(confirmed.get().targets.len(), 1);
    let done = Body::Ran {
        target: 0,
        state: RunState::Succeeded,
    };
    answer(&mut app, ticket, done);
    let marked = app.pane().marked().0;
    assert_eq!(marked.len(), 3, "one target is no set: {marked:?}");
}

/// The service calls a machine active for a week after its last word.
#[test]
fn a_device_whose_last_report_is_old_is_said_to_be_perhaps_off() {
    for (seen, off) in [
        ("2026-08-01T09:00:00Z", false),
        ("2026-07-30T09:00:00Z", true),
    ] {
        let (mut app, mut service) = (full(100, 40), Service::all());
        let mut old = device();
        old["lastSeen"] = seen.into();
        service.set(&format!("/machines/{DEVICE}"), old);
        service.press(&mut app, "3 / 'ws-042' Enter");
        let row = app.pane().rows.find(DEVICE).unwrap();
        let place = app.pane().shown.position_of(row).unwrap();
        app.pane_mut().move_to(place, 10);
        service.press(&mut app, "a i");
        let said = consequences(&app);
        let words = "last full report 2d ago: it may be off";
        assert_eq!(said.contains(words), off, "{seen}: {said}");
    }
}

/// A single target that is gone: there is nothing to ask, and why is said.
#[test]
fn a_device_that_was_removed_opens_no_prompt() {
    let (mut app, mut service) = (full(80, 24), Service::all());
    service
        .known
        .retain(|(p, _)| *p != format!("/machines/{DEVICE}"));
    service.press(&mut app, "3");
    let row = app.pane().rows.find(DEVICE).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
    service.press(&mut app, "a i");
    assert!(!app.prompting());
    let told = told(&app);
    assert!(
        told.contains("ws-042") && told.contains("not there any more"),
        "{told}"
    );
}

/// Merged while it was marked: the list tells it before the prompt opens.
#[test]
fn an_incident_merged_while_it_was_marked_is_left_out_and_stays_marked() {
    let mut app = filled(100, 30);
    press(&mut app, "Space Space Space");
    let marked = app.pane().marked().0;
    assert_eq!(marked.len(), 3);
    let id: u32 = marked[0].id.txt().exact().parse().unwrap();
    let mut row = incident(id, "high", "redirected", "", "merged meanwhile", "-1m");
    row.retain(|(name, _)| *name != "createdDateTime");
    let rows = incidents().len() as u64;
    let page = Page {
        kind: Kind::Incident,
        chunk: Some(chunk(Kind::Incident, &[row])),
        origin: Origin::Poll,
        progress: crate::msg::Progress {
            loaded: rows,
            total: Some(rows),
            complete: true,
            as_of: Some(at(1).wall),
        },
        bad: 0,
        bad_why: None,
        removed: Vec::new(),
    };
    give(&mut app, at(1), page);
    app.update(at(5), Event::Wake);
    press(&mut app, "c f");
    let left = &asked(&app).facts.left_out;
    assert!(
        left.iter()
            .any(|(_, why)| why.contains("merged into another incident")),
        "{left:?}"
    );
    seen(&mut app, 5);
    let (ticket, confirmed) = runs(press(&mut app, "Y")).remove(0);
    assert_eq!(confirmed.get().targets.len(), 2);
    for target in 0..2 {
        let body = Body::Ran {
            target,
            state: RunState::Succeeded,
        };
        app.update(
            at(6),
            Event::Reply(crate::msg::Reply {
                ticket: ticket.clone(),
                last: false,
                body,
            }),
        );
    }
    answer(&mut app, ticket, Body::Done);
    let still = app.pane().marked().0;
    assert_eq!(still, [marked[0].clone()], "what was left out");
}

/// What went from the list takes its mark with it: that is said, with its name.
#[test]
fn a_marked_row_that_leaves_the_list_is_named() {
    let (mut app, mut service) = (full(100, 30), Service::all());
    service.press(&mut app, "3 *");
    let page = Page {
        kind: Kind::Device,
        chunk: None,
        origin: Origin::Poll,
        progress: app.pane().progress,
        bad: 0,
        bad_why: None,
        removed: vec![OTHER.into()],
    };
    give(&mut app, at(2), page);
    assert_eq!(app.pane().marked().0.len(), 1);
    let said = told(&app);
    assert!(
        said.contains("1 of the marked devices went from the list") && said.contains("ws-042"),
        "{said}"
    );
}
