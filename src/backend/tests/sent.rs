//! What leaves the program, against the requests that the services' documents demand (`tests/fixtures/actions.toml`, written
//! from those alone and run against the simulated tenant too): method, path and body byte for byte, after everything that
//! stands between a row and the wire.

use super::hall::{confirmed_as, guards, session};
use super::rig::{Rig, TENANT, tenant};
use super::server::{Answer, Hit, Server};
use crate::confirm::Target;
use crate::model::{Json, Key, Mode};
use crate::msg::{Body, Event, Request, RunState, Slot};
use crate::resource::{ALL, spec};
use crate::verb::fixture_tests::{Case, args, cases};
use crate::verb::{self, Args, Verb};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What the services answer: the reading of the case, its answers, and the documented yes.
struct Side {
    /// Path of the target's own read, and what it says.
    now: (String, Value),
    /// Paths of the preview's calls, and what they say.
    answers: Vec<(String, Value)>,
    /// Status of each write.
    yes: Vec<u16>,
    written: AtomicUsize,
}

impl Side {
    fn answer(&self, hit: &Hit) -> Answer {
        if hit.is_token() {
            // no claims can be read in it: what is granted is not known, and tried
            let token =
                json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "opaque"});
            return Answer::ok(token.to_string());
        }
        if writes(hit) {
            let n = self.written.fetch_add(1, Ordering::SeqCst);
            let words = json!({"id": "5382f7ea-7557-4ab7-9782-d50480024a4e", "status": "Pending"});
            return match self.yes[n] {
                204 => Answer {
                    status: 204,
                    ..Answer::ok("")
                },
                status => Answer::json(status, words.to_string()),
            };
        }
        let is = |path: &str| hit.path().ends_with(path);
        let told = self.answers.iter().find(|(path, _)| is(path));
        match told {
            Some((_, said)) => Answer::ok(said.to_string()),
            None if is(&self.now.0) && !self.now.1.is_null() => Answer::ok(self.now.1.to_string()),
            None => Answer::json(404, r#"{"error":{"code":"NotFound","message":"no"}}"#),
        }
    }
}

/// A hunting query goes as a POST and changes nothing.
fn writes(hit: &Hit) -> bool {
    hit.method != "GET" && !hit.is_token() && !hit.path().ends_with("/runHuntingQuery")
}

fn side(verb: &Verb, key: &Key, args: &Args, case: &Case) -> Side {
    let now: Value = serde_json::from_str(&case.now).unwrap();
    let read = match verb.read {
        Some(read) => read(key, args).unwrap(),
        None => (spec(key.kind).listing.get)(key).unwrap(),
    };
    let path = read.path.as_str().to_owned();
    let previews = (verb.preview)(key, Json(&now), args);
    let answers = previews.iter().zip(&case.answers);
    let answers = answers.map(|(call, said)| {
        let said = serde_json::from_str(said).unwrap();
        (call.path.as_str().to_owned(), said)
    });
    Side {
        answers: answers.filter(|(p, _)| *p != path).collect(),
        yes: case.request.iter().map(|r| r.ok[0]).collect(),
        written: Default::default(),
        now: (path, now),
    }
}

/// The case as a person does it: read for the prompt, confirmed, sent. The writes as they came over the wire.
fn sent(case: Case) -> Option<()> {
    let verb = verb::named(&case.verb)?;
    let kind = ALL.iter().find(|s| s.one == case.kind).unwrap().kind;
    let key = Key::new(kind, case.id.as_str());
    let given = args(case.args.clone());
    let side = side(verb, &key, &given, &case);
    let server = Server::start(move |hit| side.answer(hit));
    let mut tenant = tenant(&server);
    tenant.sources.office = Some(server.url("/office/api").parse().unwrap());
    let mut guards = guards();
    guards.quarantine = true;
    tenant.guards = Arc::new(guards.clone());
    let rig = Rig::with(server, tenant);
    let n = rig.ask(
        Slot::Preview(1),
        Request::Preview {
            verb,
            args: given.clone(),
            keys: vec![key.clone()],
        },
    );
    let Body::Preview(mut preview) = rig.last(n) else {
        panic!("{}", case.verb)
    };
    let read = preview.targets.remove(0);
    let entity = read.entity.unwrap_or_else(|f| panic!("{}: {f}", case.verb));
    let target = Target::read(
        key,
        case.id.as_str().into(),
        Json(&entity),
        &read.answers,
        verb,
    );
    // a person's own sign-in: an app's signs its comments, which the fixtures do not know
    let mut person = session();
    person.mode = Mode::Delegated;
    person.guards = Arc::new(guards);
    let order = confirmed_as(&rig, &person, verb, given, vec![target], 0);
    let n = rig.ask(Slot::Run(1), Request::Run(order));
    // the first news after *sent* comes when the last of its requests was answered
    let told = rig.pumped_by(Duration::from_secs(5), "news", |e| match e {
        Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Ran { state, .. } if *state != RunState::Sent => Some(state.clone()),
            Body::Page(_) | Body::Ran { .. } => None,
            other => panic!("{other:?}"),
        },
        _ => None,
    });
    let all = rig.server.hits().into_iter();
    let writes: Vec<Hit> = all.filter(writes).collect();
    assert_eq!(writes.len(), case.request.len(), "{}: {told:?}", case.verb);
    for (hit, wanted) in writes.iter().zip(&case.request) {
        let (service, path) = wanted.path.split_once(' ').unwrap();
        let root = match service {
            "graph" => "/graph/v1.0",
            "office" => "/office/api/v1.0/11111111-1111-1111-1111-111111111111/activity/feed",
            _ => "/mde/api",
        };
        assert_eq!(hit.method, wanted.method, "{}", case.verb);
        let publisher = match service {
            "office" => format!("&PublisherIdentifier={TENANT}"),
            _ => String::new(),
        };
        let target = format!("{root}{path}{publisher}");
        assert_eq!(hit.target, target, "{}", case.verb);
        let run = hit.header("client-request-id").unwrap();
        let mark = hit
            .body
            .find(run)
            .map_or(run, |at| &hit.body[at..at + run.len() + 17]);
        assert_eq!(
            hit.body,
            wanted.body.replace("{run}", mark),
            "{}",
            case.verb
        );
        let digits = mark[run.len()..].trim_start_matches('-');
        assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()), "{mark}");
    }
    Some(())
}

#[test]
fn every_request_leaves_byte_for_byte_as_documented() {
    let done = cases().into_iter().filter_map(sent).count();
    assert!(done >= 30, "{done}");
}
