//! Eight hours of use in a minute: tokens that expire, sessions that are revoked, bursts of 401 and 403, a sign-in service
//! that stumbles. No verb may fail for a reason of sign-in. `WF_SOAK=1` takes a step every twenty seconds, else every ten
//! minutes.

use super::rig::Rig;
use super::ways::{self, keep};
use crate::backend::ports::Clock;
use crate::config::{SecretSource, SignIn};
use crate::confirm::{Prompt, Target};
use crate::model::{Call, FaultKind, Json, Key, Kind, Method, Path, Service, Session};
use crate::msg::{Body, Event, News, Request, RunState, SignInPrompt, SignInStep, Slot};
use crate::resource::Answer as Part;
use crate::verb::{Args, BASE, Needs, Verb};
use serde_json::{Value, json};
use std::time::Duration;
use table::Txt;

const WHO: &str = "ana@contoso.com";

/// Lives of ten minutes; bursts of refused tokens, of which no new one helps; claims that a service wants from here on; every fifth call finds its token expired, every eleventh read is refused for a role that is not
/// there yet, and the sign-in service is busy every fourth time.
const ROUGH: &str = r#"
token-lifetime = 600
[[rule]]
service = "graph"
every = 5
fault = { kind = "expire-token" }
[[rule]]
service = "graph"
method = "GET"
path = "/users/*"
every = 11
fault = { kind = "status", status = 403 }
[[rule]]
service = "login"
path = "*/token"
every = 4
fault = { kind = "aadsts", code = 90033 }
[[rule]]
service = "graph"
nth = [41, 42, 43, 44, 121, 122, 123, 124, 125, 126, 1201, 1202, 1203, 1204, 1205]
fault = { kind = "status", status = 401 }
[[rule]]
service = "graph"
nth = [90, 2000, 4000]
fault = { kind = "claims-challenge" }
"#;

fn plan(key: &Key, _: Json<'_>, _: &Args, _: Txt<'_>, _: &[Part]) -> Result<Vec<Call>, String> {
    let path = Path::new("/security/incidents")
        .id(key.id.txt())
        .map_err(|e| e.to_string())?;
    let body = json!({"customTags": ["soak"]});
    Ok(vec![Call::write(Service::Graph, Method::Patch, path, body)])
}

fn fine(_: &Key, _: Json<'_>, _: &Args, _: Txt<'_>, _: &Value) -> Result<(), String> {
    Ok(())
}

static TAG: Verb = Verb {
    name: "tag",
    kinds: &[Kind::Incident],
    tier: 0,
    needs: |_| Needs::any(Service::Graph, &["SecurityIncident.ReadWrite.All"]),
    sentence: |_, _, _| "tag an incident".into(),
    plan,
    verify: fine,
    ..BASE
};

struct Day {
    rig: Rig,
    sim: sim::Running,
    session: Session,
    person: bool,
    /// Until when both clocks went together.
    level: Duration,
    /// Verbs that were carried out, and those that failed for another reason than sign-in.
    done: usize,
    other: Vec<String>,
}

impl Day {
    /// What happens of itself: news of the session are taken in, and a person who is asked signs in. Whether anything did.
    fn attend(&mut self) -> bool {
        let Day {
            rig, sim, session, ..
        } = self;
        let (mut over, mut any) = (false, false);
        // every code that waits: one that is no longer good is refused by the service and does no harm
        while rig.passed_over(|e| {
            matches!(
                e,
                Event::News(News::SignIn(_) | News::SignInFailed(_) | News::Session(..))
            )
        }) > 0
        {
            any = true;
            match rig.news("word of the session", |n| match n {
                News::SignIn(SignInPrompt::DeviceCode { code, .. }) => Some(Ok(Some(code.clone()))),
                News::SignInFailed(_) => Some(Ok(None)),
                News::Session(s, _) => Some(Err(s.clone())),
                _ => None,
            }) {
                Ok(Some(code)) => {
                    sim.approve_device_code(&code, WHO);
                    over = false;
                }
                Ok(None) => over = true,
                Err(newer) => *session = newer,
            }
        }
        if over && self.person {
            // who is told puts the coffee down first
            self.pass(Duration::from_secs(15));
            self.signs_in();
        }
        any
    }

    /// The person asks for a code, types it, and is in.
    fn signs_in(&mut self) {
        let step = Request::SignIn(SignInStep::DeviceCode);
        let n = self.rig.ask(Slot::SignIn, step);
        // a verb that waits meanwhile is not to wake up for it
        let soon = Duration::from_secs(10);
        let code = self.rig.pumped_past(soon, "code", |e| match e {
            Event::News(News::SignIn(SignInPrompt::DeviceCode { code, .. })) => Some(code.clone()),
            _ => None,
        });
        assert!(self.sim.approve_device_code(&code, WHO));
        let end = self
            .rig
            .pumped_past(soon, "end of the sign-in", |e| match e {
                Event::Reply(r) if r.ticket.number == n && r.last => Some(r.body.clone()),
                _ => None,
            });
        assert!(matches!(end, Body::Done), "{end:?}");
    }

    /// Somebody looks at something; what became of it is told by the lists in real use.
    fn look(&mut self) -> Result<(), FaultKind> {
        let call = Call::get(Service::Graph, Path::new("/users/ana@contoso.com"));
        let n = self
            .rig
            .ask(Slot::Pick("soak"), Request::Pick { calls: vec![call] });
        ways::wait(&self.rig, "an answer", |e| match e {
            Event::Reply(r) if r.ticket.number == n && r.last => Some(match &r.body {
                Body::Part(parts) => match parts.first() {
                    Some(Part::Failed(fault)) => Err(fault.kind),
                    _ => Ok(()),
                },
                _ => Ok(()),
            }),
            _ => None,
        })
    }

    fn act(&mut self, incident: &str) {
        let target = Target {
            key: Key::new(Kind::Incident, incident),
            name: "an incident".into(),
            handle: "an incident".into(),
            seen: Vec::new(),
        };
        let prompt = Prompt::new(&TAG, Args::default(), vec![target], &self.session).unwrap();
        let confirmed = prompt.by_key(self.rig.clock.now()).unwrap();
        let n = self.rig.ask(Slot::Run(1), Request::Run(confirmed));
        let state = self.outcome(n);
        self.level();
        match state {
            RunState::Succeeded => self.done += 1,
            RunState::Failed(f) | RunState::Unknown(f) | RunState::NotSent(f) => {
                assert!(
                    !matches!(f.kind, FaultKind::SignIn | FaultKind::Clock),
                    "a verb failed for a reason of sign-in: {f}"
                );
                self.other.push(f.to_string());
            }
            state => self.other.push(format!("{state:?}")),
        }
    }

    /// What became of a write, while the person sees to what the program asks for.
    fn outcome(&mut self, number: u64) -> RunState {
        let of = |e: &Event| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Ran { state, .. } if state.stand().is_final() => Some(state.clone()),
                _ => None,
            },
            _ => None,
        };
        let begun = std::time::Instant::now();
        loop {
            // who sleeps is woken only if nothing was told since he lay down: a person acts before a minute is over
            let first = self.rig.clock.first_sleep();
            if self.rig.passed_over(|e| of(e).is_some()) > 0 {
                return self.rig.until("an outcome", of);
            }
            if !self.attend()
                && let Some(first) = first.filter(|s| s.as_secs() <= 60)
            {
                self.pass(first);
            }
            std::thread::sleep(Duration::from_millis(2));
            assert!(begun.elapsed() < Duration::from_secs(60), "no outcome");
        }
    }

    fn pass(&mut self, time: Duration) {
        self.rig.clock.advance(time);
        self.level();
    }

    /// Waiting lets our time run: the other side's follows, or the clocks would be minutes apart by the evening.
    fn level(&mut self) {
        let now = self.rig.clock.now().mono;
        self.sim.clock().advance(now.saturating_sub(self.level));
        self.level = now;
    }
}

fn day(way: impl Fn(&sim::Running) -> SignIn) {
    let step = match std::env::var_os("WF_SOAK") {
        Some(_) => Duration::from_secs(20),
        None => Duration::from_secs(600),
    };
    let sim = ways::sim();
    let by = way(&sim);
    let person = by.needs_person();
    sim.set_scenario(ROUGH).unwrap();
    let mut tenant = ways::tenant(&sim, by);
    tenant.analyst = Some(WHO.into());
    let rig = ways::rig(tenant);
    let mut day = Day {
        rig,
        sim,
        session: super::hall::session(),
        person,
        level: Duration::ZERO,
        done: 0,
        other: Vec::new(),
    };
    if person {
        day.signs_in();
    }
    let incident = ways::incident(&day.rig);
    day.session = ways::wait(&day.rig, "a session", |e| match e {
        Event::News(News::Session(s, _)) if s.me.is_some() => Some(s.clone()),
        _ => None,
    });
    let (mut passed, mut revoked, mut looks, mut ends) = (Duration::ZERO, Duration::ZERO, 0, 0);
    while passed < Duration::from_secs(8 * 3600) {
        day.pass(step);
        passed += step;
        let due = person && passed >= revoked + Duration::from_secs(7200);
        if due {
            revoked = passed;
            ends += 1;
        }
        // now the lists see it first, now the verb does
        if due && ends % 2 == 0 {
            assert!(day.sim.end_sessions(WHO));
        }
        looks += 1;
        let _ = day.look();
        day.attend();
        if due && ends % 2 == 1 {
            assert!(day.sim.end_sessions(WHO));
        }
        day.act(&incident);
        day.attend();
    }
    assert!(
        day.done * 10 >= looks * 9,
        "{} of {looks}: {:?}",
        day.done,
        day.other
    );
    assert!(!person || ends >= 3, "{ends} sessions were ended");
    eprintln!(
        "{looks} verbs over 8 h, {} done, {} failed otherwise, 0 for sign-in",
        day.done,
        day.other.len()
    );
}

#[test]
fn a_day_with_a_secret() {
    day(|sim| SignIn::Secret(SecretSource::Given(sim.info.client_secret.clone().into())));
}

#[test]
fn a_day_with_a_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let of = ways::certificate(2026, 2027);
    day(|sim| {
        sim.register_certificate(&of).unwrap();
        SignIn::Certificate(keep(dir.path(), "c.pem", &format!("{}{of}", ways::KEY)))
    });
}

#[test]
fn a_day_of_a_person_whose_sessions_are_revoked() {
    day(|_| SignIn::DeviceCode);
}
