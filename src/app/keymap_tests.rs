use super::*;
use crate::app::action::Place;

fn find(map: &Keymap, text: &str) -> Found {
    map.find(
        &keys::parse(text).unwrap(),
        Place::List,
        Some(Kind::Incident),
    )
}

fn name(map: &Keymap, text: &str) -> String {
    match find(map, text) {
        Found::Bound(b) => b.name().to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn no_default_is_on_a_key_that_is_never_bound_and_no_two_share_one() {
    let map = Keymap::default();
    for row in map.rows() {
        for key in &row.keys {
            assert!(
                !NEVER.contains(&keys::print(std::slice::from_ref(key)).as_str()),
                "{row:?}"
            );
        }
        for other in map
            .rows()
            .iter()
            .filter(|o| o.bound != row.bound && o.bound.meets(row.bound))
        {
            assert!(
                !other.keys.starts_with(&row.keys),
                "{row:?} hides {other:?}"
            );
        }
        if let Bound::Verb(v) = row.bound {
            assert!(
                v.tier < DISRUPTIVE || row.keys.len() > 1,
                "{v:?} is on one key"
            );
        }
    }
}

#[test]
fn sequences_wait_for_their_rest() {
    let map = Keymap::default();
    assert_eq!(find(&map, "g"), Found::Prefix);
    assert_eq!(name(&map, "g g"), "first");
    assert_eq!(find(&map, "g ö"), Found::Nothing);
    assert!(
        map.after(&keys::parse("g").unwrap(), Place::List, None)
            .iter()
            .any(|(k, b)| k == "g" && b.name() == "first")
    );
}

#[test]
fn a_file_moves_keys_and_the_rest_stays() {
    let (map, wrong) =
        Keymap::with_file("quit = \"Ctrl-x Ctrl-c\"\n\"page down\" = [\"Ctrl-f\", \"PgDn\"]\n");
    assert_eq!(wrong.len(), 1, "Ctrl-c keeps its meaning: {wrong:?}");
    assert_eq!(name(&map, "q"), "quit", "the default stays");
    assert_eq!(map.key_named("page down").as_deref(), Some("Ctrl-f"));
    let (map, wrong) = Keymap::with_file("down = \"k\"\nup = \"j\"");
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(
        (name(&map, "k"), name(&map, "j")),
        ("down".into(), "up".into()),
        "two names can swap keys"
    );
    let (map, _) = Keymap::with_file("quit = []");
    assert_eq!(find(&map, "q"), Found::Nothing);
}

#[test]
fn wrong_lines_are_reported_with_the_nearest_name_and_leave_the_defaults() {
    let file = "dwon = \"x\"\nup = \"Strg-k\"\nquit = \"Ctrl-b\"\nlast = 5\ndown = [\"j\", \"Down\"\nfirst = \"g\"\n";
    let (map, wrong) = Keymap::with_file(file);
    let all = wrong.join("\n");
    for want in [
        "keymap.toml:1: there is no `dwon`; did you mean `down`?",
        "keymap.toml:2: `Strg-k` is no key",
        "keymap.toml:3: `Ctrl-b` belongs to",
        "keymap.toml:4: `last` takes a key",
        "keymap.toml:5: ",
    ] {
        assert!(all.contains(want), "{want} not in\n{all}");
    }
    for (key, action) in [("j", "down"), ("k", "up"), ("q", "quit"), ("G", "last")] {
        assert_eq!(name(&map, key), action);
    }
    assert!(all.contains("`g` would hide"), "{all}");
}

#[test]
fn the_same_key_twice_in_a_file_is_said() {
    let (_, wrong) = Keymap::with_file("down = \"Q\"\nup = \"Q\"\n");
    assert!(
        wrong[0].contains("keymap.toml:2: `Q` is already `down`"),
        "{wrong:?}"
    );
}

#[test]
fn a_disruptive_verb_cannot_have_one_key() {
    let isolate: &'static Verb = Box::leak(Box::new(Verb {
        name: "isolate",
        kinds: &[Kind::Device],
        ..verb::BASE
    }));
    for key in ["X", "F9", "Alt-i"] {
        assert!(
            allowed(Bound::Verb(isolate), key)
                .unwrap_err()
                .contains("disruptive")
        );
    }
    assert!(allowed(Bound::Verb(isolate), "Alt-x i").is_ok());
}
