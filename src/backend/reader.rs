//! Reads for commands without a screen: the same sign-in, budgets, retries and rules of the wire, one call after the other.

use super::call::How;
use super::core::Core;
use super::paging::{End, Pager};
use super::{Ports, Refused};
use crate::config::TenantConfig;
use crate::model::{Call, Fault, FaultKind};
use serde_json::value::RawValue;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The network side of one tenant, for reading only.
pub struct Reader {
    core: Arc<Core>,
    runtime: Runtime,
}

impl Reader {
    /// Takes the tenant and the ports; asks nothing yet.
    pub fn new(tenant: TenantConfig, ports: Ports) -> Result<Self, Refused> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("reader")
            .enable_all()
            .build()
            .map_err(|_| Refused::NoThreads)?;
        Ok(Self {
            core: Arc::new(Core::new(tenant, ports)),
            runtime,
        })
    }

    /// Hands over every row of a listing as the service wrote it. A listing that does not come to its end is a fault;
    /// the rows before it were handed over.
    pub fn list(&self, call: &Call, each: &mut dyn FnMut(&RawValue)) -> Result<(), Fault> {
        let origins = self.core.origins(call.service)?;
        let mut pager = Pager::new(call.clone(), origins)?;
        while let Some(url) = pager.url().cloned() {
            let asked = self.core.read(call, &url, How::BACKGROUND);
            match self.runtime.block_on(asked)? {
                None => pager.nothing(),
                Some(got) => {
                    let page = got.body.envelope()?;
                    page.value.iter().for_each(|row| each(row));
                    pager.hear(page.more);
                    pager.turn(page.value.len(), page.next.as_deref());
                }
            }
        }
        match pager.end() {
            Some(End::Broken(fault)) => Err(fault.clone()),
            Some(End::Cut) => Err(Fault::new(
                FaultKind::BadAnswer,
                "the listing is longer than what is read of one",
            )),
            _ => Ok(()),
        }
    }

    /// The text of one answer; empty for a documented "none".
    pub fn ask(&self, call: &Call) -> Result<String, Fault> {
        let url = self.core.origins(call.service)?.url(call)?;
        let got = self
            .runtime
            .block_on(self.core.read(call, &url, How::BACKGROUND))?;
        Ok(got.map(|got| got.body.text).unwrap_or_default())
    }
}
