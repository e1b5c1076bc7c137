//! A confirmed verb that meets a session which is over: it waits for the person while its confirmation lives, looks at the
//! target anew, and goes on by itself. Nothing is sent under another's name, late, or to a target that changed.

use super::rig::{Rig, incident, tenant};
use super::server::{Answer, Hit, Server};
use crate::backend::ports::{Clock, Stage};
use crate::config::SignIn;
use crate::confirm::{Prompt, Target};
use crate::model::{
    Call, Fault, FaultKind, Json, Key, Kind, Method, Path, Service, Session, Stand,
};
use crate::msg::{Body, Event, News, Request, RunState, SignInStep, Slot};
use crate::resource::Answer as Part;
use crate::verb::{Args, BASE, Needs, Verb};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::Txt;

/// The other side: which session is good, and what the incident is like.
struct World {
    /// Tokens of earlier sessions are refused.
    session: u32,
    who: &'static str,
    status: &'static str,
    tagged: bool,
    /// The session ends when the first write comes, and not before.
    ends_at_write: bool,
    /// So many writes are refused although their token is good.
    burst: u32,
    writes: u32,
    /// What every token has to answer from here on; the codes that were asked for with it.
    wants: Option<&'static str>,
    brought: bool,
}

fn answer(world: &mut World, hit: &Hit) -> Answer {
    let path = hit.path();
    if path.ends_with("/devicecode") {
        world.brought |= world
            .wants
            .is_some_and(|w| hit.form("claims").is_some_and(|c| c.contains(w)));
        let given = json!({"device_code": "d", "user_code": "ABCD", "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 5});
        return Answer::ok(given.to_string());
    }
    if hit.is_token() {
        if let Some(old) = hit.form("refresh_token")
            && old != format!("r-{}", world.session)
        {
            let said = json!({"error": "invalid_grant", "error_codes": [50173], "error_description": "AADSTS50173: x"});
            return Answer::json(400, said.to_string());
        }
        let scope = hit.form("scope").unwrap_or_default();
        // a code is traded for what was asked for with it
        let of = match scope.contains("graph") || hit.form("device_code").is_some() {
            true => "g",
            false => "d",
        };
        let id = json!({"oid": world.who, "preferred_username": "ana@contoso.com"}).to_string();
        let n = world.session;
        let given = json!({
            "token_type": "Bearer", "expires_in": 3600, "access_token": format!("{of}-{n}"), "refresh_token": format!("r-{n}"),
            "id_token": format!("e30.{}.s", URL_SAFE_NO_PAD.encode(id)),
        });
        return Answer::ok(given.to_string());
    }
    let bearer = hit.header("authorization").unwrap_or_default();
    let write = hit.method != "GET";
    if write && world.ends_at_write {
        world.ends_at_write = false;
        world.session += 1;
    }
    // Defender takes what it gave out for as long as that lives
    if bearer.starts_with("Bearer g-") && bearer != format!("Bearer g-{}", world.session) {
        let mut said = "Bearer error=\"invalid_token\"".to_owned();
        if let Some(wants) = world.wants {
            let claims = json!({"access_token": {"nbf": {"essential": true, "value": wants}}});
            let claims = base64::engine::general_purpose::STANDARD.encode(claims.to_string());
            said = format!("Bearer error=\"insufficient_claims\", claims=\"{claims}\"");
        }
        return Answer::json(401, "{}").with("www-authenticate", said);
    }
    if write && world.burst > 0 {
        world.burst -= 1;
        return Answer::json(401, "{}");
    }
    if path.ends_with("/isolate") {
        world.writes += 1;
        return Answer::json(201, "{}");
    }
    if path.contains("/machines/") {
        return Answer::ok(json!({"id": path.rsplit('/').next()}).to_string());
    }
    if write {
        world.writes += 1;
        world.tagged = true;
    }
    if path.contains("/security/incidents/") {
        let mut row = incident(7, world.status, None);
        row["customTags"] = match world.tagged {
            true => json!(["held"]),
            false => json!([]),
        };
        return Answer::ok(row.to_string());
    }
    Answer::json(404, "{}")
}

fn fine(_: &Key, now: Json<'_>, _: &Args, _: Txt<'_>, _: &Value) -> Result<(), String> {
    match now.at("customTags").0.as_array().map(Vec::len) {
        Some(1) => Ok(()),
        _ => Err("no tag".into()),
    }
}

fn plan(key: &Key, _: Json<'_>, _: &Args, _: Txt<'_>, _: &[Part]) -> Result<Vec<Call>, String> {
    let path = Path::new("/security/incidents")
        .id(key.id.txt())
        .map_err(|e| e.to_string())?;
    let body = json!({"customTags": ["held"]});
    Ok(vec![Call::write(Service::Graph, Method::Patch, path, body)])
}

static TAG: Verb = Verb {
    name: "tag",
    kinds: &[Kind::Incident],
    tier: 0,
    needs: |_| Needs::any(Service::Graph, &["SecurityIncident.ReadWrite.All"]),
    writes: &["status"],
    sentence: |_, _, _| "tag an incident".into(),
    plan,
    verify: fine,
    ..BASE
};

static CUT_OFF: Verb = Verb {
    name: "cut off",
    kinds: &[Kind::Device],
    tier: 0,
    needs: |_| Needs::any(Service::Defender, &["Machine.Isolate"]),
    sentence: |_, _, _| "cut a device off".into(),
    plan: |key, _, _, _, _| {
        let path = Path::new("/machines")
            .id(key.id.txt())
            .map_err(|e| e.to_string())?;
        let path = path.then("/isolate");
        let body = json!({"Comment": "x"});
        Ok(vec![Call::write(
            Service::Defender,
            Method::Post,
            path,
            body,
        )])
    },
    verify: |_, _, _, _, _| Ok(()),
    ..BASE
};

struct Desk {
    rig: Rig,
    world: Arc<Mutex<World>>,
    session: Session,
}

impl Desk {
    fn new() -> Self {
        let world = Arc::new(Mutex::new(World {
            session: 1,
            who: "oid-ana",
            status: "active",
            tagged: false,
            ends_at_write: false,
            burst: 0,
            writes: 0,
            wants: None,
            brought: false,
        }));
        let server = {
            let world = Arc::clone(&world);
            Server::start(move |hit| answer(&mut world.lock().unwrap(), hit))
        };
        let mut tenant = tenant(&server);
        tenant.sign_in = SignIn::DeviceCode;
        let rig = Rig::with(server, tenant);
        let n = rig.ask(Slot::SignIn, Request::SignIn(SignInStep::DeviceCode));
        // the program asks by itself, too: whichever code is the last is typed
        let end = super::ways::wait(&rig, "end of the sign-in", |e| match e {
            Event::Reply(r) if r.ticket.number == n && r.last => Some(r.body.clone()),
            _ => None,
        });
        assert!(matches!(end, Body::Done), "{end:?}");
        let session = rig.until("a session", |e| match e {
            Event::News(News::Session(s, _)) if !s.principal.is_empty() => Some(s.clone()),
            _ => None,
        });
        // a token of each service is in hand, and nobody is on the way for one
        let calls = [
            (Service::Graph, "/security/incidents/7"),
            (Service::Defender, "/machines/0"),
        ];
        let calls = calls.map(|(service, path)| Call::get(service, Path::new(path)));
        let n = rig.ask(
            Slot::Pick("tokens"),
            Request::Pick {
                calls: calls.into(),
            },
        );
        rig.last(n);
        Self {
            rig,
            world,
            session,
        }
    }

    fn of<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }

    fn confirm(&self, slot: u64, verb: &'static Verb, key: Key) -> u64 {
        let seen = match key.kind {
            Kind::Incident => incident(7, "active", None),
            _ => json!({"id": key.id.txt().exact()}),
        };
        let target = Target::of(key, "it".into(), Json(&seen), verb);
        let prompt = Prompt::new(verb, Args::default(), vec![target], &self.session).unwrap();
        let confirmed = prompt.by_key(self.rig.clock.now()).unwrap();
        self.rig.ask(Slot::Run(slot), Request::Run(confirmed))
    }

    fn tag(&self) -> u64 {
        self.confirm(1, &TAG, Key::new(Kind::Incident, "7"))
    }

    /// Until the verb says that it waits; how it says so.
    fn waits(&self) -> String {
        let said = self.rig.news("word that it waits", |n| match n {
            News::Notice { text, .. } if text.contains("waits for your sign-in") => {
                Some(text.clone())
            }
            _ => None,
        });
        // it lies down right after
        self.rig.next_sleep();
        said
    }

    /// The person asks for a code after so long, and types it.
    fn signs_in(&self, after: Duration) {
        self.rig.clock.advance(after);
        let step = Request::SignIn(SignInStep::DeviceCode);
        let n = self.rig.ask(Slot::SignIn, step);
        // the code is asked for every five seconds: nobody else is woken meanwhile who sleeps longer
        self.rig
            .pumped_past(Duration::from_secs(5), "end of the sign-in", |e| match e {
                Event::Reply(r) if r.ticket.number == n && r.last => Some(()),
                _ => None,
            });
    }

    /// What became of it; pauses of services pass.
    fn outcome(&self, n: u64) -> RunState {
        super::ways::wait(&self.rig, "an outcome", |e| match e {
            Event::Reply(r) if r.ticket.number == n => match &r.body {
                Body::Ran { state, .. } if state.stand().is_final() => Some(state.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    fn stages(&self) -> Vec<Stage> {
        let entries = self.rig.record.entries();
        entries.iter().map(|e| e.stage).collect()
    }
}

fn fault(state: RunState) -> Fault {
    match state {
        RunState::NotSent(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_verb_that_meets_the_ended_session_goes_on_when_the_person_is_back() {
    let desk = Desk::new();
    desk.of(|w| w.session = 2);
    let n = desk.tag();
    let said = desk.waits();
    assert!(
        said.contains("tag an incident") && said.contains("nothing was sent"),
        "{said}"
    );
    assert_eq!(desk.of(|w| w.writes), 0);
    desk.signs_in(Duration::from_secs(20));
    assert_eq!(desk.outcome(n), RunState::Succeeded);
    assert_eq!(desk.of(|w| w.writes), 1);
    assert_eq!(desk.stages(), [Stage::Intent, Stage::Outcome]);
}

#[test]
fn a_write_that_is_refused_for_the_session_is_looked_at_anew_and_sent_once_more() {
    let desk = Desk::new();
    desk.of(|w| w.ends_at_write = true);
    let n = desk.tag();
    desk.waits();
    let reads = desk.rig.server.count("/security/incidents/7");
    desk.signs_in(Duration::from_secs(10));
    assert_eq!(desk.outcome(n), RunState::Succeeded);
    assert_eq!(desk.of(|w| w.writes), 1);
    // one intent, one further try, and the target was read between the two
    assert_eq!(
        desk.stages(),
        [Stage::Intent, Stage::Attempt, Stage::Outcome]
    );
    let sent = desk.rig.server.hits();
    let since: Vec<&str> = sent
        .iter()
        .filter(|h| h.path().ends_with("/security/incidents/7"))
        .skip(reads)
        .map(|h| h.method.as_str())
        .collect();
    assert_eq!(since[..2], ["GET", "PATCH"]);
}

#[test]
fn nobody_who_signs_in_late_finds_it_sent() {
    let desk = Desk::new();
    desk.of(|w| w.session = 2);
    let n = desk.tag();
    desk.waits();
    desk.rig.clock.advance(Duration::from_secs(61));
    let fault = fault(desk.outcome(n));
    assert_eq!(fault.kind, FaultKind::SignIn);
    assert!(
        fault.what.contains("nobody signed in") && fault.next.contains("confirm again"),
        "{fault}"
    );
    desk.signs_in(Duration::ZERO);
    desk.rig.sync(Kind::Incident);
    assert_eq!(desk.of(|w| w.writes), 0);
    let entries = desk.rig.record.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].state, Some(Stand::NotSent.word()));
}

#[test]
fn another_person_who_signs_in_does_not_act_for_the_one_before() {
    let desk = Desk::new();
    desk.of(|w| {
        w.session = 2;
        w.who = "oid-raj";
    });
    let n = desk.tag();
    desk.waits();
    desk.signs_in(Duration::from_secs(5));
    let fault = fault(desk.outcome(n));
    assert!(fault.what.contains("the sign-in changed"), "{fault}");
    assert_eq!(desk.of(|w| w.writes), 0);
}

#[test]
fn a_target_that_changed_meanwhile_is_left_alone() {
    for at_write in [false, true] {
        let desk = Desk::new();
        match at_write {
            true => desk.of(|w| w.ends_at_write = true),
            false => desk.of(|w| w.session = 2),
        }
        let n = desk.tag();
        desk.waits();
        desk.of(|w| w.status = "resolved");
        desk.signs_in(Duration::from_secs(5));
        let state = desk.outcome(n);
        assert!(matches!(state, RunState::Changed(_)), "{state:?}");
        assert_eq!(desk.of(|w| w.writes), 0);
    }
}

#[test]
fn a_stop_ends_the_waiting() {
    let desk = Desk::new();
    desk.of(|w| w.session = 2);
    let n = desk.tag();
    desk.waits();
    desk.rig.ask(Slot::Run(1), Request::Stop);
    assert_eq!(fault(desk.outcome(n)).kind, FaultKind::Cancelled);
}

/// Continuous access evaluation: what the service wants to see is brought along by the sign-in, or it would ask for ever.
#[test]
fn the_claims_that_ended_a_session_are_asked_for_at_the_next_sign_in() {
    let desk = Desk::new();
    desk.of(|w| {
        w.session = 2;
        w.wants = Some("1785589200");
    });
    let n = desk.tag();
    desk.waits();
    desk.signs_in(Duration::from_secs(5));
    assert_eq!(desk.outcome(n), RunState::Succeeded);
    assert!(desk.of(|w| w.brought));
}

#[test]
fn a_burst_of_refused_tokens_is_outlasted_with_three_tries_at_most() {
    let desk = Desk::new();
    desk.of(|w| w.burst = 2);
    let n = desk.tag();
    assert_eq!(desk.outcome(n), RunState::Succeeded);
    assert_eq!(desk.of(|w| w.writes), 1);
    let desk = Desk::new();
    desk.of(|w| w.burst = 100);
    let n = desk.tag();
    assert_eq!(fault(desk.outcome(n)).status, 401);
    assert_eq!(desk.rig.server.of("PATCH").len(), 3);
}

/// Who waits for the person gives the turn up: what has a token that serves is not late for it.
#[test]
fn an_action_behind_one_that_waits_is_sent_unless_both_are_about_one_target() {
    let desk = Desk::new();
    let device = || Key::new(Kind::Device, super::hall::MACHINE);
    // its token is in hand
    let first = desk.confirm(9, &CUT_OFF, device());
    assert_eq!(desk.outcome(first), RunState::Succeeded);
    desk.of(|w| {
        w.session = 2;
        w.writes = 0;
    });
    let waiting = desk.tag();
    desk.waits();
    let behind = desk.confirm(2, &CUT_OFF, device());
    let state = desk.rig.outcome(behind);
    assert_eq!((state, desk.of(|w| w.writes)), (RunState::Succeeded, 1));
    let same = desk.confirm(3, &TAG, Key::new(Kind::Incident, "7"));
    desk.signs_in(Duration::from_secs(5));
    assert_eq!(desk.outcome(waiting), RunState::Succeeded);
    assert_eq!(desk.outcome(same), RunState::Succeeded);
    assert_eq!(desk.of(|w| w.writes), 3);
}
