//! Ways of signing in without a person: certificates, tokens of another issuer, the machine's own identity, `az`, and what
//! becomes of secrets that change. Against the simulated tenant wherever it plays the other side.

use super::rig::{ALL, Rig, jwt, page, tenant as fake, token};
use super::server::{Answer, Server};
use crate::config::{Identity, SecretSource, SignIn, TenantConfig, Urls};
use crate::model::{Fault, FaultKind, Kind, Mode, Service};
use crate::msg::{Body, Event, News, Request, Slot};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NOW: &str = "2026-08-01T12:00:00Z";
pub const KEY: &str = include_str!("../../../tests/fixtures/rsa-for-tests.pem");

pub fn sim() -> sim::Running {
    sim::start(sim::Flags {
        now: Some(NOW.parse().unwrap()),
        time_scale: 0.0,
        incidents: 12,
        alerts: 20,
        devices: 20,
        users: 30,
        events: 0,
        throttle: sim::flags::Switch::Off,
        ..sim::Flags::default()
    })
    .unwrap()
}

/// A tenant of the simulator that signs in this way.
pub fn tenant(sim: &sim::Running, sign_in: SignIn) -> TenantConfig {
    let info = &sim.info;
    TenantConfig {
        tenant_id: info.tenant_id.clone(),
        client_id: info.client_id.clone(),
        sign_in,
        urls: Urls {
            login: Some(info.login.parse().unwrap()),
            graph: Some(info.graph.parse().unwrap()),
            defender: Some(info.defender.parse().unwrap()),
        },
        ..fake(&nobody())
    }
}

fn nobody() -> Server {
    Server::start(|_| Answer::json(404, "{}"))
}

pub fn rig(tenant: TenantConfig) -> Rig {
    Rig::with(nobody(), tenant)
}

/// As `Rig::until`, while time runs: whoever sleeps for a minute at most is woken in turn.
pub fn wait<T>(rig: &Rig, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if rig.passed_over(|e| pick(e).is_some()) > 0 {
            return rig.until(what, pick);
        }
        // who lies awake again by now is not waited for
        if let Some(first) = rig.clock.first_sleep().filter(|s| s.as_secs() <= 60) {
            rig.clock.advance(first);
        }
        std::thread::sleep(Duration::from_millis(2));
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
    }
}

/// What becomes of reading the incidents.
pub fn read(rig: &Rig) -> Result<u64, Fault> {
    let n = rig.ask(
        Slot::Sync(Kind::Incident),
        Request::Refresh {
            kind: Kind::Incident,
        },
    );
    wait(rig, "list or fault", |e| match e {
        Event::Reply(r) if r.ticket.number == n => match &r.body {
            Body::Page(p) if p.progress.complete && p.chunk.is_none() => {
                Some(Ok(p.progress.loaded))
            }
            Body::Fault(f) => Some(Err(f.clone())),
            _ => None,
        },
        _ => None,
    })
}

pub fn keep(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// The id of some incident there.
pub fn incident(rig: &Rig) -> String {
    let call = crate::model::Call::get(
        Service::Graph,
        crate::model::Path::new("/security/incidents"),
    )
    .query("$top", "1");
    let n = rig.ask(Slot::Pick("one"), Request::Pick { calls: vec![call] });
    let body = wait(rig, "an incident", |e| match e {
        Event::Reply(r) if r.ticket.number == n && r.last => Some(r.body.clone()),
        _ => None,
    });
    let Body::Part(parts) = body else {
        panic!("{body:?}")
    };
    let crate::resource::Answer::Got { body, .. } = &parts[0] else {
        panic!("{parts:?}")
    };
    let row = body.get("value").map_or(&**body, |v| v);
    row[0]["id"].as_str().unwrap().to_owned()
}

/// A certificate of the tests' key, valid between these years.
pub fn certificate(from: i32, until: i32) -> String {
    let key = KeyPair::from_pem(KEY).unwrap();
    let mut params = CertificateParams::new(vec!["watchfloor".into()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    params.self_signed(&key).unwrap().pem()
}

/// The same key as older tools write it.
fn pkcs1() -> String {
    let der = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    // version, algorithm and two headers stand before the inner key
    let inner = base64::engine::general_purpose::STANDARD.encode(&der.secret_pkcs8_der()[26..]);
    let lines: Vec<&str> = inner
        .as_bytes()
        .chunks(64)
        .map(|c| std::str::from_utf8(c).unwrap())
        .collect();
    format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

#[test]
fn a_certificate_signs_in_and_the_service_checks_its_signature() {
    let (sim, dir) = (sim(), tempfile::tempdir().unwrap());
    let of = certificate(2026, 2027);
    sim.register_certificate(&of).unwrap();
    for (name, key) in [("pkcs8.pem", KEY.to_owned()), ("pkcs1.pem", pkcs1())] {
        let path = keep(dir.path(), name, &format!("{key}{of}"));
        let rig = rig(tenant(&sim, SignIn::Certificate(path)));
        assert_eq!(read(&rig).unwrap(), 12, "{name}");
        let (session, _) = rig.session();
        assert_eq!(session.mode, Mode::AppOnly);
    }
    let sent = sim.journal();
    let token = sent.iter().find(|r| r.path.ends_with("/token")).unwrap();
    assert!(!format!("{token:?}").contains("client_secret"));
}

#[test]
fn whatever_is_wrong_with_a_certificate_is_a_sentence_and_a_step() {
    let (sim, dir) = (sim(), tempfile::tempdir().unwrap());
    let good = certificate(2026, 2027);
    let other = rcgen::generate_simple_self_signed(vec!["x".into()]).unwrap();
    let elliptic = other.signing_key.serialize_pem();
    let encrypted = KEY
        .replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE")
        .replace("END PRIVATE", "END ENCRYPTED PRIVATE");
    sim.register_certificate(&other.cert.pem()).unwrap();
    let at = |text: String| SignIn::Certificate(keep(dir.path(), "c.pem", &text));
    for (text, why) in [
        (format!("{KEY}{good}"), "AADSTS700027"),
        (
            format!("{KEY}{}", certificate(2024, 2025)),
            "the certificate ended on 2025-01-01",
        ),
        (
            format!("{KEY}{}", certificate(2030, 2031)),
            "valid only from 2030-01-01",
        ),
        (
            format!("{KEY}{}", other.cert.pem()),
            "belongs to another key",
        ),
        (KEY.to_owned(), "no certificate beside the key"),
        (good.clone(), "no private key"),
        (format!("{elliptic}{}", other.cert.pem()), "cannot be used"),
        (format!("{encrypted}{good}"), "encrypted"),
        ("nothing".into(), "no private key"),
    ] {
        let fault = read(&rig(tenant(&sim, at(text)))).unwrap_err();
        assert!(
            fault.kind == FaultKind::SignIn && fault.what.contains(why),
            "{why}: {fault}"
        );
        assert!(!fault.next.is_empty(), "{why}");
        assert!(!fault.to_string().contains("BEGIN"), "{fault}");
    }
    let path = keep(dir.path(), "open.pem", &format!("{KEY}{good}"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let fault = read(&rig(tenant(&sim, SignIn::Certificate(path)))).unwrap_err();
    assert!(
        fault.what.contains("read by others") && fault.next.contains("chmod 600"),
        "{fault}"
    );
    let fault = read(&rig(tenant(
        &sim,
        SignIn::Certificate(dir.path().join("none.pem")),
    )))
    .unwrap_err();
    assert!(
        fault.what.contains("is not there") && fault.next.contains("certificate-file"),
        "{fault}"
    );
}

#[test]
fn a_clock_that_is_wrong_is_measured_and_the_assertion_made_by_the_services() {
    let (sim, dir) = (sim(), tempfile::tempdir().unwrap());
    let of = certificate(2026, 2027);
    sim.register_certificate(&of).unwrap();
    for skew in ["2h", "-2h"] {
        sim.set_scenario(&format!("clock-skew = \"{skew}\"\n"))
            .unwrap();
        let path = keep(dir.path(), "c.pem", &format!("{KEY}{of}"));
        let rig = rig(tenant(&sim, SignIn::Certificate(path)));
        assert_eq!(read(&rig).unwrap(), 12, "{skew}");
        let told = rig.news("word about the clock", |n| match n {
            News::Notice { text, .. } if text.contains("clock is") => Some(text.clone()),
            _ => None,
        });
        assert!(told.contains("120 min"), "{told}");
    }
}

#[test]
fn a_workloads_token_is_read_anew_each_time() {
    let (sim, dir) = (sim(), tempfile::tempdir().unwrap());
    // a cluster renews by pointing a link elsewhere
    let first = keep(dir.path(), "1", &sim.foreign_workload_token());
    let link = dir.path().join("token");
    std::os::unix::fs::symlink(&first, &link).unwrap();
    let rig = rig(tenant(&sim, SignIn::WorkloadIdentity(Some(link.clone()))));
    let fault = read(&rig).unwrap_err();
    assert!(fault.what.contains("AADSTS700213"), "{fault}");
    let second = keep(
        dir.path(),
        "2",
        &format!("{}\n", sim.workload_token(Duration::from_secs(3600))),
    );
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&second, &link).unwrap();
    assert_eq!(read(&rig).unwrap(), 12);
    for (text, why) in [("", "holds no token"), ("a b", "holds no token")] {
        keep(dir.path(), "2", text);
        let fault = read(&self::rig(tenant(
            &sim,
            SignIn::WorkloadIdentity(Some(link.clone())),
        )))
        .unwrap_err();
        assert!(
            fault.what.contains(why) && !fault.next.is_empty(),
            "{fault}"
        );
    }
    let none = SignIn::WorkloadIdentity(Some(dir.path().join("none")));
    assert!(
        read(&self::rig(tenant(&sim, none)))
            .unwrap_err()
            .what
            .contains("none")
    );
}

#[test]
fn a_machines_own_identity_is_asked_at_either_kind_of_service() {
    let sim = sim();
    let (service, header) = sim.identity_endpoint();
    let machine = |endpoint: &str, header: Option<&str>| {
        SignIn::ManagedIdentity(Identity {
            endpoint: Some(endpoint.parse().unwrap()),
            header: header.map(|h| h.to_owned().into()),
        })
    };
    for way in [
        machine(&sim.metadata_endpoint(), None),
        machine(&service, Some(&header)),
    ] {
        let own = TenantConfig {
            client_id: String::new(),
            ..tenant(&sim, way)
        };
        let rig = rig(own);
        assert_eq!(read(&rig).unwrap(), 12);
        // nobody configured an id: the token says whose it is
        let who = rig.until("who", |e| match e {
            Event::News(News::Session(s, _)) => Some(s.principal.clone()),
            _ => None,
        });
        assert_eq!(who.txt().exact(), sim.info.client_id);
    }
    let told = |way: SignIn, client: &str| {
        let own = TenantConfig {
            client_id: client.into(),
            ..tenant(&sim, way)
        };
        read(&rig(own)).unwrap_err().to_string()
    };
    let other = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    assert!(
        told(machine(&sim.metadata_endpoint(), None), other).contains("no such managed identity")
    );
    assert!(told(machine(&service, Some("wrong")), "").contains("does not know this process"));
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert!(told(machine(&format!("http://{free}/"), None), "").contains("no identity service"));
    // what is not on this machine is not asked
    assert!(told(machine("http://192.0.2.1/x", None), "").contains("not on this machine"));
}

/// An `az` that answers with this, and writes down how it was called.
fn az(dir: &Path, script: &str) -> PathBuf {
    let path = dir.join("az");
    std::fs::write(
        &path,
        format!(
            "#!/bin/sh\necho \"$@\" > {0}/called\n/usr/bin/env > {0}/env\n{script}\n",
            dir.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn through_az(script: &str) -> (Rig, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(|_| page(&[1, 2], None));
    let own = TenantConfig {
        client_id: String::new(),
        sign_in: SignIn::AzureCli(Some(az(dir.path(), script))),
        ..fake(&server)
    };
    (Rig::with(server, own), dir)
}

#[test]
fn az_is_asked_for_a_token_with_nothing_of_our_environment() {
    let said = json!({"accessToken": jwt(ALL), "expires_on": 1_785_600_000_u64, "tenant": super::rig::TENANT}).to_string();
    let (rig, dir) = through_az(&format!("echo '{said}'"));
    assert_eq!(read(&rig).unwrap(), 2);
    let (session, _) = rig.until("an application", |e| match e {
        Event::News(News::Session(s, g)) if s.mode == Mode::AppOnly => Some((s.clone(), g.clone())),
        _ => None,
    });
    assert!(!session.principal.is_empty());
    let called = std::fs::read_to_string(dir.path().join("called")).unwrap();
    assert!(
        called.starts_with("account get-access-token --resource https://"),
        "{called}"
    );
    assert!(called.contains("--tenant") && !called.contains("secret"));
    let env = std::fs::read_to_string(dir.path().join("env")).unwrap();
    let known = [
        "PATH=",
        "HOME=",
        "AZURE_CONFIG_DIR=",
        "PWD=",
        "SHLVL=",
        "_=",
    ];
    assert!(
        env.lines().all(|l| known.iter().any(|k| l.starts_with(k))),
        "{env}"
    );
}

#[test]
fn a_person_behind_az_is_told_what_such_tokens_lack() {
    let claims = json!({"idtyp": "user", "scp": "User.Read", "upn": "ana@contoso.com", "oid": "o"})
        .to_string();
    let token = format!("e30.{}.s", URL_SAFE_NO_PAD.encode(claims));
    let said = json!({"accessToken": token, "expires_on": 1_785_600_000_u64}).to_string();
    let (rig, _dir) = through_az(&format!("echo '{said}'"));
    let _ = read(&rig);
    let told = rig.news("what lacks", |n| match n {
        News::Notice { text, .. } if text.contains("as a person") => Some(text.clone()),
        _ => None,
    });
    assert!(
        told.contains("Log Analytics") && told.contains("device-code"),
        "{told}"
    );
    let (session, _) = rig.session();
    assert_eq!(session.mode, Mode::Delegated);
}

#[test]
fn what_az_says_is_not_repeated_but_understood() {
    for (script, why) in [
        (
            "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1",
            "nobody is signed in",
        ),
        ("echo 'token=t0psecret' >&2; exit 1", "failed"),
        ("echo 'no json'", "cannot be read"),
        (
            "echo '{\"accessToken\":\"t\",\"tenant\":\"99999999-1111-1111-1111-111111111111\"}'",
            "another tenant",
        ),
    ] {
        let (rig, _dir) = through_az(script);
        let fault = read(&rig).unwrap_err();
        assert!(fault.what.contains(why), "{script}: {fault}");
        assert!(
            !fault.next.is_empty() && !fault.to_string().contains("t0psecret"),
            "{fault}"
        );
    }
}

#[test]
fn a_secret_that_was_changed_meanwhile_is_read_once_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = keep(dir.path(), "secret", "old");
    let file = std::sync::Mutex::new(path.clone());
    let server = Server::start(move |hit| {
        if !hit.is_token() {
            return page(&[1], None);
        }
        match hit.form("client_secret").as_deref() {
            Some("new") => token(ALL),
            _ => {
                // tokens of several services are asked for at once
                let file = file.lock().unwrap();
                // whoever rotates secrets does so between our reading and our asking
                let beside = file.with_extension("new");
                std::fs::write(&beside, "new\n").unwrap();
                std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o600)).unwrap();
                let _ = std::fs::rename(&beside, &*file);
                let said = json!({"error": "invalid_client", "error_codes": [7000222], "error_description": "AADSTS7000222: x"});
                Answer::json(401, said.to_string())
            }
        }
    });
    let own = TenantConfig {
        sign_in: SignIn::Secret(SecretSource::File(path)),
        ..fake(&server)
    };
    let rig = Rig::with(server, own);
    assert_eq!(read(&rig).unwrap(), 1);
}

/// S0-36, S3-9: the one before is refused by its number, the new one serves without a restart.
#[test]
fn a_secret_rotated_while_it_runs_is_taken_and_a_wrong_one_is_asked_for_twice_at_most() {
    let (sim, dir) = (sim(), tempfile::tempdir().unwrap());
    let path = keep(dir.path(), "secret", &sim.info.client_secret);
    let rig = rig(tenant(
        &sim,
        SignIn::Secret(SecretSource::File(path.clone())),
    ));
    sim.set_secret("s3cond");
    let before = sim.journal().len();
    let fault = read(&rig).unwrap_err();
    assert!(
        fault.what.contains("AADSTS7000222") && fault.what.contains("expired"),
        "{fault}"
    );
    let asked = sim
        .journal()
        .iter()
        .skip(before)
        .filter(|r| r.path.ends_with("/token"))
        .count();
    assert!(
        asked <= Service::ALL.len(),
        "once a service, not again with the same secret: {asked}"
    );
    std::fs::write(&path, "s3cond").unwrap();
    assert_eq!(read(&rig).unwrap(), 12);
}

/// S0-32: whatever the service refuses with, there are its code, a sentence and a step.
#[test]
fn every_refusal_of_the_simulated_service_is_explained() {
    let sim = sim();
    let way = || SignIn::Secret(SecretSource::Given(sim.info.client_secret.clone().into()));
    for code in crate::backend::aadsts::DOCUMENT {
        sim.set_scenario(&format!(
            "[[rule]]\nservice = \"login\"\nfault = {{ kind = \"aadsts\", code = {code} }}\n"
        ))
        .unwrap();
        let fault = read(&rig(tenant(&sim, way()))).unwrap_err();
        assert!(
            fault.what.contains(&format!("AADSTS{code}")),
            "{code}: {fault}"
        );
        assert!(
            fault.next.len() > 5 && fault.kind != FaultKind::Internal,
            "{fault}"
        );
    }
}
