//! Packages: fetched from another host without a token, whole or not at all, into a file that nobody else reads.

use super::rig::Rig;
use super::server::{Answer, Hit, How, Server};
use crate::backend::origin;
use crate::model::{Fault, FaultKind, Key, Kind};
use crate::msg::{Body, Request, Slot};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const ZIP: &str = "PK\u{3}\u{4}the package";

/// The service, whose link leads to this address.
fn service(link: String) -> Rig {
    Rig::new(move |hit| match hit.path() {
        p if p.ends_with("/getPackageUri") => {
            // the service's own extra pair of quotes
            Answer::ok(json!({"@odata.context": "x", "value": format!("\"{link}\"")}).to_string())
        }
        p if p.ends_with("/machineactions") => {
            let row = |id: &str, kind: &str, status: &str, at: &str| json!({"id": id, "type": kind, "status": status, "lastUpdateDateTimeUtc": at});
            let rows = json!({"value": [
                row("old", "CollectInvestigationPackage", "Succeeded", "2026-07-01T00:00:00Z"),
                row("new", "CollectInvestigationPackage", "Succeeded", "2026-07-02T00:00:00Z"),
                row("open", "CollectInvestigationPackage", "InProgress", "2026-07-03T00:00:00Z"),
                row("other", "Isolate", "Succeeded", "2026-07-04T00:00:00Z"),
            ]});
            Answer::ok(rows.to_string())
        }
        p => panic!("{p}"),
    })
}

fn files(answer: impl Fn(&Hit) -> Answer + Send + Sync + 'static) -> (Server, Rig) {
    let files = Server::start(answer);
    let link = files.url("/safedownload/a-1.zip?token=secret");
    (files, service(link))
}

fn fetch(rig: &Rig, key: Key, to: &Path) -> Body {
    let to = to.to_string_lossy().into_owned();
    let slot = Slot::Fetch(key.clone());
    rig.last(rig.ask(slot, Request::Fetch { key, to }))
}

fn action() -> Key {
    Key::new(Kind::Action, "a-1")
}

fn fault(body: Body) -> Fault {
    match body {
        Body::Fault(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_package_comes_whole_without_a_token_into_a_file_of_our_own() {
    let (files, rig) =
        files(|_| Answer::ok(ZIP).with("content-disposition", "attachment; filename=\"../../x\""));
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("new/p.zip");
    let Body::Fetched(fetched) = fetch(&rig, action(), &to) else {
        panic!()
    };
    assert_eq!(fetched.path, to.to_string_lossy());
    assert_eq!((fetched.bytes, fetched.zip), (ZIP.len() as u64, true));
    assert_eq!(std::fs::read(&to).unwrap(), ZIP.as_bytes());
    let sum = ring::digest::digest(&ring::digest::SHA256, ZIP.as_bytes());
    let hex: String = sum.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(fetched.sha256, hex);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&to), mode(to.parent().unwrap())), (0o600, 0o700));
    let left = std::fs::read_dir(to.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside it");
    let hits = files.hits();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].header("authorization"), None, "no token goes there");
    assert_eq!(hits[0].query("token").as_deref(), Some("secret"));
    // what is there is never written over, and no link is asked for in vain
    let before = rig.server.hits().len();
    let again = fault(fetch(&rig, action(), &to));
    assert!(again.what.contains("is there already"), "{again}");
    assert_eq!(rig.server.hits().len(), before);
}

#[test]
fn a_devices_newest_finished_collection_is_the_one() {
    let (_files, rig) = files(|_| Answer::ok("no zip"));
    let dir = tempfile::tempdir().unwrap();
    let device = Key::new(Kind::Device, "d-1");
    let Body::Fetched(fetched) = fetch(&rig, device, &dir.path().join("p")) else {
        panic!()
    };
    assert!(!fetched.zip, "what is no archive is told");
    assert_eq!(rig.server.count("/machineactions/new/getPackageUri"), 1);
}

#[test]
fn what_goes_wrong_leaves_no_file_and_says_what_to_do() {
    let gone = |status| move |_: &Hit| Answer::json(status, "The link is not valid, or no longer.");
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("p.zip");
    let mut all: Vec<(Rig, &str)> = Vec::new();
    for status in [401, 403, 404, 410] {
        all.push((files(gone(status)).1, "a new link is asked for"));
    }
    all.push((files(gone(500)).1, "did not hand out the file"));
    all.push((files(|_| Answer::ok(ZIP).how(How::Cut)).1, "fetch it again"));
    all.push((
        files(|_| Answer::ok(ZIP).how(How::Reset)).1,
        "fetch it again",
    ));
    all.push((files(|_| Answer::ok("")).1, "before the file was whole"));
    let away = files(|_| Answer::json(302, "").with("location", "http://127.0.0.1:9/x"));
    all.push((away.1, "not followed"));
    all.push((
        service("https://evil.example/p.zip".into()),
        "no host for files",
    ));
    all.push((service("http://ana@127.0.0.1/p.zip".into()), "user name"));
    all.push((service("nonsense".into()), "cannot be read"));
    let none = Rig::new(|_| Answer::json(404, "{\"error\":{\"code\":\"ResourceNotFound\"}}"));
    all.push((none, "has no package of this collection"));
    for (rig, said) in all {
        let fault = fault(fetch(&rig, action(), &to)).to_string();
        assert!(fault.contains(said), "{said}: {fault}");
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 0, "{said}");
    }
    let (_, rig) = files(|_| Answer::ok(ZIP));
    for (bad, said) in [
        ("p.zip", "whole path"),
        ("/", "no name"),
        ("/proc/x/p.zip", "cannot be written"),
    ] {
        let fault = fault(fetch(&rig, action(), Path::new(bad)));
        assert_eq!(fault.kind, FaultKind::Disk);
        assert!(fault.what.contains(said), "{bad}: {fault}");
    }
}

#[test]
fn what_is_dropped_on_its_way_leaves_nothing() {
    let (open, door) = std::sync::mpsc::channel::<()>();
    let door = std::sync::Mutex::new(door);
    let (files, rig) = files(move |_| {
        let _ = door.lock().unwrap().recv();
        Answer::ok(ZIP)
    });
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("p.zip");
    let slot = Slot::Fetch(action());
    let request = Request::Fetch {
        key: action(),
        to: to.to_string_lossy().into_owned(),
    };
    let n = rig.ask(slot.clone(), request);
    while files.hits().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        1,
        "its part"
    );
    rig.backend.drop_slot(&slot);
    assert!(matches!(rig.last(n), Body::Dropped));
    drop(open);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn only_the_hosts_for_files_are_followed() {
    for good in [
        "https://userrequests-us.securitycenter.windows.com:443/safedownload/x?token=y",
        "https://x.securitycenter.microsoft.com/x",
        "https://acc.blob.core.windows.net/x?sig=y",
        "https://core.windows.net/x",
        "https://acc.blob.core.usgovcloudapi.net/x",
    ] {
        assert!(origin::file(good, false).is_ok(), "{good}");
        assert!(
            origin::file(good, true).is_err(),
            "{good} of a simulated tenant"
        );
    }
    for bad in [
        "http://x.securitycenter.windows.com/x",
        "https://x.securitycenter.windows.com:8443/x",
        "https://evilcore.windows.net/x",
        "https://core.windows.net.evil.example/x",
        "https://core.windows.net@evil.example/x",
        "https://a:b@acc.blob.core.windows.net/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/x",
        "https://[::1]/x",
        "file:///etc/passwd",
        "//acc.blob.core.windows.net/x",
        "",
    ] {
        assert!(origin::file(bad, false).is_err(), "{bad}");
    }
    assert!(origin::file("http://127.0.0.1:4711/x", true).is_ok());
    assert!(
        origin::file("http://localhost:4711/x", true).is_err(),
        "names are not believed"
    );
}
