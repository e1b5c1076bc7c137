//! The logs on the screen: the list with its strip, a record, the content types and their windows.

use super::tests::screen;
use crate::app::fixture::press;
use crate::app::logs::tests::{answer, ledger, logs, record};

#[test]
fn the_logs_with_a_gap_at_two_sizes() {
    for (w, h) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("logs_{w}x{h}"), screen(&logs(w, h, 1)));
    }
}

#[test]
fn a_record_and_the_content_types() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = logs(w, h, 1);
        press(&mut app, "Enter");
        let key = app.subject().unwrap();
        answer(&mut app, key, record());
        insta::assert_snapshot!(format!("logs_record_{w}x{h}"), screen(&app));
        let mut app = logs(w, h, 1);
        press(&mut app, "g k");
        insta::assert_snapshot!(format!("logs_types_{w}x{h}"), screen(&app));
        press(&mut app, "j Enter");
        let key = app.subject().unwrap();
        let types = ledger(1);
        let found = types.types.iter().find(|t| t.name == key.id).unwrap();
        answer(&mut app, key, crate::resource::feed::json(found));
        insta::assert_snapshot!(format!("logs_windows_{w}x{h}"), screen(&app));
    }
}
