//! Queries whose rows the language's documentation settles: `documented/*.txt` holds them, so
//! that a new one is a few lines of text. A case is a query, `=>`, and the rows as JSON.

use kql::bind::World;
use kql::engine::{Catalog, Options, run};
use kql::schema::{Schema, Which};
use std::path::Path;

fn answer(world: &World, query: &str) -> String {
    let options = Options {
        // 2026-01-01
        now: 17_672_256_000_000_000,
        memory_limit: 64 << 20,
        ..Options::default()
    };
    match run(query, world, &Catalog::new(), &options) {
        Ok(a) => {
            let mut s = String::new();
            a.write_json(&mut s);
            s
        }
        Err(e) => format!("{}: {}", e.kind.name(), e.message),
    }
}

#[test]
fn documented_queries_give_what_the_documentation_says() {
    let world = World::new(Schema::builtin(Which::Unified));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kql/documented");
    let (mut cases, mut wrong) = (0, Vec::new());
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|f| f.expect("a file").path())
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text");
        let text: String = text
            .lines()
            .filter(|l| !l.starts_with('#'))
            .flat_map(|l| [l, "\n"])
            .collect();
        for case in text.split("\n\n").map(str::trim).filter(|c| !c.is_empty()) {
            let Some((query, want)) = case.rsplit_once("\n=> ") else {
                panic!("{}: no `=>` in: {case}", file.display());
            };
            cases += 1;
            let got = answer(&world, query);
            if got != want.trim() {
                wrong.push(format!("{query}\n  got    {got}\n  wanted {}", want.trim()));
            }
        }
    }
    assert!(cases > 100, "only {cases} cases were found");
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
