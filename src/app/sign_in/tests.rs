//! Signing in: the box comes when the person must act, steps leave as secrets, and nothing on screen is lost.

use super::*;
use crate::app::entities::{answer, full};
use crate::app::fixture::{self, at, key, press};
use crate::model::{Fault, FaultKind, Ticks};
use crate::msg::{Event, News};
use secrecy::ExposeSecret;

const FINAL: &str = "http://localhost:55555/?code=SECRETCODE&state=S";

fn device(app: &mut App) -> Vec<Effect> {
    let until = Ticks(at(0).wall.0 + 15 * crate::model::time::MINUTE);
    let prompt = SignInPrompt::DeviceCode {
        url: "https://microsoft.com/devicelogin".into(),
        code: "ABCD-EFGH".into(),
        until,
    };
    app.update(at(1), Event::News(News::SignIn(prompt)))
}

fn browser(app: &mut App) -> Vec<Effect> {
    let prompt = SignInPrompt::Browser {
        url: "https://login.microsoftonline.com/t/oauth2/v2.0/authorize?client_id=x".into(),
        redirect: "http://localhost".into(),
    };
    app.update(at(1), Event::News(News::SignIn(prompt)))
}

fn open_box(app: &App) -> &SignIn {
    match app.overlays.last() {
        Some(Overlay::SignIn(s)) => s,
        other => panic!("no box but {other:?}"),
    }
}

fn steps(effects: &[Effect]) -> Vec<String> {
    let step = |e: &Effect| match e {
        Effect::Ask(_, Request::SignIn(SignInStep::DeviceCode)) => Some("device code".to_owned()),
        Effect::Ask(_, Request::SignIn(SignInStep::Browser)) => Some("browser".to_owned()),
        Effect::Ask(_, Request::SignIn(SignInStep::FinalUrl(s))) => {
            Some(s.expose_secret().to_owned())
        }
        _ => None,
    };
    effects.iter().filter_map(step).collect()
}

fn ticket(effects: &[Effect]) -> crate::msg::Ticket {
    let found = effects.iter().find_map(|e| match e {
        Effect::Ask(t, Request::SignIn(_)) => Some(t.clone()),
        _ => None,
    });
    found.expect("a step was taken")
}

#[test]
fn a_code_is_shown_copied_and_asked_for_anew() {
    let mut app = full(80, 24);
    let rows = app.pane().shown.len();
    device(&mut app);
    open_box(&app);
    assert_eq!(app.pane().shown.len(), rows, "what was on screen stays");
    let copied = |fx: &[Effect]| match fx.first() {
        Some(Effect::Copy { text, .. }) => text.clone(),
        _ => String::new(),
    };
    assert_eq!(copied(&key(&mut app, at(1), "c")), "ABCD-EFGH");
    assert_eq!(
        copied(&key(&mut app, at(1), "u")),
        "https://microsoft.com/devicelogin"
    );
    assert_eq!(steps(&key(&mut app, at(1), "r")), ["device code"]);
    assert!(open_box(&app).busy);
    assert_eq!(steps(&key(&mut app, at(1), "Tab")), ["browser"]);
    // Esc leaves it for later; the lists can be read meanwhile, and it comes back by its key
    press(&mut app, "Esc j");
    assert!(app.overlays.is_empty() && app.pane().cursor == 1);
    press(&mut app, "g s");
    open_box(&app);
    // signed in: the box goes by itself
    app.update(
        at(2),
        Event::News(News::Session(fixture::session(), fixture::grants())),
    );
    assert!(app.overlays.is_empty());
    press(&mut app, "g s");
    assert!(
        app.toasts
            .log
            .last()
            .unwrap()
            .text
            .contains("you are signed in")
    );
}

#[test]
fn the_pasted_address_leaves_as_a_secret_and_is_seen_by_nobody() {
    let mut app = full(80, 24);
    browser(&mut app);
    // Enter without anything says what is wanted
    assert!(steps(&key(&mut app, at(1), "Enter")).is_empty());
    assert!(open_box(&app).note.contains("paste the address"));
    app.update(at(1), Event::Paste(Text::from(format!("  {FINAL}\n"))));
    assert_eq!(
        open_box(&app).echo(),
        format!("localhost · {} characters, not shown", FINAL.len())
    );
    let debug = format!("{:?}", app.overlays);
    assert!(
        !debug.contains("SECRETCODE") && !debug.contains("code="),
        "{debug}"
    );
    let fx = key(&mut app, at(1), "Enter");
    assert_eq!(steps(&fx), [FINAL]);
    assert!(!format!("{fx:?}").contains("SECRETCODE"));
    assert_eq!(open_box(&app).echo(), "", "it is not kept");
    // a wrong one can be followed by the right one
    let fault = Fault::new(FaultKind::SignIn, "that address belongs to another sign-in");
    answer(&mut app, at(1), ticket(&fx), Body::Fault(fault));
    assert!(open_box(&app).note.contains("another sign-in") && !open_box(&app).busy);
    app.update(at(1), Event::Paste(Text::from(FINAL)));
    assert!(open_box(&app).note.is_empty());
    assert_eq!(steps(&key(&mut app, at(1), "Enter")), [FINAL]);
    assert!(!app.toasts.log.iter().any(|t| t.text.contains("SECRETCODE")));
    // letters are typed into the address, not pressed as keys
    let mut app = full(80, 24);
    browser(&mut app);
    press(&mut app, "'cru'");
    assert_eq!(
        open_box(&app).echo(),
        "no address yet · 3 characters, not shown"
    );
    press(&mut app, "Ctrl-c");
    assert_eq!(open_box(&app).echo(), "");
}

#[test]
fn a_failure_is_said_and_tried_again() {
    let mut app = fixture::app(80, 24);
    app.session = None;
    let fault = Fault::new(
        FaultKind::SignIn,
        "the client secret has expired (AADSTS7000222)",
    )
    .next("make a new secret");
    app.update(at(1), Event::News(News::SignInFailed(fault)));
    open_box(&app);
    assert!(app.status.sign_in_failed.is_some());
    let fx = key(&mut app, at(1), "r");
    assert_eq!(steps(&fx), ["device code"]);
    // a step whose task ended says nothing wrong and can be taken again
    answer(&mut app, at(1), ticket(&fx), Body::Dropped);
    assert!(!open_box(&app).busy);
    // a prompt that comes takes the failure's place
    device(&mut app);
    assert!(app.status.sign_in_failed.is_none());
    assert_eq!(app.overlays.len(), 1, "one box");
}

#[test]
fn it_does_not_steal_what_is_being_typed() {
    let mut app = full(80, 24);
    press(&mut app, "m 'half a w'");
    device(&mut app);
    assert!(matches!(app.overlays.last(), Some(Overlay::Text(_))));
    assert!(
        app.toasts
            .log
            .last()
            .unwrap()
            .text
            .contains("waits for you: gs")
    );
    press(&mut app, "'ord'");
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!()
    };
    assert_eq!(form.line.text(), "half a word");
    // a late answer to a step that nobody waits for is dropped
    press(&mut app, "Esc g s r");
    let fx = key(&mut app, at(1), "r");
    let newest = ticket(&fx);
    let old = crate::msg::Ticket {
        number: newest.number - 1,
        ..newest
    };
    let fault = Fault::new(FaultKind::SignIn, "too late");
    answer(&mut app, at(1), old, Body::Fault(fault));
    assert!(!open_box(&app).note.contains("too late"));
}
