//! `watchfloor logs` (S0-6, S0-7): rows, what was read of them, and exports that say whether they are all, from the linked
//! binary against a simulated tenant of its own.

use crate::headless::Desk;
use serde_json::Value;
use std::sync::LazyLock;

/// What the tenant subscribes to.
const FEED: &str = "entra,exchange,sharepoint,general";

/// These words, of three days that have settled.
fn settled<'a>(words: &[&'a str]) -> Vec<&'a str> {
    static DAYS: LazyLock<[String; 2]> = LazyLock::new(|| {
        let today = jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        [5, 2].map(|n| today.saturating_sub(jiff::Span::new().days(n)).to_string())
    });
    let [from, to] = &*DAYS;
    let mut all = [words, &["--from", from, "--to", to]].concat();
    if !words.contains(&"--type") {
        // sign-ins and audits come slowly: their service wants few calls
        all.extend(["--type", FEED]);
    }
    all
}

fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

fn rows(json: &Value) -> &Vec<Value> {
    json["rows"].as_array().unwrap()
}

#[test]
fn s0_6_s0_7_logs_are_data_with_the_proof_of_how_complete_they_are() {
    let desk = Desk::new();
    let all = desk.json(&settled(&["logs", "list", "--json"]));
    assert_eq!(
        (&all["schema"], &all["complete"], &all["demo"]),
        (&1.into(), &true.into(), &true.into())
    );
    assert!(rows(&all).len() > 500, "{}", rows(&all).len());
    let types = all["ledger"]["types"].as_array().unwrap();
    assert_eq!(types.len(), 4);
    for window in types.iter().flat_map(|t| t["windows"].as_array().unwrap()) {
        assert_eq!(window["reach"], "complete", "{window}");
    }
    // nothing else was read: three days and what may be written after them, of four types
    let windows = types.iter().map(|t| t["windows"].as_array().unwrap().len());
    let windows: usize = windows.sum();
    assert!(windows == 16, "{windows}");
    // the same, line by line, and of one type alone
    let lines = desk.run(&settled(&["logs", "list", "--ndjson"]));
    assert_eq!(lines.status.code(), Some(0));
    let count = lines.stdout.iter().filter(|b| **b == b'\n').count();
    assert_eq!(count, rows(&all).len());
    let one = desk.json(&settled(&[
        "logs", "list", "--json", "--type", "exchange", "--preset", "inbox",
    ]));
    let about = |r: &Value| r["about"] == "rule" || r["about"] == "forwarding";
    assert!(
        rows(&one)
            .iter()
            .all(|r| r["content"] == "Audit.Exchange" && about(r))
    );
    assert_eq!(one["ledger"]["types"].as_array().unwrap().len(), 1);
    let audits = desk.json(&settled(&["logs", "windows", "--json", "--type", "audits"]));
    let audits = &audits["ledger"]["types"][0];
    assert_eq!(
        (&audits["contentType"], &audits["gaps"]),
        (&"directoryAudits".into(), &0.into())
    );
    let named = rows(&all)
        .iter()
        .map(|r| r["UserId"].as_str().unwrap_or_default());
    let user = named
        .into_iter()
        .find(|u| u.is_ascii() && u.ends_with("@contoso.com"));
    let user = user.unwrap();
    let own = desk.json(&settled(&["logs", "list", "--json", "--user", user]));
    assert!(!rows(&own).is_empty());
    let is = |p: &Value| p.as_str().unwrap_or_default().eq_ignore_ascii_case(user);
    let people = |r: &Value| r["people"].as_array().unwrap().iter().any(is);
    assert!(rows(&own).iter().all(people));
}

#[test]
fn s0_7_what_is_not_proven_complete_ends_with_3_and_says_why() {
    let desk = Desk::new();
    // today's window has not settled
    let (code, said) = desk.said(&["logs", "windows", "--from", "2d", "--type", FEED]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("windows may still grow, the last until"),
        "{said}"
    );
    assert!(said.contains("Audit.Exchange enabled\n  20"), "{said}");
    let (code, said) = desk.said(&settled(&["logs", "windows"]));
    assert_eq!(code, 0, "{said}");
    let (code, said) = desk.said(&settled(&["logs", "windows", "--type", "dlp"]));
    assert_eq!((code, said.contains("DLP: ")), (3, true), "{said}");
    for (words, why) in [
        (
            &["--type", "holograms"][..],
            "there is no source `holograms`: ",
        ),
        (&["--from", "now", "--to", "2d"], "is not before"),
        (&["--from", "soon"], "a time is an age"),
        (&["--all-tenants"], "name one tenant"),
    ] {
        let (code, said) = desk.said(&with(&["logs", "windows"], words));
        assert_eq!((code, said.contains(why)), (2, true), "{said}");
    }
    let (code, said) = desk.said(&["logs", "list", "--preset", "ns"]);
    assert_eq!(
        (code, said.contains("inbox-rules-and-forwarding")),
        (2, true),
        "{said}"
    );
    // blobs that are said to lie where our token must not go are gaps in what was asked for
    (desk.sim)
        .set_scenario("hostile/content-uri/cloud-service")
        .unwrap();
    let out = desk.home.path().join("logs.csv");
    let out = out.to_str().unwrap();
    let (code, said) = desk.said(&settled(&["logs", "export", "-o", out]));
    assert_eq!((code, said.contains("gap in")), (3, true), "{said}");
    let beside = std::fs::read_to_string(format!("{out}.provenance.json"));
    let told: Value = serde_json::from_str(&beside.unwrap()).unwrap();
    assert_eq!(told["complete"], false);
    let types = told["ledger"]["types"].as_array().unwrap();
    let gap = |w: &&Value| w["reach"] == "gap" && w["why"].is_string();
    let windows = types.iter().flat_map(|t| t["windows"].as_array().unwrap());
    assert!(windows.clone().any(|w| gap(&w)));
    let torn: u64 = windows.map(|w| w["torn"].as_u64().unwrap()).sum();
    let csv = std::fs::read_to_string(out).unwrap();
    assert_eq!((torn > 0, csv.lines().count()), (true, 1), "the head alone");
    let (code, said) = desk.said(&["logs", "export", "-o", out]);
    assert_eq!((code, said.contains("--replace")), (1, true), "{said}");
}

/// A figure of `/proc` about a process, in MB.
fn memory(pid: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with(what)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}

/// A simulator in a process of its own, ended with the test.
struct Apart(std::process::Child);

impl Drop for Apart {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The figures of a week of 1,000,000 records, of the console alone (`WF_SOAK=1`; `WF_PROGRAM` names the build).
#[test]
fn s0_6_a_million_records_fit_and_the_first_are_there_at_once() {
    if std::env::var_os("WF_SOAK").is_none() {
        return;
    }
    let sizes = "--feed-records 1000000 --feed-blobs 10000 --incidents 120 --alerts 300 --devices 40 --events 2000";
    let mut words = vec!["sim", "--listen", "127.0.0.1:0", "--throttle", "off"];
    words.extend(["--fixed-secret", "pty secret"]);
    words.extend(sizes.split(' '));
    let sim = std::process::Command::new(crate::pty::program())
        .args(words)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut sim = Apart(sim);
    let mut line = String::new();
    let mut told = std::io::BufReader::new(sim.0.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut told, &mut line).unwrap();
    let info: Value = serde_json::from_str(&line).unwrap();
    let home = tempfile::tempdir().unwrap();
    let text = |name: &str| info[name].as_str().unwrap().to_owned();
    crate::pty::config(
        home.path(),
        &format!(
            "[tenant.pty]\nsim = true\ntenant-id = \"{}\"\nclient-id = \"{}\"\nsign-in = \"secret\"\nsecret-env = \"PTY_SECRET\"\nanalyst = \"ana@contoso.com\"\n\
             login-url = \"{}\"\ngraph-url = \"{}\"\ndefender-url = \"{}\"\noffice-url = \"{}/api\"\n",
            text("tenant_id"),
            text("client_id"),
            text("login"),
            text("graph"),
            text("defender"),
            text("office")
        ),
    );
    let words = ["--tenant", "pty", "--budget-scale", "100"];
    let mut t = crate::pty::Terminal::run(
        home.path(),
        &words,
        &[("PTY_SECRET", "pty secret")],
        (120, 40),
    );
    t.until("Incidents · ");
    let pid = t.child.process_id().unwrap();
    let begun = std::time::Instant::now();
    t.press(b"6");
    // how many there are stands behind the list's name when there are any
    t.until_that("records", |s| {
        let count = s.split("Logs · ").nth(1);
        count.is_some_and(|c| c.starts_with(|d: char| d.is_ascii_digit()))
    });
    let first = begun.elapsed();
    t.until("no gaps");
    let (whole, open) = (begun.elapsed(), memory(pid, "VmRSS"));
    let most = memory(pid, "VmHWM");
    println!("first rows {first:?}, all {whole:?}; open {open} MB, at most {most} MB");
    assert!(first.as_secs() < 2 && most <= 250, "{first:?}, {most} MB");
    for letter in ["/", "p", "l", "a", "n"] {
        let before = t.contents();
        let begun = std::time::Instant::now();
        t.press(letter.as_bytes());
        t.until_that("an echo", |now| now != before);
        println!("{letter}: echoed after {:?}", begun.elapsed());
    }
    println!("with a filter: {} MB", memory(pid, "VmRSS"));
}
