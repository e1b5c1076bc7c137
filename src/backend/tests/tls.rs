//! https as real tenants use it: whose certificates are taken, and what a simulator is told by a tenant that is none.

use crate::backend::client::{Broken, Exchange, Response, Wire};
use crate::config::Proxy;
use crate::model::{FaultKind, Method};
use base64::Engine;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

struct Tls {
    port: u16,
    /// The root's certificate, in PEM.
    root: String,
    /// Requests that came through.
    hits: Arc<AtomicU32>,
}

/// A server with a certificate for 127.0.0.1, signed by a root of its own.
fn serve(head: &'static str) -> Tls {
    serve_as("127.0.0.1", head)
}

fn serve_as(name: &str, head: &'static str) -> Tls {
    let root_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(params, root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.into()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let (config, hits) = (Arc::new(config), Arc::new(AtomicU32::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::clone(&hits);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(connection, stream));
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|n| n > 2) {
                line.clear();
            }
            if stream.get_ref().conn.is_handshaking() {
                continue;
            }
            count.fetch_add(1, Ordering::SeqCst);
            let stream = stream.get_mut();
            let _ = stream.write_all(
                format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n{head}\r\n{{}}"
                )
                .as_bytes(),
            );
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    Tls {
        port,
        root: root.pem(),
        hits,
    }
}

fn get(wire: &Wire, url: &str) -> Result<Response, Box<Broken>> {
    let url = url.parse().unwrap();
    let exchange = Exchange {
        method: Method::Get,
        url: &url,
        headers: Vec::new(),
        bearer: None,
        body: None,
        line: crate::backend::client::Line::Read,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(wire.exchange(exchange))
        .map_err(Box::new)
}

fn pem(dir: &Path, text: &str) -> std::path::PathBuf {
    let path = dir.join("root.pem");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_root_of_ones_own_is_taken_and_a_strangers_is_not() {
    let server = serve("");
    let url = format!("https://127.0.0.1:{}/", server.port);
    let stranger = get(&Wire::new(false, None), &url).unwrap_err();
    assert_eq!(stranger.fault.kind, FaultKind::Tls, "{}", stranger.fault);
    assert!(
        stranger.unsent && stranger.fault.next.contains("ca-file"),
        "{}",
        stranger.fault
    );
    assert_eq!(
        server.hits.load(Ordering::SeqCst),
        0,
        "no request, no token"
    );
    let dir = tempfile::tempdir().unwrap();
    let trusting = Wire::new(false, Some(pem(dir.path(), &server.root)));
    assert_eq!(get(&trusting, &url).unwrap().status, 200);
    let broken = Wire::new(false, Some(pem(dir.path(), "no certificate")));
    assert!(
        get(&broken, &url).is_err(),
        "roots that cannot be read are not passed over"
    );
}

#[test]
fn a_tenant_that_is_not_simulated_believes_no_simulator() {
    let server = serve("x-watchfloor-sim: 1\r\n");
    let dir = tempfile::tempdir().unwrap();
    let wire = Wire::new(false, Some(pem(dir.path(), &server.root)));
    let broken = get(&wire, &format!("https://127.0.0.1:{}/", server.port)).unwrap_err();
    assert_eq!(broken.fault.kind, FaultKind::Refused);
    assert!(
        broken.fault.what.contains("is a simulator"),
        "{}",
        broken.fault
    );
    assert!(wire.demo_seen.load(Ordering::Relaxed), "and DEMO is shown");
    assert!(!broken.unsent);
}

#[test]
fn plain_http_is_for_simulated_tenants_on_loopback() {
    for (url, sim) in [
        ("http://127.0.0.1:9/", false),
        ("http://localhost:9/", true),
        ("http://10.1.2.3/", true),
        ("ftp://127.0.0.1/", true),
    ] {
        let broken = get(&Wire::new(sim, None), url).unwrap_err();
        assert_eq!(broken.fault.kind, FaultKind::Refused, "{url}");
        assert!(broken.unsent);
    }
}

/// A proxy as companies have them: it wants a password where `wants` says so, opens the way to one server whatever name it
/// is asked for, and keeps what it was asked.
fn proxy(wants: Option<&'static str>, to: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let heads = Arc::clone(&heads);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
                heads.lock().unwrap().push(head.clone());
                let mut stream = stream;
                let lower = head.to_ascii_lowercase();
                let known = wants.is_none_or(|w| {
                    let token = base64::engine::general_purpose::STANDARD.encode(w);
                    lower.contains("proxy-authorization: basic") && head.contains(&token)
                });
                if !known {
                    let no = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(no.as_bytes());
                    return;
                }
                let mut there = TcpStream::connect(("127.0.0.1", to)).unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let (mut from, mut back) =
                    (stream.try_clone().unwrap(), there.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut there));
                let _ = std::io::copy(&mut back, &mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    (port, asked)
}

/// Over a real CONNECT: without a password, with a wrong one, with an odd file, and with the right one.
#[test]
fn a_proxy_that_wants_a_password_says_what_to_do_and_gets_it_from_a_file() {
    let server = serve_as("login.contoso.test", "");
    let dir = tempfile::tempdir().unwrap();
    let root = pem(dir.path(), &server.root);
    let (port, asked) = proxy(Some("ana:pr0xy-pass"), server.port);
    let url = "https://login.contoso.test/common?x=query-words";
    let file = dir.path().join("proxy");
    let write = |text: &str, mode: u32| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let wire = |password: bool| {
        Wire::new(false, Some(root.clone())).by(Some(Proxy {
            url: format!("http://127.0.0.1:{port}").parse().unwrap(),
            password_file: password.then(|| file.clone()),
        }))
    };
    let none = get(&wire(false), url).unwrap_err();
    assert!(
        none.unsent && none.fault.what.contains("wants a password"),
        "{}",
        none.fault
    );
    assert!(none.fault.next.contains("proxy-password-file"));
    for (text, mode, what) in [
        (
            "ana:wrong-pass\n",
            0o600,
            "did not accept the user name and password",
        ),
        ("ana\n", 0o600, "does not hold USER:PASSWORD"),
        ("ana:pr0xy-pass", 0o644, "can be read by others"),
    ] {
        write(text, mode);
        let broken = get(&wire(true), url).unwrap_err();
        let said = broken.fault.to_string();
        assert!(
            said.contains(what) && !broken.fault.next.is_empty(),
            "{said}"
        );
        assert_eq!(broken.fault.kind, FaultKind::Network);
        assert!(broken.unsent && !said.contains("-pass\n") && !said.contains("query-words"));
        for secret in ["wrong-pass", "pr0xy-pass"] {
            assert!(!said.contains(secret) && !format!("{broken:?}").contains(secret));
        }
    }
    assert_eq!(server.hits.load(Ordering::SeqCst), 0);
    std::fs::remove_file(&file).unwrap();
    let mended = wire(true);
    assert!(
        get(&mended, url)
            .unwrap_err()
            .fault
            .what
            .contains("is not there")
    );
    // the same program goes on once the file is right
    write("ana:pr0xy-pass\n", 0o600);
    assert_eq!(get(&mended, url).unwrap().status, 200);
    let heads = asked.lock().unwrap();
    assert!(
        heads
            .iter()
            .all(|h| h.starts_with("CONNECT login.contoso.test:443 "))
    );
    assert!(
        heads.iter().all(|h| !h.contains("query-words")),
        "what is asked stays inside"
    );
}

/// A proxy that opens TLS: its root is one tenant's, and the other tenant does not take it.
#[test]
fn roots_and_proxies_are_each_tenants_own() {
    let server = serve_as("login.contoso.test", "");
    let dir = tempfile::tempdir().unwrap();
    let root = pem(dir.path(), &server.root);
    let (port, asked) = proxy(None, server.port);
    let by = || {
        Some(Proxy {
            url: format!("http://127.0.0.1:{port}").parse().unwrap(),
            password_file: None,
        })
    };
    let url = "https://login.contoso.test/";
    let one = Wire::new(false, Some(root)).by(by());
    let other = Wire::new(false, None).by(by());
    assert_eq!(get(&one, url).unwrap().status, 200);
    let stranger = get(&other, url).unwrap_err();
    assert!(stranger.fault.kind == FaultKind::Tls && stranger.fault.next.contains("ca-file"));
    assert_eq!(asked.lock().unwrap().len(), 2);
    // what is on this machine goes by no proxy
    let near = serve("");
    let own = pem(dir.path(), &near.root);
    let wire = Wire::new(false, Some(own)).by(by());
    assert_eq!(
        get(&wire, &format!("https://127.0.0.1:{}/", near.port))
            .unwrap()
            .status,
        200
    );
    assert_eq!(asked.lock().unwrap().len(), 2);
}
