use super::*;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Draws a frame of so many bytes; its number, and whether it asked.
fn draw(frames: &mut Frames, bytes: usize, prompt: bool, now: Instant) -> (u64, bool) {
    let mut out = vec![b'x'; bytes];
    let frame = frames.stamp(&mut out, prompt, now);
    frames.flushed(frame, now);
    (frame, out.len() > bytes)
}

#[test]
fn a_fast_line_is_asked_once_in_a_while() {
    let start = Instant::now();
    let mut frames = Frames::new();
    assert!(draw(&mut frames, 3000, false, start).1);
    assert_eq!(frames.ack(start + ms(1)), Some(1));
    for n in 0..20 {
        let now = start + ms(10 + n);
        assert!(frames.may_draw(now));
        assert!(!draw(&mut frames, 60, false, now).1, "frame {n}");
    }
    assert!(draw(&mut frames, 4000, false, start + ms(50)).1);
    frames.ack(start + ms(51));
    assert!(draw(&mut frames, 60, false, start + ms(6000)).1);
}

#[test]
fn at_most_two_frames_are_in_flight_on_a_slow_line() {
    let start = Instant::now();
    let mut frames = Frames::new();
    draw(&mut frames, 3000, false, start);
    frames.ack(start + ms(400));
    let now = start + ms(500);
    for _ in 0..2 {
        assert!(frames.may_draw(now));
        assert!(draw(&mut frames, 900, false, now).1);
    }
    assert!(!frames.may_draw(now));
    assert_eq!(frames.ack(now + ms(200)), Some(2));
    assert!(frames.may_draw(now + ms(200)));
}

#[test]
fn small_frames_on_a_distant_but_wide_line_are_not_held_back() {
    let start = Instant::now();
    let mut frames = Frames::new();
    draw(&mut frames, 3000, false, start);
    frames.ack(start + ms(150));
    for n in 0..4 {
        let now = start + ms(200 + 30 * n);
        assert!(frames.may_draw(now), "frame {n}");
        assert!(draw(&mut frames, 60, false, now).1);
    }
}

#[test]
fn a_silent_terminal_is_waited_for_400_ms_and_then_left_in_peace() {
    let mut now = Instant::now();
    let mut frames = Frames::new();
    let mut asked = 0;
    for _ in 0..10 {
        let (frame, asks) = draw(&mut frames, 9000, true, now);
        asked += usize::from(asks);
        assert!(!frames.seen(frame, now + ms(399)));
        assert!(frames.seen(frame, now + ms(400)));
        now += ms(500);
        assert!(frames.may_draw(now));
    }
    assert_eq!(asked, PATIENCE);
    assert_eq!(frames.wake_at(), None);
    assert_eq!(frames.outstanding(), 0);
}

#[test]
fn where_the_terminal_answers_only_its_answer_makes_a_prompt_seen() {
    let start = Instant::now();
    let mut frames = Frames::new();
    draw(&mut frames, 100, false, start);
    frames.ack(start + ms(1));
    let (prompt, asked) = draw(&mut frames, 100, true, start + ms(10));
    assert!(asked);
    assert!(!frames.seen(prompt, start + ms(20)));
    assert!(!frames.seen(prompt, start + ms(20_000)));
    assert_eq!(frames.ack(start + ms(20_001)), Some(prompt));
    assert!(frames.seen(prompt, start + ms(20_002)));
}

#[test]
fn a_late_answer_never_counts_for_a_later_frame() {
    let start = Instant::now();
    let mut frames = Frames::new();
    draw(&mut frames, 100, false, start);
    frames.ack(start + ms(1));
    let (first, _) = draw(&mut frames, 100, true, start + ms(10));
    let later = start + ms(5000);
    assert!(frames.may_draw(later), "given up");
    let (prompt, _) = draw(&mut frames, 100, true, later);
    assert_eq!(frames.ack(later + ms(10)), Some(first), "5 s late");
    assert!(!frames.seen(prompt, later + ms(20)));
    assert_eq!(frames.ack(later + ms(30)), Some(prompt));
    assert!(frames.seen(prompt, later + ms(40)));
}

#[test]
fn waiting_ends_by_itself_at_a_known_instant() {
    let start = Instant::now();
    let mut frames = Frames::new();
    draw(&mut frames, 5000, false, start);
    draw(&mut frames, 5000, false, start);
    assert!(!frames.may_draw(start + ms(399)));
    assert_eq!(frames.wake_at(), Some(start + UNANSWERED));
    assert!(frames.may_draw(start + UNANSWERED));
}

#[test]
fn an_answer_to_nothing_is_ignored() {
    let mut frames = Frames::new();
    assert_eq!(frames.ack(Instant::now()), None);
    assert!(!frames.seen(1, Instant::now() + ms(10_000)));
}
