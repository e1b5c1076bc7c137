//! The way to each host: its address, the proxy, TLS and who signed for it, and how far its clock is from ours.

use super::{Sheet, Word};
use crate::backend::probe::{self, Seen};
use crate::cli::choose::Start;
use crate::config::TenantConfig;
use crate::model::time::SECOND;
use crate::model::{Fault, Service, Ticks};
use std::net::ToSocketAddrs;
use url::Url;

/// Clocks that are nearer than this are the same.
const NEAR: i64 = 60;
/// From here on sign-ins are refused.
const FAR: i64 = 300;
/// Who signs for Microsoft's own hosts; anybody else has opened the connection.
const SIGNERS: &[&str] = &["Microsoft", "DigiCert", "GlobalSign"];

/// Looks at every host that the tenant's requests go to. True: one cannot be reached.
pub fn check(start: &Start, sheet: &mut Sheet) -> bool {
    let t = &start.tenant;
    let mut failed = false;
    let mut open = Vec::new();
    for (name, url) in hosts(t) {
        let Some(url) = url else {
            sheet.add(
                "network",
                Word::Warn,
                format!("{name}: this cloud has no such service"),
                "",
            );
            continue;
        };
        let env = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        match by_proxy(t, &url, env) {
            Some(proxy) => sheet.ok("proxy", format!("{name}: by way of {proxy}")),
            // a proxy asks for the address itself
            None => failed |= resolve(&name, &url, sheet),
        }
        open.push((name, url));
    }
    let urls: Vec<Url> = open.iter().map(|(_, url)| url.clone()).collect();
    let mut seen = probe::look(t, &urls).into_iter();
    let mut clock = None;
    for (name, url) in open {
        let Some(one) = seen.next() else { break };
        failed |= one.is_err();
        clock = clock.or(one
            .as_ref()
            .ok()
            .and_then(|s| s.date)
            .map(|d| (name.clone(), d)));
        reached(&name, &url, t, one, sheet);
    }
    if let Some((name, theirs)) = clock {
        failed |= skew(&name, theirs, now(), sheet);
    }
    failed
}

fn now() -> Ticks {
    Ticks::from_timestamp(jiff::Timestamp::now())
}

fn hosts(t: &TenantConfig) -> Vec<(String, Option<Url>)> {
    let root = |over: &Option<Url>, known: Option<&str>| {
        over.clone().or_else(|| known.and_then(|u| u.parse().ok()))
    };
    let mut all = vec![
        (
            "login".to_owned(),
            root(&t.urls.login, Some(t.cloud.login())),
        ),
        (
            "Graph".to_owned(),
            root(&t.urls.graph, t.cloud.root(Service::Graph)),
        ),
        (
            "Defender".to_owned(),
            root(&t.urls.defender, t.cloud.root(Service::Defender)),
        ),
    ];
    if !t.sources.workspaces.is_empty() {
        let known = t.cloud.root(Service::LogAnalytics);
        all.push((
            "Log Analytics".to_owned(),
            root(&t.sources.loganalytics, known),
        ));
    }
    if let Some(url) = &t.sources.office {
        all.push(("activity feed".to_owned(), Some(url.clone())));
    }
    if let Some(url) = &t.sources.cloudapps {
        all.push(("Cloud Apps".to_owned(), Some(url.clone())));
    }
    for cluster in &t.sources.clusters {
        all.push((
            format!("cluster {}", cluster.name),
            Some(cluster.url.clone()),
        ));
    }
    all
}

/// The proxy that a request takes, as the sentence names it; never with its password.
fn by_proxy(t: &TenantConfig, url: &Url, env: impl Fn(&str) -> Option<String>) -> Option<String> {
    let host = url.host_str()?;
    if crate::backend::is_near(url) {
        return None;
    }
    if let Some(own) = &t.access.proxy {
        return Some(format!(
            "{} (`proxy` of this tenant)",
            crate::backend::place(&own.url)
        ));
    }
    let set = |names: &[&'static str]| names.iter().find_map(|n| Some((*n, env(n)?)));
    let (name, proxy) = set(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
    if let Some((_, without)) = set(&["no_proxy", "NO_PROXY"]) {
        let mut parts = without.split(',').map(|p| p.trim().trim_start_matches('.'));
        if parts
            .any(|p| p == "*" || (!p.is_empty() && (host == p || host.ends_with(&format!(".{p}")))))
        {
            return None;
        }
    }
    let shown = Url::parse(&proxy)
        .or_else(|_| Url::parse(&format!("http://{proxy}")))
        .map_or_else(
            |_| "an address that cannot be read".into(),
            |u| crate::backend::place(&u),
        );
    Some(format!("{shown} ({name})"))
}

/// True: there is no address.
fn resolve(name: &str, url: &Url, sheet: &mut Sheet) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return false;
    }
    match (bare, port).to_socket_addrs() {
        Ok(found) => {
            let all: Vec<String> = found.map(|a| a.ip().to_string()).collect();
            let first = all.first().cloned().unwrap_or_default();
            let more = match all.len().saturating_sub(1) {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            sheet.ok("dns", format!("{name}: {host} is {first}{more}"));
            false
        }
        Err(e) => {
            let next = "check the name server, or set `proxy` or https_proxy: a proxy looks names up itself";
            sheet.add(
                "dns",
                Word::Fail,
                format!("{name}: no address for {host}: {e}"),
                next,
            );
            true
        }
    }
}

fn reached(name: &str, url: &Url, t: &TenantConfig, one: Result<Seen, Fault>, sheet: &mut Sheet) {
    let host = url.host_str().unwrap_or_default();
    let seen = match one {
        Ok(seen) => seen,
        Err(fault) => {
            return sheet.fault("network", Word::Fail, &format!("{name}: {host}"), &fault);
        }
    };
    let took = seen.took.as_millis();
    sheet.ok("network", format!("{name}: {host} answered in {took} ms"));
    match seen.issuer {
        _ if url.scheme() == "http" => {
            sheet.ok(
                "tls",
                format!("{name}: plain http on this machine, as simulated tenants use it"),
            );
        }
        None => sheet.add(
            "tls",
            Word::Warn,
            format!("{name}: who signed for {host} cannot be read"),
            "",
        ),
        Some(who) if t.sim || SIGNERS.iter().any(|s| who.contains(s)) => {
            sheet.ok("tls", format!("{name}: {host} is signed for by {who}"));
        }
        Some(who) => {
            let next = match &t.ca_file {
                Some(_) => {
                    "your own proxy, as `ca-file` says? Then it reads and can change everything: tokens, too"
                }
                None => {
                    "that is none of Microsoft's signers: a proxy reads and can change everything, tokens, too; ask whose it is"
                }
            };
            sheet.add(
                "tls",
                Word::Warn,
                format!("{name}: {host} is signed for by {who}"),
                next,
            );
        }
    }
}

/// True: sign-ins fail by it.
fn skew(name: &str, theirs: Ticks, ours: Ticks, sheet: &mut Sheet) -> bool {
    let off = (theirs.0 - ours.0) / SECOND;
    let side = if off > 0 { "behind" } else { "ahead of" };
    let what = format!("this computer is {} s {side} {name}", off.abs());
    let next = "set it: timedatectl set-ntp true";
    match off.abs() {
        0..=NEAR => sheet.ok("clock", format!("within {} s of {name}", off.abs().max(1))),
        n if n < FAR => sheet.add("clock", Word::Warn, what, next),
        _ => {
            sheet.add(
                "clock",
                Word::Fail,
                what,
                format!("{next}; certificates and tokens are refused until then"),
            );
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(proxy: Option<&str>) -> TenantConfig {
        let mut config = crate::config::Config::parse(
            std::path::Path::new("c"),
            "[tenant.a]\ntenant-id='a.example'\nclient-id='aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'\n",
        )
        .unwrap();
        let mut t = config.tenants.remove(0);
        t.access.proxy = proxy.map(|p| crate::config::Proxy {
            url: p.parse().unwrap(),
            password_file: None,
        });
        t
    }

    #[test]
    fn the_proxy_is_named_without_its_password() {
        let url: Url = "https://graph.microsoft.com/v1.0".parse().unwrap();
        let with = |vars: &[(&str, &str)]| {
            by_proxy(&tenant(None), &url, |n| {
                vars.iter()
                    .find(|(v, _)| *v == n)
                    .map(|(_, v)| (*v).to_owned())
            })
        };
        assert_eq!(with(&[]), None);
        let told = with(&[("HTTPS_PROXY", "http://u:s3cret@proxy:3128")]).unwrap();
        assert_eq!(told, "http://proxy:3128 (HTTPS_PROXY)");
        assert_eq!(
            with(&[
                ("https_proxy", "http://p:1"),
                ("no_proxy", "x, .microsoft.com")
            ]),
            None
        );
        assert!(with(&[("https_proxy", "http://p:1"), ("NO_PROXY", "soft.com")]).is_some());
        let own = by_proxy(&tenant(Some("http://own:8080")), &url, |_| {
            Some("http://p:1".into())
        });
        assert!(own.unwrap().contains("own:8080"));
        let near: Url = "http://127.0.0.1:5".parse().unwrap();
        assert_eq!(
            by_proxy(&tenant(Some("http://own:8080")), &near, |_| None),
            None
        );
    }

    #[test]
    fn a_clock_is_judged_by_how_far_it_is() {
        let at = |s: i64| {
            let mut sheet = Sheet::default();
            let failed = skew("login", Ticks(s * SECOND), Ticks(0), &mut sheet);
            (failed, sheet.0.remove(0))
        };
        let (failed, near) = at(-20);
        assert!(!failed && near.word == Word::Ok && near.what.contains("20 s"));
        let (failed, warm) = at(90);
        assert!(!failed && warm.word == Word::Warn && warm.what.contains("behind"));
        let (failed, far) = at(-400);
        assert!(
            failed && far.word == Word::Fail && far.what.contains("ahead"),
            "{}",
            far.what
        );
        assert!(far.next.contains("timedatectl"));
    }

    #[test]
    fn a_stranger_who_signs_is_pointed_out() {
        let url: Url = "https://graph.microsoft.com/v1.0".parse().unwrap();
        let told = |issuer: &str| {
            let mut sheet = Sheet::default();
            let seen = Seen {
                took: std::time::Duration::from_millis(5),
                issuer: Some(issuer.into()),
                date: None,
            };
            reached("Graph", &url, &tenant(None), Ok(seen), &mut sheet);
            (sheet.0[1].word, sheet.0[1].next.clone())
        };
        assert_eq!(told("DigiCert Inc, DigiCert Global G2").0, Word::Ok);
        let (word, next) = told("Contoso, TLS proxy");
        assert!(word == Word::Warn && next.contains("tokens"));
    }

    #[test]
    fn a_name_without_an_address_and_a_host_that_does_not_answer() {
        let mut sheet = Sheet::default();
        let url: Url = "https://no-such-host.invalid/".parse().unwrap();
        assert!(resolve("login", &url, &mut sheet));
        assert!(sheet.0[0].what.contains("no address") && sheet.0[0].word == Word::Fail);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url: Url = format!("https://127.0.0.1:{port}/").parse().unwrap();
        let one = probe::look(&tenant(None), &[url]).remove(0);
        assert!(!one.unwrap_err().next.is_empty());
    }
}
