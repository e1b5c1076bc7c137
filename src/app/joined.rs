//! What lists have from one another: joined columns are filled here as rows arrive and alerts change (`resource::join`).
//!
//! Alerts are fetched as soon as incidents are on screen, since sources, techniques and entities of incidents come from
//! them. Until the alerts are complete the joined cells stay unknown: half of the sources would be a wrong answer.

use super::App;
use crate::model::Kind;
use crate::msg::{Effect, Origin, Page};
use crate::resource::join::{
    AlertIndex, Touched, beside_edits, fill_beside, fill_incidents, incident_edits,
};
use crate::resource::{Source, Spec, spec};
use std::collections::BTreeMap;
use std::sync::Arc;
use table::{Changes, Chunk, Keyed};

/// The state of the joins.
#[derive(Debug, Default)]
pub struct Joined {
    /// Which alerts belong to which incident and which mention what.
    pub alerts: AlertIndex,
    /// Incidents have the cells of complete alerts.
    pub complete: bool,
    /// What the listing beside a list gave so far.
    beside: BTreeMap<Kind, Keyed>,
}

impl Joined {
    /// Follows the alerts' table; call it with every change.
    pub(super) fn alerts_changed(&mut self, alerts: &Keyed, changes: &Changes) -> Touched {
        self.alerts.take(alerts, changes)
    }
}

impl App {
    /// Arriving rows with the joined cells that are known of them.
    pub(super) fn filled(&self, page: &Page) -> Option<Arc<Chunk>> {
        let chunk = page.chunk.clone()?;
        let alerts = self.panes.iter().find(|p| p.spec.kind == Kind::Alert);
        Some(
            match (page.kind, alerts, self.joined.beside.get(&page.kind)) {
                (Kind::Incident, Some(alerts), _) if self.joined.complete => {
                    fill_incidents(chunk, &self.joined.alerts, &alerts.rows)
                }
                (kind, _, Some(beside)) => fill_beside(chunk, spec(kind), beside),
                _ => chunk,
            },
        )
    }

    /// Takes cells of a listing beside a list; its end makes the joined columns definite.
    pub(super) fn beside(&mut self, page: &Page, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let kind = page.kind;
        let Some(pane) = self.panes.iter_mut().find(|p| p.spec.kind == kind) else {
            return;
        };
        let mut make = false;
        if let Some(chunk) = &page.chunk {
            let kept = self
                .joined
                .beside
                .entry(kind)
                .or_insert_with(|| Keyed::new(pane.rows.schema().clone()));
            kept.upsert(chunk.clone());
            let edits = beside_edits(&pane.rows, pane.spec, chunk);
            let changes = pane.rows.set_cells(edits);
            make = !changes.is_empty();
            pane.follow(changes, height);
        }
        if page.origin == Origin::BesideDone {
            make |= settle(&mut pane.rows, pane.spec);
        }
        if make {
            self.compute(kind, fx);
        }
    }

    /// Carries changes of alerts into the incidents, once the alerts are complete.
    pub(super) fn join_incidents(&mut self, touched: &Touched, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let mut two = [None, None];
        for pane in &mut self.panes {
            match pane.spec.kind {
                Kind::Incident => two[0] = Some(pane),
                Kind::Alert => two[1] = Some(pane),
                Kind::Device | Kind::User => {}
            }
        }
        let [Some(incidents), Some(alerts)] = two else {
            return;
        };
        let first = !self.joined.complete && alerts.progress.complete;
        if !first && !self.joined.complete {
            return;
        }
        let touched = if first { &Touched::All } else { touched };
        let edits = incident_edits(&self.joined.alerts, &alerts.rows, &incidents.rows, touched);
        let changes = incidents.rows.set_cells(edits);
        incidents.follow(changes, height);
        if first {
            self.joined.complete = true;
            settle(&mut incidents.rows, incidents.spec);
            self.compute(Kind::Incident, fx);
        }
    }

    /// The list that this one's joined columns come from is wanted too.
    pub(super) fn sync_joined(&mut self, page: &Page, fx: &mut Vec<Effect>) {
        if page.kind == Kind::Incident && page.origin != Origin::Cache {
            self.sync(Kind::Alert, fx);
        }
    }
}

/// From now on an empty joined cell means none. True where that was not so before.
fn settle(rows: &mut Keyed, spec: &Spec) -> bool {
    let mut changed = false;
    for (col, column) in spec.columns.iter().enumerate() {
        if column.source == Source::Joined && rows.table().is_pending(col) {
            rows.set_pending(col, false);
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{app, at, chunk};
    use crate::msg::{Body, Event, Progress, Reply, Request, Slot, Ticket};
    use table::Cell;

    fn page(kind: Kind, chunk: Option<Arc<Chunk>>, origin: Origin, complete: bool) -> Page {
        Page {
            kind,
            chunk,
            origin,
            progress: Progress {
                loaded: 2,
                total: None,
                complete,
                as_of: Some(at(0).wall),
            },
            bad: 0,
            bad_why: None,
            removed: Vec::new(),
        }
    }

    fn give(app: &mut App, page: Page) -> Vec<Effect> {
        let slot = Slot::Sync(page.kind);
        let number = match app.tickets.current(&slot) {
            Some(ticket) => ticket.number,
            None => app.tickets.issue(slot.clone()).number,
        };
        let reply = Reply {
            ticket: Ticket { slot, number },
            last: false,
            body: Body::Page(page),
        };
        app.update(at(1), Event::Reply(reply))
    }

    fn alert(id: &str, incident: &str, source: &str) -> Vec<(&'static str, String)> {
        vec![
            ("id", id.into()),
            ("incidentId", incident.into()),
            ("serviceSource", source.into()),
            ("users", "ana@contoso.com".into()),
        ]
    }

    fn sources(app: &App, id: &str) -> Option<Vec<String>> {
        let pane = &app.panes[0];
        let row = pane.rows.find(id).unwrap();
        let col = pane.spec.column("src").unwrap();
        match pane.rows.cell(row, col) {
            Cell::List(list) => Some(list.iter().map(|t| t.exact().to_owned()).collect()),
            _ => None,
        }
    }

    #[test]
    fn s1_23_incidents_have_their_products_once_the_alerts_are_complete_and_not_before() {
        let mut app = app(80, 24);
        let rows: Vec<_> = ["1", "2"]
            .iter()
            .map(|id| vec![("id", (*id).to_owned())])
            .collect();
        let incidents = chunk(Kind::Incident, &rows);
        let fx = give(
            &mut app,
            page(Kind::Incident, Some(incidents.clone()), Origin::Fill, true),
        );
        let wants_alerts =
            |fx: &Effect| matches!(fx, Effect::Ask(_, Request::Sync { kind: Kind::Alert }));
        assert!(
            fx.iter().any(wants_alerts),
            "the alerts are fetched with the incidents"
        );

        let first = chunk(Kind::Alert, &[alert("a1", "1", "dataLossPrevention")]);
        give(
            &mut app,
            page(Kind::Alert, Some(first), Origin::Fill, false),
        );
        assert_eq!(sources(&app, "1"), None, "not known yet");
        let src = app.panes[0].spec.column("src").unwrap();
        assert!(app.panes[0].rows.table().is_pending(src));

        let second = chunk(
            Kind::Alert,
            &[alert("a2", "1", "microsoftDefenderForEndpoint")],
        );
        give(
            &mut app,
            page(Kind::Alert, Some(second), Origin::Fill, true),
        );
        assert_eq!(
            sources(&app, "1").unwrap(),
            ["microsoftDefenderForEndpoint", "dataLossPrevention"]
        );
        assert!(!app.panes[0].rows.table().is_pending(src) && app.env(Kind::Incident).joined);

        // a poll that brings the same incidents changes nothing
        give(
            &mut app,
            page(Kind::Incident, Some(incidents), Origin::Poll, true),
        );
        assert_eq!(sources(&app, "1").unwrap().len(), 2);
        // an alert that moves takes its product with it
        let moved = chunk(Kind::Alert, &[alert("a1", "2", "dataLossPrevention")]);
        give(&mut app, page(Kind::Alert, Some(moved), Origin::Poll, true));
        assert_eq!(
            sources(&app, "1").unwrap(),
            ["microsoftDefenderForEndpoint"]
        );
        assert_eq!(sources(&app, "2").unwrap(), ["dataLossPrevention"]);
        let mut gone = page(Kind::Alert, None, Origin::Poll, true);
        gone.removed = vec!["a1".into()];
        give(&mut app, gone);
        assert_eq!(sources(&app, "2"), None);
    }

    #[test]
    fn s0_18_risk_of_users_comes_beside_and_does_not_touch_their_own_cells() {
        let mut app = app(80, 24);
        let user =
            |id: &str, name: &str| vec![("id", id.to_owned()), ("displayName", name.to_owned())];
        let users = chunk(Kind::User, &[user("u1", "Ana"), user("u2", "Raj")]);
        give(
            &mut app,
            page(Kind::User, Some(users.clone()), Origin::Fill, true),
        );
        let risk = chunk(
            Kind::User,
            &[vec![
                ("id", "u1".to_owned()),
                ("riskLevel", "high".to_owned()),
            ]],
        );
        give(&mut app, page(Kind::User, Some(risk), Origin::Beside, true));
        let read = |app: &App, id: &str, name: &str| {
            let pane = &app.panes[3];
            let col = pane.spec.column(name).unwrap();
            let row = pane.rows.find(id).unwrap();
            (
                pane.rows
                    .cell(row, col)
                    .text()
                    .map(|t| t.exact().to_owned()),
                pane.rows.table().is_unknown(row, col),
            )
        };
        assert_eq!(read(&app, "u1", "riskLevel"), (Some("high".into()), false));
        assert_eq!(read(&app, "u1", "displayName").0.unwrap(), "Ana");
        assert_eq!(
            read(&app, "u2", "riskLevel"),
            (None, true),
            "not known until the listing ends"
        );
        give(&mut app, page(Kind::User, None, Origin::BesideDone, true));
        assert_eq!(read(&app, "u2", "riskLevel"), (None, false));
        give(&mut app, page(Kind::User, Some(users), Origin::Fill, true));
        assert_eq!(
            read(&app, "u1", "riskLevel").0.unwrap(),
            "high",
            "another sweep keeps it"
        );
    }
}
