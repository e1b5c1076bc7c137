//! What a key costs on a large list. Figures come from `benches/`; here only the shape is held: which questions `update`
//! answers by itself and which it hands to the compute threads.

use super::*;
use crate::app::fixture::*;
use crate::model::Kind;
use crate::msg::{Effect, Origin};
use std::time::Instant;

/// With the order known, a letter only filters: sorting 100,000 titles for each would be felt.
#[test]
fn a_letter_sorts_nothing() {
    let rows: Vec<_> = (0..40_000)
        .map(|n| incident(n, "low", "active", "", &format!("title {n}"), "-1d"))
        .collect();
    let mut app = app(120, 40);
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &rows, Origin::Fill, 40_000, 40_000),
    );
    compute(&mut app, fx);
    press(&mut app, "/");
    for letter in ["'t'", "'i'", "'9'"] {
        let fx = press(&mut app, letter);
        for effect in &fx {
            if let Effect::Compute(_, job) = effect {
                assert!(
                    job.sort.is_empty() && job.base.len() == 40_000,
                    "{letter} sorts"
                );
            }
        }
        compute(&mut app, fx);
    }
    // a term on one column is looked at without a job
    let fx = press(&mut app, "Ctrl-u 'sev:hig'");
    compute(&mut app, fx);
    let fx = press(&mut app, "'h'");
    assert!(!fx.iter().any(|e| matches!(e, Effect::Compute(..))));
    assert!(app.pane().shown.is_empty());
}

#[test]
fn figures() {
    // it measures and judges nothing: asked for by `WF_SOAK=1`
    if std::env::var_os("WF_SOAK").is_none() {
        return;
    }
    let words = [
        "Multi-stage incident",
        "Suspicious inbox rule",
        "Password spray",
        "Credential dumping",
        "Malware detected",
    ];
    let rows: Vec<_> = (0..100_000)
        .map(|n| {
            incident(
                n,
                ["low", "medium", "high"][n as usize % 3],
                ["active", "resolved"][n as usize % 2],
                "",
                &format!("{} on host {n}", words[n as usize % 5]),
                &format!("-{}m", n % 100_000),
            )
        })
        .collect();
    let mut app = app(120, 40);
    let at_most = |name: &str, app: &mut App, keys: &str| {
        let start = Instant::now();
        let fx = press(app, keys);
        let update = start.elapsed();
        let jobs = fx
            .iter()
            .filter(|e| matches!(e, Effect::Compute(..)))
            .count();
        let start = Instant::now();
        compute(app, fx);
        println!(
            "{name}: update {update:?}, {jobs} jobs {:?}",
            start.elapsed()
        );
    };
    let start = Instant::now();
    let mut i = 0;
    for part in rows.chunks(50) {
        i += 50;
        let fx = give(
            &mut app,
            at(i / 5000),
            page(Kind::Incident, part, Origin::Fill, i, 100_000),
        );
        compute(&mut app, fx);
        let fx = app.update(at(i / 5000), crate::msg::Event::Wake);
        compute(&mut app, fx);
    }
    println!("fill {:?}", start.elapsed());
    let fx = app.update(at(100), crate::msg::Event::Wake);
    compute(&mut app, fx);
    println!("shown {}", app.pane().shown.len());
    for keys in [
        "j",
        "PgDn",
        "G",
        "g g",
        "/",
        "'s'",
        "'e'",
        "'v'",
        "'>'",
        "'='",
        "'m'",
        "'e'",
        "'d'",
        "Space",
        "'r'",
        "'u'",
        "Enter",
        "Esc",
        "S 'title' Enter",
        "S 'sev' Enter",
        "b 'sev' Enter",
    ] {
        at_most(keys, &mut app, keys);
    }
}
