//! Keys in a result, state and effects out.

use super::*;
use crate::app::fixture::{answer, app as fresh, events, filled, hunted, press, work};
use crate::app::overlay::Overlay;
use crate::msg::Body;
use crate::resource::hunt_cell;

const QUERY: &str = "DeviceEvents\n| take 100";

fn pane(rows: usize) -> App {
    let mut app = filled(120, 40);
    app.hunt.folder = "/tmp/never-written".into();
    hunted(&mut app, QUERY, &events(rows), None);
    press(&mut app, "F6");
    app
}

/// Presses keys and does the work they ask for.
fn keys(app: &mut App, text: &str) -> Vec<Effect> {
    let fx = press(app, text);
    work(app, fx)
}

fn grid(app: &App) -> &Grid {
    app.hunt.grid().expect("a result")
}

fn said(app: &App) -> String {
    let all = app.toasts.log.iter().map(|t| t.text.clone());
    all.collect::<Vec<_>>().join("\n")
}

fn column(app: &App, name: &str) -> Vec<String> {
    let g = grid(app);
    let col = g.table.schema().col(name).expect(name);
    g.rows
        .iter()
        .map(|r| hunt_cell::text(&g.table, r, col))
        .collect()
}

#[test]
fn a_filter_is_in_force_with_every_letter_and_escape_gives_back_what_was() {
    let mut app = pane(50);
    keys(&mut app, "/ 'Dev'");
    keys(&mut app, "Tab 'wks-3'");
    assert_eq!(grid(&app).filter, "DeviceName:wks-3");
    assert_eq!(grid(&app).rows.len(), 10);
    keys(&mut app, "Esc");
    assert_eq!(grid(&app).rows.len(), 50);
    keys(&mut app, "/ 'Bytes>50000' Enter");
    let some = grid(&app).rows.len();
    assert!(some > 0 && some < 50);
    keys(&mut app, "Esc");
    assert_eq!(
        (grid(&app).rows.len(), app.hunt.focus),
        (50, Focus::Results)
    );
    keys(&mut app, "Space Esc");
    assert!(grid(&app).marks.is_empty() && app.hunt.focus == Focus::Results);
    keys(&mut app, "Esc");
    assert_eq!(app.hunt.focus, Focus::Editor, "one level a press");
}

#[test]
fn a_search_goes_from_hit_to_hit_and_the_value_under_the_cursor_narrows() {
    let mut app = pane(50);
    keys(&mut app, "g / 'LogonFailed' Enter");
    assert_eq!((grid(&app).at, grid(&app).rows.len()), (2, 50));
    keys(&mut app, "n n N");
    assert_eq!(grid(&app).at, 5);
    keys(&mut app, "l l =");
    assert_eq!(grid(&app).filter, "ActionType=\"LogonFailed\"");
    assert_eq!(grid(&app).rows.len(), 16);
    keys(&mut app, "h !");
    assert!(
        column(&app, "DeviceName")
            .iter()
            .all(|d| d != "wks-0.contoso.com"),
        "{}",
        grid(&app).filter
    );
}

#[test]
fn a_refinement_is_local_goes_on_from_the_one_before_and_is_taken_back() {
    let mut app = pane(60);
    let fx = keys(
        &mut app,
        "| 'where Bytes > 1000 | summarize n=count() by DeviceName' Enter",
    );
    assert!(
        !fx.iter().any(|e| matches!(e, Effect::Ask(..))),
        "no quota is used"
    );
    let outcome = app.hunt.query().outcome.as_ref().unwrap();
    assert_eq!(outcome.side.steps.len(), 1);
    assert_eq!(grid(&app).table.schema().len(), 2);
    keys(&mut app, "| 'top 2 by n' Enter");
    assert_eq!(grid(&app).rows.len(), 2);
    keys(&mut app, "u");
    assert_eq!(grid(&app).rows.len(), 5);
    keys(&mut app, "u");
    assert_eq!(grid(&app).rows.len(), 60);
    keys(&mut app, "u");
    assert!(said(&app).contains("nothing was refined"), "{}", said(&app));
    keys(&mut app, "| 'where Nope == 1' Enter");
    assert!(
        said(&app).contains("LOCAL: ") && said(&app).contains("Nope"),
        "{}",
        said(&app)
    );
    assert_eq!(grid(&app).rows.len(), 60, "the rows stay");
}

#[test]
fn a_refinement_is_over_the_rows_that_are_shown_and_can_be_stopped() {
    let mut app = pane(60);
    keys(&mut app, "/ 'DeviceName:wks-1' Enter");
    keys(&mut app, "| 'count' Enter");
    assert_eq!(column(&app, "Count"), ["12"]);
    keys(&mut app, "u");
    let fx = press(&mut app, "| 'count' Enter");
    assert!(local::busy(&app));
    press(&mut app, "Ctrl-c");
    assert!(!local::busy(&app));
    work(&mut app, fx);
    assert_eq!(
        grid(&app).rows.len(),
        12,
        "an answer nobody waits for changes nothing"
    );
}

#[test]
fn completion_in_a_refinement_knows_the_rows_and_the_files() {
    let mut app = pane(10);
    press(&mut app, "| 'where Devi'");
    let Some(Overlay::Bar(bar)) = app.overlays.last() else {
        panic!()
    };
    assert!(
        bar.items.iter().any(|i| i.label == "DeviceName"),
        "{:?}",
        bar.items
    );
    press(&mut app, "Tab");
    let Some(Overlay::Bar(bar)) = app.overlays.last() else {
        panic!()
    };
    assert_eq!(bar.line.text(), "where DeviceName");
}

#[test]
fn a_local_file_becomes_a_table_that_rows_are_joined_with() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("watch list.csv");
    std::fs::write(&path, "DeviceName,Owner\nwks-1.contoso.com,Ada\n").unwrap();
    let mut app = pane(10);
    keys(&mut app, &format!("+ '{}' Enter", path.display()));
    assert!(
        said(&app).contains("watch_list is a table now: 1 rows, 2 columns"),
        "{}",
        said(&app)
    );
    keys(
        &mut app,
        "| 'join kind=inner watch_list on DeviceName | project DeviceName, Owner' Enter",
    );
    assert_eq!(column(&app, "Owner"), ["Ada", "Ada"]);
    keys(&mut app, "+ '/no/such.csv' Enter");
    assert!(
        said(&app).contains("/no/such.csv is no file that can be read"),
        "{}",
        said(&app)
    );
}

#[test]
fn a_record_shows_both_zones_and_lifts_a_value_out_of_json() {
    let mut app = pane(10);
    app.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    keys(&mut app, "j l l l l Enter");
    let Some(Overlay::Inspector(i)) = app.overlays.last() else {
        panic!()
    };
    let text: Vec<String> = i
        .rows
        .iter()
        .map(|r| {
            r.pieces
                .iter()
                .map(|p| p.1.clone())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let all = text.join("\n");
    assert!(
        all.contains("2026-07-01 01:00:00Z (03:00:00 local, +02:00)"),
        "{all}"
    );
    assert!(
        text.iter()
            .any(|l| l.trim().starts_with("Port") && l.ends_with("401"))
            && i.path() == "AdditionalFields",
        "{all} {}",
        i.path()
    );
    press(&mut app, ">");
    let Some(Overlay::Inspector(i)) = app.overlays.last() else {
        panic!()
    };
    assert_eq!(
        (i.title.as_str(), i.path().as_str()),
        ("row 3 of 10", "AdditionalFields")
    );
    keys(&mut app, "j L");
    assert!(app.overlays.is_empty(), "{}", said(&app));
    assert_eq!(column(&app, "Port")[..3], ["400", "401", "402"]);
    keys(&mut app, "u Enter L");
    assert!(
        said(&app).contains("only a value inside of JSON"),
        "{}",
        said(&app)
    );
}

#[test]
fn figures_of_a_column_lead_to_the_rows_of_a_value() {
    let mut app = pane(30);
    keys(&mut app, "l F");
    let Some(Overlay::Figures(shown)) = app.overlays.last() else {
        panic!()
    };
    let figures = shown.figures.clone().expect("counted");
    assert_eq!((figures.distinct, figures.rows), (5, 30));
    keys(&mut app, "j Enter");
    assert!(app.overlays.is_empty());
    assert_eq!(grid(&app).filter, "DeviceName=\"wks-1.contoso.com\"");
    assert_eq!(grid(&app).rows.len(), 6);
}

#[test]
fn a_query_that_renders_shows_its_chart_and_the_rows_again() {
    let mut app = filled(120, 40);
    let query = "DeviceEvents\n| summarize count() by bin(Timestamp, 1h), ActionType\n| render timechart with (title=\"Events\")";
    hunted(&mut app, query, &events(40), None);
    let chart = grid(&app).chart.clone().expect("made at once");
    assert_eq!(
        (chart.title.as_str(), chart.series.is_empty()),
        ("Events", false)
    );
    keys(&mut app, "F6 v");
    assert!(grid(&app).chart.is_none());
    keys(&mut app, "B");
    let chart = grid(&app).chart.clone().expect("a histogram");
    assert!(
        chart.title.starts_with("rows by Timestamp"),
        "{}",
        chart.title
    );
    keys(&mut app, "Esc");
    assert!(grid(&app).chart.is_none() && app.hunt.focus == Focus::Results);
    // a chart follows the filter
    keys(&mut app, "v / 'LogonFailed' Enter");
    let chart = grid(&app).chart.clone().expect("made again");
    let names = chart.series.iter().map(|s| s.name.txt().exact());
    assert!(names.clone().count() > 0);
    assert!(
        names.clone().all(|n| n.contains("LogonFailed")),
        "{:?}",
        chart.series
    );
}

#[test]
fn t5_three_keys_export_the_full_result_and_a_file_that_is_there_is_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = pane(30);
    app.hunt.folder = dir.path().join("exports");
    keys(&mut app, "/ 'wks-1' Enter");
    // x, c, Enter
    keys(&mut app, "x c Enter");
    let done = said(&app);
    assert!(
        done.starts_with("wrote contoso-prod-deviceevents-")
            && done.contains(".csv: 30 rows, 3888 bytes, in ")
            && done.contains("/exports;"),
        "{done}"
    );
    let files: Vec<_> = std::fs::read_dir(dir.path().join("exports"))
        .unwrap()
        .collect();
    assert_eq!(files.len(), 2, "the rows and where they come from");
    keys(&mut app, "x c Enter");
    let Some(Overlay::Bar(bar)) = app.overlays.last() else {
        panic!("{}", said(&app))
    };
    assert!(
        bar.say.as_ref().unwrap().1.contains("is there already"),
        "{bar:?}"
    );
    keys(&mut app, "Alt-r Enter");
    assert!(app.overlays.is_empty() && said(&app).matches(": 30 rows").count() >= 1);
    keys(&mut app, "x j Alt-s Enter");
    assert!(said(&app).contains(": 6 of 30 rows,"), "{}", said(&app));
}

#[test]
fn what_is_copied_is_visible_and_a_colleague_gets_the_query_too() {
    let mut app = pane(4);
    let fx = keys(&mut app, "y q");
    let copied = |fx: &[Effect]| {
        fx.iter().find_map(|e| match e {
            Effect::Copy { text, .. } => Some(text.clone()),
            _ => None,
        })
    };
    let text = copied(&fx).expect("copied");
    assert!(
        text.contains("```kusto\nDeviceEvents\n| take 100\n```") && text.contains("⟨001B⟩"),
        "{text}"
    );
    assert!(text.contains("Tenant: contoso-prod (t)"), "{text}");
    keys(&mut app, "/ 'wks-1' Enter");
    keys(&mut app, "| 'count' Enter");
    let text = copied(&keys(&mut app, "y q")).unwrap();
    let told = "// LOCAL, on the rows: filter wks-1\n// LOCAL, on the rows: count\n";
    assert!(text.contains(told), "{text}");
    keys(&mut app, "u Esc");
    keys(&mut app, "g g");
    let fx = keys(&mut app, "Space Space X c");
    assert_eq!(copied(&fx).unwrap().lines().count(), 3);
    let fx = keys(&mut app, "y j");
    let row: serde_json::Value = serde_json::from_str(&copied(&fx).unwrap()).unwrap();
    assert_eq!(row["AdditionalFields"]["Port"], 402);
    let fx = keys(&mut app, "l y d");
    assert_eq!(copied(&fx).unwrap(), "wks-2[.]contoso[.]com");
}

#[test]
fn t10_a_second_run_is_compared_with_the_first_by_the_columns_that_tell_a_row() {
    let mut app = pane(5);
    press(&mut app, "e Ctrl-End");
    let fx = press(&mut app, "F5");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(t, crate::msg::Request::Hunt { .. }) => Some(t.clone()),
        _ => None,
    });
    let (read, _) = crate::resource::hunt_answer::read(&events(7)).unwrap();
    let body = Body::Hunted(crate::msg::Hunted {
        answer: read,
        partial: None,
    });
    answer(&mut app, ticket.unwrap(), body);
    keys(&mut app, "F6 D");
    let Some(Overlay::Bar(bar)) = app.overlays.last() else {
        panic!("{}", said(&app))
    };
    assert_eq!(bar.line.text(), "DeviceName");
    keys(&mut app, "Ctrl-u Enter");
    assert_eq!(column(&app, "Change"), ["new", "new"]);
    let step = &app.hunt.query().outcome.as_ref().unwrap().side.steps[0];
    assert_eq!(step.text, "compared: 2 new, 0 gone, 0 changed");
}

#[test]
fn s4_7_and_s4_8_fields_of_the_query_and_of_all_and_the_unknown_flagged() {
    let mut app = filled(120, 40);
    app.settings.ignore_fields = vec!["Note".into()];
    let query = "// summary: DeviceName, Byts, Timestamp\nDeviceEvents";
    hunted(&mut app, query, &events(3), None);
    let shown = |app: &App| -> Vec<String> {
        let g = grid(app);
        g.columns.iter().map(|c| g.name(*c)).collect()
    };
    assert_eq!(shown(&app), ["DeviceName", "Timestamp"]);
    let notes = &app.hunt.query().outcome.as_ref().unwrap().notes;
    assert!(
        notes[0].contains("Byts") && notes[0].contains("Bytes?"),
        "{notes:?}"
    );
    // an ignored field is not in the record; an export has it
    press(&mut app, "F6 Enter");
    let Some(Overlay::Inspector(i)) = app.overlays.last() else {
        panic!()
    };
    assert!(i.title.contains("1 fields ignored"), "{}", i.title);
    press(&mut app, "Esc");
    // the chooser writes what is shown into the text of the query
    keys(&mut app, "C Space Alt-s");
    assert!(
        app.hunt
            .query()
            .editor
            .text()
            .starts_with("// summary: Timestamp\n"),
        "{}",
        app.hunt.query().editor.text()
    );
    keys(
        &mut app,
        ": 'setting summary-fields' Enter Enter 'Zzyzx' Enter Esc Esc",
    );
    assert!(
        said(&app).contains("summary field Zzyzx: the known tables have no such column"),
        "{}",
        said(&app)
    );
}

#[test]
fn the_column_chooser_narrows_moves_and_hides() {
    let mut app = pane(3);
    keys(&mut app, "C 'Addi' Space Esc");
    assert_eq!(grid(&app).columns.len(), 5);
    keys(&mut app, "Shift-Down Enter");
    assert_eq!(grid(&app).columns[..2], [1, 0]);
}

#[test]
fn keys_in_a_result_without_rows_break_nothing() {
    let mut app = fresh(80, 24);
    hunted(&mut app, QUERY, &events(0), None);
    press(&mut app, "F6");
    for key in "j k G h l H L - > < w Z Space V * S Alt-s = ! n N F v B C D Enter"
        .split(' ')
        .chain(["y y", "y r", "y j", "y d", "y q", "X c", "x c"])
    {
        // whatever the key did, the next one is pressed in the result
        app.overlays.clear();
        app.hunt.focus = Focus::Results;
        keys(&mut app, key);
    }
    app.overlays.clear();
    app.hunt.focus = Focus::Results;
    keys(&mut app, "| 'count' Enter");
    assert_eq!(column(&app, "Count"), ["0"]);
}
