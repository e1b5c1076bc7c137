//! Whatever the text: spans cover it, nothing panics, formatting is stable. How long is
//! said by `WF_FUZZ_SECONDS`; by default a moment.

use kql::bind::World;
use kql::schema::{Schema, Which};
use kql::service::complete::complete;
use kql::service::hover::{hover, references};
use kql::service::{analyse, check, classify, format};
use kql::syntax::{lex, parse};
use std::time::{Duration, Instant};

const SEEDS: &[&str] = &[
    "DeviceProcessEvents\n| where Timestamp > ago(1d) and FileName in~ (\"a.exe\", @'b\\c')\n| summarize n=count(), arg_max(Timestamp, *) by DeviceName, bin(Timestamp, 1h)\n| top 10 by n desc nulls last",
    "let T = materialize(DeviceInfo | project DeviceId, x=dynamic({\"a\":[1,-2.5,null]}));\nT | join kind=leftanti hint.strategy=broadcast (DeviceEvents) on $left.DeviceId == $right.DeviceId, DeviceId",
    "let f = (a:string=\"x\", b:(c:long)) { print a }; union withsource=S isfuzzy=true Device*, (AlertInfo | extend ['q r']=1) | project-reorder S, * asc",
    "SigninLogs | mv-expand d=parse_json(DeviceDetail) to typeof(string) limit 5 | mv-apply e=d.x[\"y\"][0] on (where e has_any (\"p\",\"q\") | count)",
    "DeviceEvents | parse kind=regex AdditionalFields with * \"a\" b:long \"c\" d | make-series c=count() default=0 on Timestamp from ago(7d) to now() step 1d by DeviceName | render timechart with (title=\"t\")",
    "datatable(a:string, b:datetime)[\"x\", datetime(2020-01-01), 'y', datetime(null)] | evaluate pivot(a) : (*, z:long) | invoke FileProfile(SHA1, 10)",
    "externaldata(u:string)[h@\"https://x\"] with (format=\"csv\") | where u !between (1 .. 2) or -u < +3 | scan with_match_id=m declare (n:long=0) with (step s: true => n = s.n + 1;)",
    "// c\nset notruncation; declare query_parameters(p:long = 3); search in (AlertInfo) kind=case_sensitive \"a\" and Title:\"b\" | find where 1 == 1 project A:string, pack(*)",
];

struct Dice(u64);
impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

const PIECES: &[&str] = &[
    "|",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "'",
    "\"",
    "@\"",
    "```",
    "//",
    "\n",
    " ",
    "..",
    ".",
    "=",
    "==",
    "=>",
    "*",
    "-",
    "in",
    "by",
    "on",
    "with",
    "let ",
    "and",
    "not(",
    "dynamic(",
    "1d",
    "0x",
    "1e",
    "h'",
    "\\u12",
    "😀",
    "\u{a0}",
    "\0",
    "typeof(",
    "summarize",
    "join",
    "union",
    "project-away",
    "mv-apply",
    "datetime(",
    "$left",
    "{x}",
    "#",
    "toscalar(",
    "materialize(",
    "#connect",
];

fn mutate(text: &str, d: &mut Dice) -> String {
    let mut c: Vec<char> = text.chars().collect();
    for _ in 0..=d.below(4) {
        let at = d.below(c.len() + 1);
        match d.below(5) {
            0 => {
                let to = (at + d.below(20)).min(c.len());
                c.drain(at.min(to)..to);
            }
            1 => {
                let p = PIECES[d.below(PIECES.len())];
                c.splice(at..at, p.chars());
            }
            2 => {
                let to = (at + d.below(60)).min(c.len());
                let copy: Vec<char> = c[at.min(to)..to].to_vec();
                let into = d.below(c.len() + 1);
                c.splice(into..into, copy);
            }
            3 => {
                let other: Vec<char> = SEEDS[d.below(SEEDS.len())].chars().collect();
                let from = d.below(other.len());
                let to = (from + d.below(40)).min(other.len());
                c.splice(at..at, other[from..to].iter().copied());
            }
            _ => c.truncate(at),
        }
    }
    c.into_iter().collect()
}

fn holds(text: &str, world: &World, d: &mut Dice) {
    let mut diags = Vec::new();
    let tokens = lex(text, &mut diags);
    let mut at = 0;
    for t in &tokens {
        assert!(
            t.start >= at && t.end >= t.start && t.end as usize <= text.len(),
            "{text:?}"
        );
        assert!(
            text.is_char_boundary(t.start as usize) && text.is_char_boundary(t.end as usize),
            "{text:?}"
        );
        let gap = &text[at as usize..t.start as usize];
        assert!(
            gap.is_empty() || gap.contains("//") || gap.chars().all(kql::syntax::lexer::is_blank),
            "{text:?}"
        );
        at = t.end;
    }
    assert_eq!(at as usize, text.len());
    let p = parse(text);
    let root = p.tree.nodes.first().expect("a root");
    assert_eq!(root.size as usize, p.tree.nodes.len());
    // every token but the last is inside the root
    assert_eq!(root.count as usize, p.tree.tokens.len() - 1, "{text:?}");
    for id in 0..p.tree.nodes.len() as u32 {
        let n = p.tree.node(id);
        for c in p.tree.children(id) {
            let m = p.tree.node(c);
            assert!(
                m.first >= n.first && m.first + m.count <= n.first + n.count,
                "{text:?}"
            );
        }
    }
    let a = analyse(text, world);
    for f in check(&a).findings {
        assert!(f.start <= f.end && f.end as usize <= text.len(), "{text:?}");
    }
    let mut end = 0;
    for piece in classify(&a) {
        assert!(piece.start >= end && piece.end > piece.start, "{text:?}");
        end = piece.end;
    }
    let mut offset = d.below(text.len() + 1);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let _ = complete(text, offset, world);
    let _ = hover(&a, offset, world);
    let _ = references(&a, offset);
    let once = format::format(text);
    assert_eq!(format::format(&once), once, "{text:?}");
}

#[test]
fn any_prefix_and_any_mutation_holds() {
    let seconds = std::env::var("WF_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok());
    let world = World::new(Schema::builtin(Which::Unified));
    let mut d = Dice(0x9e37_79b9_7f4a_7c15);
    for s in SEEDS {
        let step = if seconds.is_some() { 1 } else { 9 };
        for (i, _) in s.char_indices().step_by(step) {
            holds(&s[..i], &world, &mut d);
        }
    }
    let start = Instant::now();
    let mut pool: Vec<String> = SEEDS.iter().map(|s| (*s).to_owned()).collect();
    let mut rounds = 0u64;
    loop {
        match seconds {
            Some(n) if start.elapsed() >= Duration::from_secs(n) => break,
            None if rounds >= 400 => break,
            _ => {}
        }
        rounds += 1;
        let from = d.below(pool.len());
        let text = mutate(&pool[from], &mut d);
        if text.len() > 4_000 {
            continue;
        }
        holds(&text, &world, &mut d);
        if pool.len() < 500 {
            pool.push(text);
        } else {
            let at = SEEDS.len() + d.below(pool.len() - SEEDS.len());
            pool[at] = text;
        }
    }
    eprintln!("{rounds} texts");
}
