//! The README's tables are made from the rows of the program. `WF_UPDATE=1 cargo test --test main readme` writes them anew.

use watchfloor::app::action;
use watchfloor::verb;

fn keys() -> String {
    let mut out = String::from("| key | what it does |\n|---|---|\n");
    let code = |keys: &[&str]| {
        keys.iter()
            .map(|k| format!("`{}`", k.replace('|', "\\|")))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for a in action::all().filter(|a| !a.keys.is_empty()) {
        out.push_str(&format!("| {} | {} |\n", code(a.keys), a.help));
    }
    for v in verb::all() {
        let key = match (v.key, v.letter) {
            (Some(key), _) => code(&[key]),
            (None, Some(letter)) => code(&[&format!("a {letter}")]),
            (None, None) => "palette".to_owned(),
        };
        out.push_str(&format!("| {key} | **{}**: {} |\n", v.name, v.help));
    }
    out
}

#[test]
fn the_readmes_keys_are_the_programs() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- keys:begin -->\n", "<!-- keys:end -->");
    let from = text.find(begin).expect("the mark before the keys") + begin.len();
    let to = text.find(end).expect("the mark after the keys");
    if std::env::var_os("WF_UPDATE").is_some() {
        std::fs::write(&path, format!("{}{}{}", &text[..from], keys(), &text[to..])).unwrap();
        return;
    }
    assert!(
        text[from..to] == keys(),
        "the README's keys are stale: WF_UPDATE=1 cargo test --test main readme"
    );
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
