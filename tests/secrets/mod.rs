//! Secret bytes: every way of signing in is gone with secrets that are known here, with and without faults of the service,
//! and then everything that the program wrote, showed or handed on is looked through for them: raw, in Base64 at every
//! alignment, percent-encoded, in hex, as UTF-16, and split by escape sequences or line ends. None may be found.

mod search;

use crate::backend_rig::flags;
use crate::pty::Terminal;
use base64::Engine;
use search::{Hay, Needle};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const SECRET: &str = "wF8Q~Zr7.k_T-3c9/x+Lm%20vB=Y1oP5";
const WRONG: &str = "Hj2~wrong.Uq_90-zK/4+Ne%41tC=s7a";
const AZ: &str = "azT0ken-9d8Kq2LmXw4.Rt7PbVc1Zn5.Ys3HgF6Je0Aa";
const PROXY: &str = "pr0xy~Pw.31_kd-Vx/8+Qm%7EzR=t5wG";
const CODE: &str = "0.AVc0de-7Gd2_Kl9Qw.4RtPzXb8Nn5Vm1Ss6Ff3Hh";
const KEY: &str = include_str!("../fixtures/rsa-for-tests.pem");

fn keep(path: &Path, text: &str, mode: u32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

struct Desk {
    home: tempfile::TempDir,
    /// Where secrets are at home, beside what programs write that know them.
    vault: tempfile::TempDir,
    sim: sim::Running,
    hay: Hay,
    runs: usize,
}

impl Desk {
    fn new() -> Self {
        let sim = sim::start(sim::Flags {
            now: None,
            time_scale: 1.0,
            ..flags()
        })
        .unwrap();
        sim.set_secret(SECRET);
        Self {
            home: tempfile::tempdir().unwrap(),
            vault: tempfile::tempdir().unwrap(),
            sim,
            hay: Hay::default(),
            runs: 0,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.vault.path().join(name)
    }

    fn configure(&self, tenants: &[(&str, String)]) {
        let info = &self.sim.info;
        let mut text = String::new();
        for (name, how) in tenants {
            text.push_str(&format!(
                "[tenant.{name}]\ntenant-id='{}'\nsim=true\nanalyst='ana@contoso.com'\nlogin-url='{}'\ngraph-url='{}'\ndefender-url='{}'\n{how}\n",
                info.tenant_id, info.login, info.graph, info.defender
            ));
        }
        let path = self.home.path().join(".config/watchfloor/config.toml");
        keep(&path, &text, 0o600);
    }

    /// Runs it to its end and keeps what it said, its arguments, and what its children were given. Its exit code.
    fn run(&mut self, words: &[&str], env: &[(&str, &str)], answers: &str) -> i32 {
        self.runs += 1;
        let name = format!("{}: {}", self.runs, words.join(" "));
        let (out, err) = (self.at("out"), self.at("err"));
        let mut child = Command::new(crate::pty::program())
            .args(words)
            .env_clear()
            .env("HOME", self.home.path())
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        let pid = child.id();
        let mut approved = false;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            let of = |file: String| std::fs::read(file).unwrap_or_default();
            let own = of(format!("/proc/{pid}/cmdline"));
            self.hay.put(format!("{name}, arguments"), own.clone());
            // whichever thread began them
            let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
            let tasks = tasks.into_iter().flatten().flatten();
            let children: Vec<String> = tasks
                .filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok())
                .collect();
            for child in children.join(" ").split_whitespace() {
                let words = of(format!("/proc/{child}/cmdline"));
                // until it is another program, it is ourselves
                if words.is_empty() || words == own {
                    continue;
                }
                let environ = of(format!("/proc/{child}/environ"));
                self.hay.put(format!("{name}, child's words"), words);
                self.hay.put(format!("{name}, child's environ"), environ);
            }
            // a person who is shown a code types it
            let said = String::from_utf8_lossy(&of(err.display().to_string())).into_owned();
            if let Some(code) = said.split("and type ").nth(1).filter(|_| !approved) {
                approved = self.sim.approve_device_code(code.trim(), "ana@contoso.com");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        for (what, file) in [("stdout", &out), ("stderr", &err)] {
            self.hay
                .put(format!("{name}, {what}"), std::fs::read(file).unwrap());
        }
        status.code().unwrap_or(-1)
    }
}

/// A program that knows a secret, and writes down what it was given.
fn teller(desk: &Desk, name: &str, says: &str) -> PathBuf {
    let (path, seen) = (desk.at(name), desk.at(&format!("{name}.seen")));
    let script = format!(
        "#!/bin/sh\n{{ /usr/bin/env; echo \"$0 $*\"; }} >> {}\n{says}\n",
        seen.display()
    );
    keep(&path, &script, 0o700);
    path
}

/// A proxy that wants another password, whatever it is given.
fn stern_proxy() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut head);
            let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n");
        }
    });
    port
}

/// The figure of the issue: 0. S0-31, S3-3, S4-18: by file, variable and command, and never echoed, logged or in argv.
#[test]
fn no_secret_byte_is_found_in_anything_that_is_written_shown_or_handed_on() {
    let mut desk = Desk::new();
    let info = desk.sim.info.clone();
    let client = format!("client-id='{}'", info.client_id);
    let key = rcgen::KeyPair::from_pem(KEY).unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["watchfloor".into()])
        .unwrap()
        .self_signed(&key)
        .unwrap()
        .pem();
    desk.sim.register_certificate(&certificate).unwrap();
    let workload = desk.sim.workload_token(Duration::from_secs(3600));
    let (identity, header) = desk.sim.identity_endpoint();
    keep(&desk.at("secret"), SECRET, 0o600);
    keep(&desk.at("wrong"), WRONG, 0o600);
    keep(&desk.at("open"), SECRET, 0o644);
    keep(&desk.at("key.pem"), &format!("{KEY}{certificate}"), 0o600);
    keep(&desk.at("torn.pem"), &KEY.replacen("MII", "MI", 1), 0o600);
    keep(&desk.at("token"), &workload, 0o600);
    let give = teller(&desk, "give", &format!("echo '{SECRET}'"));
    let fail = teller(&desk, "fail", &format!("echo '{SECRET}' >&2; exit 3"));
    let az = teller(
        &desk,
        "az",
        &format!(
            "echo '{}'",
            json!({"accessToken": AZ, "tenant": info.tenant_id})
        ),
    );
    let file = |name: &str| desk.at(name).display().to_string();
    let tenants = [
        (
            "file",
            format!(
                "{client}\nsign-in='secret'\nsecret-file='{}'",
                file("secret")
            ),
        ),
        (
            "wrong",
            format!(
                "{client}\nsign-in='secret'\nsecret-file='{}'",
                file("wrong")
            ),
        ),
        (
            "open",
            format!("{client}\nsign-in='secret'\nsecret-file='{}'", file("open")),
        ),
        (
            "env",
            format!("{client}\nsign-in='secret'\nsecret-env='LAB_SECRET'"),
        ),
        (
            "command",
            format!(
                "{client}\nsign-in='secret'\nsecret-command=['{}', 'lab']",
                give.display()
            ),
        ),
        (
            "fails",
            format!(
                "{client}\nsign-in='secret'\nsecret-command=['{}']",
                fail.display()
            ),
        ),
        (
            "swapped",
            format!("{client}\nsign-in='secret'\nsecret-env='{SECRET}'"),
        ),
        (
            "cert",
            format!(
                "{client}\nsign-in='certificate'\ncertificate-file='{}'",
                file("key.pem")
            ),
        ),
        (
            "torn",
            format!(
                "{client}\nsign-in='certificate'\ncertificate-file='{}'",
                file("torn.pem")
            ),
        ),
        (
            "workload",
            format!(
                "{client}\nsign-in='workload-identity'\ntoken-file='{}'",
                file("token")
            ),
        ),
        (
            "managed",
            format!(
                "sign-in='managed-identity'\nidentity-endpoint='{}'",
                desk.sim.metadata_endpoint()
            ),
        ),
        ("az", format!("sign-in='azure-cli'\naz='{}'", az.display())),
        (
            "person",
            format!("{client}\nsign-in='device-code'\nkeep-session=true"),
        ),
        (
            "apart",
            format!(
                "{client}\nsign-in='certificate'\ncertificate-file='{}'\n[tenant.apart.write]\nclient-id='{}'\nsign-in='secret'\nsecret-file='{}'",
                file("key.pem"),
                info.client_id,
                file("secret")
            ),
        ),
    ];
    // `swapped` has the value where the name of a variable belongs: that file is the person's own, and refused below
    let good: Vec<_> = tenants
        .iter()
        .filter(|(n, _)| *n != "swapped")
        .cloned()
        .collect();
    desk.configure(&good);
    let env = [
        ("LAB_SECRET", SECRET),
        ("IDENTITY_ENDPOINT", identity.as_str()),
        ("IDENTITY_HEADER", header.as_str()),
    ];
    let mut codes = Vec::new();
    for (name, _) in &good {
        let code = desk.run(
            &[
                "--tenant",
                name,
                "incidents",
                "list",
                "--json",
                "--limit",
                "3",
            ],
            &env,
            "",
        );
        codes.push((*name, code));
    }
    // what must work did, so that there was something to hide
    for name in [
        "file", "env", "command", "cert", "workload", "person", "apart",
    ] {
        assert!(codes.contains(&(name, 0)), "{codes:?}");
    }
    for name in ["wrong", "open", "fails", "torn"] {
        assert!(codes.contains(&(name, 4)), "{codes:?}");
    }
    for words in [
        &["tenants", "--json"][..],
        &["config", "explain", "--json"],
        &["--tenant", "file", "doctor", "--json"],
        &["--tenant", "wrong", "doctor"],
        &["--tenant", "torn", "doctor"],
        &["--tenant", "apart", "incidents", "take", "1", "--json"],
        &["--tenant", "file", "permissions"],
        &["--tenant", "file", "audit", "list"],
    ] {
        desk.run(words, &env, "");
    }
    // the other side repeats what it was sent, says pages and refusals, breaks off
    let echo = |text: &str| {
        json!({"error": "odd_word", "error_description": format!("you sent {text}")}).to_string()
    };
    let coded =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    for (name, sent) in [("file", SECRET), ("workload", workload.as_str())] {
        for fault in [
            format!(
                "kind = \"answer\", status = 400, body = '''{}'''",
                echo(&format!("client_secret={sent}"))
            ),
            format!(
                "kind = \"answer\", status = 401, body = '''{}'''",
                echo(&format!("client_assertion={}", coded(sent)))
            ),
            "kind = \"html-page\"".to_owned(),
            "kind = \"cut-body\"".to_owned(),
            "kind = \"aadsts\", code = 7000215".to_owned(),
            "kind = \"redirect\", to = \"https://login.example/\"".to_owned(),
        ] {
            let rule = format!("[[rule]]\nservice = \"login\"\nfault = {{ {fault} }}\n");
            desk.sim
                .set_scenario(&rule)
                .unwrap_or_else(|e| panic!("{e}: {rule}"));
            let code = desk.run(&["--tenant", name, "incidents", "list"], &env, "");
            assert_ne!(code, 0, "{name}: {fault}");
        }
    }
    desk.sim
        .set_scenario(
            "[[rule]]\nservice = \"graph\"\nfault = { kind = \"status\", status = 401 }\n",
        )
        .unwrap();
    desk.run(&["--tenant", "cert", "incidents", "list"], &env, "");
    desk.sim.set_scenario("").unwrap();

    // a value where the name of a variable belongs is not said again
    desk.configure(&tenants);
    desk.run(&["--tenant", "swapped", "incidents", "list"], &[], "");
    desk.run(&["--tenant", "swapped", "doctor", "--json"], &[], "");
    desk.run(&["tenants"], &[], "");
    desk.configure(&good);

    // a proxy with a password, ours and the environment's, refused
    let port = stern_proxy();
    let by = format!(
        "http://ana:{coded}@127.0.0.1:{port}",
        coded = PROXY.replace('%', "%25").replace('/', "%2F")
    );
    keep(&desk.at("proxy"), &format!("ana:{PROXY}"), 0o600);
    let real = format!(
        "[tenant.real]\ntenant-id='{}'\nclient-id='{}'\nsign-in='secret'\nsecret-file='{}'\n",
        info.tenant_id,
        info.client_id,
        desk.at("secret").display()
    );
    let own = format!(
        "{real}proxy='http://127.0.0.1:{port}'\nproxy-password-file='{}'\n",
        desk.at("proxy").display()
    );
    let path = desk.home.path().join(".config/watchfloor/config.toml");
    for (text, env) in [(&real, vec![("https_proxy", by.as_str())]), (&own, vec![])] {
        keep(&path, text, 0o600);
        for words in [&["incidents", "list"][..], &["doctor", "--json"]] {
            assert_ne!(desk.run(words, &env, ""), 0);
        }
    }

    // set up by answers, twice, so that there is a file of before
    desk.configure(&good[..1]);
    let words = [
        "init",
        "--cloud",
        "global",
        "--sim",
        "--wait",
        "0",
        "--no-qr",
        "--login-url",
        &info.login,
        "--graph-url",
        &info.graph,
        "--defender-url",
        &info.defender,
    ];
    let answers = format!(
        "fresh\n\n\n\n{}\n{}\n\n{SECRET}\n\n\n",
        info.tenant_id, info.client_id
    );
    assert_eq!(desk.run(&words, &[], &answers), 0);
    let swapped = format!(
        "other\n\n\n\n{SECRET}\n{SECRET}\n{}\n{SECRET}\n{}\n\n{WRONG}\n\n\nn\n",
        info.tenant_id, info.client_id
    );
    assert_ne!(desk.run(&words, &[], &swapped), 0);
    let fresh = desk.home.path().join(".config/watchfloor/secrets/fresh");
    assert_eq!(std::fs::read_to_string(&fresh).unwrap(), SECRET);
    assert_eq!(
        std::fs::metadata(&fresh).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // the console: typed at it, pasted into it, and left
    let browser = format!("{client}\nsign-in='browser'");
    desk.configure(&[good[0].clone(), ("browser", browser)]);
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "browser"], &[], (100, 30));
    t.until("paste it here");
    let pasted =
        format!("http://localhost:50000/?code={CODE}&state=5tate-of-somebody-else&session_state=x");
    t.press(format!("\x1b[200~{pasted}\x1b[201~").as_bytes());
    t.until("not shown");
    t.press(b"\r");
    t.until("belongs to another sign-in");
    desk.hay.put("terminal, browser", t.bytes());
    desk.hay.put("screen, browser", t.contents().into_bytes());
    t.press(b"\x1b:quit\r");
    drop(t);
    let mut t = Terminal::run(desk.home.path(), &["--tenant", "file"], &[], (100, 30));
    t.until("Incidents ·");
    desk.hay.put("terminal, file", t.bytes());
    drop(t);

    // where secrets are at home: our own files of mode 0600, and those of the person
    let session = walk(desk.home.path()).into_iter().find(|p| {
        std::fs::read(p).is_ok_and(|b| memchr::memmem::find(&b, b"\"refresh_token\"").is_some())
    });
    let session = session.expect("a kept session");
    assert_eq!(
        std::fs::metadata(&session).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let kept: Value = serde_json::from_slice(&std::fs::read(&session).unwrap()).unwrap();
    let refresh = kept["refresh_token"].as_str().unwrap();
    desk.hay.folder(desk.home.path(), &[fresh, session]);
    for seen in ["give.seen", "fail.seen", "az.seen"] {
        let bytes = std::fs::read(desk.at(seen)).unwrap();
        desk.hay.put(format!("what {seen} was given"), bytes);
    }
    let lines = KEY.lines().skip_while(|l| !l.starts_with("-----BEGIN"));
    let body: String = (lines.skip(1))
        .take_while(|l| !l.starts_with("-----END"))
        .collect();
    let der = base64::engine::general_purpose::STANDARD
        .decode(&body)
        .unwrap();
    let jwt = workload.split('.').next().unwrap().to_owned();
    assert!(jwt.len() >= 16);
    let needles = [
        Needle::new("client secret", SECRET.as_bytes()),
        Needle::new("wrong secret", WRONG.as_bytes()),
        Needle::new("key (text)", body.as_bytes()),
        Needle::new("key", &der),
        Needle::new("workload token", workload.as_bytes()),
        // of every token that the simulated service signs
        Needle::new("head of a token", jwt.as_bytes()),
        Needle::new("header of the machine's identity", header.as_bytes()),
        Needle::new("token of az", AZ.as_bytes()),
        Needle::new("refresh token", refresh.as_bytes()),
        Needle::new("proxy password", PROXY.as_bytes()),
        Needle::new("code", CODE.as_bytes()),
    ];
    desk.hay.search(&needles);
    let bytes: usize = desk.hay.places.iter().map(|(_, b)| b.len()).sum();
    eprintln!(
        "{} runs, {} places, {} KiB looked through, 0 secret bytes",
        desk.runs,
        desk.hay.places.len(),
        bytes >> 10
    );
    assert!(desk.hay.places.len() > 100 && bytes > 1 << 20);
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => out.extend(walk(&path)),
            path => out.push(path),
        }
    }
    out
}
