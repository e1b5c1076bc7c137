//! Links that may be followed, links that may not, and listings that do not end by themselves.

use super::*;
use crate::config::{Cache, Cloud, SecretSource, SignIn, TenantConfig, Urls};
use crate::model::{Path, Service};
use proptest::prelude::*;

fn tenant(graph: Option<&str>, sim: bool) -> TenantConfig {
    TenantConfig {
        name: "t".into(),
        tenant_id: "id".into(),
        client_id: "app".into(),
        cloud: Cloud::Global,
        sign_in: SignIn::Secret(SecretSource::Given("s".to_owned().into())),
        analyst: None,
        urls: Urls {
            graph: graph.map(|u| u.parse().unwrap()),
            ..Urls::default()
        },
        read_only: None,
        cache: Cache::Off,
        sim,
        guards: Default::default(),
        ca_file: None,
        sources: Default::default(),
        access: Default::default(),
    }
}

fn graph() -> Origins {
    Origins::of(&tenant(None, false), Service::Graph).unwrap()
}

fn call(pages: Pages) -> Call {
    Call::get(Service::Graph, Path::new("/security/incidents"))
        .query("$top", "50")
        .pages(pages)
}

fn links() -> Pager {
    Pager::new(call(Pages::Links { at_most: 100_000 }), graph()).unwrap()
}

const NEXT: &str = "https://graph.microsoft.com/v1.0/security/incidents?$top=50&$skip=50";

#[test]
fn links_are_followed_as_they_came_until_there_is_none() {
    let mut p = links();
    assert_eq!(
        p.url().unwrap().as_str(),
        "https://graph.microsoft.com/v1.0/security/incidents?$top=50"
    );
    p.turn(50, Some(NEXT));
    assert_eq!(p.url().unwrap().as_str(), NEXT);
    // an empty page with a link goes on
    p.turn(
        0,
        Some("https://graph.microsoft.com/v1.0/security/incidents?$skiptoken=x"),
    );
    assert!(p.url().is_some());
    p.turn(3, None);
    assert_eq!((p.url(), p.end()), (None, Some(&End::Complete)));
}

#[test]
fn a_page_given_twice_ends_the_listing_with_a_sentence() {
    let mut p = links();
    p.turn(50, Some(NEXT));
    p.turn(50, Some(NEXT));
    let Some(End::Broken(fault)) = p.end() else {
        panic!("{:?}", p.end())
    };
    assert!(fault.what.contains("100 rows"), "{fault}");
    assert_eq!(p.url(), None);
}

#[test]
fn a_link_that_leaves_our_origin_is_not_followed_and_named() {
    let cases = [
        ("http://graph.microsoft.com/v1.0/x", "scheme"),
        ("https://graph.microsoft.com:8443/v1.0/x", "port"),
        ("https://ana:pw@graph.microsoft.com/v1.0/x", "user name"),
        (
            "https://graph.microsoft.com@evil.example/v1.0/x",
            "user name",
        ),
        ("https://evil.example/v1.0/x", "host"),
        ("https://graph.microsoft.com.evil.example/v1.0/x", "host"),
        ("https://graph.microsoft.com/beta/x", "path"),
        ("https://graph.microsoft.com/v1.0evil/x", "path"),
        ("https://graph.microsoft.com/v1.0/../beta/x", "path"),
        ("https://graph.microsoft.com/v1.0/%2e%2e/beta/x", "path"),
        ("https://graph.microsoft.com\\@evil.example/v1.0/", ""),
    ];
    for (link, word) in cases {
        let mut p = links();
        p.turn(50, Some(link));
        let Some(End::Broken(fault)) = p.end() else {
            panic!("{link} was followed")
        };
        assert_eq!(fault.kind, FaultKind::ForeignLink, "{link}");
        assert!(fault.what.contains(word), "{link}: {fault}");
        assert!(
            !fault.what.contains("pw"),
            "nothing secret is shown: {fault}"
        );
    }
    let mut p = links();
    p.turn(50, Some("/v1.0/relative"));
    assert!(matches!(p.end(), Some(End::Broken(f)) if f.kind == FaultKind::BadAnswer));
}

#[test]
fn an_override_replaces_the_compiled_origins() {
    let own = Origins::of(
        &tenant(Some("http://127.0.0.1:4711/graph/v1.0/"), true),
        Service::Graph,
    )
    .unwrap();
    assert!(own.link("http://127.0.0.1:4711/graph/v1.0/x").is_ok());
    for link in [
        "http://127.0.0.1:4712/graph/v1.0/x",
        "http://localhost:4711/graph/v1.0/x",
        "http://127.0.0.1:4711/mde/x",
        NEXT,
    ] {
        assert!(own.link(link).is_err(), "{link}");
    }
    // plain http is for simulated tenants on loopback only
    for (url, sim) in [
        ("http://127.0.0.1:1/v1.0", false),
        ("http://10.0.0.1/v1.0", true),
        ("http://localhost/v1.0", true),
        ("ftp://h/", true),
    ] {
        assert!(
            Origins::of(&tenant(Some(url), sim), Service::Graph).is_err(),
            "{url}"
        );
    }
    let mde = Origins::of(&tenant(None, false), Service::Defender).unwrap();
    assert!(
        mde.link("https://eu.api.security.microsoft.com/api/machines")
            .is_ok()
    );
    assert!(
        mde.link("https://graph.microsoft.com/api/machines")
            .is_err()
    );
}

#[test]
fn skip_goes_on_until_a_short_page() {
    let skip = Pages::Skip {
        top: 100,
        at_most: 250,
    };
    let mut p = Pager::new(
        Call::get(Service::Graph, Path::new("/machines")).pages(skip),
        graph(),
    )
    .unwrap();
    assert!(p.url().unwrap().as_str().ends_with("/machines?$top=100"));
    p.turn(100, None);
    assert!(
        p.url()
            .unwrap()
            .as_str()
            .ends_with("/machines?$top=100&$skip=100")
    );
    p.turn(99, None);
    assert_eq!(p.end(), Some(&End::Complete));
    let mut p = Pager::new(
        Call::get(Service::Graph, Path::new("/machines")).pages(skip),
        graph(),
    )
    .unwrap();
    for _ in 0..3 {
        p.turn(100, None);
    }
    assert_eq!(p.end(), Some(&End::Cut));
}

#[test]
fn no_listing_goes_beyond_ten_thousand_pages() {
    let mut p = links();
    let mut n = 0;
    while p.url().is_some() {
        n += 1;
        p.turn(
            1,
            Some(&format!(
                "https://graph.microsoft.com/v1.0/x?$skiptoken={n}"
            )),
        );
    }
    assert_eq!(n, MOST_PAGES);
    assert!(matches!(p.end(), Some(End::Broken(_))));
}

#[test]
fn values_are_encoded_so_that_they_stay_values() {
    let call =
        Call::get(Service::Graph, Path::new("/users")).query("$search", "\"displayName:a&b #+'\"");
    assert_eq!(
        graph().url(&call).unwrap().as_str(),
        "https://graph.microsoft.com/v1.0/users?$search=%22displayName:a%26b%20%23%2B%27%22"
    );
}

proptest! {
    #[test]
    fn whatever_is_followed_is_ours(link in "(https?:)?/{0,3}[a-z0-9.:@\\\\/%?#\t-]{0,40}(graph\\.microsoft\\.com)?[a-z0-9.:@\\\\/%?#-]{0,40}") {
        if let Ok(url) = graph().link(&link) {
            prop_assert_eq!(url.scheme(), "https");
            prop_assert_eq!(url.host_str(), Some("graph.microsoft.com"));
            prop_assert_eq!(url.port_or_known_default(), Some(443));
            prop_assert!(url.username().is_empty() && url.path().starts_with("/v1.0"));
        }
    }
}
