//! A look at a host as the tenant's requests would reach it: by which way, under whose certificate, at what time there.
//!
//! Nothing of a sign-in is sent. For `doctor`.

use super::client::{Exchange, Line, Wire};
use crate::config::TenantConfig;
use crate::model::{Fault, FaultKind, Method, Ticks};
use std::time::{Duration, Instant};
use url::Url;

/// What was seen of a host.
#[derive(Debug)]
pub struct Seen {
    pub took: Duration,
    /// Who signed its certificate; none where it is plain http, or where that cannot be read.
    pub issuer: Option<String>,
    /// Its clock.
    pub date: Option<Ticks>,
}

/// Asks each host's root, all at once. What they answer does not matter; that they do does.
pub fn look(tenant: &TenantConfig, urls: &[Url]) -> Vec<Result<Seen, Fault>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        let none = || Fault::new(FaultKind::Internal, "no thread could be started");
        return urls.iter().map(|_| Err(none())).collect();
    };
    let wire = Wire::new(tenant.sim, tenant.ca_file.clone())
        .by(tenant.access.proxy.clone())
        .looking();
    runtime.block_on(futures_util::future::join_all(
        urls.iter().map(|url| one(&wire, url)),
    ))
}

async fn one(wire: &Wire, url: &Url) -> Result<Seen, Fault> {
    let begun = Instant::now();
    let exchange = Exchange {
        method: Method::Get,
        url,
        headers: vec![("accept", "application/json".to_owned())],
        bearer: None,
        body: None,
        line: Line::Read,
    };
    let answer = wire
        .exchange(exchange)
        .await
        .map_err(|broken| broken.fault)?;
    Ok(Seen {
        took: begun.elapsed(),
        issuer: answer.issuer().map(str::to_owned),
        date: answer.date(),
    })
}
