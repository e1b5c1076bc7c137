//! Office 365 Management Activity: subscriptions, windows, pages, blobs, refusals, and that all of it can be had.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::{Value, json};
use sim::Flags;
use sim::flags::Switch;

use crate::http::{Bench, NOW, Reply, flags, send, token};

const PUBLISHER: &str = "PublisherIdentifier=2f0b1a6a-0e2c-4d2f-9f0c-6c1f6a5d3b21";
const SCOPE: &str = "https://manage.office.com/.default";
const TYPES: [&str; 4] = [
    "Audit.AzureActiveDirectory",
    "Audit.Exchange",
    "Audit.SharePoint",
    "Audit.General",
];

pub struct Feed {
    pub b: Bench,
    token: String,
}

impl Feed {
    pub fn with(flags: Flags) -> Feed {
        let b = Bench::with(flags);
        let token = token(&b.sim, SCOPE);
        Feed { b, token }
    }

    pub fn playing(scenario: &str) -> Feed {
        Feed::with(Flags {
            scenario: Some(scenario.into()),
            ..flags()
        })
    }

    /// The same with a token that is new.
    pub fn later(self, seconds: u64) -> Feed {
        self.b.sim.clock().advance(Duration::from_secs(seconds));
        let token = token(&self.b.sim, SCOPE);
        Feed { token, ..self }
    }

    fn base(&self) -> String {
        let info = &self.b.sim.info;
        let host = info.office.as_deref().expect("played");
        format!("{host}/api/v1.0/{}/activity/feed", info.tenant_id)
    }

    pub fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base())
        };
        let bearer = format!("Bearer {}", self.token);
        send(method, &url, &[("Authorization", &bearer)], body.as_bytes()).expect("an answer")
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "")
    }

    /// Status and code of a refusal.
    pub fn refusal(&self, method: &str, path: &str) -> (u16, String) {
        let reply = self.ask(method, path, "");
        (reply.status, reply.error().0)
    }

    /// All blobs of a window, link by link, and how many pages there were.
    pub fn window(&self, kind: &str, from: &str, to: &str) -> (Vec<Value>, usize) {
        let mut next = Some(format!(
            "/subscriptions/content?contentType={kind}&startTime={from}&endTime={to}&{PUBLISHER}"
        ));
        let (mut rows, mut pages) = (Vec::new(), 0);
        while let Some(link) = next {
            let reply = self.get(&link);
            assert_eq!(reply.status, 200, "{link}: {}", reply.text());
            rows.extend(reply.json().as_array().expect("a bare array").clone());
            next = reply.header("nextpageuri").map(str::to_owned);
            pages += 1;
        }
        (rows, pages)
    }

    /// Blobs of the last seven days, a day at a time.
    pub fn week(&self, kind: &str) -> Vec<Value> {
        let now: jiff::Timestamp = NOW.parse().unwrap();
        let at = |days: i64| {
            let at = now - jiff::SignedDuration::from_hours(24 * days);
            at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        };
        (0..7)
            .rev()
            .flat_map(|day| self.window(kind, &at(day + 1), &at(day)).0)
            .collect()
    }

    pub fn records(&self, blob: &Value) -> Vec<Value> {
        let link = blob["contentUri"].as_str().unwrap();
        let reply = self.get(&format!("{link}?{PUBLISHER}"));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json().as_array().expect("a bare array").clone()
    }
}

fn plain() -> Feed {
    Feed::with(flags())
}

#[test]
fn subscriptions_are_listed_started_and_stopped() {
    let f = plain();
    let list = |f: &Feed| -> HashMap<String, String> {
        let rows = f.get("/subscriptions/list").json();
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let rows = rows.as_array().expect("a bare array").clone();
        rows.iter()
            .map(|r| (text(&r["contentType"]), text(&r["status"])))
            .collect()
    };
    let first = list(&f);
    assert_eq!(first.len(), 4);
    assert!(TYPES.iter().all(|t| first[*t] == "enabled"));
    let none = (400, "AF20022".to_owned());
    let dlp = "/subscriptions/content?contentType=DLP.All";
    assert_eq!(f.refusal("GET", dlp), none);
    let started = f.ask("POST", "/subscriptions/start?contentType=DLP.All", "");
    assert_eq!(
        (started.status, started.json()),
        (
            200,
            json!({"contentType": "DLP.All", "status": "enabled", "webhook": null})
        )
    );
    assert_eq!(
        f.refusal("POST", "/subscriptions/start?contentType=dlp.all"),
        (400, "AF20024".to_owned())
    );
    // blobs from before the start are not to be had
    assert_eq!(f.get(dlp).json(), json!([]));
    f.b.sim.clock().advance(Duration::from_secs(48 * 3600));
    let f = Feed {
        token: token(&f.b.sim, SCOPE),
        ..f
    };
    assert!(!f.get(dlp).json().as_array().unwrap().is_empty());
    let stopped = f.ask("POST", "/subscriptions/stop?contentType=DLP.All", "");
    assert_eq!((stopped.status, stopped.body.len()), (200, 0));
    assert_eq!(list(&f)["DLP.All"], "disabled");
    assert_eq!(f.refusal("GET", dlp), (400, "AF20023".to_owned()));
    for (body, code) in [
        (
            json!({"webhook": {"address": "https://hook.example/x", "expiration": "2020-01-01T00:00:00Z"}}),
            "AF20003",
        ),
        (
            json!({"webhook": {"address": "https://hook.example/x"}}),
            "AF20021",
        ),
        (json!({"webhook": {}}), "AF20001"),
    ] {
        let reply = f.ask(
            "POST",
            "/subscriptions/start?contentType=DLP.All",
            &body.to_string(),
        );
        assert_eq!((reply.status, reply.error().0.as_str()), (400, code));
    }
    assert_eq!(list(&f)["DLP.All"], "disabled");
    assert_eq!(
        f.get("/subscriptions/notifications?contentType=Audit.General")
            .json(),
        json!([])
    );
}

#[test]
fn windows_are_a_day_of_the_last_seven_in_three_forms() {
    let f = plain();
    let at = "/subscriptions/content?contentType=Audit.Exchange";
    for good in [
        "",
        "&startTime=2026-08-19&endTime=2026-08-20",
        "&startTime=2026-08-19T12:00&endTime=2026-08-20T12:00",
        "&startTime=2026-08-13T12:00:00&endTime=2026-08-14T12:00:00",
    ] {
        let reply = f.get(&format!("{at}{good}"));
        assert_eq!(reply.status, 200, "{good}: {}", reply.text());
        assert!(
            reply.json().as_array().is_some_and(|r| !r.is_empty()),
            "{good}"
        );
    }
    for (bad, code) in [
        ("&startTime=2026-08-19", "AF20030"),
        ("&endTime=2026-08-19", "AF20030"),
        ("&startTime=2026-08-12&endTime=2026-08-13", "AF20030"),
        ("&startTime=2026-08-20&endTime=2026-08-19", "AF20055"),
        ("&startTime=2026-08-18&endTime=2026-08-19T00:01", "AF20055"),
        (
            "&startTime=2026-08-19T00:00:00Z&endTime=2026-08-20T00:00:00Z",
            "AF20002",
        ),
        ("&nextPage=soon", "AF20031"),
        ("&nextPage=9999999999R200", "AF20031"),
    ] {
        assert_eq!(
            f.refusal("GET", &format!("{at}{bad}")),
            (400, code.to_owned()),
            "{bad}"
        );
    }
    // what counts is when the blob was made
    let (rows, _) = f.window("Audit.Exchange", "2026-08-17T03:00", "2026-08-17T09:30");
    assert!(!rows.is_empty());
    for row in rows {
        let made = row["contentCreated"].as_str().unwrap();
        assert!(
            ("2026-08-17T03:00".."2026-08-17T09:30").contains(&made),
            "{made}"
        );
    }
}

#[test]
fn pages_follow_a_header_that_forgets_the_publisher() {
    let f = Feed::with(Flags {
        scenario: Some("feed-future".into()),
        feed_records: 6_000,
        feed_blobs: 3_000,
        ..flags()
    });
    f.b.sim.set_scenario("[tenant]\nfeed-page = 25").unwrap();
    let first = f.get(&format!(
        "/subscriptions/content?contentType=Audit.SharePoint&startTime=2026-08-18&endTime=2026-08-19&{PUBLISHER}"
    ));
    let link = first.header("nextpageuri").expect("more");
    assert!(
        link.contains("/api/v1/") && link.contains("nextPage="),
        "{link}"
    );
    assert!(!link.contains("PublisherIdentifier"), "{link}");
    let (rows, pages) = f.window("Audit.SharePoint", "2026-08-18", "2026-08-19");
    assert!(pages > 3, "{pages}");
    let ids: HashSet<&str> = rows
        .iter()
        .filter_map(|r| r["contentId"].as_str())
        .collect();
    assert_eq!(ids.len(), rows.len());
    assert!(rows.iter().all(|r| {
        r["contentCreated"]
            .as_str()
            .unwrap()
            .starts_with("2026-08-18T")
    }));
    assert!(
        !rows
            .windows(2)
            .all(|w| w[0]["contentCreated"].as_str() <= w[1]["contentCreated"].as_str()),
        "in no order"
    );
    for row in &rows {
        let (made, until) = (
            row["contentCreated"].as_str().unwrap(),
            row["contentExpiration"].as_str().unwrap(),
        );
        let (made, until): (jiff::Timestamp, jiff::Timestamp) =
            (made.parse().unwrap(), until.parse().unwrap());
        assert_eq!(until.duration_since(made).as_hours(), 7 * 24);
    }
}

#[test]
fn a_week_holds_every_record_and_repeats_some() {
    let f = plain();
    let mut operations: HashSet<String> = HashSet::new();
    let mut types: HashSet<u64> = HashSet::new();
    let (mut total, mut seen) = (0, 0);
    for kind in TYPES {
        let (mut ids, mut sum) = (HashSet::new(), 0_u128);
        for blob in f.week(kind) {
            for record in f.records(&blob) {
                total += 1;
                let id: uuid::Uuid = record["Id"].as_str().unwrap().parse().unwrap();
                if ids.insert(id) {
                    sum ^= id.as_u128();
                }
                let made = record["CreationTime"].as_str().unwrap();
                assert!(!made.ends_with('Z') && made.len() == 19, "{made}");
                assert_eq!(record["OrganizationId"], f.b.sim.info.tenant_id);
                assert!(record["UserType"].is_u64() && record["Workload"].is_string());
                operations.insert(record["Operation"].as_str().unwrap().to_owned());
                types.insert(record["RecordType"].as_u64().unwrap());
            }
        }
        assert_eq!(f.b.sim.activity(kind), Some((ids.len(), sum)), "{kind}");
        seen += ids.len();
    }
    assert!(total > seen, "some records come twice: {total} of {seen}");
    for wanted in [
        "UserLoggedIn",
        "UserLoginFailed",
        "Add member to role.",
        "Consent to application.",
        "New-InboxRule",
        "Set-Mailbox",
        "Add-MailboxPermission",
        "MailItemsAccessed",
        "FileDownloaded",
        "SharingSet",
        "AnonymousLinkCreated",
        "AlertTriggered",
    ] {
        assert!(
            operations.contains(wanted),
            "{wanted} is not among {operations:?}"
        );
    }
    assert!(types.contains(&4711), "a type that is not known");
    // about what was asked for, all types together
    assert!((18_000..24_000).contains(&seen), "{seen}");
    let dlp = f.b.sim.activity("DLP.All").unwrap().0;
    assert!((500..700).contains(&dlp), "{dlp}");
    assert_eq!(f.b.sim.activity("Audit.None"), None);
}

#[test]
fn records_agree_with_the_sign_ins_and_with_hunting() {
    let f = plain();
    let mut ids = HashMap::new();
    for kind in [
        "Audit.AzureActiveDirectory",
        "Audit.SharePoint",
        "Audit.Exchange",
    ] {
        for blob in f.week(kind) {
            for record in f.records(&blob) {
                ids.insert(record["Id"].as_str().unwrap().to_owned(), record);
            }
        }
    }
    let sign_ins = f.b.get("/auditLogs/signIns?$top=400").rows();
    let same: Vec<_> = sign_ins
        .iter()
        .filter_map(|s| Some((s, ids.get(s["id"].as_str()?)?)))
        .collect();
    assert!(same.len() > 100, "{}", same.len());
    for (sign_in, record) in same {
        let upn = record["UserId"].as_str().unwrap().to_lowercase();
        assert_eq!(sign_in["userPrincipalName"], upn);
        assert_eq!(sign_in["ipAddress"], record["ActorIpAddress"]);
        let at = format!("{}Z", record["CreationTime"].as_str().unwrap());
        assert_eq!(sign_in["createdDateTime"], at);
    }
    let hunted = f.b.send(
        "POST",
        "/security/runHuntingQuery",
        &[],
        Some(json!({"Query": "CloudAppEvents | where Timestamp > ago(6d) and ActionType startswith 'File' | project Id = tostring(RawEventData.Id), AccountId, ActionType"})),
    );
    let rows = hunted.json()["results"].as_array().unwrap().clone();
    assert!(!rows.is_empty());
    let found = rows.iter().filter(|r| {
        ids.get(r["Id"].as_str().unwrap())
            .is_some_and(|record| record["Operation"] == r["ActionType"])
    });
    assert_eq!(found.count(), rows.len());
}

#[test]
fn blobs_expire_and_ids_are_looked_at() {
    let f = plain();
    let blob = f.week("Audit.General")[0].clone();
    let id = blob["contentId"].as_str().unwrap().to_owned();
    assert!(id.contains('$'));
    assert_eq!(f.records(&blob), f.records(&blob), "the same each time");
    assert_eq!(f.refusal("GET", "/audit/nonsense"), (404, "AF20052".into()));
    let other = id.replace("emea00", "emea01");
    assert_eq!(
        f.refusal("GET", &format!("/audit/{other}")),
        (404, "AF20050".into())
    );
    f.b.sim.clock().advance(Duration::from_secs(2 * 24 * 3600));
    let f = Feed {
        token: token(&f.b.sim, SCOPE),
        ..f
    };
    assert_eq!(
        f.refusal("GET", &format!("/audit/{id}")),
        (404, "AF20051".into())
    );
}

#[test]
fn new_blobs_come_with_time() {
    let f = plain();
    let before = f.b.sim.activity("Audit.Exchange").unwrap();
    f.b.sim.clock().advance(Duration::from_secs(6 * 3600));
    let f = Feed {
        token: token(&f.b.sim, SCOPE),
        ..f
    };
    assert_ne!(f.b.sim.activity("Audit.Exchange").unwrap(), before);
    let (rows, _) = f.window(
        "Audit.Exchange",
        "2026-08-20T12:00:00",
        "2026-08-20T18:00:00",
    );
    assert!(!rows.is_empty());
    let old: HashSet<String> = rows
        .iter()
        .flat_map(|b| f.records(b))
        .map(|r| r["CreationTime"].as_str().unwrap()[..13].to_owned())
        .collect();
    assert!(
        old.iter().any(|h| h.as_str() < "2026-08-20T10"),
        "late events: {old:?}"
    );
}

#[test]
fn who_may_read_what() {
    let f = plain();
    let info = f.b.sim.info.clone();
    let plainly = |bearer: Option<&str>, path: &str| {
        let head: Vec<(&str, &str)> = bearer.map(|b| ("Authorization", b)).into_iter().collect();
        send("GET", &format!("{}{path}", f.base()), &head, b"")
            .unwrap()
            .status
    };
    assert_eq!(plainly(None, "/subscriptions/list"), 401);
    let wrong = format!("Bearer {}", f.b.graph);
    assert_eq!(plainly(Some(&wrong), "/subscriptions/list"), 401);
    let host = info.office.clone().unwrap();
    for (directory, code) in [
        ("00000000-0000-4000-8000-000000000000", "AF20010"),
        ("contoso.com", "AF20013"),
    ] {
        let url = format!("{host}/api/v1.0/{directory}/activity/feed/subscriptions/list");
        assert_eq!(f.refusal("GET", &url), (400, code.into()));
    }
    assert_eq!(
        f.refusal("GET", "/subscriptions/content"),
        (400, "AF20001".into())
    );
    for kind in ["Audit.Nonsense", "Audit.Holograms"] {
        assert_eq!(
            f.refusal("POST", &format!("/subscriptions/start?contentType={kind}")),
            (400, "AF20020".into())
        );
    }
    assert_eq!(
        f.refusal("GET", "/subscriptions/list?PublisherIdentifier=me"),
        (400, "AF20002".into())
    );
    let narrow = Feed::with(Flags {
        permissions: "ActivityFeed.Read".into(),
        ..flags()
    });
    assert_eq!(narrow.get("/subscriptions/list").status, 200);
    assert_eq!(
        narrow.refusal("POST", "/subscriptions/start?contentType=DLP.All"),
        (403, "AF10001".into())
    );
    let none = Feed::with(Flags {
        permissions: "User.Read.All".into(),
        ..flags()
    });
    assert_eq!(
        none.refusal("GET", "/subscriptions/list"),
        (403, "AF10001".into())
    );
}

#[test]
fn calls_without_a_publisher_share_a_small_budget() {
    let f = Feed::with(Flags {
        throttle: Switch::On,
        ..flags()
    });
    for _ in 0..60 {
        assert_eq!(f.get("/subscriptions/list").status, 200);
    }
    let refused = f.get("/subscriptions/list");
    assert_eq!((refused.status, refused.error().0.as_str()), (403, "AF429"));
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(
        f.get(&format!("/subscriptions/list?{PUBLISHER}")).status,
        200
    );
}

#[test]
fn sensitive_types_come_in_one_language() {
    let f = plain();
    assert!(
        !f.get("/resources/dlpSensitiveTypes")
            .json()
            .as_array()
            .unwrap()
            .is_empty()
    );
    let bearer = format!("Bearer {}", f.token);
    for (language, code) in [("de, en", "AF20053"), ("d/e", "AF20054")] {
        let head = [
            ("Authorization", bearer.as_str()),
            ("Accept-Language", language),
        ];
        let reply = send(
            "GET",
            &format!("{}/resources/dlpSensitiveTypes", f.base()),
            &head,
            b"",
        )
        .unwrap();
        assert_eq!((reply.status, reply.error().0.as_str()), (400, code));
    }
}
