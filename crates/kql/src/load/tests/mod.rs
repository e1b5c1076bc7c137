//! Tables out of files, good and bad.

mod archive;
mod external;

use super::*;
use crate::schema::{Schema, Which};
use std::io::Write as _;
use table::Cell;

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Dir {
        Dir(tempfile::tempdir().unwrap())
    }
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn load(files: &[PathBuf]) -> Loaded {
    table("T", files, None, 2)
}

fn known(name: &str, files: &[PathBuf]) -> Loaded {
    let schema = Schema::builtin(Which::Unified);
    table(name, files, schema.table(name).map(|t| &**t), 2)
}

/// `name:type`, in order.
fn types(t: &Loaded) -> String {
    let all: Vec<String> = t
        .def
        .columns
        .iter()
        .map(|c| format!("{}:{}", c.name, c.ty.name()))
        .collect();
    all.join(" ")
}

/// A row's cells as text.
fn row(t: &Loaded, row: u32) -> Vec<String> {
    let one = |place: &Option<usize>| match place.map_or(Cell::Null, |col| t.table.cell(row, col)) {
        Cell::Null => "null".into(),
        Cell::Text(t) => t.exact().to_owned(),
        Cell::Int(n) | Cell::Time(n) | Cell::Span(n) => n.to_string(),
        Cell::Real(n) => n.to_string(),
        Cell::Bool(b) => b.to_string(),
        Cell::List(_) => "list".into(),
    };
    t.places.iter().map(one).collect()
}

fn notes(t: &Loaded) -> Vec<String> {
    let name = |n: &Note| n.file.file_name().unwrap().to_string_lossy().into_owned();
    t.notes
        .kept()
        .iter()
        .map(|n| format!("{}:{} {}", name(n), n.line, n.reason))
        .collect()
}

#[test]
fn a_csv_files_columns_find_their_types() {
    let d = Dir::new();
    let f = d.file(
        "a.csv",
        "\u{feff}When,N,X,Ok,Id,Span,Bag,Word\r\n\
         2026-01-02T03:04:05Z,1,1.5,true,00000000-0000-0000-0000-00000000000A,00:00:01,\"{\"\"a\"\": 1}\",\"x, \"\"y\"\"\"\r\n\
         ,,,,,,,\r\n",
    );
    let t = load(&[f]);
    assert_eq!(
        types(&t),
        "When:datetime N:long X:real Ok:bool Id:guid Span:timespan Bag:dynamic Word:string"
    );
    assert_eq!(
        row(&t, 0),
        [
            "17673230450000000",
            "1",
            "1.5",
            "true",
            "00000000-0000-0000-0000-00000000000a",
            "10000000",
            "{\"a\":1}",
            "x, \"y\""
        ]
    );
    assert_eq!(
        row(&t, 1),
        ["null", "null", "null", "null", "null", "null", "null", ""]
    );
    assert!(t.notes.is_empty());
}

#[test]
fn a_known_table_has_its_schemas_types_and_columns() {
    let d = Dir::new();
    let f = d.file(
        "p.csv",
        "Extra,ReportId,TIMESTAMP,FileName\n7,12,2026-01-02,007\n8,x,2026-01-03,b\n",
    );
    let t = known("DeviceProcessEvents", &[f]);
    let schema = Schema::builtin(Which::Unified);
    let of_schema = schema.table("DeviceProcessEvents").unwrap().columns.len();
    assert_eq!(
        t.def.columns.len(),
        of_schema + 1,
        "the file's own column stands last"
    );
    assert_eq!(
        t.table.schema().len(),
        4,
        "columns that no file has are not stored"
    );
    let at = |name: &str| {
        t.places[t.def.columns.iter().position(|c| &*c.name == name).unwrap()].unwrap()
    };
    assert_eq!(
        t.table
            .text(0, at("FileName"))
            .map(|t| t.exact().to_owned())
            .as_deref(),
        Some("007")
    );
    assert_eq!(
        t.table.cell(0, at("Timestamp")).time(),
        Some(17_673_120_000_000_000)
    );
    assert!(t.table.cell(1, at("ReportId")).is_null());
    assert_eq!(t.table.cell(0, at("Extra")).int(), Some(7));
    assert_eq!(
        notes(&t),
        ["p.csv:3 \"ReportId\": \"x\" is no long, so null"]
    );
    assert_eq!((t.notes.lost, t.notes.mended), (0, 1));
}

#[test]
fn bad_lines_are_counted_and_kept_with_their_place() {
    let d = Dir::new();
    let csv = d.file("b.csv", "A,B\n1,2\n3\n4,5,6\n\"7\n7\",8\nx,\"9\n");
    let t = load(&[csv]);
    assert_eq!(t.table.rows(), 3);
    assert_eq!(
        notes(&t),
        [
            "b.csv:3 1 fields, not 2: left out",
            "b.csv:4 3 fields, not 2: left out",
            "b.csv:7 a quote is opened here and never closed",
        ]
    );
    assert_eq!(t.notes.lost, 2);
    let json = d.file(
        "b.json",
        "{\"A\":1}\r\nnonsense\r\n\r\n{\"A\":\r\n[1]\r\n{\"A\":2}\r\n{\"A\":3",
    );
    let t = load(&[json]);
    assert_eq!(t.table.rows(), 2);
    assert_eq!(
        notes(&t),
        [
            "b.json:2 is no JSON object: left out",
            "b.json:4 is no JSON (at character 5): left out",
            "b.json:5 is no JSON object: left out",
            "b.json:7 the last line is not finished: left out until it is",
        ]
    );
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_stay() {
    let d = Dir::new();
    let good = d.file("good.csv", "A\n1\n");
    let whole = gzip(("A,B\n".to_owned() + &"some,text\n".repeat(200_000)).as_bytes());
    let half = d.file("half.csv.gz", &whole[..whole.len() / 2]);
    let utf16 = d.file("wide.csv", b"\xff\xfeA\0");
    let zip = d.file("z.csv", b"PK\x03\x04....");
    let missing = d.0.path().join("none.csv");
    let t = load(&[missing, utf16, zip, d.0.path().to_owned(), good.clone()]);
    assert_eq!((t.table.rows(), types(&t).as_str()), (1, "A:long"));
    let said = notes(&t);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].starts_with("none.csv:0 there is no such file"));
    assert!(
        said[1].contains("UTF-16") && said[2].contains("packed") && said[3].contains("--archive")
    );
    let t = load(&[half]);
    assert!(t.table.rows() > 1000, "what came before the cut is kept");
    assert!(
        notes(&t)[0].ends_with("the gzip file is cut short: what came before is kept"),
        "{:?}",
        notes(&t)
    );
    let binary = d.file("bin.csv", b"A\n\xff\xfe1\nok\n");
    let t = load(&[binary]);
    assert_eq!(row(&t, 0), ["\u{fffd}\u{fffd}1"], "the row stays");
    assert_eq!(
        notes(&t),
        ["bin.csv:2 not UTF-8: what could not be read is U+FFFD"]
    );
    let nothing = load(&[d.file("empty.csv", ""), d.file("head.csv", "A,B\n")]);
    assert_eq!(
        (nothing.table.rows(), types(&nothing).as_str()),
        (0, "A:string B:string")
    );
}

#[test]
fn json_in_every_form_gives_the_same_table() {
    let d = Dir::new();
    let rows = [
        r#"{"A":1,"B":"x\ny","C":{"k": [1, 2]}}"#,
        r#"{"B":null,"A":2.5,"D":"\ud800"}"#,
    ];
    let forms = [
        rows.join("\n"),
        rows.join("\r\n") + "\r\n",
        format!("[{}]", rows.join(",")),
        format!("[\n  {}\n]\n", rows.join(",\n  ")),
        format!(
            "{{\"schema\":[{{\"name\":\"A\",\"type\":\"Double\"}}],\"results\":[{}]}}",
            rows.join(",")
        ),
        rows.join("\n").replace(",\"", ",\n\""),
        format!("\u{feff}{}", rows.join("\n")),
    ];
    for text in forms {
        for (name, bytes) in [
            ("a.json", text.clone().into_bytes()),
            ("a.json.gz", gzip(text.as_bytes())),
        ] {
            let t = load(&[d.file(name, bytes)]);
            assert_eq!(types(&t), "A:real B:string C:dynamic D:string", "{text}");
            assert_eq!(row(&t, 0), ["1", "x\ny", "{\"k\":[1,2]}", ""], "{text}");
            assert_eq!(row(&t, 1), ["2.5", "", "null", "\u{fffd}"]);
            assert!(t.notes.is_empty(), "{:?}", notes(&t));
        }
    }
}

#[test]
fn envelopes_of_the_export_are_opened_and_other_tables_left_out() {
    let d = Dir::new();
    let line = |table: &str, id: u32| {
        format!(
            "{{\"time\":\"2026-02-03T04:00:00Z\",\"tenantId\":\"t\",\"operationName\":\"Publish\",\"category\":\"AdvancedHunting-{table}\",\
             \"properties\":{{\"Timestamp\":\"2026-02-03T03:59:00Z\",\"ReportId\":{id},\"FileSize\":null,\"AdditionalFields\":\"{{\\\"a\\\":1}}\"}}}}"
        )
    };
    let lines = d.file(
        "PT1H.json",
        [
            line("DeviceEvents", 1),
            line("DeviceInfo", 2),
            line("DeviceEvents", 3),
        ]
        .join("\r\n"),
    );
    let hub = d.file(
        "hub.json",
        format!(
            "{{\"records\":[{},{}]}}\r\n",
            line("DeviceEvents", 4),
            line("DeviceEvents", 5)
        ),
    );
    let t = known("DeviceEvents", &[lines, hub]);
    let ids = t.places[t
        .def
        .columns
        .iter()
        .position(|c| &*c.name == "ReportId")
        .unwrap()]
    .unwrap();
    let ids: Vec<_> = (0..t.table.rows())
        .map(|r| t.table.cell(r, ids).int().unwrap())
        .collect();
    assert_eq!(ids, [1, 3, 4, 5]);
    assert_eq!(
        notes(&t),
        ["PT1H.json:1 1 rows are of other tables than DeviceEvents: left out"]
    );
}

/// One thread and many, plain and packed, parts that begin inside quotes: always the same rows.
#[test]
fn parts_of_a_file_give_what_the_whole_gives() {
    let d = Dir::new();
    let mut text = String::from("N,Text,Maybe\n");
    for n in 0..60_000 {
        let lines = "several\n\nlines \"\"q\"\"\n".repeat(n % 5);
        text += &format!("{n},\"{lines}\",{}\n", if n == 59_990 { "x" } else { "1" });
    }
    assert!(text.len() > 2 << 20, "so long that it is read in parts");
    let plain = d.file("a.csv", &text);
    let packed = d.file("a.csv.gz", gzip(text.as_bytes()));
    let one = table("T", std::slice::from_ref(&plain), None, 1);
    assert_eq!(
        (one.table.rows(), types(&one).as_str()),
        (60_000, "N:long Text:string Maybe:string")
    );
    for other in [
        table("T", &[plain], None, 2),
        table("T", &[packed], None, 2),
    ] {
        assert!(other.notes.is_empty(), "{:?}", notes(&other));
        assert_eq!(types(&other), types(&one));
        assert!((0..60_000).all(|r| row(&one, r) == row(&other, r)));
    }
}

#[test]
fn lines_are_numbered_through_all_parts() {
    let d = Dir::new();
    let text: String = (0..200_000)
        .map(|n| {
            if n == 199_000 {
                "{bad\n".into()
            } else {
                format!("{{\"N\":{n}}}\n")
            }
        })
        .collect();
    assert!(text.len() > 2 << 20);
    let t = load(&[d.file("a.json", text)]);
    assert_eq!((t.table.rows(), t.notes.lost), (199_999, 1));
    assert_eq!(
        notes(&t),
        ["a.json:199001 is no JSON (at character 2): left out"]
    );
}

#[test]
fn huge_cells_and_many_columns_give_a_table_or_a_limit() {
    let d = Dir::new();
    let cell = format!("A,B\n1,\"{}\"\n2,b\n", "x".repeat(50 << 20));
    let t = load(&[d.file("cell.csv", cell)]);
    assert_eq!((t.table.rows(), t.notes.is_empty()), (2, true));
    let wide = |n: usize| {
        let names: Vec<String> = (0..n).map(|i| format!("c{i}")).collect();
        let cells: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        format!("{}\n{}\n", names.join(","), cells.join(","))
    };
    let t = load(&[d.file("wide.csv", wide(10_000))]);
    assert_eq!((t.table.rows(), t.def.columns.len()), (1, 10_000));
    let t = load(&[d.file("wider.csv", wide(10_001))]);
    assert_eq!(notes(&t), ["wider.csv:0 has 10001 columns: 10000 at most"]);
}

#[test]
fn several_files_are_one_table() {
    let d = Dir::new();
    let a = d.file("a.csv", "A,B\n1,x\n");
    let b = d.file("b.json", "{\"B\":\"y\",\"C\":true}");
    let c = d.file("c.tsv", "A\tB\n2.5\tz\n");
    let t = load(&[a, b, c]);
    assert_eq!(types(&t), "A:real B:string C:bool");
    assert_eq!(row(&t, 0), ["1", "x", "null"]);
    assert_eq!(row(&t, 1), ["null", "y", "true"]);
    assert_eq!(row(&t, 2), ["2.5", "z", "null"]);
}
