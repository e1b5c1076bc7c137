use super::*;

fn clipboard(env: &[(&str, &str)]) -> Clipboard {
    let env: Vec<(String, String)> = env
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect();
    Clipboard::new(
        move |name| {
            env.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        },
        |_| {},
    )
}

#[test]
fn the_way_is_chosen_by_the_environment() {
    assert_eq!(clipboard(&[]).route, Route::Terminal);
    let ssh = ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22");
    let display = ("DISPLAY", ":0");
    assert_eq!(clipboard(&[ssh, display]).route, Route::Terminal);
    assert_eq!(clipboard(&[ssh, ("TMUX", "x")]).route, Route::Tmux);
    let local = if cfg!(feature = "clipboard") {
        Route::Desktop
    } else {
        Route::Terminal
    };
    assert_eq!(clipboard(&[display]).route, local);
    assert_eq!(clipboard(&[display, ("TMUX", "x")]).route, Route::Tmux);
}

#[test]
fn over_ssh_the_terminal_gets_osc_52_and_only_that_is_claimed() {
    let mut out = Vec::new();
    let said =
        clipboard(&[("SSH_TTY", "/dev/pts/1")]).copy("hxxp://evil[.]example".into(), &mut out);
    assert_eq!(out, b"\x1b]52;c;aHh4cDovL2V2aWxbLl1leGFtcGxl\x07");
    let Copied::Said(sentence) = said else {
        panic!("{said:?}")
    };
    assert!(
        sentence.contains("21 bytes sent to the terminal"),
        "{sentence}"
    );
    assert!(!sentence.contains("copied"), "{sentence}");
}

#[test]
fn inside_tmux_both_forms_go_out() {
    let mut out = Vec::new();
    clipboard(&[("TMUX", "x")]).by_terminal("a", &mut out);
    assert_eq!(
        out,
        b"\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"
    );
}

#[test]
fn inside_screen_no_piece_is_longer_than_it_takes() {
    let mut out = Vec::new();
    clipboard(&[("STY", "1.pts")]).by_terminal(&"x".repeat(5000), &mut out);
    let pieces: Vec<&[u8]> = out
        .split(|b| *b == 0x1b)
        .filter_map(|piece| piece.strip_prefix(b"P"))
        .collect();
    assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.len() <= 768));
}

#[test]
fn too_much_is_refused_with_the_reason() {
    let mut out = Vec::new();
    let sentence = clipboard(&[]).by_terminal(&"x".repeat(OSC52_CAP + 1), &mut out);
    assert!(out.is_empty());
    assert!(
        sentence.contains("not copied") && sentence.contains("74 kB"),
        "{sentence}"
    );
    clipboard(&[]).by_terminal(&"x".repeat(OSC52_CAP), &mut out);
    assert!(out.len() <= 100_000);
}
