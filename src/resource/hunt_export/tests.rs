//! What each form holds: the exact values, nothing that a spreadsheet computes, and where the rows come from.

use super::save::{self, Save, sentence};
use super::*;
use crate::resource::hunt_work::{Done, Work, refine};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use table::{Cell, ChunkBuilder, Schema, Type};

/// One column of each type, rows that are hard: quotes, control characters, formulas, nothing at all.
fn table() -> Table {
    let schema = Arc::new(Schema::new([
        ("Text", Type::Text),
        ("n", Type::Long),
        ("r", Type::Real),
        ("b", Type::Bool),
        ("t", Type::Time),
        ("s", Type::Timespan),
        ("dec", Type::Decimal),
        ("g", Type::Guid),
        ("d", Type::Dynamic),
        ("", Type::Text),
        ("Text", Type::Text),
        ("=cmd", Type::Text),
    ]));
    let mut b = ChunkBuilder::new(schema.clone());
    let texts = [
        "plain",
        "=HYPERLINK(\"http://evil\")",
        "a\"b\\c'd\ne\tf\r",
        "\u{1b}[2J\u{202e}gnp.exe\u{0}",
        "＋1|`*_<b>&",
    ];
    for (n, text) in texts.iter().enumerate() {
        let n = n as i64;
        b.text(0, Some(text));
        b.int(1, Some(-n * 3_000_000_000));
        b.real(
            2,
            Some([0.5, f64::NAN, f64::NEG_INFINITY, -1e300, 3.0][n as usize]),
        );
        b.bool(3, Some(n == 1));
        b.time(4, Some(17_853_000_000_000_000 + n));
        b.int(5, Some(-n * 36_000_000_001));
        b.text(6, Some("-12.50"));
        b.text(7, Some("74be27de-1e4e-49d9-b579-fe0b331d3642"));
        b.text(8, Some(r#"{"a":[1,"x\u0000y"],"b":"ü"}"#));
        b.text(9, Some("no name"));
        b.text(10, Some("twin"));
        b.text(11, Some("x"));
        b.end_row();
    }
    b.end_row();
    let mut t = Table::new(schema);
    t.append(Arc::new(b.finish()));
    t
}

fn export(table: &Table, form: Form) -> Export {
    Export {
        rows: table.all(),
        columns: (0..table.schema().len()).collect(),
        table: table.clone(),
        form,
        from: Provenance {
            query: "DeviceEvents // é\n| take 5\u{1b}".into(),
            tenant: "contoso".into(),
            tenant_id: "t-1".into(),
            engine: "Defender (Graph)".into(),
            at: Ticks(17_853_000_000_000_000),
            took_ms: 12,
            ..Provenance::default()
        },
        raw: false,
        visible: false,
        cancel: Cancel::new(),
    }
}

fn text(x: &Export) -> String {
    let mut out = Vec::new();
    x.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn csv_quotes_every_field_disarms_formulas_and_keeps_the_exact_text() {
    let t = table();
    let out = text(&export(&t, Form::Csv));
    let mut read = csv::ReaderBuilder::new()
        .has_headers(true)
        .from_reader(out.as_bytes());
    let heads: Vec<String> = read.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(&heads[9..], ["Column10", "Text1", "'=cmd"]);
    let rows: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(&rows[1][0], "'=HYPERLINK(\"http://evil\")");
    assert_eq!(&rows[2][0], "a\"b\\c'd\ne\tf\r");
    assert_eq!(
        &rows[3][0], "\u{1b}[2J\u{202e}gnp.exe\u{0}",
        "evidence stays exact"
    );
    assert_eq!(&rows[4][0], "'＋1|`*_<b>&");
    assert_eq!(
        (&rows[1][1], &rows[1][6]),
        ("-3000000000", "-12.50"),
        "numbers of ours"
    );
    assert_eq!(&rows[5][0], "");
    assert!(out.lines().next().unwrap().starts_with("\"Text\",\"n\""));
    let raw = Export {
        raw: true,
        ..export(&t, Form::Csv)
    };
    assert!(text(&raw).contains("\"=HYPERLINK(\"\"http://evil\"\")\""));
}

#[test]
fn tsv_is_one_line_a_row_and_disarmed_too() {
    let out = text(&export(&table(), Form::Tsv));
    assert_eq!(out.matches('\n').count(), 7);
    assert!(out.lines().all(|l| l.split('\t').count() == 12));
    assert!(out.contains("\n'=HYPERLINK") && out.contains("a\"b\\\\c'd\\ne\\tf\\r"));
}

#[test]
fn json_and_json_lines_read_back_with_types_and_the_exact_text() {
    let t = table();
    let lines = text(&export(&t, Form::Ndjson));
    let rows: Vec<serde_json::Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[3]["Text"], "\u{1b}[2J\u{202e}gnp.exe\u{0}");
    assert_eq!(rows[1]["n"], -3_000_000_000i64);
    assert_eq!(
        rows[0]["dec"].to_string(),
        "-12.50".parse::<f64>().unwrap().to_string()
    );
    assert_eq!(
        (&rows[1]["r"], &rows[2]["r"]),
        (&"NaN".into(), &"-Infinity".into())
    );
    assert_eq!(rows[0]["d"]["a"][1], "x\u{0}y");
    assert_eq!(
        (&rows[0]["Column10"], &rows[0]["Text1"]),
        (&"no name".into(), &"twin".into())
    );
    assert!(rows[5]["Text"].is_null() && rows[5]["n"].is_null());
    assert!(
        !lines.contains(['\u{1b}', '\u{202e}']),
        "nothing unseen even in a pager"
    );
    let whole: serde_json::Value = serde_json::from_str(&text(&export(&t, Form::Json))).unwrap();
    assert_eq!(whole["rows"].as_array().unwrap().len(), 6);
    assert_eq!(whole["columns"][4]["type"], "datetime");
    assert_eq!(
        whole["provenance"]["query"],
        "DeviceEvents // é\n| take 5\u{1b}"
    );
    assert_eq!(whole["provenance"]["complete"], true);
}

#[test]
fn markdown_is_a_table_whose_cells_cannot_leave_it() {
    let out = text(&export(&table(), Form::Markdown));
    let lines: Vec<&str> = out.lines().take(8).collect();
    assert!(
        lines
            .iter()
            .skip(2)
            .all(|l| l.starts_with("| ") && l.ends_with(" |")),
        "{out}"
    );
    assert!(out.contains("＋1\\|\\`\\*\\_&lt;b&gt;&amp;") && out.contains("⟨001B⟩"));
    assert!(lines[1].contains("|---:|"), "numbers stand at the right");
    assert!(out.contains("- Rows: 6") && out.contains("- Tenant: contoso"));
}

#[test]
fn a_datatable_gives_back_the_same_table_when_it_is_run() {
    let t = table();
    let out = text(&export(&t, Form::Datatable));
    assert!(out.starts_with("// Tenant: contoso (t-1)\n"));
    assert!(
        out.contains("// Query: | take 5⟨001B⟩\n"),
        "no line of it is a query: {out}"
    );
    let world = kql::bind::World::new(Arc::new(kql::schema::Schema::default()));
    let answer = kql::engine::run(
        &out,
        &world,
        &kql::engine::Catalog::new(),
        &kql::engine::Options::default(),
    )
    .unwrap_or_else(|e| panic!("{e}: {out}"));
    let names = refine::columns(t.schema());
    assert_eq!(answer.columns, names);
    let chunk = &answer.chunks()[0];
    for row in 0..t.rows() {
        for (col, (name, _)) in names.iter().enumerate() {
            let (want, got) = (t.cell(row, col), chunk.cell(row as usize, col));
            let empty = matches!(want, Cell::Null) && matches!(got, Cell::Text(t) if t.is_empty());
            let same_json = match (want, got) {
                (Cell::Text(a), Cell::Text(b)) if name == "d" => {
                    let read =
                        |t: Txt<'_>| serde_json::from_str::<serde_json::Value>(t.exact()).unwrap();
                    read(a) == read(b)
                }
                (Cell::Text(a), Cell::Text(b)) if name == "dec" => {
                    a.exact().trim_end_matches('0') == b.exact().trim_end_matches('0')
                }
                _ => false,
            };
            assert!(
                want == got || empty || same_json,
                "{name} of {row}: {want:?} {got:?}"
            );
        }
    }
}

#[test]
fn a_sheet_holds_strings_only_and_says_what_was_cut() {
    let mut t = table();
    let mut b = ChunkBuilder::new(t.schema().clone());
    b.text(0, Some(&"é".repeat(40_000)));
    b.end_row();
    t.append(Arc::new(b.finish()));
    let mut bytes = Vec::new();
    export(&t, Form::Xlsx).write(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"PK"));
    let parts = unzip(&bytes);
    let sheet = &parts["xl/worksheets/sheet1.xml"];
    assert!(!sheet.contains("<f>"), "no formula");
    assert!(
        sheet.contains("inlineStr") && !sheet.contains("<v>"),
        "no numbers: {}",
        &sheet[..600]
    );
    assert!(sheet.contains("=HYPERLINK(") && sheet.contains("⟨001B⟩"));
    assert!(!sheet.contains('\u{1b}'));
    let longest = sheet
        .split("<t")
        .map(|p| p.chars().filter(|c| *c == 'é').count())
        .max();
    assert_eq!(longest, Some(32_767));
    let about = &parts["xl/worksheets/sheet2.xml"];
    assert!(about.contains("1 cells are longer") && about.contains("DeviceEvents"));
    let wide = Arc::new(Schema::new(
        (0..16_385).map(|n| (format!("c{n}"), Type::Text)),
    ));
    let why = export(&Table::new(wide), Form::Xlsx)
        .write(&mut Vec::new())
        .unwrap_err();
    assert!(why.to_string().contains("16384 columns"), "{why}");
}

/// The parts of a zip by name.
fn unzip(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    use std::io::Read;
    let mut out = std::collections::BTreeMap::new();
    // the central directory says where each part begins and how long it is
    let find = |from: usize, what: &[u8]| {
        bytes[from..]
            .windows(4)
            .position(|w| w == what)
            .map(|p| p + from)
    };
    let num = |at: usize, len: usize| {
        (0..len)
            .rev()
            .fold(0usize, |n, i| n << 8 | usize::from(bytes[at + i]))
    };
    let mut at = find(0, b"PK\x01\x02").unwrap();
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let (packed, name, extra, comment) = (
            num(at + 20, 4),
            num(at + 28, 2),
            num(at + 30, 2),
            num(at + 32, 2),
        );
        let local = num(at + 42, 4);
        let file = String::from_utf8_lossy(&bytes[at + 46..at + 46 + name]).into_owned();
        let data = local + 30 + num(local + 26, 2) + num(local + 28, 2);
        let mut text = Vec::new();
        if num(at + 10, 2) == 8 {
            flate2::read::DeflateDecoder::new(&bytes[data..data + packed])
                .read_to_end(&mut text)
                .unwrap();
        } else {
            text.extend_from_slice(&bytes[data..data + packed]);
        }
        out.insert(file, String::from_utf8_lossy(&text).into_owned());
        at += 46 + name + extra + comment;
    }
    out
}

#[test]
fn what_goes_to_a_clipboard_is_visible_one_line_and_without_a_final_newline() {
    let t = table();
    for form in [
        Form::Csv,
        Form::Tsv,
        Form::Ndjson,
        Form::Markdown,
        Form::Datatable,
    ] {
        let x = Export {
            visible: true,
            ..export(&t, form)
        };
        let out = x.text().unwrap().unwrap();
        assert!(!out.ends_with('\n'), "{form:?}");
        let odd = out
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || *c == '\u{202e}');
        assert_eq!(odd, None, "{form:?}");
    }
    let colleague = Export {
        visible: true,
        ..export(&t, Form::Markdown)
    };
    let out = colleague.for_colleague().unwrap().unwrap();
    assert!(
        out.starts_with("Tenant: contoso (t-1)\nRun at: ")
            && out.contains("```kusto\nDeviceEvents")
    );
    assert!(out.contains("Rows: 6\n") && out.ends_with(" |"));
    let mut many = Table::new(t.schema().clone());
    for _ in 0..3_000 {
        many.append(t.chunks()[0].clone());
    }
    let why = export(&many, Form::Csv).text().unwrap_err();
    assert!(why.contains("1 MB"), "{why}");
}

#[test]
fn rows_that_are_not_all_are_said_wherever_they_are_counted() {
    let mut from = Provenance::default();
    assert_eq!(from.count(5), "5");
    from.partial = Some("cut".into());
    assert_eq!(from.count(5), "5 of at least 5");
    from.chosen = Some((9, "filter x".into()));
    assert_eq!(from.count(5), "5 of 9 of at least 9");
    let json = from.json(5);
    assert_eq!(
        (&json["complete"], &json["partial"]),
        (&false.into(), &"cut".into())
    );
    let lines = from.lines(5);
    assert!(lines.contains(&("PARTIAL", "cut".into())));
    from.demo = true;
    assert_eq!(from.lines(5)[0].0, "DEMO");
}

fn run(x: Export, path: &Path, replace: bool) -> Option<Done> {
    Work::Save(Save {
        export: x,
        path: path.to_string_lossy().into_owned(),
        folder: path.parent().unwrap().to_owned(),
        replace,
    })
    .run()
}

#[test]
fn a_file_is_ones_own_has_its_provenance_beside_it_and_is_never_written_over_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("exports/out.csv");
    let t = table();
    let done = run(export(&t, Form::Csv), &path, false);
    let Some(Done::Saved(saved)) = done else {
        panic!("{done:?}")
    };
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let beside = saved.beside.unwrap();
    assert_eq!(mode(&beside), 0o600);
    let told: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&beside).unwrap()).unwrap();
    assert_eq!(
        (&told["tenant"], &told["rows"]),
        (&"contoso".into(), &6.into())
    );
    assert_eq!(saved.bytes, std::fs::metadata(&path).unwrap().len());
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(
        run(export(&t, Form::Csv), &path, false),
        Some(Done::Exists(_))
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert!(matches!(
        run(export(&t, Form::Csv), &path, true),
        Some(Done::Saved(_))
    ));
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("\"Text\"")
    );
    // a link is something that is there, wherever it leads
    let link = dir.path().join("exports/link.csv");
    std::os::unix::fs::symlink("/nowhere/else", &link).unwrap();
    assert!(matches!(
        run(export(&t, Form::Csv), &link, false),
        Some(Done::Exists(_))
    ));
}

#[test]
fn what_is_no_ordinary_file_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let table = table();
    match run(export(&table, Form::Csv), &path, true) {
        Some(Done::Failed(why)) => assert!(why.contains("no ordinary file"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(!std::fs::symlink_metadata(&path).unwrap().is_file());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_is_missing_or_cannot_be_written_is_a_sentence_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let t = table();
    let missing = Work::Save(Save {
        export: export(&t, Form::Csv),
        path: dir
            .path()
            .join("no/such/out.csv")
            .to_string_lossy()
            .into_owned(),
        folder: "/elsewhere".into(),
        replace: false,
    });
    let Some(Done::Failed(why)) = missing.run() else {
        panic!()
    };
    assert!(why.contains("there is no folder"), "{why}");
    let Some(Done::Failed(why)) = run(export(&t, Form::Csv), Path::new("/proc/out.csv"), false)
    else {
        panic!()
    };
    assert!(why.contains("/proc"), "{why}");
    for (kind, words) in [
        (io::ErrorKind::StorageFull, "the disk is full"),
        (
            io::ErrorKind::ReadOnlyFilesystem,
            "cannot be written; choose another folder",
        ),
        (io::ErrorKind::PermissionDenied, "cannot be written by you"),
        (io::ErrorKind::IsADirectory, "is a folder"),
    ] {
        let said = sentence(Path::new("/x/\u{1b}.csv"), &kind.into());
        assert!(said.contains(words) && !said.contains('\u{1b}'), "{said}");
    }
    assert!(save::absolute("  ").is_err());
}

/// Takes so many bytes, then the disk is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::StorageFull.into()),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_ends_the_writing_with_its_reason_in_every_form() {
    let t = table();
    for form in Form::ALL {
        let failed = export(&t, form).write(&mut Full(40)).unwrap_err();
        assert!(
            matches!(&failed, Failed::Io(e) if e.kind() == io::ErrorKind::StorageFull),
            "{form:?}: {failed}"
        );
    }
}

#[test]
fn a_cancelled_export_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let x = export(&table(), Form::Csv);
    x.cancel.cancel();
    let path = dir.path().join("out.csv");
    assert!(matches!(
        save::write(&x, &path, false),
        Err(Failed::Cancelled)
    ));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn forms_are_found_by_their_ending() {
    for form in Form::ALL {
        assert_eq!(Form::named(&form.ending().to_uppercase()), Some(form));
    }
    assert_eq!(Form::named("doc"), None);
}
