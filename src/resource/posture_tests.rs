use super::*;
use serde_json::json;

fn day(date: &str, controls: &[(&str, f64)]) -> Day {
    let had = |score| Had {
        score,
        count: Some(10),
        total: Some(40),
    };
    Day {
        id: Text::from(date),
        at: Ticks::parse(&format!("{date}T00:00:00Z")).unwrap(),
        current: controls.iter().map(|c| c.1).sum(),
        max: Some(20.0),
        licensed: Some(50),
        controls: controls
            .iter()
            .map(|(n, s)| ((*n).to_owned(), had(*s)))
            .collect(),
        ..Day::default()
    }
}

#[test]
fn s0_24_two_days_differ_control_by_control_the_greatest_loss_first() {
    let old = day(
        "2026-07-01",
        &[("a", 5.0), ("b", 2.0), ("gone", 1.0), ("same", 3.0)],
    );
    let new = day(
        "2026-08-01",
        &[("a", 1.0), ("b", 4.5), ("came", 1.0), ("same", 3.001)],
    );
    let names: Vec<(String, f64)> = difference(&old, &new)
        .into_iter()
        .map(|c| (c.control.clone(), c.by()))
        .collect();
    let want = [("a", -4.0), ("gone", -1.0), ("came", 1.0), ("b", 2.5)];
    assert_eq!(names, want.map(|(n, b)| (n.to_owned(), b)));
    // one that came with no points is told too
    let new = day(
        "2026-08-01",
        &[
            ("a", 5.0),
            ("b", 2.0),
            ("gone", 1.0),
            ("same", 3.0),
            ("zero", 0.0),
        ],
    );
    assert_eq!(difference(&old, &new).len(), 1);
}

#[test]
fn days_that_are_missing_are_told_and_make_gaps() {
    let mut days: Vec<Day> = ["2026-07-31", "2026-07-30", "2026-07-27", "2026-07-20"]
        .iter()
        .map(|d| day(d, &[("a", 4.0)]))
        .collect();
    assert_eq!(missing(&days).len(), 8);
    let words = missing_words(&days).unwrap();
    assert_eq!(words, "8 days have no score, from 2026-07-21 to 2026-07-29");
    let chart = trend(&days).unwrap();
    assert_eq!(chart.series[0].points.len(), 4);
    assert_eq!(chart.notes, [words]);
    days.truncate(2);
    assert_eq!(missing_words(&days), None);
    assert_eq!(trend(&days[..1]), None, "one day is no trend");
    let now = Ticks::parse("2026-08-01T12:00:00Z").unwrap();
    assert_eq!(
        late(&days, now),
        None,
        "yesterday's is the newest there can be"
    );
    let later = Ticks::parse("2026-08-05T00:00:00Z").unwrap();
    assert_eq!(
        late(&days, later).unwrap(),
        "no score for 5 days: the newest is of 2026-07-31, what follows is as of then"
    );
}

#[test]
fn a_control_that_fell_within_a_week_is_told_and_one_that_vanished_is_not() {
    let days = [
        day("2026-08-01", &[("a", 1.0), ("b", 2.0)]),
        day("2026-07-28", &[("a", 5.0), ("b", 2.0)]),
        day("2026-07-24", &[("a", 5.0), ("b", 2.0), ("gone", 3.0)]),
        day("2026-07-01", &[("a", 0.0), ("b", 9.0)]),
    ];
    let (since, fell) = regressed(&days).unwrap();
    assert_eq!(day_of(since.at), "2026-07-24");
    let names: Vec<&str> = fell.iter().map(|c| c.control.as_str()).collect();
    assert_eq!(names, ["a"]);
    assert_eq!(regressed(&days[..2]), None, "nothing is a week old");
}

#[test]
fn what_marked_controls_bring_is_bounded_where_people_may_be_counted_twice() {
    let day = day("2026-08-01", &[("a", 1.0), ("b", 2.0), ("d", 0.0)]);
    let ticked = |id: &str, gain, cost: &str, impact: &str, category: &str| Ticked {
        id: id.into(),
        gain,
        cost: cost.into(),
        impact: impact.into(),
        category: category.into(),
    };
    let all = [
        ticked("a", 4.0, "Moderate", "Low", "Identity"),
        ticked("b", 1.5, "Low", "High", "Apps"),
        ticked("d", 2.0, "Low", "Low", "Device"),
        ticked("nobody counted", 1.0, "", "", "Identity"),
    ];
    let made = what_if(&day, &all);
    assert_eq!(
        made.lines(),
        [
            "11.5 of 20.0 · 57.5 % · +8.5",
            "effort 2 low, 1 moderate, 1 not told · user impact up to high",
            "touches 30 to 50 users, 30 devices, 1 not counted by the service",
        ]
    );
}

#[test]
fn s0_26_the_state_is_that_of_the_newest_decision() {
    let j = json!({"controlStateUpdates": [
        {"state": "Ignored", "updatedDateTime": "2026-07-02T00:00:00Z"},
        {"state": "Reviewed", "updatedDateTime": "2026-07-03T00:00:00Z"},
        {"state": "ThirdParty", "updatedDateTime": "2026-07-01T00:00:00Z"}]});
    assert_eq!(state_of(Json(&j)), "Reviewed");
    assert_eq!(
        state_words("reviewed"),
        "resolved through alternate mitigation"
    );
    assert_eq!(
        state_of(Json(&json!({"controlStateUpdates": []}))),
        "Default"
    );
    assert_eq!(
        state_of(Json(&json!({"state": "Ignored"}))),
        "Ignored",
        "a row's cell"
    );
    assert_eq!(state_words("Planned"), "Planned");
}

#[test]
fn controls_of_a_day_survive_packing_and_those_that_do_not_apply_are_left_out() {
    let row = json!([
        {"controlName": "a", "score": 4.25, "count": "3", "total": 7},
        {"controlName": "off", "score": 0, "IsApplicable": false},
        {"controlName": "b", "score": 1},
        {"score": 1}]);
    let words: Vec<String> = row
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| packed(Json(c)))
        .collect();
    let back = unpacked(words.iter().map(String::as_str));
    assert_eq!(back.len(), 2);
    assert_eq!(
        back["a"],
        Had {
            score: 4.25,
            count: Some(3),
            total: Some(7)
        }
    );
    assert_eq!(
        back["b"],
        Had {
            score: 1.0,
            count: None,
            total: None
        }
    );
}
