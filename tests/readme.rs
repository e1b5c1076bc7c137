//! The tables of keys are made from the rows of the program. `WF_UPDATE=1 cargo test --test main readme` writes them anew.

use watchfloor::app::action::{self, Place};
use watchfloor::verb;

/// What the README shows of the keys: those that a first hour wants.
const FIRST: &[&str] = &[
    "open",
    "back",
    "filter",
    "sort",
    "views",
    "mark",
    "find",
    "pivot",
    "go to users",
    "go to devices",
    "logs of",
    "where I was",
    "copy value",
    "actions",
    "take",
    "classify",
    "done",
    "comment",
    "undo",
    "run",
    "palette",
    "help",
    "tenant",
    "quit",
];

fn code(keys: &[&str]) -> String {
    keys.iter()
        .map(|k| format!("`{}`", k.replace('|', "\\|")))
        .collect::<Vec<_>>()
        .join(" ")
}

fn of_action(a: &action::Action) -> String {
    format!("| {} | {} |\n", code(a.keys), a.help)
}

fn of_verb(v: &verb::Verb) -> String {
    let key = match (v.key, v.letter) {
        (Some(key), _) => code(&[key]),
        (None, Some(letter)) => code(&[&format!("a {letter}")]),
        (None, None) => "palette".to_owned(),
    };
    format!("| {key} | **{}**: {} |\n", v.name, v.help)
}

const HEAD: &str = "| key | what it does |\n|---|---|\n";

fn first_keys() -> String {
    let mut out = HEAD.to_owned();
    for name in FIRST {
        let action = action::all().find(|a| a.name == *name).map(of_action);
        let verb = || verb::all().find(|v| v.name == *name).map(of_verb);
        out.push_str(
            &action
                .or_else(verb)
                .unwrap_or_else(|| panic!("nothing is called {name}")),
        );
    }
    out
}

fn all_keys() -> String {
    let mut out = "# Keys\n\nMade from the rows of the program. `?` shows those of the place you are in. `keymap.toml` changes them.\n".to_owned();
    for place in [
        Place::Typing,
        Place::Program,
        Place::List,
        Place::Detail,
        Place::Hunt,
        Place::Editor,
        Place::Results,
    ] {
        out.push_str(&format!("\n## {}\n\n{HEAD}", place.title()));
        for a in action::all().filter(|a| a.place == place && !a.keys.is_empty()) {
            out.push_str(&of_action(a));
        }
    }
    out.push_str(&format!("\n## In a timeline\n\n{HEAD}"));
    for row in watchfloor::app::timeline::ROWS {
        out.push_str(&format!("| {} | {} |\n", code(row.keys), row.help));
    }
    out.push_str(&format!("\n## What changes something in the tenant\n\nLetters after `a` are those of the menu on the row in question.\n\n{HEAD}"));
    verb::all().for_each(|v| out.push_str(&of_verb(v)));
    out
}

/// Holds what stands in a file between two marks to what it should be, or writes it.
fn hold(file: &str, marks: Option<(&str, &str)>, want: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let (from, to) = marks.map_or((0, text.len()), |(begin, end)| {
        let from = text.find(begin).expect("the mark before the keys") + begin.len();
        (from, text.find(end).expect("the mark after the keys"))
    });
    if std::env::var_os("WF_UPDATE").is_some() {
        std::fs::write(&path, format!("{}{want}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    assert!(
        text[from..to] == *want,
        "the keys in {file} are stale: WF_UPDATE=1 cargo test --test main readme"
    );
}

#[test]
fn the_keys_that_are_told_are_the_programs() {
    let marks = ("<!-- keys:begin -->\n", "<!-- keys:end -->");
    hold("README.md", Some(marks), &first_keys());
    hold("docs/KEYS.md", None, &all_keys());
}

#[test]
fn what_the_readme_shows_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("README.md")).unwrap();
    for link in text
        .split("](")
        .skip(1)
        .filter_map(|t| t.split(')').next())
        .filter(|l| !l.contains("://"))
    {
        assert!(
            root.join(link).exists(),
            "README names {link}, which is not there"
        );
    }
}
