//! Query texts outlive the program: killed while one types, two at a time, and handed to another editor.

use crate::pty::Terminal;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

fn open(home: &Path, env: &[(&str, &str)]) -> Terminal {
    let mut t = Terminal::run(home, &["demo", "--arrivals", "0"], env, (100, 30));
    t.until("DEMO");
    t.press(b"5");
    t.until("write a query");
    t
}

fn kept(home: &Path) -> Vec<String> {
    let dir = home.join(".local/state/watchfloor/drafts/demo");
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .filter_map(|p| std::fs::read_to_string(p).ok())
        .collect()
}

/// Waits until some file holds the words; how long that took.
fn until_kept(home: &Path, words: &str) -> Duration {
    let begun = Instant::now();
    while !kept(home).iter().any(|t| t.contains(words)) {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{words} is not kept"
        );
        std::thread::yield_now();
    }
    begun.elapsed()
}

#[test]
fn a_killed_program_loses_at_most_a_second_of_typing() {
    let home = tempfile::tempdir().unwrap();
    let mut t = open(home.path(), &[]);
    t.press(b"print 'typed before the kill'");
    t.until("before the kill");
    let took = until_kept(home.path(), "before the kill");
    // the figure is for a machine that does nothing else
    if std::env::var_os("WF_SOAK").is_some() {
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    t.child.kill().unwrap();
    let _ = t.child.wait();
    drop(t);
    let mut t = Terminal::run(home.path(), &["demo", "--arrivals", "0"], &[], (100, 30));
    t.until("DEMO");
    t.press(b"5");
    t.until("typed before the kill");
}

/// The text of the one tab, as it is kept.
fn text(home: &Path) -> String {
    let all = kept(home);
    let file: serde_json::Value = serde_json::from_str(&all[0]).expect("the file is whole");
    assert_eq!(file["tabs"].as_array().map(Vec::len), Some(1), "{file}");
    file["tabs"][0]["text"].as_str().unwrap().to_owned()
}

/// Killed at random moments while one types, again and again on the same text: what is kept is always a beginning of what
/// was typed, nothing that was kept once is lost, and at most the last second is. `WF_SOAK=1`: 100 rounds and the second.
#[test]
fn kills_at_random_moments_while_typing_lose_at_most_the_last_second() {
    let soak = std::env::var_os("WF_SOAK").is_some();
    let asked = std::env::var("WF_KILLS").ok().and_then(|n| n.parse().ok());
    let rounds: usize = asked.unwrap_or(if soak { 100 } else { 3 });
    let home = tempfile::tempdir().unwrap();
    let mut dice = fastrand::Rng::with_seed(11);
    // in a comment no list of completions opens
    let mut before = String::from("// ");
    let mut worst = Duration::ZERO;
    for round in 0..rounds {
        let mut t = Terminal::run(home.path(), &["demo", "--arrivals", "0"], &[], (100, 30));
        t.until("DEMO");
        t.press(b"5");
        if round == 0 {
            t.until("write a query");
            t.press(before.as_bytes());
            until_kept(home.path(), "// ");
        } else {
            // the end of the text is in sight: what was kept is there again
            let end = before.chars().rev().take(12).collect::<Vec<_>>();
            let end: String = end.into_iter().rev().collect();
            t.press(b"\x1b[1;5F");
            t.until(end.trim());
        }
        let (begun, life) = (Instant::now(), dice.u64(100..2_500));
        let mut typed: Vec<(Instant, String)> = Vec::new();
        while begun.elapsed() < Duration::from_millis(life) {
            let word = format!("r{round}w{} ", typed.len());
            typed.push((Instant::now(), word.clone()));
            t.press(word.as_bytes());
            std::thread::sleep(Duration::from_millis(dice.u64(5..60)));
        }
        let killed = Instant::now();
        t.signal(rustix::process::Signal::KILL);
        t.end();
        let now = text(home.path());
        let mut left = now
            .strip_prefix(&before)
            .unwrap_or_else(|| panic!("round {round} lost what was kept:\n{before}\n{now}"));
        for (at, word) in &typed {
            match left.strip_prefix(word.as_str()) {
                Some(rest) => left = rest,
                None => {
                    assert!(
                        word.starts_with(left),
                        "round {round}: {left:?} was never typed"
                    );
                    worst = worst.max(killed - *at);
                    left = "";
                    break;
                }
            }
        }
        assert_eq!(left, "", "round {round}");
        // a line stays short enough to be seen whole
        before = now;
        if before.len() > 1_500 {
            before = String::from("// ");
            let path = home.path().join(".local/state/watchfloor/drafts/demo");
            std::fs::remove_dir_all(path).unwrap();
            let mut t = open(home.path(), &[]);
            t.press(before.as_bytes());
            until_kept(home.path(), "// ");
            t.signal(rustix::process::Signal::KILL);
            t.end();
        }
    }
    eprintln!("{rounds} kills; the most that was lost are the last {worst:?} of typing");
    // the figure is for a machine that does nothing else
    assert!(!soak || worst < Duration::from_secs(1), "{worst:?}");
}

#[test]
fn two_instances_keep_both_texts() {
    let home = tempfile::tempdir().unwrap();
    let mut one = open(home.path(), &[]);
    let mut two = open(home.path(), &[]);
    one.press(b"print 'of the first'");
    two.press(b"print 'of the second'");
    until_kept(home.path(), "of the first");
    until_kept(home.path(), "of the second");
    for t in [&mut one, &mut two] {
        t.child.kill().unwrap();
        let _ = t.child.wait();
    }
    drop((one, two));
    let mut t = Terminal::run(home.path(), &["demo", "--arrivals", "0"], &[], (100, 30));
    t.until("DEMO");
    t.press(b"5");
    t.until("print 'of the first'");
    t.until("2 print 'of the second'");
}

#[test]
fn the_persons_own_editor_gets_the_terminal_and_gives_it_back() {
    let home = tempfile::tempdir().unwrap();
    let editor = home.path().join("editor");
    std::fs::write(
        &editor,
        "#!/bin/sh\necho the other editor has it\nread line\nprintf 'print 42, \"%s\"' \"$line\" > \"$1\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let runtime = home.path().join("run");
    std::fs::create_dir(&runtime).unwrap();
    let env = [
        ("EDITOR", editor.to_str().unwrap()),
        ("XDG_RUNTIME_DIR", runtime.to_str().unwrap()),
    ];
    let mut t = open(home.path(), &env);
    t.press(b"print 1");
    t.until("print 1");
    t.press(b"\x1bv");
    t.until("the other editor has it");
    assert!(!t.alternate(), "the terminal was given back");
    t.press(b"line of its own\r");
    t.until("print 42, \"line of its own\"");
    assert!(t.alternate());
    assert_eq!(std::fs::read_dir(&runtime).unwrap().count(), 0);
    t.press(b"\x1a");
    t.until("print 1");
}
