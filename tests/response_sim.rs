//! Response actions against the simulated tenant, from the fresh reading to the way back: what is proven is so there, and
//! what the other side takes back is said aloud.

use crate::backend_rig::{Rig, flags};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use watchfloor::backend::ports::Clock;
use watchfloor::config::TenantConfig;
use watchfloor::confirm::{Challenge, Command, Confirmed, Draft, Elapsed, Prompt, Target};
use watchfloor::model::{Call, Guards, Json, Key, Kind, Mode, Path, Service, Session, Stand};
use watchfloor::msg::{Body, Event, KeyPress, Level, News, Request, RunState, Slot};
use watchfloor::resource::Answer;
use watchfloor::verb::{self, Args, Deed, Verb};

/// Somebody acts, and our own switches are on.
pub fn acting(tenant: &mut TenantConfig) {
    tenant.analyst = Some("ana@contoso.com".into());
    tenant.guards = Arc::new(Guards {
        isolation: true,
        quarantine: true,
        ..Guards::default()
    });
}

pub fn rig() -> Rig {
    Rig::with(flags(), acting)
}

/// The rows of a listing, or the one entity.
pub fn get(
    rig: &Rig,
    service: Service,
    path: &'static str,
    query: &[(&'static str, &str)],
) -> Vec<Value> {
    let mut call = Call::get(service, Path::new(path));
    for (name, value) in query {
        call = call.query(name, *value);
    }
    let n = rig.ask(Slot::Pick("test"), Request::Pick { calls: vec![call] });
    let Body::Part(answers) = rig.last(n) else {
        panic!()
    };
    match &answers[0] {
        Answer::Got { body, .. } => match body.get("value").and_then(Value::as_array) {
            Some(rows) => rows.clone(),
            None => vec![(**body).clone()],
        },
        other => panic!("{path}: {other:?}"),
    }
}

/// Reads afresh, opens the prompt and answers it as a person would.
pub fn confirmed(rig: &Rig, verb: &'static Verb, args: Args, key: &Key) -> Confirmed<Command> {
    let keys = vec![key.clone()];
    let request = Request::Preview {
        verb,
        args: args.clone(),
        keys,
    };
    let n = rig.ask(Slot::Preview(1), request);
    let Body::Preview(mut preview) = rig.last(n) else {
        panic!()
    };
    let read = preview.targets.remove(0);
    let entity = read.entity.unwrap_or_else(|f| panic!("{}: {f}", verb.name));
    let j = Json(&entity);
    let name = j.text("displayName").unwrap_or_else(|| key.id.clone());
    let target = Target::read(key.clone(), name, j, &read.answers, verb);
    let mut now = rig.clock.now();
    // the rig lets time leap also while a request is on its way: what a confirmation's end does has tests of its own
    now.mono += Duration::from_secs(24 * 3600);
    let info = &rig.sim.info;
    let session = Session {
        tenant: "demo".into(),
        tenant_id: info.tenant_id.clone(),
        mode: Mode::AppOnly,
        principal: info.client_id.as_str().into(),
        writer: None,
        me: Some("ana@contoso.com".into()),
        demo: true,
        read_only: None,
        guards: Arc::new(Guards {
            isolation: true,
            quarantine: true,
            ..Guards::default()
        }),
    };
    let draft = Draft {
        verb,
        args,
        targets: vec![target],
        consequences: Vec::new(),
        words: Vec::new(),
        recent: preview.recent,
        tail: None,
        read_at: Some(now.wall),
        // whatever its tier, it is asked
        undoes: vec!["r".into()],
    };
    let mut prompt = Prompt::open(draft, &session, now, true).unwrap();
    prompt.watch().flushed(1, now.mono);
    prompt.watch().acked(1);
    let text = match prompt.challenge().clone() {
        Challenge::Y => "Y".to_owned(),
        Challenge::Tail { text, .. } | Challenge::FullName(text) | Challenge::Phrase(text) => text,
        other => panic!("{other:?}"),
    };
    for c in text.chars() {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        prompt.key(KeyPress { key, in_read: 1 }, now.mono);
    }
    let grace = prompt.answer(None, now).unwrap();
    let until = grace.until();
    match grace.elapse(until) {
        Elapsed::Confirmed(confirmed) => confirmed,
        other => panic!("{other:?}"),
    }
}

/// Does it, with the other side's clock going on meanwhile; what became of it, and the deed on record.
pub fn done(rig: &Rig, verb: &str, args: Args, key: &Key) -> (RunState, Deed) {
    let verb = verb::named(verb).unwrap();
    let order = confirmed(rig, verb, args, key);
    let n = rig.ask(Slot::Run(1), Request::Run(order));
    let state = rig.until("outcome", |e| match e {
        Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Ran { state, .. } if state.stand().is_final() => Some(state.clone()),
            Body::Ran { .. } if verb.follow.is_some() => {
                // what is accepted takes its time there
                rig.sim.clock().advance(Duration::from_secs(3600));
                None
            }
            _ => None,
        },
        _ => None,
    });
    let deed = rig.news("deed", |n| match n {
        News::Deeds(d) => (d.iter())
            .find(|d| d.verb == verb.name && d.key == *key && d.stand == state.stand())
            .cloned(),
        _ => None,
    });
    (state, deed)
}

pub fn undo(rig: &Rig, deed: &Deed) -> RunState {
    let (name, args) = (verb::named(&deed.verb).unwrap().undo)(deed).expect("a way back");
    done(rig, name, args, &deed.key).0
}

/// A member of the ranks.
pub fn member(rig: &Rig, synced: bool) -> Key {
    members(rig, synced).remove(0)
}

/// Members of the ranks, mastered in Active Directory or not: an app reaches no holder of a role.
pub fn members(rig: &Rig, synced: bool) -> Vec<Key> {
    let rows = get(
        rig,
        Service::Graph,
        "/users",
        &[
            (
                "$select",
                "id,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled,department",
            ),
            ("$top", "900"),
        ],
    );
    let plain = |u: &&Value| {
        let department = u["department"].as_str().unwrap_or("IT");
        u["userType"] == "Member"
            && u["accountEnabled"] == true
            && (u["onPremisesSyncEnabled"] == true) == synced
            && !["IT", "Service", "Security"]
                .iter()
                .any(|d| department.contains(d))
    };
    let found = rows.iter().filter(plain);
    found
        .map(|u| Key::new(Kind::User, u["id"].as_str().unwrap()))
        .collect()
}

#[test]
fn s0_3_s0_4_s0_5_an_account_is_disabled_and_revoked_verified_and_enabled_again() {
    let rig = rig();
    let key = member(&rig, false);
    let (state, deed) = done(&rig, "disable and revoke", Args::default(), &key);
    assert_eq!(state, RunState::Succeeded);
    assert!(deed.before["accountEnabled"] == true, "{:?}", deed.before);
    let sent: Vec<String> = (rig.sim.journal().iter())
        .filter(|r| r.method != "GET" && r.path.contains("/users/"))
        .map(|r| r.method.clone())
        .collect();
    assert_eq!(sent, ["PATCH", "POST"], "both, each once");
    assert_eq!(undo(&rig, &deed), RunState::Succeeded);
}

/// The cloud's switch is turned back by the next synchronization: looked at again after 35 minutes, and said aloud.
#[test]
fn a_synchronized_account_that_comes_back_is_an_alarm() {
    let rig = rig();
    let key = member(&rig, true);
    let (state, _) = done(&rig, "disable", Args::default(), &key);
    assert_eq!(state, RunState::Succeeded, "for now");
    let began = rig.clock.now().mono;
    rig.sim.clock().advance(Duration::from_secs(31 * 60));
    let alarm = rig.news("alarm", |n| match n {
        News::Notice {
            level: Level::Error,
            text,
        } => Some(text.clone()),
        _ => None,
    });
    assert!(
        alarm.contains("taken back") && alarm.contains("Active Directory"),
        "{alarm}"
    );
    assert!(rig.clock.now().mono - began >= Duration::from_secs(35 * 60));
    rig.news("deed", |n| match n {
        News::Deeds(d) => d.iter().any(|d| d.stand == Stand::Failed).then_some(()),
        _ => None,
    });
}

#[test]
fn a_merge_is_proven_and_an_incident_with_its_alerts_is_put_back() {
    let rig = rig();
    let filter = [("$filter", "status eq 'active'"), ("$top", "10")];
    let rows = get(&rig, Service::Graph, "/security/incidents", &filter);
    let key = |n: usize| Key::new(Kind::Incident, rows[n]["id"].as_str().unwrap());
    let args = Args {
        incident: Some(key(1).id),
        choice: Some("sameActor"),
        ..Args::default()
    };
    let (state, _) = done(&rig, "merge incidents", args, &key(0));
    assert_eq!(state, RunState::Succeeded);
    let args = Args {
        pair: Some(("falsePositive", "notMalicious")),
        ..Args::default()
    };
    let (state, deed) = done(&rig, "done", args, &key(2));
    assert_eq!(state, RunState::Succeeded);
    assert!(!deed.before["alerts"].as_array().unwrap().is_empty());
    assert_eq!(undo(&rig, &deed), RunState::Succeeded);
    // its alerts were looked at to prove it
    let alerts = format!("/security/incidents/{}/alerts", key(2).id.txt().exact());
    let last = rig
        .sim
        .journal()
        .into_iter()
        .rfind(|r| r.path.ends_with(&alerts));
    let patched = rig.sim.journal().into_iter().rfind(|r| r.method == "PATCH");
    assert!(last.unwrap().seq > patched.unwrap().seq);
}

/// A device that can have everything.
fn workstation(rig: &Rig) -> (Key, Value) {
    let machines = get(rig, Service::Defender, "/machines", &[]);
    let fit = |m: &&Value| {
        m["osPlatform"] == "Windows11"
            && m["onboardingStatus"] == "Onboarded"
            && m["healthStatus"] == "Active"
    };
    let machine = machines.iter().find(fit).unwrap();
    let key = Key::new(Kind::Device, machine["id"].as_str().unwrap());
    (key, machine.clone())
}

#[test]
fn s2_11_s2_12_s2_22_a_device_is_isolated_selectively_with_a_comment_and_released_from_the_record()
{
    let rig = rig();
    let (key, _) = workstation(&rig);
    let args = Args {
        reason: Some("beacon to 203.0.113.7".into()),
        ..Args::default()
    };
    let (state, deed) = done(&rig, "isolate selectively", args, &key);
    assert_eq!(state, RunState::Succeeded);
    let actions = get(&rig, Service::Defender, "/machineactions", &[]);
    let id = deed.action.as_ref().unwrap().txt().exact();
    let action = actions.iter().find(|a| a["id"] == *id).unwrap();
    assert_eq!(action["scope"], "Selective");
    // its page tells what was asked, by whom, why, and how it went
    let key = Key {
        kind: Kind::Action,
        id: id.into(),
    };
    let subject = watchfloor::resource::Subject {
        key: &key,
        entity: Json(action),
        now: rig.clock.now().wall,
        known: &crate::backend_sim::Nobody,
    };
    let mut doc = watchfloor::resource::doc::Doc::default();
    for section in watchfloor::resource::spec(Kind::Action).sections {
        (section.render)(&subject, &[], &mut doc);
    }
    let lines = doc.lines.iter();
    let text: Vec<String> = lines
        .map(|l| watchfloor::app::doc::plain(l, subject.now))
        .collect();
    let text = text.join("\n");
    for words in [
        "Isolate",
        "Selective",
        "Succeeded",
        "beacon to 203.0.113.7",
        id,
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(text.contains(&rig.sim.info.client_id), "who asked:\n{text}");
    assert_eq!(undo(&rig, &deed), RunState::Succeeded);
}

#[test]
fn a_package_is_collected_and_fetched() {
    let rig = rig();
    let (key, _) = workstation(&rig);
    let (state, deed) = done(&rig, "collect package", Args::default(), &key);
    assert_eq!(state, RunState::Succeeded);
    let dir = tempfile::tempdir().unwrap();
    let action = Key {
        kind: Kind::Action,
        id: deed.action.unwrap(),
    };
    for (n, from) in [action, key].into_iter().enumerate() {
        let to = dir.path().join(format!("{n}.zip"));
        let request = Request::Fetch {
            key: from.clone(),
            to: to.to_string_lossy().into_owned(),
        };
        let n = rig.ask(Slot::Fetch(from), request);
        let Body::Fetched(fetched) = rig.last(n) else {
            panic!()
        };
        assert!(fetched.zip && fetched.bytes > 100);
        assert_eq!(std::fs::metadata(&to).unwrap().len(), fetched.bytes);
    }
}
