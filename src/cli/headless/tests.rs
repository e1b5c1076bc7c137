//! Every verb on the command line, in the palette and on screen: generated from the rows, not written again.

use super::*;
use crate::app::fixture;
use crate::app::overlay::Overlay;
use crate::app::pick::Value;
use crate::verb;

#[test]
fn every_verb_is_in_the_palette_and_on_the_command_line_with_the_same_refusal() {
    let whole = crate::cli::command();
    whole.clone().debug_assert();
    let mut app = fixture::filled(120, 40);
    // nobody is permitted anything: each verb says what is missing
    app.grants = Default::default();
    let bare = fixture::app(120, 40);
    for verb in verb::all() {
        for kind in verb.kinds {
            let spec = resource::spec(*kind);
            let sub = whole.find_subcommand(word(spec)).unwrap();
            let name = form::word(verb);
            let same = sub
                .get_subcommands()
                .filter(|c| c.get_name() == name)
                .count();
            assert_eq!(same, 1, "{} {name}", spec.title);
            assert_eq!(form::verb(&name, spec), Some(verb));
            // the command line asks the rule that greys it on screen
            for app in [&app, &bare] {
                assert_eq!(
                    app.refused_for(verb, *kind),
                    app.why_not_for(verb, Some(*kind))
                );
            }
        }
    }
    crate::app::palette::open(&mut app);
    let Some(Overlay::Pick(pick)) = app.overlays.last() else {
        panic!("no palette")
    };
    for verb in verb::all() {
        let is = |i: &crate::app::pick::Item| i.value == Value::Verb(verb);
        assert!(pick.all().any(is), "{}", verb.name);
    }
}

#[test]
fn a_way_that_a_form_does_not_have_is_a_usage_error_before_anybody_is_asked() {
    for words in [
        &[
            "watchfloor",
            "incidents",
            "classify",
            "1",
            "--as",
            "falsePositive/malware",
        ][..],
        &["watchfloor", "incidents", "status", "1", "--to", "closed"],
        &["watchfloor", "incidents", "take"],
        &[
            "watchfloor",
            "devices",
            "isolate",
            "x",
            "--plan",
            "a",
            "--dry-run",
        ],
    ] {
        let e = crate::cli::command()
            .try_get_matches_from(words.iter())
            .unwrap_err();
        assert_eq!(e.exit_code(), 2, "{words:?}");
    }
}
