//! The other end of a sign-in in this computer's own browser: a socket on loopback that takes one request, ours.
//!
//! Others of this machine can reach it, too. They get 404, learn nothing, and it goes on listening; only the request that
//! carries our state ends it. What was asked is never logged.

use super::browser::same;
use secrecy::{ExposeSecret, SecretString};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use url::Url;

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long a connection may take to say what it wants.
const SPEAK: Duration = Duration::from_secs(5);
/// No request line of ours is longer, however long the code.
const LIMIT: usize = 32 << 10;
const AT_ONCE: usize = 16;

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Watchfloor</title><p>You can close this page and go back to Watchfloor.</p>";

/// Bound sockets.
pub struct Ear {
    sockets: Vec<TcpListener>,
    pub port: u16,
}

impl Ear {
    /// Binds a free port of both loopbacks, as `localhost` may mean either; none where even IPv4's cannot be had.
    pub fn open() -> Option<Self> {
        let bind = |at: SocketAddr| {
            let socket = std::net::TcpListener::bind(at).ok()?;
            socket.set_nonblocking(true).ok()?;
            TcpListener::from_std(socket).ok()
        };
        let first = bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let port = first.local_addr().ok()?.port();
        let second = bind((Ipv6Addr::LOCALHOST, port).into());
        Some(Self {
            sockets: std::iter::once(first).chain(second).collect(),
            port,
        })
    }

    /// The final address of the sign-in with this state; none when nobody came in time.
    pub async fn hear(self, state: Arc<SecretString>) -> Option<SecretString> {
        let (found, mut finds) = mpsc::channel(1);
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = tokio::task::JoinSet::new();
        for socket in self.sockets {
            let (found, room, state) = (found.clone(), Arc::clone(&room), Arc::clone(&state));
            tasks.spawn(async move {
                let mut talks = tokio::task::JoinSet::new();
                loop {
                    while talks.try_join_next().is_some() {}
                    let Ok(seat) = Arc::clone(&room).acquire_owned().await else {
                        return;
                    };
                    let Ok((stream, _)) = socket.accept().await else {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    };
                    let (found, state) = (found.clone(), Arc::clone(&state));
                    talks.spawn(async move {
                        let _seat = seat;
                        let talk = answer(stream, &state);
                        if let Ok(Some(url)) = tokio::time::timeout(SPEAK, talk).await {
                            let _ = found.send(url).await;
                        }
                    });
                }
            });
        }
        tokio::time::timeout(PATIENCE, finds.recv())
            .await
            .ok()
            .flatten()
    }
}

/// Reads one request and answers it.
async fn answer(mut stream: TcpStream, state: &SecretString) -> Option<SecretString> {
    let mut head = zeroize::Zeroizing::new(Vec::with_capacity(4096));
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if head.len() > LIMIT || stream.read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
    }
    let text = std::str::from_utf8(&head).unwrap_or_default();
    let ours = text.lines().next().and_then(|line| wanted(line, state));
    let reply = match ours {
        Some(_) => format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
             content-security-policy: default-src 'none'\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{PAGE}",
            PAGE.len()
        ),
        None => {
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
        }
    };
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
    ours
}

/// `GET /?…state=<ours>… HTTP/1.1`, and nothing else.
fn wanted(line: &str, state: &SecretString) -> Option<SecretString> {
    let mut words = line.split(' ');
    let (Some("GET"), Some(target), Some(version)) = (words.next(), words.next(), words.next())
    else {
        return None;
    };
    if !version.starts_with("HTTP/1.") || words.next().is_some() || !target.starts_with("/?") {
        return None;
    }
    let url = Url::parse(&format!("http://localhost{target}")).ok()?;
    let given = url.query_pairs().find(|(n, _)| n == "state")?.1;
    same(given.as_bytes(), state.expose_secret().as_bytes()).then(|| String::from(url).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(port: u16, text: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    }

    #[tokio::test]
    async fn only_the_request_with_our_state_is_taken_and_all_others_get_404() {
        let ear = Ear::open().unwrap();
        let port = ear.port;
        let heard = tokio::spawn(ear.hear(Arc::new("st8".to_owned().into())));
        for other in [
            "GET /?code=c&state=st9 HTTP/1.1\r\n\r\n",
            "GET /?code=c HTTP/1.1\r\n\r\n",
            "GET /favicon.ico HTTP/1.1\r\n\r\n",
            "GET /x?state=st8 HTTP/1.1\r\n\r\n",
            "POST /?code=c&state=st8 HTTP/1.1\r\n\r\n",
            "GET http://localhost/?state=st8 HTTP/1.1\r\n\r\n",
            "\u{1b}[2J\r\n\r\n",
        ] {
            assert!(
                ask(port, other).await.starts_with("HTTP/1.1 404"),
                "{other}"
            );
        }
        assert!(!heard.is_finished());
        let said = ask(
            port,
            "GET /?code=the%2Bcode&state=st8 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        )
        .await;
        assert!(
            said.starts_with("HTTP/1.1 200") && said.contains("close this page"),
            "{said}"
        );
        assert!(!said.contains("the%2Bcode"), "the page repeats nothing");
        let url = heard.await.unwrap().unwrap();
        assert_eq!(
            url.expose_secret(),
            "http://localhost/?code=the%2Bcode&state=st8"
        );
    }
}
