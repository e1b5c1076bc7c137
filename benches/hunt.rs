//! What a large result costs: an answer read into a table while it arrives, the first page of it, a scroll key, a letter of
//! the filter, a sort, a local summary, and the memory of all that.

use divan::black_box;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use table::{Cancel, ChunkBuilder, Schema, Table, Type};
use watchfloor::app::hunt::grid::Grid;
use watchfloor::model::Ticks;
use watchfloor::resource::hunt_answer::{self, Framed, Unreadable};
use watchfloor::resource::hunt_cell;
use watchfloor::resource::hunt_export::{Export, Form, Provenance};
use watchfloor::resource::hunt_frames;
use watchfloor::resource::hunt_work::Work;
use watchfloor::resource::hunt_work::figures::FiguresOf;
use watchfloor::resource::hunt_work::refine::Refine;

const ROWS: usize = 100_000;
const COLUMNS: usize = 40;
const NOW: Ticks = Ticks(17_854_000_000_000_000);

/// Bytes that the process holds.
fn held() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<f64>().ok());
    pages.unwrap_or(0.0) * 4096.0 / (1 << 20) as f64
}

fn main() {
    let before = held();
    let grid = Grid::new(TABLE.clone());
    println!(
        "a result of {ROWS} x {COLUMNS} open: {:.0} MB more than without ({} MB of it columns); the whole process {:.0} MB",
        held() - before,
        grid.table.heap_bytes() >> 20,
        held()
    );
    drop(grid);
    let before = held();
    let (to, reader) = arriving(hunt_frames::frames);
    let mut bytes = 0;
    frames(|piece| {
        bytes += piece.len();
        to.send(piece).unwrap();
    });
    drop(to);
    let grid = Grid::new(reader.join().unwrap().unwrap().answer.table);
    println!(
        "{ROWS} x {COLUMNS} read from {} MB of frames: {:.0} MB more than before ({} MB of it columns)",
        bytes >> 20,
        held() - before,
        grid.table.heap_bytes() >> 20,
    );
    drop(grid);
    divan::main();
}

/// Pieces as the network gives them, no further ahead of the reader than in the program.
struct Feed(Receiver<Vec<u8>>, Vec<u8>, usize);

const PIECE: usize = 16 << 10;
const AHEAD: usize = 16;

impl Read for Feed {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.2 == self.1.len() {
            match self.0.recv() {
                Ok(piece) => (self.1, self.2) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let n = (self.1.len() - self.2).min(to.len());
        to[..n].copy_from_slice(&self.1[self.2..self.2 + n]);
        self.2 += n;
        Ok(n)
    }
}

type Reader = JoinHandle<Result<Framed, Unreadable>>;

fn arriving(
    read: impl FnOnce(Feed) -> Result<Framed, Unreadable> + Send + 'static,
) -> (SyncSender<Vec<u8>>, Reader) {
    let (to, from) = sync_channel(AHEAD);
    let reader = std::thread::spawn(move || read(Feed(from, Vec::new(), 0)));
    (to, reader)
}

/// The answer of a cluster with all rows, in pieces.
fn frames(mut give: impl FnMut(Vec<u8>)) {
    let mut out = String::from(
        r#"[{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"r","Columns":["#,
    );
    let kind = |col: usize| match col % 10 {
        0 => "datetime",
        3 => "long",
        7 => "bool",
        6 if col < 10 => "dynamic",
        _ => "string",
    };
    for col in 0..COLUMNS {
        let comma = if col > 0 { "," } else { "" };
        out.push_str(&format!(
            r#"{comma}{{"ColumnName":"Column{col}","ColumnType":"{}"}}"#,
            kind(col)
        ));
    }
    out.push_str(r#"],"Rows":["#);
    for row in 0..TABLE.rows() {
        out.push_str(if row > 0 { ",[" } else { "[" });
        for col in 0..COLUMNS {
            if col > 0 {
                out.push(',');
            }
            let text = hunt_cell::text(&TABLE, row, col);
            match kind(col) {
                "long" | "bool" | "dynamic" => out.push_str(&text),
                "datetime" => out.push_str(&format!("\"{}\"", text.replace(' ', "T"))),
                _ => out.push_str(&serde_json::to_string(&text).unwrap()),
            }
        }
        out.push(']');
        if out.len() > PIECE {
            give(std::mem::take(&mut out).into_bytes());
        }
    }
    out.push_str(r#"]},{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}]"#);
    give(out.into_bytes());
}

/// What is left to do when the last piece has come.
fn to_first_page((to, last, reader): (SyncSender<Vec<u8>>, Vec<u8>, Reader)) -> Grid {
    to.send(last).unwrap();
    drop(to);
    let grid = Grid::new(reader.join().unwrap().unwrap().answer.table);
    page(&grid, &mut String::new());
    grid
}

#[divan::bench(sample_count = 10)]
fn graph_answer_of_50_mb_from_its_last_byte_to_its_first_page(b: divan::Bencher) {
    b.with_inputs(|| {
        let (to, reader) = arriving(hunt_answer::arriving);
        let mut pieces: Vec<&[u8]> = ANSWER.as_bytes().chunks(PIECE).collect();
        let last = pieces.pop().unwrap_or_default().to_vec();
        for piece in pieces {
            to.send(piece.to_vec()).unwrap();
        }
        (to, last, reader)
    })
    .bench_values(to_first_page);
}

#[divan::bench(sample_count = 5)]
fn cluster_answer_of_100_000_x_40_from_its_last_byte_to_its_first_page(b: divan::Bencher) {
    b.with_inputs(|| {
        let (to, reader) = arriving(hunt_frames::frames);
        let mut last = Vec::new();
        frames(|piece| {
            let before = std::mem::replace(&mut last, piece);
            // to a reader an empty piece is the end
            if !before.is_empty() {
                to.send(before).unwrap();
            }
        });
        (to, last, reader)
    })
    .bench_values(to_first_page);
}

/// Cells as process events have them: instants, names that repeat, command lines that do not, hashes, numbers, JSON.
fn cell(b: &mut ChunkBuilder, col: usize, n: usize) {
    match col % 10 {
        0 => b.time(col, Some(NOW.0 - n as i64 * 10_000_000)),
        1 => b.text(col, Some(&format!("wks-{}.contoso.com", n % 3_000))),
        2 => b.text(
            col,
            Some(["ProcessCreated", "OpenProcess", "ScriptContent"][n % 3]),
        ),
        3 => b.int(col, Some((n * 7919 % 65_536) as i64)),
        4 if col < 20 => b.text(
            col,
            Some(&format!(
                "\"powershell.exe\" -NoProfile -File C:\\ops\\task{n}.ps1 -Run {}",
                n % 17
            )),
        ),
        5 if col < 10 => b.text(col, Some(&format!("{:064x}", n % 20_000))),
        6 if col < 10 => b.text(
            col,
            Some(&format!(r#"{{"Port":{},"Tags":["a"]}}"#, n % 900)),
        ),
        7 => b.bool(col, Some(n.is_multiple_of(3))),
        8 => b.text(col, Some(&format!("S-1-5-21-{}", n % 5_000))),
        _ => b.text(col, Some(&format!("value {}", n * (col + 1) % 700))),
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let kind = |col: usize| match col % 10 {
        0 => Type::Time,
        3 => Type::Long,
        7 => Type::Bool,
        6 if col < 10 => Type::Dynamic,
        _ => Type::Text,
    };
    let schema = Arc::new(Schema::new(
        (0..COLUMNS).map(|c| (format!("Column{c}"), kind(c))),
    ));
    let mut table = Table::new(schema.clone());
    let mut b = ChunkBuilder::new(schema.clone());
    for n in 0..ROWS {
        (0..COLUMNS).for_each(|col| cell(&mut b, col, n));
        b.end_row();
        if b.rows() == 16_384 {
            let full = std::mem::replace(&mut b, ChunkBuilder::new(schema.clone()));
            table.append(Arc::new(full.finish()));
        }
    }
    table.append(Arc::new(b.finish()));
    table
});

/// An answer of 50 MB as Graph writes it.
static ANSWER: LazyLock<String> = LazyLock::new(|| {
    let mut out = String::from(r#"{"schema":["#);
    for col in 0..COLUMNS {
        let kind = ["DateTime", "String", "String", "Int64", "String"][col % 5];
        out.push_str(&format!(
            r#"{}{{"name":"Column{col}","type":"{kind}"}}"#,
            if col > 0 { "," } else { "" }
        ));
    }
    out.push_str(r#"],"results":["#);
    let mut n = 0;
    while out.len() < 50 << 20 {
        out.push_str(if n > 0 { ",{" } else { "{" });
        for col in 0..COLUMNS {
            let comma = if col > 0 { "," } else { "" };
            match col % 5 {
                0 => out.push_str(&format!(
                    r#"{comma}"Column{col}":"2026-07-{:02}T{:02}:{:02}:00.1234567Z""#,
                    n % 28 + 1,
                    n % 24,
                    n % 60
                )),
                3 => out.push_str(&format!(r#"{comma}"Column{col}":{}"#, n * 7919 % 65_536)),
                4 => out.push_str(&format!(
                    r#"{comma}"Column{col}":"\"cmd.exe\" /c task{n} {col}""#
                )),
                _ => out.push_str(&format!(
                    r#"{comma}"Column{col}":"wks-{}.contoso.com""#,
                    n * (col + 1) % 3_000
                )),
            }
        }
        out.push('}');
        n += 1;
    }
    out.push_str("]}");
    out
});

/// Words of the cells of a page, as drawing needs them.
fn page(grid: &Grid, out: &mut String) {
    for (place, _, width) in grid.in_sight(200) {
        let Some(col) = grid.columns.get(place) else {
            continue;
        };
        for line in 0..45 {
            if let Some(row) = grid.rows.get(grid.top + line) {
                out.clear();
                hunt_cell::fit(out, grid.table.cell(row, *col), usize::from(width));
            }
        }
    }
}

#[divan::bench]
fn graph_answer_of_50_mb_that_is_all_there_to_its_first_page(b: divan::Bencher) {
    let _ = LazyLock::force(&ANSWER);
    b.bench(|| {
        let (answer, _) = hunt_answer::read(black_box(&ANSWER)).unwrap();
        let grid = Grid::new(answer.table);
        let mut out = String::new();
        page(&grid, &mut out);
        grid
    });
}

#[divan::bench]
fn first_page_of_100_000_x_40(b: divan::Bencher) {
    let table = TABLE.clone();
    b.bench(|| {
        let grid = Grid::new(table.clone());
        let mut out = String::new();
        page(&grid, &mut out);
        grid
    });
}

#[divan::bench]
fn a_scroll_key(b: divan::Bencher) {
    let mut grid = Grid::new(TABLE.clone());
    let mut out = String::new();
    b.bench_local(|| {
        grid.down(1, 45);
        if grid.at + 1 == ROWS {
            grid.at = 0;
        }
        page(&grid, &mut out);
        Buffer::empty(Rect::new(0, 0, 200, 50))
    });
}

#[divan::bench(args = ["p", "powershell", "wks-77", "Column3>60000 wks", "Column4:task99", "nothing-has-this"])]
fn a_letter_of_the_filter(b: divan::Bencher, text: &str) {
    let mut grid = Grid::new(TABLE.clone());
    b.bench_local(|| {
        grid.filter_by(black_box(text), NOW)
            .run()
            .map(|a| a.rows.len())
    });
}

#[divan::bench(args = [0, 1, 3, 4])]
fn a_sort(b: divan::Bencher, col: usize) {
    let mut grid = Grid::new(TABLE.clone());
    grid.col = col;
    b.bench_local(|| {
        grid.sort.clear();
        grid.sort_by(false, NOW)
            .and_then(|job| job.run())
            .map(|a| a.rows.len())
    });
}

#[divan::bench(args = ["summarize count() by Column1", "summarize n=count(), m=max(Column3) by Column2, Column8", "where Column4 has 'task99' | count"])]
fn a_local_query(b: divan::Bencher, text: &str) {
    b.bench_local(|| {
        Work::Refine(Refine {
            text: text.into(),
            table: TABLE.clone(),
            rows: TABLE.all(),
            files: Vec::new(),
            now: NOW,
            cancel: Cancel::new(),
        })
        .run()
    });
}

#[divan::bench(args = [1, 3, 4])]
fn figures_of_a_column(b: divan::Bencher, col: usize) {
    b.bench_local(|| {
        let of = FiguresOf {
            table: TABLE.clone(),
            rows: TABLE.all(),
            col,
            cancel: Cancel::new(),
        };
        of.run().map(|f| f.distinct)
    });
}

#[divan::bench(args = [Form::Csv, Form::Ndjson], sample_count = 5)]
fn export_of_100_000_x_40(b: divan::Bencher, form: Form) {
    b.bench_local(|| {
        let x = Export {
            table: TABLE.clone(),
            rows: TABLE.all(),
            columns: (0..COLUMNS).collect(),
            form,
            from: Provenance::default(),
            raw: false,
            visible: false,
            cancel: Cancel::new(),
        };
        x.write(&mut std::io::sink()).is_ok()
    });
}
