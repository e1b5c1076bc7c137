//! https as real tenants use it: whose certificates are taken, and what a simulator is told by a tenant that is none.

use crate::backend::client::{Broken, Exchange, Response, Wire};
use crate::model::{FaultKind, Method};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

struct Tls {
    port: u16,
    /// The root's certificate, in PEM.
    root: String,
    /// Requests that came through.
    hits: Arc<AtomicU32>,
}

/// A server with a certificate for 127.0.0.1, signed by a root of its own.
fn serve(head: &'static str) -> Tls {
    let root_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(params, root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".into()])
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
