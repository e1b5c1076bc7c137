//! A request as the services see it, whole and already read.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;

use crate::response::course::Wish;

/// Which of the tenant's services is addressed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    #[default]
    /// The sign-in service.
    Login,
    /// Microsoft Graph.
    Graph,
    /// Defender for Endpoint.
    Defender,
    /// Where files are fetched from, with a link and without a token.
    Files,
    /// Log Analytics.
    LogAnalytics,
    /// Data Explorer.
    Adx,
    /// Office 365 Management Activity.
    Office,
    /// Cloud Apps.
    CloudApps,
    /// Azure Resource Manager.
    Arm,
}

impl Service {
    pub(crate) const ALL: [Service; 9] = [
        Service::Login,
        Service::Graph,
        Service::Defender,
        Service::Files,
        Service::LogAnalytics,
        Service::Adx,
        Service::Office,
        Service::CloudApps,
        Service::Arm,
    ];

    /// The path under which the service lives, without a slash at the end.
    pub(crate) fn root(self) -> &'static str {
        match self {
            Service::Login => "/login",
            Service::Graph => "/graph/v1.0",
            Service::Defender => "/mde/api",
            Service::Files => "/files",
            Service::LogAnalytics => "/loganalytics/v1",
            Service::Adx => "/adx",
            Service::Office => "/office",
            Service::CloudApps => "/cloudapps",
            Service::Arm => "/arm",
        }
    }
}

/// One request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub service: Service,
    pub method: Method,
    /// Below the service's root, as it was sent (percent-encoded), with its leading slash.
    pub path: String,
    /// As it was sent, without the question mark.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// `http://127.0.0.1:PORT`, from which links are made.
    pub origin: String,
    pub request_id: String,
    /// A scenario wants its token to count as expired.
    pub expired: bool,
    /// What a scenario wants of the machine action that this starts.
    pub wish: Wish,
}

impl Ask {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Does it change something? Hunting queries, searches and batches are sent by POST and do not, or say so in their parts.
    pub fn writes(&self) -> bool {
        let path = self.path.to_ascii_lowercase();
        matches!(self.service, Service::Graph | Service::Defender)
            && !matches!(self.method, Method::GET | Method::HEAD)
            && !path.ends_with("runhuntingquery")
            && !path.ends_with("/$batch")
            && !path.ends_with("/auditlog/queries")
    }

    pub fn client_request_id(&self) -> Option<&str> {
        self.header("client-request-id")
    }

    /// All values of the `Prefer` header contain this word?
    pub fn prefers(&self, word: &str) -> bool {
        self.headers
            .get_all("prefer")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .any(|p| p.trim().eq_ignore_ascii_case(word))
    }

    /// The path cut at its slashes and percent-decoded; `None` where it is not UTF-8.
    pub fn segments(&self) -> Option<Vec<String>> {
        self.path
            .split('/')
            .filter(|s| !s.is_empty())
            .map(decode)
            .collect()
    }

    /// Query options in order, decoded.
    pub fn options(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }
}

/// Percent-decoding of one path segment (a plus stays a plus).
pub(crate) fn decode(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        if b == b'%'
            && let Some(hex) = segment.get(at + 1..at + 3)
            && let Ok(value) = u8::from_str_radix(hex, 16)
        {
            out.push(value);
            at += 3;
        } else {
            out.push(b);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(decode("a%2Fb+c%23").as_deref(), Some("a/b+c#"));
        assert_eq!(decode("100%").as_deref(), Some("100%"));
        assert_eq!(decode("%ff"), None);
    }
}
