//! A database of addresses in MaxMind's format, written here by its specification: one network.

use kql::bind::World;
use kql::engine::{Catalog, Options, run, use_places};
use kql::schema::{Schema, Which};

fn text(s: &str) -> Vec<u8> {
    assert!(s.len() < 29);
    [&[(2 << 5) | s.len() as u8][..], s.as_bytes()].concat()
}
fn number(kind: u8, n: u32) -> Vec<u8> {
    let bytes: Vec<u8> = n
        .to_be_bytes()
        .into_iter()
        .skip_while(|b| *b == 0)
        .collect();
    let mut out = if kind > 7 {
        vec![bytes.len() as u8, kind - 7]
    } else {
        vec![(kind << 5) | bytes.len() as u8]
    };
    out.extend(bytes);
    out
}
fn real(x: f64) -> Vec<u8> {
    [&[(3 << 5) | 8][..], &x.to_be_bytes()].concat()
}
fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![(7 << 5) | members.len() as u8];
    for (k, v) in members {
        out.extend(text(k));
        out.extend(v);
    }
    out
}
fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![items.len() as u8, 4];
    out.extend(items.concat());
    out
}

/// A database that knows 203.0.0.0/8 alone.
fn database() -> Vec<u8> {
    let names = |n: &str| map(&[("names", map(&[("en", text(n))]))]);
    let data = map(&[
        ("city", names("Testville")),
        ("country", names("Nowhere")),
        (
            "location",
            map(&[("latitude", real(1.5)), ("longitude", real(-2.25))]),
        ),
        ("subdivisions", list(&[names("Region \"Q\"")])),
    ]);
    let mut out = Vec::new();
    let (nodes, none, found) = (8u32, 8u32, 8 + 16u32);
    for bit in 0..nodes {
        let next = if bit + 1 == nodes { found } else { bit + 1 };
        let one = 203u8 >> (7 - bit) & 1 == 1;
        for side in if one { [none, next] } else { [next, none] } {
            out.extend(&side.to_be_bytes()[1..]);
        }
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    out.extend(map(&[
        ("node_count", number(6, nodes)),
        ("record_size", number(5, 24)),
        ("ip_version", number(5, 4)),
        ("database_type", text("Test-City")),
        ("languages", list(&[text("en")])),
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1_700_000_000)),
        ("description", map(&[("en", text("test"))])),
    ]));
    out
}

#[test]
fn a_database_that_is_named_tells_where_addresses_are() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.mmdb");
    std::fs::write(&broken, b"no database").unwrap();
    let why = use_places(&broken).unwrap_err();
    assert!(why.contains("broken.mmdb"), "{why}");
    let file = dir.path().join("city.mmdb");
    std::fs::write(&file, database()).unwrap();
    use_places(&file).unwrap();
    let world = World::new(Schema::builtin(Which::Defender));
    let query = "print a = geo_info_from_ip_address('203.0.113.7'), b = geo_info_from_ip_address('198.51.100.1'), c = geo_info_from_ip_address('x') | project a, a.city, b, c";
    let answer = run(query, &world, &Catalog::new(), &Options::default()).unwrap();
    let mut got = String::new();
    answer.write_json(&mut got);
    let want = r#"[[{"country":"Nowhere","state":"Region \"Q\"","city":"Testville","latitude":1.5,"longitude":-2.25},"Testville",null,null]]"#;
    assert_eq!(got, want);
}
