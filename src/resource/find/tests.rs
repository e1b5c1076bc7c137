//! `S4-1`, `S4-2`: what texts are taken for, which rows they find, and what the services are asked.

use super::*;
use crate::resource::ALL;
use crate::resource::walk_tests::chunk;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use table::{Cancel, Keyed};

fn now() -> Ticks {
    Ticks::parse("2026-08-01T12:00:00Z").unwrap()
}

/// The likeliest guess: noun and value.
fn guess(text: &str) -> String {
    let refs = classify(text);
    let first = &refs[0];
    format!("{} {}", first.noun(), first.value().unwrap().txt().exact())
}

#[test]
fn s4_1_any_text_is_taken_for_the_likeliest_thing() {
    let sha1 = "3395856ce81f2b7382dee72602f798b642f14140";
    let sha256 = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";
    let id = "7b0a5a5e-1d2c-4f3e-9a8b-0c1d2e3f4a5b";
    for (text, what) in [
        ("4711", "incident 4711".to_owned()),
        ("#4711", "incident 4711".to_owned()),
        ("Incident 4711", "incident 4711".to_owned()),
        ("10.0.0.4", "address 10.0.0.4".to_owned()),
        ("10[.]0[.]0[.]4:443", "address 10.0.0.4".to_owned()),
        ("10.0.0.4/32", "address 10.0.0.4".to_owned()),
        ("2001:DB8::0:1", "address 2001:db8::1".to_owned()),
        ("[2001:db8::1]:443", "address 2001:db8::1".to_owned()),
        (
            "hxxps://evil[.]example/a?b",
            "URL https://evil.example/a?b".to_owned(),
        ),
        ("<Ana[@]contoso[.]com>,", "user Ana@contoso.com".to_owned()),
        ("mailto:ana@contoso.com", "user ana@contoso.com".to_owned()),
        (
            "x_evil.example#EXT#@contoso.com",
            "user x_evil.example#EXT#@contoso.com".to_owned(),
        ),
        (id, format!("user {id}")),
        (
            "{7B0A5A5E-1D2C-4F3E-9A8B-0C1D2E3F4A5B}",
            format!("user {id}"),
        ),
        (sha1, format!("device {sha1}")),
        (sha256, format!("file {sha256}")),
        (
            "44D88612FEA8A8F36DE82E1278ABB02F",
            "file 44d88612fea8a8f36de82e1278abb02f".to_owned(),
        ),
        ("cve-2021-44228", "vulnerability CVE-2021-44228".to_owned()),
        ("t1566.002", "value T1566.002".to_owned()),
        (
            "da637578995287051192_756343937",
            "alert da637578995287051192_756343937".to_owned(),
        ),
        (
            "fa9b3c5d7e-1122-3344-5566-77889900aabb",
            "alert fa9b3c5d7e-1122-3344-5566-77889900aabb".to_owned(),
        ),
        ("S-1-5-21-1-2-3-1105", "user S-1-5-21-1-2-3-1105".to_owned()),
        ("CONTOSO\\ana", "user CONTOSO\\ana".to_owned()),
        ("evil.example", "domain evil.example".to_owned()),
        ("WKS-014", "device WKS-014".to_owned()),
        ("inbox rule", "value inbox rule".to_owned()),
        ("«?»", "value «?»".to_owned()),
    ] {
        assert_eq!(guess(text), what, "{text}");
    }
    assert!(classify(" \n").is_empty());
    let second = |text: &str| classify(text)[1].noun();
    assert_eq!(second(sha1), "file", "a machine id looks like a SHA-1");
    assert_eq!(second("ana@contoso.com"), "mail");
    assert_eq!(second("https://evil.example"), "domain");
}

#[test]
fn s4_1_a_pasted_portal_page_is_the_thing_it_shows() {
    let machine = "3395856ce81f2b7382dee72602f798b642f14140";
    for (url, what) in [
        (format!("https://security.microsoft.com/machines/v2/{machine}/overview?tid=x"), format!("device {machine}")),
        (format!("https://securitycenter.windows.com/machines/{machine}"), format!("device {machine}")),
        ("https://security.microsoft.com/incident2/4711/overview?tid=x".into(), "incident 4711".into()),
        ("https://security.microsoft.us/incidents/4711/overview".into(), "incident 4711".into()),
        ("https://security.microsoft.com/alerts/da637578995287051192_756343937".into(), "alert da637578995287051192_756343937".into()),
        ("https://security.microsoft.com/vulnerabilities/vulnerability/CVE-2021-44228/overview".into(), "vulnerability CVE-2021-44228".into()),
        (format!("https://security.microsoft.com/file/{machine}"), format!("file {machine}")),
        ("https://security.microsoft.com/ip/203.0.113.9/overview".into(), "address 203.0.113.9".into()),
        ("https://security.microsoft.com/domains/evil.example".into(), "domain evil.example".into()),
        ("https://security.microsoft.com/user?aad=7b0a5a5e-1d2c-4f3e-9a8b-0c1d2e3f4a5b".into(), "user 7b0a5a5e-1d2c-4f3e-9a8b-0c1d2e3f4a5b".into()),
        ("https://security.microsoft.com/user?sid=S-1-5-21-7".into(), "user S-1-5-21-7".into()),
        (
            "https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/7b0a5a5e-1d2c-4f3e-9a8b-0c1d2e3f4a5b".into(),
            "user 7b0a5a5e-1d2c-4f3e-9a8b-0c1d2e3f4a5b".into(),
        ),
    ] {
        assert_eq!(guess(&url), what, "{url}");
        assert_eq!(classify(&url).len(), 1, "nothing else: {url}");
    }
    // a page of another host is a URL like any other, and an unknown page of the portal too
    for url in [
        "https://security.microsoft.com.evil.example/incident2/4711",
        "https://security.microsoft.com/homepage",
        "http://security.microsoft.com/incident2/4711",
    ] {
        assert_eq!(classify(url)[0].noun(), "URL", "{url}");
    }
}

/// (kind, id) of rows that a text finds: exact ones marked with `=`.
fn hits(lists: &[Keyed], text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for look in search(text, now(), true).looks {
        let at = ALL.iter().position(|s| s.kind == look.kind).unwrap();
        let rows = &lists[at];
        for (mark, predicate) in [("=", &look.exact), ("", &look.loose)] {
            let found =
                table::filter(rows.table(), &rows.live(), predicate, &Cancel::new()).unwrap();
            out.extend(
                found
                    .rows
                    .iter()
                    .map(|r| format!("{mark}{}", rows.key(r).exact())),
            );
        }
    }
    out
}

fn lists() -> Vec<Keyed> {
    let rows = [
        json!([{"id": "4711", "displayName": "Inbox rule of Ana"}]),
        json!([{"id": "da1", "incidentId": "4711", "title": "Suspicious rule", "mitreTechniques": ["T1566.002"], "evidence": [
            {"deviceDnsName": "wks-014.contoso.com", "mdeDeviceId": "m1", "lastIpAddress": "10.0.0.4"},
            {"userAccount": {"accountName": "ana", "domainName": "CONTOSO", "userPrincipalName": "Ana@contoso.com", "userSid": "S-1-5-21-7"}},
            {"url": "https://evil.example/a"}, {"fileDetails": {"sha256": "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"}}]}]),
        json!([{"id": "m1", "computerDnsName": "wks-014.contoso.com", "lastIpAddress": "10.0.0.4"}, {"id": "m2", "computerDnsName": "wks-0145", "lastIpAddress": "10.0.0.40"}]),
        json!([{"id": "u1", "displayName": "Ana", "userPrincipalName": "ana@contoso.com", "onPremisesSamAccountName": "ana", "onPremisesSecurityIdentifier": "S-1-5-21-7"}]),
        json!([]),
        json!([{"id": "995", "indicatorValue": "evil.example", "action": "Block"}]),
    ];
    // of the others nothing is here
    ALL.iter()
        .zip(rows.into_iter().chain(std::iter::repeat(json!([]))))
        .map(|(spec, rows)| {
            let mut keyed = Keyed::new(spec.schema());
            keyed.upsert(Arc::new(chunk(spec, rows.as_array().unwrap()).unwrap()));
            keyed
        })
        .collect()
}

#[test]
fn s4_1_s4_2_lists_are_looked_through_exactly_and_loosely() {
    let lists = lists();
    for (text, wanted, not) in [
        ("10.0.0.4", vec!["=da1", "=m1"], vec!["=m2"]),
        ("WKS-014", vec!["=da1", "=m1", "m2"], vec!["=m2"]),
        ("ana@contoso.com", vec!["=da1", "=u1"], vec!["4711"]),
        ("CONTOSO\\ana", vec!["=da1", "=u1"], vec![]),
        ("S-1-5-21-7", vec!["=da1", "=u1"], vec![]),
        ("hxxps://evil[.]example/a", vec!["=da1"], vec![]),
        ("evil.example", vec!["=da1"], vec![]),
        (
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
            vec!["=da1"],
            vec![],
        ),
        ("T1566", vec!["=da1"], vec![]),
        ("4711", vec!["=4711", "=da1"], vec!["=m1"]),
        ("rule inbox", vec!["4711"], vec!["da1"]),
        ("m1", vec!["da1"], vec![]),
    ] {
        let got = hits(&lists, text);
        for id in wanted {
            assert!(got.iter().any(|h| h == id), "{text} finds {id}: {got:?}");
        }
        for id in not {
            assert!(
                got.iter().all(|h| h != id),
                "{text} does not find {id}: {got:?}"
            );
        }
    }
}

#[test]
fn what_is_not_joined_yet_is_no_hit() {
    let look = &search("ana@contoso.com", now(), false).looks[0];
    assert_eq!(look.kind, Kind::Incident);
    assert!(matches!(look.exact, Predicate::None));
}

#[test]
fn the_services_are_asked_what_the_lists_may_lack() {
    let asked = |text: &str| -> Vec<String> {
        search(text, now(), true)
            .asks
            .iter()
            .map(|a| {
                let first = a
                    .call
                    .query
                    .first()
                    .map(|(n, v)| format!("?{n}={v}"))
                    .unwrap_or_default();
                format!(
                    "{:?} {}{}{first}",
                    a.kind,
                    if a.one { "one " } else { "" },
                    a.call.path.as_str()
                )
            })
            .collect()
    };
    assert_eq!(
        asked("10[.]0.0.4"),
        [
            "Device /machines/findbyip(ip='10.0.0.4',timestamp=2026-08-01T12:00:00Z)",
            "Device /machines?$filter=lastIpAddress eq '10.0.0.4'"
        ]
    );
    assert_eq!(asked("4711"), ["Incident one /security/incidents/4711"]);
    assert_eq!(
        asked("da637578995287051192_756343937"),
        ["Alert one /security/alerts_v2/da637578995287051192_756343937"]
    );
    assert_eq!(
        asked("WKS-014"),
        [
            "Device /machines?$filter=startswith(computerDnsName,'wks-014')",
            "User /users?$search=\"displayName:WKS-014\" OR \"userPrincipalName:WKS-014\" OR \"mail:WKS-014\"",
        ]
    );
    assert_eq!(
        asked("https://security.microsoft.com/incident2/4711"),
        ["Incident one /security/incidents/4711"]
    );
    assert!(
        search("4711", now(), true)
            .asks
            .iter()
            .all(|a| a.call.none_is_404 && a.call.is_read())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}|[A-Za-z0-9@:./\\\\\\[\\]{}%#-]{0,60}|https://security.microsoft.com/[a-z0-9/?=%&]{0,40}") {
        let found = search(&text, now(), false);
        prop_assert_eq!(found.refs.is_empty(), refang(&text).is_empty());
        prop_assert!(found.refs.iter().all(|r| r.value().is_some_and(|v| !v.is_empty())));
    }
}

/// A dotted account name looks like a domain; the directory is asked all the same. An address of a page is nobody's name.
#[test]
fn a_dotted_name_is_asked_of_the_directory() {
    let asked = |text: &str| -> Vec<Kind> {
        let search = search(text, Ticks::default(), true);
        search.asks.iter().map(|a| a.kind).collect()
    };
    assert!(asked("omar.haddad").contains(&Kind::User));
    assert!(!asked("https://omar.haddad/x").contains(&Kind::User));
    assert!(!asked("10.0.0.4").contains(&Kind::User));
}
