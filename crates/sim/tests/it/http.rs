//! A tiny HTTP/1.1 client: one request a connection, every byte visible.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use sim::{Flags, Running};
use url::Url;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection ended before the body did.
    pub cut: bool,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        // the tenant holds one lone surrogate, which no JSON library here reads
        let text = self.text().replace("\\ud83d", "\\ufffd");
        serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {}", text.chars().take(300).collect::<String>()))
    }

    /// The rows of a collection.
    pub fn rows(&self) -> Vec<Value> {
        self.json()["value"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| panic!("no rows: {} {}", self.status, self.text()))
    }

    /// `code` and `message` of a refusal.
    pub fn error(&self) -> (String, String) {
        let error = &self.json()["error"];
        let word = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        (word("code"), word("message"))
    }
}

/// Sends one request; the error is the socket's.
pub fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let url = Url::parse(url).expect("a URL");
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&host)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut head = format!(
        "{method} {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
        head.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut raw = Vec::new();
    let ended = stream.read_to_end(&mut raw);
    let Some(split) = raw.windows(4).position(|w| w == b"\r\n\r\n") else {
        ended?;
        return Err(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            "no answer",
        ));
    };
    let head = String::from_utf8_lossy(&raw[..split]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
        .collect();
    let mut body = raw[split + 4..].to_vec();
    let mut cut = ended.is_err();
    let header = |name: &str| {
        headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    if header("transfer-encoding").is_some() {
        (body, cut) = dechunked(&body);
    } else if let Some(length) = header("content-length") {
        cut |= body.len() < length.parse().unwrap();
    }
    Ok(Reply {
        status,
        headers,
        body,
        cut,
    })
}

fn dechunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            return (out, true);
        };
        let Ok(size) = usize::from_str_radix(&String::from_utf8_lossy(&rest[..end]), 16) else {
            return (out, true);
        };
        rest = &rest[end + 2..];
        if size == 0 {
            return (out, false);
        }
        if rest.len() < size {
            out.extend_from_slice(rest);
            return (out, true);
        }
        out.extend_from_slice(&rest[..size]);
        rest = rest.get(size + 2..).unwrap_or_default();
    }
}

/// A simulator with a frozen clock, and tokens for its services.
pub struct Bench {
    pub sim: Running,
    pub graph: String,
    pub defender: String,
}

/// The instant all tests are at.
pub const NOW: &str = "2026-08-20T12:00:00Z";

/// Small, frozen, unthrottled.
pub fn flags() -> Flags {
    Flags {
        now: Some(NOW.parse().unwrap()),
        time_scale: 0.0,
        incidents: 230,
        alerts: 700,
        devices: 120,
        users: 260,
        events: 1000,
        throttle: sim::flags::Switch::Off,
        ..Flags::default()
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with(flags())
    }

    pub fn with(flags: Flags) -> Self {
        let sim = sim::start(flags).expect("starts");
        let token = |scope: &str| token(&sim, scope);
        let graph = token("https://graph.microsoft.com/.default");
        let defender = token("https://api.securitycenter.microsoft.com/.default");
        Self {
            sim,
            graph,
            defender,
        }
    }

    /// GET on Graph, below its root or by a whole link.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, None)
    }

    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.sim.info.graph)
        };
        let bearer = format!("Bearer {}", self.graph);
        let mut all = headers.to_vec();
        if !headers.iter().any(|(n, _)| *n == "Authorization") {
            all.push(("Authorization", bearer.as_str()));
        }
        if body.is_some() {
            all.push(("Content-Type", "application/json"));
        }
        let body = body.map(|b| b.to_string()).unwrap_or_default();
        send(method, &url.replace(' ', "%20"), &all, body.as_bytes()).expect("an answer")
    }

    /// GET on Defender.
    pub fn mde(&self, path: &str) -> Reply {
        self.mde_send("GET", path, None)
    }

    pub fn mde_send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.sim.info.defender)
        };
        let bearer = format!("Bearer {}", self.defender);
        let mut all = vec![("Authorization", bearer.as_str())];
        if body.is_some() {
            all.push(("Content-Type", "application/json"));
        }
        let body = body.map(|b| b.to_string()).unwrap_or_default();
        send(method, &url.replace(' ', "%20"), &all, body.as_bytes()).expect("an answer")
    }

    /// All rows of a collection, link by link, and how many pages there were.
    pub fn all(&self, path: &str, headers: &[(&str, &str)]) -> (Vec<Value>, usize) {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        let mut pages = 0;
        while let Some(link) = next {
            let reply = self.get_with(&link, headers);
            assert_eq!(reply.status, 200, "{link}: {}", reply.text());
            rows.extend(reply.rows());
            next = reply.json()["@odata.nextLink"].as_str().map(str::to_owned);
            pages += 1;
            assert!(pages < 1000, "{path} never ends");
        }
        (rows, pages)
    }
}

/// POSTs a form to the sign-in service.
pub fn form(sim: &Running, path: &str, fields: &[(&str, &str)]) -> Reply {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let url = if path.starts_with("http") {
        path.to_owned()
    } else {
        format!("{}{path}", sim.info.login)
    };
    send(
        "POST",
        &url,
        &[("Content-Type", "application/x-www-form-urlencoded")],
        body.as_bytes(),
    )
    .expect("an answer")
}

/// The path of the token endpoint.
pub fn token_path(sim: &Running) -> String {
    format!("/{}/oauth2/v2.0/token", sim.info.tenant_id)
}

/// An application's token.
pub fn token(sim: &Running, scope: &str) -> String {
    let info = &sim.info;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", info.client_id.as_str()),
        ("client_secret", &info.client_secret),
        ("scope", scope),
    ];
    let reply = form(sim, &token_path(sim), &fields);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// What a token says, unverified.
pub fn claims(token: &str) -> Value {
    use base64::Engine;
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(middle)
            .unwrap(),
    )
    .unwrap()
}
