//! What is around Defender XDR: each product with what was seen of it in a day, or that no API tells; picked, its steps and
//! its page. The question is asked when the list opens, and nothing here changes anything.

use super::App;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use crate::model::Engine;
use crate::msg::{Body, Effect, Level, Reply, Request, Slot};
use crate::resource::licences::WANTED;
use crate::resource::neighbours::{self, ALL, Seen};
use table::Text;

/// The list, and the slot of its question.
pub const NAME: &str = "neighbours";

/// Opens the list and asks.
pub fn open(app: &mut App, fx: &mut Vec<Effect>) {
    let waiting = |n: usize| vec!["asking …".to_owned(); n];
    let mut pick = Pick::new(
        NAME,
        "Neighbours in the last 24 hours",
        items(app, waiting(ALL.len()), waiting(WANTED.len()), "asking …"),
        chosen,
    );
    pick.note = "asking …".into();
    app.push(Overlay::Pick(pick));
    let calls = neighbours::calls();
    let ticket = app.tickets.issue(Slot::Pick(NAME));
    fx.push(Effect::Ask(ticket, Request::Pick { calls }));
}

fn items(app: &App, notes: Vec<String>, licences: Vec<String>, systems: &str) -> Vec<Item> {
    let all = ALL.iter().zip(notes).enumerate();
    let mut out: Vec<Item> = all
        .map(|(n, (neighbour, note))| Item {
            label: neighbour.name.to_owned(),
            note,
            value: Value::Index(n),
            ..Item::default()
        })
        .collect();
    let line = |label: &str, line: String| Item {
        label: label.to_owned(),
        value: Value::Named("line", Text::from(line.as_str())),
        note: line,
        ..Item::default()
    };
    let licences = WANTED.iter().zip(licences);
    out.extend(licences.map(|(l, text)| line(l.name, text)));
    out.push(line("systems of the devices", systems.to_owned()));
    let stays = retention(app).into_iter();
    out.extend(stays.map(|text| line("how long data stays", text)));
    out
}

/// The answer to the question.
pub fn reply(app: &mut App, reply: &Reply) {
    let now = app.now.wall;
    let answers = match &reply.body {
        Body::Part(answers) => answers.clone(),
        Body::Fault(fault) => vec![crate::resource::Answer::Failed(fault.clone())],
        _ => Vec::new(),
    };
    let told = neighbours::told(&answers);
    let notes = told.iter().map(|(_, seen)| seen.words(now)).collect();
    let seen = told
        .iter()
        .filter(|(_, s)| matches!(s, Seen::Yes(..)))
        .count();
    let licensed = neighbours::licensed(&answers).into_iter();
    let licensed = licensed.map(|(licence, s)| s.words(licence)).collect();
    let items = items(app, notes, licensed, &neighbours::short_devices(&answers).1);
    if let Some(pick) = app.pick_mut(NAME) {
        pick.set_items(items);
        pick.note = format!("{seen} of {} seen; Enter tells more", ALL.len());
    }
}

/// What to do about one: the page, and each step, which is copied.
fn chosen(app: &mut App, item: Item, _: &mut Vec<Effect>) {
    let n = match item.value {
        Value::Index(n) => n,
        // a line that is longer than the list is wide
        _ => {
            let text = format!("{}: {}", item.label, item.note);
            return app.toasts.push(app.now, Level::Info, text);
        }
    };
    let Some(neighbour) = ALL.get(n) else { return };
    let mut lines = vec![Item {
        label: "open its page, or copy the address".into(),
        note: neighbour.page.into(),
        value: Value::Named("page", Text::from(neighbour.page)),
        ..Item::default()
    }];
    lines.extend(neighbour.steps.iter().enumerate().map(|(n, step)| Item {
        label: format!("{}. {step}", n + 1),
        note: String::new(),
        value: Value::Named("step", Text::from(*step)),
        ..Item::default()
    }));
    let title = format!("{}: to connect it", neighbour.name);
    let mut pick = Pick::new("neighbour", title, lines, |_, item, fx| match item.value {
        Value::Named("page", url) => fx.push(Effect::Open {
            url: url.txt().exact().to_owned(),
        }),
        Value::Named(_, step) => fx.push(Effect::Copy {
            what: "step",
            text: step.txt().clipboard(),
        }),
        _ => {}
    });
    pick.note = format!("{}; done in the portal, not here", item.note);
    app.push(Overlay::Pick(pick));
}

/// The sentences about how long data stays, and what keeps it longer.
fn retention(app: &App) -> [String; 3] {
    let engines = &app.hunt.engines;
    let workspaces = engines.iter().filter(|e| matches!(e, Engine::Workspace(_)));
    let archives = engines.iter().filter(|e| matches!(e, Engine::Archive(_)));
    neighbours::retention(workspaces.count(), archives.count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{answer, app, press};
    use crate::resource::Answer;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn s1_4_s1_13_s1_17_what_was_seen_stands_in_a_list_and_leads_to_steps_and_page() {
        let mut app = app(80, 24);
        let fx = press(&mut app, ": 'neighbours' Enter");
        let ticket = fx.into_iter().find_map(|e| match e {
            Effect::Ask(ticket, Request::Pick { calls }) if ticket.slot == Slot::Pick(NAME) => {
                let paths: Vec<&str> = calls.iter().map(|c| c.path.as_str()).collect();
                let hunt = "/security/runHuntingQuery";
                assert_eq!(paths, [hunt, hunt, "/subscribedSkus"]);
                Some(ticket)
            }
            _ => None,
        });
        let got = |rows: serde_json::Value| Answer::Got {
            body: Arc::new(json!({"results": rows})),
            more: false,
        };
        let rows = json!([{"Place": 0, "Rows": 3, "Last": "2026-08-01T12:00:00Z"}]);
        let bought = json!([{"capabilityStatus": "Enabled", "consumedUnits": 3, "prepaidUnits": {"enabled": 5}, "servicePlans": [{"servicePlanName": "ATA"}]}]);
        let bought = Answer::Got {
            body: Arc::new(json!({"value": bought})),
            more: false,
        };
        let body = Body::Part(vec![got(rows), got(json!([])), bought]);
        answer(&mut app, ticket.expect("it asks"), body);
        let notes: Vec<String> = app
            .pick_mut(NAME)
            .unwrap()
            .shown()
            .map(|i| i.note.clone())
            .collect();
        assert!(
            notes[0].starts_with("seen ") && notes[0].contains("3 rows"),
            "{notes:?}"
        );
        assert_eq!(notes[2], "not seen in 24 h");
        assert!(notes[ALL.len() - 1].starts_with("not readable"));
        // S1-13: licences stand beside
        let said = notes.join("\n");
        assert!(said.contains("licensed, 3 of 5 given out"), "{said}");
        assert!(said.contains("no licence: no sign-in logs"), "{said}");
        // S1-19: which routes keep data longer
        assert!(notes.last().unwrap().contains("event hub: not readable"));
        // a closed list takes no late answer, an open one leads on
        press(&mut app, "Enter");
        let fx = press(&mut app, "Enter");
        assert!(
            matches!(fx.as_slice(), [Effect::Open { url }, ..] if url.starts_with("https://security.microsoft.com/")),
            "{fx:?}"
        );
    }
}
