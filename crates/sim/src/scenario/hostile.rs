//! Links that lead away: every shape of address, at the tests' hand, that is not under the service it came from. Each can stand in a
//! redirect, a next link, a delta link, a `Location`, or where the link to a package belongs: `hostile/PLACE/NAME`.
//!
//! | in a template | what it becomes |
//! |---|---|
//! | `{origin}` | scheme, host and port of the request |
//! | `{port}` | its port |
//! | `{root}` | the service's path, `{other}` another service's |
//! | `{rest}` | path and query of the right link |
//! | `{foreign}` | host and port of the door that belongs to no service (`--foreign`), or a closed port |

use url::Url;

use super::{Fault, Rule, Scenario};
use crate::wire::ask::{Ask, Service};

/// Name and template of each.
pub const HOSTILE: &[(&str, &str)] = &[
    ("any-address", "http://0.0.0.0:{port}{rest}"),
    ("backslash-at", "http://{foreign}\\@127.0.0.1:{port}{rest}"),
    (
        "backslash-traversal",
        "{origin}{root}\\..\\..\\elsewhere\\incidents",
    ),
    ("blank", " "),
    ("cloud-login", "https://login.microsoftonline.com{rest}"),
    ("cloud-service", "https://graph.microsoft.com{rest}"),
    ("cyrillic", "https://gr\u{430}ph.microsoft.com{rest}"),
    ("data", "data:application/json,{}"),
    ("default-port", "http://127.0.0.1{rest}"),
    ("empty", ""),
    (
        "encoded-dots",
        "http://127%2e0.0.1%2eevil.example:{port}{rest}",
    ),
    (
        "encoded-traversal",
        "{origin}{root}/%2e%2e/%2e%2e/elsewhere",
    ),
    ("file", "file:///etc/passwd"),
    ("foreign-host", "http://graph.evil.example{rest}"),
    ("foreign-host-https", "https://graph.evil.example{rest}"),
    ("foreign-port", "http://{foreign}{rest}"),
    ("fragment-at", "http://{foreign}#@127.0.0.1:{port}{rest}"),
    ("ftp", "ftp://{foreign}{rest}"),
    (
        "full-width-dots",
        "http://graph\u{ff0e}evil\u{ff0e}example{rest}",
    ),
    ("host-prefix", "http://127.0.0.1.evil.example:{port}{rest}"),
    ("ipv6", "http://[::1]:{port}{rest}"),
    ("ipv6-mapped", "http://[::ffff:127.0.0.1]:{port}{rest}"),
    ("javascript", "javascript:fetch('/')"),
    ("leading-space", "  http://{foreign}{rest}"),
    ("line-break", "http://127.0.0.1\n.evil.example:{port}{rest}"),
    ("localhost", "http://localhost:{port}{rest}"),
    ("localhost-dot", "http://localhost.:{port}{rest}"),
    (
        "metadata",
        "http://169.254.169.254/metadata/identity/oauth2/token",
    ),
    (
        "name-to-loopback",
        "http://127.0.0.1.nip.example:{port}{rest}",
    ),
    ("no-authority", "http:{foreign}{rest}"),
    ("no-scheme", "//{foreign}{rest}"),
    ("nul", "http://127.0.0.1:{port}%00@{foreign}{rest}"),
    ("other-loopback", "http://127.0.0.2:{port}{rest}"),
    ("other-service", "{origin}{other}/machines"),
    ("path-elsewhere", "{origin}/elsewhere/incidents"),
    ("path-root", "{origin}/"),
    ("path-sibling", "{origin}{root}x/security/incidents"),
    ("path-sign-in", "{origin}/login/common/oauth2/v2.0/token"),
    ("port-huge", "http://127.0.0.1:999999{rest}"),
    ("port-plus", "http://127.0.0.1:+{port}{rest}"),
    ("port-zero", "http://127.0.0.1:0{rest}"),
    ("punycode", "https://xn--grph-5nd.microsoft.com{rest}"),
    ("question-at", "http://{foreign}?@127.0.0.1:{port}{rest}"),
    ("scheme-https", "https://127.0.0.1:{port}{rest}"),
    ("scheme-upper", "HTTP://{foreign}{rest}"),
    ("tab", "http://127.0.0.1:{port}\t.evil.example{rest}"),
    ("three-slashes", "http:///{foreign}{rest}"),
    ("traversal", "{origin}{root}/../../elsewhere"),
    ("unix", "unix:/run/docker.sock"),
    ("userinfo", "http://token:x@127.0.0.1:{port}{rest}"),
    (
        "userinfo-is-host",
        "http://127.0.0.1:{port}@{foreign}{rest}",
    ),
    ("userinfo-password", "http://:x@127.0.0.1:{port}{rest}"),
    ("websocket", "ws://127.0.0.1:{port}{rest}"),
];

/// Where such a link can stand.
pub const PLACES: &[&str] = &[
    "content-uri",
    "delta-link",
    "location",
    "next-link",
    "next-page",
    "package",
    "redirect",
    "redirect-301",
    "redirect-302",
    "redirect-303",
    "redirect-308",
    "sign-in",
];

/// The scenario of a place and a name.
pub(super) fn scenario(place: &str, name: &str) -> Result<Scenario, String> {
    let (_, template) = HOSTILE
        .iter()
        .find(|(n, _)| *n == name)
        .ok_or_else(|| format!("no hostile link is called {name}"))?;
    let to = (*template).to_owned();
    let redirect = |status| Fault::Redirect {
        status: Some(status),
        to: to.clone(),
    };
    let link = |field: &str| Fault::Link {
        field: field.to_owned(),
        to: to.clone(),
    };
    let office = Some([Service::Office].as_slice());
    let listing = Some("/api/*/subscriptions/content");
    let both = Some([Service::Graph, Service::Defender].as_slice());
    let (services, path, fault) = match place {
        "content-uri" => (office, listing, link("contentUri")),
        "next-page" => (office, listing, Fault::NextPage { to: to.clone() }),
        "delta-link" => (both, None, link("@odata.deltaLink")),
        "location" => (both, None, Fault::Location { to: to.clone() }),
        "next-link" => (both, None, link("@odata.nextLink")),
        "package" => (both, Some("/machineactions/*/getpackageuri"), link("value")),
        "redirect" => (both, None, redirect(307)),
        "redirect-301" => (both, None, redirect(301)),
        "redirect-302" => (both, None, redirect(302)),
        "redirect-303" => (both, None, redirect(303)),
        "redirect-308" => (both, None, redirect(308)),
        "sign-in" => (Some([Service::Login].as_slice()), None, redirect(307)),
        other => {
            return Err(format!(
                "a hostile link cannot stand in {other}: {}",
                PLACES.join(", ")
            ));
        }
    };
    let rules = services
        .into_iter()
        .flatten()
        .map(|service| Rule {
            service: Some(*service),
            method: None,
            path: path.map(str::to_owned),
            query: None,
            nth: None,
            after: None,
            every: None,
            times: None,
            probability: None,
            fault: fault.clone(),
        })
        .collect();
    Ok(Scenario {
        about: format!("A link that leads away ({name}) stands in {place}"),
        rules,
        ..Scenario::default()
    })
}

/// A template with its places filled, given the right link and the foreign door's address.
pub(crate) fn filled(template: &str, ask: &Ask, right: &str, foreign: Option<&str>) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    let port = ask.origin.rsplit(':').next().unwrap_or_default();
    let rest = Url::parse(right).map_or_else(
        |_| right.to_owned(),
        |u| match u.query() {
            Some(query) => format!("{}?{query}", u.path()),
            None => u.path().to_owned(),
        },
    );
    let foreign = foreign
        .and_then(|u| u.strip_prefix("http://"))
        .unwrap_or("127.0.0.1:9");
    let other = match ask.service {
        Service::Defender => Service::Graph,
        _ => Service::Defender,
    };
    template
        .replace("{origin}", &ask.origin)
        .replace("{port}", port)
        .replace("{root}", ask.service.root())
        .replace("{other}", other.root())
        .replace("{foreign}", foreign.trim_end_matches('/'))
        .replace("{rest}", &rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The origin and path that a careful client compares.
    fn is_own(link: &str, root: &str) -> bool {
        let own = Url::parse("http://127.0.0.1:8080").unwrap();
        Url::parse(link).is_ok_and(|u| {
            u.origin() == own.origin()
                && u.username().is_empty()
                && u.password().is_none()
                && (u.path() == root || u.path().starts_with(&format!("{root}/")))
        })
    }

    #[test]
    fn every_one_leads_away_in_every_place() {
        assert!(HOSTILE.len() >= 40);
        assert!(
            HOSTILE.windows(2).all(|w| w[0].0 < w[1].0),
            "in order, no name twice"
        );
        let right = "http://127.0.0.1:8080/graph/v1.0/security/incidents?$skip=50";
        assert!(is_own(right, "/graph/v1.0"));
        let ask = Ask {
            service: Service::Graph,
            origin: "http://127.0.0.1:8080".into(),
            ..Ask::default()
        };
        for (name, template) in HOSTILE {
            let link = filled(template, &ask, right, Some("http://127.0.0.1:9090/"));
            assert!(!is_own(&link, "/graph/v1.0"), "{name}: {link}");
            for place in PLACES {
                let made = Scenario::named(&format!("hostile/{place}/{name}")).unwrap();
                assert!(!made.rules.is_empty());
            }
        }
        assert!(Scenario::named("hostile/redirect/none").is_err());
        assert!(Scenario::named("hostile/nowhere/empty").is_err());
    }
}
