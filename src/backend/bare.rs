//! A line to an address of the configuration and lines back, without a sign-in: the witness of the record.

use super::client::{Exchange, Line, Wire};
use crate::model::Method;
use std::path::PathBuf;
use url::Url;

/// Largest answer that is read back.
const PATIENT: std::time::Duration = std::time::Duration::from_secs(15);

/// An address outside of the tenant. No token ever goes there.
pub struct Bare {
    url: Url,
    wire: Wire,
}

impl Bare {
    pub fn new(url: Url, ca_file: Option<PathBuf>) -> Self {
        Self {
            url,
            wire: Wire::new(false, ca_file),
        }
    }

    /// A server of a test, over plain http on loopback.
    #[cfg(test)]
    pub fn near(url: Url) -> Self {
        Self {
            url,
            wire: Wire::new(true, None),
        }
    }

    fn exchange(&self, method: Method, body: Option<&str>) -> Result<String, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        let what = Exchange {
            method,
            url: &self.url,
            headers: vec![("accept", "application/x-ndjson".to_owned())],
            bearer: None,
            body: body.map(|b| ("application/json", b.as_bytes().to_vec())),
            line: Line::Write,
        };
        let answer = runtime
            .block_on(async { tokio::time::timeout(PATIENT, self.wire.exchange(what)).await })
            .map_err(|_| "it did not answer in time".to_owned())?
            .map_err(|broken| broken.fault.what)?;
        match answer.is_success() {
            true => Ok(String::from_utf8_lossy(&answer.body.map_err(|f| f.what)?).into_owned()),
            false => Err(format!("{} answered {}", answer.host, answer.status)),
        }
    }
}

impl crate::audit::heads::Wire for Bare {
    fn post(&self, line: &str) -> Result<(), String> {
        self.exchange(Method::Post, Some(line)).map(|_| ())
    }

    fn list(&self) -> Result<String, String> {
        self.exchange(Method::Get, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::heads::Wire as _;
    use crate::backend::tests::server::{Answer, Server};
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_witness_by_address_gets_heads_and_gives_them_back_and_never_a_token() {
        let kept = Arc::new(Mutex::new(String::new()));
        let server = {
            let kept = Arc::clone(&kept);
            Server::start(move |hit| {
                assert!(hit.header("authorization").is_none());
                let mut kept = kept.lock().unwrap();
                if hit.method == "POST" {
                    kept.push_str(&hit.body);
                }
                Answer::ok(kept.clone())
            })
        };
        let bare = Bare::near(server.url("/heads").parse().unwrap());
        bare.post("{\"a\":1}\n").unwrap();
        bare.post("{\"a\":2}\n").unwrap();
        assert_eq!(bare.list().unwrap(), "{\"a\":1}\n{\"a\":2}\n");
    }
}
