//! Who is here: a browser of this computer that comes back by itself, a session that outlives a run, a credential for
//! writes alone, and the lock of an idle console.

use super::rig::{ALL, Rig, TENANT, incident, jwt, page, tenant as fake};
use super::server::{Answer, Server};
use super::ways::{self, wait};
use crate::backend::ports::Clock;
use crate::config::{Access, SecretSource, SignIn, Writer};
use crate::confirm::{Prompt, Target};
use crate::model::{Call, FaultKind, Json, Key, Kind, Method, Mode, Path, Service, Session};
use crate::msg::{Body, Event, News, Request, RunState, SignInPrompt, SignInStep, Slot};
use crate::resource::Answer as Part;
use crate::verb::{Args, BASE, Needs, Verb};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;
use table::Txt;

/// A browser without a screen: asks once and does not follow.
fn browse(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let at = (url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(at).unwrap();
    let target = &url[url::Position::BeforePath..];
    let head = format!(
        "GET {target} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\n\r\n",
        at.0, at.1
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    said
}

fn header(answer: &str, name: &str) -> Option<String> {
    answer.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

fn address(rig: &Rig) -> String {
    rig.news("address", |n| match n {
        News::SignIn(SignInPrompt::Browser { url, .. }) => Some(url.clone()),
        _ => None,
    })
}

/// S3-5
#[test]
fn a_browser_of_this_computer_comes_back_by_itself_and_any_other_is_pasted() {
    let sim = ways::sim();
    for pasted in [false, true] {
        let rig = ways::rig(ways::tenant(&sim, SignIn::Browser));
        let n = rig.sync(Kind::Incident);
        let first = browse(&address(&rig));
        let back = header(&first, "location").expect("a redirect");
        assert!(back.starts_with("http://localhost:"), "{back}");
        if pasted {
            let step = SignInStep::FinalUrl(back.clone().into());
            let n = rig.ask(Slot::SignIn, Request::SignIn(step));
            assert!(matches!(rig.last(n), Body::Done));
        } else {
            let said = browse(&back);
            assert!(said.contains("close this page"), "{said}");
        }
        assert!(rig.complete(n).progress.loaded >= 12);
        // whoever listened has gone
        let url = url::Url::parse(&back).unwrap();
        let gone = || TcpStream::connect(("127.0.0.1", url.port().unwrap())).is_err();
        let begun = std::time::Instant::now();
        while !gone() {
            assert!(begun.elapsed() < Duration::from_secs(20), "still listening");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_session_outlives_a_run_only_where_that_was_asked_for_and_goes_when_it_ends() {
    let (sim, dir) = (ways::sim(), tempfile::tempdir().unwrap());
    let file = dir.path().join("sessions/t");
    let rig = || {
        let mut tenant = ways::tenant(&sim, SignIn::DeviceCode);
        tenant.access.session_file = Some(file.clone());
        ways::rig(tenant)
    };
    let code = |rig: &Rig| {
        wait(rig, "code", |e| match e {
            Event::News(News::SignIn(SignInPrompt::DeviceCode { code, .. })) => Some(code.clone()),
            _ => None,
        })
    };
    let first = rig();
    let n = first.ask(Slot::SignIn, Request::SignIn(SignInStep::DeviceCode));
    wait(&first, "sign-in", |e| match e {
        // whichever of two beginnings it belongs to
        Event::News(News::SignIn(SignInPrompt::DeviceCode { code, .. })) => {
            sim.approve_device_code(code, "ana@contoso.com");
            None
        }
        Event::Reply(r) if r.ticket.number == n && r.last => Some(()),
        _ => None,
    });
    assert_eq!(ways::read(&first).unwrap(), 12);
    drop(first);
    let meta = std::fs::metadata(&file).unwrap();
    assert_eq!(meta.mode() & 0o777, 0o600);
    let second = rig();
    assert_eq!(ways::read(&second).unwrap(), 12);
    let asked = second.passed_over(|e| matches!(e, Event::News(News::SignIn(_))));
    assert_eq!(asked, 0, "nobody was asked");
    drop(second);
    // revoked between two runs: the person is asked at once, and what was kept goes
    assert!(sim.end_sessions("ana@contoso.com"));
    let third = rig();
    let n = third.sync(Kind::Incident);
    let code = code(&third);
    let begun = std::time::Instant::now();
    while file.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is kept");
        std::thread::yield_now();
    }
    assert!(sim.approve_device_code(&code, "ana@contoso.com"));
    wait(&third, "list", |e| match e {
        Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Page(p) if p.progress.complete => Some(()),
            _ => None,
        },
        _ => None,
    });
}

fn plan(key: &Key, _: Json<'_>, _: &Args, _: Txt<'_>, _: &[Part]) -> Result<Vec<Call>, String> {
    let path = Path::new("/security/incidents")
        .id(key.id.txt())
        .map_err(|e| e.to_string())?;
    Ok(vec![Call::write(
        Service::Graph,
        Method::Patch,
        path,
        json!({"customTags": ["x"]}),
    )])
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

fn session(writer: Option<&str>) -> Session {
    Session {
        tenant: "test".into(),
        tenant_id: TENANT.into(),
        mode: Mode::AppOnly,
        principal: "app-1".into(),
        writer: writer.map(Into::into),
        me: Some("ana@contoso.com".into()),
        demo: true,
        read_only: None,
        guards: Default::default(),
    }
}

fn write(rig: &Rig, session: &Session) -> RunState {
    let target = Target {
        key: Key::new(Kind::Incident, "7"),
        name: "incident 7".into(),
        handle: "incident 7".into(),
        seen: Vec::new(),
    };
    let prompt = Prompt::new(&TAG, Args::default(), vec![target], session).unwrap();
    let confirmed = prompt.by_key(rig.clock.now()).unwrap();
    let n = rig.ask(Slot::Run(1), Request::Run(confirmed));
    rig.outcome(n)
}

/// `security.md` 2: reading with one credential, writing with another, which is kept for its idle time only.
#[test]
fn writes_go_out_by_their_own_credential_and_it_is_dropped_when_idle() {
    const READS: &[&str] = &["SecurityIncident.Read.All", "User.Read.All"];
    let server = Server::start(|hit| {
        if hit.is_token() {
            let own = hit.form("client_id").as_deref() == Some("writer-1");
            let right = hit.form("client_secret").as_deref()
                == Some(if own { "w" } else { "s3cret-value" });
            assert!(right, "each with its own secret");
            let token = jwt(if own { ALL } else { READS });
            return Answer::ok(json!({"expires_in": 86_000, "access_token": token}).to_string());
        }
        match hit.path() {
            p if p.ends_with("/incidents") => page(&[7], None),
            p if p.contains("/users/") => Answer::ok(r#"{"id":"ana"}"#),
            _ => Answer::ok(incident(7, "active", None).to_string()),
        }
    });
    let mut tenant = fake(&server);
    tenant.access = Access {
        write: Some(Arc::new(Writer {
            client_id: "writer-1".into(),
            sign_in: SignIn::Secret(SecretSource::Given("w".to_owned().into())),
            idle: Duration::from_secs(900),
        })),
        ..Access::default()
    };
    let rig = Rig::with(server, tenant);
    assert_eq!(ways::read(&rig).unwrap(), 1);
    let asked = |rig: &Rig| {
        let of = |h: &&super::server::Hit| {
            h.is_token() && h.form("client_id").as_deref() == Some("writer-1")
        };
        rig.server.hits().iter().filter(of).count()
    };
    assert_eq!(asked(&rig), 0, "not before the first write");
    // what was confirmed in the reader's name is not sent in another
    let state = write(&rig, &session(None));
    assert!(
        matches!(&state, RunState::NotSent(f) if f.kind == FaultKind::Refused),
        "{state:?}"
    );
    let ours = session(Some("writer-1"));
    assert_eq!(write(&rig, &ours), RunState::Succeeded);
    let hits = rig.server.hits();
    let bearer = |method: &str| {
        let hit = hits
            .iter()
            .find(|h| h.method == method && !h.is_token())
            .unwrap();
        hit.header("authorization").unwrap().to_owned()
    };
    assert_eq!(bearer("PATCH"), format!("Bearer {}", jwt(ALL)));
    assert_eq!(bearer("GET"), format!("Bearer {}", jwt(READS)));
    // gone to another tenant and back
    let before = asked(&rig);
    let n = rig.ask(Slot::SignIn, Request::SignIn(SignInStep::Away));
    assert!(matches!(rig.last(n), Body::Done));
    assert_eq!(write(&rig, &ours), RunState::Succeeded);
    assert_eq!(asked(&rig), before + 1);
    let before = asked(&rig);
    rig.clock.advance(Duration::from_secs(600));
    assert_eq!(write(&rig, &ours), RunState::Succeeded);
    assert_eq!(asked(&rig), before, "still in use");
    rig.clock.advance(Duration::from_secs(899));
    rig.clock.advance(Duration::from_secs(2));
    let begun = std::time::Instant::now();
    // the one who drops it wakes on a thread of his own
    while asked(&rig) == before {
        assert_eq!(write(&rig, &ours), RunState::Succeeded);
        assert!(begun.elapsed() < Duration::from_secs(20), "it was kept");
        rig.clock.advance(Duration::from_secs(901));
    }
}

#[test]
fn a_lock_drops_tokens_and_a_persons_session() {
    let sim = ways::sim();
    let way = SignIn::Secret(SecretSource::Given(sim.info.client_secret.clone().into()));
    let rig = ways::rig(ways::tenant(&sim, way));
    assert_eq!(ways::read(&rig).unwrap(), 12);
    let tokens = || {
        sim.journal()
            .iter()
            .filter(|r| r.path.ends_with("/token"))
            .count()
    };
    let before = tokens();
    let step = |rig: &Rig, step| {
        let n = rig.ask(Slot::SignIn, Request::SignIn(step));
        rig.last(n)
    };
    assert!(matches!(step(&rig, SignInStep::Lock), Body::Done));
    // what runs goes on with tokens of its own
    assert_eq!(ways::read(&rig).unwrap(), 12);
    // the list may answer with what it has before it polls
    let begun = std::time::Instant::now();
    while tokens() <= before {
        assert!(begun.elapsed() < Duration::from_secs(20), "no new token");
        std::thread::yield_now();
    }
    let rig = ways::rig(ways::tenant(&sim, SignIn::DeviceCode));
    let n = rig.ask(Slot::SignIn, Request::SignIn(SignInStep::DeviceCode));
    let after = |rig: &Rig, n: u64| {
        wait(rig, "an answer", |e| match e {
            // whichever of two beginnings it belongs to
            Event::News(News::SignIn(SignInPrompt::DeviceCode { code, .. })) => {
                sim.approve_device_code(code, "ana@contoso.com");
                None
            }
            Event::Reply(r) if r.ticket.number == n && r.last => Some(r.body.clone()),
            _ => None,
        })
    };
    assert!(matches!(after(&rig, n), Body::Done));
    let look = |rig: &Rig| {
        let call = Call::get(Service::Graph, Path::new("/users/ana@contoso.com"));
        let calls = vec![call];
        let n = rig.ask(Slot::Pick("look"), Request::Pick { calls });
        match after(rig, n) {
            Body::Part(mut parts) => parts.remove(0),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(look(&rig), Part::Got { .. }));
    assert!(matches!(step(&rig, SignInStep::Lock), Body::Done));
    let shut = look(&rig);
    let locked = matches!(&shut, Part::Failed(f) if f.what.contains("locked"));
    assert!(locked, "{shut:?}");
    let told = |rig: &Rig| rig.passed_over(|e| matches!(e, Event::News(News::Session(..))));
    let before = told(&rig);
    assert!(matches!(step(&rig, SignInStep::Unlock), Body::Done));
    let open = look(&rig);
    assert!(matches!(open, Part::Got { .. }), "{open:?}");
    assert!(
        told(&rig) > before,
        "the same person again: the box must close all the same"
    );
}
