//! Who may talk to a simulator: programs on this machine that were given its address. A web page that a browser on this machine has open
//! is refused, by what browsers cannot help sending and by a `Host` that a rebound name would carry.

use std::net::SocketAddr;

use axum::http::HeaderMap;

/// Why a request is refused, if it is.
pub(super) fn refusal(headers: &HeaderMap, local: SocketAddr) -> Option<&'static str> {
    let mut hosts = headers.get_all("host").iter();
    let host = hosts
        .next()
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if hosts.next().is_some() || !is_ours(host, local) {
        return Some("Host is not this simulator");
    }
    if headers.contains_key("origin") {
        return Some("Origin: a simulator does not speak to web pages");
    }
    if headers.keys().any(|k| k.as_str().starts_with("sec-fetch-")) {
        return Some("Sec-Fetch: a simulator does not speak to browsers");
    }
    None
}

fn is_ours(host: &str, local: SocketAddr) -> bool {
    let port = local.port().to_string();
    let names = [
        local.ip().to_string(),
        format!("[{}]", local.ip()),
        "localhost".to_string(),
    ];
    names.iter().any(|name| {
        host.strip_prefix(name.as_str())
            .and_then(|rest| rest.strip_prefix(':'))
            == Some(&port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let headers = pairs
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
            .collect();
        refusal(&headers, "127.0.0.1:8080".parse().unwrap())
    }

    #[test]
    fn only_our_own_host_and_no_browser() {
        assert_eq!(asked(&[("host", "127.0.0.1:8080")]), None);
        assert_eq!(asked(&[("host", "localhost:8080")]), None);
        for host in [
            "127.0.0.1",
            "127.0.0.1:80800",
            "127.0.0.1:808",
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "",
        ] {
            assert!(asked(&[("host", host)]).is_some(), "{host}");
        }
        assert!(asked(&[]).is_some());
        assert!(asked(&[("host", "127.0.0.1:8080"), ("origin", "null")]).is_some());
        assert!(asked(&[("host", "127.0.0.1:8080"), ("sec-fetch-site", "none")]).is_some());
    }
}
