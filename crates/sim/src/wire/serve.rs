//! The accept loop and one connection. Driven through hyper directly, since a fault may have to end a connection without an answer.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::handle::{self, Home};
use crate::tenant::Tenant;

/// A bound socket and who is at home there.
pub(super) struct Door {
    pub socket: TcpListener,
    pub local: SocketAddr,
    pub home: Home,
}

/// Serves until told to stop.
pub(super) async fn serve(doors: Vec<Door>, tenant: Arc<Tenant>, stopped: watch::Receiver<bool>) {
    let mut loops = Vec::new();
    for door in doors {
        loops.push(tokio::spawn(accept(
            door,
            Arc::clone(&tenant),
            stopped.clone(),
        )));
    }
    let mut stopped = stopped;
    let _ = stopped.wait_for(|stop| *stop).await;
    for accepting in loops {
        accepting.abort();
    }
}

async fn accept(door: Door, tenant: Arc<Tenant>, stopped: watch::Receiver<bool>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(door.socket) else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(connection(
                    stream,
                    door.local,
                    door.home,
                    Arc::clone(&tenant),
                    stopped.clone(),
                ));
            }
            // out of descriptors: give the others a moment to close theirs
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(
    stream: TcpStream,
    local: SocketAddr,
    home: Home,
    tenant: Arc<Tenant>,
    mut stopped: watch::Receiver<bool>,
) {
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire {
        stream,
        reset: Arc::clone(&reset),
    });
    let service = service_fn(move |request| {
        let (tenant, reset) = (Arc::clone(&tenant), Arc::clone(&reset));
        async move { handle::answer(request, local, home, &tenant, &reset).await }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(io, service);
    tokio::select! {
        _ = serving => {}
        _ = stopped.wait_for(|stop| *stop) => {}
    }
}

/// A socket that can be told to end with a reset instead of a farewell.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
