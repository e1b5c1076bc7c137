//! `watchfloor logs` (S0-6, S0-7): rows, what was read of them, and exports that say whether they are all, from the linked
//! binary against a simulated tenant of its own.

use crate::headless::Desk;
use serde_json::Value;

/// Days that have settled.
const SETTLED: [&str; 4] = ["--from", "5d", "--to", "2d"];

fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

fn rows(json: &Value) -> &Vec<Value> {
    json["rows"].as_array().unwrap()
}

#[test]
fn s0_6_s0_7_logs_are_data_with_the_proof_of_how_complete_they_are() {
    let desk = Desk::new();
    let settled = desk.json(&with(&["logs", "list", "--json"], &SETTLED));
    assert_eq!(
        (&settled["schema"], &settled["complete"], &settled["demo"]),
        (&1.into(), &true.into(), &true.into())
    );
    assert!(rows(&settled).len() > 1_000, "{}", rows(&settled).len());
    let types = settled["ledger"]["types"].as_array().unwrap();
    assert_eq!(types.len(), 5);
    for window in types.iter().flat_map(|t| t["windows"].as_array().unwrap()) {
        assert_eq!(window["reach"], "complete", "{window}");
    }
    // nothing else was read: three days and what may be written after them, of four types
    let windows = types.iter().map(|t| t["windows"].as_array().unwrap().len());
    let windows: usize = windows.sum();
    assert!((16..=20).contains(&windows), "{windows}");
    // the same, line by line, and of one type alone
    let lines = desk.run(&with(&["logs", "list", "--ndjson"], &SETTLED));
    assert_eq!(lines.status.code(), Some(0));
    let count = lines.stdout.iter().filter(|b| **b == b'\n').count();
    assert_eq!(count, rows(&settled).len());
    let one = desk.json(&with(
        &[
            "logs", "list", "--json", "--type", "exchange", "--preset", "inbox",
        ],
        &SETTLED,
    ));
    let about = |r: &Value| r["about"] == "rule" || r["about"] == "forwarding";
    assert!(
        rows(&one)
            .iter()
            .all(|r| r["content"] == "Audit.Exchange" && about(r))
    );
    assert_eq!(one["ledger"]["types"].as_array().unwrap().len(), 1);
    let user = rows(&settled)[0]["UserId"].as_str().unwrap();
    let own = desk.json(&with(&["logs", "list", "--json", "--user", user], &SETTLED));
    assert!(!rows(&own).is_empty());
    let people = |r: &Value| r["people"].as_array().unwrap().iter().any(|p| p == user);
    assert!(rows(&own).iter().all(people));
}

#[test]
fn s0_7_what_is_not_proven_complete_ends_with_3_and_says_why() {
    let desk = Desk::new();
    // today's window has not settled
    let (code, said) = desk.said(&["logs", "windows", "--from", "2d"]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("windows may still grow, the last until"),
        "{said}"
    );
    assert!(said.contains("Audit.Exchange enabled\n  20"), "{said}");
    assert!(
        said.contains("nothing of this type is among them: DLP"),
        "{said}"
    );
    let (code, said) = desk.said(&with(&["logs", "windows"], &SETTLED));
    assert_eq!(code, 0, "{said}");
    let (code, said) = desk.said(&with(&["logs", "windows", "--type", "dlp"], &SETTLED));
    assert_eq!((code, said.contains("DLP: ")), (3, true), "{said}");
    for (words, why) in [
        (
            &["--type", "holograms"][..],
            "no content type `holograms`: Entra, Exchange",
        ),
        (&["--from", "now", "--to", "2d"], "is not before"),
        (&["--from", "soon"], "a time is an age"),
        (&["--all-tenants"], "name it"),
    ] {
        let (code, said) = desk.said(&with(&["logs", "windows"], words));
        assert_eq!((code, said.contains(why)), (2, true), "{said}");
    }
    let (code, said) = desk.said(&["logs", "list", "--preset", "s"]);
    assert_eq!(
        (code, said.contains("inbox-rules-and-forwarding")),
        (2, true),
        "{said}"
    );
    // a blob that cannot be read is a gap in what was asked for
    let rule = "[[rule]]\nservice = \"office\"\npath = \"*/audit/*emea0000010\"\nfault = { kind = \"html-page\" }";
    desk.sim.set_scenario(rule).unwrap();
    let out = desk.home.path().join("logs.csv");
    let out = out.to_str().unwrap();
    let (code, said) = desk.said(&["logs", "export", "--to", "2d", "-o", out]);
    assert_eq!((code, said.contains("gap in")), (3, true), "{said}");
    let beside = std::fs::read_to_string(format!("{out}.provenance.json"));
    let told: Value = serde_json::from_str(&beside.unwrap()).unwrap();
    assert_eq!(told["complete"], false);
    let types = told["ledger"]["types"].as_array().unwrap();
    let gap = |w: &&Value| w["reach"] == "gap" && w["why"].is_string();
    let windows = types.iter().flat_map(|t| t["windows"].as_array().unwrap());
    assert!(windows.clone().any(|w| gap(&w)));
    let read: u64 = windows.map(|w| w["records"].as_u64().unwrap()).sum();
    let csv = std::fs::read_to_string(out).unwrap();
    let shown = csv.lines().count() as u64 - 1;
    assert!(shown > 0 && shown <= read, "{shown} of {read}");
    let (code, said) = desk.said(&["logs", "export", "-o", out]);
    assert_eq!((code, said.contains("--replace")), (1, true), "{said}");
}
