//! Results on screen: at three sizes, in words alone, and with what no cell should be able to do.

use crate::app::App;
use crate::app::fixture::{answer, app as fresh, events, filled, hunted, press, work};
use crate::msg::{Body, Effect, Hunted, Request};
use crate::resource::hunt_answer;
use crate::view::tests::screen;

const QUERY: &str = "DeviceEvents\n| where Timestamp > ago(7d)";

fn keys(app: &mut App, text: &str) {
    let fx = press(app, text);
    work(app, fx);
}

/// The same at 80x24, 120x40 and 200x50.
fn sizes(name: &str, prepare: impl Fn(&mut App)) {
    for (w, h) in [(80, 24), (120, 40), (200, 50)] {
        let mut app = filled(w, h);
        prepare(&mut app);
        insta::assert_snapshot!(format!("{name}_{w}x{h}"), screen(&app));
    }
}

#[test]
fn a_result_that_is_not_all_sorted_by_two_columns_and_searched() {
    sizes("result", |app| {
        let why = "the answer breaks off after 5120 bytes; 60 rows came before that";
        hunted(app, QUERY, &events(60), Some(why));
        press(app, "F6");
        keys(app, "l l S l Alt-s g / 'wks-3' Enter j j Space Space");
    });
}

#[test]
fn a_refinement_is_marked_local_and_completes() {
    sizes("refined", |app| {
        hunted(app, QUERY, &events(60), None);
        press(app, "F6");
        keys(
            app,
            "| 'summarize rows = count(), bytes = sum(Bytes) by DeviceName' Enter",
        );
        keys(app, "| 'where by'");
    });
}

#[test]
fn a_record_with_both_zones() {
    sizes("record", |app| {
        app.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(-7));
        hunted(app, QUERY, &events(6), None);
        press(app, "F6");
        keys(app, "j j l l l l Enter");
    });
}

#[test]
fn figures_and_columns() {
    sizes("figures", |app| {
        hunted(app, QUERY, &events(60), None);
        press(app, "F6");
        keys(app, "l l l F j");
    });
    sizes("fields", |app| {
        hunted(app, QUERY, &events(6), None);
        press(app, "F6");
        keys(app, "C Down Space");
    });
}

#[test]
fn charts_in_braille_and_in_letters() {
    let query = |chart: &str| {
        format!("{QUERY}\n| project Timestamp, ActionType, Bytes = FileName\n| render {chart}")
    };
    let narrow = r#"{"schema":[{"name":"Timestamp","type":"DateTime"},{"name":"ActionType","type":"String"},{"name":"Bytes","type":"Int64"}],"results":["#;
    let rows: Vec<String> = (0..72)
        .map(|n| {
            format!(
                r#"{{"Timestamp":"2026-07-{:02}T{:02}:00:00Z","ActionType":"{}","Bytes":{}}}"#,
                n / 24 + 1,
                n % 24,
                ["ProcessCreated", "LogonFailed"][n % 2],
                (n as i64 % 24 - 12).pow(2) * if n % 2 == 0 { 100 } else { 40 }
            )
        })
        .collect();
    let json = format!("{narrow}{}]}}", rows.join(","));
    sizes("timechart", |app| {
        hunted(app, &query("timechart"), &json, None);
        press(app, "F6");
    });
    sizes("histogram", |app| {
        hunted(app, QUERY, &json, None);
        press(app, "F6");
        keys(app, "B");
    });
    for (name, chart) in [("ascii", "timechart"), ("bars", "barchart")] {
        let mut app = filled(80, 24);
        // as the terminal is, unless the person wants it otherwise
        app.letters = true;
        let of = r#"{"schema":[{"name":"Device","type":"String"},{"name":"n","type":"Int64"}],"results":[{"Device":"wks-1","n":40},{"Device":"srv-\u202e1","n":10},{"Device":"","n":1}]}"#;
        let answer = if chart == "barchart" { of } else { &json };
        hunted(&mut app, &query(chart), answer, None);
        press(&mut app, "F6");
        let shown = screen(&app);
        let result: String = shown.lines().skip(8).collect();
        let own = "·│─▌‹›";
        let odd = result
            .chars()
            .find(|c| !c.is_ascii() && !own.contains(*c) && !"⟨⟩".contains(*c));
        assert_eq!(odd, None, "letters alone: {shown}");
        insta::assert_snapshot!(format!("chart_{name}_80x24"), shown);
        use crate::config::settings::Charts;
        app.settings.charts = Charts::Braille;
        let dots = screen(&app);
        assert_ne!(dots, shown, "the setting stands above what the terminal is");
        app.letters = false;
        app.settings.charts = Charts::Auto;
        assert_eq!(screen(&app), dots);
        app.settings.charts = Charts::Ascii;
        assert_eq!(screen(&app), shown);
    }
}

#[test]
fn without_colour_and_on_a_light_ground_the_words_are_the_same() {
    let make = |theme: &str| {
        let mut app = filled(80, 24);
        keys(
            &mut app,
            &format!(": 'setting theme' Enter Enter '{theme}' Enter Esc Esc"),
        );
        hunted(&mut app, QUERY, &events(30), Some("cut"));
        press(&mut app, "F6");
        keys(&mut app, "l S / 'wks' Enter Space");
        assert_eq!(app.theme.name, theme);
        let shown = screen(&app);
        shown.lines().skip(2).collect::<Vec<_>>().join("\n")
    };
    let dark = make("dark");
    assert!(
        dark.contains("PARTIAL") && dark.contains("1 marked"),
        "{dark}"
    );
    for theme in ["light", "mono", "high-contrast"] {
        assert_eq!(make(theme), dark, "{theme}");
    }
}

/// Every character of the screen is one that stands still.
fn is_calm(shown: &str) -> bool {
    shown
        .chars()
        .all(|c| c == '\n' || !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}'))
}

#[test]
fn control_characters_in_every_cell_and_name_reach_no_screen() {
    let evil = r"\u001b[2J\u001b]52;c;AAAA\u0007\u202e\u200b\r\n\u0000\u009b31m";
    let row = format!(r#"{{"a{evil}":"{evil}","b":{{"{evil}":"{evil}"}},"{evil}":"{evil}"}}"#);
    let json = format!(
        r#"{{"schema":[{{"name":"a{evil}","type":"String"}},{{"name":"b","type":"Object"}},{{"name":"{evil}","type":"String"}}],"results":[{}]}}"#,
        vec![row; 40].join(",")
    );
    for look in [
        "", "Enter", "l Enter", "F", "B", "C", "v", "l l F", "x c", "| 'ex'", "/ 'a'",
    ] {
        let mut app = filled(120, 40);
        hunted(&mut app, QUERY, &json, None);
        press(&mut app, "F6");
        if !look.is_empty() {
            keys(&mut app, look);
        }
        let shown = screen(&app);
        assert!(is_calm(&shown), "{look}: {shown:?}");
        assert!(shown.contains("⟨001B⟩") || look == "x c", "{look}: {shown}");
    }
}

#[test]
fn a_cell_of_five_megabytes_and_two_thousand_columns_are_drawn_like_others() {
    let big = "\\u001b[31mA".repeat(833_334);
    let json = format!(
        r#"{{"schema":[{{"name":"a","type":"String"}},{{"name":"b","type":"Int64"}}],"results":[{{"a":"{big}","b":1}}]}}"#
    );
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &json, None);
    press(&mut app, "F6");
    assert!(screen(&app).contains("⟨001B⟩[31mA"));
    keys(&mut app, "Enter");
    let shown = screen(&app);
    assert!(is_calm(&shown) && shown.contains("row 1 of 1"), "{shown}");
    assert!(shown.contains("u001b[31mA"), "{shown}");
    keys(&mut app, "G");
    let shown = screen(&app);
    assert!(
        shown.contains("▌  b 1") && shown.contains("5000004 in all"),
        "{shown}"
    );

    let columns: Vec<String> = (0..2_000)
        .map(|n| format!(r#"{{"name":"c{n}","type":"Int64"}}"#))
        .collect();
    let cells: Vec<String> = (0..2_000).map(|n| format!(r#""c{n}":{n}"#)).collect();
    let json = format!(
        r#"{{"schema":[{}],"results":[{{{}}}]}}"#,
        columns.join(","),
        cells.join(",")
    );
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &json, None);
    press(&mut app, "F6");
    for _ in 0..1_999 {
        press(&mut app, "l");
    }
    assert!(screen(&app).contains("c1999"), "{}", screen(&app));
    keys(&mut app, "C 'c1500' Space Enter");
    assert!(screen(&app).contains("1 hidden"), "{}", screen(&app));
}

#[test]
fn no_rows_is_a_sentence_and_so_is_a_filter_that_passes_none() {
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &events(0), None);
    assert!(screen(&app).contains("no rows match the query"));
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &events(5), None);
    press(&mut app, "F6");
    keys(&mut app, "/ 'nothing-has-this' Enter");
    assert!(screen(&app).contains("no row passes the filter; Esc takes it away"));
    keys(&mut app, "Esc");
    keys(&mut app, "| 'where Bytes < 0' Enter");
    assert!(screen(&app).contains("no rows are left by the refinement; u takes it back"));
}

#[test]
fn two_runs_with_the_same_rows_are_said_to_be_the_same() {
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &events(5), None);
    let fx = press(&mut app, "F5");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { .. }) => Some(t.clone()),
        _ => None,
    });
    let (read, _) = hunt_answer::read(&events(5)).unwrap();
    let hunted = Hunted {
        answer: read,
        partial: None,
    };
    answer(&mut app, ticket.unwrap(), Body::Hunted(hunted));
    press(&mut app, "F6");
    keys(&mut app, "D Ctrl-u Enter");
    let shown = screen(&app);
    assert!(shown.contains("no row is new, gone or changed"), "{shown}");
}

#[test]
fn rows_that_do_not_fit_their_schema_are_shown_and_said() {
    let json = r#"{"schema":[{"name":"n","type":"Int64"},{"name":"n","type":"String"},{"name":"","type":"DateTime"}],
        "results":[{"n":"many","x":1},{"n":5},["a","b"],7]}"#;
    let mut app = fresh(120, 40);
    hunted(&mut app, QUERY, json, None);
    let shown = screen(&app);
    assert!(
        shown.contains("! 2 cells are not of their column's type and are left empty"),
        "{shown}"
    );
    assert!(shown.contains("Column3"), "{shown}");
}

#[test]
fn the_text_of_a_query_survives_an_answer_that_is_none() {
    let mut app = filled(80, 24);
    press(&mut app, "5");
    let now = app.now;
    app.update(now, crate::msg::Event::Paste(QUERY.into()));
    let fx = press(&mut app, "F5");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { .. }) => Some(t.clone()),
        _ => None,
    });
    let why = hunt_answer::read("<html><body>502 Bad Gateway</body></html>").unwrap_err();
    let fault = crate::model::Fault::new(crate::model::FaultKind::BadAnswer, why.to_string());
    answer(&mut app, ticket.unwrap(), Body::Fault(fault));
    let shown = screen(&app);
    assert!(
        shown.contains("not of the form of a hunting answer"),
        "{shown}"
    );
    assert_eq!(&**app.hunt.query().editor.text(), QUERY);
    // what came before a cut is kept, and said to be partial
    let cut = events(30);
    let (read, fault) = hunt_answer::read(&cut[..cut.len() / 2]).unwrap();
    let rows = read.table.rows();
    let fx = press(&mut app, "F5");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { .. }) => Some(t.clone()),
        _ => None,
    });
    let hunted = Hunted {
        answer: read,
        partial: fault.map(|f| f.to_string()),
    };
    answer(&mut app, ticket.unwrap(), Body::Hunted(hunted));
    let shown = screen(&app);
    assert!(
        rows > 5 && shown.contains(&format!("{rows} of at least {rows} rows")),
        "{shown}"
    );
    assert!(shown.contains("PARTIAL"), "{shown}");
}
