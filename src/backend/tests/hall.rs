//! A directory of people and a park of machines that remember what was done to them, a record on disk, and prompts answered
//! as a person would: what the tests of sets, of following and of taking over share.

use super::rig::{ALL, Rig, TENANT, tenant, token};
use super::server::{Answer, Hit, How, Server};
use crate::audit::file::{Record, Writer};
use crate::audit::read::{Run, runs};
use crate::audit::verify::{Report, verify};
use crate::backend::ports::Clock;
use crate::confirm::{Challenge, Command, Confirmed, Draft, Elapsed, Prompt, Target};
use crate::model::{
    Call, Guards, Json, Key, Kind, Method, Mode, Path, Service, Session, Stand, Switch,
};
use crate::msg::{Body, Event, KeyPress, Request, RunState, Slot};
use crate::verb::{Args, BASE, Course, Follow, Needs, Proof, Stamp, Verb};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What happens to the n-th write (from 0) before it gets to `Things`.
pub type Fault = dyn Fn(usize, &Hit, &mut Things) -> Option<Answer> + Send + Sync;

/// The other side's memory.
#[derive(Default)]
pub struct Things {
    pub users: BTreeMap<String, Value>,
    /// Each PATCH or POST that took effect, by target.
    pub executed: BTreeMap<String, usize>,
    pub actions: Vec<Value>,
    /// Polls of the action list that come back empty, and of an action before it goes on.
    pub lag: usize,
    pub course: Vec<&'static str>,
    pub writes: usize,
    /// When an action was made by the service's clock, where that is not ours.
    pub made: Option<&'static str>,
    /// The sign-in gives out nothing any more.
    pub signed_out: bool,
}

pub struct Hall {
    pub rig: Rig,
    pub things: Arc<Mutex<Things>>,
    pub dir: PathBuf,
    pub door: Arc<Door>,
}

/// Writes wait here while it is shut; everything else goes past it.
#[derive(Default)]
pub struct Door(Mutex<bool>, Condvar);

impl Door {
    pub fn shut(&self, shut: bool) {
        *self.0.lock().unwrap() = shut;
        self.1.notify_all();
    }

    fn pass(&self) {
        let shut = self.0.lock().unwrap();
        drop(self.1.wait_while(shut, |shut| *shut).unwrap());
    }
}

pub static DISABLE: Verb = Verb {
    name: "disable",
    kinds: &[Kind::User],
    tier: 2,
    needs: |_| Needs::any(Service::Graph, &["User.ReadWrite.All"]),
    writes: &["accountEnabled"],
    sentence: |targets, _, _| format!("disable {}", targets.len()),
    plan: |key, _, _, _, _| {
        let path = Path::new("/users")
            .id(key.id.txt())
            .map_err(|e| e.to_string())?;
        let body = json!({"accountEnabled": false});
        Ok(vec![Call::write(Service::Graph, Method::Patch, path, body)])
    },
    verify: |_, now, _, _, _| match now.at("accountEnabled").0.as_bool() {
        Some(false) => Ok(()),
        other => Err(format!("accountEnabled {other:?}")),
    },
    inverse: Some("enable"),
    ..BASE
};

pub static ISOLATE: Verb = Verb {
    name: "isolate",
    kinds: &[Kind::Device],
    tier: 2,
    needs: |_| Needs::any(Service::Defender, &["Machine.Isolate"]).switch(Switch::Isolation),
    sentence: |targets, _, _| format!("isolate {}", targets.len()),
    plan: |key, _, args, _, _| {
        let path = Path::new("/machines")
            .id(key.id.txt())
            .map_err(|e| e.to_string())?;
        let why = args.reason.as_ref().map_or("", |r| r.txt().exact());
        let body = json!({"Comment": why, "IsolationType": "Full"});
        Ok(vec![Call::write(
            Service::Defender,
            Method::Post,
            path.then("/isolate"),
            body,
        )])
    },
    stamp: Some(Stamp {
        comment: "Comment",
        external: "ExternalId",
    }),
    follow: Some(Follow {
        poll: |_, body| {
            let id = body.text("id")?;
            let path = Path::new("/machineactions").id(id.txt()).ok()?;
            Some(Call::get(Service::Defender, path))
        },
        course: |now| Course {
            stand: match now.str("status") {
                Some("Pending") => Stand::Pending,
                Some("InProgress") => Stand::InProgress,
                Some("Succeeded") => Stand::Succeeded,
                Some(_) => Stand::Failed,
                None => Stand::Unknown,
            },
            detail: now.str("status").unwrap_or_default().to_owned(),
            action: now.text("id"),
        },
    }),
    proof: Proof::Course,
    inverse: Some("release"),
    ..BASE
};

pub fn person(n: usize) -> String {
    format!("00000000-0000-0000-0000-{n:012}")
}

fn user(n: usize) -> Value {
    json!({
        "id": person(n), "displayName": format!("Person {n}"),
        "userPrincipalName": format!("person.{n:03}@contoso.com"), "accountEnabled": true,
    })
}

pub const MACHINE: &str = "0123456789abcdef0123456789abcdef01234567";

fn answer(things: &mut Things, hit: &Hit, fault: &Fault) -> Answer {
    let path = hit.path().to_owned();
    let last = path.rsplit('/').next().unwrap_or_default().to_owned();
    let gone = || {
        Answer::json(
            404,
            r#"{"error":{"code":"Request_ResourceNotFound","message":"no"}}"#,
        )
    };
    match hit.method.as_str() {
        "GET" if path.contains("/users/") => match things.users.get(&last) {
            Some(user) => Answer::ok(user.to_string()),
            None => gone(),
        },
        "GET" if path.ends_with("/machineactions") => {
            let mut rows = match things.lag {
                0 => things.actions.clone(),
                _ => Vec::new(),
            };
            let filter = hit.query("$filter").unwrap_or_default();
            if let Some((_, from)) = filter.split_once("creationDateTimeUtc ge ") {
                rows.retain(|r| r["creationDateTimeUtc"].as_str().is_some_and(|t| t >= from));
            }
            things.lag = things.lag.saturating_sub(1);
            Answer::ok(json!({"value": rows}).to_string())
        }
        "GET" if path.contains("/machineactions/") => {
            let next = match things.course.len() {
                0 => None,
                _ => Some(things.course.remove(0)),
            };
            let Some(found) = things.actions.iter_mut().find(|a| a["id"] == *last) else {
                return gone();
            };
            if let Some(next) = next {
                found["status"] = next.into();
            }
            Answer::ok(found.to_string())
        }
        "GET" if path.contains("/machines/") => Answer::ok(
            json!({"id": last, "computerDnsName": "web-01.contoso.com", "onboardingStatus": "Onboarded"})
                .to_string(),
        ),
        "PATCH" | "POST" => {
            let n = things.writes;
            things.writes += 1;
            match fault(n, hit, things) {
                Some(answer) => answer,
                None => things.take(hit),
            }
        }
        _ => gone(),
    }
}

impl Things {
    /// The write takes effect.
    pub fn take(&mut self, hit: &Hit) -> Answer {
        let body: Value = serde_json::from_str(&hit.body).unwrap();
        let words: Vec<&str> = hit.path().split('/').collect();
        if hit.method == "POST" {
            let machine = words[words.len() - 2].to_owned();
            *self.executed.entry(machine.clone()).or_default() += 1;
            let action = json!({
                "id": format!("a0000000-0000-0000-0000-{:012}", self.actions.len()), "type": "Isolate", "status": "Pending",
                "machineId": machine, "requestor": "app-1", "requestorComment": body["Comment"],
                "externalId": body["ExternalId"], "creationDateTimeUtc": self.made.unwrap_or("2026-08-01T12:00:00Z"),
            });
            self.actions.push(action.clone());
            return Answer::json(201, action.to_string());
        }
        let id = words[words.len() - 1].to_owned();
        *self.executed.entry(id.clone()).or_default() += 1;
        if let Some(user) = self.users.get_mut(&id) {
            user["accountEnabled"] = body["accountEnabled"].clone();
        }
        Answer {
            status: 204,
            ..Answer::ok("")
        }
    }
}

/// Of each kind of fault one, over and over; what the fifth and sixth say is not what they did.
pub fn storm(n: usize, hit: &Hit, things: &mut Things) -> Option<Answer> {
    let error = r#"{"error":{"code":"x","message":"x"}}"#;
    match n % 9 {
        1 => Some(Answer::json(429, error)),
        2 => Some(Answer::json(429, error).with("retry-after", "2")),
        3 => Some(Answer::json(503, error)),
        4 => Some(Answer::ok("").how(How::Reset)),
        5 => {
            things.take(hit);
            Some(Answer::ok("").how(How::Reset))
        }
        6 => {
            things.take(hit);
            Some(Answer::json(500, error))
        }
        7 => Some(Answer::json(500, "<html>gateway</html>")),
        _ => None,
    }
}

pub fn writer() -> Writer {
    Writer {
        session: uuid::Uuid::new_v4().to_string(),
        os_user: "ana".into(),
        host: "jump".into(),
        tty: None,
        ssh: None,
        policy: "none".into(),
    }
}

pub fn guards() -> Guards {
    Guards {
        isolation: true,
        ..Guards::default()
    }
}

pub fn session() -> Session {
    Session {
        tenant: "test".into(),
        tenant_id: TENANT.into(),
        mode: Mode::AppOnly,
        principal: "app-1".into(),
        writer: None,
        me: Some("ana@contoso.com".into()),
        demo: true,
        read_only: None,
        guards: Arc::new(guards()),
    }
}

impl Hall {
    pub fn new(
        people: usize,
        fault: impl Fn(usize, &Hit, &mut Things) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap().keep();
        let things = Things {
            users: (0..people).map(|n| (person(n), user(n))).collect(),
            ..Things::default()
        };
        let things = Arc::new(Mutex::new(things));
        let door = Arc::new(Door::default());
        let server = {
            let (things, door) = (Arc::clone(&things), Arc::clone(&door));
            Server::start(move |hit| {
                if hit.method != "GET" && !hit.is_token() {
                    door.pass();
                }
                if hit.is_token() {
                    return match things.lock().unwrap().signed_out {
                        true => Answer::json(
                            401,
                            r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}"#,
                        ),
                        false => token(ALL),
                    };
                }
                answer(&mut things.lock().unwrap(), hit, &fault)
            })
        };
        let rig = open(&server, &dir);
        Self {
            rig,
            things,
            dir,
            door,
        }
    }

    /// Another instance of the program on the same tenant and record.
    pub fn another(&self) -> Rig {
        open(&self.rig.server, &self.dir)
    }

    /// Targets as a prompt froze them.
    pub fn people(&self, which: impl IntoIterator<Item = usize>) -> Vec<Target> {
        let freeze = |n| {
            let key = Key::new(Kind::User, person(n).as_str());
            Target::of(
                key,
                format!("Person {n}").as_str().into(),
                Json(&user(n)),
                &DISABLE,
            )
        };
        which.into_iter().map(freeze).collect()
    }

    pub fn machine() -> Target {
        let now = json!({"id": MACHINE, "computerDnsName": "web-01.contoso.com"});
        Target::of(
            Key::new(Kind::Device, MACHINE),
            "web-01.contoso.com".into(),
            Json(&now),
            &ISOLATE,
        )
    }

    /// Asks for it, and waits until it is all over. What each target came to.
    pub fn run(&self, verb: &'static Verb, targets: Vec<Target>) -> Vec<RunState> {
        run(&self.rig, verb, targets, 0)
    }

    pub fn executed(&self) -> usize {
        self.things.lock().unwrap().executed.values().sum()
    }

    /// Whether the tenant has this person switched off.
    pub fn is_off(&self, n: usize) -> bool {
        self.things.lock().unwrap().users[&person(n)]["accountEnabled"] == false
    }

    pub fn verified(&self) -> Report {
        let report = verify(&self.dir, None, &Default::default()).unwrap();
        assert!(report.is_whole(), "{:?}", report.broken);
        report
    }

    /// Lets time pass until nothing is open.
    pub fn settled(&self) {
        let begun = std::time::Instant::now();
        while !self.verified().open.is_empty() {
            if self.rig.clock.is_anyone_asleep() {
                self.rig.leap();
            }
            assert!(begun.elapsed().as_secs() < 20, "{:?}", self.verified().open);
            std::thread::yield_now();
        }
    }

    /// What became of each target; the line that a set begins with is left out.
    pub fn recorded(&self) -> Vec<Run> {
        let mut all = runs(&self.dir).unwrap();
        all.retain(|r| r.entry().stage != crate::audit::Stage::Began);
        all
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.rig.backend.stop();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn open(server: &Server, dir: &std::path::Path) -> Rig {
    let record = Record::new(dir.to_owned(), writer());
    let mut tenant = tenant(server);
    tenant.guards = Arc::new(guards());
    Rig::recording(server.clone(), tenant, Some(Arc::new(record)))
}

/// Runs it on an instance. `recent`: what the prompt counted.
pub fn run(rig: &Rig, verb: &'static Verb, targets: Vec<Target>, recent: usize) -> Vec<RunState> {
    let count = targets.len();
    let n = rig.ask(
        Slot::Run(1),
        Request::Run(confirmed(rig, verb, targets, recent)),
    );
    let mut last: Vec<Option<RunState>> = vec![None; count];
    // looks long after and reminders are not part of it
    rig.pumped_by(Duration::from_secs(61), "end", |e| match e {
        Event::Reply(r) if r.ticket.number == n => {
            match &r.body {
                Body::Ran { target, state } => last[*target] = Some(state.clone()),
                Body::Done => assert!(r.last),
                Body::Page(_) => {}
                other => panic!("{other:?}"),
            }
            r.last.then_some(())
        }
        _ => None,
    });
    last.into_iter().map(Option::unwrap).collect()
}

/// So far ahead of the rig's clock a person of these tests confirms. The rig lets time leap whenever nothing is heard for a
/// few milliseconds, on a busy machine also while a request is on its way: what a confirmation's end does is no matter of
/// chance, it has tests of its own (`writes`).
const AHEAD: Duration = Duration::from_secs(24 * 3600);

/// A person looks at the prompt, types what it asks for, and lets the grace pass.
pub fn confirmed(
    rig: &Rig,
    verb: &'static Verb,
    targets: Vec<Target>,
    recent: usize,
) -> Confirmed<Command> {
    let args = Args {
        reason: Some("because".into()),
        ..Args::default()
    };
    confirmed_as(rig, &session(), verb, args, targets, recent)
}

/// The same under a sign-in, with the answers of the verb's form.
pub fn confirmed_as(
    rig: &Rig,
    session: &Session,
    verb: &'static Verb,
    args: Args,
    targets: Vec<Target>,
    recent: usize,
) -> Confirmed<Command> {
    let mut now = rig.clock.now();
    now.mono += AHEAD;
    let key = targets[0].key.clone();
    let draft = Draft {
        verb,
        args,
        targets,
        consequences: Vec::new(),
        words: Vec::new(),
        recent,
        tail: None,
        read_at: Some(now.wall),
        undoes: Vec::new(),
    };
    let mut prompt = Prompt::open(draft, session, now, true).unwrap();
    prompt.watch().flushed(1, now.mono);
    prompt.watch().acked(1);
    let text = match prompt.challenge().clone() {
        Challenge::Y => "Y".to_owned(),
        Challenge::Count(n) => n.to_string(),
        Challenge::Tail { text, .. } | Challenge::FullName(text) | Challenge::Phrase(text) => text,
        Challenge::ByKey => panic!("{key:?}"),
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
