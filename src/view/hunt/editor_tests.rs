//! The editor as it stands on screen: a query with its parameters, the list of completions, the box of a name and of a
//! call, a complaint of the service, the bar of search, where it runs.

use crate::app::App;
use crate::app::fixture::*;
use crate::model::{Engine, Fault, FaultKind, Range};
use crate::msg::{Body, Effect, Event};
use crate::view::tests::screen;
use table::Text;

const QUERY: &str = "// who ran it\nlet known = dynamic(['a.exe', \"b.exe\"]);\nDeviceProcessEvents\n| where Timestamp between ({{FROM}} .. {{TO}})\n| where DeviceName == '{{ENTITY}}' and FileName !in (known)\n| summarize n = count(), latest = max(Timestamp) by FileName\n| top 20 by n";

fn pane(width: u16, height: u16, text: &str) -> App {
    let mut app = filled(width, height);
    press(&mut app, "5");
    let now = app.now;
    app.update(now, Event::Paste(Text::from(text)));
    app
}

fn sizes(name: &str, text: &str, prepare: impl Fn(&mut App)) {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut app = pane(width, height, text);
        prepare(&mut app);
        insta::assert_snapshot!(format!("editor_{name}_{width}x{height}"), screen(&app));
    }
}

#[test]
fn a_query_with_parameters_its_place_and_time() {
    sizes("parameters", QUERY, |app| {
        let query = app.hunt.query_mut();
        query.engine = Engine::Workspace("sentinel".into());
        query.range = Range::Last(7 * crate::model::time::DAY);
        query
            .params
            .insert("ENTITY".into(), "ws-042\u{202e}".into());
        press(app, "Ctrl-Home");
    });
}

#[test]
fn the_list_of_completions_stands_under_the_word() {
    sizes("popup", "DeviceProcessEvents\n| where Fi", |app| {
        press(app, "l");
    });
}

#[test]
fn the_box_of_a_name_and_of_a_call() {
    sizes("hover", QUERY, |app| {
        press(app, "Ctrl-Home Down Down Alt-h");
    });
    sizes("call", "print x = replace_string", |app| {
        press(app, "( 'a' ,");
    });
}

#[test]
fn a_complaint_of_the_service_stands_in_the_text() {
    sizes(
        "error",
        "AlertInfo\n| where Titel == 'x'\n| take 5",
        |app| {
            let fx = press(app, "F5");
            let ticket = fx.iter().find_map(|e| match e {
                Effect::Ask(t, _) => Some(t.clone()),
                _ => None,
            });
            let why = "'where' operator: Failed to resolve scalar expression named 'Titel'";
            let fault = Fault::new(FaultKind::BadRequest, why).status(400);
            answer(app, ticket.unwrap(), Body::Fault(fault));
        },
    );
}

#[test]
fn the_bar_of_search_and_replace_stands_below_the_text() {
    sizes("search", QUERY, |app| {
        press(app, "Ctrl-Home Ctrl-f 'name'");
    });
    sizes("replace", QUERY, |app| {
        press(app, "Ctrl-Home Alt-r 'name' Tab 'Name2'");
    });
}

#[test]
fn where_and_when_a_query_runs_are_chosen_from_lists() {
    sizes("engine", "print 1", |app| {
        app.hunt.engines = vec![
            Engine::Defender,
            Engine::Workspace("sentinel".into()),
            Engine::Explorer("lake".into()),
            Engine::Archive("q3".into()),
            Engine::Lists,
        ];
        press(app, "Alt-e");
    });
    sizes("range", "print 1", |app| {
        app.zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
        press(app, "Alt-t");
    });
    sizes("running", "print 1", |app| {
        press(app, "F5");
        app.update(at(13), Event::Wake);
    });
}
