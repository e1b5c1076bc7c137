//! What the simulated tenant itself shows, asked by another client than ours, and what the record's requests would have
//! left there: field by field, action by action.

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use watchfloor::audit::read::Run;

pub const GRAPH: &str = "Microsoft Graph";
pub const DEFENDER: &str = "Defender for Endpoint";

/// One thing that can be looked at in the tenant: service, entity, and what of it.
type Aspect = (&'static str, String, String);

/// A client of the test's own: HTTP, a token for each service, and entities read once.
pub struct Tenant {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    bases: HashMap<&'static str, (String, String)>,
    read: HashMap<(&'static str, String), Value>,
}

impl Tenant {
    pub fn new(info: &Value, secret: &str) -> Self {
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
        let text = |name: &str| info[name].as_str().unwrap().to_owned();
        let url = format!("{}/{}/oauth2/v2.0/token", text("login"), text("tenant_id"));
        let token = |scope: &str| {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", &text("client_id")),
                ("client_secret", secret),
                ("scope", scope),
            ];
            let answer: Value = runtime.block_on(async {
                let sent = client.post(&url).form(&form).send().await.unwrap();
                sent.json().await.unwrap()
            });
            answer["access_token"].as_str().unwrap().to_owned()
        };
        let graph = token("https://graph.microsoft.com/.default");
        let defender = token("https://api.securitycenter.microsoft.com/.default");
        let bases = HashMap::from([
            (GRAPH, (text("graph"), graph)),
            (DEFENDER, (text("defender"), defender)),
        ]);
        Self {
            runtime,
            client,
            bases,
            read: HashMap::new(),
        }
    }

    /// An entity, or null where there is none.
    pub fn get(&mut self, service: &'static str, path: &str) -> Value {
        if let Some(known) = self.read.get(&(service, path.to_owned())) {
            return known.clone();
        }
        let (base, token) = &self.bases[service];
        let request = self
            .client
            .get(format!("{base}{path}"))
            .bearer_auth(token)
            .header("Prefer", "include-unknown-enum-members");
        let found = self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            match answer.status().as_u16() {
                200 => answer.json().await.unwrap(),
                404 => Value::Null,
                other => panic!("{path}: {other} {}", answer.text().await.unwrap()),
            }
        });
        self.read.insert((service, path.to_owned()), found);
        self.read[&(service, path.to_owned())].clone()
    }

    /// Writes as another client of the same app would; the answer, null where it has no body.
    pub fn write(
        &mut self,
        service: &'static str,
        method: reqwest::Method,
        path: &str,
        body: Value,
    ) -> Value {
        let (base, token) = &self.bases[service];
        let request = self
            .client
            .request(method, format!("{base}{path}"))
            .bearer_auth(token)
            .json(&body);
        self.read.clear();
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{path}: {status} {text}");
            serde_json::from_str(&text).unwrap_or_default()
        })
    }

    /// All machine actions.
    fn actions(&mut self) -> Vec<Value> {
        let all = self.get(DEFENDER, "/machineactions?$top=10000");
        all["value"].as_array().unwrap().clone()
    }

    /// What an aspect is now.
    fn shows(&mut self, (service, path, what): &Aspect) -> Value {
        if *service == GRAPH && path.starts_with("/users/") {
            let select = "$select=id,accountEnabled,signInSessionsValidFromDateTime,userType,onPremisesSyncEnabled";
            return self.get(service, &format!("{path}?{select}"))[what].clone();
        }
        let entity = self.get(service, path);
        match what.split_once(':') {
            Some(("comment", text)) => {
                let comments = entity["comments"].as_array().cloned().unwrap_or_default();
                let said = |c: &&Value| c["comment"].as_str().unwrap_or("").starts_with(text);
                json!(comments.iter().filter(said).count())
            }
            Some(("tag", tag)) => {
                let tags = entity["machineTags"].as_array().cloned();
                json!(tags.unwrap_or_default().iter().any(|t| t == tag))
            }
            _ if what == "there" => json!(!entity.is_null()),
            _ => entity[what].clone(),
        }
    }
}

/// What a run's requests would leave in the tenant.
fn effects(run: &Run) -> Vec<(Aspect, Value)> {
    let mut out = Vec::new();
    for request in &run.entry().requests {
        let service = match request.service.as_str() {
            GRAPH => GRAPH,
            _ => DEFENDER,
        };
        let body = request.body.clone().unwrap_or_default();
        let path = request.path.as_str();
        let mut add = |path: &str, what: &str, value: Value| {
            out.push(((service, path.to_owned(), what.to_owned()), value));
        };
        let (parent, last) = path.rsplit_once('/').unwrap();
        match (request.method.as_str(), last) {
            ("PATCH", _) => {
                for (field, value) in body.as_object().unwrap() {
                    add(path, field, value.clone());
                }
            }
            ("DELETE", _) => add(path, "there", json!(false)),
            ("POST", "comments") => {
                let text = body["comment"].as_str().unwrap();
                add(parent, &format!("comment:{text}"), json!(1));
            }
            ("POST", "revokeSignInSessions") => {
                let at = json!(run.line.time);
                add(parent, "signInSessionsValidFromDateTime", at);
            }
            ("POST", "confirmCompromised") => {
                for user in body["userIds"].as_array().unwrap() {
                    let path = format!("{parent}/{}", user.as_str().unwrap());
                    add(&path, "riskState", json!("confirmedCompromised"));
                }
            }
            ("POST", "tags") => {
                let tag = body["Value"].as_str().unwrap();
                add(
                    parent,
                    &format!("tag:{tag}"),
                    json!(body["Action"] == "Add"),
                );
            }
            ("POST", "setDeviceValue") => {
                add(parent, "deviceValue", body["DeviceValue"].clone());
            }
            // a machine action: it is looked for by its mark
            ("POST", _) if path.starts_with("/machines/") => {}
            other => panic!("{other:?}: what would that leave behind?"),
        }
    }
    out
}

/// A moment that is not before another.
fn not_before(is: &Value, wanted: &Value) -> bool {
    let at = |v: &Value| v.as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
    match (at(is), at(wanted)) {
        // the service writes whole seconds
        (Some(is), Some(wanted)) => is.as_second() >= wanted.as_second(),
        _ => false,
    }
}

/// What was compared, and what does not fit.
#[derive(Debug, Default)]
pub struct Compared {
    pub aspects: usize,
    pub actions: usize,
    pub wrong: Vec<String>,
}

/// Holds what the record claims against what the tenant shows now. A run that is *unknown* or open claims nothing; what a
/// later one may have changed is no contradiction.
pub fn compare(runs: &[Run], tenant: &mut Tenant) -> Compared {
    let mut out = Compared::default();
    let mut history: BTreeMap<Aspect, Vec<(&Run, Value)>> = BTreeMap::new();
    for run in runs.iter().filter(|r| r.has_intent()) {
        for (aspect, value) in effects(run) {
            history.entry(aspect).or_default().push((run, value));
        }
    }
    for (aspect, runs) in history {
        let state = |run: &Run| run.state.clone().unwrap_or_default();
        let Some(last) = runs.iter().rposition(|(r, _)| state(r) == "succeeded") else {
            continue;
        };
        out.aspects += 1;
        let may_have = |(r, _): &&(&Run, Value)| match state(r).as_str() {
            "not sent" => false,
            "failed" => r
                .detail
                .as_deref()
                .is_some_and(|d| d.contains("were done") || d.contains("accepted")),
            _ => true,
        };
        let allowed: Vec<&Value> = runs[last..]
            .iter()
            .filter(may_have)
            .map(|(_, v)| v)
            .collect();
        let is = tenant.shows(&aspect);
        let fits = match aspect.2.as_str() {
            "signInSessionsValidFromDateTime" => not_before(&is, allowed[0]),
            // Active Directory takes it back by itself, which is what the reading after 35 minutes is for
            "accountEnabled"
                if tenant.shows(&(aspect.0, aspect.1.clone(), "onPremisesSyncEnabled".into()))
                    == true =>
            {
                true
            }
            _ => allowed.contains(&&is),
        };
        if !fits {
            let run = &runs[last].0.entry().run;
            out.wrong.push(format!(
                "{aspect:?} is {is}, claimed {allowed:?} by run {run}"
            ));
        }
    }
    let actions = tenant.actions();
    for run in runs.iter().filter(|r| r.has_intent()) {
        let entry = run.entry();
        if entry.targets[0].kind != "device" || !effects(run).is_empty() {
            continue;
        }
        out.actions += 1;
        let ours = |a: &&Value| {
            let external = a["externalId"].as_str().unwrap_or("");
            let comment = a["requestorComment"].as_str().unwrap_or("");
            external.starts_with(&entry.run) || comment.contains(&format!("[wf {}", entry.run))
        };
        let found: Vec<&Value> = actions.iter().filter(ours).collect();
        let status = |word: &str| found.iter().any(|a| a["status"] == word);
        let detail = run.detail.clone().unwrap_or_default();
        let fits = match run.state.as_deref() {
            Some("succeeded") => found.len() == 1 && status("Succeeded"),
            Some("not sent") => found.is_empty(),
            Some("failed") => !status("Succeeded") || detail.contains("says it succeeded"),
            Some("pending") => found.len() == 1,
            Some("in progress") => found.len() == 1 && !status("Pending"),
            _ => found.len() <= 1,
        };
        if !fits {
            let what = (&entry.verb, &entry.run, &run.state, &detail);
            out.wrong
                .push(format!("{what:?}: the tenant has {found:?}"));
        }
    }
    out
}
