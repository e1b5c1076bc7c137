//! The same resources and verbs without a screen (S3-11): the linked binary against a simulated tenant of its own.

use crate::backend_rig::flags;
use serde_json::Value;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Output};

pub struct Desk {
    pub home: tempfile::TempDir,
    pub sim: sim::Running,
}

impl Desk {
    pub fn new() -> Self {
        // the program has the machine's clock
        let flags = sim::Flags {
            now: None,
            time_scale: 1.0,
            events: 2_000,
            feed_records: 3_000,
            feed_blobs: 60,
            ..flags()
        };
        let sim = sim::start(flags).unwrap();
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join(".config/watchfloor");
        std::fs::create_dir_all(&dir).unwrap();
        let info = &sim.info;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(dir.join("config.toml"))
            .unwrap();
        write!(
            file,
            "[tenant.lab]\ntenant-id='{}'\nclient-id='{}'\nsign-in='secret'\nsecret-env='LAB_SECRET'\nanalyst='ana@contoso.com'\n\
             sim=true\nisolation=true\nlogin-url='{}'\ngraph-url='{}'\ndefender-url='{}'\noffice-url='{}/api'\n",
            info.tenant_id,
            info.client_id,
            info.login,
            info.graph,
            info.defender,
            info.office.as_ref().unwrap()
        )
        .unwrap();
        Self { home, sim }
    }

    pub fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_watchfloor"))
            .args(words)
            .env_clear()
            .env("HOME", self.home.path())
            .env("LAB_SECRET", &self.sim.info.client_secret)
            .output()
            .unwrap()
    }

    pub fn json(&self, words: &[&str]) -> Value {
        let out = self.run(words);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{words:?}: {said}");
        serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|e| panic!("{words:?}: {e}\n{}", String::from_utf8_lossy(&out.stdout)))
    }

    /// Exit code and what was said.
    pub fn said(&self, words: &[&str]) -> (i32, String) {
        let out = self.run(words);
        let text = [out.stdout, out.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (out.status.code().unwrap_or(-1), text)
    }

    pub fn devices(&self) -> Vec<(String, String)> {
        let list = self.json(&[
            "devices",
            "list",
            "--json",
            "--filter",
            "onb:onboarded -server:yes",
            "--columns",
            "id,computerDnsName",
            "--sort",
            "computerDnsName",
        ]);
        let rows = list["rows"].as_array().unwrap().iter();
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        rows.map(|r| (text(&r["id"]), text(&r["computerDnsName"])))
            .collect()
    }
}

#[test]
fn s3_11_lists_are_data_on_stdout_and_the_cache_answers_without_the_service() {
    let desk = Desk::new();
    let all = desk.json(&["incidents", "list", "--json"]);
    assert_eq!(
        (&all["schema"], &all["complete"], &all["demo"]),
        (&1.into(), &true.into(), &true.into())
    );
    let rows = all["rows"].as_array().unwrap();
    assert_eq!(all["loaded"], rows.len());
    assert!(
        rows.iter()
            .all(|r| r["id"].is_string() && r["severity"].is_string())
    );
    let high = desk.json(&[
        "incidents",
        "list",
        "--json",
        "--filter",
        "sev:high",
        "--limit",
        "3",
    ]);
    let high = high["rows"].as_array().unwrap();
    assert!(!high.is_empty() && high.len() <= 3);
    assert!(high.iter().all(|r| r["severity"] == "high"), "{high:?}");

    let lines = desk.run(&["incidents", "list", "--ndjson", "--columns", "id,title"]);
    let lines: Vec<Value> = lines
        .stdout
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    assert_eq!(lines.len(), rows.len());
    let csv = desk
        .run(&["incidents", "list", "--csv", "--columns", "id,title"])
        .stdout;
    let mut csv = csv::ReaderBuilder::new().from_reader(csv.as_slice());
    assert_eq!(csv.records().count(), rows.len());

    // the service is gone; what was seen stays readable
    let Desk { home, sim } = desk;
    let secret = sim.info.client_secret.clone();
    drop(sim);
    let out = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(["incidents", "list", "--cached", "--json"])
        .env_clear()
        .env("HOME", home.path())
        .env("LAB_SECRET", secret)
        .output()
        .unwrap();
    let kept: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(kept["rows"].as_array().unwrap().len(), rows.len());
}

#[test]
fn s3_11_every_wrong_word_has_its_exit_code_and_sentence() {
    let desk = Desk::new();
    for (words, code, sentence) in [
        (
            &["incidents", "list", "--filter", "sevv:high"][..],
            2,
            "did you mean",
        ),
        (
            &["incidents", "list", "--columns", "displayNam"],
            2,
            "did you mean `displayName`",
        ),
        (&["incidents", "show", "x y"], 2, "no id of an incident"),
        (&["incidents", "show", "1"], 7, "not there"),
        (
            &["users", "show", "nobody@nowhere.example"],
            7,
            "no user is called",
        ),
        (&["incidents", "nonsense", "1"], 2, "unrecognized"),
        (&["incidents", "classify", "1"], 2, "--as"),
        (
            &["--tenant", "labb", "incidents", "list"],
            2,
            "did you mean `lab`",
        ),
    ] {
        let (is, said) = desk.said(words);
        assert_eq!(is, code, "{words:?}: {said}");
        assert!(said.contains(sentence), "{words:?}: {said}");
    }
    // without a configured tenant a command never means the demo
    let out = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(["incidents", "list"])
        .env_clear()
        .env("HOME", tempfile::tempdir().unwrap().path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn tier_0_acts_tier_1_wants_a_name_and_tier_2_wants_a_plan_of_this_very_state() {
    let desk = Desk::new();
    let list = desk.json(&[
        "incidents",
        "list",
        "--json",
        "--filter",
        "st:active -own:set",
        "--limit",
        "2",
    ]);
    let ids: Vec<String> = list["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].as_str().unwrap().to_owned())
        .collect();
    let [one, two] = ids.as_slice() else {
        panic!("{list}")
    };
    let took = desk.json(&["incidents", "take", one, "--json"]);
    assert_eq!(took["targets"][0]["state"], "succeeded");
    assert_eq!(
        desk.json(&["incidents", "show", one, "--json"])["entity"]["assignedTo"],
        "ana@contoso.com"
    );

    let (code, said) = desk.said(&["incidents", "comment", one, two, "--text", "seen"]);
    assert_eq!(code, 8, "{said}");
    assert!(said.contains("--confirm 2"), "{said}");
    let (code, _) = desk.said(&[
        "incidents",
        "comment",
        one,
        two,
        "--text",
        "seen",
        "--confirm",
        "3",
    ]);
    assert_eq!(code, 8);
    let set = desk.json(&[
        "incidents",
        "comment",
        one,
        two,
        "--text",
        "seen",
        "--confirm",
        "2",
        "--json",
    ]);
    assert_eq!(set["targets"].as_array().unwrap().len(), 2);

    let devices = desk.devices();
    let (id, name) = &devices[0];
    let isolate = ["devices", "isolate", name, "--reason", "beacon"];
    let with = |more: &[&'static str]| -> Vec<&str> {
        isolate
            .iter()
            .copied()
            .chain(more.iter().copied())
            .collect()
    };
    let (code, said) = desk.said(&isolate);
    assert_eq!(code, 8, "{said}");
    let (code, _) = desk.said(&with(&["--confirm", "yes"]));
    assert_eq!(code, 8, "a name is no plan");
    let plan = desk.json(&with(&["--dry-run", "--json"]));
    assert_eq!(plan["targets"][0]["id"], id.as_str());
    assert!(
        plan["requests"][0].as_str().unwrap().starts_with("POST"),
        "{plan}"
    );
    assert!(!plan.to_string().contains("Bearer"));
    let id = plan["plan"].as_str().unwrap().to_owned();
    for (words, code) in [
        // other words, another target, a made-up id
        (
            vec![
                "devices", "isolate", name, "--reason", "other", "--plan", &id,
            ],
            7,
        ),
        (
            vec![
                "devices",
                "isolate",
                &devices[1].1,
                "--reason",
                "beacon",
                "--plan",
                &id,
            ],
            7,
        ),
        (
            vec![
                "devices", "isolate", name, "--reason", "beacon", "--plan", "zzz-1",
            ],
            7,
        ),
        (
            vec![
                "devices", "isolate", name, "--reason", "beacon", "--plan", "nonsense",
            ],
            8,
        ),
    ] {
        let (is, said) = desk.said(&words);
        assert_eq!(is, code, "{words:?}: {said}");
    }
    let go = [
        "devices", "isolate", name, "--reason", "beacon", "--plan", &id, "--json",
    ];
    assert_eq!(desk.json(&go)["targets"].as_array().unwrap().len(), 1);
    let (code, said) = desk.said(&go);
    assert_eq!(code, 7, "a plan is carried out once: {said}");
    // all of it is on record
    let (code, said) = desk.said(&["audit", "verify"]);
    assert_eq!(code, 0, "{said}");
    let (_, said) = desk.said(&["audit", "list"]);
    assert!(
        said.contains("isolate device") && said.contains("comment on 2"),
        "{said}"
    );
}

#[test]
fn built_in_refusals_hold_without_a_screen() {
    let desk = Desk::new();
    let (code, said) = desk.said(&["users", "disable", "ana@contoso.com", "--dry-run"]);
    assert_eq!(code, 8, "{said}");
    assert!(said.contains("own-account"), "{said}");
    let (code, said) = desk.said(&["indicators", "indicate", "10.0.0.1", "--dry-run"]);
    assert!(code == 8 && said.contains("private"), "{code}: {said}");
}

#[test]
fn the_doctor_tells_what_is_well_and_what_is_not() {
    let desk = Desk::new();
    let well = desk.json(&["doctor", "--json"]);
    let checks = well["checks"].as_array().unwrap();
    for area in [
        "config", "policy", "network", "sign-in", "rights", "lists", "disk", "terminal",
    ] {
        assert!(checks.iter().any(|c| c["area"] == area), "{area}: {well}");
    }
    assert!(checks.iter().all(|c| c["state"] != "fail"), "{well}");
    assert!(!well.to_string().contains(&desk.sim.info.client_secret));
    // a wrong secret
    let out = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(["doctor"])
        .env_clear()
        .env("HOME", desk.home.path())
        .env("LAB_SECRET", "wrong-secret-value")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(4), "{text}");
    assert!(
        text.contains("AADSTS7000215") && text.contains("→"),
        "{text}"
    );
    assert!(!text.contains("wrong-secret-value"));
    // nothing is configured
    let empty = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
        .args(["doctor"])
        .env_clear()
        .env("HOME", empty.path())
        .output()
        .unwrap();
    assert_eq!(
        out.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&out.stdout)
    );
}

#[test]
fn the_matrix_of_permissions_is_that_of_the_live_token() {
    let desk = Desk::new();
    let all = desk.json(&["permissions", "--json"]);
    let needs = all["needs"].as_array().unwrap();
    let isolate = needs.iter().find(|n| n["what"] == "isolate").unwrap();
    assert_eq!(isolate["grant"], "granted");
    let (code, least) = desk.said(&["permissions", "--least", "incidents,isolate"]);
    assert_eq!(code, 0);
    assert!(
        least.contains("Machine.Isolate") && least.contains("SecurityIncident.Read.All"),
        "{least}"
    );
    let (code, said) = desk.said(&["permissions", "--least", "isolat"]);
    assert!(
        code == 2 && said.contains("did you mean `isolate`"),
        "{said}"
    );
}

#[test]
fn a_hunt_is_answered_on_stdout_or_in_a_file_with_its_origin() {
    let desk = Desk::new();
    let query = "DeviceInfo | summarize arg_max(Timestamp, *) by DeviceId | project DeviceName, OSPlatform | take 5";
    let out = desk.run(&["hunt", query]);
    assert_eq!(
        out.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let mut csv = csv::ReaderBuilder::new().from_reader(out.stdout.as_slice());
    assert_eq!(csv.headers().unwrap().len(), 2);
    assert_eq!(csv.records().count(), 5);

    let file = desk.home.path().join("out.json");
    let path = file.to_str().unwrap();
    let hostile = "x\" | take 0 //";
    let asked = "DeviceInfo | where DeviceName == {{ENTITY}} | take 1";
    let set = format!("ENTITY={hostile}");
    let (code, said) = desk.said(&["hunt", asked, "--set", &set, "--output", path]);
    assert_eq!(code, 0, "{said}");
    let told: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let text = told.to_string();
    assert!(text.contains("DeviceInfo | where DeviceName =="), "{text}");
    // a file is not replaced unless that is said
    assert_eq!(desk.said(&["hunt", query, "--output", path]).0, 1);
    assert_eq!(
        desk.said(&["hunt", query, "--output", path, "--replace"]).0,
        0
    );
    for (words, code, sentence) in [
        (&["hunt", "NoSuchTable | take 1"][..], 1, "NoSuchTable"),
        (&["hunt", query, "--format", "pdf"], 2, "csv, tsv"),
        (&["hunt", query, "--format", "xlsx"], 2, "--output"),
        (&["hunt", asked], 2, "ENTITY"),
        (&["hunt", query, "--workspace", "soc"], 2, "no workspace"),
    ] {
        let (is, said) = desk.said(words);
        assert_eq!(is, code, "{words:?}: {said}");
        assert!(said.contains(sentence), "{words:?}: {said}");
    }
}
