//! The form that sets up a tenant, in a real terminal of 80x24 against the simulator: the questions of `watchfloor init` on screen
//! (S0-29, S0-31, S0-33 to S0-35, S0-37, S0-38).

use crate::backend_rig::flags;
use crate::pty::{Terminal, simulated};
use std::os::unix::fs::PermissionsExt;

fn sim(permissions: &str) -> sim::Running {
    sim::start(sim::Flags {
        // the program has the machine's clock
        now: None,
        time_scale: 1.0,
        permissions: permissions.into(),
        ..flags()
    })
    .unwrap()
}

fn form(home: &std::path::Path, sim: &sim::Running) -> Terminal {
    let info = &sim.info;
    let words = [
        "init",
        "--form",
        "--wait",
        "0",
        "--sim",
        "--login-url",
        &info.login,
        "--graph-url",
        &info.graph,
        "--defender-url",
        &info.defender,
    ];
    Terminal::run(home, &words, &[], (80, 24))
}

/// Bracketed, as a terminal pastes.
fn paste(t: &mut Terminal, text: &str) {
    t.press(format!("\x1b[200~{text}\x1b[201~").as_bytes());
}

/// The screen without what differs from run to run.
fn still(screen: &str, sim: &sim::Running, home: &std::path::Path) -> String {
    let info = &sim.info;
    let home = home.display().to_string();
    let mut out = String::new();
    // the header has the clock
    for line in screen.lines().skip(1) {
        let line = line
            .replace(&info.tenant_id, "TENANT-ID")
            .replace(&info.client_id, "CLIENT-ID")
            .replace(&home, "HOME");
        let mut words: Vec<&str> = line.split(' ').collect();
        for n in 1..words.len() {
            if words[n] == "ms" && words[n - 1].bytes().all(|b| b.is_ascii_digit()) {
                words[n - 1] = "N";
            }
        }
        out.push_str(words.join(" ").trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn a_tenant_is_set_up_on_screen_by_the_questions_of_init() {
    let home = tempfile::tempdir().unwrap();
    let sim = sim("all");
    let info = &sim.info;
    let mut t = form(home.path(), &sim);
    let screen = t.until("Name of the tenant here");
    insta::assert_snapshot!("set_up_name", still(&screen, &sim, home.path()));
    t.press(b"a b\r");
    t.until("! letters, digits");
    // what was typed stands there to be mended
    t.press(b"\x7f\x7f-c\r");
    t.until("Cloud [global]");
    t.press(b"\t");
    t.until("› gcc-high");
    t.press(b"\x1b[Z");
    t.until("Name of the tenant here");
    t.press(b"lab\r");
    t.until("Cloud [global]");
    t.press(b"\r");
    t.until("Which [all]");
    t.press(b"inc, dev\r");
    t.until("To read, to triage");
    t.press(b"\r");
    t.until("Sign in with a secret");
    t.press(b"\r");
    let screen = t.until("Directory (tenant) id");
    insta::assert_snapshot!("set_up_steps", still(&screen, &sim, home.path()));
    t.press(b"\x1b[6~");
    t.until("register-lab.sh");
    // a secret pasted for an id is known as one, and not answered with
    paste(&mut t, "abC8Q~d3f.GhiJkLmNoPqRsTuVwXyZ0123456789");
    t.press(b"\r");
    t.until("! that looks like a secret");
    t.press(b"\x15");
    paste(&mut t, &info.tenant_id);
    t.press(b"\r");
    t.until("Application (client) id");
    paste(&mut t, &info.client_id);
    t.press(b"\r");
    t.until("file · env · command");
    t.press(b"\r");
    t.until("Value of the secret");
    paste(&mut t, &info.client_secret);
    let screen = t.until("characters, not shown");
    insta::assert_snapshot!("set_up_secret", still(&screen, &sim, home.path()));
    t.press(b"\r");
    let screen = t.until("Enter when that is done");
    let joined: String = screen.lines().map(str::trim).collect();
    let address = format!(
        "{}/adminconsent?client_id={}",
        info.tenant_id, info.client_id
    );
    assert!(joined.contains(&address), "{screen}");
    insta::assert_snapshot!("set_up_consent", still(&screen, &sim, home.path()));
    t.press(b"\x1bOQ");
    let code = t.until_that("the code", |s| s.contains("▄▄▄") && !s.contains("consents"));
    assert!(code.lines().count() >= 20, "{code}");
    t.press(b" ");
    t.until("Enter when that is done");
    t.press(b"\r");
    let screen = t.until("Save [yes]");
    insta::assert_snapshot!("set_up_tried", still(&screen, &sim, home.path()));
    let file = home.path().join(".config/watchfloor/config.toml");
    assert!(!file.exists(), "nothing is saved before it is asked");
    t.press(b"\r");
    t.until("It is saved.");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("[tenant.lab]") && text.contains("read-only = true"),
        "{text}"
    );
    assert!(!text.contains(&info.client_secret));
    let mode = |p: &std::path::Path| p.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    let secret = home.path().join(".config/watchfloor/secrets/lab");
    assert_eq!(
        (
            std::fs::read_to_string(&secret).unwrap().trim(),
            mode(&secret)
        ),
        (info.client_secret.as_str(), 0o600)
    );
    // and it opens, without a new start
    t.press(b"\r");
    t.until_that("the tenant in front", |s| {
        s.lines().next().is_some_and(|l| l.contains("lab")) && s.contains("Incidents ·")
    });
    t.press(b"q");
    assert_eq!(t.end(), 0);
    let bytes = t.bytes();
    let all = String::from_utf8_lossy(&bytes);
    assert!(
        !all.contains(&info.client_secret),
        "the secret is on no screen"
    );
    // the address is a link where a terminal has them
    if all.contains("\x1b]8;;https") {
        assert!(all.contains("adminconsent"), "another link than ours");
    }
}

/// S0-36: nothing is written where it does not work, and the answer that was wrong can be given anew.
#[test]
fn a_wrong_secret_is_told_and_asked_for_again_on_the_way_back() {
    let home = tempfile::tempdir().unwrap();
    let sim = sim("all");
    let info = &sim.info;
    let mut t = form(home.path(), &sim);
    for (question, answer) in [
        ("Name of the tenant here", ""),
        ("Cloud [global]", ""),
        ("Which [all]", "incidents"),
        ("To read, to triage", ""),
        ("Sign in with a secret", ""),
        ("Directory (tenant) id", info.tenant_id.as_str()),
        ("Application (client) id", &info.client_id),
        ("file · env · command", ""),
        ("Value of the secret", "wrong~secret"),
        ("Enter when that is done", ""),
    ] {
        t.until(question);
        paste(&mut t, answer);
        t.press(b"\r");
    }
    let screen = t.until("Nothing works yet. Test again");
    assert!(screen.contains("AADSTS7000215"), "{screen}");
    t.press(b"\x1b[Z");
    t.until("Enter when that is done");
    t.press(b"\x1b[Z");
    t.until("Value of the secret");
    paste(&mut t, &info.client_secret);
    t.press(b"\r");
    t.until("Enter when that is done");
    t.press(b"\r");
    t.until("Save [yes]");
    t.press(b"no\r");
    t.until("nothing was changed");
    assert!(!home.path().join(".config/watchfloor/config.toml").exists());
    t.press(b"\x1b");
    t.until("Esc again leaves");
    t.press(b"\x1b");
    t.until("Incidents ·");
    t.press(b"q");
    assert_eq!(t.end(), 0);
}

#[test]
fn without_a_tenant_the_demo_tenant_opens_and_the_form_is_two_keys_away() {
    let home = tempfile::tempdir().unwrap();
    let mut t = Terminal::run(home.path(), &[], &[], (80, 24));
    t.until("g N sets up a real one");
    let screen = t.until("DEMO");
    assert!(!screen.contains("Name of the tenant here"), "{screen}");
    t.press(b"gN");
    t.until("Name of the tenant here");
    t.press(b"\x1b");
    t.until("Incidents ·");
    t.press(b"q");
    assert_eq!(t.end(), 0);
    // with one there is no form, and it is had by its key
    let home = tempfile::tempdir().unwrap();
    let _running = simulated(home.path());
    let env = [("PTY_SECRET", "pty secret")];
    let mut t = Terminal::run(home.path(), &[], &env, (80, 24));
    let screen = t.until("Incidents ·");
    assert!(!screen.contains("Name of the tenant here"), "{screen}");
    t.press(b"gN");
    t.until("Name of the tenant here [tenant-2]");
    t.press(b"pty\r");
    t.until("It is set up already");
    t.press(b"\x1b");
    t.until("Esc again leaves");
    t.press(b"\x1b");
    t.until("Incidents ·");
    t.press(b"q");
    assert_eq!(t.end(), 0);
}
