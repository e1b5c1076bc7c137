//! Streaming-export folders: layout, time in the path, late and repeated rows.

use super::*;

fn line(table: &str, time: &str, id: u32, more: &str) -> String {
    format!(
        "{{\"time\":\"{time}\",\"tenantId\":\"t\",\"operationName\":\"Publish\",\"category\":\"AdvancedHunting-{table}\",\
         \"properties\":{{\"Timestamp\":\"{time}\",\"DeviceId\":\"d\",\"ReportId\":{id},\"Novelty\":\"g\"{more}}}}}\r\n"
    )
}

fn put(d: &Dir, table: &str, hour: u32, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let folder = d.0.path().join(format!(
        "insights-logs-advancedhunting-{}/tenantId=11111111-2222-3333-4444-555555555555/y=2026/m=02/d=03/h={hour:02}/m=00",
        table.to_lowercase()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn at(hour: u32, minute: u32) -> String {
    format!("2026-02-03T{hour:02}:{minute:02}:00.0000000Z")
}

fn ticks(hour: u32) -> Option<i64> {
    cells::datetime(&at(hour, 0))
}

fn open(d: &Dir) -> Archive {
    Archive::open(d.0.path(), &Schema::builtin(Which::Unified), 2).unwrap()
}

fn ids(t: &Loaded) -> Vec<i64> {
    let at = t
        .def
        .columns
        .iter()
        .position(|c| &*c.name == "ReportId")
        .unwrap();
    let Some(col) = t.places[at] else {
        return Vec::new();
    };
    (0..t.table.rows())
        .filter_map(|r| t.table.cell(r, col).int())
        .collect()
}

fn all(a: &Archive, table: &str) -> Loaded {
    a.read(table, None, None, None).unwrap()
}

#[test]
fn blobs_of_every_name_are_found_and_columns_of_the_export_learnt() {
    let d = Dir::new();
    put(
        &d,
        "DeviceEvents",
        4,
        "PT1H.json",
        line("DeviceEvents", &at(4, 1), 1, ""),
    );
    put(
        &d,
        "DeviceEvents",
        5,
        "PT1H.json.gz",
        gzip(line("DeviceEvents", &at(5, 1), 2, "").as_bytes()),
    );
    put(
        &d,
        "DeviceEvents",
        6,
        "PT1H.jsonl",
        line("DeviceEvents", &at(6, 1), 3, ""),
    );
    put(&d, "DeviceEvents", 7, ".PT1H.json.part", "half");
    put(
        &d,
        "OwnTable",
        7,
        "PT1H.json",
        line("OwnTable", &at(7, 1), 4, ""),
    );
    let a = open(&d);
    let mut names: Vec<_> = a.tables().map(|t| t.name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["DeviceEvents", "OwnTable"]);
    let t = all(&a, "DeviceEvents");
    assert_eq!(ids(&t), [1, 2, 3]);
    assert_eq!(&*t.def.columns.last().unwrap().name, "Novelty");
    assert_eq!(ids(&all(&a, "OwnTable")), [4]);
    assert!(a.read("Nothing", None, None, None).is_none());
    // any level of the tree may be given
    let deep =
        d.0.path()
            .join("insights-logs-advancedhunting-deviceevents");
    let a = Archive::open(&deep, &Schema::builtin(Which::Unified), 1).unwrap();
    assert_eq!(ids(&all(&a, "DeviceEvents")), [1, 2, 3]);
    let none = Archive::open(
        &d.0.path().join("none"),
        &Schema::builtin(Which::Unified),
        1,
    );
    assert!(none.unwrap_err().contains("none"));
}

#[test]
fn hours_and_columns_that_are_not_wanted_are_not_read() {
    let d = Dir::new();
    for hour in 0..24 {
        put(
            &d,
            "DeviceEvents",
            hour,
            "PT1H.json",
            line("DeviceEvents", &at(hour, 30), hour, ""),
        );
        put(
            &d,
            "DeviceInfo",
            hour,
            "PT1H.json",
            line("DeviceInfo", &at(hour, 30), hour, ""),
        );
    }
    let a = open(&d);
    assert_eq!(
        a.pruned("DeviceEvents", ticks(10), ticks(11)),
        Some((7, 24))
    );
    assert_eq!(
        a.pruned("DeviceInfo", ticks(10), ticks(11)),
        Some((24, 24)),
        "snapshots carry their own times"
    );
    let wanted = ["ReportId".to_owned()];
    let t = a
        .read("DeviceEvents", Some(&wanted), ticks(10), ticks(11))
        .unwrap();
    assert_eq!(
        (ids(&t).as_slice(), t.def.columns.len()),
        ([7, 8, 9, 10, 11, 12, 13].as_slice(), 1)
    );
    // the blob that could hold an event is read, whatever a damaged one is
    put(&d, "DeviceEvents", 20, "PT1H.json", [0xff, 0xfe, 0]);
    assert_eq!(
        ids(&a.read("DeviceEvents", None, ticks(10), ticks(11)).unwrap()).len(),
        7
    );
    assert!(a.take_notes().is_empty());
    assert_eq!(ids(&all(&a, "DeviceEvents")).len(), 23);
    assert!(a.take_notes().kept()[0].reason.contains("UTF-16"));
}

#[test]
fn an_open_hours_last_line_waits_until_it_is_whole() {
    let d = Dir::new();
    let whole = line("DeviceEvents", &at(4, 1), 1, "") + &line("DeviceEvents", &at(4, 2), 2, "");
    let path = put(
        &d,
        "DeviceEvents",
        4,
        "PT1H.json",
        &whole[..whole.len() - 20],
    );
    let a = open(&d);
    assert_eq!(ids(&all(&a, "DeviceEvents")), [1]);
    assert!(a.take_notes().kept()[0].reason.contains("not finished"));
    // appended after its hour: the same archive reads it anew
    std::fs::write(&path, whole + &line("DeviceEvents", &at(3, 59), 3, "")).unwrap();
    assert_eq!(ids(&all(&a, "DeviceEvents")), [1, 2, 3]);
    assert!(a.take_notes().is_empty());
}

#[test]
fn an_event_written_twice_counts_once_and_recipients_count_each() {
    let d = Dir::new();
    let one = line("DeviceEvents", &at(4, 1), 1, ",\"FileName\":\"a\"");
    put(&d, "DeviceEvents", 4, "PT1H.json", format!("{one}{one}"));
    let again = one
        .replacen("04:01", "05:59", 1)
        .replace(",\"FileName\":\"a\"", "");
    put(
        &d,
        "DeviceEvents",
        5,
        "PT1H.json",
        again + &line("DeviceEvents", &at(4, 2), 1, ""),
    );
    let mail = |to: &str| {
        line(
            "EmailEvents",
            &at(4, 1),
            1,
            &format!(",\"NetworkMessageId\":\"n\",\"RecipientEmailAddress\":\"{to}\""),
        )
    };
    put(
        &d,
        "EmailEvents",
        4,
        "PT1H.json",
        mail("a@x") + &mail("b@x") + &mail("a@x"),
    );
    let a = open(&d);
    assert_eq!(
        ids(&all(&a, "DeviceEvents")),
        [1, 1],
        "the time of delivery does not count, that of the event does"
    );
    assert_eq!(all(&a, "EmailEvents").table.rows(), 2);
    let wanted = ["FileName".to_owned()];
    let t = a.read("DeviceEvents", Some(&wanted), None, None).unwrap();
    assert_eq!(
        t.table.rows(),
        2,
        "also where the key is not among the columns read"
    );
}
