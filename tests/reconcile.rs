//! `watchfloor audit reconcile` against a simulated tenant: deeds of ours, deeds of somebody else with our app, a record that
//! was cut, and one that claims what never was.

use crate::kill::tenant::{DEFENDER, GRAPH, Tenant};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use watchfloor::audit::{Entry, Record, Stage, Writer};
use watchfloor::backend::memory::{MemoryStore, SystemClock};
use watchfloor::backend::ports::Clock;
use watchfloor::backend::{Backend, Ports};
use watchfloor::confirm::{Challenge, Draft, Elapsed, Prompt, Target};
use watchfloor::model::{Json, Key, Kind, Session, Ticks};
use watchfloor::msg::{Body, Event, KeyPress, News, Request, RunState, Slot, Ticket};
use watchfloor::verb::{self, Args, Indicator};

fn writer() -> Writer {
    Writer {
        session: uuid::Uuid::new_v4().to_string(),
        os_user: "ana".into(),
        host: "jump".into(),
        tty: None,
        ssh: None,
        policy: "none".into(),
    }
}

/// A backend that keeps its record on disk, and a person who answers its prompts.
struct Desk {
    backend: Backend,
    clock: Arc<SystemClock>,
    events: Receiver<Event>,
    session: Session,
    number: u64,
}

impl Desk {
    fn open(sim: &sim::Running, dir: &Path) -> Self {
        let mut tenant = crate::backend_rig::tenant(&sim.info);
        tenant.name = "pty".into();
        tenant.analyst = Some("ana@contoso.com".into());
        let (tx, events) = channel();
        let tx = Mutex::new(tx);
        let clock = Arc::new(SystemClock::new(Instant::now(), 1.0));
        let ports = Ports {
            events: Arc::new(move |event| {
                let _ = tx.lock().unwrap().send(event);
            }),
            store: Arc::new(MemoryStore::default()),
            record: Arc::new(Record::new(dir.to_owned(), writer())),
            clock: clock.clone(),
            budget_scale: 100.0,
        };
        let backend = Backend::start(tenant, ports);
        let slot = Slot::Part(Key::new(Kind::Incident, "1"), "");
        let key = Key::new(Kind::Incident, "1");
        backend
            .ask(
                Ticket { slot, number: 0 },
                Request::Entity { key, fresh: true },
            )
            .unwrap();
        let session = until(&events, |e| match e {
            Event::News(News::Session(s, _)) if s.me.is_some() => Some(s),
            _ => None,
        });
        Self {
            backend,
            clock,
            events,
            session,
            number: 0,
        }
    }

    fn ask(&mut self, slot: Slot, request: Request) -> u64 {
        self.number += 1;
        let number = self.number;
        self.backend.ask(Ticket { slot, number }, request).unwrap();
        number
    }

    /// Reads it for the prompt, answers that, and waits for the end or for the service to have taken it over.
    fn does(&mut self, name: &str, args: Args, key: Key) {
        let verb = verb::named(name).unwrap();
        let keys = vec![key];
        let ask = Request::Preview {
            verb,
            args: args.clone(),
            keys,
        };
        let n = self.ask(Slot::Preview(1), ask);
        let mut preview = until(&self.events, |e| match e {
            Event::Reply(r) if r.ticket.number == n => match r.body {
                Body::Preview(p) => Some(p),
                other => panic!("{other:?}"),
            },
            _ => None,
        });
        let read = preview.targets.remove(0);
        let entity = read.entity.unwrap();
        let name = read.key.id.clone();
        let target = Target::read(read.key, name, Json(&entity), &read.answers, verb);
        let draft = Draft {
            verb,
            args,
            targets: vec![target],
            consequences: Vec::new(),
            words: Vec::new(),
            recent: 0,
            tail: None,
            read_at: Some(preview.read_at),
            undoes: Vec::new(),
        };
        let now = self.clock.now();
        let mut prompt = Prompt::open(draft, &self.session, now, true).unwrap();
        prompt.watch().flushed(1, now.mono);
        prompt.watch().acked(1);
        let wanted = match prompt.challenge() {
            Challenge::Y => "Y".to_owned(),
            other => other.wanted(),
        };
        for c in wanted.chars() {
            let key = crossterm::event::KeyEvent::new(
                crossterm::event::KeyCode::Char(c),
                crossterm::event::KeyModifiers::NONE,
            );
            prompt.key(KeyPress { key, in_read: 1 }, now.mono);
        }
        let grace = prompt.answer(None, now).unwrap();
        let end = grace.until();
        let Elapsed::Confirmed(order) = grace.elapse(end) else {
            panic!("{}", verb.name)
        };
        let n = self.ask(Slot::Run(1), Request::Run(order));
        let state = until(&self.events, |e| match e {
            Event::Reply(r) if r.ticket.number == n => match r.body {
                Body::Ran { state, .. }
                    if state != RunState::Sent && state != RunState::Accepted =>
                {
                    Some(state)
                }
                _ => None,
            },
            _ => None,
        });
        assert!(
            matches!(state, RunState::Succeeded | RunState::Pending),
            "{}: {state:?}",
            verb.name
        );
    }
}

fn until<T>(events: &Receiver<Event>, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = events.recv_timeout(Duration::from_secs(60)).unwrap();
        if let Some(found) = pick(event) {
            return found;
        }
    }
}

fn reconcile(home: &Path) -> (i32, String) {
    let out: Output = Command::new(crate::pty::program())
        .args(["audit", "reconcile", "--tenant", "pty"])
        .env_clear()
        .env("HOME", home)
        .env("PTY_SECRET", "pty secret")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let why = String::from_utf8_lossy(&out.stderr).into_owned();
    (out.status.code().unwrap(), text + &why)
}

/// The lines below a heading of the report.
fn part<'a>(text: &'a str, name: &str) -> &'a str {
    let from = text
        .find(&format!("  {name}: "))
        .unwrap_or_else(|| panic!("{name} in\n{text}"));
    let rest = &text[from + 2..];
    let end = rest.find("\n  ").map_or(rest.len(), |mut end| {
        // findings stand deeper
        while rest[end + 1..].starts_with("    ") {
            match rest[end + 1..].find("\n  ") {
                Some(next) => end += next + 1,
                None => return rest.len(),
            }
        }
        end
    });
    &rest[..end]
}

fn id(rows: &Value, n: usize) -> String {
    rows["value"][n]["id"].as_str().unwrap().to_owned()
}

/// Workstations on which nothing is under way.
fn idle(other: &mut Tenant) -> Value {
    let all = other.get(DEFENDER, "/machines");
    let actions = other.get(DEFENDER, "/machineactions?$top=10000");
    let busy = |m: &Value| {
        let actions = actions["value"].as_array().unwrap().iter();
        let mut on = actions.filter(|a| a["machineId"] == m["id"]);
        on.any(|a| matches!(a["status"].as_str(), Some("Pending" | "InProgress")))
    };
    let fits = |m: &&Value| {
        m["onboardingStatus"] == "Onboarded" && m["osPlatform"] == "Windows11" && !busy(m)
    };
    let fit: Vec<&Value> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(fits)
        .collect();
    json!({ "value": fit })
}

/// Accounts without a role.
fn people(other: &mut Tenant) -> Value {
    let select = "id,userPrincipalName,accountEnabled,userType";
    let all = other.get(GRAPH, &format!("/users?$top=100&$select={select}"));
    let mut fit: Vec<Value> = all["value"].as_array().unwrap().clone();
    // the next synchronization is minutes away: what is of Active Directory does for this, too
    fit.retain(|u| u["accountEnabled"] == true && u["userType"] == "Member");
    fit.retain(|u| {
        let path = format!("/users/{}/memberOf", u["id"].as_str().unwrap());
        let groups = other.get(GRAPH, &path);
        let mut groups = groups["value"].as_array().unwrap().iter();
        groups.all(|g| {
            g["@odata.type"] != "#microsoft.graph.directoryRole" && g["isAssignableToRole"] != true
        })
    });
    json!({ "value": fit })
}

#[test]
fn deeds_are_held_against_every_service_that_can_tell() {
    let home = tempfile::tempdir().unwrap();
    let sim = crate::pty::simulated(home.path());
    let dir = home.path().join(".local/state/watchfloor/audit/pty");
    let info = serde_json::to_value(&sim.info).unwrap();
    let mut other = Tenant::new(&info, "pty secret");
    let incidents = other.get(
        GRAPH,
        "/security/incidents?$top=5&$filter=status eq 'active'",
    );
    let alerts = other.get(GRAPH, "/security/alerts_v2?$top=5");
    let machines = idle(&mut other);
    let users = people(&mut other);
    let found = |all: &Value| all["value"].as_array().map_or(0, Vec::len);
    assert!(
        found(&users) >= 4 && found(&machines) >= 3,
        "{users} {machines}"
    );

    // ours: one of each kind
    let mut desk = Desk::open(&sim, &dir);
    let none = Args::default;
    desk.does(
        "take over",
        none(),
        Key::new(Kind::Incident, id(&incidents, 0).as_str()),
    );
    let text = Args {
        text: Some("seen".into()),
        ..none()
    };
    desk.does(
        "comment",
        text,
        Key::new(Kind::Alert, id(&alerts, 0).as_str()),
    );
    desk.does(
        "disable",
        none(),
        Key::new(Kind::User, id(&users, 0).as_str()),
    );
    desk.does(
        "revoke sessions",
        none(),
        Key::new(Kind::User, id(&users, 1).as_str()),
    );
    desk.does(
        "quick scan",
        none(),
        Key::new(Kind::Device, id(&machines, 0).as_str()),
    );
    let indicator = Indicator {
        action: "Block",
        title: "Case 88".into(),
        description: "C2 of case 88".into(),
        severity: "High",
        alert: true,
        expires: Some(Ticks(desk.clock.now().wall.0 + 864_000_000_000 * 30)),
        ..Indicator::default()
    };
    let indicate = Args {
        indicator: Some(indicator),
        ..none()
    };
    desk.does(
        "indicate",
        indicate,
        Key::new(Kind::Indicator, "evil.example"),
    );
    desk.backend.stop();
    // the audit lags: what it does not have yet is unknown, never missing
    let (code, text) = reconcile(home.path());
    let young = part(&text, "directory audits");
    assert!(code == 0 && young.contains("unknown: too young"), "{text}");
    sim.set_scenario("[tenant]\naudit-lag = \"0s\"\ndirectory-lag = \"0s\"\n")
        .unwrap();
    let (code, text) = reconcile(home.path());
    assert_eq!(code, 0, "{text}");
    for (name, agree) in [
        ("machine actions", 1),
        ("directory audits", 2),
        ("incidents", 1),
        ("indicators", 1),
        ("targets as they are", 5),
    ] {
        let part = part(&text, name);
        assert!(
            part.contains(&format!("{agree} of ours agree")),
            "{name}:\n{text}"
        );
    }

    // somebody else with our app's secret
    other.write(
        GRAPH,
        Method::PATCH,
        &format!("/users/{}", id(&users, 2)),
        json!({"accountEnabled": false}),
    );
    other.write(
        GRAPH,
        Method::PATCH,
        &format!("/security/incidents/{}", id(&incidents, 1)),
        json!({"severity": "low"}),
    );
    let isolate = json!({"Comment": "mine", "IsolationType": "Full"});
    other.write(
        DEFENDER,
        Method::POST,
        &format!("/machines/{}/isolate", id(&machines, 1)),
        isolate,
    );
    let row = json!({"indicatorValue": "other.example", "indicatorType": "DomainName", "action": "Block", "title": "x", "description": "x", "severity": "High"});
    other.write(DEFENDER, Method::POST, "/indicators", row);
    let (code, text) = reconcile(home.path());
    assert_eq!(code, 3, "{text}");
    for (name, what) in [
        ("machine actions", "Isolate on"),
        ("directory audits", "Disable account on"),
        ("incidents", &*id(&incidents, 1)),
        ("indicators", "other.example"),
    ] {
        let part = part(&text, name);
        assert!(
            part.contains("NO INTENT HERE") && part.contains(what),
            "{name}:\n{text}"
        );
        assert_eq!(part.lines().count(), 3, "one and no more:\n{text}");
    }

    // somebody else puts a target of ours back: no contradiction, and said
    other.write(
        GRAPH,
        Method::PATCH,
        &format!("/users/{}", id(&users, 0)),
        json!({"accountEnabled": true}),
    );
    let (_, text) = reconcile(home.path());
    let states = part(&text, "targets as they are");
    assert!(
        states.contains("shows something else now") && states.contains("the account enabled"),
        "{text}"
    );
    other.write(
        GRAPH,
        Method::PATCH,
        &format!("/security/incidents/{}", id(&incidents, 0)),
        json!({"assignedTo": null}),
    );
    let (_, text) = reconcile(home.path());
    let states = part(&text, "targets as they are");
    assert!(
        states.contains("NOBODY ELSE WROTE TO IT"),
        "by our own app:\n{text}"
    );

    // deeds of ours that the services do not know: on record, two days old
    let record = Record::new(dir.clone(), writer());
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(48);
    let made_up = |run: &str, verb: &str, kind: &str, id: &str, path: &str| {
        for (stage, state) in [(Stage::Intent, None), (Stage::Outcome, Some("succeeded"))] {
            let entry: Entry = serde_json::from_value(json!({
                "stage": stage, "run": run, "tenant": "pty", "tenant_id": sim.info.tenant_id, "principal": "p",
                "analyst": "ana@contoso.com", "verb": verb, "tier": 2, "sentence": format!("{verb} {id}"),
                "targets": [{"kind": kind, "id": id, "name": id}],
                "requests": [{"service": "x", "method": "POST", "path": path}],
                "state": state, "closed": state.is_some(),
            }))
            .unwrap();
            record.append(at, &entry).unwrap();
        }
    };
    let (user, machine) = (id(&users, 3), id(&machines, 2));
    made_up(
        "00000000-0000-4000-8000-000000000001",
        "disable",
        "user",
        &user,
        &format!("/users/{user}"),
    );
    made_up(
        "00000000-0000-4000-8000-000000000002",
        "isolate",
        "device",
        &machine,
        &format!("/machines/{machine}/isolate"),
    );
    made_up(
        "00000000-0000-4000-8000-000000000003",
        "remediate mail",
        "alert",
        &id(&alerts, 1),
        "/security/collaboration/analyzedEmails/remediate",
    );
    let (code, text) = reconcile(home.path());
    assert_eq!(code, 3);
    for name in ["machine actions", "directory audits"] {
        assert!(
            part(&text, name).contains("INTENTS WITHOUT A TRACE"),
            "{name}:\n{text}"
        );
    }
    assert!(
        text.contains("no service keeps anything of them: remediate mail (1)"),
        "{text}"
    );
}

#[test]
fn a_record_that_was_cut_is_found_by_what_the_services_keep() {
    let home = tempfile::tempdir().unwrap();
    let sim = crate::pty::simulated(home.path());
    let dir = home.path().join(".local/state/watchfloor/audit/pty");
    let info = serde_json::to_value(&sim.info).unwrap();
    let mut other = Tenant::new(&info, "pty secret");
    let machines = idle(&mut other);
    let mut desk = Desk::open(&sim, &dir);
    for n in 0..2 {
        let key = Key::new(Kind::Device, id(&machines, n).as_str());
        desk.does("quick scan", Args::default(), key);
    }
    desk.backend.stop();
    assert_eq!(reconcile(home.path()).0, 0);
    let file = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    // the end is missing: the chain alone does not show it, the service's mark does
    let second = lines
        .iter()
        .rposition(|l| l.contains("\"stage\":\"intent\""))
        .unwrap();
    std::fs::write(&file, lines[..second].join("\n") + "\n").unwrap();
    let (code, text) = reconcile(home.path());
    assert_eq!(code, 3, "{text}");
    assert!(
        part(&text, "machine actions").contains("NO INTENT HERE"),
        "{text}"
    );
    // written anew with another reason and all hashes made again: the mark is that of the old line
    let (_, changed) = rewritten(&lines);
    std::fs::write(&file, changed).unwrap();
    let (code, text) = reconcile(home.path());
    assert_eq!(code, 3, "{text}");
    assert!(
        part(&text, "machine actions").contains("THE INTENT'S LINE WAS CHANGED SINCE: 2"),
        "{text}"
    );
}

/// The record with another person in every line, and a chain that is whole.
fn rewritten(lines: &[&str]) -> (usize, String) {
    let mut before = "0".repeat(64);
    let mut out = String::new();
    for line in lines {
        let mut value: Value = serde_json::from_str(line).unwrap();
        value["os_user"] = "raj".into();
        value["before"] = before.into();
        let text = value.to_string();
        before = watchfloor::audit::line::chain(&text);
        out.push_str(&text);
        out.push('\n');
    }
    (lines.len(), out)
}
