mod pieces;

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode as C, KeyEvent, KeyModifiers as M, MouseEventKind};

use super::*;
use crate::term::event::{Reply, Rgb};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Feeds pieces with a pause before each; silence decides where it may.
fn fed(pieces: &[&[u8]], pause: Duration) -> Vec<Input> {
    let mut parser = Parser::default();
    let mut out = Vec::new();
    let mut now = Instant::now();
    for piece in pieces {
        now += pause;
        if let Some(deadline) = parser.deadline().filter(|deadline| *deadline <= now) {
            parser.expire(deadline, &mut out);
        }
        parser.feed(piece, now, &mut out);
    }
    parser.expire(now + ms(1000), &mut out);
    out
}

fn whole(bytes: &[u8]) -> Vec<Input> {
    fed(&[bytes], ms(0))
}

/// What the inputs say, without the instants and counts.
fn said(inputs: &[Input]) -> Vec<String> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Key(key) => format!("{:?} {:?}", key.event.code, key.event.modifiers),
            other => format!("{other:?}"),
        })
        .collect()
}

fn keys(inputs: &[Input]) -> Vec<(C, M)> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Key(key) => (key.event.code, key.event.modifiers),
            other => panic!("not a key: {other:?}"),
        })
        .collect()
}

fn replies(inputs: &[Input]) -> Vec<Reply> {
    inputs
        .iter()
        .map(|input| match input {
            Input::Reply(reply) => reply.clone(),
            other => panic!("not a reply: {other:?}"),
        })
        .collect()
}

const NONE: M = M::NONE;
const CTRL: M = M::CONTROL;

/// Special keys as xterm, rxvt, the Linux console and the kitty protocol send them.
fn special() -> Vec<(&'static [u8], C, M)> {
    let cs = CTRL | M::SHIFT;
    vec![
        (b"\x1b[A", C::Up, NONE),
        (b"\x1b[B", C::Down, NONE),
        (b"\x1b[C", C::Right, NONE),
        (b"\x1b[D", C::Left, NONE),
        (b"\x1b[H", C::Home, NONE),
        (b"\x1b[F", C::End, NONE),
        (b"\x1b[E", C::KeypadBegin, NONE),
        (b"\x1bOA", C::Up, NONE),
        (b"\x1bOH", C::Home, NONE),
        (b"\x1bOF", C::End, NONE),
        (b"\x1bOM", C::Enter, NONE),
        (b"\x1bOP", C::F(1), NONE),
        (b"\x1bOQ", C::F(2), NONE),
        (b"\x1bOR", C::F(3), NONE),
        (b"\x1bOS", C::F(4), NONE),
        (b"\x1bO5P", C::F(1), CTRL),
        (b"\x1bOa", C::Up, CTRL),
        (b"\x1b[1~", C::Home, NONE),
        (b"\x1b[2~", C::Insert, NONE),
        (b"\x1b[3~", C::Delete, NONE),
        (b"\x1b[4~", C::End, NONE),
        (b"\x1b[5~", C::PageUp, NONE),
        (b"\x1b[6~", C::PageDown, NONE),
        (b"\x1b[7~", C::Home, NONE),
        (b"\x1b[8~", C::End, NONE),
        (b"\x1b[11~", C::F(1), NONE),
        (b"\x1b[15~", C::F(5), NONE),
        (b"\x1b[17~", C::F(6), NONE),
        (b"\x1b[21~", C::F(10), NONE),
        (b"\x1b[23~", C::F(11), NONE),
        (b"\x1b[24~", C::F(12), NONE),
        (b"\x1b[34~", C::F(20), NONE),
        (b"\x1b[[A", C::F(1), NONE),
        (b"\x1b[[E", C::F(5), NONE),
        (b"\x1b[Z", C::BackTab, M::SHIFT),
        (b"\x1b[1;2A", C::Up, M::SHIFT),
        (b"\x1b[1;3B", C::Down, M::ALT),
        (b"\x1b[1;5C", C::Right, CTRL),
        (b"\x1b[1;6D", C::Left, cs),
        (b"\x1b[1;5R", C::F(3), CTRL),
        (b"\x1b[1;2P", C::F(1), M::SHIFT),
        (b"\x1b[5;5~", C::PageUp, CTRL),
        (b"\x1b[15;2~", C::F(5), M::SHIFT),
        (b"\x1b[a", C::Up, M::SHIFT),
        (b"\x1b[7$", C::Home, M::SHIFT),
        (b"\x1b[3^", C::Delete, CTRL),
        (b"\x1b[6@", C::PageDown, cs),
        (b"\x1b[27u", C::Esc, NONE),
        (b"\x1b[27;5;13~", C::Enter, CTRL),
        (b"\x1b[13;5u", C::Enter, CTRL),
        (b"\x1b[13;3u", C::Enter, M::ALT),
        (b"\x1b[9;2u", C::BackTab, M::SHIFT),
        (b"\x1b[127;5u", C::Backspace, CTRL),
        (b"\x1b[99;5u", C::Char('c'), CTRL),
        (b"\x1b[97:65;4u", C::Char('A'), M::ALT | M::SHIFT),
        (b"\x1b[106;1:2u", C::Char('j'), NONE),
        (b"\x1b[97;;229u", C::Char('å'), NONE),
        (b"\x1b[57399u", C::Char('0'), NONE),
        (b"\x1b[57417;5u", C::Left, CTRL),
        (b"\x1b[1;1:1A", C::Up, NONE),
        (b"\x1bx", C::Char('x'), M::ALT),
        (b"\x1b\r", C::Enter, M::ALT),
        (b"\x1b\x7f", C::Backspace, M::ALT),
        (b"\x1b1", C::Char('1'), M::ALT),
        (b"\x1b\xc3\xa4", C::Char('ä'), M::ALT),
        (b"\x1b\x1b[A", C::Up, M::ALT),
        (b"\x1b\x1bOB", C::Down, M::ALT),
        (b"\xe2\x82\xac", C::Char('€'), NONE),
        (b"\xf0\x9f\x98\x80", C::Char('😀'), NONE),
    ]
}

/// Replies, mouse, focus and a paste: everything else that may be cut.
fn others() -> Vec<&'static [u8]> {
    vec![
        b"\x1b[0n",
        b"\x1b[?2026;2$y",
        b"\x1b[?62;22c",
        b"\x1b[>41;380;0c",
        b"\x1b[?1u",
        b"\x1b[24;80R",
        b"\x1bP>|foot(1.16.2)\x1b\\",
        b"\x1bP1$r0;48:2:1:2:3m\x1b\\",
        b"\x1bP1+r524742=38\x1b\\",
        b"\x1b]11;rgb:1010/1414/1818\x1b\\",
        b"\x1b]10;rgb:ff/ff/ff\x07",
        b"\x1b]52;c;c2VjcmV0\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[<0;10;5M",
        b"\x1b[<64;1;1M",
        b"\x1b[<35;200;60m",
        b"\x1b[M !!",
        b"\x1b[I",
        b"\x1b[O",
        b"\x1b[200~a\x1b[Bc\r\nd\x1b[201~",
    ]
}

#[test]
fn special_keys_are_what_they_are() {
    for (bytes, code, modifiers) in special() {
        assert_eq!(keys(&whole(bytes)), [(code, modifiers)], "{bytes:?}");
    }
}

#[test]
fn upper_case_carries_shift_and_equals_what_crossterm_makes() {
    let inputs = whole(b"gG?");
    assert_eq!(
        keys(&inputs),
        [
            (C::Char('g'), NONE),
            (C::Char('G'), M::SHIFT),
            (C::Char('?'), NONE)
        ]
    );
    let Input::Key(key) = &inputs[1] else {
        panic!()
    };
    assert_eq!(key.event, KeyEvent::new(C::Char('G'), NONE));
}

#[test]
fn controls_are_what_they_are() {
    let expected = [
        (b"\x00", C::Char(' '), CTRL),
        (b"\x03", C::Char('c'), CTRL),
        (b"\x08", C::Backspace, NONE),
        (b"\x09", C::Tab, NONE),
        (b"\x0a", C::Char('j'), CTRL),
        (b"\x0d", C::Enter, NONE),
        (b"\x1a", C::Char('z'), CTRL),
        (b"\x1c", C::Char('\\'), CTRL),
        (b"\x1f", C::Char('_'), CTRL),
        (b"\x7f", C::Backspace, NONE),
    ];
    for (bytes, code, modifiers) in expected {
        assert_eq!(keys(&whole(bytes)), [(code, modifiers)], "{bytes:?}");
    }
}

/// Step A: every special key cut after each of its bytes with 40 ms pauses, keys misread: 0.
#[test]
fn a_key_cut_anywhere_is_the_same_key() {
    let all = special().into_iter().map(|(bytes, ..)| bytes);
    for bytes in all.chain(others()) {
        let expected = said(&whole(bytes));
        for first in 1..bytes.len() {
            let (a, b) = bytes.split_at(first);
            assert_eq!(said(&fed(&[a, b], ms(40))), expected, "{a:?} {b:?}");
            for second in 1..b.len() {
                let (b, c) = b.split_at(second);
                assert_eq!(
                    said(&fed(&[a, b, c], ms(40))),
                    expected,
                    "{a:?} {b:?} {c:?}"
                );
            }
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(
            said(&fed(&single, ms(40))),
            expected,
            "{bytes:?} byte by byte"
        );
    }
}

#[test]
fn a_lone_esc_is_esc_after_60_ms_of_silence_and_needs_no_other_timer() {
    let start = Instant::now();
    let mut parser = Parser::default();
    let mut out = Vec::new();
    assert_eq!(parser.deadline(), None);
    parser.feed(b"\x1b", start, &mut out);
    assert_eq!(parser.deadline(), Some(start + ms(60)));
    parser.expire(start + ms(59), &mut out);
    assert!(out.is_empty());
    parser.expire(start + ms(60), &mut out);
    assert_eq!(keys(&out), [(C::Esc, NONE)]);
    assert_eq!(parser.deadline(), None);
    // one Esc a press, never two
    parser.expire(start + ms(500), &mut out);
    assert_eq!(out.len(), 1);
    for (bytes, ..) in special() {
        parser.feed(bytes, start + ms(9000), &mut out);
        assert_eq!(parser.deadline(), None, "{bytes:?}");
    }
}

#[test]
fn the_silence_can_be_set_and_the_kitty_protocol_needs_none() {
    let start = Instant::now();
    let mut out = Vec::new();
    let mut parser = Parser::new(ms(25));
    parser.feed(b"\x1b", start, &mut out);
    assert_eq!(parser.deadline(), Some(start + ms(25)));
    let mut parser = Parser::default();
    parser.set_esc_wait(Duration::ZERO);
    parser.feed(b"\x1b[27u", start, &mut out);
    assert_eq!(
        (keys(&out), parser.deadline()),
        (vec![(C::Esc, NONE)], None)
    );
    // there, a lone ESC is a sequence that was cut
    out.clear();
    parser.feed(b"\x1b", start, &mut out);
    parser.expire(start + ms(40), &mut out);
    parser.feed(b"[A", start + ms(40), &mut out);
    assert_eq!(keys(&out), [(C::Up, NONE)]);
}

#[test]
fn two_presses_of_esc_are_two() {
    assert_eq!(keys(&whole(b"\x1b\x1b")), [(C::Esc, NONE); 2]);
    assert_eq!(keys(&whole(b"\x1b\x1b\x1b")), [(C::Esc, NONE); 3]);
    assert_eq!(
        keys(&whole(b"\x1b\x1bj")),
        [(C::Esc, NONE), (C::Char('j'), M::ALT)]
    );
}

#[test]
fn a_reply_right_behind_esc_leaves_both() {
    for reply in [
        &b"\x1b[0n"[..],
        b"\x1b[?2026;1$y",
        b"\x1b]11;rgb:0/0/0\x07",
        b"\x1bP>|x\x1b\\",
    ] {
        let bytes = [b"\x1b", reply].concat();
        let out = whole(&bytes);
        assert_eq!(keys(&out[..1]), [(C::Esc, NONE)], "{bytes:?}");
        assert_eq!(out.len(), 2, "{bytes:?}");
        assert!(matches!(out[1], Input::Reply(_)), "{bytes:?}");
    }
}

#[test]
fn replies_are_told_apart_from_keys() {
    let one = |bytes: &[u8]| {
        let replies = replies(&whole(bytes));
        assert_eq!(replies.len(), 1, "{bytes:?}");
        replies[0].clone()
    };
    assert_eq!(one(b"\x1b[0n"), Reply::Status);
    let mode = |mode, state| Reply::ModeReport { mode, state };
    assert_eq!(one(b"\x1b[?2026;2$y"), mode(2026, 2));
    assert_eq!(one(b"\x1b[?62;22c"), Reply::Attributes(vec![62, 22]));
    assert_eq!(one(b"\x1b[?5u"), Reply::KittyFlags(5));
    assert_eq!(
        one(b"\x1bP>|tmux 3.4\x1b\\"),
        Reply::Version("tmux 3.4".into())
    );
    let rgb = Rgb(0x10, 0x14, 0x18);
    assert_eq!(
        one(b"\x1b]11;rgb:1010/1414/1818\x1b\\"),
        Reply::Background(rgb)
    );
    assert_eq!(
        one(b"\x1b]11;rgba:1010/1414/1818/ffff\x07"),
        Reply::Background(rgb)
    );
    assert_eq!(
        one(b"\x1b]10;rgb:f/8/0\x07"),
        Reply::Foreground(Rgb(255, 136, 0))
    );
    assert_eq!(
        one(b"\x1bP1$r0;48:2:1:2:3m\x1b\\"),
        Reply::Sgr("0;48:2:1:2:3".into())
    );
    let capability = |has| Reply::Capability {
        name: "RGB".into(),
        has,
    };
    assert_eq!(one(b"\x1bP1+r524742=38\x1b\\"), capability(true));
    assert_eq!(one(b"\x1bP0+r524742\x1b\\"), capability(false));
    for other in [
        &b"\x1b[24;80R"[..],
        b"\x1b[>41;380;0c",
        b"\x1b[?997;1n",
        b"\x1b[8;24;80t",
        b"\x1b]4;1;rgb:0/0/0\x07",
        b"\x1b]52;c;c2VjcmV0\x1b\\",
        b"\x1b]11;rgb:zz/0/0\x07",
        b"\x1bP0$r\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b^x\x1b\\",
        b"\x1bXx\x1b\\",
    ] {
        assert_eq!(one(other), Reply::Unknown, "{other:?}");
    }
}

#[test]
fn unknown_sequences_are_swallowed_whole() {
    for bytes in [
        &b"\x1b[99~"[..],
        b"\x1b[12;34;56z",
        b"\x1b[?1;2;3!q",
        b"\x1b[<1;2M",
        b"\x1b[57441;5u",
        b"\x1b[97;1:3u",
        b"\x1b[1;1:3A",
        b"\x1b[1114112u",
        b"\x1b[55296u",
        b"\x1b[201~",
        b"\x1bOz",
        b"\x1b[[Z",
    ] {
        let out = [whole(bytes), whole(&[bytes, b"j"].concat())];
        assert!(
            out[0]
                .iter()
                .all(|input| *input == Input::Reply(Reply::Unknown)),
            "{bytes:?}: {:?}",
            out[0]
        );
        let after = &out[1][out[0].len()..];
        assert_eq!(keys(after), [(C::Char('j'), NONE)], "{bytes:?}");
    }
}

#[test]
fn a_new_sequence_ends_an_unfinished_one() {
    assert_eq!(keys(&whole(b"\x1b[12;\x1b[A")), [(C::Up, NONE)]);
    assert_eq!(keys(&whole(b"\x1b]11;rgb:\x1b[A")), [(C::Up, NONE)]);
    assert_eq!(keys(&whole(b"\x1bO\x1b[A")), [(C::Up, NONE)]);
    assert_eq!(keys(&whole(b"\x1b[1;\x18j")), [(C::Char('j'), NONE)]);
    // Ctrl-c is heard whatever the terminal was in the middle of
    for stuck in [&b"\x1b[1;"[..], b"\x1b]11;rgb", b"\x1bP>|x", b"\x1bO"] {
        let bytes = [stuck, b"\x03"].concat();
        assert_eq!(keys(&whole(&bytes)), [(C::Char('c'), CTRL)], "{bytes:?}");
    }
}

/// Figures of bad input: a reply to our own query that comes 5 s late.
#[test]
fn a_late_reply_is_a_reply() {
    let out = fed(&[b"\x1b[0n", b"\x1b]11;rgb:0/0/0\x1b\\", b"j"], ms(5000));
    assert_eq!(
        replies(&out[..2]),
        [Reply::Status, Reply::Background(Rgb(0, 0, 0))]
    );
    assert_eq!(keys(&out[2..]), [(C::Char('j'), NONE)]);
}

#[test]
fn the_rest_of_a_sequence_whose_esc_was_given_out_is_no_letter() {
    for (rest, left) in [
        (&b"[A"[..], 0),
        (b"[1;5C", 0),
        (b"OP", 0),
        (b"[15~", 0),
        (b"[0n", 1),
        (b"[?62;22c", 1),
        (b"]11;rgb:10/14/18\x1b\\", 1),
        (b"P>|foot\x1b\\", 1),
        (b"[200~rm -rf\r\x1b[201~", 1),
        (b"[<0;1;1M", 1),
    ] {
        let out = fed(&[b"\x1b", rest], ms(500));
        assert_eq!(keys(&out[..1]), [(C::Esc, NONE)], "{rest:?}");
        assert_eq!(out.len(), 1 + left, "{rest:?}: {out:?}");
        assert!(
            !out[1..].iter().any(|i| matches!(i, Input::Key(_))),
            "{rest:?}"
        );
    }
    let out = fed(&[b"\x1b[", b"A"], ms(500));
    assert_eq!(keys(&out), [(C::Char('['), M::ALT)]);
    // keys that a person presses after Esc stay keys
    let out = fed(&[b"\x1b", b"["], ms(500));
    assert_eq!(keys(&out), [(C::Esc, NONE), (C::Char('['), NONE)]);
    let out = fed(&[b"\x1b", b"jjA"], ms(500));
    assert_eq!(out.len(), 4);
    let out = fed(&[b"\x1b", b"[A"], ms(2000));
    assert_eq!(out.len(), 3);
}

#[test]
fn a_paste_is_one_input_with_newlines() {
    let paste = |text: &str| {
        Input::Paste(Paste {
            text: text.into(),
            cut: 0,
        })
    };
    assert_eq!(
        whole(b"\x1b[200~one\rtwo\r\nthree\n\x1b[201~"),
        [paste("one\ntwo\nthree\n")]
    );
    assert_eq!(whole(b"\x1b[200~\x1b[201~"), [paste("")]);
    assert_eq!(
        whole(b"\x1b[200~a\x1b[20\x1b\x1b[201~"),
        [paste("a\x1b[20\x1b")]
    );
    assert_eq!(whole(b"\x1b[200~\xff\x1b[201~"), [paste("\u{fffd}")]);
}

#[test]
fn a_paste_beyond_the_cap_says_what_was_cut() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.resize(6 + PASTE_CAP + 10, b'x');
    bytes.extend_from_slice(b"\x1b[201~j");
    let out = whole(&bytes);
    let Input::Paste(paste) = &out[0] else {
        panic!("{:?}", out[0])
    };
    assert_eq!((paste.text.len(), paste.cut), (PASTE_CAP, 10));
    assert_eq!(keys(&out[1..]), [(C::Char('j'), NONE)]);
}

#[test]
fn a_paste_that_never_ends_can_be_given_up() {
    let out = fed(&[b"\x1b[200~half", b"\x03", b"j"], ms(1500));
    assert!(matches!(&out[0], Input::Paste(paste) if paste.text == "half"));
    assert_eq!(
        keys(&out[1..]),
        [(C::Char('c'), CTRL), (C::Char('j'), NONE)]
    );
    let out = fed(&[b"\x1b[200~half", b"\x1b", b"j"], ms(1500));
    assert!(matches!(&out[0], Input::Paste(paste) if paste.text == "half"));
    assert_eq!(keys(&out[1..]), [(C::Char('j'), NONE)]);
    // the end, cut after its ESC by a long pause, and then late
    let out = fed(&[b"\x1b[200~half", b"\x1b", b"[201~j"], ms(1200));
    assert_eq!(out.len(), 2, "{out:?}");
}

#[test]
fn mouse_and_focus() {
    let out = whole(b"\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<80;1;1M\x1b[M`!!\x1b[I\x1b[O");
    let mice: Vec<_> = out
        .iter()
        .filter_map(|input| match input {
            Input::Mouse(m) => Some((m.kind, m.column, m.row, m.modifiers)),
            _ => None,
        })
        .collect();
    let left = crossterm::event::MouseButton::Left;
    assert_eq!(
        mice,
        [
            (MouseEventKind::Down(left), 9, 4, NONE),
            (MouseEventKind::Up(left), 9, 4, NONE),
            (MouseEventKind::ScrollUp, 0, 0, CTRL),
            (MouseEventKind::ScrollUp, 0, 0, NONE),
        ]
    );
    assert_eq!(out[4..], [Input::Focus(true), Input::Focus(false)]);
}

#[test]
fn printable_characters_of_a_read_are_counted() {
    let count = |inputs: &[Input]| -> Vec<u16> {
        let keys = inputs.iter().filter_map(|input| match input {
            Input::Key(key) => Some(key.in_read),
            _ => None,
        });
        keys.collect()
    };
    assert_eq!(count(&whole(b"isolate")), [7; 7]);
    assert_eq!(count(&whole(b"ab\r\x1b[A")), [2; 4]);
    assert_eq!(count(&fed(&[b"a", b"b", b"cd"], ms(10))), [1, 1, 2, 2]);
    assert_eq!(count(&whole("é€".as_bytes())), [2, 2]);
}

#[test]
fn invalid_utf8_is_replaced_and_loses_nothing_around_it() {
    let text = |bytes: &[u8]| -> String {
        keys(&whole(bytes))
            .iter()
            .map(|(code, _)| match code {
                C::Char(c) => *c,
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
    assert_eq!(text(b"a\xc3b"), "a\u{fffd}b");
    assert_eq!(text(b"\xe2\x82b"), "\u{fffd}b");
    assert_eq!(text(b"\xed\xa0\x80b").chars().last(), Some('b'));
    assert_eq!(text(b"\xc2\x9b31mx"), "31mx");
}
