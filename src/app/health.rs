//! What Microsoft says of its own health, where it matters: a badge while something goes on with Defender, Entra or all of
//! Microsoft 365, and a word beside failures of ours that may have their reason there.

use super::{App, views};
use crate::model::{Fault, FaultKind, Kind};
use crate::msg::Effect;
use table::{Cell, Text};

/// Brings the advisories to the front, those that go on first.
pub fn show(app: &mut App, fx: &mut Vec<Effect>) {
    let here = app.spot();
    app.places.leave(here);
    app.to_kind(Kind::Issue, fx);
    views::show(app, Kind::Issue, "going on", fx);
}

/// Brings the announcements to the front, those of our services first.
pub fn announced(app: &mut App, fx: &mut Vec<Effect>) {
    let here = app.spot();
    app.places.leave(here);
    app.to_kind(Kind::Announcement, fx);
    views::show(
        app,
        Kind::Announcement,
        "Defender, Entra, Microsoft 365",
        fx,
    );
}

/// Id and title of what goes on with the services that we read.
fn going_on(app: &App) -> Vec<(Text, Text)> {
    let Some(pane) = app.panes.iter().find(|p| p.spec.kind == Kind::Issue) else {
        return Vec::new();
    };
    let col = |name: &str| pane.spec.column(name).unwrap_or(usize::MAX);
    let (active, ours, title) = (col("active"), col("ours"), col("title"));
    let yes = |row: u32, col: usize| pane.rows.cell(row, col) == Cell::Bool(true);
    let rows = pane.rows.live();
    rows.iter()
        .filter(|row| yes(*row, active) && yes(*row, ours))
        .map(|row| {
            let text = pane.rows.cell(row, title);
            let text = text.text().map(|t| t.to_text()).unwrap_or_default();
            (pane.rows.key(row).to_text(), text)
        })
        .collect()
}

/// `2 advisories`, for the header; none while all is well or nothing is known.
pub fn badge(app: &App) -> Option<String> {
    match going_on(app).len() {
        0 => None,
        1 => Some("1 advisory".to_owned()),
        n => Some(format!("{n} advisories")),
    }
}

/// What may be behind a failure of a service, to be said after it.
pub fn beside(app: &App, fault: &Fault) -> Option<String> {
    let theirs = matches!(
        fault.kind,
        FaultKind::Server | FaultKind::Timeout | FaultKind::BadAnswer | FaultKind::Throttled
    );
    fault.service.filter(|_| theirs)?;
    let all = going_on(app);
    let (id, title) = all.first()?;
    let more = match all.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let key = app.keymap.key_named("advisories").unwrap_or_default();
    Some(format!(
        "; Microsoft reports trouble of its own: {} {}{more} ({key})",
        id.txt().shown(),
        title.txt().shown()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::*;
    use crate::model::Service;
    use crate::msg::Origin;

    fn row(id: &str, service: &str, on: bool) -> Vec<(&'static str, String)> {
        vec![
            ("id", id.into()),
            ("service", service.into()),
            ("title", "Sign-in logs arrive late".into()),
            ("status", "extendedRecovery".into()),
            ("active", on.to_string()),
            ("ours", crate::resource::issue::is_ours(service).to_string()),
            ("startDateTime", "-3h".into()),
        ]
    }

    #[test]
    fn s0_22_an_advisory_has_a_badge_a_list_and_a_word_beside_our_failures() {
        let mut app = filled(120, 40);
        assert_eq!(badge(&app), None);
        let rows = [
            row("IT1", "Microsoft Entra", true),
            row("HG1", "Microsoft Holograms", true),
            row("DZ1", "Microsoft Defender XDR", false),
        ];
        give(
            &mut app,
            at(0),
            page(Kind::Issue, &rows, Origin::Fill, 3, 3),
        );
        assert_eq!(badge(&app).as_deref(), Some("1 advisory"));
        let failed = Fault::new(FaultKind::Server, "the service failed").on(Service::Graph);
        app.pane_of(Kind::Incident).unwrap().fault = Some(failed);
        let said = app.trouble().unwrap();
        assert!(
            said.contains(
                "Microsoft reports trouble of its own: IT1 Sign-in logs arrive late (gv)"
            ),
            "{said}"
        );
        let own = Fault::new(FaultKind::Forbidden, "no").on(Service::Graph);
        assert_eq!(beside(&app, &own), None, "that is not their doing");
        press(&mut app, "g v");
        assert_eq!(app.pane().spec.kind, Kind::Issue);
        assert_eq!(
            app.pane().shown.len(),
            2,
            "those that go on, whatever the service"
        );
    }

    /// S0-22: what is announced stands beside what goes wrong, with what must be done and until when.
    #[test]
    fn s0_22_announcements_of_our_services_come_first_and_say_until_when_to_act() {
        let mut app = filled(120, 40);
        let mut fx = Vec::new();
        app.to_kind(Kind::Announcement, &mut fx);
        let of = |id: &str, service: &str, act: Option<&str>| {
            serde_json::json!({"id": id, "title": "MFA for admin portals", "services": [service], "isMajorChange": true,
                "category": "planForChange", "severity": "high", "lastModifiedDateTime": "2026-07-30T00:00:00Z",
                "actionRequiredByDateTime": act, "body": {"contentType": "html", "content": "<p>Turn it <b>on</b>.</p>"}})
        };
        let all = [
            of("MC1", "Microsoft Entra", Some("2026-08-20T00:00:00Z")),
            of("MC2", "Microsoft Teams", None),
        ];
        crate::app::posture::tests::rows(&mut app, Kind::Announcement, &all);
        let fx = press(&mut app, "1 g V");
        compute(&mut app, fx);
        assert_eq!(app.pane().spec.kind, Kind::Announcement);
        assert_eq!(app.pane().key().unwrap().id.txt().exact(), "MC1");
        assert_eq!(app.pane().shown.len(), 1);
    }
}
