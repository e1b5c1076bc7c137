//! Which column is what, bins, and what cannot be drawn.

use super::*;
use std::sync::Arc;
use table::{ChunkBuilder, Schema};

fn table(columns: &[(&str, Type)], rows: &[&[&str]]) -> Table {
    let schema = Arc::new(Schema::new(columns.iter().map(|(n, t)| (*n, *t))));
    let mut b = ChunkBuilder::new(schema.clone());
    for row in rows {
        for (col, text) in row.iter().enumerate() {
            match columns[col].1 {
                _ if text.is_empty() => {}
                Type::Time => b.time(col, Ticks::parse(text).map(|t| t.0)),
                Type::Long => b.int(col, text.parse().ok()),
                Type::Real => b.real(col, text.parse().ok()),
                _ => b.text(col, Some(text)),
            }
        }
        b.end_row();
    }
    let mut t = Table::new(schema);
    t.append(Arc::new(b.finish()));
    t
}

fn plot(table: &Table, want: Want) -> Result<Chart, String> {
    Plot {
        rows: table.all(),
        table: table.clone(),
        want,
        cancel: Cancel::new(),
    }
    .run()
    .unwrap()
}

fn render(chart: &str) -> Want {
    Want::Render(Render {
        chart: chart.into(),
        with: Vec::new(),
    })
}

fn day(d: u32) -> String {
    format!("2026-08-{d:02}T00:00:00Z")
}

#[test]
fn a_time_chart_is_parted_by_its_words_and_sorted_by_time() {
    let (d1, d2) = (day(1), day(2));
    let t = table(
        &[("Kind", Type::Text), ("T", Type::Time), ("n", Type::Long)],
        &[
            &["b", &d2, "4"],
            &["a", &d1, "1"],
            &["b", &d1, "3"],
            &["a", &d2, ""],
        ],
    );
    let c = plot(&t, render("timechart")).unwrap();
    assert_eq!((c.form, &c.axis), (Form::Line, &Axis::Time));
    let b = c.series.iter().find(|s| s.name == *"b").unwrap();
    assert_eq!(b.points.iter().map(|p| p.1).collect::<Vec<_>>(), [3.0, 4.0]);
    let a = c.series.iter().find(|s| s.name == *"a").unwrap();
    assert_eq!(a.points.len(), 1, "what has no number is no zero");
}

#[test]
fn bars_stand_for_the_first_column_and_equal_words_are_added() {
    let t = table(
        &[("Device", Type::Text), ("n", Type::Long)],
        &[&["a", "1"], &["b\u{202e}", "2"], &["a", "5"], &["", "1"]],
    );
    for (name, form) in [
        ("barchart", Form::Bar),
        ("columnchart", Form::Column),
        ("piechart", Form::Pie),
    ] {
        let c = plot(&t, render(name)).unwrap();
        assert_eq!(c.form, form);
        assert_eq!(
            c.axis,
            Axis::Words(vec!["a".into(), "b⟨202E⟩".into(), "(empty)".into()])
        );
        assert_eq!(c.series[0].points, [(0.0, 6.0), (1.0, 2.0), (2.0, 1.0)]);
    }
}

#[test]
fn arrays_of_make_series_are_unfolded() {
    let t = table(
        &[
            ("Device", Type::Text),
            ("n", Type::Dynamic),
            ("T", Type::Dynamic),
        ],
        &[&[
            "a",
            "[1,null,3]",
            r#"["2026-08-01T00:00:00.0000000Z","2026-08-02T00:00:00Z","2026-08-03T00:00:00Z"]"#,
        ]],
    );
    let c = plot(&t, render("timechart")).unwrap();
    assert_eq!(c.series[0].points.len(), 2);
    assert_eq!(c.series[0].name, Text::from("a"));
}

#[test]
fn a_scatter_wants_numbers_and_unknown_charts_are_said() {
    let t = table(
        &[("x", Type::Real), ("y", Type::Real)],
        &[&["1", "2"], &["NaN", "2"]],
    );
    let c = plot(&t, render("scatterchart")).unwrap();
    assert_eq!(c.series[0].points, [(1.0, 2.0)]);
    let words = table(&[("x", Type::Text), ("y", Type::Real)], &[&["a", "2"]]);
    assert!(plot(&words, render("scatterchart")).is_err());
    let why = plot(&t, render("treemap")).unwrap_err();
    assert!(why.contains("not drawn"), "{why}");
    let none = table(&[("x", Type::Time), ("y", Type::Real)], &[]);
    assert!(
        plot(&none, render("timechart"))
            .unwrap_err()
            .contains("nothing to draw")
    );
}

#[test]
fn rows_over_time_are_counted_in_bins_of_the_calendar() {
    let times: Vec<String> = (0..48)
        .map(|h| format!("2026-08-{:02}T{:02}:30:00Z", h / 24 + 1, h % 24))
        .collect();
    let rows: Vec<Vec<&str>> = times
        .iter()
        .map(|t| vec![t.as_str()])
        .chain([vec![""]])
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let t = table(&[("Timestamp", Type::Time)], &rows);
    let c = plot(&t, Want::Histogram(0)).unwrap();
    assert_eq!(c.title, "rows by Timestamp, 30 min a bar");
    assert_eq!(c.series[0].points.iter().map(|p| p.1).sum::<f64>(), 48.0);
    assert_eq!(c.notes, ["1 rows have none"]);
    assert!(c.series[0].points.len() <= BINS as usize);
}

#[test]
fn words_are_counted_most_frequent_first() {
    let t = table(&[("Action", Type::Text)], &[&["a"], &["b"], &["b"]]);
    let c = plot(&t, Want::Histogram(0)).unwrap();
    assert_eq!(c.axis, Axis::Words(vec!["b".into(), "a".into()]));
}
