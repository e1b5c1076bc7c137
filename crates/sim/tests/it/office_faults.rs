//! The activity feed when something is wrong: scenarios, late blobs, bad blobs, links that lead away.

use serde_json::Value;
use sim::Flags;

use crate::http::{Reply, flags};
use crate::office::Feed;

#[test]
fn scenarios_of_the_feed() {
    let f = Feed::playing("feed-unaudited");
    let refused = f.get("/subscriptions/list");
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (400, "AF20011")
    );
    assert!(refused.error().1.contains("does not exist"));

    let f = Feed::playing("feed-disabled");
    assert_eq!(
        f.refusal("GET", "/subscriptions/content?contentType=Audit.Exchange"),
        (400, "AF20023".into())
    );
    assert_eq!(
        f.ask(
            "POST",
            "/subscriptions/start?contentType=Audit.Exchange",
            ""
        )
        .status,
        200
    );

    let f = Feed::playing("feed-future");
    assert_eq!(
        f.get("/subscriptions/list").json()[4]["contentType"],
        "Audit.Holograms"
    );
    assert!(!f.week("Audit.Holograms").is_empty());

    let f = Feed::playing("feed-throttled");
    let seen: Vec<u16> = (0..5)
        .map(|_| f.get("/subscriptions/list").status)
        .collect();
    assert_eq!(seen, [200, 200, 403, 403, 200]);

    let f = Feed::playing("feed-late");
    let early = f.week("Audit.Exchange").len() + f.week("Audit.SharePoint").len();
    f.b.sim.set_scenario("").unwrap();
    let all = f.week("Audit.Exchange").len() + f.week("Audit.SharePoint").len();
    assert!(early <= all);
}

#[test]
fn late_blobs_appear_in_windows_that_were_read_before() {
    let f = Feed::with(Flags {
        scenario: Some("feed-late".into()),
        feed_records: 10_000,
        feed_blobs: 10_000,
        ..flags()
    });
    let window = |f: &Feed| {
        f.window("Audit.Exchange", "2026-08-20T08:00", "2026-08-20T12:00")
            .0
            .len()
    };
    let before = window(&f);
    let f = f.later(3 * 3600);
    let after = window(&f);
    assert!(after > before, "{before} then {after}");
}

#[test]
fn bad_blobs_are_bad_in_their_own_way() {
    let f = Feed::playing("feed-bad-blobs");
    let blobs = f.week("Audit.SharePoint");
    let fetch = |n: usize| f.get(blobs[n].get("contentUri").unwrap().as_str().unwrap());
    let good = |reply: &Reply| serde_json::from_slice::<Vec<Value>>(&reply.body);
    assert!(good(&fetch(0)).is_ok());
    let broken = fetch(1);
    assert!(broken.status == 200 && good(&broken).is_err());
    assert!(good(&fetch(2)).is_ok());
    assert!(fetch(3).text().contains("<html>"));
    fetch(4);
    let huge = fetch(5);
    assert!(!huge.cut && huge.body.len() > 100 << 20);
    assert!(huge.body.ends_with(b"\"}]"));
    fetch(6);
    let timeless = good(&fetch(7)).unwrap();
    assert!(!timeless.is_empty() && timeless.iter().all(|r| r.get("CreationTime").is_none()));
    fetch(8);
    let cut = fetch(9);
    assert_eq!(
        (cut.header("content-encoding"), cut.cut),
        (Some("gzip"), false)
    );
    let mut text = Vec::new();
    let unpacked =
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*cut.body), &mut text);
    assert!(unpacked.is_err());
    fetch(10);
    assert!(fetch(11).cut);
}

#[test]
fn links_of_the_feed_can_lead_away() {
    let f = Feed::playing("hostile/next-page/foreign-host");
    let page = f.get("/subscriptions/content?contentType=Audit.General");
    assert!(
        page.header("nextpageuri")
            .unwrap()
            .starts_with("http://graph.evil.example/")
    );
    f.b.sim
        .set_scenario("hostile/content-uri/cloud-service")
        .unwrap();
    let page = f
        .get("/subscriptions/content?contentType=Audit.General")
        .json();
    let rows = page.as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert!(
            row["contentUri"]
                .as_str()
                .unwrap()
                .starts_with("https://graph.microsoft.com/")
        );
    }
}

#[test]
fn a_million_records_cost_nothing_until_they_are_read() {
    let kinds = [
        "Audit.AzureActiveDirectory",
        "Audit.Exchange",
        "Audit.SharePoint",
        "Audit.General",
        "DLP.All",
    ];
    let f = Feed::with(Flags {
        feed_records: 1_000_000,
        feed_blobs: 10_000,
        ..flags()
    });
    let all = format!("[tenant]\nfeed-types = {kinds:?}");
    f.b.sim.set_scenario(&all).unwrap();
    let mut blobs = 0;
    for kind in kinds {
        let rows = f.week(kind);
        blobs += rows.len();
        let size = f.records(&rows[rows.len() / 2]).len();
        assert!((100..220).contains(&size), "{kind}: {size}");
    }
    assert_eq!(blobs, 10_000);
}
