//! Details, find, raw JSON, forms and the sign-in box at two sizes, of entities made by hand.

use super::tests::screen;
use crate::app::App;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key};
use crate::model::time::MINUTE;
use crate::model::{Fault, FaultKind, Kind, Ticks};
use crate::msg::{Body, Event, News, SignInPrompt};
use table::Text;

/// Makes the screen at both sizes after these keys, everything asked being answered.
fn shots(name: &str, keys: &str) {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = full(w, h);
        Service::all().press(&mut app, keys);
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&app));
    }
}

#[test]
fn an_incident() {
    shots("incident_story", "Enter");
    shots("incident_alerts", "Enter l n n");
    shots("incident_evidence", "Enter l l");
    shots("incident_facts", "Enter l l l");
}

#[test]
fn an_alert_a_device_and_a_user() {
    shots("alert", "2 G k Enter");
    shots("alert_processes", "2 G k Enter l l");
    shots("device", "3 Enter");
    shots("user", "4 j Enter");
}

#[test]
fn a_peek_beside_or_below_the_list() {
    shots("peek", "i");
}

#[test]
fn what_is_not_there_or_not_fresh() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = full(w, h);
        let fx = key(&mut app, at(1), "Enter");
        insta::assert_snapshot!(format!("detail_reading_{w}x{h}"), screen(&app));
        let fault = Fault::new(FaultKind::Forbidden, "this sign-in may not read incidents")
            .status(403)
            .next("ask an administrator to grant SecurityIncident.Read.All");
        answer(&mut app, at(1), ticket(&fx, ""), Body::Fault(fault));
        insta::assert_snapshot!(format!("detail_fault_{w}x{h}"), screen(&app));
    }
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "Enter");
    let fx = key(&mut app, at(1), "R");
    let fault = Fault::new(FaultKind::Timeout, "no answer in time");
    answer(&mut app, at(1), ticket(&fx, "story"), Body::Fault(fault));
    insta::assert_snapshot!("detail_old_80x24", screen(&app));
}

#[test]
fn finding() {
    shots("find_empty", "f");
    shots("find_address", "f '203.0.113.7'");
    shots("find_words", "f 'patel'");
    shots("find_name_twice", "f 'ws-042'");
    let mut app = fixture::app(80, 24);
    Service::all().press(&mut app, "f '10.1.2.3'");
    key(&mut app, at(1), "Enter");
    insta::assert_snapshot!("find_waits_80x24", screen(&app));
}

#[test]
fn raw_json() {
    shots("json", "Enter J");
    shots("json_search", "Enter J / 'powershell'");
}

#[test]
fn forms() {
    shots("form_classify", "c");
    shots("form_comment", "m 'looks real to me'");
    shots("form_tags", "#");
    shots("form_assign", "A");
    shots("form_status", "s");
    shots("go_users", "g a");
}

fn signing_in(prompt: SignInPrompt, then: impl Fn(&mut App), name: &str) {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut app = full(w, h);
        app.session = None;
        app.update(at(1), Event::News(News::SignIn(prompt.clone())));
        then(&mut app);
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&app));
    }
}

#[test]
fn signing_in_beside_the_rows_that_stay() {
    let until = Ticks(at(0).wall.0 + 15 * MINUTE);
    let code = SignInPrompt::DeviceCode {
        url: "https://microsoft.com/devicelogin".into(),
        code: "ABCD-EFGH".into(),
        until,
    };
    signing_in(code, |_| (), "sign_in_code");
    let url = format!(
        "https://login.microsoftonline.com/7d6f2c1a-0b3e-4c55-9d0a-1f2e3d4c5b6a/oauth2/v2.0/authorize?client_id=00000000&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A55555&scope={}&state=abcdefgh&code_challenge=0123456789",
        "https%3A%2F%2Fgraph.microsoft.com%2F.default+offline_access"
    );
    let browser = SignInPrompt::Browser {
        url,
        redirect: "http://localhost".into(),
    };
    let paste = |app: &mut App| {
        let address = Text::from("http://localhost:55555/?code=SECRET&state=abcdefgh");
        app.update(at(1), Event::Paste(address));
    };
    signing_in(browser, paste, "sign_in_browser");
    let mut app = full(80, 24);
    app.session = None;
    let fault = Fault::new(
        FaultKind::SignIn,
        "the client secret has expired (AADSTS7000222)",
    )
    .next("make a new secret for the application and store its value");
    app.update(at(1), Event::News(News::SignInFailed(fault)));
    insta::assert_snapshot!("sign_in_failed_80x24", screen(&app));
    // a small screen shows the end: what to type
    let mut app = full(40, 12);
    let code = SignInPrompt::DeviceCode {
        url: "https://microsoft.com/devicelogin".into(),
        code: "ABCD-EFGH".into(),
        until,
    };
    app.update(at(1), Event::News(News::SignIn(code)));
    insta::assert_snapshot!("sign_in_code_40x12", screen(&app));
}

#[test]
fn a_small_screen_keeps_what_counts() {
    let mut app = full(40, 12);
    let mut service = Service::all();
    service.press(&mut app, "Enter");
    insta::assert_snapshot!("incident_story_40x12", screen(&app));
    service.press(&mut app, "Esc i");
    insta::assert_snapshot!("peek_40x12", screen(&app));
    service.press(&mut app, "Esc f");
    insta::assert_snapshot!("find_40x12", screen(&app));
    let _ = Kind::Incident;
}
