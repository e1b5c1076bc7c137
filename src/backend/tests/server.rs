//! A small HTTP server on loopback for the backend's tests: every hit is kept, every answer is the test's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Hit {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Hit {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        field(query, name)
    }

    /// A field of a form body.
    pub fn form(&self, name: &str) -> Option<String> {
        field(&self.body, name)
    }

    pub fn is_token(&self) -> bool {
        self.path().ends_with("/oauth2/v2.0/token")
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(text.as_bytes())
        .find(|(n, _)| n == name)
        .map(|(_, v)| v.into_owned())
}

/// What goes back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Whole,
    /// The promised length is never reached.
    Cut,
    /// The connection closes without a word.
    Reset,
}

impl Answer {
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "application/json".into()),
                ("request-id", "req-1".into()),
            ],
            body: body.into().into_bytes(),
            how: How::Whole,
        }
    }

    pub fn ok(body: impl Into<String>) -> Self {
        Self::json(200, body)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn how(mut self, how: How) -> Self {
        self.how = how;
        self
    }
}

/// The running server; its threads end with the test's process.
#[derive(Clone)]
pub struct Server {
    pub port: u16,
    hits: Arc<Mutex<Vec<Hit>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Hit) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&hits), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { port, hits }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Everything that came so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.hits.lock().unwrap().clone()
    }

    /// Requests whose path ends so.
    pub fn count(&self, end: &str) -> usize {
        self.hits()
            .iter()
            .filter(|h| h.path().ends_with(end))
            .count()
    }

    pub fn of(&self, method: &str) -> Vec<Hit> {
        self.hits()
            .into_iter()
            .filter(|h| h.method == method)
            .collect()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Hit>>, answer: &dyn Fn(&Hit) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut hit = Hit {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Hit::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        hit.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = hit
        .header("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    hit.body = String::from_utf8(body).ok()?;
    kept.lock().unwrap().push(hit.clone());
    let answer = answer(&hit);
    let mut stream = stream;
    if answer.how == How::Reset {
        stream.shutdown(Shutdown::Both).ok()?;
        return None;
    }
    let mut head = format!(
        "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\nx-watchfloor-sim: 1\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let sent = match answer.how {
        How::Cut => &answer.body[..answer.body.len() / 2],
        _ => &answer.body[..],
    };
    stream.write_all(sent).ok()
}
