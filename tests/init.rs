//! A tenant set up by a script against the simulator, tried, changed, switched off and taken away (S0-31..S0-39, S2-19..S2-33).

use crate::backend_rig::flags;
use serde_json::Value;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Home {
    dir: tempfile::TempDir,
    sim: sim::Running,
}

/// Answers, and the keys that were pressed for them beside what was pasted.
struct Script {
    text: String,
    keys: usize,
}

impl Script {
    fn new() -> Self {
        Self {
            text: String::new(),
            keys: 0,
        }
    }

    /// Something typed, and Enter.
    fn typed(mut self, text: &str) -> Self {
        self.keys += text.chars().count() + 1;
        self.text.push_str(text);
        self.text.push('\n');
        self
    }

    /// Something pasted, and Enter.
    fn pasted(mut self, text: &str) -> Self {
        self.keys += 1;
        self.text.push_str(text);
        self.text.push('\n');
        self
    }
}

impl Home {
    fn new(permissions: &str) -> Self {
        let sim = sim::start(sim::Flags {
            // the program has the machine's clock
            now: None,
            time_scale: 1.0,
            permissions: permissions.into(),
            ..flags()
        })
        .unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            sim,
        }
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join(".config/watchfloor/config.toml")
    }

    fn run(&self, words: &[&str], answers: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchfloor"))
            .args(words)
            .env_clear()
            .env("HOME", self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // one that ends early does not read it all
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn init(&self, more: &[&str], script: &Script) -> (i32, String) {
        let info = &self.sim.info;
        let mut words = vec![
            "init",
            "--cloud",
            "global",
            "--sim",
            "--login-url",
            &info.login,
            "--graph-url",
            &info.graph,
            "--defender-url",
            &info.defender,
        ];
        words.extend(more);
        said(self.run(&words, &script.text))
    }

    /// The shortest way: Enter wherever there is a proposal.
    fn shortest(&self) -> Script {
        let info = &self.sim.info;
        Script::new()
            .typed("") // the name
            .typed("") // all modules
            .typed("") // to read
            .typed("") // with a secret
            .pasted(&info.tenant_id)
            .pasted(&info.client_id)
            .typed("") // in a file of its own
            .pasted(&info.client_secret)
            .typed("") // consented
            .typed("") // save
    }
}

fn said(out: Output) -> (i32, String) {
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (out.status.code().unwrap_or(-1), text)
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The figure of setting up: 60 seconds and 25 keys beside what is pasted, until the first incident is read.
/// S0-35, S0-38, S3-9: finished once something is read; the secret goes into a file of its own.
#[test]
fn a_fresh_tenant_is_set_up_and_read_with_few_keys() {
    let home = Home::new("all");
    let script = home.shortest();
    assert!(script.keys <= 25, "{} keys", script.keys);
    let begun = Instant::now();
    let (code, said_) = home.init(&[], &script);
    assert_eq!(code, 0, "{said_}");
    let first = home.run(&["incidents", "list", "--json", "--limit", "1"], "");
    let took = begun.elapsed();
    let first: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(first["rows"].as_array().unwrap().len(), 1);
    assert!(took < Duration::from_secs(60), "{took:?}");
    println!("{} keys, {} ms", script.keys, took.as_millis());

    // what the person was told: permissions, consent, each module with its time
    for words in [
        "SecurityIncident.Read.All",
        "adminconsent?client_id=",
        "ok    incidents",
        " ms",
        "not the Secret ID",
        "register-main.sh",
    ] {
        assert!(said_.contains(words), "{words}: {said_}");
    }
    let secret = &home.sim.info.client_secret;
    assert!(!said_.contains(secret));
    let config = std::fs::read_to_string(home.config()).unwrap();
    assert!(
        !config.contains(secret) && config.contains("read-only = true"),
        "{config}"
    );
    let file = home.dir.path().join(".config/watchfloor/secrets/main");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), *secret);
    assert_eq!((mode(&home.config()), mode(&file)), (0o600, 0o600));
}

/// S0-31, S0-32: tried before anything is kept, and never shown.
#[test]
fn what_was_swapped_is_asked_again_and_nothing_is_saved_that_does_not_work() {
    let home = Home::new("all");
    let info = &home.sim.info;
    let start = || {
        Script::new()
            .typed("lab")
            .typed("inc")
            .typed("read")
            .typed("secret")
    };
    // a secret where an id belongs, the tenant's id twice, a secret's id for its value, and then a wrong secret
    let script = start()
        .pasted("abC8Q~d3f.GhiJkLmNoPqRsTuVwXyZ0123456789")
        .pasted(&info.tenant_id)
        .pasted(&info.tenant_id)
        .pasted(&info.client_id)
        .typed("file")
        .pasted("3b2f2e2a-0000-4444-8888-123456789abc")
        .pasted("wrong-secret-value-1")
        .typed("")
        .typed("n");
    let (code, said) = home.init(&["--wait", "0"], &script);
    assert_eq!(code, 4, "{said}");
    for words in [
        "looks like a secret",
        "tenant's id again",
        "id of a secret",
        "AADSTS7000215",
        "nothing was saved",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        !said.contains("abC8Q~") && !said.contains("wrong-secret-value-1"),
        "{said}"
    );
    assert!(!home.config().exists());
    // the answers end early
    let (code, said) = home.init(&[], &start());
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(!home.config().exists());
}

/// S0-34, S0-35, S0-39, S2-31: each module by itself; what is off is not asked for.
#[test]
fn some_modules_will_do_and_those_switched_off_are_not_asked_for() {
    // the three permissions of reading alone
    let home = Home::new("SecurityIncident.Read.All,SecurityAlert.Read.All,ThreatHunting.Read.All");
    let info = &home.sim.info;
    let script = Script::new()
        .typed("lab")
        .typed("incidents, alerts, devices, hunting")
        .typed("read")
        .typed("secret")
        .pasted(&info.tenant_id)
        .pasted(&info.client_id)
        .typed("")
        .pasted(&info.client_secret)
        .typed("")
        .typed("n") // test again
        .typed(""); // save
    let (code, said) = home.init(&["--wait", "0"], &script);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Live: incidents, alerts, hunting."), "{said}");
    assert!(
        said.contains("FAIL  devices") && said.contains("Machine.Read"),
        "{said}"
    );
    assert!(
        !said.contains("Ti.Read") && !said.contains("User.Read.All"),
        "what is off is not asked for: {said}"
    );
    let config = std::fs::read_to_string(home.config()).unwrap();
    let off = config.lines().find(|l| l.starts_with("modules-off = ["));
    let off = off.unwrap_or_else(|| panic!("{config}"));
    for name in ["users", "actions", "indicators", "posture"] {
        assert!(off.contains(&format!("\"{name}\"")), "{off}");
    }
    for name in ["incidents", "alerts", "devices"] {
        assert!(!off.contains(&format!("\"{name}\"")), "{off}");
    }
    let (code, told) = self::said(home.run(&["tenants", "test", "lab"], ""));
    assert_eq!(code, 3, "{told}");
    assert!(
        told.contains("ok    incidents") && !told.contains("users"),
        "{told}"
    );

    // changed in place: Enter keeps what was there; the file of before is kept
    let again = Script::new()
        .typed("incidents")
        .typed("")
        .typed("")
        .typed("")
        .typed("")
        .typed("")
        .typed("")
        .typed("");
    let (code, said) = home.init(&["--name", "lab"], &again);
    assert_eq!(code, 0, "{said}");
    let backup = home.config().with_extension("toml.bak");
    assert_eq!(std::fs::read_to_string(&backup).unwrap(), config);
    assert_eq!(mode(&backup), 0o600);
    let config = std::fs::read_to_string(home.config()).unwrap();
    assert!(
        config.contains("\"devices\", \"users\"") && config.contains("secret-file"),
        "{config}"
    );
}

/// S2-30: a tenant is switched off and on.
#[test]
fn s2_19_a_tenant_is_switched_off_and_taken_away_with_a_receipt() {
    let home = Home::new("all");
    let (code, said_) = home.init(&[], &home.shortest());
    assert_eq!(code, 0, "{said_}");
    let list = ["incidents", "list", "--json", "--limit", "1"];
    assert_eq!(home.run(&list, "").status.code(), Some(0));
    let run = |words: &[&str]| said(home.run(words, ""));
    assert_eq!(run(&["tenants", "disable", "main"]).0, 0);
    let (code, why) = run(&["incidents", "list", "--tenant", "main"]);
    assert!(
        code == 2 && why.contains("tenants enable main"),
        "{code} {why}"
    );
    assert_eq!(run(&["tenants", "enable", "main"]).0, 0);
    assert_eq!(run(&list).0, 0);

    let (code, why) = run(&["tenants", "remove", "main"]);
    assert!(code == 8 && why.contains("--confirm main"), "{code} {why}");
    let (code, why) = run(&["tenants", "remove", "mian", "--confirm", "mian"]);
    assert!(
        code == 2 && why.contains("did you mean `main`"),
        "{code} {why}"
    );
    let cache = home.dir.path().join(".cache/watchfloor/main");
    let secret = home.dir.path().join(".config/watchfloor/secrets/main");
    assert!(cache.exists() && secret.exists());
    let receipt = home.run(
        &["tenants", "remove", "main", "--confirm", "main", "--json"],
        "",
    );
    let receipt: Value = serde_json::from_slice(&receipt.stdout).unwrap();
    let gone: Vec<&str> = receipt["gone"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["path"].as_str().unwrap())
        .collect();
    assert!(
        gone.contains(&cache.to_str().unwrap()) && gone.contains(&secret.to_str().unwrap()),
        "{receipt}"
    );
    assert!(!cache.exists() && !secret.exists());
    assert_eq!(run(&list).0, 2);
    let config = std::fs::read_to_string(home.config()).unwrap();
    assert!(!config.contains("tenant"), "{config}");
}
