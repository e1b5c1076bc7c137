use std::io::Write as _;
use std::sync::mpsc::{Receiver, channel};

use crossterm::event::KeyCode;

use super::*;
use crate::term::event::Reply;

const SOON: Duration = Duration::from_secs(20);

/// A source that reads one end of a socket; the other end is the terminal.
fn source() -> (Source, UnixStream, Receiver<Input>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (sender, inputs) = channel();
    let source = Source::start_on(ours.into(), Parser::default(), move |input| {
        sender.send(input).is_ok()
    });
    (source.unwrap(), theirs, inputs)
}

fn key(inputs: &Receiver<Input>) -> KeyCode {
    // other tests of this process may raise signals
    loop {
        match inputs.recv_timeout(SOON).unwrap() {
            Input::Key(key) => return key.event.code,
            Input::Signal(_) | Input::Resize { .. } => {}
            other => panic!("not a key: {other:?}"),
        }
    }
}

#[test]
fn keys_and_replies_come_in_order() {
    let (_source, mut terminal, inputs) = source();
    terminal.write_all(b"j\x1b[0n\x1b[A").unwrap();
    assert_eq!(key(&inputs), KeyCode::Char('j'));
    assert_eq!(
        inputs.recv_timeout(SOON).unwrap(),
        Input::Reply(Reply::Status)
    );
    assert_eq!(key(&inputs), KeyCode::Up);
}

#[test]
fn a_lone_esc_is_decided_without_another_byte() {
    let (_source, mut terminal, inputs) = source();
    let before = Instant::now();
    terminal.write_all(b"\x1b").unwrap();
    assert_eq!(key(&inputs), KeyCode::Esc);
    assert!(before.elapsed() >= crate::term::reader::ESC_WAIT);
}

#[test]
fn the_end_of_the_terminal_is_said_once() {
    let (_source, terminal, inputs) = source();
    drop(terminal);
    assert_eq!(inputs.recv_timeout(SOON).unwrap(), Input::Gone);
}

#[test]
fn nothing_is_read_while_another_program_has_the_terminal() {
    let (source, mut terminal, inputs) = source();
    source.pause();
    terminal.write_all(b"secret").unwrap();
    // each answer comes a turn of the loop later, so a turn with the bytes waiting has passed
    source.pause();
    source.pause();
    assert!(
        !inputs
            .try_iter()
            .any(|input| matches!(input, Input::Key(_)))
    );
    source.resume();
    assert_eq!(key(&inputs), KeyCode::Char('s'));
}

#[test]
fn signals_are_inputs() {
    let (_source, _terminal, inputs) = source();
    signal_hook::low_level::raise(SIGCONT).unwrap();
    assert_eq!(
        inputs.recv_timeout(SOON).unwrap(),
        Input::Signal(Signal::Continue)
    );
}

#[test]
fn a_sink_that_has_enough_ends_the_thread() {
    let (ours, mut terminal) = UnixStream::pair().unwrap();
    let (sender, inputs) = channel();
    let source = Source::start_on(ours.into(), Parser::default(), move |input| {
        sender.send(input).unwrap();
        false
    });
    terminal.write_all(b"ab").unwrap();
    assert_eq!(key(&inputs), KeyCode::Char('a'));
    // the sender is gone with the thread
    assert!(inputs.recv_timeout(SOON).is_err());
    drop(source);
}
