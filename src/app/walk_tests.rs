//! Any keys, replies, resizes and hours: no panic, the cursor is on a line, and polls do not move it.

use super::App;
use super::fixture::*;
use crate::model::Kind;
use crate::msg::{Effect, Event, Origin};
use proptest::prelude::*;

const KEYS: &[&str] = &[
    "j",
    "k",
    "PgDn",
    "PgUp",
    "G",
    "g",
    "Home",
    "h",
    "l",
    "Enter",
    "Esc",
    "Tab",
    "/",
    "s",
    "e",
    "v",
    ">",
    "=",
    "S",
    "C",
    "b",
    "z",
    "R",
    "r",
    "n",
    "N",
    ":",
    "?",
    ",",
    "1",
    "2",
    "3",
    "4",
    "Space",
    "Down",
    "Up",
    "Ctrl-d",
    "Ctrl-u",
    "Ctrl-c",
    "F1",
    "Alt-2",
    "J",
    "K",
    "x",
    "Backspace",
    "i",
    "y",
    "p",
    "f",
    "[",
    "]",
    "*",
    "V",
    "a",
    "u",
    "d",
    "t",
    ".",
    "8",
];

#[derive(Clone, Debug)]
enum Step {
    Key(usize),
    Resize(u16, u16),
    Poll(Vec<(u32, u8)>),
    Gone(u32),
    Fill(u8),
    Answer,
    Wake(u16),
    Paste(String),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..KEYS.len()).prop_map(Step::Key),
        2 => (0u16..260, 0u16..90).prop_map(|(w, h)| Step::Resize(w, h)),
        2 => prop::collection::vec((4570u32..4730, 0u8..4), 0..6).prop_map(Step::Poll),
        1 => (4570u32..4730).prop_map(Step::Gone),
        1 => (0u8..30).prop_map(Step::Fill),
        2 => Just(Step::Answer),
        1 => (0u16..200).prop_map(Step::Wake),
        1 => "\\PC{0,12}".prop_map(Step::Paste),
    ]
}

fn valid(app: &App) {
    for pane in &app.panes {
        assert!(
            pane.cursor < pane.shown.len().max(1),
            "the cursor is beyond the lines"
        );
        assert!(pane.top <= pane.cursor, "the cursor is above the screen");
        for row in pane.shown.rows().iter() {
            assert!(pane.rows.is_live(row), "a dead row is shown");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("WF_SOAK").is_some() { 3_000 } else { 48 }, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_polls_never_move_the_cursor(steps in prop::collection::vec(step(), 1..120)) {
        let mut app = filled(80, 24);
        let mut jobs: Vec<Effect> = Vec::new();
        let mut secs = 1;
        for step in steps {
            secs += 1;
            let fx = match step {
                Step::Key(n) => key(&mut app, at(secs), KEYS[n]),
                Step::Resize(w, h) => app.update(at(secs), Event::Resize(w, h)),
                Step::Paste(text) => app.update(at(secs), Event::Paste(text.as_str().into())),
                Step::Wake(by) => {
                    secs += u64::from(by);
                    app.update(at(secs), Event::Wake)
                }
                Step::Fill(n) => give(&mut app, at(secs), page(Kind::Incident, &incidents()[..usize::from(n)], Origin::Fill, 30, 30)),
                Step::Poll(rows) => {
                    let rows: Vec<_> = rows.iter().map(|(id, s)| incident(*id, ["low", "medium", "high", "odd"][usize::from(*s)], "active", "", "polled", "-1m")).collect();
                    let before = app.panes[0].key();
                    let was = (app.panes[0].cursor - app.panes[0].top, app.panes[0].touched, app.panes[0].shown.is_empty());
                    let fx = give(&mut app, at(secs), page(Kind::Incident, &rows, Origin::Poll, 30, 30));
                    if was.1 && !was.2 {
                        prop_assert_eq!(app.panes[0].key(), before, "a poll moved the cursor");
                        if app.active == 0 {
                            prop_assert_eq!(app.panes[0].cursor - app.panes[0].top, was.0);
                        }
                    }
                    fx
                }
                Step::Gone(id) => {
                    let mut p = page(Kind::Incident, &[], Origin::Poll, 30, 30);
                    p.removed = vec![id.to_string().as_str().into()];
                    give(&mut app, at(secs), p)
                }
                Step::Answer => {
                    let out = std::mem::take(&mut jobs);
                    compute(&mut app, out);
                    Vec::new()
                }
            };
            for effect in &fx {
                // keys may confirm what tier 0 allows on one row, and nothing else: no frame was ever seen here
                if let Effect::Ask(_, crate::msg::Request::Run(run)) = effect {
                    prop_assert!(run.get().verb.tier == 0 && run.get().targets.len() == 1);
                }
            }
            jobs.extend(fx);
            valid(&app);
        }
    }
}
