//! Layers hold: a source file names its own layer's modules or lower ones, in `use` lines and in inline paths alike.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Modules by layer, lowest first. Modules of layer 3 that act may not name `app`, nor `app` them.
const LAYERS: &[(&str, u8)] = &[
    ("model", 0),
    ("config", 1),
    ("resource", 1),
    ("verb", 1),
    ("msg", 2),
    ("confirm", 2),
    ("app", 3),
    ("backend", 3),
    ("store", 3),
    ("audit", 3),
    ("jobs", 3),
    ("view", 4),
    ("term", 4),
    ("run", 5),
    ("cli", 5),
];

/// `verb` rows name the frozen target that `confirm` defines: the one upward edge, of plain data.
const ALLOWED: &[(&str, &str)] = &[("verb", "confirm")];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The modules that a text names as `crate::m`, `crate::{m, n::x}` or `super` paths are not needed: crates names suffice.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rest = code.as_str();
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + 7..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            let mut fresh = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => {
                        found.insert(std::mem::take(&mut word));
                        fresh = true;
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 {
                    found.insert(std::mem::take(&mut word));
                    break;
                }
                if fresh && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if !c.is_whitespace() {
                    fresh = false;
                }
            }
        } else {
            found.insert(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    found
}

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(m, _)| *m == module).map(|(_, l)| *l)
}

/// Why `from` may not name `to`, if so.
fn forbidden(from: &str, to: &str) -> bool {
    let (Some(a), Some(b)) = (layer(from), layer(to)) else {
        return false;
    };
    let sides = |m: &str| m == "app";
    (b > a && !ALLOWED.contains(&(from, to)))
        || (a == 3 && b == 3 && from != to && (sides(from) || sides(to)))
}

#[test]
fn no_file_imports_upward() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 20, "the sources are here");
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&src).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let module = first.trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        assert!(
            layer(&module).is_some(),
            "{module} has no layer: add it to LAYERS"
        );
        for to in named(&std::fs::read_to_string(file).unwrap()) {
            if forbidden(&module, &to) {
                wrong.push(format!("{} names crate::{to}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

#[test]
fn a_planted_violation_is_caught() {
    let names = named(
        "use crate::{model::Key, app::App};\nfn f() { crate::view::draw() }\n// crate::run in a comment",
    );
    assert!(
        names.contains("app")
            && names.contains("model")
            && names.contains("view")
            && !names.contains("run")
    );
    assert!(
        forbidden("model", "app")
            && forbidden("app", "backend")
            && forbidden("store", "app")
            && !forbidden("view", "app")
    );
}

#[test]
fn a_confirmation_is_built_in_one_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("Confirmed {") && !file.starts_with(src.join("confirm")) {
            panic!("{} builds or takes apart a Confirmed", file.display());
        }
    }
}
