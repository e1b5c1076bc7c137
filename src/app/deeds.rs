//! What we did, as the record has it: for undo, for the list of actions, for reminders.

use super::App;
use super::overlay::Overlay;
use super::pick::{Item, Pick, Value};
use crate::model::{Json, Key, Kind, Stand};
use crate::msg::{Effect, Level, Origin, Page, Unfinished};
use crate::resource::{Sink, spec};
use crate::verb::{self, Deed};
use serde_json::json;
use std::sync::Arc;
use table::{ChunkBuilder, Text};

/// Deeds of this tenant, oldest first.
#[derive(Debug, Default)]
pub struct Deeds {
    all: Vec<Deed>,
    /// What was left in force for longer than the set time.
    pub overdue: Vec<Deed>,
    /// Sets that ended before their end.
    pub unfinished: Vec<Unfinished>,
}

/// Deeds kept at most.
const KEPT: usize = 2_000;

impl Deeds {
    /// Takes deeds in, new ones or newer states of known ones.
    pub fn take(&mut self, deeds: Vec<Deed>) {
        for deed in deeds {
            match self
                .all
                .iter_mut()
                .find(|d| d.run == deed.run && d.key == deed.key)
            {
                Some(known) => *known = deed,
                None => self.all.push(deed),
            }
        }
        self.all.sort_by_key(|d| d.at);
        let over = self.all.len().saturating_sub(KEPT);
        self.all.drain(..over);
    }

    /// These were taken back.
    pub fn undone(&mut self, runs: &[String]) {
        for deed in self.all.iter_mut().chain(&mut self.overdue) {
            if runs.contains(&deed.run) && deed.undone.is_none() {
                deed.undone = Some(String::new());
            }
        }
        self.overdue.retain(|d| d.undone.is_none());
    }

    /// The run of the newest deed on this.
    pub fn run_of(&self, key: &Key) -> Option<String> {
        self.newest().find(|d| d.key == *key).map(|d| d.run.clone())
    }

    /// All that are known, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Deed> {
        self.all.iter().rev()
    }
}

/// The service has no action of its own for it: what it does not list stands beside, as far as it can be told. One that is
/// on its way to the service will be listed there.
fn is_ours_alone(deed: &Deed) -> bool {
    let listed_there = verb::named(&deed.verb).is_some_and(|v| v.follow.is_some());
    deed.action.is_none() && (!listed_there || deed.stand.is_final())
}

/// Takes deeds in and lists those beside the machine actions that are not among them.
pub fn took(app: &mut App, deeds: Vec<Deed>, fx: &mut Vec<Effect>) {
    let spec = spec(Kind::Action);
    let mut build = ChunkBuilder::new(spec.schema());
    let mut any = false;
    // unknown for a while, and then the service listed it after all
    let shown = |d: &&Deed| {
        app.deeds
            .newest()
            .any(|o| o.run == d.run && is_ours_alone(o))
    };
    let removed: Vec<Text> = (deeds.iter())
        .filter(|d| !is_ours_alone(d))
        .filter(shown)
        .map(|d| Text::from(d.run.as_str()))
        .collect();
    for deed in deeds.iter().filter(|d| is_ours_alone(d)) {
        let row = json!({
            "id": deed.run,
            "status": status(deed.stand),
            "type": deed.verb,
            "computerDnsName": super::act::named(&deed.key, &deed.name),
            "requestor": deed.analyst.txt().exact(),
            "requestorComment": deed.reason.as_ref().map(|r| r.txt().exact().to_owned()),
            "creationDateTimeUtc": deed.at.literal(),
            "requestSource": "our record",
            "externalId": deed.run,
        });
        if (spec.decode)(Json(&row), &mut Sink::new(spec.columns, &mut build)).is_ok() {
            any = true;
        }
        build.end_row();
    }
    app.deeds.take(deeds);
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::Action) else {
        return;
    };
    if any || !removed.is_empty() {
        let page = Page {
            kind: Kind::Action,
            chunk: any.then(|| Arc::new(build.finish())),
            // beside what the service lists: says nothing about the list as a whole
            origin: Origin::Search,
            progress: pane.progress,
            bad: 0,
            bad_why: None,
            removed,
        };
        app.page(&page, fx);
    }
}

/// Our states in the words of the list's column.
fn status(stand: Stand) -> &'static str {
    match stand {
        Stand::Sent | Stand::Accepted | Stand::Pending => "Pending",
        Stand::InProgress => "InProgress",
        Stand::Succeeded => "Succeeded",
        Stand::Failed => "Failed",
        Stand::Unknown => "Unknown",
        Stand::NotSent => "NotSent",
    }
}

/// What a row of ours in the list of actions was done to; none for the machine actions.
pub fn target(app: &App, key: &Key) -> Option<Key> {
    if key.kind != Kind::Action {
        return None;
    }
    let ours = app.deeds.newest().find(|d| d.run == key.id.txt().exact());
    ours.filter(|d| d.action.is_none() && d.key.kind != Kind::Action)
        .map(|d| d.key.clone())
}

/// What was left in force for too long is said once, and stays in the header.
pub fn remind(app: &mut App, overdue: Vec<Deed>) {
    let known = |d: &Deed| app.deeds.overdue.iter().any(|o| o.run == d.run);
    let fresh: Vec<String> = (overdue.iter())
        .filter(|d| !known(d))
        .map(|d| format!("{} {}", d.verb, super::act::named(&d.key, &d.name)))
        .collect();
    if !fresh.is_empty() {
        let text = format!(
            "still in force since {}: {}",
            age(app, &overdue),
            fresh.join(", ")
        );
        app.toasts.push(app.now, Level::Warn, text);
    }
    app.deeds.overdue = overdue;
}

/// The age of the oldest.
pub(super) fn age(app: &App, deeds: &[Deed]) -> String {
    let oldest = deeds.iter().map(|d| d.at.0).min().unwrap_or(app.now.wall.0);
    let hours = (app.now.wall.0 - oldest) / crate::model::time::HOUR;
    match hours {
        0..48 => format!("{hours} h"),
        _ => format!("{} d", hours / 24),
    }
}

/// Whether anything was left in force for too long.
pub fn any_overdue(app: &App) -> Result<(), String> {
    match app.deeds.overdue.is_empty() {
        true => Err("nothing of ours was left in force for too long".into()),
        false => Ok(()),
    }
}

/// `g o`: what was left in force, to go to.
pub fn pick(app: &mut App) {
    let item = |d: &Deed| Item {
        label: format!("{} {}", d.verb, super::act::named(&d.key, &d.name)),
        note: format!(
            "{} ago by {}",
            age(app, std::slice::from_ref(d)),
            d.analyst.txt().shown()
        ),
        value: Value::Key(d.key.clone()),
        ..Item::default()
    };
    let items = app.deeds.overdue.iter().map(item).collect();
    let pick = Pick::new("overdue", "Still in force", items, |app, item, fx| {
        if let Value::Key(key) = item.value {
            super::detail::open_in_tab(app, key, fx);
        }
    });
    app.push(Overlay::Pick(pick));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::entities::{DEVICE, Service, USER, full};
    use crate::app::fixture::{at, press};
    use crate::model::Ticks;
    use crate::model::time::HOUR;
    use crate::msg::{Event, News};

    fn deed(run: &str, verb: &str, key: Key, stand: Stand) -> Deed {
        Deed {
            run: run.into(),
            set: run.into(),
            at: Ticks(at(0).wall.0 - 30 * HOUR),
            verb: verb.into(),
            key,
            name: "raj.patel@contoso.com".into(),
            sentence: format!("{verb} user"),
            reason: Some("stolen laptop".into()),
            before: json!({"accountEnabled": true}),
            stand,
            detail: String::new(),
            action: None,
            analyst: "ana@contoso.com".into(),
            undone: None,
        }
    }

    fn user() -> Key {
        Key::new(Kind::User, USER)
    }

    fn news(app: &mut App, news: News) {
        app.update(at(1), Event::News(news));
    }

    fn cell(app: &App, id: &str, column: &str) -> String {
        let pane = app.pane();
        let row = pane.rows.find(id).unwrap();
        let col = pane.spec.column(column).unwrap();
        let value = pane.rows.cell(row, col).to_value();
        match value {
            table::Value::Text(t) => t.txt().exact().to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// Tab 8: ours beside everyone's, live, and each leads to what it was done to; one key asks to take it back (S0-4).
    #[test]
    fn deeds_stand_among_the_actions_and_move_with_the_record() {
        let (mut app, mut service) = (full(100, 24), Service::all());
        press(&mut app, "8");
        let mut machine = deed(
            "r-2",
            "isolate",
            Key::new(Kind::Device, DEVICE),
            Stand::Pending,
        );
        machine.action = Some("m-1".into());
        let ours = deed("r-1", "disable", user(), Stand::Sent);
        news(&mut app, News::Deeds(vec![ours.clone(), machine]));
        assert_eq!(cell(&app, "r-1", "status"), "Pending");
        assert_eq!(cell(&app, "r-1", "type"), "disable");
        assert_eq!(cell(&app, "r-1", "requestorComment"), "stolen laptop");
        assert!(
            app.pane().rows.find("r-2").is_none(),
            "the service lists that one itself"
        );
        for (stand, word) in [
            (Stand::Unknown, "Unknown"),
            (Stand::NotSent, "NotSent"),
            (Stand::Failed, "Failed"),
            (Stand::Succeeded, "Succeeded"),
        ] {
            let newer = Deed {
                stand,
                ..ours.clone()
            };
            news(&mut app, News::Deeds(vec![newer]));
            assert_eq!(cell(&app, "r-1", "status"), word);
            assert_eq!(
                app.deeds.newest().count(),
                2,
                "a newer state, not another deed"
            );
        }
        // not known whether it was done: ours alone, until the service lists it
        let mut lost = deed(
            "r-3",
            "isolate",
            Key::new(Kind::Device, DEVICE),
            Stand::Sent,
        );
        for (stand, action, listed) in [
            (Stand::Sent, None, false),
            (Stand::Unknown, None, true),
            (Stand::Pending, Some("m-3"), false),
        ] {
            lost.stand = stand;
            lost.action = action.map(Into::into);
            news(&mut app, News::Deeds(vec![lost.clone()]));
            assert_eq!(app.pane().rows.find("r-3").is_some(), listed, "{stand:?}");
        }
        let row = Key::new(Kind::Action, "r-1");
        assert_eq!(target(&app, &row), Some(user()));
        // the row is what `u` is about
        let place = app
            .pane()
            .shown
            .position_of(app.pane().rows.find("r-1").unwrap());
        app.pane_mut().move_to(place.unwrap(), 10);
        let mut off = crate::app::entities::user();
        off["accountEnabled"] = false.into();
        service.set(&format!("/users/{USER}"), off);
        service.press(&mut app, "u");
        let Some(Overlay::Prompt(asked)) = app.overlays.last() else {
            panic!("{:?}", app.toasts.log)
        };
        assert_eq!(asked.verb.name, "enable");
    }

    /// Longer in force than the set time: said once, listed under `g o`, gone when it was taken back.
    #[test]
    fn what_was_left_in_force_is_brought_to_mind_until_it_is_taken_back() {
        let mut app = full(100, 24);
        assert!(any_overdue(&app).is_err());
        let left = deed("r-1", "disable", user(), Stand::Succeeded);
        news(&mut app, News::Reminders(vec![left.clone()]));
        let said = |app: &App| {
            let about =
                |t: &&crate::app::toast::Toast| t.text.contains("still in force since 30 h");
            app.toasts.log.iter().filter(about).count()
        };
        assert_eq!(said(&app), 1);
        news(&mut app, News::Reminders(vec![left]));
        assert_eq!(said(&app), 1, "once");
        press(&mut app, "g o");
        let Some(Overlay::Pick(pick)) = app.overlays.last() else {
            panic!()
        };
        let items: Vec<_> = pick
            .all()
            .map(|i| (i.label.clone(), i.note.clone()))
            .collect();
        assert_eq!(items.len(), 1);
        assert!(
            items[0].0.starts_with("disable user") && items[0].1.contains("by ana@contoso.com")
        );
        press(&mut app, "Enter");
        assert_eq!(app.subject(), Some(user()));
        app.deeds.undone(&["r-1".to_owned()]);
        assert!(any_overdue(&app).is_err());
        news(&mut app, News::Reminders(Vec::new()));
        assert!(app.deeds.overdue.is_empty());
    }
}
