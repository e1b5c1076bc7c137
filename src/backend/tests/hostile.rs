//! Addresses that answers hold: no request of ours, with a token or without, goes to a place that is not the service's.

use super::hall::{DISABLE, Hall, ISOLATE};
use super::rig::{Rig, tenant, token};
use super::server::{Answer, Server};
use crate::model::{Call, Pages, Path, Service};
use crate::msg::{Body, Request, Slot};
use crate::resource::Answer as Read;
use serde_json::json;
use std::sync::{Arc, Mutex};

/// Addresses that lead away: `own` is the service's port, `foreign` another one where somebody listens.
fn addresses(own: u16, foreign: u16) -> Vec<String> {
    vec![
        format!("http://127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("http://localhost:{own}/graph/v1.0/x"),
        format!("http://localhost:{foreign}/graph/v1.0/x"),
        format!("https://127.0.0.1:{own}/graph/v1.0/x"),
        format!("HTTP://127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("http://ana@127.0.0.1:{own}/graph/v1.0/x"),
        format!("http://127.0.0.1:{own}@127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("http://127.0.0.1:{foreign}\\@127.0.0.1:{own}/graph/v1.0/x"),
        format!("http://127.1:{foreign}/graph/v1.0/x"),
        format!("http://2130706433:{foreign}/graph/v1.0/x"),
        format!("http://0x7f.0.0.1:{foreign}/graph/v1.0/x"),
        format!("http://0.0.0.0:{foreign}/graph/v1.0/x"),
        format!("http://[::1]:{foreign}/graph/v1.0/x"),
        format!("http://[::ffff:127.0.0.1]:{foreign}/graph/v1.0/x"),
        format!("//127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("\t http://127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("ht\ntp://127.0.0.1:{foreign}/graph/v1.0/x"),
        format!("http://127.0.0.1:{own}/elsewhere"),
        format!("http://127.0.0.1:{own}/graph/v1.0evil/x"),
        format!("http://127.0.0.1:{own}/graph/v1.0/../../elsewhere"),
        format!("http://127.0.0.1:{own}/graph/v1.0/%2e%2e/%2e%2e/elsewhere"),
        "file:///etc/passwd".to_owned(),
        "ws://127.0.0.1/graph/v1.0/x".to_owned(),
        "".to_owned(),
    ]
}

/// Where an address can stand in an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    NextLink,
    Redirect(u16),
    WriteRedirect(u16),
    Location,
}

const PLACES: &[Place] = &[
    Place::NextLink,
    Place::Redirect(302),
    Place::Redirect(307),
    Place::WriteRedirect(307),
    Place::WriteRedirect(308),
    Place::Location,
];

/// The figure: redirects, foreign nextLinks and Locations followed, over 40 hostile variants: 0.
#[test]
fn no_address_in_an_answer_leads_a_request_away() {
    let foreign = Server::start(|_| Answer::ok("{\"value\":[]}"));
    let mut variants = 0;
    for place in PLACES {
        let count = addresses(0, 0).len();
        for n in 0..count {
            variants += 1;
            let strange = match place {
                Place::NextLink | Place::Redirect(_) => read(*place, n, foreign.port),
                Place::WriteRedirect(_) | Place::Location => write(*place, n, foreign.port),
            };
            assert_eq!(strange, 0, "{place:?} {n} was followed");
        }
    }
    assert!(foreign.hits().is_empty(), "{:?}", foreign.hits());
    assert!(variants > 40, "{variants}");
}

/// Reads a list whose answer holds the address; how many requests went astray on our own port.
fn read(place: Place, n: usize, foreign: u16) -> usize {
    let own = Arc::new(Mutex::new(0));
    let port = Arc::clone(&own);
    let server = Server::start(move |hit| {
        if hit.is_token() {
            return token(super::rig::ALL);
        }
        let to = addresses(*port.lock().unwrap(), foreign)[n].clone();
        match place {
            Place::Redirect(status) => {
                Answer::json(status, "").with("location", to.replace(['\n', '\t'], " "))
            }
            _ => Answer::ok(json!({"value": [], "@odata.nextLink": to}).to_string()),
        }
    });
    *own.lock().unwrap() = server.port;
    let rig = Rig::with(server.clone(), tenant(&server));
    let call = Call::get(Service::Graph, Path::new("/security/incidents"))
        .pages(Pages::Links { at_most: 100 });
    let ask = rig.ask(Slot::Pick("x"), Request::Pick { calls: vec![call] });
    let Body::Part(answers) = rig.last(ask) else {
        panic!()
    };
    // an empty link is no link; all others are a fault or an incomplete list, never silence
    let silent = matches!(&answers[0], Read::Got { more: false, .. });
    assert!(
        !silent || n + 1 == addresses(0, 0).len(),
        "{place:?} {n}: {answers:?}"
    );
    let astray =
        |h: &&super::server::Hit| !h.is_token() && h.path() != "/graph/v1.0/security/incidents";
    server.hits().iter().filter(astray).count()
}

/// Writes and gets the address back.
fn write(place: Place, n: usize, foreign: u16) -> usize {
    let own = Arc::new(Mutex::new(0));
    let port = Arc::clone(&own);
    let hall = Hall::new(1, move |_, hit, things| {
        let to = addresses(*port.lock().unwrap(), foreign)[n].replace(['\n', '\t'], " ");
        Some(match place {
            Place::WriteRedirect(status) => Answer::json(status, "").with("location", to),
            _ => things.take(hit).with("location", to),
        })
    });
    *own.lock().unwrap() = hall.rig.server.port;
    hall.things.lock().unwrap().course = vec!["Succeeded"];
    match place {
        Place::Location => hall.run(&ISOLATE, vec![Hall::machine()]),
        _ => hall.run(&DISABLE, hall.people(0..1)),
    };
    let astray =
        |h: &&super::server::Hit| h.path().contains("elsewhere") || h.path().ends_with("/x");
    hall.rig.server.hits().iter().filter(astray).count()
}
