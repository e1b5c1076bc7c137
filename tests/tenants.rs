//! Several tenants from the command line: simulators of their own, one configuration, the linked binary.

use crate::backend_rig::flags;
use crate::pty::Terminal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A home with some tenants in it, each on a simulator with a secret of its own.
struct House {
    home: tempfile::TempDir,
    sims: Vec<sim::Running>,
}

impl House {
    fn new(count: u64, incidents: usize) -> Self {
        let sims: Vec<sim::Running> = (0..count)
            .map(|n| {
                sim::start(sim::Flags {
                    // the program has the machine's clock
                    now: None,
                    time_scale: 1.0,
                    seed: n + 1,
                    incidents,
                    alerts: 50,
                    events: 500,
                    ..flags()
                })
                .unwrap()
            })
            .collect();
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join(".config/watchfloor");
        std::fs::create_dir_all(&dir).unwrap();
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(dir.join("config.toml"))
            .unwrap();
        for (n, sim) in sims.iter().enumerate() {
            let info = &sim.info;
            write!(
                file,
                "[tenant.t{n:02}]\ntenant-id='{}'\nclient-id='{}'\nsign-in='secret'\nsecret-env='SECRET_{n}'\nsim=true\n\
                 analyst='ana@contoso.com'\nlabel='N{n}'\nlogin-url='{}'\ngraph-url='{}'\ndefender-url='{}'\n",
                info.tenant_id, info.client_id, info.login, info.graph, info.defender
            )
            .unwrap();
        }
        Self { home, sims }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchfloor"));
        command
            .args(words)
            .env_clear()
            .env("HOME", self.home.path());
        for (n, sim) in self.sims.iter().enumerate() {
            command.env(format!("SECRET_{n}"), &sim.info.client_secret);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        let out = self.run(words);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{words:?}: {said}");
        serde_json::from_slice(&out.stdout).unwrap()
    }
}

/// On screen: each tenant keeps its state, is told from the others by name, label and colour, and the queue of all leads to
/// the tenant that a row belongs to.
#[test]
fn the_console_goes_from_tenant_to_tenant_and_keeps_each() {
    let house = House::new(2, 60);
    let secrets: Vec<(String, String)> = (house.sims.iter().enumerate())
        .map(|(n, sim)| (format!("SECRET_{n}"), sim.info.client_secret.clone()))
        .collect();
    let env: Vec<(&str, &str)> = secrets
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let mut t = Terminal::run(house.home.path(), &["--tenant", "t00"], &env, (100, 30));
    t.until("Incidents · 60");
    let screen = t.until("t00 N0");
    assert!(!screen.contains("t01"), "{screen}");
    // a filter, which the other tenant must not get
    t.press(b"/sev:high\r");
    t.until("sev:high");
    t.press(b"gt");
    t.until("not opened yet");
    t.press(b"t01\r");
    t.until("t01 N1");
    let screen = t.until("Incidents · 60");
    assert!(!screen.contains("sev:high"), "{screen}");
    t.press(b"gt");
    let screen = t.until("t00 N0");
    assert!(
        screen.contains("60 incidents"),
        "the other one is well: {screen}"
    );
    t.press(b"t00\r");
    t.until("sev:high");
    // all of them in one list
    t.press(b"gQ");
    // the lowest line has the keys of this place, and none of the list's below it
    t.until_that("the queue and its keys", |s| {
        let last = s.lines().last().unwrap_or_default();
        s.contains("All tenants · 120 incidents of 2 tenants")
            && last.contains("Enter open there")
            && last.contains("F1 help")
            && !last.contains("take")
    });
    t.press(b"@t01");
    t.until("60 of 120 incidents");
    t.press(b"\r");
    let screen = t.until_that("t01 in front", |s| {
        s.lines().next().is_some_and(|l| l.contains("t01 N1"))
    });
    assert!(!screen.contains("All tenants"), "{screen}");
    // a tenant that is open is not taken away under somebody
    let gone = house.run(&["tenants", "remove", "t01", "--confirm", "t01"]);
    let said = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert_eq!(gone.status.code(), Some(7), "{said}");
    assert!(said.contains("open in another instance"), "{said}");
    // a hunt in both of them
    t.press(b"5");
    t.press(b"DeviceInfo | summarize N = count() by OSPlatform | take 1");
    t.press(b"\x1bo");
    t.until("all 2 tenants");
    t.press(b"all\r");
    t.until("in 2 tenants");
    t.press(b"\x1b[15~");
    let screen = t.until("of 2 tenants: t00, t01");
    assert!(
        screen.contains("Tenant") && screen.contains("t00 ") && !screen.contains("PARTIAL"),
        "{screen}"
    );
    t.press(b"\x1b1");
    t.until("[Story]");
    t.press(b"q");
    assert_eq!(t.end(), 0);
    // nothing of one lies in a folder of the other
    for kind in [".cache/watchfloor", ".local/state/watchfloor/drafts"] {
        let folder = house.home.path().join(kind);
        let names: BTreeSet<String> = std::fs::read_dir(&folder)
            .map(|entries| {
                entries
                    .flatten()
                    .map(|e| e.file_name().to_string_lossy().into_owned())
                    .collect()
            })
            .unwrap_or_default();
        assert!(
            names.is_subset(&BTreeSet::from(["t00".into(), "t01".into()])),
            "{names:?}"
        );
    }
}

fn lines(out: &Output) -> Vec<Value> {
    let lines = out.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    lines.map(|l| serde_json::from_slice(l).unwrap()).collect()
}

#[test]
fn the_lists_of_several_tenants_are_one_and_who_failed_is_named() {
    let house = House::new(3, 60);
    let all = house.json(&[
        "incidents",
        "list",
        "--json",
        "--all-tenants",
        "--columns",
        "id,severity",
    ]);
    assert_eq!(
        (&all["complete"], &all["loaded"]),
        (&true.into(), &180.into())
    );
    let rows = all["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 180);
    // one order over all of them, whoever they belong to
    let rank = |r: &Value| {
        ["high", "medium", "low", "informational"]
            .iter()
            .position(|s| r["severity"] == *s)
    };
    let sorted = house.json(&[
        "incidents",
        "list",
        "--json",
        "--tenant",
        "t00,t02",
        "--sort",
        "-severity",
        "--limit",
        "50",
    ]);
    let sorted = sorted["rows"].as_array().unwrap();
    let ranks: Vec<_> = sorted.iter().map(rank).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
    let of: BTreeSet<&str> = sorted.iter().filter_map(|r| r["tenant"].as_str()).collect();
    assert_eq!((of, sorted.len()), (BTreeSet::from(["t00", "t02"]), 50));

    // as lines, each once, with its tenant
    let out = house.run(&["incidents", "list", "--ndjson", "--all-tenants"]);
    let rows = lines(&out);
    let each: BTreeSet<String> = rows
        .iter()
        .map(|r| format!("{} {}", r["tenant"], r["id"]))
        .collect();
    assert_eq!((rows.len(), each.len()), (180, 180));
    // again, from caches of their own
    let out = house.run(&["incidents", "list", "--ndjson", "--all-tenants", "--cached"]);
    assert_eq!(lines(&out).len(), 180);

    // one of them is gone: the others are there, and it is said which is not
    let mut command = house.command(&[
        "incidents",
        "list",
        "--json",
        "--all-tenants",
        "--filter",
        "sev:high",
    ]);
    let out = command.env("SECRET_1", "wrong").output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(
        said.contains("t01: ") && said.contains("AADSTS7000215"),
        "{said}"
    );
    let some: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(some["complete"], false);
    let why = some["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["tenant"] == "t01")
        .unwrap();
    assert!(
        why["why"].as_str().unwrap().contains("AADSTS7000215"),
        "{why}"
    );
    assert!(
        some["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["tenant"] != "t01")
    );

    // whatever writes is about one
    for words in [
        &["incidents", "take", "1", "--all-tenants"][..],
        &["incidents", "take", "1", "--tenant", "t00,t01"],
        &["users", "show", "x", "--all-tenants"],
        &["doctor", "--all-tenants"],
        &["incidents", "list", "--tenant", "t00,t0x"],
    ] {
        assert_eq!(house.run(words).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn a_hunt_goes_to_several_tenants_and_comes_back_as_one() {
    let house = House::new(2, 20);
    let query =
        "DeviceInfo | summarize arg_max(Timestamp, *) by DeviceId | project DeviceName | take 3";
    let out = house.run(&["hunt", query, "--tenant", "t00,t01", "--format", "ndjson"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{said}");
    let of: Vec<String> = lines(&out)
        .iter()
        .map(|r| r["Tenant"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(of, ["t00", "t00", "t00", "t01", "t01", "t01"]);

    let mut command = house.command(&["hunt", query, "--all-tenants", "--format", "json"]);
    let out = command.env("SECRET_0", "wrong").output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(
        said.contains("t00: ") && said.contains("AADSTS7000215"),
        "{said}"
    );
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(told.to_string().contains("AADSTS7000215"), "{told}");
    // nobody could be asked
    let mut command = house.command(&["hunt", query, "--all-tenants"]);
    let out = command
        .env("SECRET_0", "x")
        .env("SECRET_1", "y")
        .output()
        .unwrap();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(4), 0));
}

#[test]
fn two_entries_for_one_tenant_are_asked_once() {
    let house = House::new(1, 20);
    let path = house.home.path().join(".config/watchfloor/config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        format!("{text}{}", text.replace("[tenant.t00]", "[tenant.again]")),
    )
    .unwrap();
    let out = house.run(&["incidents", "list", "--json", "--all-tenants"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("t00 is the same tenant as again"), "{said}");
    let all: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(all["rows"].as_array().unwrap().len(), 20);
}

/// The queue of all on screen, of 40 tenants with 500 incidents each (`WF_SOAK=1`; else 4 of 60).
#[test]
fn the_queue_of_all_is_complete_in_time_and_in_memory() {
    let soak = std::env::var_os("WF_SOAK").is_some();
    let (count, each) = if soak { (40, 500) } else { (4, 60) };
    let house = House::new(count, each);
    let secrets: Vec<(String, String)> = (house.sims.iter().enumerate())
        .map(|(n, sim)| (format!("SECRET_{n}"), sim.info.client_secret.clone()))
        .collect();
    let env: Vec<(&str, &str)> = secrets
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let mut t = Terminal::run(house.home.path(), &["--tenant", "t00"], &env, (120, 40));
    t.until(&format!("Incidents · {each}"));
    let begun = Instant::now();
    t.press(b"gQ");
    t.until(&format!(
        "All tenants · {} incidents of {count} tenants",
        count as usize * each
    ));
    let took = begun.elapsed();
    let pid = t.child.process_id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let of = |name: &str| {
        status
            .lines()
            .find(|l| l.starts_with(name))
            .unwrap()
            .to_owned()
    };
    println!(
        "queue of {count} tenants of {each}: {} ms, {} {}",
        took.as_millis(),
        of("VmHWM"),
        of("Threads")
    );
    t.press(b"\x1b");
    t.until_that("the list again", |s| !s.contains("All tenants"));
    t.press(b"q");
    assert_eq!(t.end(), 0);
}

/// 40 tenants of 500 incidents each (`WF_SOAK=1`; else 4 of 100): complete in 10 seconds and 120 MB.
#[test]
fn many_tenants_merge_in_time_and_in_memory() {
    let soak = std::env::var_os("WF_SOAK").is_some();
    let (count, each) = if soak { (40, 500) } else { (4, 100) };
    let house = House::new(count, each);
    let out = tempfile::NamedTempFile::new().unwrap();
    let begun = Instant::now();
    let mut child = house
        .command(&["incidents", "list", "--json", "--all-tenants"])
        .stdout(Stdio::from(out.reopen().unwrap()))
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kb = peak.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(kb.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let took = begun.elapsed();
    assert!(code.success());
    let all: Value = serde_json::from_slice(&std::fs::read(out.path()).unwrap()).unwrap();
    assert_eq!(all["rows"].as_array().unwrap().len(), count as usize * each);
    println!(
        "{count} tenants of {each}: {} ms, {} MB at most",
        took.as_millis(),
        most / 1024
    );
    if soak && !cfg!(debug_assertions) {
        assert!(took < Duration::from_secs(10), "{took:?}");
        assert!(most < 120 * 1024, "{most} kB");
    }
}
