//! Fetching what a finished collection brought: asks where to, shows how far it is, tells where it lies.
//!
//! The name that is proposed is made by us: of the device's name only letters and digits are in it.

use super::App;
use super::act::{name_of, seen_entity};
use super::ask::Ask;
use super::overlay::{Overlay, Step};
use crate::model::{Json, Key, Kind};
use crate::msg::{Body, Effect, KeyPress, Level, Reply, Request, Slot};
use crate::resource::action::has_package;
use crossterm::event::{KeyCode, KeyModifiers};
use std::time::Duration;
use table::Text;

/// A file on its way, in sight.
#[derive(Debug)]
pub struct Fetching {
    pub key: Key,
    /// Whose package it is, fit for the screen.
    pub of: String,
    pub to: String,
    pub done: u64,
    pub total: Option<u64>,
    pub begun: Duration,
}

/// Whether what is under the cursor may have a package.
pub fn able(app: &App) -> Result<(), String> {
    let key = app.subject().ok_or("nothing is under the cursor")?;
    match key.kind {
        Kind::Action => has_package(Json(&seen_entity(app, &key))),
        // which of its actions brought one is asked when it is fetched
        Kind::Device => Ok(()),
        _ => Err("for device and action only".to_owned()),
    }
}

/// Asks where to.
pub fn ask(app: &mut App) {
    let Some(key) = app.subject() else { return };
    let entity = seen_entity(app, &key);
    let j = Json(&entity);
    let device = j.text("computerDnsName");
    let of = device.unwrap_or_else(|| name_of(&key, j));
    let proposal = proposal(app, &key, &of);
    let title = format!("Package of {}: into which file", of.txt().shown());
    app.fetch = Some((key, of));
    app.push(Overlay::Ask(Ask::about(
        "package",
        title,
        &proposal,
        |app, _, to, fx| begin(app, to, fx),
    )));
}

/// `~/…/package-ws042-1a2b3c4d-20260801T120405Z.zip`
fn proposal(app: &App, key: &Key, of: &Text) -> String {
    let name = of.txt().exact().trim_start_matches(['.', '/']);
    let label = name.split('.').next().unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let label: String = label.chars().filter(plain).take(24).collect();
    let id: String = (key.id.txt().exact().chars().filter(plain))
        .take(8)
        .collect();
    let at: String = (app.now.wall.literal().chars().take(19))
        .filter(char::is_ascii_alphanumeric)
        .collect();
    // nothing simulated lies beside what is real
    let demo = app.session.as_ref().is_some_and(|s| s.demo);
    let below = if demo { "/demo" } else { "" };
    format!("{}{below}/package-{label}-{id}-{at}Z.zip", app.folder)
}

fn begin(app: &mut App, to: &str, fx: &mut Vec<Effect>) {
    let Some((key, of)) = app.fetch.take() else {
        return;
    };
    let to = to.trim().to_owned();
    if to.is_empty() {
        return;
    }
    let ticket = app.tickets.issue(Slot::Fetch(key.clone()));
    let request = Request::Fetch {
        key: key.clone(),
        to: to.clone(),
    };
    fx.push(Effect::Ask(ticket, request));
    app.push(Overlay::Fetching(Fetching {
        key,
        of: of.txt().shown().into_owned(),
        to: table::Txt::new(&to).shown().into_owned(),
        done: 0,
        total: None,
        begun: app.now.mono,
    }));
}

/// How far it is, or how it ended.
pub fn reply(app: &mut App, reply: Reply) {
    let Slot::Fetch(key) = reply.ticket.slot else {
        return;
    };
    let place =
        (app.overlays.iter()).position(|o| matches!(o, Overlay::Fetching(f) if f.key == key));
    if let Body::Fetching { done, total } = reply.body {
        if let Some(Overlay::Fetching(f)) = place.and_then(|n| app.overlays.get_mut(n)) {
            (f.done, f.total) = (done, total);
        }
        return;
    }
    if let Some(place) = place {
        app.overlays.remove(place);
    }
    let (level, text) = match reply.body {
        Body::Fetched(f) => {
            let strange = match f.zip {
                true => "",
                false => "; it is no zip archive: look before you open it",
            };
            let text = format!(
                "package fetched: {} in {} · SHA-256 {}{strange}",
                size(f.bytes),
                f.path,
                f.sha256
            );
            (if f.zip { Level::Good } else { Level::Warn }, text)
        }
        Body::Fault(fault) => (Level::Error, format!("no package was fetched: {fault}")),
        _ => (
            Level::Error,
            "no package was fetched: it ended early".into(),
        ),
    };
    app.toasts.push(app.now, level, text);
}

/// Files on their way.
pub fn under_way(app: &App) -> usize {
    let fetching = |s: &&Slot| matches!(s, Slot::Fetch(_));
    app.tickets.open().filter(fetching).count()
}

impl Fetching {
    pub fn key(self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Enter => Step::Close,
            KeyCode::Esc => self.stop(app, fx),
            KeyCode::Char('c') if ctrl => self.stop(app, fx),
            _ => Step::Stay(Overlay::Fetching(self)),
        }
    }

    fn stop(self, app: &mut App, fx: &mut Vec<Effect>) -> Step {
        let slot = Slot::Fetch(self.key);
        app.tickets.close(&slot);
        fx.push(Effect::Drop(slot));
        let text = format!("the package of {} was not fetched: you stopped it", self.of);
        app.toasts.push(app.now, Level::Warn, text);
        Step::Close
    }

    /// `12.3 MB of 48.0 MB · 3.1 MB/s`
    pub fn progress(&self, now: Duration) -> String {
        let mut text = match (self.done, self.total) {
            (0, None) => return "asking for the link …".into(),
            (done, None) => size(done),
            (done, Some(total)) => format!("{} of {}", size(done), size(total)),
        };
        let took = now.saturating_sub(self.begun).as_secs();
        if let Some(each) = self.done.checked_div(took).filter(|n| *n > 0) {
            text.push_str(&format!(" · {}/s", size(each)));
        }
        text
    }
}

/// Bytes for people.
pub fn size(bytes: u64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let bytes = bytes as f64;
    match units.iter().find(|(_, one)| bytes >= *one) {
        Some((unit, one)) => format!("{:.1} {unit}", bytes / one),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::entities::*;
    use crate::app::fixture::{at, press};
    use crate::model::Fault;
    use crate::model::FaultKind;
    use crate::msg::{Event, Fetched, Ticket};
    use serde_json::json;

    fn action(id: &str, kind: &str, status: &str) -> serde_json::Value {
        json!({"id": id, "type": kind, "status": status, "computerDnsName": "../ws\u{202e}-042.corp.contoso.com",
            "machineId": DEVICE, "creationDateTimeUtc": "2026-08-01T11:00:00Z"})
    }

    fn actions() -> App {
        let (mut app, _) = (full(80, 24), Service::all());
        press(&mut app, "8");
        let rows = [
            action("a-1", "CollectInvestigationPackage", "Succeeded"),
            action("a-2", "CollectInvestigationPackage", "Pending"),
            action("a-3", "Isolate", "Succeeded"),
        ];
        fill(&mut app, Kind::Action, &rows, true);
        app
    }

    fn on(app: &mut App, id: &str) {
        let row = app.pane().rows.find(id).unwrap();
        let place = app.pane().shown.position_of(row).unwrap();
        app.pane_mut().move_to(place, 10);
    }

    fn asked(fx: Vec<Effect>) -> Option<(Ticket, String)> {
        fx.into_iter().find_map(|e| match e {
            Effect::Ask(ticket, Request::Fetch { to, .. }) => Some((ticket, to)),
            _ => None,
        })
    }

    fn say(app: &mut App, ticket: &Ticket, last: bool, body: Body) {
        let ticket = ticket.clone();
        let reply = Reply { ticket, last, body };
        app.update(at(3), Event::Reply(reply));
    }

    #[test]
    fn a_finished_collection_is_fetched_into_a_file_whose_name_we_made() {
        let mut app = actions();
        for (id, why) in [
            ("a-2", Some("Pending")),
            ("a-3", Some("only a collection")),
            ("a-1", None),
        ] {
            on(&mut app, id);
            match (able(&app), why) {
                (Ok(()), None) => {}
                (Err(said), Some(why)) => assert!(said.contains(why), "{said}"),
                other => panic!("{id}: {other:?}"),
            }
        }
        press(&mut app, "a f");
        let (ticket, to) = asked(press(&mut app, "Enter")).unwrap();
        assert!(
            to.ends_with("/package-ws-042-a-1-20260801T120406Z.zip"),
            "{to}"
        );
        let body = Body::Fetching {
            done: 1_500_000,
            total: Some(3_000_000),
        };
        say(&mut app, &ticket, false, body);
        let Some(Overlay::Fetching(f)) = app.overlays.last() else {
            panic!("{:?}", app.overlays)
        };
        assert_eq!(
            f.progress(Duration::from_secs(2)),
            "1.5 MB of 3.0 MB · 1.5 MB/s"
        );
        assert_eq!(under_way(&app), 1);
        let fetched = Fetched {
            path: to,
            bytes: 3_000_000,
            sha256: "ab".repeat(32),
            zip: true,
        };
        say(&mut app, &ticket, true, Body::Fetched(fetched));
        assert!(app.overlays.is_empty());
        let told = app
            .toasts
            .log
            .iter()
            .map(|t| t.text.clone())
            .collect::<Vec<_>>();
        assert!(
            told.iter()
                .any(|t| t.contains("3.0 MB") && t.contains("abab")),
            "{told:?}"
        );
    }

    #[test]
    fn esc_drops_it_and_a_fault_says_that_nothing_was_fetched() {
        let mut app = actions();
        on(&mut app, "a-1");
        press(&mut app, "g p");
        let (ticket, _) = asked(press(&mut app, "Enter")).unwrap();
        let fx = press(&mut app, "Esc");
        assert!(
            fx.iter()
                .any(|e| matches!(e, Effect::Drop(s) if *s == ticket.slot))
        );
        assert_eq!(under_way(&app), 0);
        press(&mut app, "g p");
        let (ticket, _) = asked(press(&mut app, "Enter")).unwrap();
        // out of sight it goes on, and leaving asks first
        press(&mut app, "Enter");
        assert!(app.overlays.is_empty());
        press(&mut app, "q");
        assert!(
            matches!(app.overlays.last(), Some(Overlay::Quit(q)) if q.open[0].contains("package"))
        );
        press(&mut app, "n");
        let fault = Fault::new(FaultKind::Gone, "the link lives for minutes");
        say(&mut app, &ticket, true, Body::Fault(fault));
        let told = app
            .toasts
            .log
            .iter()
            .map(|t| t.text.clone())
            .collect::<Vec<_>>();
        assert!(
            told.iter()
                .any(|t| t.contains("no package was fetched: the link")),
            "{told:?}"
        );
    }
}
