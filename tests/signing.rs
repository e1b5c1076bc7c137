//! What an admin sees of a sign-in, from the least that is asked for to what works without a restart: the linked binary
//! against a simulated tenant.

use crate::backend_rig::flags;
use crate::pty::Terminal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

const READING: &str = "SecurityIncident.Read.All,SecurityAlert.Read.All,ThreatHunting.Read.All";

struct Desk {
    home: tempfile::TempDir,
    sim: sim::Running,
}

impl Desk {
    fn new(permissions: &str) -> Self {
        let sim = sim::start(sim::Flags {
            now: None,
            time_scale: 1.0,
            permissions: permissions.into(),
            ..flags()
        })
        .unwrap();
        let desk = Self {
            home: tempfile::tempdir().unwrap(),
            sim,
        };
        desk.configure(&[("lab", "")]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(".config/watchfloor").join(name)
    }

    fn keep(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn configure(&self, tenants: &[(&str, &str)]) {
        let info = &self.sim.info;
        let secret = self.keep("secret", &info.client_secret);
        let all = tenants.iter().map(|(name, more)| {
            format!(
                "[tenant.{name}]\ntenant-id='{}'\nclient-id='{}'\nsign-in='secret'\nsecret-file='{}'\nanalyst='ana@contoso.com'\nsim=true\n\
                 login-url='{}'\ngraph-url='{}'\ndefender-url='{}'\n{more}\n",
                info.tenant_id,
                info.client_id,
                secret.display(),
                info.login,
                info.graph,
                info.defender
            )
        });
        self.keep("config.toml", &all.collect::<String>());
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(crate::pty::program())
            .args(words)
            .env_clear()
            .env("HOME", self.home.path())
            .output()
            .unwrap()
    }

    fn said(&self, words: &[&str]) -> (i32, String) {
        let out = self.run(words);
        let text = [out.stdout, out.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (out.status.code().unwrap_or(-1), text)
    }

    fn json(&self, words: &[&str]) -> Value {
        let out = self.run(words);
        serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|e| panic!("{words:?}: {e}\n{}", String::from_utf8_lossy(&out.stderr)))
    }
}

/// S3-1: with client credentials: how long a token lives, which roles it shows, and as whom one acts.
#[test]
fn s3_1_a_sign_in_tells_the_life_of_its_tokens_and_their_roles() {
    let desk = Desk::new(READING);
    let (_, said) = desk.said(&["doctor", "--tenant", "lab"]);
    for words in [
        "app sign-in, acting as ana@contoso.com",
        "Microsoft Graph: a token is good for ",
        " min",
        "3 permissions (",
        "ThreatHunting.Read.All",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let all = desk.json(&["permissions", "--json"]);
    assert!(all["permissions"].is_array(), "{all}");
}

/// S3-4: the least for the verbs that are wanted, and nothing that another of them serves already.
#[test]
fn s3_4_the_least_for_chosen_verbs() {
    let desk = Desk::new(READING);
    let least = desk.json(&["permissions", "--least", "incidents,take,isolate", "--json"]);
    let of = |service: &str| -> Vec<&str> {
        let list = least["least"][service].as_array();
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    // to take is for incidents and alerts; who may write incidents needs no permission to read them beside it
    assert_eq!(
        of("Microsoft Graph"),
        [
            "SecurityAlert.ReadWrite.All",
            "SecurityIncident.ReadWrite.All"
        ],
        "{least}"
    );
    assert_eq!(of("Defender for Endpoint"), ["Machine.Isolate"], "{least}");
    let (code, said) = desk.said(&["permissions", "--least", "isolat"]);
    assert!(
        code == 2 && said.contains("did you mean `isolate`"),
        "{said}"
    );
}

/// S3-10: one value for the tenant; every address of the sign-in is made of it.
#[test]
fn s3_10_every_address_of_the_sign_in_has_the_one_tenant() {
    let desk = Desk::new(READING);
    let id = desk.sim.info.tenant_id.clone();
    assert_eq!(desk.said(&["incidents", "list", "--limit", "1"]).0, 0);
    desk.configure(&[("lab", ""), ("other", "")]);
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    assert_eq!(config.matches(&id).count(), 2, "once a tenant: {config}");
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "lab"], &[], (100, 30));
    t.until("Incidents ·");
    let sent = desk.sim.journal();
    let login: Vec<&str> = (sent.iter())
        .filter(|r| r.path.contains("/oauth2/"))
        .map(|r| r.path.as_str())
        .collect();
    assert!(login.len() >= 2);
    for path in login {
        assert!(path.contains(&format!("/{id}/oauth2/v2.0/")), "{path}");
    }
    // and the address where consent is given, and that a browser is sent to
    let text = config.replace("sign-in='secret'", "sign-in='browser'");
    let text: String = text
        .lines()
        .filter(|l| !l.starts_with("secret-file"))
        .map(|l| format!("{l}\n"))
        .collect();
    desk.keep("config.toml", &text);
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "lab"], &[], (180, 40));
    // it goes on in the next line of its box
    t.until(&format!("/{id}/oauth2/v2.0/auth"));
}

/// S3-12: nothing of where it is installed: the same configuration under another home, with no terminal, no variables and no
/// current folder to speak of.
#[test]
fn s3_12_the_same_configuration_serves_wherever_it_is_put() {
    let desk = Desk::new(READING);
    let list = ["incidents", "list", "--json", "--limit", "2"];
    let first = desk.json(&list);
    let elsewhere = tempfile::tempdir().unwrap();
    let program = elsewhere.path().join("watchfloor");
    std::fs::copy(crate::pty::program(), &program).unwrap();
    let folder = elsewhere.path().join("home/.config/watchfloor");
    std::fs::create_dir_all(&folder).unwrap();
    let text = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    let old = desk.path("secret").display().to_string();
    let new = folder.join("secret").display().to_string();
    for (name, text) in [
        ("config.toml", text.replace(&old, &new)),
        ("secret", desk.sim.info.client_secret.clone()),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o600))
            .unwrap();
    }
    let out = Command::new(&program)
        .args(list)
        .env_clear()
        .env("HOME", elsewhere.path().join("home"))
        .current_dir("/")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let second: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    assert_eq!(first["rows"], second["rows"]);
}

/// S3-13: an entry is edited in place, tried, and kept or dropped.
#[test]
fn s3_13_an_entry_is_changed_tried_and_kept_or_dropped() {
    let desk = Desk::new("all");
    let info = &desk.sim.info;
    let init = |answers: &str| {
        use std::io::Write;
        let mut child = Command::new(crate::pty::program())
            .args([
                "init", "--name", "lab", "--cloud", "global", "--sim", "--no-qr", "--wait", "0",
            ])
            .args([
                "--login-url",
                &info.login,
                "--graph-url",
                &info.graph,
                "--defender-url",
                &info.defender,
            ])
            .env_clear()
            .env("HOME", desk.home.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        let out = child.wait_with_output().unwrap();
        let text = [out.stdout, out.stderr].concat();
        (
            out.status.code(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    };
    let before = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    // modules, extent, way, ids and secret as they stand; consented; not to be saved
    let enters = "incidents\nread\n\n\n\n\n\n";
    let (code, said) = init(&format!("{enters}n\n"));
    assert_eq!(code, Some(8), "{said}");
    assert!(
        said.contains("ok    incidents") && said.contains("nothing was changed"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(desk.path("config.toml")).unwrap(),
        before
    );
    let (code, said) = init(&format!("{enters}y\n"));
    assert_eq!(code, Some(0), "{said}");
    let after = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    assert!(
        after.contains("read-only = true") && after.contains("modules-off"),
        "{after}"
    );
    assert_eq!(
        std::fs::read_to_string(desk.path("config.toml.bak")).unwrap(),
        before
    );
    let (code, said) = desk.said(&["tenants", "test", "lab"]);
    assert!(code == 0 && said.contains("ok    incidents"), "{said}");
}

/// S4-19, S4-20, S4-21: read-only with three permissions; more of them, consented while it runs, are there without a restart:
/// what was refused is counted down in sight and stops with success.
#[test]
fn s4_20_permissions_that_are_added_appear_in_the_running_console() {
    let desk = Desk::new(READING);
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "lab"], &[], (120, 30));
    t.until_that("rows", |s| s.contains("Incidents ·") && s.contains('▌'));
    t.press(b"3");
    t.until("devices: asked again in");
    for permission in ["Machine.ReadWrite.All", "Alert.ReadWrite.All"] {
        desk.sim.grant(permission).unwrap();
    }
    t.until("devices: the permission is there now");
    t.press(b"3");
    t.until_that("devices", |s| {
        s.contains("Devices ·") && !s.contains("asked again in")
    });
    t.until_that("rows of devices", |s| s.contains(".contoso.com"));
}

/// A tenant that another process takes away while it is open: what is on screen stays, and what cannot go on says why.
#[test]
fn a_tenant_that_is_removed_while_it_is_open_says_what_is_missing() {
    let desk = Desk::new("all");
    desk.sim.set_scenario("token-lifetime = 60\n").unwrap();
    // the secret is ours, so that it goes with the tenant
    let own = desk.keep("secrets/lab", &desk.sim.info.client_secret);
    let text = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    let old = desk.path("secret").display().to_string();
    desk.keep(
        "config.toml",
        &text.replace(&old, &own.display().to_string()),
    );
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "lab"], &[], (120, 30));
    t.until_that("rows", |s| s.contains("Incidents ·") && s.contains('▌'));
    let (code, said) = desk.said(&["tenants", "remove", "lab", "--confirm", "lab"]);
    assert!(
        code == 7 && said.contains("open in another instance") && own.exists(),
        "{code} {said}"
    );
    // by hand nobody is asked
    std::fs::remove_file(&own).unwrap();
    std::fs::remove_file(desk.path("config.toml")).unwrap();
    let (code, said) = desk.said(&["incidents", "list", "--tenant", "lab"]);
    assert!(code == 2 && said.contains("lab"), "{said}");
    // every token is refused from here on, and the secret for another one is gone
    desk.sim
        .set_scenario("[[rule]]\nservice = \"graph\"\nfault = { kind = \"expire-token\" }\n")
        .unwrap();
    t.press(b"R");
    t.until("is not there");
    assert!(t.contents().contains('▌'), "rows stay: {}", t.contents());
    t.press(b"q");
}

/// Two profiles of one tenant: each has its name in sight and a record of its own, and `doctor` says what that means.
#[test]
fn two_profiles_of_one_tenant_are_told_apart_and_keep_records_of_their_own() {
    let desk = Desk::new("all");
    desk.configure(&[("lab", "label='ONE'"), ("lab-write", "label='TWO'")]);
    let (_, said) = desk.said(&["doctor", "--tenant", "lab"]);
    assert!(said.contains("lab-write is the same tenant"), "{said}");
    let list = desk.json(&[
        "incidents",
        "list",
        "--tenant",
        "lab",
        "--json",
        "--filter",
        "st:active -own:set",
        "--limit",
        "1",
    ]);
    let id = list["rows"][0]["id"].as_str().unwrap();
    let (code, said) = desk.said(&["incidents", "take", id, "--tenant", "lab-write"]);
    assert_eq!(code, 0, "{said}");
    let audit = desk.home.path().join(".local/state/watchfloor/audit");
    assert!(audit.join("lab-write").exists(), "its own record");
    let (_, other) = desk.said(&["audit", "list", "--tenant", "lab"]);
    assert!(!other.contains("take"), "{other}");
    let (code, said) = desk.said(&["incidents", "list"]);
    assert!(
        code == 2 && said.contains("--tenant"),
        "neither opens by itself: {said}"
    );
}
