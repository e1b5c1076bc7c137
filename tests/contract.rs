//! Every Graph call that the client can make, against a mock server generated from Microsoft's own contract: it refuses an
//! unknown path, a parameter or enum the contract does not have, and a body with a missing or foreign field.
//!
//! Runs where `WF_CONTRACT=1` is set (the gate sets it when node is there); says that it is left out elsewhere.

use serde_json::json;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use watchfloor::model::{Call, Json, Key, Kind, Method, Service, Ticks};
use watchfloor::resource::{self, Subject};

/// Calls that the contract file does not describe, by how their path begins or ends; each is documented elsewhere by the
/// service (advisories: "serviceHealthIssue resource type"; announcements: "serviceUpdateMessage resource type").
const BEYOND: &[&str] = &[
    "/oauth2PermissionGrants",
    "/admin/serviceAnnouncement/",
    "/subscribedSkus",
];

struct Server {
    child: Child,
    base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the mock and waits until it listens.
fn server() -> Option<Server> {
    if std::env::var_os("WF_CONTRACT").is_none() {
        eprintln!("contract: left out, WF_CONTRACT is not set");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("../shared/conformance/graph_contract_server.sh");
    if !script.exists() {
        eprintln!("contract: left out, ../shared is not here");
        return None;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let child = Command::new("bash")
        .arg(script)
        .arg(port.to_string())
        .env("PRISM_DIR", root.join("target/prism"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server {
        child,
        base: format!("http://127.0.0.1:{port}"),
    };
    let until = Instant::now() + Duration::from_secs(240);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the contract server did not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(server)
}

struct Nobody;

impl resource::Known for Nobody {
    fn alerts_of(&self, _: &watchfloor::model::EntityRef) -> Vec<Key> {
        Vec::new()
    }
    fn cell(&self, _: &Key, _: &str) -> Option<table::Value> {
        None
    }
    fn same_name(&self, _: Kind, _: &table::Text) -> Vec<Key> {
        Vec::new()
    }
    fn with(&self, _: Kind, _: &str, _: &table::Text) -> Vec<Key> {
        Vec::new()
    }
    fn complete(&self, _: Kind) -> bool {
        true
    }
}

/// Every call of every resource, section and verb.
fn calls() -> Vec<Call> {
    let mut out = Vec::new();
    let id = "924565d3-0000-4000-8000-000000000001";
    let entity = json!({"id": id, "userPrincipalName": "ana@contoso.com", "status": "active", "customTags": ["a"], "displayName": "x"});
    for spec in resource::ALL {
        let key = Key::new(spec.kind, id);
        out.push((spec.listing.list)(None));
        out.push((spec.listing.list)(Ticks::parse("2026-08-01T00:00:00Z")));
        out.push((spec.listing.get)(&key).unwrap());
        out.extend(spec.listing.search.map(|s| s("ann o'neil")));
        let subject = Subject {
            key: &key,
            entity: Json(&entity),
            now: Ticks(0),
            known: &Nobody,
        };
        for section in spec.sections {
            out.extend((section.calls)(&subject));
        }
        out.extend(verbs(spec.kind, &key, &entity));
    }
    out.retain(|c| c.service == Service::Graph);
    out
}

/// Each verb of a kind with every answer its form can give.
fn verbs(kind: Kind, key: &Key, entity: &serde_json::Value) -> Vec<Call> {
    use watchfloor::model::enums::{Classification, Determination, PAIRS};
    use watchfloor::verb::{Args, Form};
    let me = table::Text::from("ana@contoso.com");
    let mut out = Vec::new();
    for verb in watchfloor::verb::all().filter(|v| v.kinds.contains(&kind)) {
        let mut all: Vec<Args> = Vec::new();
        match verb.form {
            Form::None => all.push(Args::default()),
            Form::Pair => all.extend(PAIRS.iter().filter_map(|(_, c, d)| {
                let class = Classification::KNOWN.iter().find(|(_, m)| m == c)?.0;
                let determination = Determination::KNOWN.iter().find(|(_, m)| m == d)?.0;
                Some(Args {
                    pair: Some((class, determination)),
                    ..Args::default()
                })
            })),
            Form::Status => {
                let words: &[&'static str] = if kind == Kind::Alert {
                    &["new", "inProgress", "resolved"]
                } else {
                    &["active", "inProgress", "resolved"]
                };
                all.extend(words.iter().map(|w| Args {
                    status: Some(w),
                    ..Args::default()
                }));
            }
            Form::Comment => all.push(Args {
                text: Some("seen \"it\"".into()),
                ..Args::default()
            }),
            Form::Tags => all.push(Args {
                add: vec!["b".into()],
                remove: vec!["a".into()],
                ..Args::default()
            }),
            Form::Choice(choices) | Form::Mails(choices) => {
                all.extend(choices.iter().map(|c| Args {
                    choice: Some(c.word),
                    mails: vec![("m".into(), "ana@contoso.com".into())],
                    ..Args::default()
                }))
            }
            Form::Incident(reasons) => all.extend(reasons.iter().map(|r| Args {
                incident: Some("4711".into()),
                choice: Some(r.word),
                ..Args::default()
            })),
            // these are of the other service
            Form::Device | Form::Indicator => {}
            Form::Person => all.push(Args {
                person: Some("raj@contoso.com".into()),
                ..Args::default()
            }),
        }
        for args in all {
            if let Ok(calls) = (verb.plan)(key, Json(entity), &args, me.txt(), &[]) {
                out.extend(calls);
            }
        }
    }
    out
}

#[test]
fn no_call_of_the_client_breaks_the_contract() {
    let calls = calls();
    assert!(calls.len() > 20, "{} calls", calls.len());
    let Some(server) = server() else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .build()
            .unwrap();
        let mut refused = Vec::new();
        for call in &calls {
            let path = call.path.as_str();
            if BEYOND
                .iter()
                .any(|b| path.ends_with(b) || path.starts_with(b))
            {
                continue;
            }
            let method = match call.method {
                Method::Get => reqwest::Method::GET,
                Method::Post => reqwest::Method::POST,
                Method::Patch => reqwest::Method::PATCH,
                Method::Delete => reqwest::Method::DELETE,
            };
            let mut request = client
                .request(method, format!("{}{path}", server.base))
                .query(&call.query)
                .bearer_auth("anything")
                .header("Accept", "application/json")
                .header("Prefer", "include-unknown-enum-members");
            if call.eventual {
                request = request.header("ConsistencyLevel", "eventual");
            }
            if let Some(body) = &call.body {
                request = request.json(body);
            }
            let answer = request.send().await.unwrap();
            if !answer.status().is_success() {
                let why = answer
                    .headers()
                    .get("sl-violations")
                    .and_then(|v| v.to_str().ok())
                    .unwrap_or_default()
                    .to_owned();
                refused.push(format!(
                    "{} {path} {:?} {:?}: {} {why}",
                    call.method.name(),
                    call.query,
                    call.body,
                    answer.status()
                ));
            }
        }
        println!("{} calls, {} refused", calls.len(), refused.len());
        assert!(refused.is_empty(), "{}", refused.join("\n"));
    });
}
