//! Queries that nobody should write: each gives its rows or says which limit it met, holding no more than
//! it may; and every kind of operator stops where it is when asked to. Work is counted, not time.
//! `WF_SOAK=1` runs them at full size and by the clock.

use super::guard::Guard;
use super::run::run_guarded;
use super::{Answer, Catalog, ErrorKind, Options, RunError, Stored};
use crate::bind::World;
use crate::schema::Schema;
use crate::types::Ty;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use table::Cancel;

const ROWS: usize = 20_000;

fn soak() -> bool {
    std::env::var_os("WF_SOAK").is_some()
}

/// A table `T` of a number that is its own, one of a hundred, texts, a dynamic value and an instant.
fn tables() -> &'static (World, Catalog) {
    static CELL: OnceLock<(World, Catalog)> = OnceLock::new();
    CELL.get_or_init(|| {
        let columns = vec![
            ("n".to_owned(), Ty::LONG),
            ("g".to_owned(), Ty::LONG),
            ("s".to_owned(), Ty::STRING),
            ("d".to_owned(), Ty::DYNAMIC),
            ("t".to_owned(), Ty::DATETIME),
        ];
        let schema = Stored::chunk_schema(&columns);
        let numbers: Vec<i64> = (0..ROWS as i64).collect();
        let chunks = numbers
            .chunks(2000)
            .map(|part| {
                let mut b = table::ChunkBuilder::new(schema.clone());
                for n in part {
                    b.int(0, Some(*n));
                    b.int(1, Some(n * 7919 % 100));
                    b.text(2, Some(&format!("name={n}; code=k{}", n % 13)));
                    b.text(3, Some(&format!("{{\"a\":[{n},2],\"b\":\"x{}\"}}", n % 3)));
                    b.int(4, Some(17_672_256_000_000_000 + n * 600_000_000));
                    b.end_row();
                }
                Arc::new(b.finish())
            })
            .collect();
        let mut c = Catalog::new();
        c.add("T", Stored { columns, chunks });
        (World::new(Arc::new(c.schema(&Schema::default()))), c)
    })
}

fn ask(
    q: &str,
    threads: usize,
    limit: usize,
    until: u64,
) -> (Result<Answer, RunError>, Arc<Guard>) {
    let (world, catalog) = tables();
    let cancel = Cancel::new();
    let guard = Arc::new(Guard::until(cancel.clone(), limit, until));
    let options = Options {
        now: 17_672_256_000_000_000,
        threads,
        memory_limit: limit,
        cancel,
        row_limit: None,
    };
    (
        run_guarded(q, world, catalog, &options, guard.clone()),
        guard,
    )
}

const KINDS: &[&str] = &[
    "T | where s matches regex 'k1[0-9]'",
    "T | where s contains 'K1' and n % 3 == 1",
    "T | where strcat(s, n) endswith '7'",
    "T | extend x = replace_string(s, 'name', 'y'), y = case(n > 5, 'a', g > 3, 'b', s)",
    "T | project n, l = split(s, ';')",
    "T | summarize count(), make_set(s), dcount(s), percentile(n, 50), arg_max(t, *) by g",
    "T | summarize make_list(d), stdev(n) by n",
    "T | summarize make_bag(d)",
    "T | distinct s, g",
    "T | sort by s desc, n asc",
    "T | sort by tostring(d.b) asc",
    "T | top 10 by strlen(s)",
    "T | top-nested 3 of g by count(), top-nested 2 of s by max(n)",
    "T | join kind=inner (T | project g, m = n | take 100) on g",
    "T | join kind=fullouter T on s",
    "T | join kind=leftanti (T | take 10) on n",
    "T | join kind=innerunique T on g",
    "T | lookup T on s",
    "T | mv-expand d.a",
    "T | mv-expand kind=array d",
    "T | mv-apply x = d.a to typeof(long) on (summarize sum(x))",
    "T | parse s with 'name=' name:long '; code=' code",
    "T | parse-kv s as (name:long, code:string) with (pair_delimiter=';', kv_delimiter='=')",
    "T | make-series c = count() on t step 1h by g",
    "T | partition by g (top 2 by n)",
    "T | evaluate pivot(g, count(), n)",
    "T | evaluate bag_unpack(d)",
    "T | evaluate narrow()",
    "T | serialize r = row_number(), p = prev(n)",
    "T | serialize | extend c = row_cumsum(n), k = row_rank_dense(g)",
    "T | where n in ((T | where g < 50 | project n))",
    "T | sample 10",
    "T | sample-distinct 5 of s",
    "search 'k3'",
    "union T, (T | where g > 3) | where s has 'k3'",
    "T | extend x = hash_sha256(s), y = tostring(d), z = format_datetime(t, 'yyyy-MM')",
];

#[test]
fn every_kind_of_operator_stops_where_it_is() {
    let mut wrong = Vec::new();
    for threads in [1, 3] {
        for q in KINDS {
            let (whole, guard) = ask(q, threads, 1 << 30, u64::MAX);
            let all = guard.work();
            // who says nothing of what it does cannot be stopped
            if whole.is_err() || all < ROWS as u64 / 2 {
                wrong.push(format!("{q}: {all} {:?}", whole.err()));
                continue;
            }
            for percent in [3, 20, 45, 70, 90] {
                let until = all * percent / 100;
                let (found, guard) = ask(q, threads, 1 << 30, until);
                let error = found.err().map(|e| e.kind);
                // each thread ends the step it is in: a part, a run of a sort
                let more = guard.work() - until;
                if error != Some(ErrorKind::Cancelled) || more > 20_000 {
                    wrong.push(format!("{q} at {percent} %: {error:?}, {more} more"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Too much for 8 MB: each names the operator that met the limit, and nothing was held far beyond it.
#[test]
fn what_is_too_much_names_who_asked_for_it() {
    const LIMIT: usize = 8 << 20;
    let mut wrong = Vec::new();
    for (q, who) in [
        (
            "T | summarize make_set(strcat(s, s, s, s, s, s, s, s, s, s, s, s))",
            "`summarize`",
        ),
        (
            "T | extend big = strrep(s, 20) | summarize make_list(big) by n",
            "`summarize`",
        ),
        ("T | extend x = strrep(s, 40)", "`extend`"),
        (
            "T | extend k = 1 | join kind=inner (T | extend k = 1) on k",
            "the join would give 400000000 rows",
        ),
        (
            "T | extend k = 1 | join kind=inner (T | extend k = 1) on $left.k == $right.k | count",
            "the join would give",
        ),
        ("print l = range(1, 1000000) | mv-expand l", "`mv-expand`"),
        ("T | extend l = range(1, 1000) | mv-expand l", "`mv-expand`"),
        (
            "range x from 1 to 1000000000000 step 1",
            "the range has more values",
        ),
        (
            "range x from 1 to 1000000000000 step 1 | count",
            "the range has more values",
        ),
        ("T | extend x = repeat(s, 1000)", "`extend`"),
        (
            "print strrep(strrep(strrep('abcdefgh', 1000), 1000), 1000)",
            "more than 64 MB",
        ),
        (
            "print a = strrep('abcdefgh', 1000) | extend b = replace_string(a, 'a', a) | extend c = replace_string(b, 'b', b)",
            "more than 64 MB",
        ),
        (
            "let a = T | extend x = strrep(s, 10); let b = a | extend y = strrep(x, 2); union a, b",
            "`extend`",
        ),
        (
            "let A = T | extend x = strrep(s, 8); let B = T | extend y = strrep(s, 8); A | join kind=fullouter B on n | join kind=fullouter A on n",
            "tables of `let`",
        ),
        ("T | make-series c = count() on t step 1s by n", "series"),
        ("T | evaluate pivot(s, count(), n)", "columns"),
        (
            "T | extend d = bag_pack(s, n) | evaluate bag_unpack(d)",
            "different keys",
        ),
        (
            "T | where s in ((T | extend x = strrep(s, 40) | project x))",
            "`extend`",
        ),
        (
            "T | summarize make_bag(bag_pack(s, strrep(s, 20)))",
            "`summarize`",
        ),
    ] {
        for threads in [1, 2] {
            let (found, guard) = ask(q, threads, LIMIT, u64::MAX);
            // a step more than may be, or a value as long as values may be
            let most = guard.most();
            match found {
                Err(e)
                    if e.kind == ErrorKind::Limit
                        && e.message.contains(who)
                        && most <= LIMIT * 2 => {}
                Err(e) => wrong.push(format!("{q}: {most}: {}", e.message)),
                Ok(a) => wrong.push(format!("{q}: {most}: {} rows", a.rows())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_fits_is_not_refused() {
    // columns that flow on count once, what is no more does not count
    let mut q = "T".to_owned();
    for i in 0..40 {
        q.push_str(&format!(" | where n != {i} | extend x{i} = n + {i}"));
    }
    let (found, _) = ask(&format!("{q} | count"), 2, 40 << 20, u64::MAX);
    assert!(found.is_ok(), "{:?}", found.err());
    let (found, guard) = ask(
        "T | extend a = strrep(s, 8) | extend b = strlen(a) | project n, b | extend c = strrep(tostring(b), 4) | summarize max(c), count() by b",
        1,
        12 << 20,
        u64::MAX,
    );
    assert!(found.is_ok(), "{:?} {}", found.err(), guard.most());
}

/// Whatever the text of the query asks for comes back as rows or as a sentence.
#[test]
fn hostile_texts_and_values_come_back() {
    let columns: Vec<String> = (0..10_000).map(|i| format!("c{i} = {i}")).collect();
    let wide = format!("print {}", columns.join(", "));
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let list: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    let lets = |n: usize| {
        let each = (1..=n).map(|i| format!("let a{i} = toscalar(print a{0} + 1);\n", i - 1));
        let all: String = each.collect();
        format!("let a0 = toscalar(print 1);\n{all}print a{n}")
    };
    let queries = [
        (wide.clone(), Some(1)),
        (format!("{wide} | extend z = c1 + c9999 | project-away c5* | summarize count() by c1"), Some(1)),
        (format!("print d = parse_json('{deep}') | extend t = gettype(d), l = array_length(d)"), Some(1)),
        (format!("T | where n in ({})", list.join(",")), Some(ROWS)),
        (lets(20), Some(1)),
        (lets(200), None),
        ("let f = (x:long) { toscalar(T | where n == x | project n) }; print f(7)".into(), Some(1)),
        ("print 'x' matches regex '((((a{100}){100}){100}){100})'".into(), None),
        ("print strrep('a', 100) matches regex '(a{1,100}){1,100}b'".into(), Some(1)),
        ("T | take 30 | where s matches regex strcat('(', s, '){1,1000}')".into(), Some(30)),
        (
            r"print a = strrep(strrep('abcdefgh', 1000), 1000) | extend c = replace_regex(a, '(.)', @'\1\1\1\1\1\1\1\1\1\1')".into(),
            None,
        ),
        ("T | summarize make_list(s) by n | count".into(), Some(1)),
        (
            "T | summarize c = strcat_array(make_list(hash_sha256(n)), '') | where c matches regex '(([0-9a-f]{1,40}[0-7]){1,40}[89a-f]){1,20}x'".into(),
            None,
        ),
        (
            "T | summarize c = strcat_array(make_list(hash_sha256(n)), '') | where not(c matches regex 'abc[0-9]{3,9}x') | extend n = strlen(extract('([0-9]{12})', 1, c))".into(),
            Some(1),
        ),
    ];
    let mut wrong = Vec::new();
    for (q, rows) in queries {
        let shown: String = q.chars().take(60).collect();
        let (found, _) = ask(&q, 2, 256 << 20, u64::MAX);
        match (found, rows) {
            (Ok(a), Some(n)) if a.rows() == n => {}
            (Err(_), None) => {}
            (Err(e), _) => wrong.push(format!("{shown}: {}", e.message)),
            (Ok(a), _) => wrong.push(format!("{shown}: {} rows", a.rows())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// At full size and by the clock: five seconds, the memory limit, and fifty milliseconds to stop.
#[test]
fn full_sizes_by_the_clock() {
    if !soak() {
        return;
    }
    let big = "let R = range x from 1 to 1000000 step 1;";
    let queries = [
        format!("{big} R | extend s = strcat('value number ', x) | summarize make_set(s), dcount(s)"),
        format!("{big} R | extend s = strcat('value number ', x) | summarize make_list(s) by x | count"),
        format!("{big} R | extend k = x % 1000 | join kind=inner (R | extend k = x % 1000) on k"),
        format!("{big} R | extend s = strcat('v', x * 7919 % 1000003), d = x % 7 | sort by s desc, d asc"),
        "print l = range(1, 1000000) | mv-expand l to typeof(long) | mv-expand m = range(1, 100)".to_owned(),
        "range x from 1 to 1000000000000 step 1".to_owned(),
        format!("{big} R | extend s = strrep('a', 1000) | extend s = strrep(s, 1000)"),
        format!("{big} R | where x in ((R | project x))  | count"),
        "print c = strrep(strrep('ab', 1000), 1000) | extend c = strcat(c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c) | extend m = c matches regex '(a{1,200}){1,200}c', n = extract_all('((ab){1,30}){1,20}', c)".to_owned(),
        "print c = strrep(strrep('a', 1000), 1000) | extend c = strcat(c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c) | extend m = c matches regex '([a-c]{1,90}[a-b]{1,90}){1,90}d'".to_owned(),
    ];
    let mut wrong = Vec::new();
    for q in &queries {
        let limit = 512 << 20;
        let start = Instant::now();
        let (found, guard) = ask(q, 2, limit, u64::MAX);
        let took = start.elapsed();
        let shown: String = q.chars().take(100).collect();
        let end = found.map(|a| a.rows()).map_err(|e| e.message);
        eprintln!(
            "{took:9.2?} {:4} MB {shown}\n            {end:?}",
            guard.most() >> 20
        );
        if took >= Duration::from_secs(5) || guard.most() > limit + limit / 2 {
            wrong.push(format!("{shown}: {took:?}, {} MB", guard.most() >> 20));
        }
        // and stopped from outside, at a few moments
        for part in [4, 2] {
            let wait = took / part;
            let (world, catalog) = tables();
            let options = Options {
                threads: 2,
                memory_limit: limit,
                ..Options::default()
            };
            let cancel = options.cancel.clone();
            let asked = std::thread::scope(|s| {
                let run = s.spawn(|| {
                    let _ = super::run(q, world, catalog, &options);
                    Instant::now()
                });
                std::thread::sleep(wait);
                cancel.cancel();
                let asked = Instant::now();
                run.join().map(|end| end.saturating_duration_since(asked))
            });
            let late = asked.unwrap_or_default();
            eprintln!("            stopped after {late:.2?}");
            if late >= Duration::from_millis(50) {
                wrong.push(format!("{shown}: stopped after {late:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
