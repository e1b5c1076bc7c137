//! What is around Defender XDR, against the simulated tenant: incidents closed in Sentinel or here, the API of Cloud Apps,
//! and what each product brought in the last day.

use crate::backend_rig::{Rig, flags};
use crate::response_sim::{done, get, rig};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use table::Value as Cell;
use watchfloor::model::{FaultKind, Key, Kind, Service, Stand};
use watchfloor::msg::{Body, Event, Origin, Request, Slot};
use watchfloor::resource::neighbours::{self, Seen};
use watchfloor::resource::{self, Answer};
use watchfloor::verb::Args;

/// Azure as another client of the tenant sees it.
struct Azure {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    token: String,
    root: String,
}

impl Azure {
    fn new(info: &sim::Info) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("{}/{}/oauth2/v2.0/token", info.login, info.tenant_id);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &info.client_id),
            ("client_secret", &info.client_secret),
            ("scope", "https://management.azure.com/.default"),
        ];
        let answer: Value = runtime.block_on(async {
            let sent = client.post(&url).form(&form).send().await.unwrap();
            sent.json().await.unwrap()
        });
        Self {
            runtime,
            client,
            token: answer["access_token"].as_str().unwrap().to_owned(),
            root: format!(
                "{}{}/providers/Microsoft.SecurityInsights",
                info.arm.as_deref().unwrap(),
                info.workspace_resource
            ),
        }
    }

    fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}?api-version=2025-09-01&$top=1000", self.root);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{path}: {status} {text}");
            // the tenant holds one lone surrogate, which no JSON library here reads
            serde_json::from_str(&text.replace("\\ud83d", "\\ufffd")).unwrap()
        })
    }

    /// The workspace's row of an incident of Defender.
    fn incident(&self, id: &str) -> Value {
        let all = self.ask(Method::GET, "/incidents", None);
        let rows = all["value"].as_array().unwrap();
        let found = rows
            .iter()
            .find(|r| r["properties"]["providerIncidentId"] == *id);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{id} of {}", rows.len()))
    }
}

/// The status of an incident that a page brings.
fn status_in(event: &Event, ticket: u64, id: &str) -> Option<String> {
    let Event::Reply(r) = event else { return None };
    let Body::Page(page) = &r.body else {
        return None;
    };
    if r.ticket.number != ticket || page.origin != Origin::Poll {
        return None;
    }
    let chunk = page.chunk.as_ref()?;
    let col = resource::incident::SPEC.column("status")?;
    let row = (0..chunk.rows()).find(|row| {
        let cell = chunk.cell(*row, 0);
        cell.text().is_some_and(|t| t.exact() == id)
    })?;
    match chunk.cell(row, col).to_value() {
        Cell::Text(t) => Some(t.txt().exact().to_owned()),
        _ => None,
    }
}

#[test]
fn s1_15_an_incident_closed_on_either_side_is_closed_on_the_other_after_a_re_read() {
    let rig = rig();
    let azure = Azure::new(&rig.sim.info);
    let open: Vec<Value> = get(
        &rig,
        Service::Graph,
        "/security/incidents",
        &[("$top", "50")],
    )
    .into_iter()
    .filter(|i| i["status"] == "active")
    .collect();
    let id = |n: usize| open[n]["id"].as_str().unwrap().to_owned();

    // closed here: the workspace has it closed when it is read again
    let here = id(0);
    assert_ne!(azure.incident(&here)["properties"]["status"], "Closed");
    let args = Args {
        pair: Some(("truePositive", "malware")),
        ..Args::default()
    };
    let key = Key::new(Kind::Incident, here.as_str());
    let (state, _) = done(&rig, "done", args, &key);
    assert_eq!(state.stand(), Stand::Succeeded, "{state:?}");
    let there = azure.incident(&here);
    assert_eq!(
        (
            &there["properties"]["status"],
            &there["properties"]["classification"]
        ),
        (&json!("Closed"), &json!("TruePositive"))
    );

    // closed there: one refresh brings it
    let ticket = rig.sync(Kind::Incident);
    rig.complete(ticket);
    let there = id(1);
    let row = azure.incident(&there);
    let name = row["name"].as_str().unwrap();
    rig.sim.clock().advance(Duration::from_secs(30));
    let body = json!({"etag": row["etag"], "properties": {"title": row["properties"]["title"], "severity": "High",
        "status": "Closed", "classification": "BenignPositive", "classificationReason": "SuspiciousButExpected"}});
    azure.ask(Method::PUT, &format!("/incidents/{name}"), Some(body));
    let kind = Kind::Incident;
    let again = rig.ask(Slot::Sync(kind), Request::Refresh { kind });
    let status = rig.until("the closed incident", |e| {
        status_in(e, again, &there).or_else(|| status_in(e, ticket, &there))
    });
    assert_eq!(status, "resolved");
}

#[test]
fn s3_6_s3_7_alerts_and_activities_of_cloud_apps_are_listed_by_its_own_api() {
    let rig = Rig::new(flags());
    for (kind, path) in [
        (Kind::CloudAlert, "/cloudapps/api/v1/alerts/"),
        (Kind::CloudActivity, "/cloudapps/api/v1/activities/"),
    ] {
        let n = rig.sync(kind);
        // an account does more in a week than is listed: then it says so, and is no fault
        let loaded = rig.until("rows", |e| match e {
            Event::Reply(r) if r.ticket.number == n => match &r.body {
                Body::Page(p) if p.chunk.is_some() => Some(p.progress.loaded),
                Body::Fault(fault) => panic!("{kind:?}: {fault}"),
                _ => None,
            },
            _ => None,
        });
        assert!(loaded > 0, "{kind:?}");
        let journal = rig.sim.journal();
        assert!(
            journal
                .iter()
                .any(|r| r.path.ends_with(path.trim_start_matches("/cloudapps"))),
            "{path}: {journal:?}"
        );
    }
}

#[test]
fn s3_6_without_the_permission_the_pane_names_it_and_nothing_is_asked() {
    let rig = Rig::new(sim::Flags {
        permissions: "s4".into(),
        ..flags()
    });
    let n = rig.sync(Kind::CloudAlert);
    let fault = rig.filled(n).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Forbidden, "{fault}");
    assert!(
        fault.permissions.iter().any(|p| p == "Investigation.Read"),
        "{fault:?}"
    );
    let asked = rig.sim.journal();
    assert!(!asked.iter().any(|r| r.path.contains("/alerts/")));
    assert!(
        resource::elsewhere(Kind::CloudAlert)
            .unwrap()
            .contains("src:mdca")
    );
}

#[test]
fn a_tenant_whose_address_of_cloud_apps_is_not_configured_is_told_what_to_set() {
    let rig = Rig::with(flags(), |t| t.sources.cloudapps = None);
    let n = rig.sync(Kind::CloudAlert);
    let fault = rig.filled(n).unwrap_err();
    assert!(fault.next.contains("cloudapps-url"), "{fault}");
    assert!(
        fault.next.contains(".portal.cloudappsecurity.com"),
        "{fault}"
    );
}

#[test]
fn s1_4_s1_13_the_last_day_of_each_neighbour_is_told_by_the_tables() {
    let rig = Rig::new(sim::Flags {
        events: 20_000,
        ..flags()
    });
    let calls = neighbours::calls();
    let n = rig.ask(Slot::Pick("test"), Request::Pick { calls });
    let Body::Part(answers) = rig.last(n) else {
        panic!()
    };
    for answer in &answers {
        assert!(matches!(answer, Answer::Got { .. }), "{answer:?}");
    }
    let told = neighbours::told(&answers);
    let seen = |name: &str| {
        let found = told.iter().find(|(n, _)| n.name == name);
        matches!(found, Some((_, Seen::Yes(..))))
    };
    assert!(
        seen("Defender for Endpoint") && seen("Defender for Cloud Apps"),
        "{told:?}"
    );
    let (_, words) = neighbours::short_devices(&answers);
    assert!(words.contains("onboarded devices"), "{words}");
}

#[test]
fn s1_6_the_review_lists_every_name_with_the_devices_that_met_it() {
    let rig = Rig::new(sim::Flags {
        events: 20_000,
        ..flags()
    });
    let names = ["freevpn.example", "pastehub.example"].map(str::to_owned);
    let query = watchfloor::app::cloud_apps::question(&names.into());
    let call = watchfloor::model::Call::write(
        Service::Graph,
        watchfloor::model::Method::Post,
        watchfloor::model::Path::new("/security/runHuntingQuery"),
        json!({ "Query": query }),
    );
    let calls = vec![call];
    let n = rig.ask(Slot::Pick("test"), Request::Pick { calls });
    let Body::Part(answers) = rig.last(n) else {
        panic!()
    };
    let Answer::Got { body, .. } = &answers[0] else {
        panic!("{answers:?}")
    };
    let rows = body["results"].as_array().unwrap();
    let of = |name: &str| rows.iter().filter(|r| r["Name"] == name).count();
    assert!(of("freevpn.example") > 1, "{rows:?}");
    // how much it touches stands first
    let devices = |r: &Value| r["DeviceName"].as_str().unwrap_or_default().to_owned();
    assert_eq!(rows[0]["Name"], "all 2 names", "{rows:?}");
    assert!(devices(&rows[0]).ends_with(" devices"), "{rows:?}");
    let open = rows[0]["NetworkProtection"].as_str().unwrap();
    assert!(open.contains("would not block"), "S1-12: {open}");
    let nobody = rows.iter().find(|r| r["Name"] == "pastehub.example");
    assert_eq!(nobody.unwrap()["DeviceName"], "no device met it");
    let told = |r: &&Value| {
        r["NetworkProtection"]
            .as_str()
            .is_some_and(|w| w.contains("block"))
    };
    assert!(rows.iter().any(|r| told(&r)), "{rows:?}");
}
