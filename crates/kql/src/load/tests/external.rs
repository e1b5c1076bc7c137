//! Files that stand for the addresses of `externaldata`.

use super::*;
use crate::types::Ty;

fn columns(of: &[(&str, Ty)]) -> Vec<(String, Ty)> {
    of.iter().map(|(n, t)| ((*n).to_owned(), *t)).collect()
}

#[test]
fn an_address_is_a_file_below_the_folder_and_nothing_outside_of_it() {
    let d = Dir::new();
    std::fs::create_dir_all(d.0.path().join("in/feeds.example/a")).unwrap();
    d.file("secret.csv", "x");
    d.file("in/feeds.example/a/b.csv", "1");
    d.file("in/https___other.example_c.csv_x_1", "2");
    d.file("in/last.txt.gz", gzip(b"3"));
    let e = External::open(&d.0.path().join("in")).unwrap();
    let name = |url: &str| {
        e.file(url).map(|p| {
            p.strip_prefix(d.0.path())
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
    };
    assert_eq!(
        name("https://feeds.example/a/b.csv?sig=1").as_deref(),
        Some("in/feeds.example/a/b.csv")
    );
    assert_eq!(
        name("https://other.example/c.csv?x=1").as_deref(),
        Some("in/https___other.example_c.csv_x_1")
    );
    assert_eq!(
        name("https://any.example/deep/last.txt;key").as_deref(),
        Some("in/last.txt.gz")
    );
    assert_eq!(name("https://../secret.csv"), None);
    assert_eq!(name("https://x/../../secret.csv"), None);
    assert_eq!(name("/etc/passwd"), None);
    assert!(External::open(&d.0.path().join("nowhere")).is_err());
}

#[test]
fn rows_come_in_the_columns_declared() {
    let d = Dir::new();
    d.file("a.csv", "ip,score,extra\n1.2.3.4,5,x\n5.6.7.8\n");
    d.file("list.txt", "one\r\ntwo, too\r\n");
    d.file("j.json", "[{\"score\":7,\"ip\":\"9.9.9.9\"}]");
    let e = External::open(d.0.path()).unwrap();
    let cols = columns(&[("ip", Ty::STRING), ("score", Ty::LONG)]);
    let t = e.read("https://h/a.csv", &cols, None, true).unwrap();
    assert_eq!(
        (row(&t, 0), row(&t, 1)),
        (
            vec!["1.2.3.4".into(), "5".into()],
            vec!["5.6.7.8".into(), "null".into()]
        )
    );
    let t = e
        .read(
            "https://h/list.txt",
            &columns(&[("line", Ty::STRING)]),
            Some("txt"),
            false,
        )
        .unwrap();
    assert_eq!(
        (row(&t, 0), row(&t, 1)),
        (vec!["one".to_owned()], vec!["two, too".to_owned()])
    );
    let t = e
        .read("https://h/j.json", &cols, Some("multijson"), false)
        .unwrap();
    assert_eq!(row(&t, 0), ["9.9.9.9", "7"]);
    assert!(e.take_notes().is_empty());
    let t = e.read("https://h/none.csv", &cols, None, false).unwrap();
    assert_eq!(
        (t.table.rows(), t.def.columns.len()),
        (0, 2),
        "declared columns without rows"
    );
    assert!(
        e.take_notes().kept()[0]
            .reason
            .contains("https://h/none.csv")
    );
}
