//! What hunts rely on: rules of values, and properties that hold whatever the rows are.

use super::{Answer, Catalog, ErrorKind, Options, RunError, Stored, run};
use crate::bind::World;
use crate::schema::{Schema, Which};
use crate::types::Ty;
use proptest::prelude::*;
use std::sync::{Arc, OnceLock};

fn plain() -> &'static World {
    static CELL: OnceLock<World> = OnceLock::new();
    CELL.get_or_init(|| World::new(Schema::builtin(Which::Unified)))
}

fn options(threads: usize) -> Options {
    Options {
        // 2026-01-01
        now: 17_672_256_000_000_000,
        threads,
        memory_limit: 64 << 20,
        ..Options::default()
    }
}

fn ask(q: &str) -> Result<Answer, RunError> {
    run(q, plain(), &Catalog::new(), &options(1))
}

fn rows(q: &str) -> String {
    match ask(q) {
        Ok(a) => {
            let mut s = String::new();
            a.write_json(&mut s);
            s
        }
        Err(e) => format!("{}: {}", e.kind.name(), e.message),
    }
}

#[test]
fn values_are_kustos() {
    for (q, want) in [
        // null and empty
        (
            "print isnull(int(null)), isempty(''), int(null) == 1, int(null) != 1, int(null) < 1",
            "[[true,true,false,true,null]]",
        ),
        // whole division, the modulo is never negative, what cannot be is null
        (
            "print 7 / 2, -7 % 3, 1 / 0, 1.0 / 0, 7.0 / 2",
            "[[3,2,null,\"Infinity\",3.5]]",
        ),
        (
            "print bin(-7, 3), bin(7.5, 2.0), bin(datetime(2024-05-07 13:14), 1d), bin(26h, 1d)",
            "[[-9,6,\"2024-05-07T00:00:00.0000000Z\",\"1.00:00:00\"]]",
        ),
        // terms end at what is no letter and no digit
        (
            "print 'net user /add' has 'user', 'netuser' has 'user', 'a_user-b' has 'user', 'x.exe' has '.exe', 'CMD' has_cs 'cmd'",
            "[[true,false,true,true,false]]",
        ),
        (
            "print 'North' startswith 'no', 'abc' contains_cs 'B', 'abc' !endswith 'BC', 'a' in~ ('A'), 'a' in ('A')",
            "[[true,false,false,true,false]]",
        ),
        (
            "print datetime(2024-03-01) - datetime(2024-02-28), datetime(2024-02-28) + 2d, 1h / 30m",
            "[[\"2.00:00:00\",\"2024-03-01T00:00:00.0000000Z\",2]]",
        ),
        (
            "print d = dynamic({'a':{'b':[1,'x',null]}}) | project d.a.b[1], d.a.b[-2], d.a.b[9], d.z.y, tostring(d.a)",
            "[[\"x\",\"x\",null,null,\"{\\\"b\\\":[1,\\\"x\\\",null]}\"]]",
        ),
        (
            "print tostring(parse_json('{\"a\": 1 }')), parse_json('no json'), tostring(true), tostring(1.50), tostring(1d)",
            "[[\"{\\\"a\\\":1}\",\"no json\",\"true\",\"1.5\",\"1.00:00:00\"]]",
        ),
        (
            "print split('a;b;;c', ';'), strcat('a', 1, true), substring('hello', 1, 2), extract('(\\\\d+)', 1, 'a42b', typeof(int))",
            "[[[\"a\",\"b\",\"\",\"c\"],\"a1true\",\"el\",42]]",
        ),
        (
            "print ago(1d), todatetime('no'), toint('x'), tolong('0x1F'), todouble('1e3')",
            "[[\"2025-12-31T00:00:00.0000000Z\",null,null,31,1000]]",
        ),
    ] {
        assert_eq!(rows(q), want, "{q}");
    }
}

#[test]
fn tables_are_kustos() {
    let t = "let T = datatable(k:string, n:long) ['a', 1, 'b', 2, 'a', 3, '', 4]; ";
    for (q, want) in [
        (
            "T | summarize sum(n), make_set(n) by k",
            "[[\"a\",4,[1,3]],[\"b\",2,[2]],[\"\",4,[4]]]",
        ),
        (
            "T | where n > 9 | summarize count(), max(n), make_list(n)",
            "[[0,null,[]]]",
        ),
        ("T | where n > 9 | summarize count() by k", "[]"),
        (
            "T | summarize arg_max(n, *) by k | sort by n asc",
            "[[\"b\",2],[\"a\",3],[\"\",4]]",
        ),
        (
            "T | join kind=inner (T | where n > 1) on k | sort by n asc, n1 asc",
            "[[\"a\",1,\"a\",3],[\"b\",2,\"b\",2],[\"a\",3,\"a\",3],[\"\",4,\"\",4]]",
        ),
        ("T | join (T) on k | count", "[[4]]"),
        (
            "T | join kind=leftanti (T | where k == 'a') on k",
            "[[\"b\",2],[\"\",4]]",
        ),
        ("T | top 2 by n desc | project n", "[[4],[3]]"),
        (
            "T | serialize r = row_number(), p = prev(n) | project r, p",
            "[[1,null],[2,1],[3,2],[4,3]]",
        ),
        (
            "T | extend l = dynamic(['x','y']) | mv-expand l to typeof(string) | summarize count() by l",
            "[[\"x\",4],[\"y\",4]]",
        ),
        (
            "T | summarize l = make_list(n) by k | mv-apply x = l to typeof(long) on (summarize s = sum(x)) | project k, s",
            "[[\"a\",4],[\"b\",2],[\"\",4]]",
        ),
        (
            "T | summarize l = make_list(n) by k | mv-apply x = l to typeof(long) on (top 1 by x) | project k, x",
            "[[\"a\",3],[\"b\",2],[\"\",4]]",
        ),
        ("T | union (T | where n == 1) | count", "[[5]]"),
        (
            "let f = (x:long) { x * 2 }; T | extend f(n) | project Column1 | take 2",
            "[[2],[4]]",
        ),
        (
            "T | where n in ((T | where k == 'a' | project n)) | count",
            "[[2]]",
        ),
        (
            "T | top-nested 1 of k by s = sum(n), top-nested 1 of n by m = max(n) | project k, s, n, m",
            "[[\"a\",4,3,3]]",
        ),
        ("T | evaluate pivot(k, sum(n)) | project a, b", "[[4,2]]"),
        (
            "print s='id=7;name=x' | parse s with 'id=' id:long ';name=' name | project id, name",
            "[[7,\"x\"]]",
        ),
    ] {
        let q = format!("{t}{q}");
        assert_eq!(rows(&q), want, "{q}");
    }
}

#[test]
fn what_is_not_run_names_itself_and_its_place() {
    let q = "print x = 1 | evaluate python(typeof(*), 'x')";
    match ask(q) {
        Err(e) => {
            assert_eq!(e.kind, ErrorKind::Unsupported);
            assert!(e.message.contains("python"), "{}", e.message);
            let (a, b) = e.span.unwrap_or_default();
            assert_eq!(q.get(a as usize..b as usize), Some("python"));
        }
        Ok(_) => panic!("python runs"),
    }
    let e =
        ask("externaldata(a:string)['https://x.example/a.csv']").expect_err("nothing is fetched");
    assert_eq!(e.kind, ErrorKind::Source);
    assert!(
        e.message.contains("https://x.example/a.csv"),
        "{}",
        e.message
    );
}

#[test]
fn what_is_too_much_ends_in_a_limit() {
    for q in [
        "range x from 1 to 100000000000 step 1",
        "let t = range x from 1 to 100000 step 1 | extend k = 1; t | join kind=inner t on k",
        "range x from 1 to 2000000 step 1 | extend s = strcat('value number ', x) | summarize make_set(s)",
    ] {
        match ask(q) {
            Err(e) => assert_eq!(e.kind, ErrorKind::Limit, "{q}: {}", e.message),
            Ok(a) => assert!(a.rows() <= 1, "{q}"),
        }
    }
    // a regex that would grow without bound is refused
    assert!(ask("print 'x' matches regex '((((a{100}){100}){100}){100})'").is_err());
}

/// A search over many texts at once finds what a search in each finds.
#[test]
fn one_search_over_all_is_a_search_in_each() {
    use super::guard::Guard;
    use super::matcher::{Matcher, StrOp};
    let guard = Arc::new(Guard::new(table::Cancel::new(), 1 << 20));
    let texts = [
        "net user",
        "NetUser",
        "",
        "user",
        "a.user",
        "xuser net",
        "use",
        "r user",
        "usernet user",
        "us",
    ];
    let (mut all, mut offsets) = (String::new(), vec![0u32]);
    for t in texts {
        all.push_str(t);
        offsets.push(all.len() as u32);
    }
    for op in [
        StrOp::Has,
        StrOp::HasPrefix,
        StrOp::HasSuffix,
        StrOp::Contains,
    ] {
        for (fold, not) in [(true, false), (true, true), (false, false)] {
            for needle in ["user", "net", ".user", "r", "xuser n", "us"] {
                let m = Matcher::new(op, fold, not, needle, &guard).expect("a plain pattern");
                let each: Vec<u8> = texts.iter().map(|t| u8::from(m.matches(t))).collect();
                assert_eq!(
                    m.scan(all.as_bytes(), &offsets),
                    Some(each),
                    "{op:?} {fold} {not} {needle}"
                );
            }
        }
    }
}

/// Long arrays are sorted in runs.
#[test]
fn long_arrays_are_sorted_as_short_ones() {
    let q = "print l = range(1, 20000) | extend d = array_sort_desc(l) | extend u = array_sort_asc(d) \
             | project a = tolong(d[0]), b = tolong(d[19999]), same = tostring(u) == tostring(l)";
    let out = rows(q);
    assert!(out.contains("[20000,1,true]"), "{out}");
}

/// Long patterns in long texts take another way; it finds the same.
#[test]
fn long_patterns_are_found_wherever_they_are() {
    use super::guard::Guard;
    use super::matcher::{Matcher, StrOp};
    let guard = Arc::new(Guard::new(table::Cancel::new(), 1 << 20));
    let base = "aBab ".repeat(40_000);
    for needle in [
        "abab ".repeat(20),
        "ABab ".repeat(13) + "c",
        "b".repeat(70_000),
    ] {
        let m = Matcher::new(StrOp::Contains, true, false, &needle, &guard).expect("plain");
        let word = Matcher::new(StrOp::Has, true, false, &needle, &guard).expect("plain");
        for at in [0, 5, 16_380, 65_500, 65_536, 131_035, 200_000] {
            let hay = format!("{}.{needle}.{}", &base[..at], &base[at..]);
            assert!(m.matches(&hay) && word.matches(&hay), "{at}");
            assert!(m.matches_ascii(&hay), "{at}");
            let short = &needle[1..];
            let hay = format!("{}.{short}.{}", &base[..at], &base[at..]);
            let there = hay.to_lowercase().contains(&needle.to_lowercase());
            assert_eq!(m.matches(&hay), there, "{at} {}", &needle[..8]);
        }
    }
}

#[test]
fn a_cancelled_query_stops() {
    let o = options(1);
    o.cancel.cancel();
    let e = run("range x from 1 to 10 step 1", plain(), &Catalog::new(), &o)
        .expect_err("it was cancelled");
    assert_eq!(e.kind, ErrorKind::Cancelled);
}

// ---- properties

type Row = (Option<i64>, u8, String, bool);

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(
        (
            prop::option::of(-5i64..5),
            0u8..4,
            prop_oneof![Just(String::new()), "[ab]{1,2}( x)?", Just("é".to_owned())],
            any::<bool>(),
        ),
        0..60,
    )
}

/// The rows as a table `T` in chunks of that size.
fn stored(rows: &[Row], chunk: usize) -> (World, Catalog) {
    let columns = vec![
        ("n".to_owned(), Ty::LONG),
        ("g".to_owned(), Ty::LONG),
        ("s".to_owned(), Ty::STRING),
        ("b".to_owned(), Ty::BOOL),
    ];
    let schema = Stored::chunk_schema(&columns);
    let chunks = rows
        .chunks(chunk.max(1))
        .map(|part| {
            let mut b = table::ChunkBuilder::new(schema.clone());
            for (n, g, s, t) in part {
                b.int(0, *n);
                b.int(1, Some(i64::from(*g)));
                b.text(2, Some(s));
                b.bool(3, Some(*t));
                b.end_row();
            }
            Arc::new(b.finish())
        })
        .collect();
    let mut c = Catalog::new();
    c.add("T", Stored { columns, chunks });
    let world = World::new(Arc::new(c.schema(&Schema::default())));
    (world, c)
}

fn on(rows: &[Row], chunk: usize, threads: usize, q: &str) -> String {
    let (world, c) = stored(rows, chunk);
    match run(q, &world, &c, &options(threads)) {
        Ok(a) => {
            let mut s = String::new();
            a.write_json(&mut s);
            s
        }
        Err(e) => format!("{}: {}", e.kind.name(), e.message),
    }
}

const CONDITIONS: [&str; 6] = [
    "n > 0",
    "n != 2",
    "s has 'a'",
    "s startswith 'B'",
    "b",
    "g in (1, 2)",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_filters_are_one_and_their_order_is_nothing(r in some_rows(), p in 0usize..6, q in 0usize..6, chunk in 1usize..40) {
        let (p, q) = (CONDITIONS[p], CONDITIONS[q]);
        let one = on(&r, chunk, 1, &format!("T | where {p} and {q}"));
        prop_assert_eq!(&one, &on(&r, chunk, 1, &format!("T | where {p} | where {q}")));
        prop_assert_eq!(&one, &on(&r, chunk, 1, &format!("T | where {q} and {p}")));
        prop_assert_eq!(&one, &on(&r, 1000, 1, &format!("T | where {p} and {q}")));
    }

    #[test]
    fn chunks_and_threads_do_not_show(r in some_rows(), chunk in 1usize..40, q in 0usize..6) {
        let q = [
            "T | summarize count(), sum(n), min(n), make_set(s), dcount(s), arg_max(n, s) by g, b",
            "T | summarize avg(n), stdev(n), make_list(n), take_any(s) by s",
            "T | join kind=fullouter (T | where b) on g, s | sort by n asc, g asc, s asc, n1 asc, b asc, b1 asc",
            "T | sort by s desc, n asc, g asc, b asc",
            "T | distinct g, s",
            // what a value is known by is the same for every thread
            "T | extend d = datetime(2026-01-01) + g * 1d, x = n * 0.5, m = todecimal(n), j = dynamic([1, 'a']) \
             | summarize make_set(d), make_set(x), make_set(m), make_set(j), make_set(n, 2), dcount(d), make_list(s, 3), make_bag(bag_pack(s, n)) by b",
        ][q];
        let one = on(&r, 1000, 1, q);
        prop_assert_eq!(&one, &on(&r, chunk, 1, q));
        prop_assert_eq!(&one, &on(&r, chunk, 3, q));
    }

    #[test]
    fn parts_summed_up_are_the_whole(r in some_rows(), chunk in 1usize..40) {
        let whole = on(&r, chunk, 1, "T | summarize c = count(), s = sum(n), m = max(n) by g | sort by g asc");
        let parts = on(&r, chunk, 1, "union (T | where b | summarize c = count(), s = sum(n), m = max(n) by g), (T | where not(b) | summarize c = count(), s = sum(n), m = max(n) by g) | summarize c = sum(c), s = sum(s), m = max(m) by g | sort by g asc");
        prop_assert_eq!(whole, parts);
    }
}
