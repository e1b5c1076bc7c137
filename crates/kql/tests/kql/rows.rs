use kql::functions::{self, Kind};
use std::collections::BTreeSet;

#[test]
fn names_are_unique_within_a_kind() {
    let mut seen = BTreeSet::new();
    for f in functions::all().iter() {
        assert!(
            seen.insert((format!("{:?}", f.row.kind), f.row.name)),
            "{} twice",
            f.row.name
        );
    }
}

#[test]
fn signatures_are_well_formed() {
    for f in functions::all().iter() {
        assert!(!f.signatures.is_empty(), "{}", f.row.name);
        for s in &f.signatures {
            for p in &s.params {
                assert!(p.min <= p.max, "{} {}", f.row.name, p.name);
                assert!(
                    !p.name.is_empty() && !p.name.contains([' ', '>', ';']),
                    "{} {:?}",
                    f.row.name,
                    p.name
                );
            }
        }
    }
}

#[test]
fn functions_of_today_have_help() {
    for f in functions::all().iter() {
        if f.row.old.is_none() && f.row.kind != Kind::Operator {
            assert!(!f.row.help.is_empty(), "{} has no help", f.row.name);
        }
    }
}

#[test]
fn examples_are_well_formed() {
    for f in functions::all()
        .iter()
        .filter(|f| !f.row.example.is_empty())
    {
        let e = f.row.example;
        let sound = ["", "print ", "T | ", "graph-match (a)-[e]->(b) where "]
            .iter()
            .any(|before| kql::syntax::parse(&format!("{before}{e}")).diags.is_empty());
        assert!(sound, "{}: {e}", f.row.name);
        assert!(e.contains(f.row.name), "{}: {e}", f.row.name);
    }
}
