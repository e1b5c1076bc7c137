//! The real binary in a real terminal: type, and wait until the screen holds words. Nothing sleeps for a time.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// How long words may take on a busy machine before the test fails with the screen as it stood.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program under test; `WF_PROGRAM` names another build of it, for long runs beside a build.
pub fn program() -> String {
    std::env::var("WF_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_watchfloor").into())
}

fn cells(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).unwrap()
}

/// A program at a terminal.
pub struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    changed: mpsc::Receiver<()>,
    writer: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Runs the binary with these words, a home of its own, and no variable of ours.
    pub fn run(home: &Path, words: &[&str], env: &[(&str, &str)], size: (u16, u16)) -> Self {
        Self::of(&program(), home, words, env, size)
    }

    /// The same for another program: a shell that starts ours under a limit.
    pub fn of(
        program: &str,
        home: &Path,
        words: &[&str],
        env: &[(&str, &str)],
        size: (u16, u16),
    ) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize {
                rows: size.1,
                cols: size.0,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(words);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("PATH", "/usr/bin:/bin");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            cells(size.1),
            cells(size.0),
            0,
        )));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (tell, changed) = mpsc::channel();
        {
            let (screen, raw) = (screen.clone(), raw.clone());
            std::thread::spawn(move || {
                let mut bytes = [0u8; 16 << 10];
                while let Ok(n) = reader.read(&mut bytes) {
                    if n == 0 {
                        break;
                    }
                    raw.lock().unwrap().extend_from_slice(&bytes[..n]);
                    screen.lock().unwrap().process(&bytes[..n]);
                    let _ = tell.send(());
                }
            });
        }
        let writer = pty.master.take_writer().unwrap();
        Self {
            screen,
            raw,
            changed,
            writer,
            child,
            master: pty.master,
        }
    }

    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    pub fn alternate(&self) -> bool {
        self.screen.lock().unwrap().screen().alternate_screen()
    }

    /// Waits until the screen holds these words.
    pub fn until(&mut self, words: &str) -> String {
        self.until_that(words, |s| s.contains(words))
    }

    pub fn until_that(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        // long runs go beside other work
        let soak = std::env::var_os("WF_SOAK").map_or(1, |_| 10);
        let end = Instant::now() + PATIENCE * soak;
        loop {
            let now = self.contents();
            if holds(&now) {
                return now;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what:?}; the screen:\n{now}");
            let _ = self.changed.recv_timeout(left.min(Duration::from_secs(1)));
        }
    }

    pub fn press(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.screen
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(cells(rows), cells(cols));
        self.master
            .resize(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = self
            .child
            .process_id()
            .and_then(|p| rustix::process::Pid::from_raw(p as i32))
            .unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end; the exit code.
    pub fn end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.read_out();
                return status.exit_code();
            }
            assert!(
                Instant::now() < end,
                "it does not end; the screen:\n{}",
                self.contents()
            );
            let _ = self.changed.recv_timeout(Duration::from_millis(20));
        }
    }

    /// What the program wrote last may still be on its way here when it has ended.
    fn read_out(&mut self) {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            match self.changed.recv_timeout(Duration::from_millis(50)) {
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Ok(()) | Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn config(home: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let dir = home.join(".config/watchfloor");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("config.toml");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A simulator in this process, and the configuration that names it.
pub fn simulated(home: &Path) -> sim::Running {
    simulated_with(home, sim::Flags::default())
}

/// The same with other flags.
pub fn simulated_with(home: &Path, flags: sim::Flags) -> sim::Running {
    let running = sim::start(sim::Flags {
        incidents: 120,
        alerts: 300,
        devices: 40,
        users: 60,
        fixed_secret: Some("pty secret".into()),
        ..flags
    })
    .unwrap();
    let i = &running.info;
    config(
        home,
        &format!(
            "[tenant.pty]\nsim = true\ntenant-id = \"{}\"\nclient-id = \"{}\"\nsign-in = \"secret\"\nsecret-env = \"PTY_SECRET\"\nanalyst = \"ana@contoso.com\"\n\
             login-url = \"{}\"\ngraph-url = \"{}\"\ndefender-url = \"{}\"\n",
            i.tenant_id, i.client_id, i.login, i.graph, i.defender
        ),
    );
    running
}

#[test]
fn the_demo_tenant_opens_without_configuration_and_leaves_the_terminal_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let mut t = Terminal::run(home.path(), &[], &[], (80, 24));
    // nobody set up a tenant: how that is done is said
    t.until("sets up a real one");
    let screen = t.until_that("a full queue", |s| {
        s.contains("DEMO") && s.contains("Incidents · 1,9")
    });
    assert!(screen.lines().all(|l| l.chars().count() <= 80));
    assert!(t.alternate());
    t.press(b"q");
    assert_eq!(t.end(), 0);
    assert!(!t.alternate(), "the alternate screen is left");
    let bytes = t.bytes();
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        text.contains("\x1b[?1049l") && text.contains("\x1b[?25h") && text.contains("\x1b[?2004l"),
        "modes are reset"
    );
}

#[test]
fn the_same_binary_works_a_configured_tenant_over_http() {
    let home = tempfile::tempdir().unwrap();
    let running = simulated(home.path());
    let mut t = Terminal::run(
        home.path(),
        &["--tenant", "pty"],
        &[("PTY_SECRET", "pty secret")],
        (100, 30),
    );
    t.until_that("the queue", |s| {
        s.contains("pty") && s.contains("Incidents ·")
    });
    t.press(b"3");
    t.until("Devices ·");
    t.press(b"4");
    t.until("Users ·");
    t.press(b"1");
    // a list that is still empty has nothing to open
    t.until_that("rows", |s| s.contains("Incidents ·") && s.contains('▌'));
    t.press(b"\r");
    t.until("[Story]");
    t.press(b"\x1b");
    t.until("Incidents ·");
    t.press(b"q");
    assert_eq!(t.end(), 0);
    let sent = running.journal();
    assert!(
        sent.iter().any(|r| r.path.contains("/security/incidents")),
        "it really asked"
    );
    let all = t.bytes();
    assert!(
        !String::from_utf8_lossy(&all).contains("pty secret"),
        "the secret is on no screen"
    );
}

#[test]
fn sigterm_and_sighup_restore_the_terminal() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let home = tempfile::tempdir().unwrap();
        let mut t = Terminal::run(
            home.path(),
            &["demo", "--incidents", "50", "--alerts", "50"],
            &[],
            (80, 24),
        );
        t.until("Incidents ·");
        t.signal(signal);
        t.end();
        assert!(!t.alternate(), "{signal:?}");
        assert!(String::from_utf8_lossy(&t.bytes()).contains("\x1b[?1049l"));
    }
}

#[test]
fn a_broken_config_is_exit_2_with_line_and_column_and_is_not_touched() {
    let home = tempfile::tempdir().unwrap();
    let text = "[tenant.x]\ntenant-id = \n";
    config(home.path(), text);
    let mut t = Terminal::run(home.path(), &[], &[], (100, 24));
    assert_eq!(t.end(), 2);
    let screen = t.until("config.toml:2:");
    assert!(!screen.contains("panicked"));
    assert_eq!(
        std::fs::read_to_string(home.path().join(".config/watchfloor/config.toml")).unwrap(),
        text
    );
}

#[test]
fn a_config_without_a_tenant_is_no_demo() {
    let home = tempfile::tempdir().unwrap();
    config(home.path(), "# nothing yet\n");
    let mut t = Terminal::run(home.path(), &[], &[], (100, 24));
    assert_eq!(t.end(), 2);
    t.until("watchfloor demo");
}

#[test]
fn an_unknown_key_warns_with_the_nearest_and_the_rest_works() {
    let home = tempfile::tempdir().unwrap();
    let _running = simulated(home.path());
    let path = home.path().join(".config/watchfloor/config.toml");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("analyst", "anaylst");
    config(home.path(), &text);
    let mut t = Terminal::run(home.path(), &[], &[("PTY_SECRET", "pty secret")], (120, 30));
    t.until("anaylst");
    t.until("Incidents ·");
}

#[test]
fn a_cache_of_garbage_is_set_aside_and_the_queue_comes_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let _running = simulated(home.path());
    let dir = home.path().join(".cache/watchfloor/pty");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(
        dir.join("cache.db"),
        b"no database at all, but long enough ".repeat(100),
    )
    .unwrap();
    let mut t = Terminal::run(home.path(), &[], &[("PTY_SECRET", "pty secret")], (100, 30));
    t.until("could not be read");
    t.until("Incidents ·");
    t.press(b"q");
    t.end();
    let aside = std::fs::read_dir(&dir)
        .unwrap()
        .filter(|e| {
            e.as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains("bad-")
        })
        .count();
    assert_eq!(aside, 1);
}

#[test]
fn with_the_network_gone_everything_seen_stays_readable() {
    let home = tempfile::tempdir().unwrap();
    let running = simulated(home.path());
    let env = [("PTY_SECRET", "pty secret")];
    let mut t = Terminal::run(home.path(), &[], &env, (100, 30));
    t.until_that("a complete queue", |s| {
        s.contains("Incidents · 1") && !s.contains("more to come")
    });
    let first = t
        .contents()
        .lines()
        .find(|l| l.contains('▌'))
        .map(|l| l.chars().take(12).collect::<String>())
        .unwrap();
    t.press(b"q");
    t.end();
    drop(running);
    let mut t = Terminal::run(home.path(), &[], &env, (100, 30));
    let screen = t.until_that("the last seen queue", |s| {
        s.contains(first.trim_start_matches('▌').trim())
    });
    assert!(screen.contains("Incidents"));
    t.press(b"j");
    t.press(b"\r");
    t.until("[Story]");
    t.press(b"q");
    t.end();
}

#[test]
fn any_size_from_40x12_to_250x80_is_drawn() {
    let home = tempfile::tempdir().unwrap();
    let mut t = Terminal::run(
        home.path(),
        &["demo", "--incidents", "60", "--alerts", "90"],
        &[],
        (80, 24),
    );
    t.until("Incidents ·");
    for (cols, rows) in [(40, 12), (250, 80), (120, 40), (80, 24)] {
        t.resize(cols, rows);
        t.until_that("the queue at another size", |s| {
            s.contains("Incidents") && s.lines().all(|l| l.chars().count() <= usize::from(cols))
        });
    }
    t.press(b"q");
    assert_eq!(t.end(), 0);
}
