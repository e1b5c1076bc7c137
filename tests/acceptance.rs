//! `docs/ACCEPTANCE.md` says which test shows each row of the acceptance list. Here it is held to that: every row is
//! there, every test it names exists and names the row in its turn, and what has none says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rows of each family.
const FAMILIES: [(&str, u32); 5] = [("S0", 39), ("S1", 24), ("S2", 33), ("S3", 14), ("S4", 25)];

/// What stands in a line before the reason, where a row has no test.
const NOT_DONE: &str = "not done:";

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every test by its name, with what is said of rows in it: name, comment before it and body.
fn tests(root: &Path) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for dir in ["src", "tests", "crates"] {
        sources(&root.join(dir), &mut files);
    }
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let marks: Vec<usize> = text.match_indices("#[test]").map(|(at, _)| at).collect();
        for (n, at) in marks.iter().enumerate() {
            let end = marks.get(n + 1).copied().unwrap_or(text.len());
            let Some(name) = name_after(&text[*at..end]) else {
                continue;
            };
            // the comment before the attribute is the test's; what follows the body may be the next one's
            let before = text[..*at].rfind("\n\n").map_or(0, |b| b + 1);
            let about = format!("{} {}", &text[before..*at], body(&text[*at..end]));
            out.entry(name).or_default().push_str(&about);
        }
    }
    out
}

fn name_after(text: &str) -> Option<String> {
    let rest = &text[text.find("fn ")? + 3..];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(rest[..end].to_owned())
}

/// Up to the brace that closes the function: the first at the indent of its `fn`.
fn body(text: &str) -> &str {
    let Some(at) = text.find("fn ") else {
        return text;
    };
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let close = format!("\n{}}}", &text[line..at]);
    let end = text[at..].find(&close).map_or(text.len(), |n| at + n);
    &text[..end]
}

/// Whether a text speaks of a row: `S0-3`, `s0_3`, or a range such as `s0_13_to_s0_21` and `S4-11 to S4-14`.
fn speaks_of(text: &str, family: &str, row: u32) -> bool {
    let text = text.to_lowercase().replace('_', "-");
    let head = format!("{}-", family.to_lowercase());
    let mut last: Option<(u32, usize)> = None;
    for (at, _) in text.match_indices(&head) {
        let digits: String = text[at + head.len()..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let Ok(n) = digits.parse::<u32>() else {
            continue;
        };
        if n == row {
            return true;
        }
        if let Some((from, end)) = last {
            let between = text[end..at].trim_matches(|c: char| c == '-' || c.is_whitespace());
            if between == "to" && (from..=n).contains(&row) {
                return true;
            }
        }
        last = Some((n, at + head.len() + digits.len()));
    }
    false
}

/// The lines of the table: row, what it is, what shows it.
fn table(text: &str) -> Vec<(String, String)> {
    let rows = text.lines().filter(|l| l.starts_with("| S"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "three cells: {line}");
        assert!(!cells[1].is_empty(), "what is it: {line}");
        (cells[0].to_owned(), cells[2].to_owned())
    })
    .collect()
}

#[test]
fn every_row_is_listed_and_every_test_named_there_exists_and_names_the_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/ACCEPTANCE.md")).unwrap();
    let rows = table(&text);
    let known = tests(root);
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (row, shows) in &rows {
        let (family, n) = row.split_once('-').expect("a row is like S0-3");
        let n: u32 = n.parse().unwrap();
        assert!(seen.insert((family.to_owned(), n)), "{row} twice");
        let named: Vec<&str> = shows.split('`').skip(1).step_by(2).collect();
        let open = shows.contains(NOT_DONE);
        if named.is_empty() && !open {
            wrong.push(format!("{row}: neither a test nor `{NOT_DONE}`"));
        }
        for name in &named {
            match known.get(*name) {
                None => wrong.push(format!("{row}: there is no test {name}")),
                Some(about) if !speaks_of(about, family, n) => {
                    wrong.push(format!("{row}: {name} does not name it"));
                }
                Some(_) => {}
            }
        }
    }
    for (family, count) in FAMILIES {
        for n in 1..=count {
            if !seen.contains(&(family.to_owned(), n)) {
                wrong.push(format!("{family}-{n} is not listed"));
            }
        }
    }
    let count: u32 = FAMILIES.iter().map(|(_, n)| n).sum();
    if rows.len() != count as usize {
        wrong.push(format!("{} rows are listed of {count}", rows.len()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_speaks_of_a_row() {
    for (text, row, yes) in [
        ("fn s0_3_s0_4_x", 4, true),
        ("fn s0_30_x", 3, false),
        ("s0_13_to_s0_21_every", 18, true),
        ("S0-13, S0-21", 18, false),
        ("/// S0-3: it", 3, true),
        ("s4_3_x", 3, false),
    ] {
        assert_eq!(speaks_of(text, "S0", row), yes, "{text} {row}");
    }
    let text = "#[test]\nfn a() {\n    // S0-1\n}\n\n/// S0-2\n";
    assert!(!body(text).contains("S0-2"), "the next one's comment");
}
