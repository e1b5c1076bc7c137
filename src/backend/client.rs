//! One exchange over HTTP, under rules that have no switch: no redirects, no cookies, https only (a simulated tenant may
//! use plain http on loopback), bodies capped after decompression, writes on connections of their own without any retry.
//!
//! Neighbours: `origin` says where a request may go, `answer` makes data of the body, `fault` a sentence of a refusal.

use super::backoff::http_date;
use super::origin;
use super::signin::{der, secret};
use crate::config::Proxy;
use crate::model::{Fault, FaultKind, Method, Ticks};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use table::Txt;
use url::Url;
use zeroize::{Zeroize, Zeroizing};

/// Largest body of anything but hunting, after decompression.
pub const CAP: usize = 16 * 1024 * 1024;

const CONNECT: Duration = Duration::from_secs(10);
/// What is on this machine is there at once, or it is not.
const NEAR: Duration = Duration::from_secs(2);
/// Between two pieces of an answer.
const SILENCE: Duration = Duration::from_secs(45);
const WHOLE: Duration = Duration::from_secs(120);
/// A file may take longer, as long as pieces of it come.
const FILE: Duration = Duration::from_secs(3600);
/// Both for hunts: the most that a service allows itself is ten minutes.
const HUNT: Duration = Duration::from_secs(630);

/// A request, ready to go. The URL was checked by `origin`.
pub struct Exchange<'a> {
    pub method: Method,
    pub url: &'a Url,
    pub headers: Vec<(&'static str, String)>,
    pub bearer: Option<&'a SecretString>,
    /// Content type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
    pub line: Line,
}

/// Which of the clients carries a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Reads.
    Read,
    /// Keeps no connections: whether a byte left must be known.
    Write,
    /// Questions that are thought about for minutes before the first byte comes, and whose answers are read as they come.
    Hunt,
    /// To the identity service of this machine: near, plain http, and never by a proxy.
    Near,
}

/// What came back. The status is believed even where the body is not.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub host: String,
    headers: HeaderMap,
    issuer: Option<String>,
    pub body: Result<Vec<u8>, Fault>,
    /// The body of a hunt's success, still on its way: `body` is empty then.
    pub rest: Option<Download>,
}

impl Response {
    /// Who signed the host's certificate; only a wire that was made for looking tells.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Every value of a header that may come more than once.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .get_all(name)
            .iter()
            .filter_map(|v| v.to_str().ok())
    }

    pub fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    pub fn date(&self) -> Option<Ticks> {
        self.header("date").and_then(http_date)
    }

    /// The service's id of this exchange, fit for the screen.
    pub fn request_id(&self) -> Option<String> {
        ["request-id", "x-ms-request-id"]
            .iter()
            .find_map(|n| self.header(n))
            .map(|id| Txt::new(id).shown().chars().take(80).collect())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A response for tests.
    #[cfg(test)]
    pub fn made(status: u16, host: &str, body: &str) -> Self {
        Self {
            status,
            host: host.to_owned(),
            headers: HeaderMap::new(),
            issuer: None,
            body: Ok(body.as_bytes().to_vec()),
            rest: None,
        }
    }

    #[cfg(test)]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers
            .append(name, HeaderValue::from_str(value).unwrap());
        self
    }
}

/// Nothing came back.
#[derive(Debug)]
pub struct Broken {
    pub fault: Fault,
    /// It is proven that no byte of the request left this machine.
    pub unsent: bool,
}

/// How an address is reached.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// http on loopback: no roots to load, and no proxy between us and ourselves.
    Plain,
    /// https to this machine or its metadata address: no proxy either.
    Direct,
    /// https, by the environment's proxy if there is one.
    Proxied,
}

/// The clients of one tenant. Each is built when it is first needed: reading the system's roots takes milliseconds.
pub struct Wire {
    sim: bool,
    ca_file: Option<PathBuf>,
    clients: [OnceLock<reqwest::Client>; 12],
    /// Of this tenant; none = the environment's.
    proxy: Option<Proxy>,
    looking: bool,
    /// A simulator answered.
    pub demo_seen: AtomicBool,
}

impl Wire {
    pub fn new(sim: bool, ca_file: Option<PathBuf>) -> Self {
        Self {
            sim,
            ca_file,
            clients: Default::default(),
            proxy: None,
            looking: false,
            demo_seen: AtomicBool::new(false),
        }
    }

    /// By this proxy instead of the environment's.
    pub fn by(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, ..self }
    }

    /// Answers tell whose certificate they came under.
    pub fn looking(self) -> Self {
        Self {
            looking: true,
            ..self
        }
    }

    fn client(&self, url: &Url, line: Line) -> Result<&reqwest::Client, Fault> {
        match line {
            Line::Near => origin::here(url)?,
            _ => origin::allowed(url, self.sim)?,
        }
        let way = if url.scheme() == "http" {
            Way::Plain
        } else if origin::is_near(url) {
            Way::Direct
        } else {
            Way::Proxied
        };
        let kept = &self.clients[way as usize * 4 + line as usize];
        match kept.get() {
            Some(client) => Ok(client),
            // what failed is tried anew: files that it needs may be mended by now
            None => {
                let made = self.build(way, line)?;
                Ok(kept.get_or_init(|| made))
            }
        }
    }

    /// Whether a proxy on the way is given a password, ours or the environment's.
    fn has_proxy_password(&self) -> bool {
        match &self.proxy {
            Some(proxy) => proxy.password_file.is_some(),
            None => ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
                .is_some_and(|url| url.contains('@')),
        }
    }

    /// Sends one request and reads the whole answer; a hunt's success is left to be read as it comes. Never follows, never
    /// retries.
    pub async fn exchange(&self, what: Exchange<'_>) -> Result<Response, Broken> {
        let unsent = |fault| Broken {
            fault,
            unsent: true,
        };
        let host = what.url.host_str().unwrap_or_default().to_owned();
        let client = self.client(what.url, what.line).map_err(unsent)?;
        let method = match what.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = client.request(method, what.url.clone());
        for (name, value) in what.headers {
            request = request.header(HeaderName::from_static(name), value);
        }
        if let Some(token) = what.bearer {
            let mut text = format!("Bearer {}", token.expose_secret());
            let value = HeaderValue::from_str(&text);
            text.zeroize();
            let mut value = value.map_err(|_| {
                unsent(Fault::new(
                    FaultKind::SignIn,
                    "the token holds characters that no token has",
                ))
            })?;
            value.set_sensitive(true);
            request = request.header("authorization", value);
        }
        if let Some((kind, bytes)) = what.body {
            request = request.header("content-type", kind).body(bytes);
        }
        let path = what.url.path();
        let response = request.send().await.map_err(|e| {
            let fault = broken(&e, &host, self.has_proxy_password());
            tracing::debug!(%host, path, why = %fault.what, "no answer");
            Broken {
                unsent: e.is_connect() || e.is_builder(),
                fault,
            }
        })?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let issuer = response
            .extensions()
            .get::<reqwest::tls::TlsInfo>()
            .and_then(|tls| der::issuer(tls.peer_certificate()?));
        // never the query: it carries names and addresses of people
        tracing::debug!(%host, path, status, "answer");
        // whatever a simulator says is made up; that it was asked is known
        self.real(&headers, &host).map_err(|fault| Broken {
            fault,
            unsent: false,
        })?;
        let (body, rest) = if what.line == Line::Hunt && (200..300).contains(&status) {
            let rest = Download {
                length: response.content_length(),
                host: host.clone(),
                response,
                status,
            };
            (Ok(Vec::new()), Some(rest))
        } else {
            (read(response, &host, CAP).await, None)
        };
        Ok(Response {
            status,
            host,
            headers,
            issuer,
            body,
            rest,
        })
    }
}

/// A body on its way.
#[derive(Debug)]
pub struct Download {
    response: reqwest::Response,
    pub status: u16,
    pub host: String,
    /// As the other side says; none = it does not.
    pub length: Option<u64>,
}

impl Download {
    /// The next piece; none at the end.
    pub async fn piece(&mut self) -> Result<Option<bytes::Bytes>, Fault> {
        let piece = self.response.chunk().await;
        piece.map_err(|e| broken(&e, &self.host, false).next("fetch it again"))
    }

    /// All of it, up to what any answer may have.
    pub async fn whole(self) -> Result<Vec<u8>, Fault> {
        read(self.response, &self.host, CAP).await
    }
}

impl Wire {
    /// Begins to fetch what lies behind a link: without a token, on a connection of its own, under the same rules.
    pub async fn download(&self, url: &Url) -> Result<Download, Fault> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = self
            .client(url, Line::Write)?
            .get(url.clone())
            .timeout(FILE);
        let response = request.send().await;
        let response = response
            .map_err(|e| broken(&e, &host, self.has_proxy_password()).next("fetch it again"))?;
        let status = response.status().as_u16();
        tracing::debug!(%host, status, "file");
        self.real(response.headers(), &host)?;
        Ok(Download {
            length: response.content_length(),
            response,
            status,
            host,
        })
    }

    /// Refuses a simulator behind a tenant that is not simulated.
    fn real(&self, headers: &HeaderMap, host: &str) -> Result<(), Fault> {
        if !headers.contains_key("x-watchfloor-sim") {
            return Ok(());
        }
        self.demo_seen.store(true, Ordering::Relaxed);
        if self.sim {
            return Ok(());
        }
        let what = format!("{host} is a simulator, and this tenant is not simulated");
        let fault = Fault::new(FaultKind::Refused, what);
        Err(fault.next("set `sim = true` for this tenant, or correct its URLs"))
    }
}

async fn read(mut response: reqwest::Response, host: &str, cap: usize) -> Result<Vec<u8>, Fault> {
    let too_large = || {
        Fault::new(
            FaultKind::BadAnswer,
            format!("the answer of {host} is larger than {} MiB", cap >> 20),
        )
        .next("it was not read further")
    };
    if response.content_length().is_some_and(|n| n > cap as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                if bytes.len() + chunk.len() > cap {
                    return Err(too_large());
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(bytes),
            Err(e) => return Err(broken(&e, host, false)),
        }
    }
}

impl Wire {
    fn build(&self, way: Way, line: Line) -> Result<reqwest::Client, Fault> {
        let (ca_file, proxy) = (self.ca_file.as_deref(), self.proxy.as_ref());
        // another part of the program may have done so before
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder()
            .user_agent(concat!("watchfloor/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(way != Way::Plain)
            .tls_info(self.looking)
            .connect_timeout(if line == Line::Near { NEAR } else { CONNECT })
            .read_timeout(if line == Line::Hunt { HUNT } else { SILENCE })
            .timeout(if line == Line::Hunt { HUNT } else { WHOLE })
            .pool_max_idle_per_host(if line == Line::Write { 0 } else { 8 });
        if way != Way::Proxied {
            client = client.no_proxy();
        } else if let Some(proxy) = proxy {
            client = client.no_proxy().proxy(via(proxy)?);
        }
        if way == Way::Plain {
            client = client.tls_certs_only([]);
        } else if let Some(path) = ca_file {
            let bad = |why: String| {
                Fault::new(
                    FaultKind::Tls,
                    format!("the roots in {} cannot be used: {why}", path.display()),
                )
                .next("correct `ca-file`")
            };
            let pem = crate::config::file::read(path, 1 << 20).map_err(|e| bad(e.to_string()))?;
            let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .map_err(|e| bad(e.to_string()))?;
            client = client.tls_certs_merge(roots);
        }
        client.build().map_err(|e| {
            Fault::new(
                FaultKind::Tls,
                format!("the secure connection cannot be set up: {e}"),
            )
        })
    }
}

/// The proxy of a tenant, with the password that its file holds now.
fn via(proxy: &Proxy) -> Result<reqwest::Proxy, Fault> {
    let network = |fault: Fault| Fault {
        kind: FaultKind::Network,
        ..fault
    };
    let via = reqwest::Proxy::all(proxy.url.clone()).map_err(|e| {
        let place = origin::place(&proxy.url);
        let what = format!("the proxy {place} cannot be used: {e}");
        Fault::new(FaultKind::Network, what).next("correct `proxy`")
    })?;
    let Some(path) = &proxy.password_file else {
        return Ok(via);
    };
    let said = secret::private(path, "the proxy's password", "proxy-password-file")
        .map(Zeroizing::new)
        .map_err(network)?;
    match said.trim_end_matches(['\r', '\n']).split_once(':') {
        Some((user, password)) if !user.is_empty() => Ok(via.basic_auth(user, password)),
        _ => {
            let what = format!("{} does not hold USER:PASSWORD", path.display());
            Err(Fault::new(FaultKind::Network, what).next("correct it, in one line"))
        }
    }
}

/// A transport failure as a sentence. The URL stays out of it: its query may say too much. `password`: a proxy was given one.
fn broken(e: &reqwest::Error, host: &str, password: bool) -> Fault {
    let mut causes = Causes::default();
    causes.look(e);
    let fault = |kind, what: String| Fault::new(kind, what);
    if let Some(why) = causes.tls {
        return fault(
            FaultKind::Tls,
            format!("the certificate of {host} was not accepted: {why}"),
        )
        .next("if a proxy of yours opens TLS, give its root with `ca-file`");
    }
    if causes.proxy_password && password {
        let what = format!(
            "the proxy on the way to {host} did not accept the user name and password it was given"
        );
        return fault(FaultKind::Network, what).next(
            "correct them in the file of `proxy-password-file`, or in https_proxy, and start again; \
             one that wants Kerberos or NTLM needs a local forwarder",
        );
    }
    if causes.proxy_password {
        let what = format!("the proxy on the way to {host} wants a password");
        return fault(FaultKind::Network, what).next(
            "name a file with USER:PASSWORD in `proxy-password-file`, or set \
             https_proxy=http://USER:PASSWORD@PROXY:PORT for this program, or use a local forwarder that knows it",
        );
    }
    if e.is_timeout() {
        return fault(FaultKind::Timeout, format!("{host} did not answer in time"))
            .next("it is tried again by itself");
    }
    if e.is_dns() {
        return fault(
            FaultKind::Network,
            format!("no address is known for {host}"),
        )
        .next("check the network and its name service");
    }
    if e.is_connect() {
        return fault(FaultKind::Network, format!("there is no way to {host}"))
            .next("check the network, VPN and proxy; it is tried again by itself");
    }
    if e.is_decode() && !causes.reset {
        return fault(
            FaultKind::BadAnswer,
            format!("the answer of {host} cannot be decoded"),
        )
        .next("a proxy may have changed it; refresh");
    }
    fault(
        FaultKind::Network,
        format!("the connection to {host} broke off"),
    )
    .next("it is tried again by itself")
}

/// What lies beneath a transport error.
#[derive(Default)]
struct Causes {
    tls: Option<String>,
    reset: bool,
    proxy_password: bool,
}

impl Causes {
    /// Errors of the system wrap others that their `source` skips, so those are looked into, too.
    fn look(&mut self, error: &(dyn Error + 'static)) {
        let mut at = Some(error);
        while let Some(error) = at {
            if let Some(found) = error.downcast_ref::<rustls::Error>() {
                self.tls.get_or_insert_with(|| tls_words(found));
            }
            if let Some(io) = error.downcast_ref::<std::io::Error>() {
                use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};
                self.reset |= matches!(io.kind(), ConnectionReset | UnexpectedEof);
                if let Some(inner) = io.get_ref() {
                    self.look(inner);
                }
            }
            // no type of it is public
            self.proxy_password |= error.to_string().contains("proxy authorization required");
            at = error.source();
        }
    }
}

fn tls_words(e: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    match e {
        rustls::Error::InvalidCertificate(c) => match c {
            C::UnknownIssuer => "nobody that this computer trusts has signed it".into(),
            C::Expired | C::ExpiredContext { .. } => {
                "it has expired, or this computer's clock is wrong".into()
            }
            C::NotValidYet | C::NotValidYetContext { .. } => {
                "it is not valid yet, or this computer's clock is wrong".into()
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => "it is another host's".into(),
            other => super::fault::shown(&other.to_string()),
        },
        other => super::fault::shown(&other.to_string()),
    }
}
