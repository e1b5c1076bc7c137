//! The merge: whatever comes in whatever order, each event stands once, in its place, and is counted once.

use super::super::{Thing, USER};
use super::*;
use crate::resource::doc::Tone;
use proptest::prelude::*;
use std::time::Instant;

fn event(at: i64, words: &str) -> Event {
    Event {
        at: Ticks(at),
        sentence: words.into(),
        tone: Tone::Plain,
        thing: Thing::Raw(0, 0),
    }
}

fn gap(from: i64, to: i64) -> Gap {
    Gap {
        span: Span::new(Ticks(from), Ticks(to)),
        why: "it was refused".into(),
    }
}

/// Lane, instant and word of events, and gaps.
type Sheet = (Vec<(usize, i64, u8)>, Vec<(usize, i64, i64)>);

fn sheet() -> impl Strategy<Value = Sheet> {
    (
        proptest::collection::vec((0..USER.len(), 0i64..1_000, 0u8..4), 0..200),
        proptest::collection::vec((0..USER.len(), 0i64..1_000, 0i64..1_000), 0..6),
    )
}

fn word(n: u8) -> &'static str {
    ["logon", "Mail from Evil", "rule", "download"][usize::from(n) % 4]
}

fn story(sheet: &Sheet, order: &[usize]) -> Story {
    let mut story = Story::new(USER);
    for lane in order {
        let events = sheet.0.iter().filter(|e| e.0 == *lane);
        let gaps = sheet.1.iter().filter(|g| g.0 == *lane);
        story.lanes[*lane].take(
            events.map(|(_, at, w)| event(*at, word(*w))).collect(),
            gaps.map(|(_, a, b)| gap(*a, *b)).collect(),
        );
        story.arrange();
    }
    story
}

fn lines(story: &Story) -> Vec<Place> {
    (0..story.len()).filter_map(|n| story.place(n)).collect()
}

proptest! {
    #[test]
    fn every_event_and_gap_stands_once_newest_first_whoever_answered_first(s in sheet(), turn in 0..USER.len()) {
        let forth: Vec<usize> = (0..USER.len()).collect();
        let mut back = forth.clone();
        back.rotate_left(turn);
        back.reverse();
        let (a, b) = (story(&s, &forth), story(&s, &back));
        prop_assert_eq!(lines(&a), lines(&b));
        prop_assert_eq!(a.len(), s.0.len() + s.1.len());
        let times: Vec<Ticks> = lines(&a).iter().filter_map(|p| a.at(*p)).collect();
        prop_assert_eq!(times.len(), a.len());
        prop_assert!(times.windows(2).all(|w| w[0] >= w[1]));
        let mut once = lines(&a);
        once.sort_by_key(|p| (p.lane, p.gap, p.row));
        once.dedup();
        prop_assert_eq!(once.len(), a.len());
    }

    #[test]
    fn columns_count_each_event_in_sight_once(s in sheet(), from in 0i64..1_000, len in 0i64..1_000, columns in 1usize..200) {
        let story = story(&s, &(0..USER.len()).collect::<Vec<_>>());
        let view = Span::new(Ticks(from), Ticks(from + len));
        for (n, lane) in story.lanes.iter().enumerate() {
            let mut cells = vec![0u32; columns];
            lane.counts(view, &mut cells);
            let mine = s.0.iter().filter(|e| e.0 == n && view.holds(Ticks(e.1)));
            let mut by_hand = vec![0u32; columns];
            for (_, at, _) in mine.clone() {
                by_hand[view.column(Ticks(*at), columns).unwrap()] += 1;
            }
            prop_assert_eq!(&cells, &by_hand);
            prop_assert_eq!(lane.count(view), mine.count());
        }
    }

    #[test]
    fn a_filter_hides_events_and_never_a_gap(s in sheet(), w in 0u8..4, off in 0..USER.len()) {
        let mut story = story(&s, &(0..USER.len()).collect::<Vec<_>>());
        story.lanes[off].on = false;
        story.look_for(&word(w).to_uppercase());
        for p in lines(&story) {
            prop_assert_ne!(usize::from(p.lane), off);
        }
        let on = |e: &&(usize, i64, u8)| e.0 != off && e.2 % 4 == w % 4;
        // a word may be the name of a source as well, which then shows all of it
        let named = |e: &&(usize, i64, u8)| e.0 != off && word(w).split(' ').all(|x| {
            let x = x.to_lowercase();
            USER[e.0].name.contains(&x) || word(e.2).to_lowercase().contains(&x)
        });
        let events = lines(&story).iter().filter(|p| !p.gap).count();
        prop_assert_eq!(events, s.0.iter().filter(|e| on(e) || named(e)).count());
        let gaps = lines(&story).iter().filter(|p| p.gap).count();
        prop_assert_eq!(gaps, s.1.iter().filter(|g| g.0 != off).count());
    }

    #[test]
    fn the_line_nearest_to_an_instant_is_nearest(s in sheet(), at in 0i64..1_000) {
        let story = story(&s, &(0..USER.len()).collect::<Vec<_>>());
        prop_assume!(!story.is_empty());
        let far = |line: usize| (story.at(story.place(line).unwrap()).unwrap().0 - at).abs();
        let best = (0..story.len()).map(far).min().unwrap();
        prop_assert_eq!(far(story.nearest(Ticks(at))), best);
    }
}

#[test]
fn seeking_finds_the_next_of_a_lane_either_way() {
    let s = (vec![(0, 50, 0), (1, 40, 0), (0, 30, 0), (1, 20, 0)], vec![]);
    let story = story(&s, &[0, 1]);
    let mine = |p: Place| p.lane == 0;
    assert_eq!(story.seek(0, true, mine), Some(2));
    assert_eq!(story.seek(2, true, mine), None);
    assert_eq!(story.seek(2, false, mine), Some(0));
    assert_eq!(story.line_at(Ticks(35)), 2);
    assert_eq!(story.line_at(Ticks(1)), 3);
}

/// 100,000 events: a zoom is counting, never sorting or copying. The figure is printed; the bound is a frame with room for
/// a busy machine and a build without optimization.
#[test]
fn a_hundred_thousand_events_are_counted_within_a_frame() {
    let mut story = Story::new(USER);
    let lanes = story.lanes.len();
    for n in 0..lanes {
        let events =
            (0..100_000 / lanes as i64).map(|i| event(i * 7_919 % 1_000_003, "a logon somewhere"));
        story.lanes[n].take(events.collect(), Vec::new());
    }
    story.arrange();
    let mut axis = super::super::Axis::new(Span::new(Ticks(0), Ticks(1_000_003)));
    let mut cells = [0u32; 200];
    let begun = Instant::now();
    let mut all = 0u64;
    for _ in 0..100 {
        axis.zoom(true, Ticks(400_000));
        axis.pan(1);
        for lane in &story.lanes {
            lane.counts(axis.view, &mut cells);
            all += cells.iter().map(|c| u64::from(*c)).sum::<u64>();
        }
    }
    let each = begun.elapsed() / 100;
    println!("a zoom over {} events: {each:?} ({all})", story.total());
    assert!(each.as_millis() < 16, "{each:?}");
}
