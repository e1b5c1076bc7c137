use super::*;

fn guess(env: &[(&str, &str)]) -> Caps {
    Caps::guess(|name| {
        env.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn colours_are_guessed_from_the_environment() {
    let depth = |env: &[(&str, &str)]| guess(env).depth;
    assert_eq!(depth(&[]), Depth::None);
    assert_eq!(depth(&[("TERM", "dumb")]), Depth::None);
    assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
    assert_eq!(depth(&[("TERM", "xterm")]), Depth::Sixteen);
    assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Indexed);
    assert_eq!(
        depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
        Depth::True
    );
    assert_eq!(
        depth(&[
            ("TERM", "screen-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0")
        ]),
        Depth::True
    );
}

#[test]
fn a_locale_or_a_console_that_has_no_more_than_letters_is_known() {
    let letters = |env: &[(&str, &str)]| {
        Caps::letters(|name| {
            let found = env.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    let xterm = ("TERM", "xterm-256color");
    assert!(!letters(&[xterm]), "nobody said anything");
    assert!(!letters(&[xterm, ("LANG", "de_DE.UTF-8")]));
    assert!(!letters(&[xterm, ("LANG", "C.utf8"), ("LC_ALL", "")]));
    assert!(letters(&[xterm, ("LANG", "C")]));
    assert!(letters(&[xterm, ("LANG", "de_DE")]));
    assert!(letters(&[
        xterm,
        ("LANG", "en_US.UTF-8"),
        ("LC_CTYPE", "C")
    ]));
    assert!(!letters(&[
        xterm,
        ("LC_ALL", "en_US.UTF-8"),
        ("LC_CTYPE", "C")
    ]));
    assert!(letters(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")]));
    assert!(letters(&[("TERM", "dumb")]));
}

#[test]
fn no_color_stands_above_every_answer() {
    let mut caps = guess(&[
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("NO_COLOR", "1"),
    ]);
    assert_eq!(caps.depth, Depth::None);
    let changed = caps.fold(&Reply::Sgr("0;48:2:1:2:3".into()));
    assert_eq!(changed, Changed::default());
    assert_eq!(caps.depth, Depth::None);
    // an empty NO_COLOR says nothing
    assert_eq!(
        guess(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]).depth,
        Depth::Indexed
    );
}

#[test]
fn answers_are_folded_in_and_say_what_changed() {
    let mut caps = guess(&[("TERM", "xterm-256color")]);
    assert!(!caps.settled());
    assert!(caps.fold(&Reply::Sgr("0;48:2::1:2:3".into())).depth);
    assert_eq!(caps.depth, Depth::True);
    assert!(caps.fold(&Reply::KittyFlags(0)).kitty);
    assert!(!caps.fold(&Reply::KittyFlags(1)).kitty);
    let on = Reply::ModeReport {
        mode: 2026,
        state: 2,
    };
    assert!(caps.fold(&on).other && caps.sync);
    let off = Reply::ModeReport {
        mode: 2026,
        state: 0,
    };
    assert!(caps.fold(&off).other && !caps.sync);
    assert!(caps.fold(&Reply::Version("foot(1.16.2)".into())).other && caps.rep);
    assert!(caps.fold(&Reply::Version("tmux 3.3a".into())).other && !caps.rep);
    let clusters = |state| Reply::ModeReport { mode: 2027, state };
    assert!(!caps.fold(&clusters(2)).depth && !caps.clusters);
    assert!(caps.fold(&clusters(3)).depth && caps.clusters);
    assert!(caps.fold(&Reply::Background(Rgb(1, 2, 3))).background);
    caps.fold(&Reply::Attributes(vec![62, 22]));
    assert!(caps.settled());
}

#[test]
fn a_dumb_terminal_is_asked_nothing() {
    assert!(guess(&[("TERM", "dumb")]).questions().is_empty());
    let asked = guess(&[("TERM", "xterm-256color")]).questions();
    assert!(asked.ends_with(b"\x1b[c"));
}
