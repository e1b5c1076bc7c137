//! The Posture tab at two sizes, with rows made by hand.

use super::tests::screen;
use crate::app::App;
use crate::app::fixture::*;
use crate::app::posture::tests::{exposed, filled_posture, rows};
use crate::model::Kind;
use serde_json::json;

fn sizes(name: &str, prepare: impl Fn(&mut App)) {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = filled_posture(w, h);
        prepare(&mut app);
        // what was told once is not what is looked at here
        app.toasts.seen();
        insta::assert_snapshot!(format!("posture_{name}_{w}x{h}"), screen(&app));
    }
}

#[test]
fn s0_23_s0_25_the_score_above_its_controls() {
    sizes("controls", |_| {});
    sizes("what_if", |app| {
        press(app, "Space Space");
    });
}

#[test]
fn s0_24_the_trend_above_its_days() {
    sizes("scores", |app| {
        press(app, "7");
    });
}

#[test]
fn s0_26_the_states_of_a_control_with_the_portals_words() {
    sizes("states", |app| {
        press(app, "a s");
    });
}

#[test]
fn s2_26_vulnerabilities_and_s2_29_the_devices_that_have_them() {
    sizes("vulnerabilities", |app| {
        press(app, "7 7");
        let one = |n: usize, severity: &str, devices: u32, kit: bool| {
            json!({"id": format!("CVE-2026-{n}"), "severity": severity, "cvssV3": 7.5, "exposedMachines": devices,
                "publicExploit": n > 2, "exploitInKit": kit, "publishedOn": "2026-07-01T00:00:00Z",
                "description": "Improper handling of input\nover many lines\u{202e}."})
        };
        let all = [
            one(1, "High", 12, false),
            one(2, "Critical", 1204, true),
            one(3, "Low", 0, false),
        ];
        rows(app, Kind::Vulnerability, &all);
    });
    sizes("exposed", |app| {
        press(app, "7 7 7 7 7");
        let all: Vec<_> = (0..30)
            .map(|n| exposed(n, n % 7, (n % 5 > 0).then_some("CVE-2026-2")))
            .collect();
        rows(app, Kind::Exposed, &all);
    });
}
